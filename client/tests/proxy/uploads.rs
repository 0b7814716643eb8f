//! Which files browsers may upload, and how long they live: what the app says, whatever a browser says.

use std::time::Duration;

use fal_wasm_client::Lifecycle;
use fal_wasm_client::proxy::UploadRules;
use serde_json::json;

use crate::upstream::{Upstream, answer};
use crate::{builder, call, code, json as body, read};

const INITIATE: &str = "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3";
const MULTIPART: &str = "https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3";
const LIFECYCLE: &str = "x-fal-object-lifecycle-preference";

#[tokio::test]
async fn files_of_the_types_that_the_app_names_are_uploaded_and_no_others() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let rules = UploadRules::new().types(["image/*", "text/plain"]);
    let proxy = builder(&upstream.url).upload_rules(rules).build().unwrap();
    let send =
        |target, text: &str| proxy.handle(call("POST", target).header(LIFECYCLE, "{}").body(body(text)).unwrap());
    for target in [INITIATE, MULTIPART] {
        for text in [
            "{}",
            "[]",
            "null",
            "no",
            r#"{"content_type":5}"#,
            r#"{"content_type":["image/png"]}"#,
            r#"{"content_type":"image"}"#,
            r#"{"content_type":"image/*"}"#,
            r#"{"content_type":"text/html"}"#,
            r#"{"content_type":"image/png","content_type":"text/html"}"#,
            r#"{"content_type":"image/png","file_name":5}"#,
        ] {
            let (status, said) = read(send(target, text).await).await;
            assert_eq!((status, said["error"]["code"].as_str()), (422, Some("input_not_allowed")), "{text}");
        }
        let long = format!(r#"{{"content_type":"image/png","file_name":"{}"}}"#, "a".repeat(16 * 1024));
        assert_eq!(code(send(target, &long).await).await, "body_too_large");
    }
    assert!(upstream.seen().is_empty());
    let (_, said) = read(send(INITIATE, r#"{"content_type":"text/html"}"#).await).await;
    let says = "Only files of these types may be uploaded: image/*, text/plain";
    assert_eq!(said["detail"], json!([{"loc": ["body", "content_type"], "msg": says, "type": "literal_error"}]));
    for (given, sent) in [
        (r#"{"content_type":"image/png"}"#, r#"{"content_type":"image/png"}"#),
        (
            r#"{"more":1,"file_name":"a","content_type":"text/plain;charset=utf-8"}"#,
            r#"{"content_type":"text/plain;charset=utf-8","file_name":"a"}"#,
        ),
    ] {
        assert_eq!(send(MULTIPART, given).await.status(), 200);
        let seen = upstream.seen();
        assert_eq!(
            String::from_utf8(seen.last().unwrap().body.clone()).unwrap(),
            sent,
            "what was judged is what is read"
        );
    }
}

#[tokio::test]
async fn files_live_as_long_as_the_app_says() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let rules = UploadRules::new().lifecycle(Lifecycle::expires_in(Duration::from_secs(60)));
    let proxy = builder(&upstream.url).forward_headers([LIFECYCLE]).upload_rules(rules).build().unwrap();
    let asked = call("POST", INITIATE).header(LIFECYCLE, r#"{"expiration_duration_seconds":9}"#);
    assert_eq!(proxy.handle(asked.body(body(r#"{"content_type":"a/b","more":1}"#)).unwrap()).await.status(), 200);
    let seen = upstream.seen().remove(0);
    for name in ["x-fal-object-lifecycle", LIFECYCLE] {
        let values: Vec<_> = seen.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).collect();
        assert_eq!(values.len(), 1, "{name}");
        assert_eq!(values[0].1, r#"{"expiration_duration_seconds":60}"#);
    }
    assert_eq!(seen.body, br#"{"content_type":"a/b","more":1}"#, "without types nothing is judged");
}

#[test]
fn rules_that_would_do_nothing_are_named() {
    let new = UploadRules::new;
    for (rules, says) in [
        (new(), "say nothing"),
        (new().types(Vec::<String>::new()), "say nothing"),
        (new().lifecycle(Lifecycle::default()), "say nothing"),
        (new().types(["IMAGE/*"]), "neither a media type"),
        (new().lifecycle(Lifecycle::expires_in(Duration::ZERO)), "a second or more"),
    ] {
        let error = builder("http://127.0.0.1:9").upload_rules(rules).build().unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let closed =
        builder("http://127.0.0.1:9").uploads(false).upload_rules(new().types(["image/*"])).build().unwrap_err();
    assert!(closed.to_string().contains("do nothing"), "{closed}");
}
