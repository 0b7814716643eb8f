//! One webhook as it arrives: its headers, its time, and what was signed.

use alloc::string::String;
use alloc::vec::Vec;

use super::ed25519::Signature;
use super::encoding::push_hex;
use super::refusal::Refusal;
use crate::protocol::Millis;

/// How far the time of a webhook may be from ours, either way. It is fal's own number.
pub const TOLERANCE_SECONDS: u64 = 300;

/// The longest name of a request or a user.
const MAX_NAME: usize = 256;

/// The headers of a webhook; absent ones are none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    /// `X-Fal-Webhook-Request-Id`.
    pub request_id: Option<&'a str>,
    /// `X-Fal-Webhook-User-Id`.
    pub user_id: Option<&'a str>,
    /// `X-Fal-Webhook-Timestamp`.
    pub timestamp: Option<&'a str>,
    /// `X-Fal-Webhook-Signature`.
    pub signature: Option<&'a str>,
}

/// A webhook whose headers are well-formed and of now. Who sent it is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    request_id: String,
    user_id: String,
    timestamp: String,
    signature: Signature,
}

impl Delivery {
    /// Reads headers. `now` is the time since 1970.
    ///
    /// Of a header that came twice only one could be checked, so it is refused: the values of both, joined as the web
    /// joins them, are none of these.
    pub fn read(headers: &Headers<'_>, now: Millis) -> Result<Self, Refusal> {
        let Headers { request_id: Some(request_id), user_id: Some(user_id), .. } = *headers else {
            return Err(Refusal::HeaderMissing);
        };
        let Headers { timestamp: Some(timestamp), signature: Some(signature), .. } = *headers else {
            return Err(Refusal::HeaderMissing);
        };
        let signed_at = seconds(timestamp).ok_or(Refusal::HeaderInvalid)?;
        let signature = Signature::from_hex(signature).ok_or(Refusal::HeaderInvalid)?;
        if !is_name(request_id) || !is_name(user_id) {
            return Err(Refusal::HeaderInvalid);
        }
        let now = now / 1000;
        if now.saturating_sub(signed_at) > TOLERANCE_SECONDS {
            return Err(Refusal::TooOld);
        }
        if signed_at.saturating_sub(now) > TOLERANCE_SECONDS {
            return Err(Refusal::TooNew);
        }
        Ok(Self { request_id: request_id.into(), user_id: user_id.into(), timestamp: timestamp.into(), signature })
    }

    /// What fal signed, when `digest` is the SHA-256 of the body as it came.
    pub fn message(&self, digest: &[u8; 32]) -> Vec<u8> {
        let mut message = Vec::new();
        for line in [&self.request_id, &self.user_id, &self.timestamp] {
            message.extend_from_slice(line.as_bytes());
            message.push(b'\n');
        }
        push_hex(&mut message, digest);
        message
    }

    /// Whether what fal signed is this app's. `request_id` and `attempt` (the `gateway_request_id`) are those of the body;
    /// `accounts` are the app's own, all of fal's when it names none.
    ///
    /// fal signs for all its customers: that it signed says nothing about whose request it is.
    pub fn check<Account: AsRef<str>>(
        &self,
        request_id: &str,
        attempt: Option<&str>,
        accounts: Option<&[Account]>,
    ) -> Result<(), Refusal> {
        if accounts.is_some_and(|accounts| !accounts.iter().any(|account| account.as_ref() == self.user_id)) {
            return Err(Refusal::Account);
        }
        // After a retry of fal's own the attempt has an id of its own, and either may be in the header.
        if self.request_id != request_id && attempt != Some(self.request_id.as_str()) {
            return Err(Refusal::RequestMismatch);
        }
        Ok(())
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

/// Seconds since 1970, in decimal without sign, space or leading zero.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && matches!(text.len(), 1..=12);
    let canonical = text.len() == 1 || !text.starts_with('0');
    (digits && canonical).then(|| text.bytes().fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0')))
}

/// Whether this names a request or a user: visible ASCII, so that it is one line of what was signed. No comma: that is
/// two headers of this name.
fn is_name(text: &str) -> bool {
    matches!(text.len(), 1..=MAX_NAME) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_763_650_000_999;
    const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    fn headers() -> Headers<'static> {
        Headers {
            request_id: Some("123e4567-e89b-12d3-a456-426614174000"),
            user_id: Some("google-oauth2|107"),
            timestamp: Some("1763650000"),
            signature: Some(SIGNATURE),
        }
    }

    fn read_at(timestamp: &str, now: Millis) -> Result<(), Refusal> {
        Delivery::read(&Headers { timestamp: Some(timestamp), ..headers() }, now).map(|_| ())
    }

    #[test]
    fn the_message_is_what_fal_signs() {
        let delivery = Delivery::read(&headers(), NOW).unwrap();
        let mut expected = String::from("123e4567-e89b-12d3-a456-426614174000\ngoogle-oauth2|107\n1763650000\n");
        expected.push_str("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let empty = [
            0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
            0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
        ];
        assert_eq!(delivery.message(&empty), expected.as_bytes());
    }

    #[test]
    fn what_fal_signed_for_somebody_else_is_not_taken() {
        let delivery = Delivery::read(&headers(), NOW).unwrap();
        let id = "123e4567-e89b-12d3-a456-426614174000";
        let all: Option<&[&str]> = None;
        assert_eq!(delivery.check(id, None, all), Ok(()));
        assert_eq!(delivery.check(id, None, Some(&["other", "google-oauth2|107"])), Ok(()));
        assert_eq!(delivery.check("another", Some(id), all), Ok(()), "an attempt of fal's own");
        for accounts in [&["google-oauth2|10"][..], &["google-oauth2|1070"], &["GOOGLE-OAUTH2|107"], &[]] {
            assert_eq!(delivery.check(id, None, Some(accounts)), Err(Refusal::Account), "{accounts:?}");
        }
        for attempt in [None, Some("a third")] {
            assert_eq!(delivery.check("another", attempt, all), Err(Refusal::RequestMismatch));
        }
    }

    #[test]
    fn a_recorded_webhook_cannot_be_sent_later_nor_one_be_made_for_later() {
        assert_eq!(read_at("1763649700", NOW), Ok(()));
        assert_eq!(read_at("1763649699", NOW), Err(Refusal::TooOld));
        assert_eq!(read_at("1763650300", NOW), Ok(()));
        assert_eq!(read_at("1763650301", NOW), Err(Refusal::TooNew));
        assert_eq!(read_at("0", NOW), Err(Refusal::TooOld));
        assert_eq!(read_at("999999999999", NOW), Err(Refusal::TooNew));
        // In milliseconds it would be far in the future.
        assert_eq!(read_at("1763650000000", NOW), Err(Refusal::HeaderInvalid));
        // A clock that is not set refuses.
        assert_eq!(read_at("1763650000", 0), Err(Refusal::TooNew));
        assert_eq!(read_at("1763650000", Millis::MAX), Err(Refusal::TooOld));
    }

    #[test]
    fn a_time_is_decimal_digits_and_nothing_else() {
        let times =
            ["", " ", "01763650000", "+1763650000", "-1", "1763650000 ", "1763650000.0", "1.76e9", "0x691f2b10"];
        for time in times.into_iter().chain(["1763650000abc", "NaN", "1763650000, 1763650000", "١٧٦٣٦٥٠٠٠٠"])
        {
            assert_eq!(read_at(time, NOW), Err(Refusal::HeaderInvalid), "{time}");
        }
    }

    #[test]
    fn without_one_of_the_headers_nothing_is_taken() {
        let all = headers();
        for headers in [
            Headers { request_id: None, ..all },
            Headers { user_id: None, ..all },
            Headers { timestamp: None, ..all },
            Headers { signature: None, ..all },
        ] {
            assert_eq!(Delivery::read(&headers, NOW), Err(Refusal::HeaderMissing));
        }
    }

    #[test]
    fn a_header_cannot_move_a_line_of_what_was_signed() {
        let long = "a".repeat(257);
        for name in ["", "a\nb", "a\r\nb", "a b", "a, a", "a,a", "\0", "é", "a\u{85}", long.as_str()] {
            for headers in
                [Headers { request_id: Some(name), ..headers() }, Headers { user_id: Some(name), ..headers() }]
            {
                assert_eq!(Delivery::read(&headers, NOW), Err(Refusal::HeaderInvalid), "{name:?}");
            }
        }
    }

    #[test]
    fn a_signature_is_128_digits_and_has_one_spelling() {
        let doubled = [SIGNATURE, ", ", SIGNATURE].concat();
        let (upper, long) = (SIGNATURE.to_uppercase(), [SIGNATURE, "00"].concat());
        for signature in ["", "00", &SIGNATURE[1..], &doubled, &upper, &long] {
            let headers = Headers { signature: Some(signature), ..headers() };
            assert_eq!(Delivery::read(&headers, NOW), Err(Refusal::HeaderInvalid), "{signature}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_headers_are_a_message_has_four_lines_and_a_time_that_is_now(
            (id, user) in (any::<String>(), "[ -~]{0,9}"),
            time in prop_oneof![any::<String>(), "[0-9]{1,13}", (1_763_649_000_u64..1_763_651_000).prop_map(|time| time.to_string())],
            signature in prop_oneof![Just(String::from(SIGNATURE)), any::<String>(), "[0-9a-f]{128}"],
            digest: [u8; 32],
        ) {
            let headers = Headers {
                request_id: Some(&id),
                user_id: Some(&user),
                timestamp: Some(&time),
                signature: Some(&signature),
            };
            if let Ok(delivery) = Delivery::read(&headers, NOW) {
                let message = String::from_utf8(delivery.message(&digest)).unwrap();
                let lines: Vec<&str> = message.split('\n').collect();
                prop_assert_eq!(&lines[..3], &[id.as_str(), &user, &time]);
                prop_assert_eq!((lines.len(), lines[3].len()), (4, 64));
                prop_assert!(time.parse::<u64>().unwrap().abs_diff(NOW / 1000) <= TOLERANCE_SECONDS);
            }
        }
    }
}
