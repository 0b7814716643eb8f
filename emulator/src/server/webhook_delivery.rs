//! Delivers webhooks, to URLs on this machine only.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Server;
use crate::model::webhooks::{Delivery, DeliveryOutcome};

/// How much of an answer is read before the connection is closed.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Delivers webhooks until the server stops.
pub async fn deliver(server: Server) {
    let mut changes = server.host.changes();
    while !server.is_closing() {
        changes.borrow_and_update();
        let (posts, next) = server.with(|emulator, real| (emulator.posts(real), emulator.next_post()));
        for post in posts {
            tokio::spawn(deliver_one(Arc::clone(&server), post));
        }
        match next {
            Some(next) => server.wait(next, &mut changes).await,
            None => drop(changes.changed().await),
        }
    }
}

async fn deliver_one(server: Server, post: Delivery) {
    let number = post.number;
    let until = server.now().saturating_add(post.timeout);
    let posted = tokio::select! {
        posted = send(post) => posted,
        () = server.reach(until) => DeliveryOutcome::TimedOut,
    };
    server.with(|emulator, real| emulator.posted(real, number, posted));
    // There may be a retry to wait for.
    server.host.notify();
}

async fn send(post: Delivery) -> DeliveryOutcome {
    let Some((address, uri)) = address_of(&post.url) else {
        return DeliveryOutcome::Forbidden;
    };
    exchange(address, &uri, post).await.map_or(DeliveryOutcome::Unreachable, DeliveryOutcome::Status)
}

async fn exchange(address: SocketAddr, uri: &Uri, post: Delivery) -> Option<u16> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path).header(header::HOST, address.to_string());
    for (name, value) in post.headers {
        request = request.header(name, value);
    }
    let answer = sender.send_request(request.body(Body::from(post.body)).ok()?).await.ok()?;
    let status = answer.status().as_u16();
    let _ = to_bytes(Body::new(answer.into_body()), MAX_ANSWER_BYTES).await;
    Some(status)
}

/// The address of a URL; `None` unless it is on this machine and without TLS. fal does the opposite: it calls no private addresses.
fn address_of(url: &str) -> Option<(SocketAddr, Uri)> {
    let uri: Uri = url.parse().ok()?;
    let here = uri.scheme_str() == Some("http") && matches!(uri.host(), Some("127.0.0.1" | "localhost"));
    here.then(|| (SocketAddr::from((Ipv4Addr::LOCALHOST, uri.port_u16().unwrap_or(80))), uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_posted_to_another_machine_so_a_test_cannot_send_anything_to_the_world() {
        assert_eq!(address_of("http://127.0.0.1:8787/hook?a=b").unwrap().0.port(), 8787);
        for url in
            ["https://127.0.0.1/", "http://app.example/", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", ""]
        {
            assert!(address_of(url).is_none(), "{url}");
        }
        assert!(address_of("http://127.0.0.1@evil.example/").is_none());
    }
}
