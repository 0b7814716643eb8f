//! Everything that crosses to JavaScript, once.
//!
//! A value crosses as one number, an effect or an event as a row of numbers under names. `tools/wire` writes the
//! TypeScript side (`js/core/wire.ts`) from the tables in [`TABLE`]; `npm test` fails when what is checked in is stale.
//! A file for each topic; what only a server needs is there with the feature `server`.

mod client;
mod effect;
mod event;
mod options;
#[cfg(feature = "server")]
mod platform;
#[cfg(feature = "server")]
mod proxy;
mod realtime;
mod request;
mod stream;
mod tables;
#[cfg(feature = "server")]
mod webhook;
mod word;

pub use client::OperationKind;
pub use effect::{ROW_WORDS, effect_row};
pub use event::{EventRow, event_row};
pub use options::Options;
#[cfg(feature = "server")]
pub use proxy::Verdict;
pub use realtime::{realtime_effect_row, realtime_event_row};
pub use request::RequestKind;
pub use stream::SsePartKind;
pub use tables::{Numbered, Row};
pub use word::Word;

/// All of it, for the program that writes TypeScript.
pub struct Table {
    /// Enums, by topic.
    pub numbered: &'static [&'static [Numbered]],
    /// Rows, by the name of their type; whether they come out of the core.
    pub rows: &'static [(&'static str, bool, &'static [Row])],
    /// Names and types of options, in order.
    pub options: &'static [(&'static str, &'static str)],
}

/// What crosses.
pub const TABLE: Table = Table {
    numbered: &[
        client::NUMBERED,
        request::NUMBERED,
        realtime::NUMBERED,
        stream::NUMBERED,
        #[cfg(feature = "server")]
        platform::NUMBERED,
        #[cfg(feature = "server")]
        proxy::NUMBERED,
        #[cfg(feature = "server")]
        webhook::NUMBERED,
    ],
    rows: &[
        ("Effect", true, effect::EFFECT),
        ("RealtimeEffect", true, realtime::REALTIME_EFFECT),
        ("Event", false, event::EVENT),
        ("RealtimeEvent", false, realtime::REALTIME_EVENT),
    ],
    options: options::OPTIONS,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{BodyKind, FailureKind, Token};
    use options::OPTIONS;

    #[test]
    fn what_crosses_comes_back() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_word(kind.to_word()), Some(*kind));
        }
        assert_eq!(FailureKind::from_word(200.0), None);
        assert_eq!(<Option<u32>>::from_word(None::<u32>.to_word()), Some(None));
        assert_eq!(u32::from_word(f64::NAN), None);
        let row = event_row(2, |place| [7.0, 2.0, 5.0][place]);
        assert_eq!(row, Some(EventRow::Read { token: Token(7), body: BodyKind::Status, fields: 5 }));
    }

    #[test]
    fn options_are_at_their_places() {
        let all: std::vec::Vec<f64> = (0..OPTIONS.len()).map(|place| place as f64).collect();
        let options = Options::read(|place| all.get(place).copied().unwrap_or(f64::NAN));
        assert_eq!((options.seed, options.max_retries), (Some(0.0), Some(1)));
        assert_eq!(options.statuses, Some(OPTIONS.len() as u32 - 1));
        assert!(Options::read(|_| f64::NAN).timeout.is_none());
    }
}
