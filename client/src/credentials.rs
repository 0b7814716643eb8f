//! Where a key comes from. It is found once, checked, and from then on only shown to whoever sends a request to fal.

use std::fmt;

use fal_wasm::client::FailureKind;
use fal_wasm::credentials::KeyError;
#[cfg(not(target_arch = "wasm32"))]
use fal_wasm::credentials::{check_half, check_key};

use crate::access::Authorization;
use crate::error::FalError;
use crate::marker::{Hook, MaybeSend, MaybeSync, hook};

/// What opens fal to a server: a key, or a login token. Nothing of it is ever printed.
///
/// ```
/// # #[cfg(not(target_arch = "wasm32"))]
/// # fn example() -> Result<(), fal_wasm_client::FalError> {
/// # use fal_wasm_client::Credentials;
/// let credentials = Credentials::key("id:secret")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(..)");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Credentials {
    pub(crate) first: Authorization,
    /// What is tried once when fal refuses the first.
    pub(crate) next: Option<Authorization>,
    on_rejected: Option<Hook<KeyRejected>>,
    #[cfg(any(all(feature = "reqwest", not(target_arch = "wasm32")), all(feature = "edge", target_arch = "wasm32")))]
    pub(crate) local: Option<crate::local::LocalServer>,
}

/// fal has refused a key, and the other one is tried: it is time to rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyRejected {
    /// Which key was refused: 0 is the first.
    pub key: usize,
}

impl Credentials {
    #[cfg(all(feature = "edge", target_arch = "wasm32"))]
    pub(crate) fn of_worker(
        first: Authorization,
        next: Option<Authorization>,
        local: Option<crate::local::LocalServer>,
    ) -> Self {
        Self { first, next, on_rejected: None, local }
    }

    /// Called whenever fal refuses the first key and the second is tried, by every client and proxy that has these credentials.
    /// It is not waited for. Without it a rotation is not told.
    ///
    /// ```
    /// # #[cfg(not(target_arch = "wasm32"))]
    /// # fn example() -> Result<(), fal_wasm_client::FalError> {
    /// # use fal_wasm_client::Credentials;
    /// let credentials = Credentials::key("old:secret")?.or_key("new:secret")?;
    /// let credentials = credentials.on_key_rejected(|rejected| eprintln!("fal refuses the key number {}", rejected.key));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_key_rejected(mut self, told: impl Fn(KeyRejected) + MaybeSend + MaybeSync + 'static) -> Self {
        self.on_rejected = Some(hook(told));
        self
    }

    /// The key to try next, now that fal has refused the first.
    pub(crate) fn after_refusal(&self) -> Option<&Authorization> {
        let next = self.next.as_ref()?;
        if let Some(told) = &self.on_rejected {
            told(KeyRejected { key: 0 });
        }
        Some(next)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Credentials {
    fn new(value: String) -> Self {
        Self {
            first: Authorization::new(value),
            next: None,
            on_rejected: None,
            #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
            local: None,
        }
    }

    /// A key, `id:secret`.
    ///
    /// # Errors
    /// `credentials_malformed`, with what is wrong with it and never with the key.
    pub fn key(key: &str) -> Result<Self, FalError> {
        Ok(Self::new(header(key)?))
    }

    /// A key as its two halves.
    ///
    /// # Errors
    /// `credentials_malformed`, when one of them is empty or no half of a key.
    pub fn pair(id: &str, secret: &str) -> Result<Self, FalError> {
        let (id, secret) = (id.trim(), secret.trim());
        for half in [id, secret] {
            check_half(half.encode_utf16()).map_err(malformed)?;
        }
        Ok(Self::new(["Key ", id, ":", secret].concat()))
    }

    /// The token of `fal auth login`.
    ///
    /// # Errors
    /// `credentials_malformed`, when a header cannot carry it.
    pub fn login_token(token: &str) -> Result<Self, FalError> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed(KeyError::Character));
        }
        Ok(Self::new(["Bearer ", token].concat()))
    }

    /// A second key, which is tried once when fal refuses the first: a key can be rotated without a failed call.
    ///
    /// # Errors
    /// `credentials_malformed`.
    pub fn or_key(mut self, key: &str) -> Result<Self, FalError> {
        self.next = Some(Authorization::new(header(key)?));
        Ok(self)
    }

    /// Reads the environment: `FAL_KEY`, or else `FAL_KEY_ID` and `FAL_KEY_SECRET`; `FAL_KEY_NEXT` is the second key.
    /// `FAL_BASE_URL` names a server on this machine that takes fal's place, for tests, and `FAL_RUN_HOST` with
    /// `FAL_QUEUE_RUN_HOST` one for each of the two hosts.
    ///
    /// # Errors
    /// `credentials_missing`, `credentials_malformed`, and `invalid_option` for a host that is not on this machine.
    #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
    pub fn from_env() -> Result<Self, FalError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// Reads variables as [`from_env`](Self::from_env) does, from wherever they are.
    ///
    /// # Errors
    /// Those of [`from_env`](Self::from_env).
    #[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, FalError> {
        use fal_wasm::credentials::{Ask, Scheme, Search};

        let found = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let (mut search, mut ask) = Search::begin();
        let (mut before, mut last) = (String::new(), String::new());
        let credentials = loop {
            let source = match ask {
                Ask::Look(source) => source,
                Ask::Use(Scheme::Key) => break Self::key(&last)?,
                Ask::Use(Scheme::KeyPair) => break Self::pair(&before, &last)?,
                Ask::Use(Scheme::Bearer) => break Self::login_token(&last)?,
                Ask::Missing => return Err(missing(|name| found(name).is_some())),
            };
            let value = source.variable().and_then(&found);
            ask = search.answer(value.is_some());
            before = std::mem::replace(&mut last, value.unwrap_or_default());
        };
        let credentials = match found("FAL_KEY_NEXT") {
            Some(next) => credentials.or_key(&next)?,
            None => credentials,
        };
        Ok(Self { local: crate::local::LocalServer::from_env(variable)?, ..credentials })
    }
}

/// The value of the header for a key.
#[cfg(not(target_arch = "wasm32"))]
fn header(key: &str) -> Result<String, FalError> {
    let key = key.trim();
    check_key(key.encode_utf16()).map_err(malformed)?;
    Ok(["Key ", key].concat())
}

pub(crate) fn malformed(error: KeyError) -> FalError {
    let said = ["The fal key is not one: ", &error.to_string(), ". Copy it anew: fal.ai/dashboard/keys."];
    FalError::saying(FailureKind::CredentialsMalformed, said.concat())
}

/// Says which half is missing beside the other, if one is there.
#[cfg(any(feature = "reqwest", feature = "edge"))]
pub(crate) fn missing(is_set: impl Fn(&str) -> bool) -> FalError {
    let said = match (is_set("FAL_KEY_ID"), is_set("FAL_KEY_SECRET")) {
        (true, _) => "No fal key was found: FAL_KEY_ID is set, and FAL_KEY_SECRET is not.",
        (_, true) => "No fal key was found: FAL_KEY_SECRET is set, and FAL_KEY_ID is not.",
        _ => "No fal key was found. Set FAL_KEY to one from fal.ai/dashboard/keys.",
    };
    FalError::saying(FailureKind::CredentialsMissing, said.into())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Credentials(..)")
    }
}

#[cfg(all(test, feature = "reqwest"))]
mod tests {
    use super::*;

    fn read(set: &'static [(&str, &str)]) -> Result<Credentials, FalError> {
        let variable = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string());
        Credentials::from_variables(variable)
    }

    #[test]
    fn a_key_is_found_where_fals_clients_look_for_it() {
        let value = |set| read(set).unwrap().first.expose().to_owned();
        assert_eq!(value(&[("FAL_KEY", " a:b\n"), ("FAL_KEY_ID", "c"), ("FAL_KEY_SECRET", "d")]), "Key a:b");
        assert_eq!(value(&[("FAL_KEY", ""), ("FAL_KEY_ID", "c"), ("FAL_KEY_SECRET", "d")]), "Key c:d");
        let two = read(&[("FAL_KEY", "a:b"), ("FAL_KEY_NEXT", "c:d")]).unwrap();
        assert_eq!(two.next.unwrap().expose(), "Key c:d");
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_without_the_key() {
        assert_eq!(read(&[]).unwrap_err().code(), "credentials_missing");
        assert!(read(&[("FAL_KEY_ID", "a")]).unwrap_err().to_string().contains("FAL_KEY_SECRET is not"));
        let error = read(&[("FAL_KEY", "id:secret:twice")]).unwrap_err();
        assert_eq!(error.code(), "credentials_malformed");
        assert!(!format!("{error}{error:?}").contains("secret:twice"));
        assert!(Credentials::login_token("a b").is_err() && Credentials::login_token("abc").is_ok());
    }
}
