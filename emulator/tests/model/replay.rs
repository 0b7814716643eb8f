//! The properties a simulation stands on: a seed replays, nothing panics, and a client's life takes microseconds.

use std::time::Instant;

use fal_emulator::model::http::Request;
use fal_emulator::model::{Fal, Ids};
use serde_json::json;

use super::Bench;

/// A client's life in the queue; returns everything it was told.
fn life(bench: &mut Bench) -> String {
    let mut told = String::new();
    let id = bench.submit("emulator/echo", &json!({"a": 1}));
    while bench.status("emulator/echo", &id)["status"] != "COMPLETED" {
        told.push_str(&bench.status("emulator/echo", &id).to_string());
        bench.wait(100);
    }
    told + &bench.result("emulator/echo", &id).body_json().to_string()
}

#[test]
fn the_same_seed_and_the_same_calls_give_the_same_answers() {
    let (one, two) = (life(&mut Bench::new()), life(&mut Bench::new()));
    assert!(one == two && !one.is_empty());
}

#[test]
fn a_life_is_cheap_enough_for_a_hundred_thousand_seeds() {
    let began = Instant::now();
    let lives = 200;
    for _ in 0..lives {
        life(&mut Bench::new());
    }
    let each = began.elapsed() / lives;
    // Microseconds when optimised; the bound only catches a mistake of a different order.
    assert!(each.as_millis() < 20, "{each:?} per life");
    println!("{each:?} per life");
}

#[test]
fn no_request_brings_it_down_however_wild() {
    const WORDS: [&str; 24] = [
        "fal-ai",
        "flux",
        "dev",
        "requests",
        "status",
        "stream",
        "cancel",
        "response",
        "workflows",
        "comfy",
        "",
        "..",
        "%00",
        "110602490-lcm",
        "files",
        "upload",
        "multipart",
        "presigned",
        "storage",
        "initiate",
        "tokens",
        "emulator",
        "echo",
        "9",
    ];
    const HOSTS: [&str; 6] =
        ["fal.run", "queue.fal.run", "rest.fal.ai", "v3.fal.media", "127.0.0.1:9/queue.fal.run", "x"];
    const BODIES: [&str; 8] =
        ["", "{}", "[]", "null", "{", "{\"prompt\":1}", "{\"parts\":[{\"partNumber\":0,\"etag\":\"\"}]}", "\u{0}"];
    let mut dice = Ids::new(7);
    let mut pick = |from: &[&'static str]| from[(dice.bits() % from.len() as u64) as usize];
    let mut bench = Bench::new();
    for _ in 0..20_000 {
        let path: Vec<&str> = (0..5).map(|_| pick(&WORDS)).collect();
        let url = format!("https://{}/{}?logs={}", pick(&HOSTS), path.join("/"), pick(&WORDS));
        let request = Request::new(pick(&["GET", "POST", "PUT", "OPTIONS", "HEAD", "DELETE", ""]), &url)
            .with_header("authorization", pick(&["Key ann:1", "Key", "", "Bearer x", "Key a:b:c"]))
            .with_header("x-fal-request-timeout", pick(&["", "1e308", "-1", "2"]))
            .with_body("application/json", pick(&BODIES).into());
        let response = bench.fal.handle(bench.now, &request);
        assert!((200..600).contains(&response.status), "{request:?}");
        bench.wait(7);
    }
    let _: &Fal = &bench.fal;
}
