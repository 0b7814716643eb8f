//! What was run: requests, what they cost, and how they went.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Platform;
use super::call::{ApiError, Call, put};
use super::models::{unit, unit_price};
use super::pages::by_cursor;
use crate::model::http::{Millis, Response};
use crate::model::queue::{JobReport, Queue};
use crate::model::time::timestamp;

/// How many direct calls are remembered.
const MAX_RUNS: usize = 10_000;

const DAY_MS: Millis = 86_400_000;

/// A request that was run, directly or from the queue.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its id.
    pub id: String,
    /// The whole endpoint id.
    pub endpoint: String,
    /// Whose it is.
    pub account: Option<String>,
    /// When it came.
    pub sent: Millis,
    /// When it began.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// The status of its answer.
    pub status: u16,
}

impl RunRecord {
    /// One that was in the queue, when it has ended.
    fn of(job: JobReport) -> Option<Self> {
        let (ended, status) = (job.ended_ms?, job.result_status?);
        let started = job.started_ms.unwrap_or(ended);
        let JobReport { request_id: id, endpoint, account, submitted_ms: sent, .. } = job;
        Some(Self { id, endpoint, account, sent, started, ended, status })
    }

    fn outcome(&self) -> &'static str {
        match self.status {
            ..400 => "success",
            400..500 => "user_error",
            _ => "error",
        }
    }

    fn cost(&self) -> f64 {
        if self.status < 400 { unit_price(&self.endpoint) } else { 0.0 }
    }

    fn row(&self, call: &Call) -> Value {
        let mut row = json!({
            "request_id": self.id,
            "endpoint_id": self.endpoint,
            "sent_at": timestamp(self.sent),
            "started_at": timestamp(self.started),
            "ended_at": timestamp(self.ended),
            "status_code": self.status,
            "duration": (self.ended - self.started) as f64 / 1000.0,
        });
        if call.operation.path.starts_with("/serverless") {
            put(&mut row, "runner_id", Value::Null);
        }
        row
    }
}

impl Platform {
    /// A direct call was made.
    pub fn record_run(&mut self, run: RunRecord) {
        let runs = &mut self.runs;
        if runs.len() >= MAX_RUNS {
            runs.remove(0);
        }
        runs.push(run);
    }

    /// What an account has run of these endpoints (of all, when there are none) by now, newest first.
    fn history(&self, queue: &Queue, call: &Call) -> Vec<RunRecord> {
        let endpoints = call.list("endpoint_id");
        let jobs = queue.report().into_iter().filter_map(RunRecord::of);
        let mut runs: Vec<RunRecord> = jobs.chain(self.runs.iter().cloned()).collect();
        runs.retain(|run| {
            run.account.as_deref() == Some(call.account.as_str())
                && run.ended <= call.now
                && (endpoints.is_empty() || endpoints.contains(&run.endpoint.as_str()))
        });
        runs.sort_by(|one, other| other.ended.cmp(&one.ended).then_with(|| one.id.cmp(&other.id)));
        runs
    }

    /// Requests by their endpoints, or found by something about them.
    pub(super) fn list_requests(&self, queue: &Queue, call: &Call, name: &str) -> Result<Response, ApiError> {
        let mut runs = self.history(queue, call);
        let (status, id) = (call.text("status"), call.text("request_id"));
        runs.retain(|run| (status.is_empty() || run.outcome() == status) && (id.is_empty() || run.id == id));
        if call.text("sort_by") == "duration" {
            runs.sort_by_key(|run| std::cmp::Reverse(run.ended - run.started));
        }
        let rows = runs.iter().map(|run| run.row(call)).collect();
        Ok(call.answer(&by_cursor(call, name, rows)?.into()))
    }

    /// What was billed, request by request.
    pub(super) fn list_billing(&self, queue: &Queue, call: &Call) -> Result<Response, ApiError> {
        let organization = call.operation.path.starts_with("/organization");
        let row = |run: &RunRecord| {
            let cost = run.cost();
            let mut row = json!({
                "request_id": run.id,
                "endpoint_id": run.endpoint,
                "timestamp": timestamp(run.ended),
                "output_units": if cost > 0.0 { 1.0 } else { 0.0 },
                "unit_price": unit_price(&run.endpoint),
                "percent_discount": null,
                "cost_subtotal": cost,
                "cost_discount": 0.0,
                "cost_total": cost,
                "cost_estimate_nano_usd": (cost * 1e9).round(),
            });
            if organization {
                put(&mut row, "username", call.account.as_str());
            }
            row
        };
        let rows = self.history(queue, call).iter().map(row).collect();
        Ok(call.answer(&by_cursor(call, "billing_events", rows)?.into()))
    }

    /// Usage and analytics: rows for each day and endpoint, and for each endpoint alone.
    pub(super) fn summed(
        &self,
        queue: &Queue,
        call: &Call,
        row: fn(&Call, &str, &[RunRecord]) -> Value,
    ) -> Result<Response, ApiError> {
        let runs = self.history(queue, call);
        let rows = |runs: &[RunRecord]| -> Vec<Value> {
            let mut by_endpoint: BTreeMap<&str, Vec<RunRecord>> = BTreeMap::new();
            for run in runs {
                by_endpoint.entry(&run.endpoint).or_default().push(run.clone());
            }
            by_endpoint.iter().map(|(endpoint, runs)| row(call, endpoint, runs)).collect()
        };
        let mut by_day: BTreeMap<Millis, Vec<RunRecord>> = BTreeMap::new();
        for run in &runs {
            by_day.entry(run.ended / DAY_MS * DAY_MS).or_default().push(run.clone());
        }
        let bucket =
            |(day, runs): (&Millis, &Vec<RunRecord>)| json!({ "bucket": timestamp(*day), "results": rows(runs) });
        let mut body: Map<String, Value> = by_cursor(call, "time_series", by_day.iter().map(bucket).collect())?;
        if call.expands("summary") {
            body.insert("summary".into(), rows(&runs).into());
        }
        if !call.expands("time_series") && call.expands("summary") {
            body.remove("time_series");
        }
        Ok(call.answer(&body.into()))
    }
}

/// What an endpoint has cost.
pub fn usage(call: &Call, endpoint: &str, runs: &[RunRecord]) -> Value {
    let (quantity, price) = (runs.iter().filter(|run| run.status < 400).count() as f64, unit_price(endpoint));
    let mut row = json!({
        "endpoint_id": endpoint,
        "unit": unit(endpoint),
        "quantity": quantity,
        "unit_price": price,
        "cost": quantity * price,
        "currency": "USD",
    });
    let more = if call.operation.path.starts_with("/organization") {
        json!({ "username": call.account, "product": "model_apis" })
    } else {
        let cost = quantity * price;
        json!({ "percent_discount": null, "cost_subtotal": cost, "cost_discount": 0.0, "cost_total": cost })
    };
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}

/// How the requests of an endpoint went.
pub fn analytics(_ask: &Call, endpoint: &str, runs: &[RunRecord]) -> Value {
    let count = |outcome: &str| runs.iter().filter(|run| run.outcome() == outcome).count();
    let mut durations: Vec<Millis> = runs.iter().map(|run| run.ended - run.started).collect();
    durations.sort_unstable();
    let median = durations.get(durations.len() / 2).copied().unwrap_or_default();
    json!({
        "endpoint_id": endpoint,
        "request_count": runs.len(),
        "success_count": count("success"),
        "user_error_count": count("user_error"),
        "error_count": count("error"),
        "p50_duration": median as f64 / 1000.0,
    })
}
