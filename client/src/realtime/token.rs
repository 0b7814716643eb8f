//! Short-lived tokens: they open a realtime connection where no key can.

use fal_wasm::client::{FailureKind, RetryPolicy};
use fal_wasm::credentials::KeyScan;
use fal_wasm::protocol::EndpointId;
use serde::Serialize;

use crate::client::FalClient;
use crate::draft::{Draft, to_the_end};
use crate::error::FalError;
use crate::exchange::Answer;
use crate::json::Doc;
use crate::marker::{BoxFuture, Provider, Source};
use crate::plan::{self, Plan};
use crate::token_answer::token_in;

/// Answers that say that there is no such contract here, or that a proxy does not know it.
const OTHER_CONTRACT: [u16; 4] = [404, 405, 410, 412];

#[derive(Serialize)]
struct Newer<'a> {
    allowed_apps: [&'a str; 1],
    duration: u64,
}

#[derive(Serialize)]
struct Older<'a> {
    allowed_apps: [&'a str; 1],
    token_expiration: u64,
}

/// Where tokens come from.
pub(super) enum Tokens {
    /// fal is asked, through the proxy if there is one, for one that lasts so many seconds.
    Asked { seconds: u64 },
    /// The caller gives them.
    Provided(Provider<String, Result<String, Source>>),
}

impl Tokens {
    /// Gets one for an endpoint.
    pub fn get(&mut self, client: &FalClient, endpoint: &EndpointId) -> BoxFuture<'static, Result<String, FalError>> {
        match self {
            Self::Asked { seconds } => Box::pin(issue(client.clone(), endpoint.clone(), *seconds)),
            Self::Provided(provider) => {
                let given = provider(endpoint.as_str().into());
                Box::pin(async { provided(given.await) })
            }
        }
    }
}

/// What a caller has given. Another attempt helps where its error is one of this crate's that says so.
fn provided(given: Result<String, Source>) -> Result<String, FalError> {
    match given {
        Ok(token) if token.is_empty() => {
            let said = "`token_provider` gave an empty token. Nothing was connected.";
            Err(FalError::saying(FailureKind::TokenUnavailable, said.into()))
        }
        Ok(token) => checked(token, "`token_provider`"),
        Err(source) => Err(match source.downcast::<FalError>() {
            Ok(error) => *error,
            Err(source) => {
                let mut error = FalError::of(FailureKind::TokenUnavailable);
                error.facts_mut().source = Some(source);
                error
            }
        }),
    }
}

/// A token that is a key would be in the address of the connection, and in every log on its way.
fn checked(token: String, who: &str) -> Result<String, FalError> {
    if !KeyScan::finds(token.encode_utf16()) {
        return Ok(token);
    }
    if cfg!(target_arch = "wasm32") {
        return Err(FalError::of(FailureKind::CredentialsInBrowser));
    }
    let said = " gave a fal key where a short-lived token belongs. Nothing was connected. Get tokens from fal for it, and revoke \
                the key if it was sent to a client.";
    Err(FalError::saying(FailureKind::AnswerInvalid, [who, said].concat()))
}

/// Asks for a token for an endpoint. The newer contract names the endpoint in full, so that a proxy can hold it against its
/// list; where only the older one is known, that one is asked. One try each: whoever connects tries again, with a fresh token.
async fn issue(client: FalClient, endpoint: EndpointId, seconds: u64) -> Result<String, FalError> {
    let client = client.with_retry(RetryPolicy { max_retries: Some(0), ..RetryPolicy::DEFAULT });
    let id = endpoint.as_str();
    let newer = Newer { allowed_apps: [id], duration: seconds };
    match ask(&client, plan::NEWER_TOKEN, &newer).await {
        Err(error) if error.status().is_some_and(|status| OTHER_CONTRACT.contains(&status)) => {}
        answer => return answer,
    }
    let app = endpoint.app();
    let alias = app.as_str().rsplit('/').next().unwrap_or_default();
    ask(&client, plan::OLDER_TOKEN, &Older { allowed_apps: [alias], token_expiration: seconds }).await
}

async fn ask(client: &FalClient, plan: Plan, wish: &impl Serialize) -> Result<String, FalError> {
    let mut driver = Draft::with_input(client, plan, "", wish).ready().await?;
    let outcome = to_the_end(&mut driver, |_| {}).await?;
    let token = match outcome.body {
        Some(Answer::Json(text)) => Doc::parse(&text).and_then(|answer| token_in(&answer)),
        Some(Answer::Text(text)) => Some(text).filter(|text| !text.is_empty()),
        _ => None,
    };
    checked(token.ok_or_else(|| FalError::of(FailureKind::AnswerInvalid))?, "The proxy")
}
