//! One call that the app's own server allows, on a text that a page hands over: for one visitor, one endpoint, once.
//!
//! What is signed stands here; whoever calls this makes and checks the signature itself (HMAC-SHA-256), so that no secret
//! comes into this memory. That it is used once is counted by [`limits`](crate::limits), as an idempotency key is.

use alloc::string::String;

use super::audit::digest;
use super::refusal::Refusal;
use super::route_kind::RouteKind;
use super::signed_text::{LATEST, SIGNATURE_CHARS, is_base64url, is_signature, push_number, read_number};
use crate::protocol::EndpointId;

/// Longest grant read, in bytes: servers and gateways take headers of 8 kB.
pub const MAX_GRANT_BYTES: usize = 4096;
/// Longest id, in bytes.
const MAX_ID_BYTES: usize = 128;
/// Between the parts: nothing else in a grant has it, and no key looks like it.
const BETWEEN: char = ';';

/// What a grant allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// What is used once.
    pub id: &'a str,
    /// The endpoint that may be called, exactly.
    pub endpoint: &'a str,
    /// Who may, as the app knows them.
    pub principal: &'a str,
    /// Until when, in seconds since 1970.
    pub expires: u64,
    /// Rules and price, as base64url. What they say is read by whoever holds the input.
    pub content: &'a str,
}

impl Grant<'_> {
    /// The grant without its signature; none when a part of it cannot be written, or all of it is too long.
    pub fn text(&self) -> Option<String> {
        let endpoint = EndpointId::parse(self.endpoint).ok()?;
        let fits = is_grant_id(self.id) && is_base64url(self.content) && self.expires <= LATEST;
        let mut text = String::from("1");
        text.push(BETWEEN);
        push_number(&mut text, self.expires);
        for part in [self.id, endpoint.as_str(), &visitor(self.id, self.principal), self.content] {
            text.push(BETWEEN);
            text.push_str(part);
        }
        text.push(BETWEEN);
        (fits && text.len() + SIGNATURE_CHARS <= MAX_GRANT_BYTES).then_some(text)
    }
}

/// A grant as it was sent along. Whether its signature is good is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedGrant<'a> {
    /// What is signed, all that stands before the signature.
    pub text: &'a str,
    /// The signature of [`grant_message`], as base64url.
    pub signature: &'a str,
    /// What is used once.
    pub id: &'a str,
    /// Rules and price, as base64url.
    pub content: &'a str,
    expires: u64,
    endpoint: &'a str,
    visitor: &'a str,
}

impl<'a> SignedGrant<'a> {
    /// Reads a grant; none when it has another form.
    pub fn read(grant: &'a str) -> Option<Self> {
        let mut parts = grant.split(BETWEEN);
        let (version, expires, id) = (parts.next()?, parts.next()?, parts.next()?);
        let (endpoint, visitor, content, signature) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let fits = grant.len() <= MAX_GRANT_BYTES && parts.next().is_none() && version == "1";
        let told = is_grant_id(id) && is_base64url(content);
        let (expires, text) = (read_number(expires)?, grant.strip_suffix(signature)?);
        (fits && told && is_signature(signature)).then_some(Self {
            text,
            signature,
            id,
            content,
            expires,
            endpoint,
            visitor,
        })
    }

    /// Whether it allows this call, once its signature was found good. A stream is also called by the id with `/stream`
    /// after it. What goes on with a token no rule sees (`ruled`): a grant with rules is for none.
    pub fn check(
        &self,
        kind: RouteKind,
        endpoint: &str,
        principal: &str,
        now: u64,
        ruled: bool,
    ) -> Result<(), Refusal> {
        let own = |granted: &str| kind == RouteKind::Stream && granted == endpoint;
        let is_it = self.endpoint == endpoint || self.endpoint.strip_suffix("/stream").is_some_and(own);
        if !is_it || self.visitor != visitor(self.id, principal) || (ruled && kind == RouteKind::Token) {
            return Err(Refusal::GrantMismatch);
        }
        if self.expires <= now { Err(Refusal::GrantExpired) } else { Ok(()) }
    }
}

/// What is signed of a grant.
pub fn grant_message(text: &str) -> String {
    let mut message = String::from("fal-wasm grant 1\n");
    message.push_str(text);
    message
}

/// Whether a text can name a grant.
pub fn is_grant_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(fits)
}

/// Whose a grant is, without the name: a page hands it around.
fn visitor(id: &str, principal: &str) -> String {
    let mut named = String::from("fal-wasm grant visitor\n");
    named.push_str(id);
    named.push('\n');
    named.push_str(principal);
    digest(&named)
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    const GRANT: Grant<'_> =
        Grant { id: "order.17", endpoint: "fal-ai/flux/dev", principal: "ann", expires: 1000, content: "e30" };

    fn signed(grant: Grant<'_>) -> String {
        format!("{}{}", grant.text().unwrap(), "m".repeat(SIGNATURE_CHARS))
    }

    fn check(text: &str, kind: RouteKind, endpoint: &str, principal: &str, now: u64) -> Result<(), Refusal> {
        SignedGrant::read(text).unwrap().check(kind, endpoint, principal, now, false)
    }

    #[test]
    fn whatever_is_made_can_be_read_and_every_part_of_it_is_signed() {
        let text = signed(GRANT);
        let read = SignedGrant::read(&text).unwrap();
        assert_eq!((read.id, read.content, Some(read.text.into())), ("order.17", "e30", GRANT.text()));
        assert_eq!(grant_message(read.text), format!("fal-wasm grant 1\n{}", read.text));
        for other in [
            Grant { id: "order.18", ..GRANT },
            Grant { endpoint: "fal-ai/flux", ..GRANT },
            Grant { principal: "bob", ..GRANT },
            Grant { expires: 1001, ..GRANT },
            Grant { content: "e31", ..GRANT },
        ] {
            assert_ne!(other.text(), GRANT.text(), "{other:?}");
        }
        assert!(!text.contains("ann;"), "a page hands it around");
    }

    #[test]
    fn a_grant_is_for_its_own_endpoint_visitor_and_time() {
        use RouteKind::{Run, Stream, Submit, Token};
        let text = signed(GRANT);
        for kind in [Run, Submit, Stream, Token] {
            assert_eq!(check(&text, kind, "fal-ai/flux/dev", "ann", 999), Ok(()));
            for (endpoint, principal) in
                [("fal-ai/flux", "ann"), ("fal-ai/flux/dev/x", "ann"), ("fal-ai/flux/dev", "bob")]
            {
                assert_eq!(check(&text, kind, endpoint, principal, 0), Err(Refusal::GrantMismatch));
            }
            assert_eq!(check(&text, kind, "fal-ai/flux/dev", "ann", 1000), Err(Refusal::GrantExpired));
        }
        let streamed = signed(Grant { endpoint: "fal-ai/flux/dev/stream", ..GRANT });
        assert_eq!(check(&streamed, Stream, "fal-ai/flux/dev", "ann", 0), Ok(()));
        assert_eq!(check(&streamed, Run, "fal-ai/flux/dev", "ann", 0), Err(Refusal::GrantMismatch));
        let ruled = SignedGrant::read(&text).unwrap().check(Token, "fal-ai/flux/dev", "ann", 0, true);
        assert_eq!(ruled, Err(Refusal::GrantMismatch), "no rule sees what a token is used for");
    }

    #[test]
    fn what_is_of_another_form_is_none() {
        let text = signed(GRANT);
        let (before, _) = text.rsplit_once(';').unwrap();
        for other in [
            "",
            ";;;;;;",
            before,
            &text.replacen('1', "2", 1),
            &text.replace("1000", "x"),
            &text.replace("1000", "+100"),
            &text.replace("e30", "e30="),
            &text.replace("order.17", "order 17"),
            &format!("{text};"),
            &format!("{text}m"),
            &"1;".repeat(4000),
        ] {
            assert_eq!(SignedGrant::read(other), None, "{other}");
        }
        for wrong in [
            Grant { id: "", ..GRANT },
            Grant { id: "a;b", ..GRANT },
            Grant { endpoint: "flux", ..GRANT },
            Grant { content: "", ..GRANT },
            Grant { content: &"a".repeat(MAX_GRANT_BYTES), ..GRANT },
        ] {
            assert_eq!(wrong.text(), None, "{wrong:?}");
        }
        assert_eq!(Grant { endpoint: "123-app", ..GRANT }.text(), Grant { endpoint: "123/app", ..GRANT }.text());
    }
}
