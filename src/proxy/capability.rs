//! What shows that a request is one's own: given out with the answer to a submit, asked for with everything about it.
//!
//! All browsers of an app call fal with one key, so at fal each could read what the others made. A capability ties a
//! request to the person who submitted it, without anything to be remembered: it is signed. What is signed stands here;
//! whoever calls this makes the signature itself (HMAC-SHA-256), so that no secret comes into this memory.

use alloc::string::String;

use super::signed_text::{LATEST, is_signature, push_number, read_number};
use crate::protocol::{AppId, RequestId, Route};

/// Longest capability read, in bytes.
const MAX_BYTES: usize = 256;

/// Whose a request is, and for how long that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capability<'a> {
    /// Who submitted it, as the app knows them.
    pub principal: &'a str,
    /// The app of the request.
    pub app: &'a str,
    /// The request.
    pub request: &'a str,
    /// Until when, in seconds since 1970.
    pub expires: u64,
}

impl Capability<'_> {
    /// The text that is signed. The principal comes last, because it alone may have any character; what comes before
    /// cannot have a line break.
    pub fn message(&self) -> String {
        let mut text = String::from("fal-wasm capability 1\n");
        push_number(&mut text, self.expires.min(LATEST));
        for part in [self.app, self.request, self.principal] {
            text.push('\n');
            text.push_str(part);
        }
        text
    }

    /// The capability, with its signature as base64url. It begins with the request id: whoever holds several knows which
    /// is which.
    pub fn with_signature(&self, mac: &str) -> String {
        let mut text = String::from(self.request);
        text.push('.');
        push_number(&mut text, self.expires.min(LATEST));
        text.push('.');
        text.push_str(mac);
        text
    }
}

/// A capability as it was sent along. Whether its signature is good is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedCapability<'a> {
    /// What it says.
    pub capability: Capability<'a>,
    /// The signature of [`Capability::message`], as base64url.
    pub signature: &'a str,
}

impl<'a> Capability<'a> {
    /// Reads a capability; none when it is for another route, or expired.
    pub fn read(
        route: &'a Route,
        app: &'a AppId,
        principal: &'a str,
        text: &'a str,
        now: u64,
    ) -> Option<SignedCapability<'a>> {
        let request = route.request()?;
        let mut parts = text.split('.');
        let (named, expires, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = text.len() <= MAX_BYTES && parts.next().is_none();
        let expires = read_number(expires).filter(|expires| *expires > now)?;
        let own = fits && is_signature(signature) && RequestId::parse(named).as_ref() == Ok(request);
        let capability = Capability { principal, app: app.as_str(), request: request.as_str(), expires };
        own.then_some(SignedCapability { capability, signature })
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;
    use crate::protocol::Method;

    const ID: &str = "764cabcf-b745-4b3e-ae38-1200304cf45b";

    fn route() -> Route {
        Route::parse(Method::Get, &format!("https://queue.fal.run/fal-ai/flux/requests/{ID}/status")).unwrap()
    }

    #[test]
    fn two_capabilities_never_have_the_same_text() {
        let capability = Capability { principal: "ann", app: "fal-ai/flux", request: ID, expires: 1_763_650_000 };
        assert_eq!(capability.message(), format!("fal-wasm capability 1\n1763650000\nfal-ai/flux\n{ID}\nann"));
        let others = [
            Capability { principal: "ann\n", ..capability },
            Capability { principal: "bob", ..capability },
            Capability { principal: "x\nann", ..capability },
            Capability { app: "fal-ai/veo3", ..capability },
            Capability { request: "other", ..capability },
            Capability { expires: 1_763_650_001, ..capability },
        ];
        assert!(others.iter().all(|other| other.message() != capability.message()));
    }

    #[test]
    fn whatever_is_given_out_can_be_shown() {
        let (route, mac) = (route(), "m".repeat(43));
        let app = route.app().unwrap();
        for expires in [1, 1_763_650_000, LATEST, LATEST + 1, 1_001_763_650_000, u64::MAX] {
            let capability = Capability { principal: "ann", app: "fal-ai/flux", request: ID, expires };
            let text = capability.with_signature(&mac);
            let read = Capability::read(&route, &app, "ann", &text, 0).unwrap();
            assert_eq!(read.capability.message(), capability.message(), "{expires}");
        }
    }

    #[test]
    fn a_capability_is_for_its_own_request_and_its_own_time() {
        let (route, mac) = (route(), "m".repeat(43));
        let app = route.app().unwrap();
        let read = |text: &str, now| {
            Capability::read(&route, &app, "ann", text, now).map(|read| (read.capability.expires, read.signature.len()))
        };
        let capability = Capability { principal: "ann", app: "fal-ai/flux", request: ID, expires: 1000 };
        assert_eq!(read(&capability.with_signature(&mac), 999), Some((1000, 43)));
        assert_eq!(read(&capability.with_signature(&mac), 1000), None, "expired");
        let other = Capability { request: "another", ..capability };
        assert_eq!(read(&other.with_signature(&mac), 0), None, "of another request");
        for text in [
            "",
            ".",
            "..",
            &format!("{ID}.1000"),
            &format!("{ID}.x.{mac}"),
            &format!("{ID}.1000.{mac}.x"),
            &format!("{ID}.1000.short"),
            &format!("{ID}.1000.{}", "=".repeat(43)),
            &format!("{ID}.+1000.{}", "é".repeat(22)),
            &format!("{ID}.9999999999999.{mac}"),
            &"x".repeat(4000),
        ] {
            assert_eq!(read(text, 0), None, "{text}");
        }
        let submit = Route::parse(Method::Post, "https://queue.fal.run/fal-ai/flux").unwrap();
        assert_eq!(Capability::read(&submit, &app, "ann", &capability.with_signature(&mac), 0), None);
    }
}
