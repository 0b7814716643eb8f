//! The body of an answer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::marker::Source;

/// The body of an answer: what this crate says itself, or what comes from fal, piece by piece and no faster than it is taken.
pub struct AnswerBody(Kind);

enum Kind {
    Whole(Bytes),
    #[cfg_attr(not(feature = "proxy"), expect(dead_code, reason = "only a proxy passes on"))]
    Passed(reqwest::Body, Option<Box<dyn Follows>>),
}

/// Sees an answer pass, and is dropped when it was read or its reader has left.
pub(crate) trait Follows: Send + Sync {
    /// Some of it.
    fn data(&mut self, bytes: &Bytes);
    /// That was all of it.
    fn whole(&mut self);
}

impl AnswerBody {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Whole(bytes.into()))
    }

    #[cfg(feature = "proxy")]
    pub(crate) fn passed(response: reqwest::Response, follows: impl Follows + 'static) -> Self {
        Self(Kind::Passed(response.into(), Some(Box::new(follows))))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Source;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Source>>> {
        match &mut self.get_mut().0 {
            Kind::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Kind::Passed(body, follower) => {
                let frame = ready!(Pin::new(&mut *body).poll_frame(context));
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                if let (Some(follows), Some(data)) = (follower.as_mut(), data) {
                    follows.data(data);
                }
                // Nobody need ask for more than there is.
                let is_whole = frame.is_none() || (body.is_end_stream() && !matches!(frame, Some(Err(_))));
                if let Some(follows) = follower.as_mut().filter(|_| is_whole) {
                    follows.whole();
                }
                if is_whole || matches!(frame, Some(Err(_))) {
                    *follower = None;
                }
                Poll::Ready(frame.map(|frame| frame.map_err(|error| Source::from(error.without_url()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Passed(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Passed(body, _) => body.size_hint(),
        }
    }
}

/// Nothing of what it carries.
impl fmt::Debug for AnswerBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AnswerBody(..)")
    }
}
