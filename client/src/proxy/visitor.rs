//! Who asks, as the app knows them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use fal_wasm::proxy::Refusal;
use http::request::Parts;

use super::report::{ProxyStep, Reporter};
use crate::marker::{BoxFuture, Source};

/// How long the app may take to say who asks.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody whom the app knows. Requests belong to whoever submitted them, by this id.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    id: String,
}

impl Principal {
    /// By an id that stays the same and is nobody else's: of an account, not a name that can be changed.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The id may say who somebody is.
impl fmt::Debug for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Principal(..)")
    }
}

/// What `authenticate` may end with: somebody, nobody (who is answered with a 401), or an error, after which nobody knows who
/// asks (503).
pub trait IntoPrincipal {
    /// As the proxy takes it.
    ///
    /// # Errors
    /// What kept the app from finding out.
    fn into_principal(self) -> Result<Option<Principal>, Source>;
}

impl IntoPrincipal for Option<Principal> {
    fn into_principal(self) -> Result<Option<Principal>, Source> {
        Ok(self)
    }
}

impl<E: Into<Source>> IntoPrincipal for Result<Option<Principal>, E> {
    fn into_principal(self) -> Result<Option<Principal>, Source> {
        self.map_err(Into::into)
    }
}

/// The app's own function.
pub(super) type Authenticate =
    Box<dyn Fn(Parts) -> BoxFuture<'static, Result<Option<Principal>, Source>> + Send + Sync>;

pub(super) fn boxed<F, Answer>(ask: F) -> Authenticate
where
    F: Fn(Parts) -> Answer + Send + Sync + 'static,
    Answer: Future<Output: IntoPrincipal> + Send + 'static,
{
    Box::new(move |parts| {
        let answer = ask(parts);
        Box::pin(async move { answer.await.into_principal() })
    })
}

/// Asks the app.
pub(super) async fn identify(ask: &Authenticate, parts: Parts, report: &Reporter) -> Result<Principal, Refusal> {
    let answer = tokio::time::timeout(PATIENCE, ask(parts)).await;
    let error: Source = match answer {
        Ok(Ok(Some(principal))) if principal.id.is_empty() => {
            report
                .tell(ProxyStep::Authenticate, "`authenticate` gave a principal without an id, who is nobody.".into());
            return Err(Refusal::Unauthenticated);
        }
        Ok(Ok(principal)) => return principal.ok_or(Refusal::Unauthenticated),
        Ok(Err(error)) => error,
        Err(_) => "`authenticate` did not answer within 10 seconds.".into(),
    };
    report.tell(ProxyStep::Authenticate, error);
    Err(Refusal::AuthenticationUnavailable)
}
