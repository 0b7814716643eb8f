//! Bodies on the wire: work done elsewhere, events played over time, and what faults make of them.

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

/// Computes a body without keeping others waiting. Not more at a time than there are processors: a picture needs memory.
pub async fn compute(server: &Server, deferred: Arc<DeferredBody>) -> Option<Vec<u8>> {
    let _place = server.render_slots.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || deferred.compute()).await.ok()
}

/// Plays a stream of events. When the client leaves, the body is dropped, and the stream with it.
pub fn events(server: Server, stream: Stream) -> Body {
    let changes = server.clock.changes();
    Body::from_stream(unfold(Some((server, stream, changes)), async |playing| {
        let (server, mut stream, mut changes) = playing?;
        loop {
            changes.borrow_and_update();
            let turn = server.fal().play(server.clock.now(), &mut stream);
            let next = turn.next.filter(|_| !server.is_closing());
            if !turn.bytes.is_empty() {
                let playing = next.map(|_| (server, stream, changes));
                return Some((Ok::<_, io::Error>(Bytes::from(turn.bytes)), playing));
            }
            server.clock.wait(next?, &mut changes).await;
        }
    }))
}

/// A body as a fault leaves it. One that is held is waited for here: its headers come no earlier.
pub async fn struck(server: Server, body: Body, fault: &Effect) -> Body {
    match *fault {
        Effect::Truncate(after) => broken_off(body, after),
        Effect::Split { bytes, every } => paused(server, body, bytes, every, Some(bytes)),
        Effect::Stall { after, ms } => paused(server, body, after, ms, None),
        Effect::Hold => to_bytes(body, usize::MAX).await.map_or_else(|_| Body::empty(), Body::from),
        _ => body,
    }
}

/// The first bytes of a body, and then an error: the connection is closed in the middle of the answer.
fn broken_off(body: Body, after: usize) -> Body {
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
            // A pause of no time still sends what was said.
            tokio::task::yield_now().await;
            server.clock.reach(server.clock.now().saturating_add(ms)).await;
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
