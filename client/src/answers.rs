//! What a call ends with, in types of the caller's.

use serde::de::DeserializeOwned;

use crate::client::FalClient;
use crate::driver::Outcome;
use crate::error::FalError;
use crate::exchange::Answer;
use crate::job::Job;
use crate::json;
use crate::status::{Logs, QueueStatus};
use fal_wasm::client::FailureKind;

/// The answer of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FalResult<T> {
    /// What it answered.
    pub data: T,
    /// The id of the request at fal; empty when the answer did not name one.
    pub request_id: String,
}

/// Reads an answer as a type of the caller's: JSON as what it says, text as a `String`, anything else as bytes
/// (`Vec<u8>`).
pub(crate) fn typed<T: DeserializeOwned>(answer: Answer) -> Result<T, FalError> {
    let (read, body) = match answer {
        Answer::Json(text) => (json::decode(&text), text),
        Answer::Text(text) => (json::decode_text(&text), text),
        Answer::Bytes(bytes) => (json::decode_bytes(&bytes), String::new()),
    };
    read.map_err(|why| FalError::of_another_type(&why, body))
}

/// What a call can end with.
pub trait CallOutput: sealed::FromOutcome {}
impl<T: sealed::FromOutcome> CallOutput for T {}

pub(crate) mod sealed {
    use super::{FalClient, FalError, Logs, Outcome};

    /// Made of how an operation ended.
    pub trait FromOutcome: Sized + 'static {
        /// Whether it is a result; otherwise the last status.
        const IS_RESULT: bool;
        #[doc(hidden)]
        fn from_outcome(outcome: Ended, client: &FalClient, endpoint: &str) -> Result<Self, FalError>;
        #[doc(hidden)]
        fn finish(&mut self, _: &mut Logs) {}
    }

    /// How an operation ended.
    pub struct Ended(pub(crate) Outcome);
}

use sealed::{Ended, FromOutcome};

impl<T: DeserializeOwned + 'static> FromOutcome for FalResult<T> {
    const IS_RESULT: bool = true;

    fn from_outcome(Ended(outcome): Ended, _: &FalClient, endpoint: &str) -> Result<Self, FalError> {
        let Outcome { body, request_id, .. } = outcome;
        match typed(body.unwrap_or(Answer::Text(String::new()))) {
            Ok(data) => Ok(Self { data, request_id }),
            Err(mut error) => {
                let facts = error.facts_mut();
                facts.endpoint = Some(endpoint.into());
                facts.request_id = Some(request_id).filter(|id| !id.is_empty());
                Err(error)
            }
        }
    }
}

impl FromOutcome for QueueStatus {
    const IS_RESULT: bool = false;

    fn from_outcome(Ended(outcome): Ended, _: &FalClient, _: &str) -> Result<Self, FalError> {
        let status = outcome.body.as_ref().and_then(Answer::text).and_then(Self::read);
        status.ok_or_else(|| FalError::of(FailureKind::AnswerInvalid))
    }

    /// The last status has the whole log.
    fn finish(&mut self, logs: &mut Logs) {
        logs.whole(self);
    }
}

impl FromOutcome for Job {
    const IS_RESULT: bool = false;

    fn from_outcome(Ended(outcome): Ended, client: &FalClient, endpoint: &str) -> Result<Self, FalError> {
        let id = &outcome.request_id;
        let capability = client.inner.access.with_capabilities(|known| known.of(id).map(String::from)).flatten();
        Ok(Self { endpoint_id: endpoint.into(), request_id: outcome.request_id, capability })
    }
}

impl FromOutcome for () {
    const IS_RESULT: bool = false;

    fn from_outcome(_: Ended, _: &FalClient, _: &str) -> Result<Self, FalError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_what_it_is() {
        assert_eq!(typed::<Vec<u8>>(Answer::Bytes(vec![1, 2].into())).unwrap(), [1, 2]);
        assert_eq!(typed::<String>(Answer::Text("hello".into())).unwrap(), "hello");
        assert_eq!(typed::<serde_json::Value>(Answer::Text("hello".into())).unwrap(), "hello");
        assert_eq!(typed::<Vec<u8>>(Answer::Json("[1]".into())).unwrap(), [1]);
        let error = typed::<u8>(Answer::Text("a prompt".into())).unwrap_err();
        assert!(error.body() == Some("a prompt") && !error.to_string().contains("a prompt"), "{error}");
    }
}
