//! fal's behaviour as a pure state machine.
//!
//! [`Fal::handle`] takes a request and the time and gives a response. Nothing here reads a clock, opens a socket or starts a
//! thread; the same seed and the same calls give the same answers, byte for byte. Where fal's behaviour is not known, the
//! comment says *chosen*.
//!
//! `fal` routes a request to the part that owns the state it needs: `access` (keys, scopes, tokens), `queue` (jobs),
//! `direct` (calls that wait for their answer), `storage` (files), `webhooks`, `sockets`, `bridge` (sessions), `platform` (what an account can
//! manage), `faults` and `journal`. Parts never use `fal`: what they need from another part is an argument. The models of
//! the `catalogue` compute answers. `http`, `stream`, `time`, `ids`, `settings` and `errors` are used by all of them.

mod access;
pub mod bridge;
mod call_options;
mod catalogue;
mod codec;
mod cors;
pub mod deferred;
mod direct;
mod endpoint;
pub(crate) mod errors;
mod fal;
pub mod faults;
mod fields;
mod hosts;
pub mod http;
mod ids;
pub mod journal;
mod live_settings;
mod platform;
mod queue;
pub mod report;
pub mod settings;
pub mod sockets;
mod storage;
pub mod stream;
mod time;
mod tokens;
pub mod webhooks;

pub use fal::{Fal, PeerNews, max_body_bytes};
pub use ids::Ids;
pub use settings::{LiveSettings, Settings};
