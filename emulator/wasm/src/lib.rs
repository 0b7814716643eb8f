//! The emulator for JavaScript. It contains no logic: what goes on is in `fal_emulator`, and what is sent, waited for and
//! posted is up to the package around it (`emulator/npm`).
//!
//! Times are milliseconds, as JavaScript has them. A head is JSON: `{ method, host, path, query, headers }`.

mod answer;
mod socket;

use fal_emulator::control::Command;
use fal_emulator::model::http::{Millis, Request};
use fal_emulator::model::settings::{Key, LoginToken, Settings};
use fal_emulator::model::webhooks::DeliveryOutcome;
use fal_emulator::model::{Ids, max_body_bytes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

pub use answer::{Answer, Turn};
pub use socket::{Output, Socket};

/// The status of an outcome that has none.
const UNREACHABLE: u16 = 0;
const TIMED_OUT: u16 = 1;
const FORBIDDEN: u16 = 2;

/// A request without its body.
#[derive(Deserialize)]
struct Head {
    method: String,
    host: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
}

fn request(head: &str, body: Vec<u8>) -> Result<Request, String> {
    let Head { method, host, path, query, headers } = serde_json::from_str(head).map_err(|error| error.to_string())?;
    Ok(Request { method, host, path, query, headers, body })
}

/// JavaScript's number as a time, which is never negative.
fn millis(time: f64) -> Millis {
    time as Millis
}

/// A webhook to post.
#[derive(Serialize)]
struct Post {
    number: u64,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    timeout: Millis,
}

/// An emulator.
#[wasm_bindgen]
pub struct Emulator(fal_emulator::Emulator);

#[wasm_bindgen]
impl Emulator {
    /// An emulator whose files are below `public_url`. `keys` and `logins` are JSON as `FAL_EMULATOR_KEYS` and
    /// `FAL_EMULATOR_LOGINS` hold it, `peers` is `{ stun: url }`, `{ none: sentence }` or empty, `start` is a command of `/__control`.
    ///
    /// # Errors
    /// A sentence about what is wrong. It repeats no key.
    #[wasm_bindgen(constructor)]
    pub fn new(
        seed: f64,
        public_url: &str,
        keys: &str,
        logins: &str,
        peers: &str,
        start: &str,
        real: f64,
    ) -> Result<Self, String> {
        let wrong =
            "keys must be [{\"key\":\"id:secret\",\"scope\":\"API\"|\"ADMIN\",\"locked\":false,\"account\":\"name\"}]";
        let keys: Vec<Key> = serde_json::from_str(keys).map_err(|_| wrong)?;
        let wrong = "logins must be [{\"token\":\"...\",\"account\":\"name\"}]";
        let login_tokens: Vec<LoginToken> = serde_json::from_str(logins).map_err(|_| wrong)?;
        let start: Command = serde_json::from_str(start).map_err(|error| format!("settings: {error}"))?;
        let public_url = public_url.to_owned();
        let mut settings = Settings { seed: seed as u64, public_url, keys, login_tokens, ..Settings::default() };
        if !peers.is_empty() {
            settings.peers = serde_json::from_str(peers).map_err(|error| format!("peers: {error}"))?;
        }
        let emulator = fal_emulator::Emulator::new(settings, start, millis(real)).map_err(|error| error.to_string())?;
        Ok(Self(emulator))
    }

    /// The time.
    pub fn now(&self, real: f64) -> f64 {
        self.0.now(millis(real)) as f64
    }

    /// How long to wait until it is `until`; undefined: until somebody moves the clock.
    pub fn wait(&self, real: f64, until: f64) -> Option<f64> {
        self.0.wait(millis(real), millis(until)).map(|wait| wait as f64)
    }

    /// Answers a request for `/__control`.
    ///
    /// # Errors
    /// When the head is none.
    pub fn control(&mut self, real: f64, head: &str, body: Vec<u8>) -> Result<Answer, String> {
        Ok(Answer::of(self.0.control(millis(real), &request(head, body)?)))
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// A sentence about what is wrong with it. Nothing has been done then.
    pub fn command(&mut self, real: f64, json: &str) -> Result<(), String> {
        self.0.command(millis(real), json.as_bytes())
    }

    /// What happened, as JSON.
    pub fn report(&mut self, real: f64) -> String {
        self.0.report(millis(real)).to_string()
    }

    /// Handles a request; undefined: the connection is dropped.
    ///
    /// # Errors
    /// When the head is none.
    pub fn exchange(&mut self, real: f64, head: &str, body: Vec<u8>) -> Result<Option<Answer>, String> {
        Ok(self.0.exchange(millis(real), &request(head, body)?).map(Answer::from))
    }

    /// Handles a handshake; undefined: the connection is dropped. The answer has a socket, unless it is a refusal.
    ///
    /// # Errors
    /// When the head is none.
    pub fn open(&mut self, real: f64, head: &str) -> Result<Option<Answer>, String> {
        Ok(self.0.open(millis(real), &request(head, Vec::new())?).map(Answer::from))
    }

    /// The head of a request has come in, or (`over`) it has its answer, or its connection is gone.
    ///
    /// # Errors
    /// When the head is none.
    pub fn count(&mut self, head: &str, over: bool) -> Result<(), String> {
        let head = request(head, Vec::new())?;
        if over {
            self.0.request_ended(&head)
        } else {
            self.0.request_started(&head)
        }
        Ok(())
    }

    /// The webhooks to post now, as JSON.
    pub fn posts(&mut self, real: f64) -> String {
        let posts = self.0.posts(millis(real)).into_iter().map(|delivery| Post {
            number: delivery.number,
            url: delivery.url,
            headers: delivery.headers,
            body: String::from_utf8_lossy(&delivery.body).into_owned(),
            timeout: delivery.timeout,
        });
        json!(posts.collect::<Vec<_>>()).to_string()
    }

    /// When there may be a webhook to post next.
    pub fn next_post(&self) -> Option<f64> {
        self.0.next_post().map(|at| at as f64)
    }

    /// What peers of sessions are to do now, as JSON.
    pub fn peer_tasks(&mut self, real: f64) -> String {
        json!(self.0.peer_tasks(millis(real))).to_string()
    }

    /// When there may be something to do for peers next.
    pub fn next_peer_task(&self) -> Option<f64> {
        self.0.next_peer_task().map(|at| at as f64)
    }

    /// Something has happened to the peer of a session. `news` is `"connected"`, `"left"`, or JSON of `answered` (SDP),
    /// `not_answered` (why) or `received` (packets).
    ///
    /// # Errors
    /// When it is none of these.
    pub fn peer_news(&mut self, real: f64, session: &str, news: &str) -> Result<(), String> {
        self.0.peer_news(millis(real), session, serde_json::from_str(news).map_err(|error| error.to_string())?);
        Ok(())
    }

    /// A message has come through a session; the answer of its runner.
    pub fn session_message(&mut self, session: &str, text: &str) -> Option<String> {
        self.0.session_message(session, text)
    }

    /// The next picture of a session, a key frame of VP8, while it has one.
    pub fn session_picture(&mut self, session: &str) -> Option<Vec<u8>> {
        self.0.session_picture(session)
    }

    /// The outcome of a webhook: the status of its answer, or 0 without one, 1 when none came in time, 2 for a URL that is not
    /// on this machine.
    pub fn posted(&mut self, real: f64, number: f64, status: u16) {
        let outcome = match status {
            UNREACHABLE => DeliveryOutcome::Unreachable,
            TIMED_OUT => DeliveryOutcome::TimedOut,
            FORBIDDEN => DeliveryOutcome::Forbidden,
            status => DeliveryOutcome::Status(status),
        };
        self.0.posted(millis(real), number as u64, outcome);
    }
}

/// How much of a body is worth reading.
///
/// # Errors
/// When the head is none.
#[wasm_bindgen]
pub fn most_bytes(head: &str) -> Result<f64, String> {
    Ok(max_body_bytes(&request(head, Vec::new())?) as f64)
}

/// The answer to a request that the server itself cannot take.
#[wasm_bindgen]
pub fn refusal(status: u16, sentence: &str) -> Answer {
    Answer::of(fal_emulator::Emulator::refusal(status, sentence))
}

/// A key that nobody has.
#[wasm_bindgen]
pub fn new_key(seed: f64) -> String {
    let mut ids = Ids::new(!(seed as u64));
    format!("{}:{}", ids.uuid(), ids.secret())
}
