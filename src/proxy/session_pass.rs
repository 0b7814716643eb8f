//! What shows that a session is one's own: given out with fal's answer to an offer, asked for with every heartbeat.
//!
//! As a capability of a request ([`super::Capability`]) it is signed and nothing is stored. It also says when the session was
//! opened, so that nobody keeps one for longer than the app allows, and what it was reserved under.

use alloc::string::String;

use super::signed_text::{is_signature, push_number, read_number};
use crate::protocol::EndpointId;

/// Longest text read, in bytes: an endpoint id may be long.
const MAX_BYTES: usize = 512;
/// Longest name of a session.
const MAX_ID_BYTES: usize = 128;
/// How far the clocks of two servers may be apart, in seconds.
const SKEW: u64 = 60;

/// Whose a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPass<'a> {
    /// Who opened it, as the app knows them.
    pub principal: &'a str,
    /// The app that runs it.
    pub app: &'a str,
    /// fal's name for it.
    pub session: &'a str,
    /// What it was reserved under.
    pub ticket: &'a str,
    /// When it was opened, in seconds since 1970.
    pub opened: u64,
}

impl<'a> SessionPass<'a> {
    /// The text that is signed; none when one of its parts is not what it has to be. The principal comes last, because it alone may
    /// have any character.
    pub fn message(&self) -> Option<String> {
        let app = EndpointId::parse(self.app).ok().filter(|app| app.as_str() == self.app)?;
        let fits = is_session_id(self.session) && is_ticket(self.ticket);
        let mut text = String::from("fal-wasm session 1\n");
        push_number(&mut text, self.opened);
        for part in [app.as_str(), self.session, self.ticket, self.principal] {
            text.push('\n');
            text.push_str(part);
        }
        fits.then_some(text)
    }

    /// The pass, with its signature as base64url.
    pub fn with_signature(&self, mac: &str) -> String {
        let mut text = String::from(self.ticket);
        text.push('.');
        push_number(&mut text, self.opened);
        for part in [mac, self.app] {
            text.push('.');
            text.push_str(part);
        }
        text
    }

    /// Reads a pass for a session, and its signature, of which it is not known yet whether it is good.
    pub fn read(text: &'a str, session: &'a str, principal: &'a str) -> Option<(Self, &'a str)> {
        let mut parts = text.splitn(4, '.');
        let (ticket, opened, mac, app) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let pass = Self { principal, app, session, ticket, opened: read_number(opened)? };
        (text.len() <= MAX_BYTES && is_signature(mac) && pass.message().is_some()).then_some((pass, mac))
    }

    /// For how many seconds it is open; none when it is longer than allowed, or was opened by a clock that is not ours.
    pub fn age(&self, now: u64, max: u64) -> Option<u64> {
        let age = now.saturating_sub(self.opened);
        (age <= max && self.opened <= now.saturating_add(SKEW)).then_some(age)
    }
}

/// Whether a text may be fal's name for a session.
fn is_session_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'~');
    !text.is_empty() && text.len() <= MAX_ID_BYTES && text.bytes().all(fits)
}

/// Whether a text may be a ticket.
fn is_ticket(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    const PASS: SessionPass<'_> =
        SessionPass { principal: "ann", app: "a/b", session: "s-1", ticket: "t-1", opened: 1_763_650_000 };

    #[test]
    fn what_is_given_out_is_for_its_own_session_person_and_time() {
        let text = PASS.with_signature(&"m".repeat(43));
        let (read, mac) = SessionPass::read(&text, "s-1", "ann").unwrap();
        assert_eq!((read, mac.len()), (PASS, 43));
        for (session, principal) in [("s-2", "ann"), ("s-1", "bob"), ("s-1", "ann\n")] {
            let (other, _) = SessionPass::read(&text, session, principal).unwrap();
            assert_ne!(other.message(), PASS.message(), "the signature does not fit");
        }
        assert_eq!(PASS.age(1_763_650_010, 10), Some(10));
        assert_eq!(PASS.age(1_763_650_011, 10), None);
        assert_eq!(PASS.age(1_763_649_000, 10), None, "from the future");
    }

    #[test]
    fn texts_of_other_shapes_are_none() {
        let mac = "m".repeat(43);
        for text in [
            "",
            "...",
            &format!("t.1.{mac}"),
            &format!("t.x.{mac}.a/b"),
            &format!("t.+1.{mac}.a/b"),
            &format!("t.9999999999999.{mac}.a/b"),
            &format!("t t.1.{mac}.a/b"),
            "t.1.short.a/b",
            &format!("t.1.{mac}.a"),
            &format!("t.1.{mac}.a/b\n"),
            &format!("t.1.{mac}.a/{}", "b".repeat(600)),
        ] {
            assert_eq!(SessionPass::read(text, "s-1", "ann"), None, "{text}");
        }
        for session in ["", "a b", "a\nb", "é", &"s".repeat(129)] {
            assert_eq!(SessionPass { session, ..PASS }.message(), None, "{session}");
        }
    }
}
