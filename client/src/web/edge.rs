//! Workers that hold a key: Cloudflare's, Deno's, and whatever else keeps a secret. The key stays a value of JavaScript: none
//! of it is ever in the memory of the module.

use fal_wasm::client::FailureKind;
use fal_wasm::credentials::{Ask, Globals, KeyCheck, Runtime, Scheme, Search, classify};
use gloo_net::http::Headers;
use js_sys::{JsString, Reflect, global};
use wasm_bindgen::prelude::*;

use super::Web;
use crate::access::{Access, Authorization};
use crate::client::FalClient;
use crate::credentials::{Credentials, malformed, missing};
use crate::error::FalError;
use crate::local::LocalServer;
use crate::net::Trouble;

#[wasm_bindgen]
extern "C" {
    /// `Headers` of JavaScript. The value is handed on as it is.
    type RawHeaders;

    #[wasm_bindgen(method, catch, js_name = set)]
    fn set(this: &RawHeaders, name: &str, value: &JsString) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn brand_of(value: &JsValue) -> JsString;
}

/// Adds what says who asks.
pub(super) fn authorized(headers: Headers, authorization: Option<&Authorization>) -> Result<Headers, Trouble> {
    let Some(authorization) = authorization else { return Ok(headers) };
    let raw: web_sys::Headers = headers.into_raw();
    raw.unchecked_ref::<RawHeaders>()
        .set("authorization", authorization.expose())
        .map_err(|_| Trouble::from(FailureKind::Internal))?;
    Ok(Headers::from_raw(raw))
}

impl FalClient {
    /// A client for a worker, which keeps the key.
    ///
    /// ```no_run
    /// # use fal_wasm_client::{Credentials, FalClient, FalError};
    /// # fn example(env: wasm_bindgen::JsValue) -> Result<(), FalError> {
    /// let fal = FalClient::edge(Credentials::from_env(&env)?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `credentials_in_browser`, in a page and wherever else everybody can read what runs: use `browser` there.
    pub fn edge(credentials: Credentials) -> Result<Self, FalError> {
        if classify(globals()) == Runtime::Browser {
            return Err(FalError::of(FailureKind::CredentialsInBrowser));
        }
        let local = credentials.local.clone();
        Ok(Self::new(Web { caches: false }, Access::Key { credentials, local }))
    }
}

fn field(value: &JsValue, name: &str) -> JsValue {
    if !value.is_object() && !value.is_function() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// What the global object shows (`js/host/server/globals.ts`).
fn globals() -> Globals {
    let scope: JsValue = global().into();
    let navigator = field(&scope, "navigator");
    let agent = field(&navigator, "userAgent").as_string().unwrap_or_default();
    let process = field(&scope, "process");
    let brand = String::from(brand_of(&scope));
    let brand = brand.strip_prefix("[object ").and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    let is_text = |value: JsValue| value.is_string();
    Globals {
        browser_brand: brand == "Window"
            || brand.ends_with("WorkerGlobalScope")
            || brand.ends_with("WorkletGlobalScope"),
        browser_agent: agent.starts_with("Mozilla/"),
        react_native: field(&navigator, "product").as_string().as_deref() == Some("ReactNative"),
        document: !field(&scope, "document").is_undefined(),
        workerd: agent == "Cloudflare-Workers" || field(&scope, "WebSocketPair").is_function(),
        edge_light: is_text(field(&scope, "EdgeRuntime")),
        deno: is_text(field(&field(&field(&scope, "Deno"), "version"), "deno")),
        bun: is_text(field(&field(&scope, "Bun"), "version")),
        node: brand_of(&process) == "[object process]" && is_text(field(&field(&process, "versions"), "node")),
    }
}

impl Credentials {
    /// Reads the bindings of a worker (`worker::Env`, or the `env` that a handler is called with): `FAL_KEY`, or else
    /// `FAL_KEY_ID` and `FAL_KEY_SECRET`; `FAL_KEY_NEXT` is the second key. `FAL_BASE_URL` names a server on this machine that
    /// takes fal's place, for tests, and `FAL_RUN_HOST` with `FAL_QUEUE_RUN_HOST` one for each of the two hosts.
    ///
    /// # Errors
    /// `credentials_missing` and `credentials_malformed`, never with the key, and `invalid_option` for a host that is not on
    /// this machine.
    pub fn from_env(env: &impl AsRef<JsValue>) -> Result<Self, FalError> {
        let env = env.as_ref();
        let found = |name: &str| {
            field(env, name).dyn_into::<JsString>().ok().map(|text| text.trim()).filter(|text| text.length() > 0)
        };
        let (mut search, mut ask) = Search::begin();
        let (mut before, mut last) = (None, None);
        let first = loop {
            let source = match ask {
                Ask::Look(source) => source,
                Ask::Use(Scheme::Key) => break header(&checked(last, KeyCheck::whole())?),
                Ask::Use(Scheme::KeyPair) => {
                    let (id, secret) = (checked(before, KeyCheck::half())?, checked(last, KeyCheck::half())?);
                    break header(&id.concat(&":".into()).concat(&secret));
                }
                Ask::Use(Scheme::Bearer) | Ask::Missing => return Err(missing(|name| found(name).is_some())),
            };
            let value = source.variable().and_then(&found);
            ask = search.answer(value.is_some());
            before = std::mem::replace(&mut last, value);
        };
        let next = match found("FAL_KEY_NEXT") {
            Some(next) => Some(header(&checked(Some(next), KeyCheck::whole())?)),
            None => None,
        };
        let local = LocalServer::from_env(|name| found(name).map(String::from))?;
        Ok(Self::of_worker(first, next, local))
    }
}

/// A key that is one. It is shown to the check a character at a time, and stays where it is.
fn checked(text: Option<JsString>, mut check: KeyCheck) -> Result<JsString, FalError> {
    let text = text.unwrap_or_else(|| "".into());
    for index in 0..text.length() {
        check.push(text.char_code_at(index) as u16);
    }
    check.finish().map_err(malformed)?;
    Ok(text)
}

fn header(key: &JsString) -> Authorization {
    Authorization::new(JsString::from("Key ").concat(key))
}
