//! What happens to a call from a browser on its way to fal.
//!
//! Pure decisions, in the order they are taken:
//!
//! 1. [`Policy::admit`]: method, preflight, origin, content type, leaked keys. Everything that needs no knowledge of who asks.
//! 2. The app's own `authenticate`, outside.
//! 3. [`Policy::route`]: the target becomes a typed route, and the route is held against the policy.
//! 4. [`Capability::read`]: does the caller own the request that the call is about?
//! 5. The app's own rules about inputs, and its limits, outside, where they are counted; what an answer means for them is said in [`limits`](crate::limits).
//!    A short-lived token has a machine of its own, [`TokenIssue`].
//! 6. The request for fal, built from nothing but the route and a list of headers ([`headers`]).
//! 7. [`answer`]: what of fal's answer may reach the browser.
//! 8. [`audit`]: the record of it.
//!
//! Whatever is not expressly allowed is refused, for every method.

#![forbid(unsafe_code)]

pub mod audit;
mod body_pace;
mod capability;
pub mod headers;
mod key_leak;
mod media_range;
mod origin;
mod policy;
mod refusal;
mod route_kind;
mod sealed_key;
mod sha256;
mod token;

pub use body_pace::body_time_left;
pub use capability::{Capability, SignedCapability};
pub use key_leak::KeyLeaks;
pub use media_range::{MediaRange, MediaRangeError};
pub use origin::{Origin, OriginError};
pub use policy::{Decision, IncomingCall, Policy, TokenPolicy, bare_name};
pub use refusal::Refusal;
pub use route_kind::RouteKind;
pub use sealed_key::SealedKey;
pub use token::{TokenEffect, TokenEvent, TokenIssue};

/// Whether fal's answer with this status may be passed on.
///
/// A redirect may lead anywhere. A 401 or 403 is about the key of the proxy: a browser must neither take it for the end
/// of its own session nor learn how the key is doing.
pub fn answer(status: u16) -> Result<(), Refusal> {
    match status {
        401 | 403 => Err(Refusal::UpstreamAuth),
        0 | 300..=399 => Err(Refusal::UpstreamRedirect),
        _ => Ok(()),
    }
}
