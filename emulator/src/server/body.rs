//! Bodies on the wire: work done elsewhere, events played over time, and answers that break off.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream::{StreamExt, unfold};

use super::Server;
use crate::model::stream::Stream;
use crate::model::work::Work;

/// How long the last bytes before a break have to reach the client.
pub const FLUSH: Duration = Duration::from_millis(20);

/// Computes a body without keeping others waiting. Not more at a time than there are processors: a picture needs memory.
pub async fn compute(server: &Server, work: Arc<Work>) -> Option<Vec<u8>> {
    let _place = server.painters.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || work.perform()).await.ok()
}

/// Plays a stream of events. When the client leaves, the body is dropped, and the stream with it.
pub fn events(server: Server, stream: Stream) -> Body {
    let news = server.clock.news();
    Body::from_stream(unfold(Some((server, stream, news)), async |playing| {
        let (server, mut stream, mut news) = playing?;
        loop {
            news.borrow_and_update();
            let turn = server.fal().play(server.clock.now(), &mut stream);
            let next = turn.next.filter(|_| !server.is_closing());
            if !turn.bytes.is_empty() {
                let playing = next.map(|_| (server, stream, news));
                return Some((Ok::<_, io::Error>(Bytes::from(turn.bytes)), playing));
            }
            server.clock.wait(next?, &mut news).await;
        }
    }))
}

/// The first bytes of a body, and then an error: the connection is closed in the middle of the answer.
pub fn broken_off(body: Body, after: usize) -> Body {
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
