//! Uploads, files, and who may do what on the CDN.

use fal_emulator::model::http::Request;
use serde_json::{Value, json};

use super::{Bench, PUBLIC};

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

#[test]
fn a_presigned_upload_needs_no_key_works_once_and_is_served_as_it_was() {
    let mut bench = Bench::new();
    let url = "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3";
    let begun = bench.post(url, &json!({"content_type": "text/plain", "file_name": "a b.txt"})).body_json();
    let (upload_url, file_url) = (text(&begun, "upload_url"), text(&begun, "file_url"));
    assert!(
        file_url.starts_with(&format!("{PUBLIC}/v3.fal.media/files/")) && file_url.ends_with("_a_b.txt"),
        "{file_url}"
    );
    assert_eq!(bench.speaking_as("").get(&file_url).status, 404, "nothing there yet");
    let put = |url: &str, body: &str| Request::new("PUT", url).with_body("text/plain", body.into());
    let guessed = upload_url.replace("signature=", "signature=0");
    assert_eq!(bench.handle(put(&guessed, "evil")).status, 403);
    assert_eq!(bench.handle(put(&upload_url, "hello")).status, 200);
    assert_eq!(bench.handle(put(&upload_url, "again")).status, 404);
    let file = bench.get(&file_url);
    assert_eq!((file.header("content-type"), &*file.body_bytes()), (Some("text/plain"), b"hello".as_slice()));
    assert_eq!(bench.get(&file_url.replace("v3.fal.media", "v3b.fal.media")).status, 200, "the CDN's other name");
    let report = bench.fal.report(bench.now);
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!((report.files[0].size, report.files[0].sha256.as_deref()), (Some(5), Some(sha256)));
}

#[test]
fn an_upload_in_parts_tells_each_etag_twice_because_clients_differ_where_they_look() {
    let mut bench = Bench::new();
    let url = "https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3";
    let begun = bench.post(url, &json!({"content_type": "text/plain", "file_name": "a.txt"})).body_json();
    let upload_url = text(&begun, "upload_url");
    let (path, query) = upload_url.split_once('?').unwrap();
    bench.speaking_as("");
    let mut parts = Vec::new();
    for (number, body) in [(2, "world"), (1, "hello ")] {
        let request = Request::new("PUT", &format!("{path}/{number}?{query}")).with_body("", body.into());
        let response = bench.handle(request);
        let answer = response.body_json();
        assert_eq!((&answer["partNumber"], response.header("etag")), (&json!(number), answer["etag"].as_str()));
        parts.push(answer);
    }
    let without = bench.post(&format!("{path}/complete"), &json!({ "parts": parts }));
    assert_eq!(without.status, 403, "the signature belongs to every step");
    assert_eq!(bench.post(&format!("{path}/complete?{query}"), &json!({ "parts": parts })).status, 200);
    assert_eq!(&*bench.get(&text(&begun, "file_url")).body_bytes(), b"hello world");
}

/// Begins an upload in parts. Returns what comes before and after the number of a part, and the file's URL.
fn begin_parts(bench: &mut Bench) -> (String, String, String) {
    let request = Request::new("POST", "https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3")
        .with_header("X-Fal-Object-Lifecycle", r#"{"expiration_duration_seconds":60}"#)
        .with_json(&json!({"content_type": "text/plain", "file_name": "a.txt"}));
    let begun = bench.handle(request).body_json();
    let upload_url = text(&begun, "upload_url");
    let (path, query) = upload_url.split_once('?').unwrap();
    (format!("{path}/"), format!("?{query}"), text(&begun, "file_url"))
}

#[test]
fn the_report_of_an_upload_tells_how_it_came_and_whether_a_key_came_along() {
    let mut bench = Bench::new();
    let (before, after, file_url) = begin_parts(&mut bench);
    bench.speaking_as("");
    let part =
        |number: u32| Request::new("PUT", &format!("{before}{number}{after}")).with_body("", vec![number as u8; 3]);
    let requests = [part(1), part(2), part(2).with_header("authorization", "Key ann:1"), part(3)];
    for together in requests[..3].chunks(2) {
        together.iter().for_each(|request| bench.fal.request_started(request));
        together.iter().for_each(|request| assert_eq!(bench.handle(request.clone()).status, 200));
        together.iter().for_each(|request| bench.fal.request_ended(request));
    }
    let report = bench.fal.report(bench.now).uploads.remove(0);
    assert_eq!((report.most_at_once, report.authorization, report.completed), (2, true, false));
    assert_eq!(report.lifecycle["x-fal-object-lifecycle"], r#"{"expiration_duration_seconds":60}"#);
    let parts: Vec<(u32, usize, u32)> =
        report.parts.unwrap().iter().map(|part| (part.number, part.size, part.times)).collect();
    assert_eq!((parts, report.file_url), (vec![(1, 3, 1), (2, 3, 2)], file_url));
}

#[test]
fn a_file_too_large_to_keep_is_counted_and_hashed() {
    let mut bench = Bench::new();
    bench.change_settings(|live| live.storage.hash_only = true);
    let (before, after, file_url) = begin_parts(&mut bench);
    bench.speaking_as("");
    let mut parts = Vec::new();
    for (number, body) in [(2, "lo"), (1, "hel")] {
        let request = Request::new("PUT", &format!("{before}{number}{after}")).with_body("", body.into());
        parts.push(bench.handle(request).body_json());
    }
    assert_eq!(bench.post(&format!("{before}complete{after}"), &json!({ "parts": parts })).status, 200);
    let file = bench.fal.report(bench.now).files.remove(0);
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!((file.size, file.sha256.as_deref()), (Some(5), Some(sha256)));
    assert_eq!(bench.get(&file_url).status, 410, "its bytes are gone");
}

#[test]
fn the_cdns_own_uploads_want_its_own_token() {
    let mut bench = Bench::new();
    let token = bench.post("https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3", &json!({})).body_json();
    assert_eq!(text(&token, "base_url"), format!("{PUBLIC}/v3.fal.media"));
    assert!(text(&token, "expires_at").ends_with("+00:00"));
    let bearer: &'static str = format!("{} {}", text(&token, "token_type"), text(&token, "token")).leak();
    let direct = || {
        let request = Request::new("POST", "https://v3.fal.media/files/upload").with_header("X-Fal-File-Name", "b.txt");
        request.with_body("text/plain", b"direct".to_vec())
    };
    assert_eq!(bench.handle(direct()).status, 401, "a key is no CDN token");
    let access_url = text(&bench.speaking_as(bearer).handle(direct()).body_json(), "access_url");
    assert_eq!(&*bench.get(&access_url).body_bytes(), b"direct");

    let begun = bench.post("https://v3.fal.media/files/upload/multipart", &json!({})).body_json();
    let (access_url, id) = (text(&begun, "access_url"), text(&begun, "uploadId"));
    let part = Request::new("PUT", &format!("{access_url}/multipart/{id}/1")).with_body("text/plain", b"part".to_vec());
    let etag = bench.handle(part).header("etag").unwrap().to_owned();
    let complete = json!({"parts": [{"partNumber": 1, "etag": etag}]});
    let elsewhere = format!("{PUBLIC}/v3.fal.media/files/b/0/other/multipart/{id}/complete");
    assert_eq!(bench.post(&elsewhere, &complete).status, 404, "an upload belongs to its file");
    assert_eq!(bench.post(&format!("{access_url}/multipart/{id}/complete"), &complete).status, 200);
    assert_eq!(&*bench.get(&access_url).body_bytes(), b"part");

    assert_eq!(bench.wait(86_400_000).handle(direct()).status, 401, "a day later");
    assert_eq!(bench.post("https://fal.run/emulator/echo", &json!({})).status, 401, "a CDN token runs nothing");
}

#[test]
fn a_page_may_talk_to_every_host() {
    let mut bench = Bench::new();
    for url in
        ["https://v3.fal.media/files/upload", "https://rest.fal.ai/tokens/", "https://queue.fal.run/emulator/echo"]
    {
        let preflight = Request::new("OPTIONS", url)
            .with_header("origin", "http://page.example")
            .with_header("access-control-request-method", "PUT")
            .with_header("access-control-request-headers", "content-type,x-fal-file-name");
        let answer = bench.speaking_as("").handle(preflight);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")));
        assert_eq!(answer.header("access-control-allow-headers"), Some("content-type,x-fal-file-name"));
        assert!(answer.header("access-control-allow-methods").unwrap().contains("PUT"));
    }
    let refused = bench.get("https://fal.run/emulator/echo");
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, Some("*")),
        "errors can be read too"
    );
}

#[test]
fn a_storage_call_that_means_nothing_is_refused() {
    let mut bench = Bench::new();
    assert_eq!(bench.post("https://rest.fal.ai/storage/upload/initiate?storage_type=s3", &json!({})).status, 422);
    assert_eq!(bench.post("https://rest.fal.ai/storage/upload/initiate?storage_type=gcs", &json!({})).status, 200);
    assert_eq!(bench.get("https://rest.fal.ai/storage/upload/initiate").status, 405);
    assert_eq!(bench.post("https://rest.fal.ai/storage/none", &json!({})).status, 404);
    assert_eq!(bench.get("https://v3.fal.media/files/none").status, 404);
    let lifecycle = Request::new("POST", "https://rest.fal.ai/storage/upload/initiate")
        .with_header("X-Fal-Object-Lifecycle", "forever")
        .with_json(&json!({}));
    assert_eq!(bench.handle(lifecycle).status, 422);
}
