//! What happened, for a test to check at the end.

use serde::Serialize;

use super::bridge::SessionReport;
use super::journal::Entry;
use super::queue::JobReport;
use super::sockets::SocketReport;
use super::storage::{FileReport, UploadReport};
use super::time::Millis;
use super::webhooks::DeliveryReport;

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
    /// The sessions with world models, oldest first.
    pub bridge_sessions: Vec<SessionReport>,
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
