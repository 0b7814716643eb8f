//! What a server written in Rust does with the crate: decides about a call from a browser, checks a webhook, builds the URL
//! of a Platform API, and hands values to other tasks. What fails is passed on with `?`.

use std::error::Error;

use fal_wasm::credentials::{EndpointPatterns, ProxyUrl, check_key};
use fal_wasm::platform::{Operation, Target};
use fal_wasm::protocol::Method;
use fal_wasm::proxy::{Decision, IncomingCall, Origin, Policy};
use fal_wasm::webhook::{Delivery, Headers};

/// An error that a caller can keep, move to another task, and print.
type AnyError = Box<dyn Error + Send + Sync>;

fn policy() -> Result<Policy, AnyError> {
    let endpoints = EndpointPatterns::parse(["fal-ai/flux/**".to_string()])?;
    let origin = Origin::parse("https://app.example")?;
    Ok(Policy::new(endpoints).with_trusted_origins([origin]).with_uploads(true))
}

/// The URL that a call from the app's page goes on to.
fn proxied(policy: &Policy, target: &str) -> Result<String, AnyError> {
    let mut call = IncomingCall::new("POST", "https://app.example/api/fal/proxy");
    call.origin = Some("https://app.example");
    call.content_type = Some("application/json");
    match policy.admit(&call) {
        Decision::Proceed => Ok(policy.route("POST", Some(target))?.url()),
        Decision::Preflight => Err("a POST is not a preflight".into()),
        Decision::Refuse(refusal) => Err(refusal.into()),
    }
}

fn key(text: &str) -> Result<(), AnyError> {
    Ok(check_key(text.encode_utf16())?)
}

fn proxy_url(text: &str) -> Result<ProxyUrl, AnyError> {
    Ok(ProxyUrl::parse(text)?)
}

fn app_queue(owner: Option<&str>) -> Result<Target, AnyError> {
    let path = "/serverless/apps/{owner}/{name}/queue";
    let operation = Operation::find(Method::Get, path).ok_or("there is no such operation")?;
    let value = |name: &str| if name == "owner" { owner.map(String::from) } else { Some("flux".to_string()) };
    Ok(Target::of(&operation, value)?)
}

fn webhook(headers: &Headers<'_>) -> Result<Delivery, AnyError> {
    Ok(Delivery::read(headers, 1_763_650_000_000)?)
}

/// What an error says, when there is one.
fn said<T>(result: Result<T, AnyError>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

async fn serve() -> Result<(), AnyError> {
    let policy = policy()?;
    let url = "https://fal.run/fal-ai/flux/dev";
    let task = tokio::spawn(async move { (proxied(&policy, url), proxied(&policy, "https://fal.run/fal-ai/veo3")) });
    let (allowed, refused) = task.await?;
    assert_eq!(allowed?, url);
    assert_eq!(said(refused), "the policy does not allow this endpoint");

    key("id:secret")?;
    assert_eq!(said(key("id:")), "nothing stands after the colon of the key");
    assert_eq!(proxy_url("/api/fal/proxy")?.as_str(), "/api/fal/proxy");
    assert_eq!(said(proxy_url("https://fal.run/x")), "the proxy URL is one of fal's own hosts, which need a key");

    assert!(app_queue(Some("me"))?.as_str().ends_with("/serverless/apps/me/flux/queue"));
    let missing = "the path parameter `owner` is missing or cannot be part of a path";
    assert_eq!(said(app_queue(None)), missing);
    assert_eq!(said(webhook(&Headers::default())), "one of the four webhook headers is missing");

    #[cfg(feature = "machine")]
    machine().await?;
    Ok(())
}

/// A machine moves to the task that drives it.
#[cfg(feature = "machine")]
async fn machine() -> Result<(), AnyError> {
    use fal_wasm::client::{Call, Event, Machine, Request, RetryPolicy};
    use fal_wasm::protocol::EndpointId;

    let request = Request::run(EndpointId::parse("fal-ai/flux/dev")?, Method::Post);
    let mut machine = Machine::new(Call::new(request, RetryPolicy::default(), None), 1);
    let effects = tokio::spawn(async move { machine.handle(0, Event::Started) }).await?;
    assert!(!effects.is_empty(), "a run begins with a request");
    Ok(())
}

fn main() -> Result<(), AnyError> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(serve())
}
