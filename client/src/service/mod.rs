//! What the services of this crate have in common: how a request comes in, and what an answer is made of.

mod answer;
mod incoming;

pub use answer::AnswerBody;
#[cfg(feature = "proxy")]
pub(crate) use answer::Follows;
#[cfg(feature = "proxy")]
pub(crate) use incoming::Outgoing;
pub(crate) use incoming::{Fault, Incoming};

use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// What ends first; of two that end at once, the first.
#[cfg(feature = "proxy")]
pub(crate) async fn first<A: Future, B: Future>(one: A, other: B) -> Result<A::Output, B::Output> {
    use std::{pin::pin, task::Poll};

    let (mut one, mut other) = (pin!(one), pin!(other));
    std::future::poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => other.as_mut().poll(context).map(Err),
    })
    .await
}

/// An answer.
pub(crate) fn composed(status: u16, headers: HeaderMap, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

/// The value of a header. One that came several times is joined, as `Headers` of the web has it, so that nothing is decided
/// by one half of it.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter().map(text);
    let first = values.next()?;
    Some(values.fold(first, |all, value| [&all, ", ", &value].concat()))
}

/// A value as text, one character for each byte.
pub(crate) fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// All of a body; none when it is longer, or breaks off.
pub(crate) async fn read_at_most(response: &mut reqwest::Response, max: usize) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(bytes) = response.chunk().await.ok()? {
        all.extend_from_slice(&bytes);
        if all.len() > max {
            return None;
        }
    }
    Some(all)
}
