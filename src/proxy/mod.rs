//! What happens to a call from a browser on its way to fal.
//!
//! Pure decisions, in the order they are taken, which from the second on is that of [`Admission`]:
//!
//! 1. [`Policy::admit`]: method, preflight, origin, content type, leaked keys. Everything that needs no knowledge of who asks.
//! 2. The app's own `authenticate`, outside.
//! 3. [`Policy::route`]: the target becomes a typed route, and the route is held against the policy.
//! 4. [`Capability::read`]: does the caller own the request that the call is about? [`SignedGrant::read`]: does the app's own
//!    server allow this call?
//! 5. The app's own rules about inputs, and its limits, outside, where they are counted ([`limits`](crate::limits)).
//!    A short-lived token has a machine of its own, [`TokenIssue`].
//! 6. The request for fal, built from nothing but the route and a list of headers ([`headers`]). [`Call`] says with which key
//!    it is sent, when it is sent again, and what becomes of what was taken from the limits.
//! 7. [`answer`]: what of fal's answer may reach the browser.
//! 8. [`audit`]: the record of it.
//!
//! Whatever is not expressly allowed is refused, for every method.

#![forbid(unsafe_code)]

mod admission;
pub mod audit;
mod body_pace;
mod call;
mod capability;
mod grant;
pub mod headers;
mod key_leak;
mod media_range;
mod origin;
mod policy;
mod refusal;
mod route_kind;
mod sealed_key;
mod session_pass;
mod sha256;
mod signed_text;
mod token;
mod token_policy;

pub use admission::{Admission, AdmissionEvent, AdmissionStep, AdmissionTarget, AdmissionWants};
pub use body_pace::body_time_left;
pub use call::{Call, CallEvent, CallStep};
pub use capability::{Capability, SignedCapability};
pub use grant::{Grant, MAX_GRANT_BYTES, SignedGrant, grant_message, is_grant_id};
pub use key_leak::KeyLeaks;
pub use media_range::{MediaRange, MediaRangeError};
pub use origin::{Origin, OriginError};
pub use policy::{Decision, IncomingCall, Policy};
pub use refusal::Refusal;
pub use route_kind::RouteKind;
pub use sealed_key::SealedKey;
pub use session_pass::SessionPass;
pub use token::{TokenEffect, TokenEvent, TokenIssue};
pub use token_policy::{TokenPolicy, bare_name};

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

/// The status with which an answer of fal's is passed on.
///
/// A browser may send a request again, a POST too, when a connection that it had kept answers 408 (RFC 9110, 15.5.9; Chromium
/// does). What fal may have taken must not be run twice, so this becomes a gateway's timeout, which no browser repeats.
pub fn passed_status(status: u16) -> u16 {
    if status == 408 { 504 } else { status }
}
