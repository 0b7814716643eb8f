//! What a server written in Rust does with the crate: decides about a call from a browser, checks a webhook, builds the URL
//! of a Platform API, and drives an operation in a task of its own. What fails is passed on with `?`.

use std::error::Error;

use fal_wasm::client::{Call, CallOptions, Effect, Effects, Event, FailureKind, Machine, Output, Request, Spelling};
use fal_wasm::credentials::{EndpointPatterns, ProxyUrl, check_key};
use fal_wasm::platform::{Operation, Target};
use fal_wasm::protocol::{EndpointId, Fields, Head, Method, RequestId, Route, SseParser};
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

    assert_eq!(endpoint("fal-ai/flux/dev")?.app().as_str(), "fal-ai/flux");
    assert_eq!(said(endpoint("flux")), "The endpoint id has too few parts");
    assert_eq!(request_id("r-1")?.as_str(), "r-1");
    assert!(said(request_id("../x")).starts_with("The request id is not one"));
    assert_eq!(route(url)?.url(), url);
    assert_eq!(said(route("https://example.com/")), "The URL is not at one of fal's hosts, spelled as fal spells it");
    assert_eq!(events(b"data: a\n\ndata: b\n\n")?, 2);
    assert!(said(events(&[b'x'; 33 << 20])).contains("32 MiB"));

    // A machine moves to the task that drives it.
    let machine = || Machine::new(Call::new(Request::Run), CallOptions::default(), 1);
    let (called, output) = tokio::spawn(drive(machine(), 200)).await??;
    assert_eq!((called.as_str(), output), (url, Output::Result));
    assert_eq!(said(tokio::spawn(drive(machine(), 401)).await?), "The answer is an error (status 401)");
    assert_eq!(said(kind(Err(FailureKind::TimedOut))), "The time for the operation is over");
    Ok(())
}

fn endpoint(text: &str) -> Result<EndpointId, AnyError> {
    Ok(EndpointId::parse(text)?)
}

fn request_id(text: &str) -> Result<RequestId, AnyError> {
    Ok(RequestId::parse(text)?)
}

fn route(url: &str) -> Result<Route, AnyError> {
    Ok(Route::parse(Method::Post, url)?)
}

/// How many events the bytes of a stream have.
fn events(bytes: &[u8]) -> Result<u32, AnyError> {
    let (mut parser, mut count) = (SseParser::default(), 0);
    parser.feed(bytes, |_| count += 1)?;
    Ok(count)
}

fn kind(result: Result<(), FailureKind>) -> Result<(), AnyError> {
    Ok(result?)
}

/// Drives a run against a network that gives every request this status. Returns the URL that was called last, and what
/// the run ended with.
async fn drive(mut machine: Machine, status: u16) -> Result<(String, Output), AnyError> {
    let (endpoint, mut url, mut effects) = (endpoint("fal-ai/flux/dev")?, String::new(), Effects::default());
    let spelling = Spelling { endpoint: endpoint.as_str(), ..Spelling::default() };
    let mut event = Event::Started;
    for now in 0.. {
        machine.handle(now, event, &mut effects);
        tokio::task::yield_now().await;
        for effect in effects.iter() {
            event = match effect {
                Effect::Send { token, request, to_backup } => {
                    url.clear();
                    spelling.write(request, to_backup, &mut url);
                    Event::Answered { token, head: Head::read(status, 0, |_| None) }
                }
                Effect::Read { token, body, .. } => {
                    Event::Read { token, body: body.read(Fields::default()).ok_or(FailureKind::AnswerInvalid)? }
                }
                Effect::Done(output) => return Ok((url, output)),
                Effect::Failed(failure) => return Err(failure.into()),
                other => return Err(format!("a run does not ask for {other:?}").into()),
            };
        }
    }
    Err("it never ended".into())
}

fn main() -> Result<(), AnyError> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(serve())
}
