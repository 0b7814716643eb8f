//! A server over real sockets: what the model cannot show, from the first line on stdout to the last connection. It is the
//! binary, or the one that the words in `FAL_EMULATOR_SERVER` start: `node emulator/npm/dist/cli.js`, an absolute path.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod faults;
mod http;
mod sockets;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http::{Answer, send};
use serde_json::{Value, json};

const KEY: &str = "Key id:secret";

/// The server under test, still to be started.
fn server() -> Command {
    let words = std::env::var("FAL_EMULATOR_SERVER").unwrap_or_else(|_| env!("CARGO_BIN_EXE_fal-emulator").to_owned());
    let mut words = words.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

/// A running server. It ends with the test, because its stdin does.
struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    fn start(arguments: &[&str]) -> Self {
        let mut child = server()
            .arg("--exit-with-parent")
            .args(arguments)
            .env("FAL_EMULATOR_KEYS", r#"[{"key":"id:secret"}]"#)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let first: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: first["url"].as_str().unwrap().to_owned() }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let headers = [("authorization", KEY), ("content-type", "application/json")];
        send(&format!("{}/{path}", self.url), method, &headers, body.to_string().as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null).unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).unwrap()
    }

    fn control(&self, command: &Value) {
        let answer = self.post("__control", command);
        let status = answer.status;
        assert_eq!(status, 200, "{}", answer.json());
    }

    fn report(&self) -> Value {
        self.get("__control").json()
    }

    /// Closes its stdin and returns what it logged.
    fn end(mut self) -> String {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success(), "it ends in good order");
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

#[test]
fn it_serves_both_spellings_of_a_host_and_logs_no_secret() {
    let emulator = Emulator::start(&["--seed", "1"]);
    let body = json!({"prompt": "s3cret"});
    let by_path = emulator.post("queue.fal.run/emulator/echo?fal_webhook=s3cret", &body);
    assert_eq!((by_path.status, by_path.header("access-control-allow-origin")), (200, Some("*")));
    let status_url = by_path.json()["status_url"].as_str().unwrap().to_owned();
    assert!(status_url.starts_with(&format!("{}/queue.fal.run/emulator/echo/requests/", emulator.url)), "{status_url}");
    let headers = [("authorization", KEY), ("host", "queue.fal.run")];
    let by_host = send(&format!("{}/emulator/echo", emulator.url), "POST", &headers, b"{}").unwrap().json();
    assert!(by_host["status_url"].as_str().unwrap().starts_with("https://queue.fal.run/emulator/echo/requests/"));
    let log = emulator.end();
    assert!(log.contains("POST queue.fal.run /emulator/echo 200"), "{log}");
    assert!(!log.contains("secret") && !log.contains("s3cret"), "{log}");
}

#[test]
fn a_file_is_served_as_a_cdn_does() {
    let emulator = Emulator::start(&[]);
    let input = json!({"prompt": "a cat", "image_size": {"width": 64, "height": 64}, "output_format": "png"});
    let run = emulator.post("fal.run/fal-ai/flux/schnell", &input).json();
    let url = run["images"][0]["url"].as_str().unwrap();
    let file = send(url, "GET", &[], b"").unwrap();
    assert_eq!((file.status, file.header("content-type")), (200, Some("image/png")));
    let length = file.header("content-length").unwrap().to_owned();
    assert!(file.body().unwrap().starts_with(b"\x89PNG"));
    let head = send(url, "HEAD", &[], b"").unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
    assert_eq!(send(url, "GET", &[], b"").unwrap().header("access-control-allow-origin"), Some("*"));
}

#[test]
fn time_stands_still_until_a_test_moves_it() {
    let emulator =
        Emulator::start(&["--settings", r#"{"clock":"manual","queue":{"ahead":1,"step_ms":1000,"run_ms":60000}}"#]);
    let id = emulator.post("queue.fal.run/emulator/echo", &json!({})).json()["request_id"].as_str().unwrap().to_owned();
    let base = format!("queue.fal.run/emulator/echo/requests/{id}/status");
    let mut stream = emulator.get(&format!("{base}/stream"));
    let mut next = || String::from_utf8(stream.chunk().unwrap().unwrap()).unwrap();
    assert!(next().contains(r#""queue_position":1"#));
    emulator.control(&json!({"advance_ms": 1_000}));
    assert!(next().contains("IN_PROGRESS"), "the stream wakes when the clock is moved");
    emulator.control(&json!({"advance_ms": 59_999}));
    assert_eq!(emulator.get(&base).status, 202);
    emulator.control(&json!({"advance_ms": 1}));
    assert_eq!(emulator.get(&base).status, 200);
    assert!(next().contains(": ping"), "a minute has passed");
    assert!(next().contains("COMPLETED"));
    assert_eq!(stream.chunk(), Some(None), "and the stream has ended");
}

#[test]
fn a_cancel_reaches_those_who_follow_at_once() {
    let emulator = Emulator::start(&[]);
    let id = emulator.post("queue.fal.run/emulator/slow", &json!({})).json()["request_id"].as_str().unwrap().to_owned();
    let base = format!("queue.fal.run/emulator/slow/requests/{id}");
    let mut stream = emulator.get(&format!("{base}/status/stream"));
    assert!(stream.chunk().unwrap().is_some());
    let began = Instant::now();
    assert_eq!(emulator.send("PUT", &format!("{base}/cancel"), &Value::Null).unwrap().status, 202);
    let last = String::from_utf8(stream.chunk().unwrap().unwrap()).unwrap();
    assert!(last.contains("client_cancelled"), "{last}");
    assert!(began.elapsed() < Duration::from_secs(5), "without waiting for the next ping");
}

#[test]
fn the_control_says_what_it_did_not_understand_and_listens_to_nobody_else() {
    let emulator = Emulator::start(&["--settings", r#"{"queue":{"ahead":7}}"#]);
    for (command, reason) in [
        (r#"{"rest":true}"#, "unknown field `rest`"),
        (r#"{"queue":{"ahed":1}}"#, "queue: unknown field `ahed`"),
        (r#"{"clock":"sundial"}"#, "unknown variant `sundial`"),
        (r#"{"faults":[{"then":{}}]}"#, "exactly one of"),
        ("", "EOF"),
    ] {
        let headers = [("content-type", "application/json")];
        let refused = send(&format!("{}/__control", emulator.url), "POST", &headers, command.as_bytes()).unwrap();
        assert_eq!(refused.status, 400, "{command}");
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{command}: {error}");
    }
    let control = format!("{}/__control", emulator.url);
    assert_eq!(send(&control, "POST", &[("content-type", "text/plain")], b"{}").unwrap().status, 415);
    assert_eq!(send(&control, "GET", &[("host", "rebound.example")], b"").unwrap().status, 403);
    emulator.control(&json!({"queue": {"run_ms": 5, "ahead": 1}, "latency_ms": 1}));
    assert_eq!(emulator.report()["queue"], json!({"ahead": 1, "step_ms": 400, "run_ms": 5, "concurrency": 4}));
    emulator.control(&json!({"reset": true}));
    let report = emulator.report();
    assert_eq!((&report["queue"]["ahead"], &report["latency_ms"]), (&json!(7), &json!(0)), "as it was started");
}

#[test]
fn hundreds_are_served_at_once_and_the_end_waits_for_nobody_long() {
    let emulator = Emulator::start(&[]);
    let id = emulator.post("queue.fal.run/emulator/slow", &json!({})).json()["request_id"].as_str().unwrap().to_owned();
    let url = format!("queue.fal.run/emulator/slow/requests/{id}/status/stream");
    let mut streams: Vec<Answer> = (0..300).map(|_| emulator.get(&url)).collect();
    assert!(streams.iter_mut().all(|stream| stream.chunk().unwrap().is_some()));
    assert_eq!(emulator.post("fal.run/emulator/echo", &json!({})).status, 200);
    let began = Instant::now();
    emulator.end();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn the_report_of_an_upload_knows_how_many_parts_came_at_once() {
    let emulator = Emulator::start(&[]);
    let begun = emulator.post("rest.fal.ai/storage/upload/initiate-multipart", &json!({})).json();
    let (path, query) = begun["upload_url"].as_str().unwrap().split_once('?').unwrap();
    // Every part takes as long as it takes the others to arrive.
    emulator.control(&json!({"clock": "manual", "latency_ms": 1000}));
    let most = || emulator.report()["uploads"][0]["most_at_once"].as_u64();
    std::thread::scope(|scope| {
        for number in 1..=3 {
            let url = format!("{path}/{number}?{query}");
            scope.spawn(move || assert_eq!(send(&url, "PUT", &[], b"part").unwrap().status, 200));
        }
        while most() != Some(3) {}
        emulator.control(&json!({"advance_ms": 1000, "latency_ms": 0}));
    });
    assert_eq!(send(&format!("{path}/4?{query}"), "PUT", &[], b"part").unwrap().status, 200);
    assert_eq!((most(), emulator.report()["uploads"][0]["parts"].as_array().map(Vec::len)), (Some(3), Some(4)));
}

#[test]
fn an_argument_that_is_not_understood_is_said_so() {
    for arguments in [&["--prot", "1"][..], &["--port"], &["--port", "x"], &["--settings", "{\"x\":1}"]] {
        let output = server().args(arguments).output().unwrap();
        assert!(!output.status.success() && !output.stderr.is_empty(), "{arguments:?}");
    }
}
