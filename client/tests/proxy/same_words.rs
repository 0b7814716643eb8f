//! What pages are told is the same whichever of the two proxies they talk to.

use std::fs::read_to_string;

use fal_wasm_client::proxy::Origin;
use http::Request;
use http_body_util::Empty;

use crate::upstream::{Upstream, answer};
use crate::{builder, call, json, read};

fn source(path: &str) -> String {
    read_to_string([env!("CARGO_MANIFEST_DIR"), "/../", path].concat()).unwrap()
}

/// A sentence, however it is broken into lines in TypeScript.
fn is_said(source: &str, sentence: &str) -> bool {
    let flat: String = source.split_whitespace().collect::<Vec<_>>().join(" ").replace("\" + \"", "");
    flat.contains(&format!("\"{sentence}\""))
}

#[tokio::test]
async fn refusals_have_the_codes_and_sentences_of_the_npm_package() {
    let refusals = source("js/proxy/refusals.ts");
    let upstream = Upstream::answering(&[&answer("200 OK", "", "")]).await;
    let proxy = builder(&upstream.url).build().unwrap();
    let (run, submit) = ("https://fal.run/emulator/echo", "https://queue.fal.run/emulator/echo");
    let status = "https://queue.fal.run/emulator/echo/requests/r-1/status";
    let form = |builder: http::request::Builder| builder.header("content-type", "text/plain");
    for (builder, expected) in [
        (call("DELETE", run), "method_not_allowed"),
        (call("POST", run).header("origin", "https://evil.example"), "cross_origin"),
        (call("POST", run).header("authorization", "Key a:b"), "credentials_in_browser"),
        (call("POST", ""), "target_missing"),
        (call("POST", "https://evil.example"), "target_invalid"),
        (call("POST", "https://queue.fal.run/emulator/echo?fal_webhook=x"), "query_not_allowed"),
        (call("POST", "https://fal.run/fal-ai/veo3"), "endpoint_not_allowed"),
        (form(call("POST", run)), "content_type_not_allowed"),
        (call("GET", status), "request_not_found"),
        (call("GET", submit), "method_not_allowed"),
    ] {
        let (_, said) = read(proxy.handle(builder.body(json("{}")).unwrap()).await).await;
        assert_eq!(said["error"]["code"], expected);
        let message = said["error"]["message"].as_str().unwrap();
        assert!(is_said(&refusals, expected) && is_said(&refusals, message), "{expected}: {message}");
    }
    // The others are not easy to bring about; their sentences stand in the source.
    let ours = source("client/src/proxy/refusals.rs");
    let flat = ours.split("\\\n").map(str::trim_start).collect::<String>();
    let table = flat.split("match refusal").nth(1).unwrap().split("\n}").next().unwrap();
    let texts: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
    assert!(texts.len() > 40, "{}", texts.len());
    for text in texts {
        assert!(is_said(&refusals, text), "{text}");
    }
}

#[tokio::test]
async fn preflights_allow_what_those_of_the_npm_package_allow() {
    let headers = source("js/proxy/headers.ts");
    let proxy = builder("http://127.0.0.1:9")
        .trusted_origins([
            Origin::parse("https://app.example").unwrap(),
            Origin::parse("https://b.example").unwrap().with_cookies(),
        ])
        .allowed_headers(["x-csrf-token"])
        .build()
        .unwrap();
    let ask = |origin: &str| {
        let request = Request::builder().method("OPTIONS").uri("/").header("origin", origin);
        proxy.handle(request.body(Empty::new()).unwrap())
    };
    let response = ask("https://app.example").await;
    let text = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let list = headers.split("const REQUEST_HEADERS = [").nth(1).unwrap().split("];").next().unwrap();
    let mut expected: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    expected.push("x-csrf-token");
    assert_eq!(text("access-control-allow-headers"), expected.join(", "));
    assert_eq!(text("access-control-allow-methods"), "GET, POST, PUT");
    assert!(!response.headers().contains_key("access-control-allow-credentials"));
    let protection = headers.split("const PROTECTION = {").nth(1).unwrap().split("};").next().unwrap();
    let nobody = ask("https://evil.example").await;
    assert!(!nobody.headers().contains_key("access-control-allow-origin"));
    for (name, value) in nobody.headers().iter().filter(|(name, _)| name.as_str() != "allow") {
        assert!(protection.contains(name.as_str()), "{name}");
        assert!(protection.contains(&format!("\"{}\"", value.to_str().unwrap())), "{name}");
    }
    let cookies = ask("https://b.example").await;
    assert_eq!(cookies.headers()["access-control-allow-credentials"], "true");
}
