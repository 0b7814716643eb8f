//! WebSockets: who may open one, and how a realtime session goes.

use fal_emulator::model::http::{Millis, Request};
use fal_emulator::model::settings::RealtimeSettings;
use fal_emulator::model::sockets::{Frame, Socket};
use serde_json::{Value, json};

use super::Bench;

const ECHO: &str = "wss://fal.run/emulator/echo/realtime";

/// One frame, readable: JSON for messages, `close CODE` for the end.
fn readable(frame: Frame) -> String {
    match frame.resolved() {
        Frame::Text(text) => text,
        Frame::Binary(bytes) => format!("{bytes:02x?}"),
        Frame::Close { code, .. } => format!("close {code}"),
        Frame::Deferred { .. } => unreachable!("it was done"),
    }
}

impl Bench {
    /// Mints a token through one of the two contracts.
    fn token(&mut self, path: &str, body: &Value) -> String {
        let answer = self.post(&format!("https://rest.fal.ai/tokens/{path}"), body).body_json();
        answer.as_str().or_else(|| answer["token"].as_str()).unwrap().to_owned()
    }

    fn open(&mut self, url: &str) -> Socket {
        self.fal.open(self.now, &Request::new("GET", url)).unwrap_or_else(|refusal| panic!("{}", refusal.status))
    }

    fn open_with_key(&mut self, url: &str) -> Result<Socket, u16> {
        let request = Request::new("GET", url).with_header("authorization", self.key);
        self.fal.open(self.now, &request).map_err(|refusal| refusal.status)
    }

    fn say(&mut self, socket: &mut Socket, message: &Value) {
        self.fal.receive(self.now, socket, Frame::Text(message.to_string()));
    }

    /// Everything a socket says until it falls silent, with the time since now.
    fn hear_out(&mut self, socket: &mut Socket) -> Vec<(Millis, String)> {
        let (mut heard, began) = (Vec::new(), self.now);
        loop {
            let output = self.fal.poll_socket(self.now, socket);
            let at = self.now - began;
            heard.extend(output.frames.into_iter().map(|frame| (at, readable(frame))));
            let Some(next) = output.next else { return heard };
            assert!(next > self.now, "a socket must not ask for the past");
            self.now = next;
        }
    }

    fn set_realtime(&mut self, realtime: RealtimeSettings) {
        self.change_settings(|live| live.realtime = realtime);
    }
}

fn echoed(heard: &[(Millis, String)]) -> Vec<(Millis, Value)> {
    heard.iter().map(|(at, text)| (*at, serde_json::from_str(text).unwrap())).collect()
}

#[test]
fn either_kind_of_token_opens_the_apps_it_names_until_it_expires() {
    let mut bench = Bench::new();
    let alias = bench.token("", &json!({"allowed_apps": ["echo"], "token_expiration": 120}));
    let id = bench.token("realtime", &json!({"allowed_apps": ["emulator/echo/realtime"], "duration": 120}));
    let other = bench.token("realtime", &json!({"allowed_apps": ["fal-ai/any-llm"]}));
    let refused = [(0, r#"{"error":"Unauthorized","status":"error"}"#.to_owned()), (0, "close 1008".to_owned())];
    for token in [&alias, &id] {
        let mut socket = bench.open(&format!("{ECHO}?fal_jwt_token={token}"));
        bench.say(&mut socket, &json!({"request_id": "r", "a": 1}));
        assert_eq!(echoed(&bench.hear_out(&mut socket))[0].1, json!({"request_id": "r", "a": 1}));
    }
    for token in [other.as_str(), "nonsense"] {
        let mut socket = bench.open(&format!("{ECHO}?fal_jwt_token={token}"));
        assert_eq!(bench.hear_out(&mut socket), refused);
        assert!(socket.is_closed());
    }
    bench.wait(120_000);
    let mut socket = bench.open(&format!("{ECHO}?fal_jwt_token={alias}"));
    assert_eq!(bench.hear_out(&mut socket), refused, "two minutes later");
}

#[test]
fn a_key_on_the_handshake_opens_a_socket_and_the_lack_of_one_is_an_answer_to_it() {
    let mut bench = Bench::new();
    assert!(bench.open_with_key(ECHO).is_ok());
    assert_eq!(bench.speaking_as("Key none:1").open_with_key(ECHO).unwrap_err(), 401);
    assert_eq!(bench.speaking_as("Key poor:1").open_with_key(ECHO).unwrap_err(), 403);
    let anonymous = |url| Request::new("GET", url);
    assert_eq!(bench.fal.open(bench.now, &anonymous(ECHO)).unwrap_err().status, 401);
    assert!(bench.fal.open(bench.now, &anonymous("wss://fal.run/emulator/public/realtime")).is_ok());
    bench.speaking_as("Key ann:1");
    for (url, status) in [
        ("wss://fal.run/emulator/echo", 404),
        ("wss://fal.run/emulator/slow/realtime", 404),
        ("wss://fal.run/emulator/none/realtime", 404),
        ("wss://fal.run/emulator/echo/realtime?max_buffering=61", 422),
        ("wss://queue.fal.run/emulator/echo/realtime", 404),
    ] {
        assert_eq!(bench.open_with_key(url).unwrap_err(), status, "{url}");
    }
    let report = bench.fal.report(bench.now);
    assert_eq!(report.counts.open_sockets, 2);
    assert_eq!(report.requests.iter().filter(|request| request.status == Some(101)).count(), 2);
}

#[test]
fn inputs_are_answered_one_after_another_and_the_oldest_gives_way_when_they_come_too_fast() {
    let mut bench = Bench::new();
    bench.set_realtime(RealtimeSettings { run_ms: Some(100), ..RealtimeSettings::default() });
    let mut socket = bench.open_with_key(&format!("{ECHO}?max_buffering=2")).unwrap();
    for n in 1..=5 {
        bench.say(&mut socket, &json!({ "n": n }));
    }
    let heard = echoed(&bench.hear_out(&mut socket));
    assert_eq!(heard, [(100, json!({"n": 1})), (200, json!({"n": 4})), (300, json!({"n": 5}))]);
    let mut socket = bench.open_with_key(ECHO).unwrap();
    for n in 1..=5 {
        bench.say(&mut socket, &json!({ "n": n }));
    }
    assert_eq!(bench.hear_out(&mut socket).len(), 5, "without a number nothing is lost");
    let dropped: Vec<u64> = bench.fal.report(bench.now).sockets.iter().map(|socket| socket.dropped).collect();
    assert_eq!(dropped, [2, 0]);
}

#[test]
fn a_session_without_inputs_ends_in_good_order_after_its_work_is_done() {
    let mut bench = Bench::new();
    let settings = RealtimeSettings { session_timeout_ms: Some(1_000), run_ms: Some(1_500), ..Default::default() };
    bench.set_realtime(settings);
    let mut socket = bench.open_with_key(ECHO).unwrap();
    bench.wait(900).say(&mut socket, &json!({"n": 1}));
    let heard = bench.hear_out(&mut socket);
    assert_eq!(heard[0], (1_500, r#"{"n":1}"#.to_owned()));
    let timeout: Value = serde_json::from_str(&heard[1].1).unwrap();
    assert_eq!((&timeout["type"], &timeout["error"]), (&json!("x-fal-error"), &json!("TIMEOUT")));
    assert_eq!(heard[2].1, "close 1000");
    let report = &bench.fal.report(bench.now).sockets[0];
    assert_eq!(
        (report.close_code, report.closed_by_fal, report.frames_in, report.frames_out),
        (Some(1000), true, 1, 2)
    );
}

#[test]
fn a_wrong_input_ends_the_session_with_the_reason() {
    for (frame, reason) in [
        (Frame::Text("{".into()), "EOF"),
        (Frame::binary([0x81]), ""),
        (Frame::Text(r#"{"seed":1}"#.into()), "Field required"),
    ] {
        let mut bench = Bench::new();
        let mut socket = bench.open_with_key("wss://fal.run/fal-ai/fast-lcm-diffusion/realtime").unwrap();
        bench.fal.receive(bench.now, &mut socket, frame);
        let heard = bench.hear_out(&mut socket);
        let error: Value = serde_json::from_str(&heard[0].1).unwrap();
        assert_eq!(error["error"], "INTERNAL_ERROR");
        assert!(error["reason"].as_str().unwrap().contains(reason), "{error}");
        assert_eq!(heard[1].1, "close 1000");
    }
    let mut bench = Bench::new();
    bench.set_realtime(RealtimeSettings { text_frames: false, ..RealtimeSettings::default() });
    let mut socket = bench.open_with_key(ECHO).unwrap();
    bench.say(&mut socket, &json!({}));
    assert!(bench.hear_out(&mut socket)[0].1.contains("INTERNAL_ERROR"), "a stock app reads bytes only");
}

#[test]
fn a_picture_comes_as_bytes_in_messagepack_and_as_a_data_uri_in_json() {
    let mut bench = Bench::new();
    bench.set_realtime(RealtimeSettings { timings: true, ..RealtimeSettings::default() });
    let mut socket = bench.open_with_key("wss://fal.run/fal-ai/fast-lcm-diffusion/realtime").unwrap();
    let input = json!({"prompt": "the sea", "width": 32, "height": 32, "output_format": "png", "request_id": "r"});
    bench.say(&mut socket, &input);
    let heard = echoed(&bench.hear_out(&mut socket));
    assert_eq!(heard[0].1["request_id"], "r");
    assert!(heard[0].1["images"][0]["url"].as_str().unwrap().starts_with("data:image/png;base64,iVBOR"));
    assert_eq!(heard[1].1, json!({"type": "x-fal-message", "action": "timings", "timing": 0.06}));

    let packed = rmpv::Value::Map(vec![("prompt".into(), "the sea".into()), ("width".into(), 32.into())]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &packed).unwrap();
    bench.fal.receive(bench.now, &mut socket, Frame::binary(bytes));
    bench.wait(60);
    let output = bench.fal.poll_socket(bench.now, &mut socket);
    let Frame::Binary(bytes) = output.frames.into_iter().next().unwrap().resolved() else { panic!("not binary") };
    let answer = rmpv::decode::read_value(&mut &*bytes).unwrap();
    let image = answer["images"][0]["content"].as_slice().unwrap();
    assert!(image.starts_with(&[0xff, 0xd8]), "a JPEG");
}

#[test]
fn leaving_is_heard_and_a_reset_closes_what_was_open() {
    let mut bench = Bench::new();
    let mut left = bench.open_with_key(ECHO).unwrap();
    let close = Frame::Close { code: 4000, reason: "done".into() };
    bench.fal.receive(bench.now, &mut left, close);
    assert!(left.is_closed() && bench.hear_out(&mut left).is_empty());
    let report = &bench.fal.report(bench.now).sockets[0];
    assert_eq!((report.close_code, report.closed_by_fal), (Some(4000), false));
    let mut open = bench.open_with_key(ECHO).unwrap();
    bench.fal.reset();
    let fresh = bench.open_with_key(ECHO).unwrap();
    assert_eq!(bench.hear_out(&mut open), [(0, "close 1012".to_owned())]);
    assert!(!fresh.is_closed() && bench.fal.report(bench.now).counts.open_sockets == 1);
}

#[test]
fn http_over_a_socket_answers_in_order_with_what_http_would_say() {
    let mut bench = Bench::new();
    let mut socket = bench.open_with_key("wss://ws.fal.run/emulator/echo").unwrap();
    for n in 1..=2 {
        bench.say(&mut socket, &json!({ "n": n }));
    }
    let heard = echoed(&bench.hear_out(&mut socket));
    let kinds: Vec<&str> = heard.iter().map(|(_, message)| message["type"].as_str().unwrap_or("body")).collect();
    assert_eq!(kinds, ["start", "body", "end", "start", "body", "end"]);
    assert_eq!(
        (&heard[0].1["status"], &heard[0].1["headers"]["content-type"]),
        (&json!(200), &json!("application/json"))
    );
    assert_eq!((&heard[1].1["input"]["n"], &heard[4].1["input"]["n"]), (&json!(1), &json!(2)));
    assert_eq!(heard[2].1["time_to_first_byte_seconds"], 1.0);
    assert_eq!(heard[0].1["request_id"], heard[2].1["request_id"]);
    assert_ne!(heard[0].1["request_id"], heard[3].1["request_id"]);
    assert_eq!(heard.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1_000, 1_000, 1_000, 2_000, 2_000, 2_000]);
}

#[test]
fn http_over_a_socket_carries_bytes_streams_and_errors() {
    let mut bench = Bench::new();
    let mut socket = bench.open_with_key("wss://ws.fal.run/emulator/bytes").unwrap();
    bench.say(&mut socket, &json!({"size": 100_000}));
    let heard = bench.hear_out(&mut socket);
    assert_eq!(heard.len(), 4, "two pieces between start and end");
    bench.fal.receive(bench.now, &mut socket, Frame::Text("{".into()));
    let heard = echoed(&bench.hear_out(&mut socket));
    assert_eq!((&heard[0].1["status"], heard.len()), (&json!(422), 3));
    assert_eq!(heard[1].1["detail"][0]["type"], "json_invalid");
    let mut socket = bench.open_with_key("wss://ws.fal.run/fal-ai/any-llm/stream").unwrap();
    bench.say(&mut socket, &json!({"prompt": "Why?"}));
    let heard = echoed(&bench.hear_out(&mut socket));
    assert!(heard.len() > 10 && heard[1].1["partial"] == true && heard[heard.len() - 2].1["partial"] == false);
    assert_eq!(bench.get("https://ws.fal.run/emulator/echo").status, 426);
    assert_eq!(bench.speaking_as("Key none:1").open_with_key("wss://ws.fal.run/emulator/echo").unwrap_err(), 401);
}
