//! A span of `tracing` for each operation, with the feature `tracing`: what was called and what became of it. Nothing of a key, an
//! input, an answer or a query is among its fields.

#[cfg(feature = "tracing")]
use tracing::{Span, field::Empty};

use crate::error::FalError;

/// The span of an operation. It ends when this is dropped.
#[derive(Default)]
pub(crate) struct Trace {
    #[cfg(feature = "tracing")]
    span: Option<Span>,
    /// Whether it has said which request it is about.
    #[cfg(feature = "tracing")]
    is_named: bool,
    #[cfg(feature = "tracing")]
    requests: u32,
    #[cfg(feature = "tracing")]
    status: Option<u16>,
}

#[cfg(feature = "tracing")]
impl Trace {
    /// Begins a span, within that of the caller.
    pub fn new(operation: &'static str, endpoint: &str) -> Self {
        let span = tracing::info_span!(
            target: "fal_wasm_client",
            "fal",
            operation,
            endpoint,
            request_id = Empty,
            requests = Empty,
            attempts = Empty,
            status = Empty,
            error = Empty,
        );
        Self { span: Some(span), ..Self::default() }
    }

    /// Does something within it.
    pub fn enter(&self) -> Option<tracing::span::EnteredSpan> {
        self.span.clone().map(Span::entered)
    }

    /// A request is sent, or a socket opened.
    pub fn sent(&mut self) {
        self.requests += 1;
    }

    /// There is an answer.
    pub fn answered(&mut self, status: u16) {
        self.status = Some(status);
    }

    /// The operation is about this request.
    pub fn request(&mut self, id: &str) {
        if let Some(span) = self.span.as_ref().filter(|_| !id.is_empty() && !self.is_named) {
            span.record("request_id", id);
            self.is_named = true;
        }
    }

    /// It has failed.
    pub fn failed(&self, error: &FalError) {
        if let Some(span) = &self.span {
            span.record("error", error.code());
            span.record("attempts", error.attempts());
        }
    }
}

/// Also of what was dropped on its way.
#[cfg(feature = "tracing")]
impl Drop for Trace {
    fn drop(&mut self) {
        if let Some(span) = &self.span {
            span.record("requests", self.requests);
            if let Some(status) = self.status {
                span.record("status", status);
            }
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Trace {
    pub fn new(_: &'static str, _: &str) -> Self {
        Self {}
    }

    pub fn enter(&self) -> Option<()> {
        None
    }

    pub fn sent(&mut self) {}

    pub fn answered(&mut self, _: u16) {}

    pub fn request(&mut self, _: &str) {}

    pub fn failed(&self, _: &FalError) {}
}
