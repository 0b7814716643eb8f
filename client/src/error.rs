//! What can go wrong with a call, and whose fault it is.

use std::fmt;
use std::time::Duration;

use fal_wasm::client::{Cancelled, Failure, FailureKind};
use fal_wasm::credentials::ProxyUrlError;
use fal_wasm::protocol::EndpointError;
use serde::de::DeserializeOwned;

use crate::explain::{Explanation, advice, is_retryable};
use crate::json;
use crate::marker::Source;

/// Why a call failed.
///
/// [`Display`](fmt::Display) says what happened, whether trying again can help, and what to do next. Neither it nor
/// [`Debug`](fmt::Debug) ever holds a key, an input or what an answer echoes of one: that is in [`body`](Self::body), for
/// those who ask for it.
///
/// ```
/// # use fal_wasm_client::FalError;
/// fn worth_another_try(error: &FalError) -> bool {
///     error.retryable() && error.code() != "content_policy_violation"
/// }
/// ```
pub struct FalError(Box<Facts>);

/// What is known about a failure.
pub(crate) struct Facts {
    pub failure: Failure,
    pub code: Option<String>,
    pub retryable: Option<bool>,
    pub endpoint: Option<String>,
    pub request_id: Option<String>,
    pub error_type: Option<String>,
    pub is_user_timeout: bool,
    pub billable: Option<f64>,
    pub body: Option<String>,
    /// What is said in place of the usual sentence.
    pub said: Option<Said>,
    pub source: Option<Source>,
}

/// What is said in place of the usual sentence. A program that prints no error has no sentence of those that are made when one
/// is printed.
pub(crate) enum Said {
    Words(String),
    Endpoint(EndpointError),
    Proxy(ProxyUrlError),
}

impl Facts {
    pub fn of(failure: impl Into<Failure>) -> Self {
        Self {
            failure: failure.into(),
            code: None,
            retryable: None,
            endpoint: None,
            request_id: None,
            error_type: None,
            is_user_timeout: false,
            billable: None,
            body: None,
            said: None,
            source: None,
        }
    }

    /// The error that they make: of an answer with an error status, its body says more.
    pub fn into_error(mut self) -> FalError {
        let (kind, head) = (self.failure.kind, self.failure.head);
        let explains = matches!(kind, FailureKind::Http | FailureKind::JobFailed | FailureKind::StreamFailed);
        if explains {
            let explanation = Explanation::of(self.body.as_deref().unwrap_or_default(), self.error_type.as_deref());
            if let (FailureKind::Http, Some(head)) = (kind, head) {
                let code = explanation.code(head.status, self.is_user_timeout);
                self.retryable = head.retryable.or(Some(is_retryable(head.status, self.is_user_timeout, code)));
                self.code = Some(code.into());
            }
            self.said = explanation.said.map(Said::Words);
            self.error_type = explanation.error_type;
        }
        FalError(Box::new(self))
    }
}

impl FalError {
    pub(crate) fn of(kind: FailureKind) -> Self {
        Facts::of(kind).into_error()
    }

    /// What is wrong with an option; `why` goes on after its name, and never holds its value.
    pub(crate) fn option(name: &str, why: &str) -> Self {
        Self::saying(FailureKind::OptionInvalid, ["The option `", name, "` ", why, " Nothing was sent."].concat())
    }

    /// What is wrong with the id of an endpoint.
    pub(crate) fn endpoint_invalid(error: EndpointError) -> Self {
        Self::of_said(FailureKind::EndpointIdInvalid, Said::Endpoint(error))
    }

    pub(crate) fn saying(kind: FailureKind, said: String) -> Self {
        Self::of_said(kind, Said::Words(said))
    }

    fn of_said(kind: FailureKind, said: Said) -> Self {
        FalError(Box::new(Facts { said: Some(said), ..Facts::of(kind) }))
    }

    /// An answer that is JSON, and not of the caller's type. It is paid for, so its body is kept. `why` goes on after the sentence
    /// that says so, and quotes nothing of the answer.
    pub(crate) fn of_another_type(why: &str, body: String) -> Self {
        let said = ["The answer came, and is not of the type that the program asks for", why, ". It is in `body()`."];
        let facts =
            Facts { said: Some(Said::Words(said.concat())), body: Some(body), ..Facts::of(FailureKind::AnswerInvalid) };
        FalError(Box::new(Facts { code: Some("unexpected_type".into()), ..facts }))
    }

    pub(crate) fn facts_mut(&mut self) -> &mut Facts {
        &mut self.0
    }

    /// Stable, for programs: `timeout`, `connection_lost`, `content_policy_violation`, … The codes are those of the npm
    /// package; `unexpected_type` is Rust's own: the answer is good JSON, and not of the caller's type.
    pub fn code(&self) -> &str {
        self.0.code.as_deref().unwrap_or_else(|| self.0.failure.kind.code())
    }

    /// Whether the same call may succeed when it is made again later.
    pub fn retryable(&self) -> bool {
        self.0.retryable.unwrap_or_else(|| self.0.failure.kind.is_retryable())
    }

    /// The id of the request at fal: there on every error after submitting.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The endpoint that was called.
    pub fn endpoint(&self) -> Option<&str> {
        self.0.endpoint.as_deref()
    }

    /// The HTTP status, when fal or the proxy answered.
    pub fn status(&self) -> Option<u16> {
        self.0.failure.head.map(|head| head.status)
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.failure.retry_after().map(Duration::from_millis)
    }

    /// How many times the failing request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.failure.attempts
    }

    /// Which part of a file failed, counted from 1, when a file was uploaded in parts.
    pub fn part(&self) -> Option<u32> {
        Some(self.0.failure.part).filter(|part| *part > 0)
    }

    /// What became of the request at fal, when the call ended before it.
    pub fn cancelled(&self) -> Cancelled {
        self.0.failure.cancelled
    }

    /// What fal calls the error: `error_type` of the body, the header, or the type of the first detail.
    pub fn error_type(&self) -> Option<&str> {
        self.0.error_type.as_deref()
    }

    /// What was billed all the same, in billing units, when fal said so.
    pub fn billable_units(&self) -> Option<f64> {
        self.0.billable
    }

    /// Whether the caller's own `start_timeout` ran out.
    pub fn is_user_timeout(&self) -> bool {
        self.0.is_user_timeout
    }

    /// What the answer says, as it came. It may echo the input, and is neither printed nor logged.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// What the answer says, as a type of the caller's; none when it is not one.
    pub fn body_as<T: DeserializeOwned>(&self) -> Option<T> {
        json::decode(self.body()?).ok()
    }

    /// How the operation failed, in the words of the core.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// What a visitor of your app can be told: a sentence without anything technical.
    pub fn user_message(&self) -> &'static str {
        let code = self.code();
        let is_size = |end: &str| code.strip_suffix(end).is_some_and(|start| start.ends_with("_too"));
        match code {
            "rate_limited" | "too_many_jobs" | "concurrency_limit" => {
                "Too many requests. Please wait a moment and try again."
            }
            "budget_exhausted" => "The limit is used up for now. Please come back later.",
            "unauthenticated" => "Please sign in and try again.",
            "unreachable" | "connection_lost" | "timeout" | "stream_stalled" => {
                "The connection failed. Please try again."
            }
            "aborted" => "It was stopped.",
            "content_policy_violation" | "input_not_allowed" | "validation_error" | "payload_too_large" => {
                "This input cannot be used. Please change it."
            }
            _ if code.starts_with("file_")
                || ["_small", "_large", "_long", "_short"].iter().any(|end| is_size(end)) =>
            {
                "This input cannot be used. Please change it."
            }
            _ if self.retryable() => "That did not work. Please try again.",
            _ => "This does not work at the moment.",
        }
    }
}

impl From<ProxyUrlError> for FalError {
    fn from(error: ProxyUrlError) -> Self {
        Self::of_said(FailureKind::ProxyUrlInvalid, Said::Proxy(error))
    }
}

const AGAIN: &str = " Trying again may help.";
const UNKNOWN: &str = " It is not known whether the request was executed, so it was not sent again.";

impl Facts {
    /// Where the request is that goes on.
    fn goes_on(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.request_id, self.failure.is_queued) {
            (Some(id), true) => {
                out.write_str(" The request goes on at fal under the id ")?;
                out.write_str(id)?;
                out.write_str("; its result can still be fetched.")
            }
            _ => Ok(()),
        }
    }

    /// What became of the request when its caller left.
    fn ended(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failure.cancelled {
            Cancelled::Accepted => out.write_str(" It was cancelled at fal."),
            Cancelled::Refused => {
                out.write_str(" fal refused to cancel it; it may be completed already.")?;
                self.goes_on(out)
            }
            Cancelled::Unknown => out.write_str(" fal did not answer in time to the wish to cancel it."),
            _ => self.goes_on(out),
        }
    }

    fn said(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Said::Words(said)) = &self.said {
            out.write_str(": ")?;
            out.write_str(said)?;
            if said.ends_with(['.', '!', '?']) {
                return Ok(());
            }
        }
        out.write_str(".")
    }
}

impl fmt::Display for FalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &*self.0;
        let Failure { kind, attempts, head, part, .. } = facts.failure;
        match kind {
            FailureKind::Http => {
                let status = head.map_or(0, |head| head.status);
                write!(out, "The answer is an error ({status} {})", self.code())?;
                facts.said(out)?;
                if let Some(advice) = advice(self.code()) {
                    out.write_str(" ")?;
                    out.write_str(advice)?;
                }
                if let Some(wait) = self.retry_after() {
                    write!(out, " It asks to wait {} s.", wait.as_millis().div_ceil(1000))?;
                }
                if self.retryable() {
                    out.write_str(AGAIN)?;
                }
                facts.goes_on(out)?;
            }
            FailureKind::JobFailed => {
                out.write_str("The request was completed with an error")?;
                facts.said(out)?;
                out.write_str(" Trying again runs the model anew.")?;
            }
            FailureKind::StreamFailed => {
                out.write_str("The model began to answer and then failed")?;
                facts.said(out)?;
                out.write_str(" Trying again runs the model anew.")?;
            }
            FailureKind::TimedOut => {
                out.write_str("The request was not completed within its time.")?;
                facts.ended(out)?;
            }
            FailureKind::Aborted => {
                out.write_str("The call was aborted.")?;
                facts.ended(out)?;
            }
            FailureKind::Unreachable if facts.said.is_none() => {
                out.write_str("No connection could be made, so nothing was sent.")?;
                out.write_str(AGAIN)?;
            }
            FailureKind::ConnectionLost => {
                out.write_str("The connection failed before the answer was complete.")?;
                match (facts.failure.is_queued, &facts.endpoint) {
                    (true, _) => facts.goes_on(out)?,
                    (_, Some(_)) if attempts == 1 => out.write_str(UNKNOWN)?,
                    _ => out.write_str(AGAIN)?,
                }
            }
            FailureKind::Stalled => {
                out.write_str("It was silent for longer than it may be.")?;
                out.write_str(AGAIN)?;
                out.write_str(" A slow model needs a longer limit.")?;
            }
            FailureKind::AnswerInvalid if facts.said.is_none() => {
                out.write_str("The answer is not what fal's protocol says.")?;
                facts.goes_on(out)?;
            }
            _ => match &facts.said {
                Some(Said::Words(said)) => out.write_str(said)?,
                Some(Said::Endpoint(error)) => write!(out, "{error}. Nothing was sent.")?,
                Some(Said::Proxy(error)) => write!(out, "Nothing was sent: {error}.")?,
                None => {
                    out.write_str(kind.message())?;
                    out.write_str(".")?;
                }
            },
        }
        if part > 0 {
            write!(out, " It was part {part} of the file.")?;
        }
        Ok(())
    }
}

impl fmt::Debug for FalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("FalError");
        shown.field("code", &self.code()).field("retryable", &self.retryable());
        for (name, value) in
            [("endpoint", self.endpoint()), ("request_id", self.request_id()), ("error_type", self.error_type())]
        {
            if let Some(value) = value {
                shown.field(name, &value);
            }
        }
        if let Some(status) = self.status() {
            shown.field("status", &status);
        }
        shown.field("attempts", &self.attempts()).field("message", &self.to_string()).finish_non_exhaustive()
    }
}

impl std::error::Error for FalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safe::safe;

    #[test]
    fn what_a_decoder_quotes_is_not_printed() {
        for (why, said) in [
            ("missing field `images` at line 1 column 9", ": the field `images` is missing at line 1 column 9"),
            (
                "invalid type: string \"a, expected b\", expected u8 at line 1 column 9",
                ": expected u8 at line 1 column 9",
            ),
            ("my prompt", ""),
        ] {
            assert_eq!(safe(why), said);
        }
        let error =
            FalError::of_another_type(&safe("invalid type: string \"secret prompt\", expected u8"), "{\"a\":1}".into());
        assert_eq!((error.code(), error.body()), ("unexpected_type", Some("{\"a\":1}")));
        assert!(!format!("{error} {error:?}").contains("secret prompt"));
    }

    #[test]
    fn a_visitor_is_told_nothing_technical() {
        let of = |code: &str| {
            let mut error = FalError::of(FailureKind::Http);
            error.facts_mut().code = Some(code.into());
            error.user_message()
        };
        assert_eq!(of("image_too_large"), "This input cannot be used. Please change it.");
        assert_eq!(of("file_download_error"), "This input cannot be used. Please change it.");
        assert_eq!(of("forbidden"), "This does not work at the moment.");
        assert_eq!(of("timeout"), "The connection failed. Please try again.");
    }
}
