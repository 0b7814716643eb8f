//! Faults on order: what goes wrong between a caller and fal, for the requests a test picks.
//!
//! The model only says which fault strikes. Whoever plays the wire (the server, a simulation) does it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fal;
use super::hosts::Place;
use super::http::{Body, Millis, Request, Response};

/// How many faults may wait at a time.
pub const MAX_FAULTS: usize = 1_000;

/// The codes a socket may be closed with.
const CLOSE_CODES: std::ops::RangeInclusive<u16> = 1000..=4999;

/// One fault: for which requests, from which one on, how often, and what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The requests it may strike. Default: all.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// How many matching requests pass first. Default 0.
    #[serde(default)]
    pub skip: u32,
    /// How many it strikes then. Default 1.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens to them.
    pub then: Effect,
}

/// Which requests. A field that is absent does not matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// fal's name of the host, however the request names it: `queue.fal.run`.
    pub host: Option<String>,
    /// The method, in any case. Without it a fault spares `OPTIONS`: a page's preflight is no request of its user's.
    pub method: Option<String>,
    /// A part of the path (on the host).
    pub path_contains: Option<String>,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelling")]
pub enum Effect {
    /// The model never sees it; the caller gets this answer.
    Answer {
        /// HTTP status code.
        status: u16,
        /// Header names and values.
        headers: Vec<(String, String)>,
        /// The body, as text.
        body: String,
    },
    /// The connection is dropped before the model sees it.
    DropBefore,
    /// The model handles it, then the connection is dropped without an answer.
    DropAfter,
    /// The connection is dropped after this many bytes of the answer's body.
    Truncate(usize),
    /// The answer comes this many milliseconds late.
    Delay(Millis),
    /// The WebSocket is closed after this many of fal's frames.
    Close {
        /// With which code; 1006: the connection is dropped without one.
        code: u16,
        /// How many frames come through before.
        after: u64,
    },
}

/// How an effect is written in JSON: an object with one of a few fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    drop: Option<Dropped>,
    truncate: Option<usize>,
    delay_ms: Option<Millis>,
    close: Option<u16>,
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dropped {
    Before,
    After,
}

impl TryFrom<Spelling> for Effect {
    type Error = String;

    fn try_from(spelling: Spelling) -> Result<Self, String> {
        let one = [
            spelling.status.is_some(),
            spelling.drop.is_some(),
            spelling.truncate.is_some(),
            spelling.delay_ms.is_some(),
            spelling.close.is_some(),
        ];
        let bare = spelling.headers.is_empty() && spelling.body.is_empty();
        let fits = (bare || spelling.status.is_some()) && (spelling.after == 0 || spelling.close.is_some());
        if one.into_iter().filter(|given| *given).count() != 1 || !fits {
            return Err("`then` holds exactly one of status (with headers and body), drop, truncate, delay_ms, \
                close (with after)"
                .to_owned());
        }
        if spelling.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("a status is between 200 and 599".to_owned());
        }
        if spelling.close.is_some_and(|code| !CLOSE_CODES.contains(&code)) {
            return Err("a close code is between 1000 and 4999".to_owned());
        }
        let dropped = spelling.drop.map(|when| match when {
            Dropped::Before => Self::DropBefore,
            Dropped::After => Self::DropAfter,
        });
        let answer = spelling.status.map(|status| Self::Answer {
            status,
            headers: spelling.headers.into_iter().collect(),
            body: spelling.body,
        });
        let close = spelling.close.map(|code| Self::Close { code, after: spelling.after });
        let timed = spelling.truncate.map(Self::Truncate).or(spelling.delay_ms.map(Self::Delay));
        answer.or(dropped).or(timed).or(close).ok_or_else(String::new)
    }
}

impl Fault {
    fn matches(&self, request: &Request) -> bool {
        let place = Place::of(request);
        let (host, path) = place.map_or(("", request.path.as_str()), |place| (place.host, place.path));
        let Matching { host: wanted, method, path_contains } = &self.matching;
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(host))
            && method
                .as_ref()
                .map_or(request.method != "OPTIONS", |method| method.eq_ignore_ascii_case(&request.method))
            && path_contains.as_ref().is_none_or(|part| path.contains(part))
    }
}

impl Fal {
    /// Orders faults instead of those that wait; at most [`MAX_FAULTS`] are kept. They are tried in their order, and one
    /// request is struck by at most one.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.faults = faults;
        self.faults.truncate(MAX_FAULTS);
    }

    /// The fault that strikes this request, if one does. To be asked once per request, before [`Fal::handle`].
    ///
    /// For [`Effect::Answer`] and [`Effect::DropBefore`] the request must not be handled: the journal has it already.
    pub fn fault(&mut self, now: Millis, request: &Request) -> Option<Effect> {
        let struck = self.faults.iter_mut().find_map(|fault| {
            if fault.times == 0 || !fault.matches(request) {
                return None;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return None;
            }
            fault.times -= 1;
            Some(fault.then.clone())
        })?;
        self.faults.retain(|fault| fault.times > 0);
        match &struck {
            Effect::Answer { status, .. } => self.note(now, request, Some(*status)),
            Effect::DropBefore => self.note(now, request, None),
            _ => {}
        }
        Some(struck)
    }
}

impl Effect {
    /// The answer of [`Effect::Answer`].
    pub fn response(&self) -> Option<Response> {
        let Self::Answer { status, headers, body } = self else {
            return None;
        };
        let mut response = Response { headers: headers.clone(), ..Response::empty(*status) };
        // What every answer has, unless the order says otherwise. Without the second a page could not read it.
        for (name, value) in [("content-type", "application/json"), ("access-control-allow-origin", "*")] {
            let given = headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
            response = if given { response } else { response.with_header(name, value) };
        }
        response.body = Body::Bytes(body.as_bytes().into());
        Some(response)
    }
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;

    fn fault(json: &str) -> Result<Fault, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_fault_strikes_the_requests_it_was_ordered_for_and_no_others() {
        let mut fal = Fal::new(Settings::default());
        let order = r#"{"match":{"host":"queue.fal.run","method":"post","path_contains":"/flux"},"skip":1,"times":2,"then":{"drop":"after"}}"#;
        fal.set_faults(vec![fault(order).unwrap()]);
        let submit = Request::new("POST", "http://127.0.0.1/queue.fal.run/fal-ai/flux/dev");
        let other = Request::new("GET", "https://queue.fal.run/fal-ai/flux/requests/x");
        let mut struck = |request: &Request| fal.fault(0, request);
        assert_eq!(struck(&submit), None, "the first passes");
        assert_eq!(struck(&other), None);
        assert_eq!(struck(&submit), Some(Effect::DropAfter));
        assert_eq!(struck(&submit), Some(Effect::DropAfter));
        assert_eq!(struck(&submit), None, "twice was ordered");
    }

    #[test]
    fn an_order_that_means_nothing_is_refused_with_a_reason() {
        for (order, reason) in [
            (r#"{"then":{}}"#, "exactly one"),
            (r#"{"then":{"drop":"before","delay_ms":5}}"#, "exactly one"),
            (r#"{"then":{"drop":"later"}}"#, "unknown variant"),
            (r#"{"then":{"status":99}}"#, "between 200 and 599"),
            (r#"{"then":{"close":99}}"#, "between 1000 and 4999"),
            (r#"{"then":{"drop":"after","after":2}}"#, "exactly one"),
            (r#"{"then":{"delay":5}}"#, "unknown field"),
            (r#"{"match":{"path":"x"},"then":{"delay_ms":5}}"#, "unknown field"),
        ] {
            let error = fault(order).unwrap_err();
            assert!(error.contains(reason), "{order}: {error}");
        }
    }
}
