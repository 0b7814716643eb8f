//! The keys fal signs with, and the list of them that it publishes.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A key, by the seed of the run and its number.
fn key(seed: u64, number: u32) -> SigningKey {
    let secret =
        Sha256::new().chain_update(b"webhook").chain_update(seed.to_le_bytes()).chain_update(number.to_le_bytes());
    SigningKey::from_bytes(&secret.finalize().into())
}

/// What fal publishes: the key that signs now, and the one before it, which may have signed what is still on its way.
pub fn published(seed: u64, number: u32) -> Value {
    let jwk = |number| {
        let x = BASE64_URL_SAFE_NO_PAD.encode(key(seed, number).verifying_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": format!("key-{number}"), "x": x })
    };
    let before = number.checked_sub(1).map(jwk);
    let keys: Vec<Value> = [jwk(number)].into_iter().chain(before).collect();
    json!({ "keys": keys })
}

/// The four headers of a webhook. `signed_at` is in seconds.
pub fn headers(
    seed: u64,
    number: u32,
    request_id: &str,
    user_id: &str,
    signed_at: u64,
    body: &[u8],
) -> Vec<(String, String)> {
    let message = format!("{request_id}\n{user_id}\n{signed_at}\n{}", hex(&Sha256::digest(body)));
    let signature = key(seed, number).sign(message.as_bytes()).to_bytes();
    let header = |name: &str, value: String| (format!("x-fal-webhook-{name}"), value);
    vec![
        header("request-id", request_id.to_owned()),
        header("user-id", user_id.to_owned()),
        header("timestamp", signed_at.to_string()),
        header("signature", hex(&signature)),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
