//! What an answer of fal's means for what was reserved.
//!
//! Sources: fal's documentation. What ends in a server error is not billed; a 422 is billed when a runner spent time on
//! it; `x-fal-billable-units` says what was billed, at any status.

/// What kind of call was reserved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// A run whose answer is the result, at once or as it goes.
    Run = 0,
    /// A run that is put into the queue.
    Submit = 1,
    /// A question for the result of a job.
    Result = 2,
    /// A token that opens connections.
    Token = 3,
    /// A place for a file, which costs nothing.
    Upload = 4,
    /// A wish to end a job.
    Cancel = 5,
    /// A session with a world model, which is paid for by its time.
    Session = 6,
}

/// What an answer says, as far as it decides anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Its status; 0 when none came.
    pub status: u16,
    /// The units that fal billed, if it says so.
    pub units: Option<f64>,
    /// Whether fal itself names the error: a gateway on the way does not.
    pub named: bool,
    /// Whether it says when to come again, which says that nothing was begun.
    pub later: bool,
    /// Whether any of the request was sent.
    pub sent: bool,
}

/// What became of something that was reserved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It is over, and paid for: by these units, else as reserved.
    Charged {
        /// As fal counts them.
        units: Option<f64>,
    },
    /// It is over and costs nothing: it provably did not run, or fal does not bill it.
    Free,
    /// It became a job, which goes on.
    Began,
    /// The job is over. What it cost is not known yet.
    Released,
    /// The job was told to end, and may run on: it is over when fal says so, and fal may be asked at once.
    Cancelled,
    /// It may have begun, and nobody knows what became of it. It keeps what it holds, for as long as was agreed.
    Lost,
    /// Nothing has changed.
    Unchanged,
}

impl Answer {
    /// Of an answer that says nothing but its status.
    pub const fn of_status(status: u16) -> Self {
        Self { status, units: None, named: false, later: false, sent: true }
    }

    /// What this answer means.
    ///
    /// Money is given back for what provably did not run, and for server errors that fal names as its own, which it
    /// does not bill. Where it is not known what became of a call, it counts as paid for: a budget fails closed.
    pub fn outcome(&self, kind: CallKind) -> Outcome {
        let charged = Outcome::Charged { units: self.units };
        if kind == CallKind::Cancel {
            return if (200..=299).contains(&self.status) { Outcome::Cancelled } else { Outcome::Unchanged };
        }
        if kind == CallKind::Upload || !self.sent {
            return if kind == CallKind::Result { Outcome::Unchanged } else { Outcome::Free };
        }
        match (kind, self.status) {
            (CallKind::Submit | CallKind::Session, 200..=299) => Outcome::Began,
            (CallKind::Session, _) => self.unopened(),
            (CallKind::Run | CallKind::Token, 200..=299) => charged,
            // What was asked for is there; fal says in the header what it cost.
            (CallKind::Result, 200..=299) => charged,
            (CallKind::Result, _) => self.result(),
            _ if self.units.is_some_and(|units| units > 0.0) => charged,
            _ if self.is_unbegun() => Outcome::Free,
            // A queue that says no has not taken it. It may be billed all the same, and holds no place.
            (CallKind::Submit, 0 | 300..=399 | 408 | 499..) => Outcome::Lost,
            _ if self.units.is_some() || self.is_unbilled() => Outcome::Free,
            _ => charged,
        }
    }

    /// A session that fal has refused was not opened, unless it is billed.
    fn unopened(&self) -> Outcome {
        match self.status {
            400..=407 | 409..=498 if !self.units.is_some_and(|units| units > 0.0) => Outcome::Free,
            _ => Outcome::Lost,
        }
    }

    /// A result that is not there yet is a 400, one that is gone a 404; a gateway that has trouble says so with 502 to
    /// 504.
    fn result(&self) -> Outcome {
        match self.status {
            _ if self.units.is_some_and(|units| units > 0.0) => Outcome::Charged { units: self.units },
            400 | 401 | 403 | 408 | 429 => Outcome::Unchanged,
            _ if self.units.is_some() || self.is_unbilled() => Outcome::Free,
            404 | 410 | 422 | 499 => Outcome::Charged { units: None },
            _ => Outcome::Unchanged,
        }
    }

    /// Whether nothing can have run: fal refused it before, or wants it again later.
    fn is_unbegun(&self) -> bool {
        match self.status {
            401..=407 | 410 | 411 | 413..=417 | 429 | 431 => true,
            400 => self.named,
            503 => self.later,
            _ => false,
        }
    }

    /// A server error that fal names as its own.
    fn is_unbilled(&self) -> bool {
        self.named && (500..=599).contains(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: Answer = Answer::of_status(0);
    const CHARGED: Outcome = Outcome::Charged { units: None };

    #[test]
    fn what_fal_bills_counts_at_any_status() {
        for status in (200..=599).filter(|status| !(200..300).contains(status)) {
            for kind in [CallKind::Run, CallKind::Submit, CallKind::Result, CallKind::Token] {
                for (named, later) in [(false, false), (true, false), (false, true), (true, true)] {
                    let answer = Answer { status, units: Some(3.0), named, later, ..ANSWER };
                    assert_eq!(answer.outcome(kind), Outcome::Charged { units: Some(3.0) }, "{kind:?} {status}");
                }
            }
        }
    }

    #[test]
    fn only_what_provably_did_not_run_is_given_back() {
        for kind in [CallKind::Run, CallKind::Token] {
            let of = |status| Answer { status, ..ANSWER }.outcome(kind);
            for status in [0, 200, 302, 400, 408, 409, 422, 499, 500, 502, 503, 504] {
                assert_eq!(of(status), CHARGED, "{kind:?} {status}");
            }
            for status in [401, 403, 404, 413, 415, 429] {
                assert_eq!(of(status), Outcome::Free, "{kind:?} {status}");
            }
            assert_eq!(Answer { status: 503, later: true, ..ANSWER }.outcome(kind), Outcome::Free);
            assert_eq!(
                Answer { status: 500, named: true, ..ANSWER }.outcome(kind),
                Outcome::Free,
                "fal does not bill it"
            );
            assert_eq!(Answer { status: 422, units: Some(0.0), ..ANSWER }.outcome(kind), Outcome::Free, "fal says so");
            assert_eq!(Answer { sent: false, ..ANSWER }.outcome(kind), Outcome::Free);
        }
    }

    #[test]
    fn a_submit_that_may_have_begun_stays_pending() {
        let of = |answer: Answer| answer.outcome(CallKind::Submit);
        assert_eq!(of(Answer { status: 200, ..ANSWER }), Outcome::Began);
        assert_eq!(of(Answer { status: 422, ..ANSWER }), CHARGED);
        for status in [0, 302, 408, 500, 502, 503, 504] {
            for named in [false, true] {
                assert_eq!(of(Answer { status, named, ..ANSWER }), Outcome::Lost, "{status}");
            }
        }
        assert_eq!(of(Answer { status: 503, later: true, ..ANSWER }), Outcome::Free);
        assert_eq!(of(Answer { status: 429, ..ANSWER }), Outcome::Free);
    }

    #[test]
    fn a_session_that_may_have_been_opened_is_held() {
        let of = |answer: Answer| answer.outcome(CallKind::Session);
        assert_eq!(of(Answer { status: 200, ..ANSWER }), Outcome::Began);
        for status in [400, 401, 404, 422, 429] {
            assert_eq!(of(Answer { status, ..ANSWER }), Outcome::Free, "{status}");
            assert_eq!(of(Answer { status, units: Some(1.0), ..ANSWER }), Outcome::Lost, "{status}");
        }
        for status in [0, 302, 408, 500, 503, 504] {
            assert_eq!(of(Answer { status, ..ANSWER }), Outcome::Lost, "{status}");
        }
        assert_eq!(of(Answer { sent: false, ..ANSWER }), Outcome::Free);
    }

    #[test]
    fn a_cancel_ends_nothing() {
        let of = |status| Answer { status, ..ANSWER }.outcome(CallKind::Cancel);
        assert_eq!([200, 202].map(of), [Outcome::Cancelled; 2]);
        assert_eq!([0, 302, 400, 404, 500].map(of), [Outcome::Unchanged; 5]);
    }

    #[test]
    fn a_result_ends_a_job_or_changes_nothing() {
        let of = |status, named| Answer { status, named, ..ANSWER }.outcome(CallKind::Result);
        assert_eq!((of(200, false), of(422, false), of(404, false)), (CHARGED, CHARGED, CHARGED));
        assert_eq!(of(500, true), Outcome::Free);
        for status in [0, 302, 400, 401, 403, 408, 429, 500, 502, 503, 504] {
            assert_eq!(of(status, false), Outcome::Unchanged, "{status}");
        }
        assert_eq!(Answer { sent: false, ..ANSWER }.outcome(CallKind::Result), Outcome::Unchanged);
    }
}
