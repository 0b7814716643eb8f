//! Sessions with world models: who may open one, and how it ends. What a peer would do is told to the model here.

use fal_emulator::model::bridge::{PeerTask, Peers};
use fal_emulator::model::http::{Body, Response};
use fal_emulator::model::settings::{AnswerForm, IceAnswer, Runner};
use fal_emulator::model::{Fal, PeerNews, Settings};
use serde_json::{Value, json};

use super::Bench;

const SESSION: &str = "https://wma.fal.run/session";
const BEAT: &str = "https://wma.fal.run/session/heartbeat";
const OFFER: &str = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-256 00\r\n";

fn offer() -> Value {
    json!({ "app_id": "emulator/world", "sdp": OFFER, "type": "offer" })
}

impl Bench {
    /// A model whose server has peers.
    fn with_peers() -> Self {
        let bench = Self::new();
        let settings = Settings {
            peers: Peers::Stun("stun:127.0.0.1:1".into()),
            keys: ["ann", "bob"].map(key_of).into(),
            ..Settings::default()
        };
        Self { fal: Fal::new(settings), ..bench }
    }

    /// What is written of an answer now, and whether there is more to come.
    fn read(&mut self, response: &mut Response) -> (String, bool) {
        let Body::Stream(stream) = &mut response.body else { panic!("it is no stream") };
        let turn = self.fal.play(self.now, stream);
        (turn.bytes, turn.next.is_some())
    }

    /// The session of the next task, which is to answer an offer.
    fn asked(&mut self) -> String {
        match self.fal.peer_tasks(self.now).as_slice() {
            [PeerTask::Answer { session, sdp, reachable: true }] if sdp == OFFER => session.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Opens a session, answered by its peer.
    fn opened(&mut self) -> (String, Response) {
        let response = self.post(SESSION, &offer());
        assert_eq!(response.status, 200);
        let session = self.asked();
        self.fal.peer_news(self.now, &session, PeerNews::Answered("v=0 answer".into()));
        (session, response)
    }

    fn beats(&mut self, session: &str) -> (u16, Value) {
        let response = self.post(BEAT, &json!({ "session_id": session }));
        (response.status, response.body_json()["alive"].clone())
    }
}

fn key_of(account: &str) -> fal_emulator::model::settings::Key {
    serde_json::from_value(json!({ "key": format!("{account}:1"), "account": account })).unwrap()
}

#[test]
fn an_answer_comes_when_the_peer_has_one_and_its_stream_lasts_as_long_as_the_session() {
    let mut bench = Bench::with_peers();
    let mut response = bench.post(SESSION, &offer());
    assert_eq!(bench.read(&mut response), (String::new(), true));
    let session = bench.asked();
    bench.fal.peer_news(bench.now, &session, PeerNews::Answered("v=0 answer".into()));
    let (text, more) = bench.read(&mut response);
    let said = json!({ "session_id": session, "sdp": "v=0 answer", "type": "answer" });
    assert_eq!((text, more), (format!("event: answer\ndata: {said}\n\n"), true));
    bench.fal.peer_news(bench.now, &session, PeerNews::Left);
    assert_eq!(bench.read(&mut response), (String::new(), false));
    assert_eq!(bench.beats(&session), (200, false.into()));

    bench.change_settings(|live| live.sessions.answer = AnswerForm::Json);
    let (session, mut response) = bench.opened();
    let (text, more) = bench.read(&mut response);
    assert_eq!((serde_json::from_str::<Value>(&text).unwrap()["session_id"].clone(), more), (session.into(), false));
    assert_eq!(response.header("content-type"), Some("application/json"));
}

#[test]
fn heartbeats_keep_a_session_and_only_those_of_its_account() {
    let mut bench = Bench::with_peers();
    let (session, _) = bench.opened();
    for _ in 0..3 {
        bench.now += 10_000;
        assert_eq!(bench.beats(&session), (200, true.into()));
        assert_eq!(bench.speaking_as("Key bob:1").beats(&session).0, 404);
        bench.speaking_as("Key ann:1");
    }
    bench.now += 15_000;
    assert_eq!(bench.fal.peer_tasks(bench.now), [PeerTask::Close { session: session.clone() }]);
    assert_eq!(bench.beats(&session), (200, false.into()));
    let report = &bench.fal.report(bench.now).bridge_sessions[0];
    assert_eq!((report.heartbeats, report.ended.as_deref()), (3, Some("expired")));
}

#[test]
fn a_runner_that_dies_ends_its_sessions_and_no_new_one_starts() {
    let mut bench = Bench::with_peers();
    let (session, mut response) = bench.opened();
    bench.read(&mut response);
    bench.change_settings(|live| live.sessions.runner = Runner::Dead);
    assert_eq!(bench.fal.peer_tasks(bench.now), [PeerTask::Close { session: session.clone() }]);
    assert_eq!(bench.fal.session_picture(&session), None);
    assert_eq!(bench.post(SESSION, &offer()).status, 503);
    assert!(bench.read(&mut response).1, "nobody tells the bridge");
    bench.now += 15_000;
    assert!(!bench.read(&mut response).1);
}

#[test]
fn a_reset_closes_the_peers_of_what_is_forgotten() {
    let mut bench = Bench::with_peers();
    let (session, mut response) = bench.opened();
    bench.fal.reset();
    assert_eq!(bench.fal.peer_tasks(bench.now), [PeerTask::Close { session: session.clone() }]);
    assert_eq!(bench.read(&mut response), (String::new(), false));
    assert_eq!(bench.beats(&session).0, 404);
}

#[test]
fn what_is_wrong_with_an_offer_is_said_and_where_there_is_no_webrtc_what_to_do() {
    let mut bench = Bench::with_peers();
    for (change, status) in [
        (json!({ "app_id": "emulator/echo" }), 404),
        (json!({ "sdp": "hello" }), 422),
        (json!({ "sdp": null }), 422),
        (json!({ "type": "answer" }), 422),
    ] {
        let mut wrong = offer();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(bench.post(SESSION, &wrong).status, status, "{change}");
    }
    assert!(bench.fal.peer_tasks(bench.now).is_empty());
    assert_eq!(bench.get(SESSION).status, 405);
    assert_eq!(bench.speaking_as("").post(SESSION, &offer()).body_json()["error"], "missing Authorization header");
    let refused = Bench::new().post(SESSION, &offer());
    assert_eq!(refused.status, 501);
    assert!(refused.body_json()["detail"].as_str().unwrap().contains("npm package"));
}

#[test]
fn a_peer_without_an_answer_says_why_on_the_stream() {
    let mut bench = Bench::with_peers();
    let mut response = bench.post(SESSION, &offer());
    let session = bench.asked();
    bench.fal.peer_news(bench.now, &session, PeerNews::NotAnswered("no codec".into()));
    assert_eq!(bench.read(&mut response), ("event: error\ndata: {\"detail\":\"no codec\"}\n\n".into(), false));
}

#[test]
fn ice_servers_are_the_emulators_own_the_apps_or_none() {
    let mut bench = Bench::with_peers();
    let mut ask = |ice| {
        bench.change_settings(|live| live.sessions.ice = ice);
        let response = bench.post("https://wma.fal.run/ice", &json!({ "app_id": "emulator/world" }));
        (response.status, response.body_json()["ice_servers"].clone())
    };
    assert_eq!(ask(IceAnswer::Servers), (200, json!([{ "urls": "stun:127.0.0.1:1" }])));
    assert_eq!(ask(IceAnswer::App), (200, json!([])));
    assert_eq!(ask(IceAnswer::None).0, 503);
}

#[test]
fn pictures_are_key_frames_of_vp8_of_the_size_that_was_said_and_small() {
    let mut bench = Bench::with_peers();
    let (session, _) = bench.opened();
    for number in 1..=100 {
        let picture = bench.fal.session_picture(&session).unwrap();
        assert_eq!(picture[3..10], [0x9d, 0x01, 0x2a, 64, 1, 192, 0]);
        assert_eq!(picture[0] & 1, 0);
        assert!(picture.len() < 1100, "it has to fit into one packet: {}", picture.len());
        assert_eq!(bench.fal.report(bench.now).bridge_sessions[0].pictures, number);
    }
    bench.change_settings(|live| live.sessions.media = false);
    assert_eq!(bench.fal.session_picture(&session), None);
}
