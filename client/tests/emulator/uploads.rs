//! Files, by themselves and in inputs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fal_wasm_client::{File, Lifecycle, RetryPolicy};
use serde_json::{Value, json};

use crate::emulator::Emulator;

#[tokio::test]
async fn a_file_is_stored_and_read_at_its_url() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::clone(&told);
    let upload = fal.upload(b"hello".to_vec(), "text/plain", "a\n.txt");
    let upload = upload.progress(move |sent| progress.lock().unwrap().push((sent.loaded, sent.total)));
    let url = upload.lifecycle(&Lifecycle::expires_in(Duration::from_secs(60))).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [(5, 5)]);
    let text = reqwest::get(&url).await.unwrap().text().await.unwrap();
    assert_eq!(text, "hello");
    let seen = emulator.seen().await;
    assert_eq!(seen["uploads"][0]["authorization"], json!(false), "no key goes where bytes go: {}", seen["uploads"]);
    let lifecycle = seen["requests"][0]["fal_headers"].to_string();
    assert!(lifecycle.contains("expiration_duration_seconds"), "{lifecycle}");
}

#[tokio::test]
async fn files_in_an_input_are_uploaded_once_and_their_urls_take_their_places() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let file = File::new(b"picture".to_vec(), "image/png", "a.png").unwrap();
    let other = File::new(b"another".to_vec(), "image/png", "b.png").unwrap();
    let input = Input { first: file.clone(), again: vec![file], other };
    let answer = fal.run::<Value>("emulator/echo", &input).await.unwrap().data;
    let input = &answer["input"];
    assert!(input["first"] == input["again"][0] && input["first"] != input["other"], "{input}");
    assert_eq!(emulator.seen().await["counts"]["files"], 2);
    for (name, text) in [("first", "picture"), ("other", "another")] {
        let url = input[name].as_str().unwrap();
        assert_eq!(reqwest::get(url).await.unwrap().text().await.unwrap(), text);
    }
}

#[derive(serde::Serialize)]
struct Input {
    first: File,
    again: Vec<File>,
    other: File,
}

#[tokio::test]
async fn nothing_is_run_when_a_file_cannot_be_uploaded() {
    let emulator = Emulator::start();
    let faults = json!([{"match": {"host": "rest.fal.ai"}, "times": null, "then": {"status": 403}}]);
    emulator.control(json!({"faults": faults})).await;
    let fal = emulator.client();
    let file = File::new(b"picture".to_vec(), "image/png", "a.png").unwrap();
    let error = fal.run::<Value>("emulator/echo", &[file]).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("forbidden", Some(403)));
    assert_eq!(emulator.sent().await, ["POST /storage/upload/initiate"]);
}

#[tokio::test]
async fn a_large_file_goes_in_parts_from_disk_and_each_part_is_sent_until_it_arrives() {
    const PART: usize = 10 << 20;
    let emulator = Emulator::start();
    let faults = json!([{"match": {"method": "PUT", "path_ends": "/3"}, "then": {"drop": "before"}}]);
    emulator.control(json!({"storage": {"hash_only": true}, "faults": faults})).await;
    let fal = emulator.client().with_retry(RetryPolicy { base_delay: 1, ..RetryPolicy::DEFAULT });
    let bytes: Vec<u8> = (0..9 * PART + 1_000).map(|index| (index / PART * 31 + index % 251) as u8).collect();
    let path = std::env::temp_dir().join(format!("fal-wasm-client-{}.bin", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    let file = File::open(&path, "application/octet-stream").await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::clone(&told);
    let url = fal.upload_file(&file).progress(move |sent| progress.lock().unwrap().push(sent.loaded)).await;
    std::fs::remove_file(&path).unwrap();
    let url = url.unwrap();
    let told = told.lock().unwrap().clone();
    assert!(told.is_sorted() && told.len() == 10 && told.last() == Some(&(bytes.len() as u64)), "{told:?}");
    let seen = emulator.seen().await;
    let stored = seen["files"].as_array().unwrap().iter().find(|stored| stored["url"] == url.as_str()).unwrap();
    assert_eq!(stored["size"], bytes.len());
    let error = File::open(&path, "text/plain").await.unwrap_err();
    assert_eq!(error.code(), "file_unreadable");
}
