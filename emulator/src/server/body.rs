//! Response bodies: deferred ones, event streams, and what faults do to them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use futures_util::stream::{StreamExt, unfold};

use super::Server;
use crate::model::deferred::DeferredBody;
use crate::model::faults::Effect;
use crate::model::http::Millis;
use crate::model::stream::Stream;

/// How long the last bytes before a break have to reach the client.
pub const FLUSH: Duration = Duration::from_millis(20);

/// Computes a body on a thread of its own, so that other requests go on. At most one per processor: a picture needs memory.
pub async fn compute(server: &Server, deferred: Arc<DeferredBody>) -> Option<Vec<u8>> {
    let _place = server.render_slots.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || deferred.compute()).await.ok()
}

/// Sends a stream of events. When the client disconnects, the body and the stream are dropped.
pub fn events(server: Server, stream: Stream) -> Body {
    let changes = server.host.changes();
    Body::from_stream(unfold(Some((server, stream, changes)), async |playing| {
        let (server, mut stream, mut changes) = playing?;
        loop {
            changes.borrow_and_update();
            let turn = server.with(|emulator, real| emulator.play(real, &mut stream));
            let next = turn.next.filter(|_| !server.is_closing());
            if !turn.bytes.is_empty() {
                let playing = next.map(|_| (server, stream, changes));
                return Some((Ok::<_, io::Error>(Bytes::from(turn.bytes)), playing));
            }
            server.wait(next?, &mut changes).await;
        }
    }))
}

/// Changes a body as a fault asks. With [`Effect::Hold`] this waits for the whole body, so the headers are late too.
pub async fn apply_fault(server: Server, body: Body, fault: &Effect) -> Body {
    match *fault {
        Effect::Truncate(after) => truncated(body, after),
        Effect::Split { bytes, every } => paused(server, body, bytes, every, Some(bytes)),
        Effect::Stall { after, ms } => paused(server, body, after, ms, None),
        Effect::Hold => to_bytes(body, usize::MAX).await.map_or_else(|_| Body::empty(), Body::from),
        _ => body,
    }
}

/// The first bytes of a body, and then an error: the connection is closed in the middle of the answer.
fn truncated(body: Body, after: usize) -> Body {
    Body::from_stream(unfold(Some((body.into_data_stream(), after)), async |going| {
        let (mut body, left) = going?;
        if left > 0
            && let Some(Ok(mut bytes)) = body.next().await
        {
            bytes.truncate(left);
            let left = left - bytes.len();
            return Some((Ok(bytes), Some((body, left))));
        }
        tokio::time::sleep(FLUSH).await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
    }))
}

/// A body that pauses after so many bytes: every time, or once.
fn paused(server: Server, body: Body, after: usize, ms: Millis, again: Option<usize>) -> Body {
    let start = (server, body.into_data_stream(), Bytes::new(), Some(after));
    Body::from_stream(unfold(start, move |(server, mut body, mut rest, mut left)| async move {
        if left == Some(0) {
            left = again;
            // Even a pause of 0 ms sends what was written before.
            tokio::task::yield_now().await;
            server.reach(server.now().saturating_add(ms)).await;
        }
        if rest.is_empty() {
            rest = match body.next().await? {
                Ok(bytes) => bytes,
                Err(error) => return Some((Err(error), (server, body, rest, left))),
            };
        }
        let piece = rest.split_to(left.unwrap_or(usize::MAX).min(rest.len()));
        let left = left.map(|left| left - piece.len());
        Some((Ok(piece), (server, body, rest, left)))
    }))
}
