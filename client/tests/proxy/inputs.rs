//! What browsers may put into inputs: the rules, the sentences and the strictness of the npm package's proxy.

use fal_wasm_client::proxy::{FieldRule, ProxyBuilder, RealtimeTokens};
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::upstream::{Upstream, answer};
use crate::{builder, call, code, json, read};

const RUN: &str = "https://fal.run/emulator/echo";
const SUBMIT: &str = "https://queue.fal.run/emulator/echo";

fn ruled(url: &str) -> ProxyBuilder {
    builder(url).inputs("emulator/echo", [("num_images", FieldRule::new().max(4))])
}

/// The rules of a field, as the npm package has them.
fn rule(given: &Value) -> FieldRule {
    given.as_object().unwrap().iter().fold(FieldRule::new(), |rule, (kind, given)| match kind.as_str() {
        "max" => rule.max(given.as_f64().unwrap()),
        "min" => rule.min(given.as_f64().unwrap()),
        "maxLength" => rule.max_length(given.as_u64().unwrap() as usize),
        "maxItems" => rule.max_items(given.as_u64().unwrap() as usize),
        "oneOf" => rule.one_of(given.as_array().unwrap().clone()),
        "fixed" => rule.fixed(given.clone()),
        "absent" => rule.absent(),
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn every_vector_becomes_what_it_becomes_in_javascript() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/input-vectors.json"));
    let suite: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let policy =
        suite["inputs"].as_object().unwrap().iter().fold(builder(&upstream.url), |policy, (pattern, fields)| {
            let fields = fields.as_object().unwrap();
            policy.inputs(pattern, fields.iter().map(|(field, given)| (field, rule(given))))
        });
    let proxy = policy.build().unwrap();
    let cases = suite["cases"].as_array().unwrap();
    assert!(cases.len() > 60, "{}", cases.len());
    for case in cases {
        let body = case["body"].as_str().unwrap();
        let before = upstream.seen().len();
        let asked = call("POST", RUN).body(json(body)).unwrap();
        let (status, said) = read(proxy.handle(asked).await).await;
        let sent = upstream.seen().get(before).map(|seen| String::from_utf8(seen.body.clone()).unwrap());
        assert_eq!(sent.as_deref(), case["sent"].as_str(), "{body}");
        if sent.is_some() {
            assert_eq!(status, 200, "{body}");
            continue;
        }
        assert_eq!((status, said["error"]["code"].as_str()), (422, Some("input_not_allowed")), "{body}");
        match &case["detail"] {
            Value::Null => assert_eq!(said["detail"][0]["type"], "json_invalid", "{body}"),
            detail => assert_eq!(said["detail"], json!([detail]), "{body}"),
        }
    }
}

#[tokio::test]
async fn every_way_to_an_endpoint_is_held_to_its_rules() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = ruled(&upstream.url).build().unwrap();
    for target in [RUN, SUBMIT, "https://fal.run/emulator/echo/stream", "https://queue.fal.run/emulator/echo/below"] {
        let asked = call("POST", target).body(json(r#"{"num_images":9}"#)).unwrap();
        assert_eq!(code(proxy.handle(asked).await).await, "input_not_allowed", "{target}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn what_is_judged_is_read_to_its_end() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = ruled(&upstream.url).build().unwrap();
    let send = |body: String| proxy.handle(call("POST", RUN).body(json(&body)).unwrap());
    assert_eq!(code(send(format!(r#"{{"a":"{}"}}"#, "a".repeat(1024 * 1024))).await).await, "body_too_large");
    let fields: Vec<_> = (0..1025).map(|n| format!(r#""{n}":1"#)).collect();
    assert_eq!(code(send(format!("{{{}}}", fields.join(","))).await).await, "input_not_allowed");
    let levels = 200_000;
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert_eq!(code(send(deep).await).await, "input_not_allowed");
}

#[tokio::test]
async fn an_object_with_too_many_fields_is_not_taken_at_whatever_depth() {
    let rules = [("options.deep.n", FieldRule::new().max(1))];
    let proxy = builder("http://127.0.0.1:9").inputs("emulator/echo", rules).build().unwrap();
    let fields: Vec<_> = (0..1025).map(|n| format!(r#""{n}":1"#)).collect();
    let many = format!("{{{}}}", fields.join(","));
    for body in [many.clone(), format!(r#"{{"options":{many}}}"#), format!(r#"{{"options":{{"deep":{many}}}}}"#)] {
        let (status, said) = read(proxy.handle(call("POST", RUN).body(json(&body)).unwrap()).await).await;
        let says = "The body has an object with more than 1024 fields";
        assert_eq!(status, 422);
        assert_eq!(said["detail"], json!([{ "loc": ["body"], "msg": says, "type": "json_invalid" }]));
    }
}

#[tokio::test]
async fn tokens_do_not_go_round_the_rules() {
    let emulator = Emulator::start();
    let new =
        |tokens: RealtimeTokens| ruled(&emulator.url).allowed_endpoints(["emulator/echo/**"]).realtime_tokens(tokens);
    let ask = |proxy: ProxyBuilder| async move {
        let body = json!({ "allowed_apps": ["emulator/echo/realtime"] }).to_string();
        let asked = call("POST", "https://rest.fal.ai/tokens/realtime").body(json(&body)).unwrap();
        proxy.build().unwrap().handle(asked).await.status().as_u16()
    };
    assert_eq!(ask(new(RealtimeTokens::new())).await, 403);
    assert_eq!(ask(new(RealtimeTokens::new().unruled())).await, 200);
}

#[test]
fn a_rule_that_would_do_nothing_is_named() {
    let url = "http://127.0.0.1:9";
    let rule = FieldRule::new;
    for (pattern, field, rule, says) in [
        ("fal-ai/flux", "n", rule().max(1), "opens nothing"),
        ("not a pattern", "n", rule().max(1), "a pattern that is none"),
        ("emulator/echo", "n", rule(), "says nothing"),
        ("emulator/echo", "a..b", rule().max(1), "no name of a field"),
        ("emulator/echo", "a.b.c.d.e", rule().max(1), "no name of a field"),
        ("emulator/echo", "a.b", rule().fixed(1), "only for fields at the top"),
        ("emulator/echo", "n", rule().max(f64::NAN), "cannot have"),
        ("emulator/echo", "n", rule().fixed(json!([1])), "cannot have"),
        ("emulator/echo", "n", rule().fixed(u64::MAX - 1), "cannot have"),
        ("emulator/echo", "n", rule().one_of(Vec::<bool>::new()), "cannot have"),
    ] {
        let error = builder(url).inputs(pattern, [(field, rule)]).build().unwrap_err();
        assert!(error.to_string().contains("`inputs`") && error.to_string().contains(says), "{error}");
    }
    let nothing = builder(url).inputs("emulator/echo", Vec::<(String, FieldRule)>::new()).build().unwrap_err();
    assert!(nothing.to_string().contains("no field"), "{nothing}");
    let unruled = builder(url).realtime_tokens(RealtimeTokens::new().unruled()).build().unwrap_err();
    assert!(unruled.to_string().contains("`unruled`"), "{unruled}");
}
