//! Calls of models: directly and through the queue.

use super::Fal;
use crate::model::access::Visibility;
use crate::model::call_options::{CallOptions, with_request_headers};
use crate::model::catalogue::{Invocation, execute, no_such_app, visibility};
use crate::model::direct::{self, ends, too_many};
use crate::model::endpoint::Endpoint;
use crate::model::errors::not_found;
use crate::model::hosts::Target;
use crate::model::http::{Millis, Request, Response};
use crate::model::platform::RunRecord;

impl Fal {
    /// A direct run (any method) or a stream (`…/stream`).
    pub(super) fn run(&mut self, now: Millis, request: &Request, path: &str) -> Result<Response, Response> {
        let endpoint = Endpoint::parse(path).ok_or_else(not_found)?;
        let known = visibility(&endpoint.app);
        let allowed = known.unwrap_or(Visibility::Shared);
        let caller = self.access.authorize_with_token(now, request, &endpoint, allowed)?;
        known.ok_or_else(|| no_such_app(&endpoint))?;
        let options = CallOptions::of(request)?;
        let account = caller.map(|caller| caller.account);
        if let Some(limit) = self.access.settings.concurrent {
            let running = self.direct_calls.count(now, account.as_deref()) + self.queue.running(account.as_deref());
            if running >= limit as usize {
                return Err(too_many(limit));
            }
        }
        let id = self.ids.uuid();
        let models = (&mut self.ids, &mut self.storage);
        let response = direct::run(now, request, &endpoint, &options, self.queue.settings, models)
            .unwrap_or_else(|refusal| refusal);
        let ended = ends(now, &response);
        self.platform.record_run(RunRecord {
            id: id.clone(),
            endpoint: endpoint.id(),
            account: account.clone(),
            sent: now,
            started: now,
            ended,
            status: response.status,
        });
        self.direct_calls.begin(account, ended);
        Ok(with_request_headers(response, &id, options.hint.as_deref()))
    }

    /// Everything on the host of the queue.
    pub(super) fn queue_request(
        &mut self,
        now: Millis,
        request: &Request,
        target: &Target,
    ) -> Result<Response, Response> {
        let endpoint = Endpoint::parse(target.path).ok_or_else(not_found)?;
        let known = visibility(&endpoint.app);
        let caller = self.access.authorize(request, &endpoint, known.unwrap_or(Visibility::Shared))?;
        known.ok_or_else(|| no_such_app(&endpoint))?;
        let base = target.base(&self.settings.public_url);
        let account = caller.map(|caller| caller.account);
        let response = self.queue.handle(&mut self.ids, now, request, &endpoint, account, &base);
        self.send_notices();
        response
    }

    /// Lets everything happen in the queue that is due by now.
    pub(super) fn advance(&mut self, now: Millis) {
        let (ids, storage) = (&mut self.ids, &mut self.storage);
        self.queue.advance(now, |job, input, at| {
            let mut invocation =
                Invocation { now: at, input, headers: &job.headers, ids: &mut *ids, storage: &mut *storage };
            execute(&job.endpoint(), &mut invocation)
        });
        self.send_notices();
        self.bridge.advance(now);
    }

    /// Creates the webhooks of the jobs that have ended.
    fn send_notices(&mut self) {
        for notice in self.queue.take_notices() {
            let account = notice.account.as_deref();
            self.webhooks.add(notice.at, &notice.url, &notice.request_id, account, &notice.response);
        }
    }
}
