//! What browsers may put into inputs: the rules, the sentences and the strictness of the npm package's proxy.

use fal_wasm_client::proxy::{FalProxy, FieldRule, ProxyBuilder, RealtimeTokens};
use serde_json::json;

use crate::emulator::Emulator;
use crate::upstream::{Upstream, answer};
use crate::{builder, call, code, json, read};

const RUN: &str = "https://fal.run/emulator/echo";
const SUBMIT: &str = "https://queue.fal.run/emulator/echo";

fn ruled(url: &str) -> ProxyBuilder {
    builder(url)
        .inputs(
            "emulator/*",
            [("num_images", FieldRule::new().max(4).min(1)), ("prompt", FieldRule::new().max_length(10))],
        )
        .inputs(
            "emulator/echo",
            [
                ("enable_safety_checker", FieldRule::new().fixed(true)),
                ("image_size", FieldRule::new().one_of(["square", "square_hd"])),
                ("loras", FieldRule::new().absent()),
                ("options.deep.list", FieldRule::new().max_items(2)),
            ],
        )
}

/// Sends an input; what was answered, and what fal got.
async fn send(proxy: &FalProxy, upstream: &Upstream, target: &str, body: &str) -> (u16, String) {
    let before = upstream.seen().len();
    let status = proxy.handle(call("POST", target).body(json(body)).unwrap()).await.status().as_u16();
    let sent = upstream.seen().get(before).map(|seen| seen.body.clone()).unwrap_or_default();
    (status, String::from_utf8(sent).unwrap())
}

#[tokio::test]
async fn an_input_that_the_app_does_not_allow_is_refused_as_fal_refuses_inputs() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = ruled(&upstream.url).build().unwrap();
    let deep = |value: &str| format!(r#"{{"options":{value}}}"#);
    for (body, place, says, name) in [
        (
            r#"{"num_images":9}"#,
            json!(["body", "num_images"]),
            "Input should be a number less than or equal to 4",
            "less_than_equal",
        ),
        (
            r#"{"num_images":1,"num_images":9}"#,
            json!(["body", "num_images"]),
            "Input should be a number less than or equal to 4",
            "less_than_equal",
        ),
        (
            r#"{"num\u005fimages":0}"#,
            json!(["body", "num_images"]),
            "Input should be a number greater than or equal to 1",
            "greater_than_equal",
        ),
        (
            r#"{"num_images":"2"}"#,
            json!(["body", "num_images"]),
            "Input should be a number less than or equal to 4",
            "less_than_equal",
        ),
        (
            r#"{"prompt":"eleven char"}"#,
            json!(["body", "prompt"]),
            "Input should be a text of at most 10 characters",
            "string_too_long",
        ),
        (r#"{"loras":[]}"#, json!(["body", "loras"]), "The field is not allowed", "extra_forbidden"),
        (
            r#"{"image_size":"big"}"#,
            json!(["body", "image_size"]),
            "Input should be one of \"square\", \"square_hd\"",
            "literal_error",
        ),
        (
            r#"{"enable_safety_checker":false}"#,
            json!(["body", "enable_safety_checker"]),
            "Input should be true",
            "literal_error",
        ),
        (
            &deep(r#"{"deep":{"list":[1,2,3]}}"#),
            json!(["body", "options", "deep", "list"]),
            "Input should be a list of at most 2 items",
            "too_long",
        ),
        (&deep("[]"), json!(["body", "options"]), "Input should be an object", "dict_type"),
        ("[]", json!(["body"]), "The body is not one JSON object in UTF-8", "json_invalid"),
    ] {
        for target in [RUN, SUBMIT] {
            let (status, said) = read(proxy.handle(call("POST", target).body(json(body)).unwrap()).await).await;
            assert_eq!((status, said["error"]["code"].as_str()), (422, Some("input_not_allowed")), "{body}");
            assert_eq!(said["detail"], json!([{ "loc": place, "msg": says, "type": name }]), "{body}");
        }
    }
    assert!(upstream.seen().is_empty());
    let streamed = call("POST", "https://fal.run/emulator/echo/stream").body(json(r#"{"num_images":9}"#)).unwrap();
    assert_eq!(code(proxy.handle(streamed).await).await, "input_not_allowed", "every way to it is held to its rules");
}

#[tokio::test]
async fn an_input_within_the_rules_arrives_as_what_was_judged() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = ruled(&upstream.url).build().unwrap();
    for (body, sent) in [
        (
            r#"{ "seed": 7, "num_images": 9, "prompt": "sea", "num\u005fimages": 4 }"#,
            r#"{"enable_safety_checker":true,"seed":7,"num_images":4,"prompt":"sea"}"#,
        ),
        (
            r#"{"options":{"deep":{"list":[1,2,3],"list":[ 1 ]},"a":1.0},"prompt":"日日日日日日日日日🎨"}"#,
            r#"{"enable_safety_checker":true,"options":{"deep":{"list":[ 1 ]},"a":1.0},"prompt":"日日日日日日日日日🎨"}"#,
        ),
        (r#"{"enable_safety_checker":true,"num_images":4.0}"#, r#"{"enable_safety_checker":true,"num_images":4.0}"#),
        ("\u{feff}{}", r#"{"enable_safety_checker":true}"#),
    ] {
        assert_eq!(send(&proxy, &upstream, RUN, body).await, (200, sent.into()));
    }
    for number in ["12345678901234567890", "1.0", "-0", "0.10", "1E5", "1e-400", "-12345678901234567890.5"] {
        let body = format!(r#""seed":{number},"deep":[{{"n":{number}}}]}}"#);
        let sent = format!(r#"{{"enable_safety_checker":true,{body}"#);
        assert_eq!(send(&proxy, &upstream, RUN, &format!("{{{body}")).await, (200, sent), "{number}");
    }
}

#[tokio::test]
async fn what_another_reader_could_understand_differently_is_refused() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let proxy = ruled(&upstream.url).build().unwrap();
    let deep = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let fields: Vec<_> = (0..1025).map(|n| format!(r#""{n}":1"#)).collect();
    let numbers = ["1e400", "-1e400", "01", "1.", ".5", "+1", "NaN", "Infinity", "0x1", "1_0"];
    let mut bodies: Vec<String> = numbers.iter().map(|number| format!(r#"{{"seed":{number}}}"#)).collect();
    bodies.extend([deep(64), deep(400_000), format!("{{{}}}", fields.join(","))]);
    bodies.extend(["", "{\"a\":1,}", "{'a':1}", "{\"a\":\"", "{} {}", "{\"a\":\"\u{1}\"}", "{1:2}"].map(String::from));
    for body in bodies {
        assert_eq!(send(&proxy, &upstream, RUN, &body).await.0, 422, "{}", body.get(..40).unwrap_or(&body));
    }
    assert_eq!(send(&proxy, &upstream, RUN, &deep(63)).await.0, 200);
    let large = format!(r#"{{"a":"{}"}}"#, "a".repeat(1024 * 1024));
    let refused = proxy.handle(call("POST", RUN).body(json(&large)).unwrap()).await;
    assert_eq!(code(refused).await, "body_too_large", "what is judged is read to its end");
    let exact = builder(&upstream.url).inputs(
        "emulator/echo",
        [("n", FieldRule::new().max(9_007_199_254_740_992.0)), ("k", FieldRule::new().one_of([100]))],
    );
    let exact = exact.build().unwrap();
    for n in ["9007199254740993", "12345678901234567890", "9007199254740992.1", "\"1\""] {
        assert_eq!(send(&exact, &upstream, RUN, &format!(r#"{{"n":{n}}}"#)).await.0, 422, "{n}");
    }
    for k in ["100", "100.0", "1e2", "1000e-1"] {
        assert_eq!(send(&exact, &upstream, RUN, &format!(r#"{{"k":{k}}}"#)).await.0, 200, "{k}");
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
