//! Webhooks: an app hears of its request once it is done, signed, and again until it says that it has heard.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use ed25519_dalek::{Signature, VerifyingKey};
use fal_emulator::model::webhooks::{Delivery, DeliveryOutcome};
use sha2::{Digest, Sha256};

use super::*;

const SUBMIT: &str = "https://queue.fal.run/emulator/echo?fal_webhook=http%3A%2F%2F127.0.0.1%3A1%2Fhook%3Fa%3Db";

impl Bench {
    fn posts(&mut self) -> Vec<Delivery> {
        self.fal.posts(self.now)
    }

    /// The one post that is due.
    fn one_post(&mut self) -> Delivery {
        let [post] = self.posts().try_into().unwrap();
        post
    }

    fn posted(&mut self, number: u64, posted: DeliveryOutcome) {
        self.fal.posted(self.now, number, posted);
    }

    fn state(&mut self) -> &'static str {
        self.fal.report(self.now).deliveries[0].state
    }

    /// The keys that are published now.
    fn published(&mut self) -> Vec<VerifyingKey> {
        let answer = self.speaking_as("").get("https://rest.fal.ai/.well-known/jwks.json").body_json();
        let key = |jwk: &Value| {
            let x = BASE64_URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
            VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap()
        };
        answer["keys"].as_array().unwrap().iter().map(key).collect()
    }
}

/// Whether a key made the signature of a post, by fal's own description.
fn signed_by(key: &VerifyingKey, post: &Delivery) -> bool {
    let header = |name: &str| {
        let name = format!("x-fal-webhook-{name}");
        &post.headers.iter().find(|(found, _)| *found == name).unwrap().1
    };
    let digest: String = Sha256::digest(&post.body).iter().map(|byte| format!("{byte:02x}")).collect();
    let message =
        [header("request-id"), header("user-id"), header("timestamp"), &digest].map(String::as_str).join("\n");
    let hex = header("signature");
    let bytes: Vec<u8> = (0..64).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    key.verify_strict(message.as_bytes(), &Signature::from_slice(&bytes).unwrap()).is_ok()
}

#[test]
fn an_app_hears_of_its_request_when_it_is_done_and_can_tell_that_it_is_fal_who_says_it() {
    let mut bench = Bench::new();
    let id = bench.post(SUBMIT, &json!({"a": 1})).body_json()["request_id"].as_str().unwrap().to_owned();
    assert!(bench.posts().is_empty());
    assert_eq!(bench.fal.next_post(), Some(bench.now + 1_000), "the run ends");
    assert!(bench.wait(999).posts().is_empty());
    let post = bench.wait(1).one_post();
    assert_eq!((post.url.as_str(), post.timeout), ("http://127.0.0.1:1/hook?a=b", 15_000));
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!((&body["request_id"], &body["status"]), (&json!(id), &json!("OK")));
    assert_eq!(body["payload"]["input"], json!({"a": 1}));
    assert!(signed_by(&bench.published()[0], &post));
    assert!(bench.posts().is_empty(), "it is being posted");
    bench.posted(post.number, DeliveryOutcome::Status(204));
    assert_eq!(bench.state(), "delivered");
    assert_eq!(bench.fal.next_post(), None);
}

#[test]
fn it_is_tried_later_and_later_until_the_result_is_gone() {
    let mut bench = Bench::new();
    bench.post(SUBMIT, &json!({}));
    bench.wait(1_000);
    let (ended, mut waits, mut last) = (bench.now, Vec::new(), bench.now);
    while let Some(at) = bench.fal.next_post() {
        bench.now = bench.now.max(at);
        for post in bench.posts() {
            assert_eq!(post.timeout, if waits.is_empty() { 15_000 } else { 120_000 });
            waits.push(bench.now - last);
            last = bench.now;
            let outcomes = [
                DeliveryOutcome::Status(500),
                DeliveryOutcome::Status(404),
                DeliveryOutcome::TimedOut,
                DeliveryOutcome::Unreachable,
            ];
            bench.posted(post.number, outcomes[waits.len() % 4]);
        }
    }
    assert_eq!(bench.state(), "given_up");
    assert!(waits.len() > 8 && waits.len() <= 32 && waits.is_sorted(), "{waits:?}");
    assert!(last - ended <= 3_600_000 && last - ended > 2_400_000, "{}", last - ended);
}

#[test]
fn a_redirect_is_not_followed_and_not_tried_again() {
    for outcome in [DeliveryOutcome::Status(301), DeliveryOutcome::Status(308), DeliveryOutcome::Forbidden] {
        let mut bench = Bench::new();
        bench.post(SUBMIT, &json!({}));
        let post = bench.wait(1_000).one_post();
        bench.posted(post.number, outcome);
        assert_eq!(bench.state(), "given_up", "{outcome:?}");
    }
}

#[test]
fn every_try_is_signed_anew_and_a_new_key_is_published_together_with_the_old_one() {
    let mut bench = Bench::new();
    bench.post(SUBMIT, &json!({}));
    let first = bench.wait(1_000).one_post();
    let old = bench.published()[0];
    bench.posted(first.number, DeliveryOutcome::Status(500));
    bench.change_settings(|live| live.webhooks.key = 1);
    let second = bench.wait(10_000).one_post();
    let keys = bench.published();
    assert_eq!(keys.len(), 2);
    assert!(signed_by(&keys[0], &second) && !signed_by(&keys[1], &second));
    assert_eq!(keys[1], old);
    assert_eq!(first.body, second.body);
    assert_ne!(first.headers, second.headers);
}

#[test]
fn what_is_taken_may_come_once_more_because_fal_promises_at_least_once() {
    let mut bench = Bench::new();
    bench.change_settings(|live| live.webhooks.repeat = 1).post(SUBMIT, &json!({}));
    let first = bench.wait(1_000).one_post();
    bench.posted(first.number, DeliveryOutcome::Status(200));
    let second = bench.wait(10_000).one_post();
    bench.posted(second.number, DeliveryOutcome::Status(200));
    assert_eq!(bench.state(), "delivered");
}

#[test]
fn failures_and_cancelled_requests_are_told_too() {
    let mut bench = Bench::new();
    let submit = |endpoint: &str| format!("https://queue.fal.run/{endpoint}?fal_webhook=http://127.0.0.1:1/");
    bench.post(&submit("emulator/refuses"), &prompt("x"));
    bench.post(&submit("emulator/bytes"), &json!({}));
    let id = bench.post(&submit("emulator/echo"), &json!({})).body_json()["request_id"].as_str().unwrap().to_owned();
    bench.cancel("emulator/echo", &id);
    let bodies =
        bench.wait(60_000).posts().into_iter().map(|post| serde_json::from_slice::<Value>(&post.body).unwrap());
    let said: Vec<_> = bodies.map(|body| (body["error"].clone(), body["payload_error"].is_string())).collect();
    assert!(said.contains(&(json!("Invalid status code: 422"), false)), "{said:?}");
    assert!(said.contains(&(json!("Invalid status code: 499"), false)), "{said:?}");
    assert!(said.contains(&(Value::Null, true)), "{said:?}");
}

#[test]
fn a_reset_forgets_what_is_being_posted() {
    let mut bench = Bench::new();
    bench.post(SUBMIT, &json!({}));
    let before = bench.wait(1_000).one_post();
    bench.fal.reset();
    bench.speaking_as("Key ann:1").post(SUBMIT, &json!({}));
    let after = bench.wait(1_000).one_post();
    bench.posted(before.number, DeliveryOutcome::Status(200));
    assert_eq!(bench.state(), "posting");
    bench.posted(after.number, DeliveryOutcome::Status(200));
    assert_eq!(bench.state(), "delivered");
}
