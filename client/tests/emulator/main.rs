//! The client against the emulator's binary.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod calls;
mod emulator;
mod leaving;
mod nothing_silent;
#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "realtime")]
mod realtime;
mod secrets;
#[cfg(feature = "tracing")]
mod spans;
mod uploads;

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use futures_core::Stream;

/// The next item of a stream.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    let mut stream = pin!(stream);
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}

/// All items of a stream.
async fn all<S: Stream<Item = Result<T, E>> + Unpin, T, E>(mut stream: S) -> Result<Vec<T>, E> {
    let mut items = Vec::new();
    while let Some(item) = next(&mut stream).await {
        items.push(item?);
    }
    Ok(items)
}

/// Waits until something is so.
async fn until(mut is_so: impl FnMut() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waits).await.expect("it never was");
}
