//! What happened: the requests seen, the jobs and the files, for a test to check. No secret, no prompt.

use std::collections::VecDeque;

use serde::Serialize;

use super::Fal;
use super::auth::bearer;
use super::headers::fal_headers;
use super::hosts::Place;
use super::http::{Millis, Request};
pub use super::queue::JobReport;
pub use super::sockets::SocketReport;
pub use super::storage::{FileReport, UploadReport};
pub use super::webhooks::DeliveryReport;

/// How many requests are remembered: the last ones.
const MAX_ENTRIES: usize = 10_000;

/// The requests seen since the last reset.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    total: u64,
}

/// One request, without anything that must not be repeated.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// When it was handled.
    pub at_ms: Millis,
    /// Its method.
    pub method: String,
    /// fal's name of the host; the `Host` header itself when that is no host of fal's.
    pub host: String,
    /// The path on that host.
    pub path: String,
    /// Names of the query parameters, in order.
    pub query: Vec<String>,
    /// Names of the headers, in order, in lower case.
    pub headers: Vec<String>,
    /// The `x-fal-*` headers with their values.
    pub fal_headers: Vec<(String, String)>,
    /// Whether an `Authorization` header or a token in the query came with it.
    pub authorization: bool,
    /// Whether that was good; `None` when there was none.
    pub authorized: Option<bool>,
    /// The status of the answer; `None` when the connection was dropped before the model saw the request.
    pub status: Option<u16>,
}

/// Everything a test may want to check at the end.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The time of the report.
    pub now_ms: Millis,
    /// How many there are of each kind. `requests` counts also those that are no longer listed.
    pub counts: Counts,
    /// The last requests, oldest first.
    pub requests: Vec<Entry>,
    /// The jobs, oldest first.
    pub jobs: Vec<JobReport>,
    /// The files on the CDN, by URL.
    pub files: Vec<FileReport>,
    /// The uploads with a URL of their own, oldest first.
    pub uploads: Vec<UploadReport>,
    /// The WebSockets, oldest first.
    pub sockets: Vec<SocketReport>,
    /// The webhooks, oldest first.
    pub deliveries: Vec<DeliveryReport>,
}

/// Totals.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Counts {
    /// Requests since the last reset.
    pub requests: u64,
    /// Jobs that are still remembered.
    pub jobs: usize,
    /// Files on the CDN.
    pub files: usize,
    /// WebSockets that are open.
    pub open_sockets: usize,
}

impl Fal {
    /// Writes a request into the journal.
    pub(super) fn note(&mut self, now: Millis, request: &Request, status: Option<u16>) {
        let place = Place::of(request);
        let (host, path) =
            place.map_or((request.host.as_str(), request.path.as_str()), |place| (place.host, place.path));
        let authorized = self.authorized(now, request);
        let entry = Entry {
            at_ms: now,
            method: request.method.clone(),
            host: host.to_owned(),
            path: path.to_owned(),
            query: request.params().map(|(name, _)| name).collect(),
            headers: request.headers.iter().map(|(name, _)| name.clone()).collect(),
            fal_headers: fal_headers(request),
            authorization: authorized.is_some(),
            authorized,
            status,
        };
        let journal = &mut self.journal;
        if journal.entries.len() >= MAX_ENTRIES {
            journal.entries.pop_front();
        }
        journal.entries.push_back(entry);
        journal.total += 1;
    }

    fn authorized(&self, now: Millis, request: &Request) -> Option<bool> {
        if let Some(token) = request.param("fal_jwt_token") {
            return Some(self.credentials.tokens.get(now, &token).is_some());
        }
        request.header("authorization")?;
        let on_cdn = bearer(request).is_some_and(|token| self.store.cdn_token(now, token));
        Some(on_cdn || self.credentials.identify(request).is_ok())
    }

    /// The requests seen since the last reset, at most the last 10,000, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &Entry> {
        self.journal.entries.iter()
    }

    /// Everything there is to check.
    pub fn report(&mut self, now: Millis) -> Report {
        let jobs = self.jobs(now);
        let counts = Counts {
            requests: self.journal.total,
            jobs: jobs.len(),
            files: self.store.count_files(),
            open_sockets: self.sockets.count_open(),
        };
        let requests = self.requests().cloned().collect();
        let (files, uploads) = (self.store.report(), self.store.report_uploads());
        Report {
            now_ms: now,
            counts,
            requests,
            jobs,
            files,
            uploads,
            sockets: self.sockets.report(),
            deliveries: self.webhooks.report(),
        }
    }
}
