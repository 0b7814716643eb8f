//! WebSockets over the wire, with a client the server does not share.

use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use super::{Emulator, KEY};

/// Opens a socket at a path of the emulator. The error is the status of the refusal; 0: the connection was dropped.
fn open(
    emulator: &Emulator,
    path: &str,
    headers: &[(&'static str, &'static str)],
) -> Result<WebSocket<TcpStream>, u16> {
    let address = emulator.url.strip_prefix("http://").unwrap();
    let mut request = format!("ws://{address}/{path}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).unwrap();
    tungstenite::client(request, stream).map(|(socket, _)| socket).map_err(|error| match error {
        tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response)) => response.status().as_u16(),
        _ => 0,
    })
}

fn call(socket: &mut WebSocket<TcpStream>, message: &Value) -> Value {
    socket.send(Message::text(message.to_string())).unwrap();
    serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap()
}

/// How the other side ended it: its code, or `None` when the connection was gone without one.
fn ending(socket: &mut WebSocket<TcpStream>) -> Option<u16> {
    match socket.read().ok()? {
        Message::Close(close) => close.map(|close| u16::from(close.code)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_socket_is_reached_by_path_and_by_host_with_a_token_or_a_key() {
    let emulator = Emulator::start(&["--settings", r#"{"realtime":{"run_ms":0}}"#]);
    let token = emulator.post("rest.fal.ai/tokens/", &json!({"allowed_apps": ["echo"]})).json();
    let path = format!("emulator/echo/realtime?max_buffering=2&fal_jwt_token={}", token.as_str().unwrap());
    let mut by_path = open(&emulator, &format!("fal.run/{path}"), &[]).unwrap();
    assert_eq!(call(&mut by_path, &json!({"a": 1})), json!({"a": 1}));
    let mut by_host = open(&emulator, &path, &[("host", "fal.run")]).unwrap();
    by_host.send(Message::binary(vec![0x81, 0xa1, b'a', 0x01])).unwrap();
    assert_eq!(by_host.read().unwrap().into_data(), vec![0x81, 0xa1, b'a', 0x01]);
    let mut over_http = open(&emulator, "ws.fal.run/emulator/echo", &[("authorization", KEY)]).unwrap();
    assert_eq!(call(&mut over_http, &json!({"a": 1}))["type"], "start");
    by_path.close(None).unwrap();
    assert!(matches!(by_path.read(), Ok(Message::Close(_)) | Err(_)));
    let log = emulator.end();
    assert!(!log.contains(token.as_str().unwrap()) && !log.contains("secret"), "{log}");
    assert_eq!(ending(&mut by_host), Some(1001), "the end of the server is told to those who are connected");
}

#[test]
fn a_refusal_is_the_answer_to_the_handshake_and_a_bad_token_is_told_in_a_frame() {
    let emulator = Emulator::start(&[]);
    assert_eq!(open(&emulator, "fal.run/emulator/echo/realtime", &[]).unwrap_err(), 401);
    assert_eq!(open(&emulator, "nowhere.example/emulator/echo/realtime", &[]).unwrap_err(), 404);
    let mut socket = open(&emulator, "fal.run/emulator/echo/realtime?fal_jwt_token=x", &[]).unwrap();
    assert!(socket.read().unwrap().to_text().unwrap().contains("Unauthorized"));
    assert_eq!(ending(&mut socket), Some(1008));
}

#[test]
fn a_session_ends_by_the_clock_of_the_emulator() {
    let settings = r#"{"clock":"manual","realtime":{"session_timeout_ms":60000,"run_ms":1000}}"#;
    let emulator = Emulator::start(&["--settings", settings]);
    let mut socket = open(&emulator, "fal.run/emulator/public/realtime", &[]).unwrap();
    socket.send(Message::text("{}")).unwrap();
    // The input must be in before time goes on.
    while emulator.report()["sockets"][0]["frames_in"] == 0 {}
    emulator.control(&json!({"advance_ms": 1_000}));
    assert_eq!(socket.read().unwrap().to_text().unwrap(), "{}");
    emulator.control(&json!({"advance_ms": 59_000}));
    assert!(socket.read().unwrap().to_text().unwrap().contains("TIMEOUT"));
    assert_eq!(ending(&mut socket), Some(u16::from(CloseCode::Normal)));
}

#[test]
fn sockets_break_on_request() {
    let emulator = Emulator::start(&["--settings", r#"{"realtime":{"run_ms":0}}"#]);
    let path = "fal.run/emulator/public/realtime";
    let fault = |then: Value| {
        let matching = json!({"path_contains": "/realtime"});
        emulator.control(&json!({"faults": [{"match": matching, "then": then}]}));
        open(&emulator, path, &[])
    };
    assert_eq!(fault(json!({"status": 503})).unwrap_err(), 503);
    assert_eq!(fault(json!({"drop": "before"})).unwrap_err(), 0);
    assert_eq!(fault(json!({"drop": "after"})).unwrap_err(), 0);
    let mut socket = fault(json!({"close": 1011, "after": 2})).unwrap();
    assert_eq!(call(&mut socket, &json!(1)), json!(1));
    assert_eq!(call(&mut socket, &json!(2)), json!(2));
    assert_eq!(ending(&mut socket), Some(1011));
    let mut socket = fault(json!({"close": 1006, "after": 1})).unwrap();
    assert_eq!(call(&mut socket, &json!(1)), json!(1), "what was said before still arrives");
    assert_eq!(ending(&mut socket), None);
    assert_eq!(ending(&mut fault(json!({"close": 4000})).unwrap()), Some(4000));
    let mut socket = open(&emulator, path, &[]).unwrap();
    assert_eq!(call(&mut socket, &json!(1)), json!(1), "each struck once");
    let codes = |report: &Value| -> Vec<Value> {
        report["sockets"].as_array().unwrap().iter().map(|socket| socket["close_code"].clone()).collect()
    };
    let expected = [json!(1006), json!(1011), json!(1006), json!(4000), Value::Null];
    assert_eq!(codes(&emulator.report()), expected);
}
