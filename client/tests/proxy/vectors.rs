//! The vectors that the proxy of the npm package is held to, in every runtime: the same decision here.

use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::{AnswerBody, FalProxy, Origin, Principal};
use http::{HeaderName, HeaderValue, Request, Response};
use serde_json::Value;

use crate::emulator::KEY;
use crate::upstream::{Upstream, answer};
use crate::{json, listener, read};

#[tokio::test]
async fn every_vector_is_decided_as_in_javascript() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/proxy-vectors.json"));
    let suite: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let vectors = suite["vectors"].as_array().unwrap();
    assert!(vectors.len() > 100, "{}", vectors.len());
    let mut problems = Vec::new();
    for vector in vectors {
        if let Err(problem) = decide(&suite["policy"], vector).await {
            problems.push(format!("{}: {problem}", vector["id"]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn decide(policy: &Value, vector: &Value) -> Result<(), String> {
    let upstream = Upstream::answering(&[&answer("200 OK", "set-cookie: a=b\r\n", "{}")]).await;
    let (leaks, leaked) = listener();
    let proxy = FalProxy::builder(Credentials::key(KEY).unwrap())
        .allowed_endpoints(texts(&policy["allowedEndpoints"]))
        .trusted_origins(texts(&policy["trustedOrigins"]).iter().map(|origin| Origin::parse(origin).unwrap()))
        .authenticate(|_| async { Some(Principal::new("somebody")) })
        .without_ownership()
        .local_server(&upstream.url)
        .on_key_leak(move |leak| leaked(format!("{leak:?}")))
        .build()
        .unwrap();
    let target = vector["target"].as_str().unwrap();
    let mut request = Request::builder()
        .method(vector["method"].as_str().unwrap())
        .uri(policy["url"].as_str().unwrap())
        .header("content-type", "application/json")
        .header("cookie", "session=1")
        .header("x-fal-target-url", HeaderValue::from_bytes(target.as_bytes()).unwrap())
        .body(json("{}"))
        .unwrap();
    let more = vector["headers"].as_object().unwrap();
    for (name, value) in more {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().insert(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
    }
    let expect = vector["expect"].as_str().unwrap();
    let is_leak = expect == "reject"
        && (more.get("x-anything").is_some() || more.values().any(|value| value.to_string().contains("Key ")));
    let response = proxy.handle(request).await;
    if is_leak == leaks.lock().unwrap().is_empty() {
        return Err("the leak was not reported".into());
    }
    judge(expect, vector["method"].as_str().unwrap(), target, response, &upstream).await
}

async fn judge(
    expect: &str,
    method: &str,
    target: &str,
    response: Response<AnswerBody>,
    upstream: &Upstream,
) -> Result<(), String> {
    let seen = upstream.seen();
    let status = response.status().as_u16();
    match expect {
        "preflight" if status == 204 && seen.is_empty() => Ok(()),
        "reject" if seen.is_empty() && status >= 400 => {
            let (_, said) = read(response).await;
            let error = &said["error"];
            let says_why = ["code", "message", "requestId"].iter().all(|name| error[name].is_string());
            if says_why { Ok(()) } else { Err("the refusal does not say why".into()) }
        }
        "forward" | "forward-without-header" => {
            let [request] = seen.as_slice() else { return Err(format!("sent {} requests, {status}", seen.len())) };
            let own = ["accept", "authorization", "content-type", "user-agent", "host", "content-length"];
            let more: Vec<_> = request.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).collect();
            let has = |name: &str, value: &str| response.headers().get(name).is_some_and(|held| held == value);
            for (is_so, problem) in [
                (request.url == target.trim(), format!("sent {}", request.url)),
                (request.method == method, format!("sent a {}", request.method)),
                (more.is_empty(), format!("passed on {more:?}")),
                (request.header("authorization") == Some(&format!("Key {KEY}")), "sent no key".into()),
                (!response.headers().contains_key("set-cookie"), "passed a cookie back".into()),
                (has("cache-control", "private, no-store, no-transform"), "may be cached".into()),
            ] {
                if !is_so {
                    return Err(problem);
                }
            }
            Ok(())
        }
        _ => Err(format!("sent {seen:?}, answered {status}")),
    }
}
