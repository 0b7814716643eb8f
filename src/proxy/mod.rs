//! What happens to a call from a browser on its way to fal.
//!
//! Pure decisions, in the order they are taken:
//!
//! 1. [`Gate::admit`]: method, preflight, origin, content type, leaked keys. Everything that needs no knowledge of who asks.
//! 2. The app's own `authenticate`, outside.
//! 3. [`Gate::passage`]: the target becomes a typed route, and the route is held against the policy.
//! 4. [`claimed`]: is a request that exists one's own?
//! 5. [`input`]: is the input within what the app allows? What a call costs is held against its limits outside, where they
//!    are counted; what an answer means for them is [`Errand::outcome`].
//! 6. The request for fal, built from nothing but the route and a list of headers ([`headers`]).
//! 7. [`answer`]: what of fal's answer may reach the browser.
//!
//! Whatever is not expressly allowed is refused, for every method.

#![forbid(unsafe_code)]

mod capability;
mod errand;
mod gate;
pub mod headers;
mod origin;
mod refusal;

pub use capability::{Claim, claimed};
pub use errand::{Errand, Outcome};
pub use gate::{Admission, Gate, Inbound};
pub use origin::{Origin, OriginError};
pub use refusal::Refusal;

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
