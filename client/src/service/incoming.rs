//! The body of a call: counted as it comes, and only waited for as long as it comes.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fal_wasm::proxy::body_time_left;
use http_body::Body;
use tokio::time::{Instant, Sleep, sleep};

/// Why a body is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLarge,
    TooSlow,
    Incomplete,
}

/// A body that comes.
pub(crate) struct Incoming<B> {
    body: Pin<Box<B>>,
    max: u64,
    received: u64,
    waited: Duration,
    /// Since when the next bytes are waited for, and when that ends.
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B: Body<Data = Bytes>> Incoming<B> {
    /// Takes at most so many bytes.
    pub fn new(body: B, max: u64) -> Self {
        Self { body: Box::pin(body), max, received: 0, waited: Duration::ZERO, wait: None }
    }

    /// The next bytes; none at the end.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        let (waited, received) = (self.waited.as_millis(), self.received);
        let (since, timer) = self.wait.get_or_insert_with(|| {
            let left = body_time_left(u64::try_from(waited).unwrap_or(u64::MAX), received);
            (Instant::now(), Box::pin(sleep(Duration::from_millis(left))))
        });
        let bytes = loop {
            match self.body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) => break bytes,
                    // What comes after a body is not passed on.
                    Err(_) => continue,
                },
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Fault::Incomplete)),
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Pending => return timer.as_mut().poll(context).map(|()| Err(Fault::TooSlow)),
            }
        };
        self.waited += since.elapsed();
        self.wait = None;
        self.received += bytes.len() as u64;
        Poll::Ready(if self.received > self.max { Err(Fault::TooLarge) } else { Ok(Some(bytes)) })
    }

    /// Reads on to the end, or until there are more than so many bytes; whether it is the end.
    pub async fn read(&mut self, until: usize) -> Result<(Vec<u8>, bool), Fault> {
        let mut all = Vec::new();
        if self.body.size_hint().lower() > self.max {
            return Err(Fault::TooLarge);
        }
        while all.len() <= until {
            match poll_fn(|context| self.poll_next(context)).await? {
                Some(bytes) => all.extend_from_slice(&bytes),
                None => return Ok((all, true)),
            }
        }
        Ok((all, false))
    }
}

#[cfg(feature = "proxy")]
pub(crate) use outgoing::Outgoing;

#[cfg(feature = "proxy")]
mod outgoing {
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    use http_body::Frame;
    use tokio::sync::Notify;

    use super::*;

    /// What becomes of a body that is sent on while it comes.
    #[derive(Default)]
    pub(crate) struct Outgoing {
        fault: OnceLock<Fault>,
        ended: Notify,
    }

    impl Outgoing {
        /// Sends a body on, after what was read of it.
        pub fn pass<B>(read: Vec<u8>, rest: Incoming<B>) -> (reqwest::Body, Arc<Self>)
        where
            B: Body<Data = Bytes> + Send + 'static,
        {
            let state = Arc::new(Self::default());
            let passed = Passed { read: Bytes::from(read), rest: Mutex::new(rest), state: Arc::clone(&state) };
            (reqwest::Body::wrap(passed), state)
        }

        /// Why it broke off, if it did.
        pub fn fault(&self) -> Option<Fault> {
            self.fault.get().copied()
        }

        /// Ends when all of it was sent, or no more of it will be.
        pub async fn ended(&self) {
            self.ended.notified().await;
        }
    }

    struct Passed<B> {
        read: Bytes,
        /// One at a time reads it, which the compiler cannot know.
        rest: Mutex<Incoming<B>>,
        state: Arc<Outgoing>,
    }

    impl<B: Body<Data = Bytes>> Body for Passed<B> {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            let this = self.get_mut();
            if !this.read.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.read)))));
            }
            let rest = this.rest.get_mut().unwrap_or_else(PoisonError::into_inner);
            rest.poll_next(context).map(|next| match next {
                Ok(bytes) => bytes.map(|bytes| Ok(Frame::data(bytes))),
                Err(fault) => {
                    this.state.fault.get_or_init(|| fault);
                    Some(Err(std::io::Error::other("the body of the call broke off")))
                }
            })
        }
    }

    impl<B> Drop for Passed<B> {
        fn drop(&mut self) {
            self.state.ended.notify_one();
        }
    }
}
