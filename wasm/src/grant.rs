//! Grants of the app's server: what is signed, and what one allows.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use fal_wasm::proxy::{Grant, RouteKind, SignedGrant, grant_message, is_grant_id};
use fal_wasm::wire::Word;

/// A grant without its signature; undefined when it cannot be written, or is too long.
#[wasm_bindgen(js_name = grantText)]
pub fn grant_text(id: &str, endpoint: &str, principal: &str, expires: f64, content: &str) -> Option<String> {
    Grant { id, endpoint, principal, expires: expires as u64, content }.text()
}

/// What is signed of a grant.
#[wasm_bindgen(js_name = grantMessage)]
pub fn grant_message_of(text: &str) -> String {
    grant_message(text)
}

/// Whether a text can name a grant.
#[wasm_bindgen(js_name = isGrantId)]
pub fn is_id(text: &str) -> bool {
    is_grant_id(text)
}

/// Reads a grant: what was signed, the signature, its id, and rules and price. Undefined when it has another form.
#[wasm_bindgen(js_name = readGrant)]
pub fn read_grant(grant: &str) -> Option<GrantParts> {
    let SignedGrant { text, signature, id, content, .. } = SignedGrant::read(grant)?;
    let [message, signature, id, content] = [grant_message(text), signature.into(), id.into(), content.into()];
    Some(GrantParts { message, signature, id, content })
}

/// The parts of a grant.
#[wasm_bindgen(getter_with_clone)]
pub struct GrantParts {
    /// What was signed.
    pub message: String,
    /// The signature, which is still to be checked.
    pub signature: String,
    /// What is used once.
    pub id: String,
    /// Rules and price, as base64url.
    pub content: String,
}

/// Whether a grant whose signature is good allows a call: the number of a [`Refusal`](fal_wasm::proxy::Refusal), or -1.
#[wasm_bindgen(js_name = grantRefusal)]
pub fn grant_refusal(grant: &str, kind: f64, endpoint: &str, principal: &str, now: f64, ruled: bool) -> f64 {
    let kind = RouteKind::from_word(kind).unwrap_or(RouteKind::Run);
    let check = |read: SignedGrant<'_>| read.check(kind, endpoint, principal, now as u64, ruled).err().to_word();
    SignedGrant::read(grant).map_or_else(|| fal_wasm::proxy::Refusal::GrantInvalid.to_word(), check)
}
