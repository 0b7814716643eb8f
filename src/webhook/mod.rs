//! Whether a webhook comes from fal.
//!
//! Pure decisions, in the order they are taken:
//!
//! 1. [`Delivery::read`]: the four headers, strictly, and whether their time is now.
//! 2. [`keys::Known::next`]: whether the keys at hand may be used, or fal is asked for its keys first.
//! 3. [`Delivery::message`]: the bytes that fal signed, from the headers and the digest of the body as it came.
//! 4. [`PublicKey`] and [`Signature`]: which of them may be put to the platform at all. The platform, which computes the
//!    digest and checks the curve equation, would take more than that.
//! 5. [`lease::Lease`]: whether this delivery is handled, or another one was or is.
//!
//! Every [`Refusal`] is a no, and no option turns one of these checks off. There are no secrets here: the keys are public.

#![forbid(unsafe_code)]

mod delivery;
mod ed25519;
mod encoding;
pub mod keys;
pub mod lease;
mod refusal;

pub use delivery::{Delivery, Headers, TOLERANCE_SECONDS};
pub use ed25519::{PublicKey, Signature};
pub use refusal::Refusal;
