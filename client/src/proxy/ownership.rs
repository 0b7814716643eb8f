//! Whose a request is. Who submits one gets a capability with the answer, and shows it with every question about the request;
//! nothing is stored. What is signed is decided by the core, the signature is made here, as the npm package makes it: with one
//! secret, either takes the capabilities of the other.

use std::time::Duration;

use base64::alphabet::URL_SAFE;
use base64::engine::Engine;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use fal_wasm::protocol::{RequestId, Route};
use fal_wasm::proxy::{Capability, Refusal};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::credentials::Credentials;
use crate::native::wall;

/// A shorter secret could be guessed.
pub(super) const MIN_SECRET_BYTES: usize = 32;
/// Longer than anybody waits for a result, shorter than fal keeps one.
pub(super) const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// As browsers read it: the last letter of a signature may have bits that count for nothing.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

/// What signs (the first) and what is accepted (all of them).
pub(super) struct Signer {
    keys: Vec<Hmac<Sha256>>,
    pub lifetime: Duration,
}

impl Signer {
    /// With the secret of the app, or else with keys derived from the keys of fal's: those change with them, and while there
    /// are two, both are accepted.
    pub fn new(secret: Option<&str>, credentials: &Credentials, lifetime: Duration) -> Self {
        let of_fal = [Some(&credentials.first), credentials.next.as_ref()].into_iter().flatten();
        let keys = match secret {
            Some(secret) => vec![keyed(secret.as_bytes())],
            None => of_fal.map(|key| keyed(&derived(key.expose().as_bytes()))).collect(),
        };
        Self { keys, lifetime }
    }

    /// The capability of a request that was just submitted; none when its id is none.
    pub fn issue(&self, route: &Route, request: &str, principal: &str) -> Option<String> {
        let (app, request) = (route.app()?, RequestId::parse(request).ok()?);
        let expires = now().saturating_add(self.lifetime.as_secs());
        let capability = Capability { principal, app: app.as_str(), request: request.as_str(), expires };
        let mac = self.keys.first()?.clone().chain_update(capability.message());
        Some(capability.with_signature(&BASE64URL.encode(mac.finalize().into_bytes())))
    }

    /// Refuses a question about a request of somebody else's, as if there were no such request.
    pub fn check(&self, route: &Route, shown: &str, principal: &str) -> Result<(), Refusal> {
        let (Some(_), Some(app)) = (route.request(), route.app()) else { return Ok(()) };
        let read = Capability::read(route, &app, principal, shown, now()).ok_or(Refusal::RequestUnknown)?;
        let message = read.capability.message();
        let signature = BASE64URL.decode(read.signature).map_err(|_| Refusal::RequestUnknown)?;
        // It takes the same time for every wrong signature.
        let is_of = |key: &Hmac<Sha256>| key.clone().chain_update(&message).verify_slice(&signature).is_ok();
        if self.keys.iter().any(is_of) { Ok(()) } else { Err(Refusal::RequestUnknown) }
    }
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length.
    Hmac::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

/// 256 bits that serve this purpose only, derived from a key of fal's (HKDF with SHA-256, without salt: one block).
fn derived(key: &[u8]) -> [u8; 32] {
    let extracted = keyed(&[0; 32]).chain_update(key).finalize().into_bytes();
    keyed(&extracted).chain_update(b"fal-wasm capability 1").chain_update([1]).finalize().into_bytes().into()
}

/// Seconds since 1970.
fn now() -> u64 {
    wall() / 1000
}
