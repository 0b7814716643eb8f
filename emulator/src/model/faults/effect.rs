//! What a fault does, and how that is written in JSON.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::http::{Body, Millis, Response};

/// The codes a socket may be closed with.
const CLOSE_CODES: std::ops::RangeInclusive<u16> = 1000..=4999;

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
        /// When to retry.
        retry_after: Option<RetryAfter>,
    },
    /// The connection is dropped before the model sees it.
    DropBefore,
    /// The model handles it, then the connection is dropped without an answer.
    DropAfter,
    /// The connection is dropped after this many bytes of the answer's body.
    Truncate(usize),
    /// The answer comes this many milliseconds late.
    Delay(Millis),
    /// The answer's body comes in pieces of this many bytes.
    Split {
        /// The size of a piece.
        bytes: usize,
        /// Milliseconds between two of them.
        every: Millis,
    },
    /// Nothing comes for a while.
    Stall {
        /// After how many bytes of the answer's body.
        after: usize,
        /// For how many milliseconds.
        ms: Millis,
    },
    /// The answer's body comes all at once when it is complete, as through a proxy that buffers.
    Hold,
    /// The WebSocket is closed after this many frames from fal.
    Close {
        /// With which code; 1006: the connection is dropped without one.
        code: u16,
        /// How many frames come through before.
        after: u64,
    },
}

/// `Retry-After`, in one of its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryAfter {
    /// How much later, in milliseconds.
    pub ms: Millis,
    /// Which form is used. Default `seconds`.
    #[serde(default, rename = "as")]
    pub form: Form,
}

/// A form of `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// `retry-after: 3`, rounded up.
    #[default]
    Seconds,
    /// `retry-after: Fri, 20 Nov 2026 18:00:00 GMT`, by the time of the model; rounded up.
    Date,
    /// `retry-after-ms: 2500`.
    Ms,
}

/// How an effect is written in JSON: an object with one of these fields, and what goes with it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Spelling {
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    body: String,
    retry_after: Option<RetryAfter>,
    drop: Option<Dropped>,
    truncate: Option<usize>,
    delay_ms: Option<Millis>,
    split: Option<usize>,
    every_ms: Millis,
    stall_ms: Option<Millis>,
    hold: bool,
    close: Option<u16>,
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
        let alone = spelling.alone();
        let Spelling { status, headers, body, retry_after, drop, truncate, delay_ms, split, every_ms, .. } = spelling;
        let after = spelling.after;
        let dropped = drop.map(|when| match when {
            Dropped::Before => Self::DropBefore,
            Dropped::After => Self::DropAfter,
        });
        let all = [
            status.map(|status| Self::Answer { status, headers: headers.into_iter().collect(), body, retry_after }),
            dropped,
            truncate.map(Self::Truncate),
            delay_ms.map(Self::Delay),
            split.map(|bytes| Self::Split { bytes, every: every_ms }),
            spelling.stall_ms.map(|ms| Self::Stall { after: after as usize, ms }),
            spelling.hold.then_some(Self::Hold),
            spelling.close.map(|code| Self::Close { code, after }),
        ];
        let mut meant = all.into_iter().flatten();
        match (meant.next(), meant.next()) {
            (Some(Self::Answer { status, .. }), None) if !(200..=599).contains(&status) => {
                Err("a status is between 200 and 599".to_owned())
            }
            (Some(Self::Close { code, .. }), None) if !CLOSE_CODES.contains(&code) => {
                Err("a close code is between 1000 and 4999".to_owned())
            }
            (Some(Self::Split { bytes: 0, .. }), None) => Err("a piece has at least one byte".to_owned()),
            (Some(effect), None) if alone => Ok(effect),
            _ => Err("`then` holds exactly one of status (with headers, body and retry_after), drop, truncate, \
                delay_ms, split (with every_ms), stall_ms (with after), hold, close (with after)"
                .to_owned()),
        }
    }
}

impl Spelling {
    /// Whether no field is there without the one it goes with.
    fn alone(&self) -> bool {
        let answers = !self.headers.is_empty() || !self.body.is_empty() || self.retry_after.is_some();
        (self.status.is_some() || !answers)
            && (self.split.is_some() || self.every_ms == 0)
            && (self.stall_ms.is_some() || self.close.is_some() || self.after == 0)
    }
}

impl Effect {
    /// The answer of [`Effect::Answer`].
    pub fn response(&self, now: Millis) -> Option<Response> {
        let Self::Answer { status, headers, body, retry_after } = self else {
            return None;
        };
        let mut response = Response { headers: headers.clone(), ..Response::empty(*status) };
        if let Some(retry_after) = retry_after {
            let (name, value) = retry_after.header(now);
            response = response.with_header(name, &value);
        }
        // What every answer has, unless the order says otherwise. Without the last two a page could not read it.
        let usual = [
            ("content-type", "application/json"),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "*"),
        ];
        for (name, value) in usual {
            let given = headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
            response = if given { response } else { response.with_header(name, value) };
        }
        response.body = Body::Bytes(body.as_bytes().into());
        Some(response)
    }
}

impl RetryAfter {
    fn header(self, now: Millis) -> (&'static str, String) {
        match self.form {
            Form::Seconds => ("retry-after", self.ms.div_ceil(1000).to_string()),
            Form::Date => {
                let seconds = now.saturating_add(self.ms).div_ceil(1000);
                let at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds.min(LAST_SECOND))).unwrap_or(UNIX_EPOCH);
                ("retry-after", httpdate::fmt_http_date(at))
            }
            Form::Ms => ("retry-after-ms", self.ms.to_string()),
        }
    }
}

/// The last second that a date can name: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(json: &str) -> Result<Effect, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn an_effect_that_means_nothing_is_refused_with_a_reason() {
        for (order, reason) in [
            ("{}", "exactly one"),
            (r#"{"drop":"before","delay_ms":5}"#, "exactly one"),
            (r#"{"drop":"after","after":2}"#, "exactly one"),
            (r#"{"truncate":5,"retry_after":{"ms":5}}"#, "exactly one"),
            (r#"{"split":0}"#, "at least one byte"),
            (r#"{"drop":"later"}"#, "unknown variant"),
            (r#"{"status":99}"#, "between 200 and 599"),
            (r#"{"close":99}"#, "between 1000 and 4999"),
            (r#"{"delay":5}"#, "unknown field"),
            (r#"{"status":429,"retry_after":{"s":5}}"#, "unknown field"),
        ] {
            let error = effect(order).unwrap_err();
            assert!(error.contains(reason), "{order}: {error}");
        }
        assert_eq!(effect(r#"{"split":1}"#), Ok(Effect::Split { bytes: 1, every: 0 }));
        assert_eq!(effect(r#"{"stall_ms":5,"after":2}"#), Ok(Effect::Stall { after: 2, ms: 5 }));
    }

    #[test]
    fn when_to_come_back_is_said_in_each_of_the_three_forms() {
        let said = |form: &str| {
            let order = format!(r#"{{"status":429,"retry_after":{{"ms":2500,"as":"{form}"}}}}"#);
            let response = effect(&order).unwrap().response(1_700_000_000_000).unwrap();
            response.headers.into_iter().next().unwrap()
        };
        assert_eq!(said("seconds"), ("retry-after".into(), "3".into()));
        assert_eq!(said("ms"), ("retry-after-ms".into(), "2500".into()));
        assert_eq!(said("date"), ("retry-after".into(), "Tue, 14 Nov 2023 22:13:23 GMT".into()));
    }
}
