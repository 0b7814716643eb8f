//! An axum server with the proxy, whose visitors sign in with a password.

use std::env;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::routing::get;
use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::limits::{Limits, MemoryLimits, Price, Spending};
use fal_wasm_client::proxy::{FalProxy, Principal};
use tokio::net::TcpListener;

/// Who asks. Your own app looks at its session here.
fn visitor(headers: &HeaderMap, expected: &str) -> Option<Principal> {
    let sent = headers.get(AUTHORIZATION)?.to_str().ok()?;
    (sent == expected).then(|| Principal::new("app"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A dollar a day. What a call may come to is reserved, and what fal bills is charged.
    let spending = Spending::new(1.0).price("fal-ai/flux/**", Price::per_unit(0.03).units(4.0));
    let expected = format!("Bearer {}", env::var("APP_PASSWORD")?);
    let proxy = FalProxy::builder(Credentials::from_env()?)
        .allowed_endpoints(["fal-ai/flux/**"])
        .authenticate(move |request| {
            let visitor = visitor(&request.headers, &expected);
            async move { visitor }
        })
        .limits(Limits::new(MemoryLimits::new()).concurrent(4).spending(spending))
        .build()?;
    let app = Router::new()
        .route("/", get(|| async { "The proxy is at /api/fal/proxy." }))
        .route_service("/api/fal/proxy", proxy);
    let port = env::var("PORT").unwrap_or_else(|_| "3000".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
