//! The requests seen, for a test to check. No secret, no prompt.

use std::collections::VecDeque;

use serde::Serialize;

use super::call_options::fal_headers;
use super::hosts::Target;
use super::http::{Millis, Request};

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
    /// fal's name of the host; the `Host` header itself when fal has no such host.
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

impl Journal {
    /// Records a request. `authorized` tells whether its credential was good; `None` when it has none.
    pub fn record(&mut self, now: Millis, request: &Request, authorized: Option<bool>, status: Option<u16>) {
        let target = Target::of(request);
        let (host, path) =
            target.map_or((request.host.as_str(), request.path.as_str()), |target| (target.host, target.path));
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
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.total += 1;
    }

    /// The requests that are remembered, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many requests there were since the last reset.
    pub fn total(&self) -> u64 {
        self.total
    }
}
