//! What shows a proxy that a request belongs to this client. One comes with the answer to a submit, and goes along with
//! every later call about that request. Calls that go straight to fal have none.

use fal_wasm::protocol::split_once;

/// The header that carries one.
pub(crate) const CAPABILITY: &str = "x-fal-capability";
/// How many requests are remembered; beyond that the oldest is forgotten.
const MAX_REQUESTS: usize = 10_000;
/// Length of the signature.
const SIGNATURE: usize = 43;

/// Capabilities by the ids of their requests.
#[derive(Default)]
pub(crate) struct Capabilities {
    /// The newest is the last. Nearly always it is one of those that is asked for, and a map with its hashes would take a
    /// kilobyte of a page.
    known: Vec<(String, String)>,
}

impl Capabilities {
    /// Remembers the capability of a request; says whether it is one.
    pub fn remember(&mut self, request_id: &str, capability: &str) -> bool {
        if !is_capability(capability) {
            return false;
        }
        if self.of(request_id) != Some(capability) {
            let known = self.known.iter().position(|(other, _)| other == request_id);
            if let Some(place) = known.or((self.known.len() >= MAX_REQUESTS).then_some(0)) {
                self.known.remove(place);
            }
            self.known.push((request_id.into(), capability.into()));
        }
        true
    }

    /// Remembers the capability that an answer brings. It begins with the id of its request.
    pub fn collect(&mut self, capability: &str) {
        if let Some((request_id, _)) = split_once(capability, b'.') {
            self.remember(request_id, capability);
        }
    }

    /// That of a request.
    pub fn of(&self, request_id: &str) -> Option<&str> {
        self.known.iter().rfind(|(other, _)| other == request_id).map(|(_, capability)| capability.as_str())
    }
}

/// A request id, when it ends, and a signature. Nothing else is passed on as one.
pub(crate) fn is_capability(text: &str) -> bool {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let parts = split_once(text, b'.').and_then(|(id, rest)| Some((id, split_once(rest, b'.')?)));
    let Some((id, (end, signature))) = parts else { return false };
    let is_number = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    !id.is_empty() && is_word(id) && is_number && signature.len() == SIGNATURE && is_word(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_capability_is_passed_on() {
        let good = format!("r-1.99.{}", "a".repeat(43));
        let mut capabilities = Capabilities::default();
        capabilities.collect(&good);
        assert_eq!(capabilities.of("r-1"), Some(good.as_str()));
        for bad in ["", "r-1", "r-1.x.aaa", "id:secret", &format!("r 1.9.{}", "a".repeat(43)), &format!("{good}.x")] {
            assert!(!capabilities.remember("r-2", bad), "{bad}");
        }
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut capabilities = Capabilities::default();
        for number in 0..=MAX_REQUESTS {
            capabilities.collect(&format!("r-{number}.9.{}", "a".repeat(43)));
        }
        assert!(capabilities.of("r-0").is_none() && capabilities.of("r-1").is_some());
    }
}
