//! Short-lived tokens: they open a realtime connection where no key can.

use fal_wasm::client::{FailureKind, RetryPolicy};
use fal_wasm::credentials::KeyScan;
use fal_wasm::protocol::{EndpointId, TokenContract};
use serde::Serialize;

use crate::client::FalClient;
use crate::draft::{Draft, Kind, to_the_end};
use crate::error::FalError;
use crate::exchange::Answer;
use crate::json::Doc;

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

/// Asks for a token for an endpoint. The newer contract names the endpoint in full, so that a proxy can hold it against its
/// list; where only the older one is known, that one is asked. One try each: whoever connects tries again, with a fresh token.
pub(super) async fn issue(client: FalClient, endpoint: EndpointId, seconds: u64) -> Result<String, FalError> {
    let client = client.with_retry(RetryPolicy { max_retries: Some(0), ..RetryPolicy::DEFAULT });
    let id = endpoint.as_str();
    let newer = Newer { allowed_apps: [id], duration: seconds };
    match ask(&client, TokenContract::Newer, &newer).await {
        Err(error) if error.status().is_some_and(|status| OTHER_CONTRACT.contains(&status)) => {}
        answer => return answer,
    }
    let app = endpoint.app();
    let alias = app.as_str().rsplit('/').next().unwrap_or_default();
    ask(&client, TokenContract::Older, &Older { allowed_apps: [alias], token_expiration: seconds }).await
}

async fn ask(client: &FalClient, contract: TokenContract, wish: &impl Serialize) -> Result<String, FalError> {
    let mut driver = Draft::with_input(client, Kind::Token(contract), "", wish).ready().await?;
    let outcome = to_the_end(&mut driver, |_| {}).await?;
    let token = match outcome.body {
        Some(Answer::Json(text)) => Doc::parse(&text).and_then(|answer| token_in(&answer)),
        Some(Answer::Text(text)) => Some(text).filter(|text| !text.is_empty()),
        _ => None,
    };
    let token = token.ok_or_else(|| FalError::of(FailureKind::AnswerInvalid))?;
    // A token that is a key would be in the address of the connection, and in every log on its way.
    if KeyScan::finds(token.encode_utf16()) {
        return Err(if cfg!(target_arch = "wasm32") {
            FalError::of(FailureKind::CredentialsInBrowser)
        } else {
            let said = "The proxy gave a fal key where a short-lived token belongs. Nothing was connected. Have the proxy ask \
                        fal for tokens, and revoke the key: it was sent to a client.";
            FalError::saying(FailureKind::AnswerInvalid, said.into())
        });
    }
    Ok(token)
}

/// What the contracts, and proxies in front of them, call the token.
fn token_in(answer: &Doc) -> Option<String> {
    let named = |name| answer.get(name).and_then(|value| value.text());
    answer.text().or_else(|| named("token")).or_else(|| named("detail"))
}
