//! Tokens for pages. What a page sends is read, held against the policy and not passed on: the proxy itself asks fal, for names
//! that are allowed and a time that the app sets. The core decides what is asked, and what counts
//! ([`fal_wasm::proxy::TokenIssue`]).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_wasm::protocol::{Route, TokenContract};
use fal_wasm::proxy::{Call, Refusal, RouteKind, TokenEffect, TokenEvent, bare_name};
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use http_body::Body;
use serde_json::json;

use super::limits::{LimitedCall, Taken, reserve};
use super::refusals::Refused;
use super::upstream::{Payload, Sending};
use super::visitor::Principal;
use super::{Inner, MAX_SUBMITTED_BYTES};
use crate::json::Doc;
use crate::service::{AnswerBody, Incoming, composed, read_at_most};
use crate::token_answer::token_in;

/// More than any list of apps that one connection is for.
const MAX_BYTES: usize = 4096;
const MAX_NAMES: usize = 16;

/// Which short-lived tokens pages may have, for realtime connections at the endpoints that are open.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeTokens {
    pub(super) lifetime: Duration,
    pub(super) older: bool,
    pub(super) unruled: bool,
}

impl Default for RealtimeTokens {
    fn default() -> Self {
        Self { lifetime: Duration::from_secs(120), older: false, unruled: false }
    }
}

impl RealtimeTokens {
    /// Tokens that last for 120 seconds, each for the endpoint that it names.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a token lasts: in whole seconds, up to an hour. It only has to last until the connection is open.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Also by fal's older contract, in which `@fal-ai/client` asks. It names a whole app, whoever owns it, and not an endpoint: it
    /// is used only for apps of which everything is open (`"owner/app/**"`), when it is asked for or fal does not know the newer.
    #[must_use]
    pub fn older_contract(self) -> Self {
        Self { older: true, ..self }
    }

    /// Also for endpoints with rules for [`inputs`](super::ProxyBuilder::inputs). What goes through such a connection nobody sees.
    #[must_use]
    pub fn unruled(self) -> Self {
        Self { unruled: true, ..self }
    }
}

/// What became of one question.
struct Answered {
    status: u16,
    token: Option<String>,
    refused: Option<Refused>,
}

impl Inner {
    /// Gives a token to a page, or says why there is none.
    pub(super) async fn give_token<B>(
        self: &Arc<Self>,
        body: B,
        asked: TokenContract,
        principal: Principal,
        mut headers: HeaderMap,
    ) -> Result<http::Response<AnswerBody>, Refused>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let names = names_in(body).await?;
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut issue = self.policy.issue_token(asked, &texts)?;
        // Nobody sees what goes on with a token: it takes a place for as long as a connection can be opened with it.
        let place = Some(self.token_lifetime);
        let kind = RouteKind::Token;
        let call = LimitedCall { kind, principal, endpoint: None, app: None, request: None, once: None, place };
        let (mut taken, _) = reserve(self, call, Call::new(kind.limited(), true)).await?;
        let mut effect = issue.on(TokenEvent::Reserved);
        let mut given = None;
        // What a page is told instead, where more is known than that there is no token.
        let mut why: Option<Refused> = None;
        loop {
            taken.counts(issue.is_paid());
            let contract = match effect {
                TokenEffect::Ask(contract) => contract,
                TokenEffect::Refuse(refusal) => return Err(why.unwrap_or(refusal.into())),
                TokenEffect::Give => break,
            };
            let event = match self.ask_for_token(contract, asked, &texts).await {
                Ok(said) => {
                    (given, why) = (said.token, said.refused);
                    TokenEvent::Answered { status: said.status, has_token: given.is_some() }
                }
                Err(refused) => {
                    let is_unsent = refused.refusal.is_unsent();
                    why = Some(refused);
                    if is_unsent { TokenEvent::Unsent } else { TokenEvent::Lost }
                }
            };
            effect = issue.on(event);
        }
        let token = given.ok_or(Refusal::Internal)?;
        let text = if asked == TokenContract::Newer { json!({"token": token}) } else { json!(token) };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(composed(200, headers, AnswerBody::whole(text.to_string())))
    }

    /// Asks fal for a token, in this contract.
    async fn ask_for_token(
        &self,
        contract: TokenContract,
        asked: TokenContract,
        names: &[&str],
    ) -> Result<Answered, Refused> {
        let seconds = self.token_lifetime.as_secs();
        let body = match contract {
            TokenContract::Newer => json!({"allowed_apps": names, "duration": seconds}),
            TokenContract::Older => {
                // Who asked in the newer contract has named endpoints.
                let alias = |name: &&str| bare_name(name).filter(|_| asked == TokenContract::Newer);
                let names: Vec<_> = names.iter().map(|name| alias(name).unwrap_or_else(|| (*name).into())).collect();
                json!({"allowed_apps": names, "token_expiration": seconds})
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(crate::native::USER_AGENT));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let patience = self.patience(RouteKind::Token);
        let body = Some(Payload::Whole(body.to_string().into()));
        let sending = Sending { method: Method::POST, headers, body, patience };
        let mut response =
            self.send(&mut Taken::uncounted(Call::new(None, true)), &Route::Token(contract), sending).await?;
        let status = response.status();
        let bytes = if status.is_success() { read_at_most(&mut response, MAX_SUBMITTED_BYTES).await } else { None };
        let answer = bytes.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(Doc::parse);
        Ok(Answered {
            status: status.as_u16(),
            token: answer.and_then(|answer| token_in(&answer)).filter(|token| !token.is_empty()),
            refused: self.refused_by_fal(status.as_u16()),
        })
    }
}

/// The apps that a page names; none when its body is not a short list of texts.
async fn names_in<B>(body: B) -> Result<Vec<String>, Refused>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    #[derive(serde::Deserialize)]
    struct Named {
        allowed_apps: Vec<String>,
    }
    let (bytes, is_whole) = Incoming::new(body, u64::MAX).read(MAX_BYTES).await?;
    let named = serde_json::from_slice(&bytes).map(|Named { allowed_apps }| allowed_apps);
    let fits = |names: &Vec<String>| is_whole && names.len() <= MAX_NAMES;
    Ok(named.ok().filter(fits).unwrap_or_default())
}
