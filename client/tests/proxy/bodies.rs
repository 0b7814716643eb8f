//! Bodies: those of calls have a limit and have to come, those of answers pass as they come.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::{FalProxy, Origin, Principal, RouteKind};
use http_body::{Body, Frame};
use http_body_util::BodyExt;

use crate::emulator::{Emulator, KEY};
use crate::upstream::{Upstream, answer};
use crate::{builder, call, code, json, listener};

const RUN: &str = "https://fal.run/emulator/echo";

/// A body of so many pieces, which then ends, breaks off, or says no more.
struct Pieces {
    left: usize,
    end: End,
    was_dropped: Arc<AtomicBool>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Whole,
    Broken,
    Silent,
}

const PIECE: usize = 64 * 1024;

impl Pieces {
    fn new(left: usize, end: End) -> Self {
        Self { left, end, was_dropped: Arc::default() }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left > 0 {
            self.left -= 1;
            return Poll::Ready(Some(Ok(Frame::data(vec![b' '; PIECE].into()))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Broken => Poll::Ready(Some(Err(std::io::Error::other("broken")))),
            End::Silent => Poll::Pending,
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.was_dropped.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_large_body_streams_and_one_that_is_too_large_is_refused() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = builder(&upstream.url).max_body_bytes(40 * PIECE as u64).build().unwrap();
    let send = |pieces, end| proxy.handle(call("POST", RUN).body(Pieces::new(pieces, end)).unwrap());
    assert_eq!(send(4, End::Whole).await.status(), 200);
    assert_eq!(send(40, End::Whole).await.status(), 200);
    let seen = upstream.seen();
    assert_eq!(seen[0].header("content-length"), Some((4 * PIECE).to_string().as_str()), "small: it has a length");
    assert!(seen[1].header("transfer-encoding").is_some() && seen[1].body.len() > 40 * PIECE, "large: it streams");
    assert_eq!(code(send(41, End::Whole).await).await, "body_too_large");
    assert_eq!(code(send(3, End::Broken).await).await, "body_incomplete");
    assert_eq!(code(send(30, End::Broken).await).await, "body_incomplete");
    let declared = call("POST", RUN).body(json(&" ".repeat(41 * PIECE))).unwrap();
    assert_eq!(code(proxy.handle(declared).await).await, "body_too_large");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_says_no_more_keeps_no_call_open() {
    // Nothing is sent, so there need be no server.
    let proxy = builder("http://127.0.0.1:9").on_error(|_| {}).build().unwrap();
    let pieces = Pieces::new(2, End::Silent);
    let was_dropped = Arc::clone(&pieces.was_dropped);
    assert_eq!(code(proxy.handle(call("POST", RUN).body(pieces).unwrap()).await).await, "body_too_slow");
    assert!(was_dropped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn fal_has_its_time_to_begin() {
    let upstream = Upstream::answering(&[""]).await;
    let proxy = builder(&upstream.url).timeout(RouteKind::Run, Duration::from_millis(50)).build().unwrap();
    for pieces in [1, 30] {
        let request = call("POST", RUN).body(Pieces::new(pieces, End::Whole)).unwrap();
        assert_eq!(code(proxy.handle(request).await).await, "upstream_timeout");
    }
    let (told, tell) = listener();
    let nobody = builder("http://127.0.0.1:9").on_error(move |error| tell(error.to_string())).build().unwrap();
    let response = nobody.handle(call("POST", RUN).body(json("{}")).unwrap()).await;
    assert_eq!(code(response).await, "upstream_unreachable");
    assert!(told.lock().unwrap()[0].contains("`fetch`"));
}

/// The page's client waits as long as fal says, and repeats what fal says may be repeated.
#[tokio::test]
async fn a_failure_says_why_and_when_to_come_again() {
    let said = "retry-after: 7\r\nx-fal-retryable: true\r\nset-cookie: a=b\r\n";
    let upstream = Upstream::answering(&[&answer("503 Service Unavailable", said, "{}")]).await;
    let proxy =
        builder(&upstream.url).trusted_origins([Origin::parse("https://app.example").unwrap()]).build().unwrap();
    let request = call("POST", RUN).header("origin", "https://app.example").body(json("{}")).unwrap();
    let response = proxy.handle(request).await;
    let headers = response.headers();
    assert_eq!(
        (response.status().as_u16(), &headers["retry-after"], &headers["x-fal-retryable"]),
        (503, &"7".parse().unwrap(), &"true".parse().unwrap())
    );
    assert!(!headers.contains_key("set-cookie"));
    assert!(headers["access-control-expose-headers"].to_str().unwrap().contains("retry-after"));
}

/// After a 408 on a connection that it had kept, a browser may send the run again by itself.
#[tokio::test]
async fn what_a_browser_would_repeat_passes_as_a_timeout() {
    let upstream = Upstream::answering(&[&answer("408 Request Timeout", "", "{}")]).await;
    let proxy = builder(&upstream.url).build().unwrap();
    let response = proxy.handle(call("POST", RUN).body(json("{}")).unwrap()).await;
    assert_eq!(response.status(), 504);
}

#[tokio::test]
async fn an_answer_passes_as_it_comes() {
    let emulator = Emulator::start();
    let proxy = builder(&emulator.url).build().unwrap();
    let target = "https://fal.run/fal-ai/any-llm/stream";
    let request =
        call("POST", target).header("accept", "text/event-stream").body(json("{\"prompt\":\"a cat\"}")).unwrap();
    let response = proxy.handle(request).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let (mut body, mut pieces) = (response.into_body(), 0);
    while let Some(frame) = body.frame().await {
        frame.unwrap();
        pieces += 1;
    }
    assert!(pieces > 1, "{pieces}");
}

/// It is what axum, hyper and tonic take.
#[test]
fn it_is_a_service() {
    fn is<S, B>(_: &S)
    where
        S: tower_service::Service<http::Request<B>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static,
    {
    }
    let proxy = builder("http://127.0.0.1:9").build().unwrap();
    is::<_, Pieces>(&proxy);
}

/// A rotation is not told by any answer: whoever runs the proxy would learn of it when the second key is refused, too.
#[tokio::test]
async fn the_operator_is_told_that_the_first_key_is_refused_and_the_next_one_works() {
    let answers = [answer("401 Unauthorized", "", "{}"), answer("200 OK", "", "{}")];
    let upstream = Upstream::answering(&answers.each_ref().map(String::as_str)).await;
    let (told, tell) = listener();
    let credentials = Credentials::key("old:key").unwrap().or_key(KEY).unwrap();
    let proxy = FalProxy::builder(credentials).allowed_endpoints(["emulator/**"]).local_server(&upstream.url);
    let proxy = proxy.authenticate(|_| async { Some(Principal::new("ann")) });
    let proxy = proxy.on_key_rejected(move |rejected| tell(format!("{rejected:?}"))).build().unwrap();
    assert_eq!(proxy.handle(call("POST", RUN).body(json("{}")).unwrap()).await.status(), 200);
    assert_eq!(*told.lock().unwrap(), ["KeyRejected { key: 0 }"]);
    assert_eq!(proxy.handle(call("POST", RUN).body(json("{}")).unwrap()).await.status(), 200);
    assert_eq!(told.lock().unwrap().len(), 1, "only when the other one is tried");
}
