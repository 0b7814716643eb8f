//! Models called directly, and their streams.

use fal_emulator::model::http::{Body, Request};
use fal_emulator::model::settings::QueueSettings;
use serde_json::{Value, json};

use super::{Bench, PUBLIC, data, prompt};

#[test]
fn a_run_answers_when_it_is_done_with_what_the_model_says() {
    let mut bench = Bench::with(QueueSettings::default());
    let input = json!({"prompt": "a cat", "seed": 7, "num_images": 2, "output_format": "png", "image_size": "square"});
    let response = bench.post("https://fal.run/fal-ai/flux/dev", &input);
    assert_eq!((response.status, response.after), (200, 28 * 80));
    assert!(response.header("x-fal-request-id").is_some_and(|id| id.len() == 36));
    let body = response.body_json();
    assert_eq!((&body["seed"], &body["prompt"]), (&json!(7), &json!("a cat")));
    assert_eq!(body["has_nsfw_concepts"], json!([false, false]));
    assert_eq!(body["timings"]["inference"], 2.24);
    let image = &body["images"][1];
    assert_eq!(
        (&image["width"], &image["height"], &image["content_type"]),
        (&json!(512), &json!(512), &json!("image/png"))
    );
    let url = image["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{PUBLIC}/v3.fal.media/files/b/")), "{url}");
    let file = bench.get(url);
    assert_eq!(file.header("content-type"), Some("image/png"));
    assert!(matches!(file.body, Body::Deferred(_)), "drawn outside the model");
    let mut picture = png::Decoder::new(std::io::Cursor::new(file.body_bytes())).read_info().unwrap();
    assert_eq!(picture.info().size(), (512, 512));
    let mut pixels = vec![0; picture.output_buffer_size().unwrap()];
    picture.next_frame(&mut pixels).unwrap();
    picture.finish().unwrap();
}

#[test]
fn sync_mode_brings_the_picture_inline() {
    let input = json!({"prompt": "a cat", "sync_mode": true, "image_size": {"width": 64, "height": 64}});
    let body = Bench::new().post("https://fal.run/fal-ai/flux/schnell", &input).body_json();
    let url = body["images"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/jpeg;base64,/9j/"), "{}", &url[..40]);
}

#[test]
fn mistakes_in_the_input_are_named_one_by_one() {
    let input = json!({"num_images": 9, "image_size": {"width": 9_999, "height": 512}, "output_format": "gif"});
    let response = Bench::new().post("https://fal.run/fal-ai/flux/dev", &input);
    assert_eq!((response.status, response.header("x-fal-billable-units")), (422, Some("0")));
    let body = response.body_json();
    let found: Vec<&Value> = body["detail"].as_array().unwrap().iter().map(|error| &error["loc"]).collect();
    assert_eq!(
        found,
        [
            &json!(["body", "prompt"]),
            &json!(["body", "image_size", "width"]),
            &json!(["body", "num_images"]),
            &json!(["body", "output_format"]),
        ]
    );
    let no_json = Request::new("POST", "https://fal.run/fal-ai/flux/dev").with_body("application/json", b"{".to_vec());
    assert_eq!(Bench::new().handle(no_json).status, 422);
}

#[test]
fn image_to_image_takes_what_this_cdn_has_and_fetches_nothing_else() {
    let mut bench = Bench::new();
    let drawn =
        bench.post("https://fal.run/fal-ai/flux/schnell", &json!({"prompt": "the sea", "image_size": "square"}));
    let drawn = drawn.body_json()["images"][0]["url"].as_str().unwrap().to_owned();
    let url = "https://fal.run/fal-ai/flux/dev/image-to-image";
    let again = bench.post(url, &json!({"prompt": "at night", "image_url": drawn}));
    assert_eq!((again.status, &again.body_json()["images"][0]["width"]), (200, &json!(512)));
    for (image_url, kind) in [
        ("https://example.com/cat.png", "file_download_error"),
        ("file:///etc/passwd", "file_download_error"),
        ("data:text/plain;base64,aGVsbG8=", "image_load_error"),
    ] {
        let refused = bench.post(url, &json!({"prompt": "at night", "image_url": image_url}));
        assert_eq!((refused.status, &refused.body_json()["detail"][0]["type"]), (422, &json!(kind)), "{image_url}");
    }
}

#[test]
fn a_stream_of_text_grows_and_its_last_event_says_so() {
    let mut bench = Bench::new();
    let response = bench.post("https://fal.run/fal-ai/any-llm/stream", &prompt("Why?"));
    let events: Vec<Value> = bench.listen(response).iter().map(|(_, event)| data(event)).collect();
    assert!(events.len() > 10);
    for pair in events.windows(2) {
        assert!(pair[1]["output"].as_str().unwrap().starts_with(pair[0]["output"].as_str().unwrap()));
        assert_eq!(pair[0]["partial"], true);
    }
    let last = events.last().unwrap();
    assert_eq!(last["partial"], false);
    let whole = bench.post("https://fal.run/fal-ai/any-llm", &prompt("Why?")).body_json();
    assert_eq!(whole["output"], last["output"], "a run says the same");
    let none = bench.post("https://fal.run/emulator/echo/stream", &prompt("Why?"));
    assert_eq!((none.status, none.body_json()), (404, json!({"detail": "Path /stream not found"})));
}

#[test]
fn a_run_that_may_not_wait_times_out_when_it_would_have_to() {
    let mut bench = Bench::with(QueueSettings { ahead: 5, step_ms: 1_000, ..QueueSettings::default() });
    let request = || Request::new("POST", "https://fal.run/emulator/echo").with_json(&json!({}));
    let late = bench.handle(request().with_header("X-Fal-Request-Start-Timeout", "2"));
    assert_eq!((late.status, late.after), (504, 2_000));
    assert_eq!(late.header("x-fal-request-timeout-type"), Some("user"));
    assert_eq!(late.body_json()["error_type"], "request_timeout");
    assert_eq!(bench.handle(request().with_header("X-Fal-Request-Start-Timeout", "6")).status, 200);
}

#[test]
fn every_documented_request_error_can_be_had() {
    let mut bench = Bench::new();
    for (error_type, status, needs_retry) in [
        ("request_timeout", 504, Some("1")),
        ("runner_scheduling_failure", 503, Some("1")),
        ("runner_incomplete_response", 502, Some("1")),
        ("internal_error", 500, Some("1")),
        ("client_disconnected", 499, None),
        ("bad_request", 400, None),
    ] {
        let response = bench.post("https://fal.run/emulator/fails", &json!({"error_type": error_type}));
        assert_eq!(response.status, status, "{error_type}");
        assert_eq!(response.header("x-fal-error-type"), Some(error_type));
        assert_eq!(response.header("x-fal-needs-retry"), needs_retry, "{error_type}");
    }
    let own = bench.post("https://fal.run/emulator/fails", &json!({"error_type": "internal_server_error"}));
    assert_eq!((own.status, own.header("x-fal-retryable")), (500, Some("true")));
}

#[test]
fn the_runner_hint_comes_back_and_a_malformed_lifecycle_is_refused() {
    let mut bench = Bench::new();
    let request = || Request::new("POST", "https://fal.run/emulator/echo").with_json(&json!({"a": 1}));
    let hinted = bench.handle(request().with_header("X-Fal-Runner-Hint", "warm").with_header("X-Fal-Store-IO", "0"));
    assert_eq!(hinted.header("x-fal-runner-hints"), Some("warm"));
    assert_eq!(hinted.body_json(), json!({"input": {"a": 1}, "fal_headers": ["x-fal-runner-hint", "x-fal-store-io"]}));
    let bad = bench.handle(request().with_header("X-Fal-Object-Lifecycle-Preference", "{"));
    assert_eq!((bad.status, &bad.body_json()["detail"][0]["loc"][0]), (422, &json!("header")));
}

#[test]
fn bytes_arrive_as_they_are() {
    let response = Bench::new().post("https://fal.run/emulator/bytes", &json!({"size": 1_000}));
    assert_eq!(response.header("content-type"), Some("application/octet-stream"));
    let body = response.body_bytes();
    assert!(body.len() == 1_000 && body.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i % 251));
}
