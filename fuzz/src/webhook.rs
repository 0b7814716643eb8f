//! Webhooks: what is taken is one line per field, of now, with a key and a signature of the right size.

use fal_wasm::webhook::keys::{Known, Step};
use fal_wasm::webhook::{Delivery, Headers, PublicKey, Refusal};

use super::bytes::Bytes;

const DAY: u64 = 24 * 60 * 60 * 1000;

/// The time, what is known of keys, a key, and headers.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let now = data.number();
    let known = Known { since: data.maybe(Bytes::number), asked: data.maybe(Bytes::number), open: data.flag() };
    let missed = data.flag();
    let step = known.next(now, missed);
    let usable = known.since.is_some_and(|since| since <= now && now - since < DAY);
    assert!(step != Step::Use || usable, "{known:?} at {now}");

    let x = data.text();
    for (kty, crv) in [("OKP", "Ed25519"), ("OKP", "X25519"), ("EC", "Ed25519")] {
        let key = PublicKey::from_jwk(kty, crv, &x);
        assert!(key.is_none() || (x.len() == 43 && kty == "OKP" && crv == "Ed25519"), "{x}");
    }

    let mut header = || data.maybe(Bytes::text);
    let (request_id, user_id, timestamp, signature) = (header(), header(), header(), header());
    let headers = Headers {
        request_id: request_id.as_deref(),
        user_id: user_id.as_deref(),
        timestamp: timestamp.as_deref(),
        signature: signature.as_deref(),
    };
    match Delivery::read(&headers, now) {
        Ok(delivery) => {
            let message = String::from_utf8(delivery.message(&[0xA5; 32])).expect("what is signed is ASCII");
            let lines: Vec<&str> = message.split('\n').collect();
            let [request, user, time, digest] = lines[..] else { panic!("{message}") };
            assert_eq!(
                [Some(request), Some(user), Some(time)],
                [headers.request_id, headers.user_id, headers.timestamp]
            );
            assert_eq!(digest, "a5".repeat(32));
            assert!(time.parse::<u64>().is_ok_and(|time| time.abs_diff(now / 1000) <= 300), "{time} at {now}");
            assert_eq!(signature.map(|hex| hex.len()), Some(128));
        }
        Err(refusal) => assert!(Refusal::ALL.contains(&refusal) && refusal.status() >= 400),
    }
}
