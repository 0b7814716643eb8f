//! The request to fal: built from nothing but the route and what the policy lets through, and sent in time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_wasm::protocol::{Host, Route};
use fal_wasm::proxy::{CallEvent, CallStep, Refusal};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method};

use super::Inner;
use super::limits::Taken;
use super::refusals::Refused;
use super::report::ProxyStep;
use crate::access::{Authorization, attach_to};
use crate::native::authorize;
use crate::service::{Outgoing, first};

/// How long fal may take to answer a question of the proxy's own: somebody is waiting for a yes or a no.
const QUESTION: Duration = Duration::from_secs(3);

/// A body for fal.
pub(super) enum Payload {
    /// All of it: it can be sent again.
    Whole(Bytes),
    /// What comes while it is sent.
    Coming(Option<reqwest::Body>, Arc<Outgoing>),
}

/// What is sent to fal, and for how long it is waited for.
pub(super) struct Sending {
    pub method: Method,
    pub headers: HeaderMap,
    pub body: Option<Payload>,
    /// How long fal may take to begin its answer, once it has the body.
    pub patience: Duration,
}

impl Inner {
    /// Sends a call on: once, and with the next key when the core wants that.
    pub async fn send(
        &self,
        taken: &mut Taken,
        route: &Route,
        mut sending: Sending,
    ) -> Result<reqwest::Response, Refused> {
        let mut key = &self.credentials.first;
        loop {
            taken.on(CallEvent::KeyFound);
            let answer = self.attempt(route, &mut sending, key).await;
            let response = answer.inspect_err(|refused| taken.failed(refused.refusal))?;
            if taken.answered(response.status().as_u16(), response.headers()) != CallStep::FindNextKey {
                return Ok(response);
            }
            match self.credentials.after_refusal() {
                Some(next) => key = next,
                None => {
                    taken.on(CallEvent::NoOtherKey);
                    return Ok(response);
                }
            }
        }
    }

    /// Asks fal about a job: where it is, or for its result. None when no answer came in time, and when it has no name that can
    /// be asked for.
    pub async fn ask_about(&self, app: &str, id: &str, result: bool) -> Option<reqwest::Response> {
        let end = if result { "" } else { "/status?logs=0" };
        let url = [Host::Queue.origin(), app, "/requests/", id, end].concat();
        let route = Route::parse(fal_wasm::protocol::Method::Get, &url).ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut sending = Sending { method: Method::GET, headers, body: None, patience: QUESTION };
        self.attempt(&route, &mut sending, &self.credentials.first).await.ok()
    }

    async fn attempt(
        &self,
        route: &Route,
        sending: &mut Sending,
        key: &Authorization,
    ) -> Result<reqwest::Response, Refused> {
        let url = route.url();
        let key = attach_to(key, route.host().origin(), &url).ok_or(Refusal::Misconfigured)?;
        let place = self.local.as_ref().map_or(url.clone(), |local| local.take(url));
        let place = place.parse().map_err(|_| Refusal::Internal)?;
        let mut request = reqwest::Request::new(sending.method.clone(), place);
        *request.headers_mut() = sending.headers.clone();
        authorize(request.headers_mut(), &key).map_err(|_| Refusal::Internal)?;
        let mut outgoing = None;
        *request.body_mut() = match &mut sending.body {
            None => None,
            Some(Payload::Whole(bytes)) => Some(bytes.clone().into()),
            Some(Payload::Coming(body, state)) => {
                outgoing = Some(Arc::clone(state));
                body.take()
            }
        };
        let patience = async {
            if let Some(outgoing) = &outgoing {
                outgoing.ended().await;
            }
            tokio::time::sleep(sending.patience).await;
        };
        let answer = first(self.http.execute(request), patience).await;
        // What was sent so far is not what was meant: no answer to it is wanted.
        if let Some(fault) = outgoing.and_then(|outgoing| outgoing.fault()) {
            return Err(fault.into());
        }
        match answer {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                let refusal = if error.is_connect() { Refusal::UpstreamUnreachable } else { Refusal::UpstreamBroken };
                self.report.tell(ProxyStep::Fetch, error.without_url().into());
                Err(refusal.into())
            }
            Err(()) => Err(Refusal::UpstreamTimeout.into()),
        }
    }
}
