//! What is known of an idempotency key. A key that has bought something does not buy again before it is forgotten, even
//! when the answer to it was lost, or did not fit.

use alloc::string::String;

use crate::protocol::Millis;

use super::Outcome;

/// What is known of an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The ticket of the call that has it now.
    pub ticket: String,
    /// What it was used with.
    pub digest: String,
    /// Until when it is remembered.
    pub until: Millis,
    /// Whether there is an answer to it.
    pub answered: bool,
}

/// What to do with a key that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// Nobody has used it: what it is for may go on.
    Fresh,
    /// Give the answer that is kept.
    Replay,
    /// It is under way, or its end is not known.
    Pending,
    /// It was used with something else.
    Reused,
}

impl Record {
    /// What a record says to a key with this digest.
    pub fn read(record: Option<&Self>, digest: &str, now: Millis) -> Once {
        match record.filter(|record| record.until > now) {
            None => Once::Fresh,
            Some(record) if record.digest != digest => Once::Reused,
            Some(record) if record.answered => Once::Replay,
            Some(_) => Once::Pending,
        }
    }

    /// What becomes of it when a ticket is settled. Only what cost nothing may be tried again, and only whoever has the
    /// key may give it back: word about an earlier call may come late.
    pub fn after(&self, ticket: &str, outcome: Outcome, has_answer: bool) -> After {
        // What a gateway said about something that may have begun is no answer to it.
        if self.ticket != ticket || outcome == Outcome::Lost {
            After::Unchanged
        } else if outcome == Outcome::Free {
            After::Forgotten
        } else if has_answer {
            After::Answered
        } else {
            After::Unchanged
        }
    }
}

/// What becomes of an idempotency key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// It stays as it is.
    #[default]
    Unchanged,
    /// It may be used again.
    Forgotten,
    /// There is an answer to it.
    Answered,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_good_for_one_thing_once() {
        let record = Record { ticket: "1".into(), digest: "d".into(), until: 100, answered: false };
        assert_eq!(Record::read(None, "d", 0), Once::Fresh);
        assert_eq!(Record::read(Some(&record), "d", 99), Once::Pending);
        assert_eq!(Record::read(Some(&record), "e", 99), Once::Reused);
        assert_eq!(Record::read(Some(&record), "d", 100), Once::Fresh);
        assert_eq!(Record::read(Some(&Record { answered: true, ..record.clone() }), "d", 99), Once::Replay);
    }

    #[test]
    fn a_key_is_given_back_by_whoever_has_it_and_by_nobody_else() {
        let record = Record { ticket: "2".into(), digest: "d".into(), until: 100, answered: false };
        assert_eq!(record.after("2", Outcome::Free, false), After::Forgotten);
        assert_eq!(record.after("1", Outcome::Free, false), After::Unchanged, "late word about an earlier call");
        assert_eq!(record.after("2", Outcome::Lost, true), After::Unchanged);
        assert_eq!(record.after("2", Outcome::Charged { units: None }, true), After::Answered);
    }
}
