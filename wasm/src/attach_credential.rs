//! The one place where a credential is attached to a request.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::problem::endpoint_id;
use fal_wasm::credentials::{Ask, Globals, Runtime, Scheme, Search, Source, classify};
use fal_wasm::platform;
use fal_wasm::wire::{RequestKind, Word};

#[wasm_bindgen]
extern "C" {
    /// Where headers are collected: the `Headers` of the web platform, as far as they are needed, or a list. Values stay
    /// JavaScript strings: the bindings of web-sys would copy them into this module's memory.
    #[wasm_bindgen(typescript_type = "Pick<Headers, 'set'>")]
    pub type Headers;

    #[wasm_bindgen(method)]
    fn set(this: &Headers, name: &str, value: &Text);

    /// A string that stays in JavaScript.
    #[wasm_bindgen(typescript_type = "string")]
    pub type Text;
}

/// Attaches a credential to a request for one of fal's own origins. The address is checked once more, as a plain prefix:
/// whatever happened to it on the way, a key goes to fal or nowhere.
pub fn attach(origin: &'static str, url: &str, headers: &Headers, credential: &Text) -> bool {
    let to_fal = url.starts_with(origin);
    if to_fal {
        headers.set("authorization", credential);
    }
    to_fal
}

/// What the URL of a request of this kind begins with, where a credential may go along: of a file's place it may not.
fn origin(kind: u32, to_backup: bool) -> Option<&'static str> {
    match RequestKind::from_word(kind.into())? {
        RequestKind::Platform => Some(platform::ORIGIN),
        kind => kind.request(0, false)?.origin(to_backup),
    }
}

/// Attaches a credential to a request of this kind; false when none may go along, or when the URL is not fal's.
#[wasm_bindgen(js_name = attachCredential)]
pub fn attach_credential(kind: u32, to_backup: bool, url: &str, headers: &Headers, credential: &Text) -> bool {
    origin(kind, to_backup).is_some_and(|origin| attach(origin, url, headers, credential))
}

/// Whether this URL is of the host that a request of this kind is for. Middleware may have sent it elsewhere.
#[wasm_bindgen(js_name = leadsToFal)]
pub fn leads_to_fal(kind: u32, to_backup: bool, url: &str) -> bool {
    origin(kind, to_backup).is_some_and(|origin| url.starts_with(origin))
}

/// The app of an endpoint.
#[wasm_bindgen(js_name = appOf)]
pub fn app_of(endpoint: &str) -> Result<String, JsValue> {
    Ok(endpoint_id(endpoint)?.app().as_str().into())
}

/// Where to look for a credential next, or what to do with what was found.
#[wasm_bindgen]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CredentialStep {
    /// There is none.
    Missing = 0,
    /// In the option `credentials`.
    Explicit = 1,
    /// In the binding `FAL_KEY`.
    Key = 2,
    /// In the binding `FAL_KEY_ID`.
    KeyId = 3,
    /// In the binding `FAL_KEY_SECRET`.
    KeySecret = 4,
    /// In the option `loginToken`.
    Login = 5,
    /// What was found is a key.
    UseKey = 6,
    /// What was found is the second half of a key, after its first.
    UsePair = 7,
    /// What was found is a login token.
    UseBearer = 8,
}

/// Where to look after this place, which had something or not. `Missing` begins.
#[wasm_bindgen(js_name = credentialStep)]
pub fn credential_step(place: CredentialStep, found: bool) -> CredentialStep {
    let ask = match place {
        CredentialStep::Explicit => Search::at(Source::Explicit).answer(found),
        CredentialStep::Key => Search::at(Source::Key).answer(found),
        CredentialStep::KeyId => Search::at(Source::KeyId).answer(found),
        CredentialStep::KeySecret => Search::at(Source::KeySecret).answer(found),
        CredentialStep::Login => Search::at(Source::Login).answer(found),
        _ => Search::begin().1,
    };
    match ask {
        Ask::Look(Source::Explicit) => CredentialStep::Explicit,
        Ask::Look(Source::Key) => CredentialStep::Key,
        Ask::Look(Source::KeyId) => CredentialStep::KeyId,
        Ask::Look(Source::KeySecret) => CredentialStep::KeySecret,
        Ask::Look(Source::Login) => CredentialStep::Login,
        Ask::Use(Scheme::Key) => CredentialStep::UseKey,
        Ask::Use(Scheme::KeyPair) => CredentialStep::UsePair,
        Ask::Use(Scheme::Bearer) => CredentialStep::UseBearer,
        Ask::Missing => CredentialStep::Missing,
    }
}

/// Whether a runtime with these globals can keep a secret.
#[wasm_bindgen(js_name = isTrusted)]
pub fn is_trusted(globals: u32) -> bool {
    classify(Globals::from_bits(globals)) != Runtime::Browser
}
