//! The runs of the core's simulation once more, through the driver of this crate: the same callers, the same networks, the
//! same judges. Here every request is one of HTTP, every body comes in pieces, and what waits is a future.
//!
//! A seed that fails prints itself; `SEED=n cargo test -p fal-wasm-client --features _simulation --test simulation` makes
//! that run alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../../tests/simulation/hostile/mod.rs"]
mod hostile;
#[path = "../../../tests/simulation/stream.rs"]
mod stream;
#[path = "../../../tests/simulation/subscribe.rs"]
mod subscribe;
#[path = "../../../tests/simulation/upload.rs"]
mod upload;
mod world;
