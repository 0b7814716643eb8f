//! Faults: what goes wrong between a caller and fal, for the requests a test picks.
//!
//! The model only says which fault applies to a request. The server or a simulation carries it out.

mod effect;

use serde::Deserialize;

use super::hosts::Target;
use super::http::Request;
pub use effect::{Effect, Form, RetryAfter};

/// How many faults may wait at a time.
pub const MAX_FAULTS: usize = 1_000;

/// One fault: for which requests, from which one on, how often, and what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The requests it may apply to. Default: all.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// How many matching requests pass first. Default 0.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it then applies to; `null`: all. Default 1.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens to them.
    pub then: Effect,
}

/// Which requests. A field that is absent does not matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// fal's name of the host, however the request names it: `queue.fal.run`.
    pub host: Option<String>,
    /// The method, in any case. Without it a fault spares `OPTIONS`: a preflight is sent by the browser, not by the page.
    pub method: Option<String>,
    /// A part of the path (on the host).
    pub path_contains: Option<String>,
    /// The end of the path: `/3` is the third part of an upload.
    pub path_ends: Option<String>,
}

impl Fault {
    fn matches(&self, request: &Request) -> bool {
        let place = Target::of(request);
        let (host, path) = place.map_or(("", request.path.as_str()), |place| (place.host, place.path));
        let Matching { host: wanted, method, path_contains, path_ends } = &self.matching;
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(host))
            && method
                .as_ref()
                .map_or(request.method != "OPTIONS", |method| method.eq_ignore_ascii_case(&request.method))
            && path_contains.as_ref().is_none_or(|part| path.contains(part))
            && path_ends.as_ref().is_none_or(|end| path.ends_with(end))
    }
}

/// The faults that wait.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Replaces the faults that wait; at most [`MAX_FAULTS`] are kept.
    pub fn set(&mut self, faults: Vec<Fault>) {
        self.0 = faults;
        self.0.truncate(MAX_FAULTS);
    }

    /// The effect on this request, of the first fault that matches and still has to pass over none.
    pub fn take(&mut self, request: &Request) -> Option<Effect> {
        let effect = self.0.iter_mut().find_map(|fault| {
            if fault.times == Some(0) || !fault.matches(request) {
                return None;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return None;
            }
            fault.times = fault.times.map(|times| times - 1);
            Some(fault.then.clone())
        })?;
        self.0.retain(|fault| fault.times != Some(0));
        Some(effect)
    }
}

fn once() -> Option<u32> {
    Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> Result<Fault, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_fault_strikes_the_requests_it_was_ordered_for_and_no_others() {
        let mut faults = Faults::default();
        let order = r#"{"match":{"host":"queue.fal.run","method":"post","path_contains":"/flux"},"skip":1,"times":2,"then":{"drop":"after"}}"#;
        faults.set(vec![fault(order).unwrap()]);
        let submit = Request::new("POST", "http://127.0.0.1/queue.fal.run/fal-ai/flux/dev");
        let other = Request::new("GET", "https://queue.fal.run/fal-ai/flux/requests/x");
        let mut struck = |request: &Request| faults.take(request);
        assert_eq!(struck(&submit), None, "the first passes");
        assert_eq!(struck(&other), None);
        assert_eq!(struck(&submit), Some(Effect::DropAfter));
        assert_eq!(struck(&submit), Some(Effect::DropAfter));
        assert_eq!(struck(&submit), None, "twice was ordered");
    }

    #[test]
    fn one_part_of_an_upload_can_be_struck() {
        let mut faults = Faults::default();
        faults.set(vec![fault(r#"{"match":{"path_ends":"/3"},"then":{"drop":"before"}}"#).unwrap()]);
        let part = |number| Request::new("PUT", &format!("https://v3.fal.media/presigned/3f/{number}?signature=x"));
        assert_eq!([1, 13, 3, 3].map(|number| faults.take(&part(number)).is_some()), [false, false, true, false]);
    }

    #[test]
    fn an_order_without_number_strikes_every_time() {
        let mut faults = Faults::default();
        faults.set(vec![fault(r#"{"times":null,"then":{"drop":"after"}}"#).unwrap()]);
        let request = Request::new("POST", "https://fal.run/emulator/echo");
        assert!((0..100).all(|_| faults.take(&request) == Some(Effect::DropAfter)));
        assert!(fault(r#"{"match":{"path":"x"},"then":{"delay_ms":5}}"#).unwrap_err().contains("unknown field"));
    }
}
