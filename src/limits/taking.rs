//! How a call takes what it needs: from the account of its visitor, then from that of the whole app; all of it or nothing.

/// One call that takes: a plain value that is told what an account said and says what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Whether the whole app has limits, too.
    has_total: bool,
    /// Whether jobs of this visitor's can turn out to cost less than was taken for them.
    has_budget: bool,
    step: TakingStep,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakingStep {
    /// It is taken from the visitor's account.
    Take,
    /// fal is asked about the jobs that the account named.
    Ask,
    /// It is taken from the visitor's account, which is told what fal was asked about.
    TakeAsked,
    /// Meanwhile something else ran out: fal is asked about the jobs that hold that.
    AskAgain,
    /// It is taken from the visitor's account, for the last time.
    TakeAskedAgain,
    /// It is taken from the account of the whole app.
    TakeOfAll,
    /// The visitor's account is asked for more than it has, so that it names the jobs to ask about. What others have under
    /// way is not kept in one place.
    FindJobs,
    /// fal is asked about those.
    AskForAll,
    /// It is taken from the account of the whole app, for the last time.
    TakeOfAllAsked,
    /// The visitor gets back what was taken. When that fails it stays taken until its lease ends.
    GiveBack,
    /// All of it is taken.
    Taken,
    /// The answer that is kept for the idempotency key is given again.
    Replay,
    /// Nothing is taken, and nothing is sent.
    Refused,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakingEvent {
    /// It is taken, or done.
    Ok,
    /// The account wants to know what became of jobs first.
    Question,
    /// There is an answer for the idempotency key.
    Replay,
    /// The budget does not suffice.
    Spent,
    /// It says no for another reason, or what it says is not known.
    No,
}

impl Taking {
    /// A call that takes what it needs. `has_total` says whether the whole app has limits, `has_budget` whether the
    /// visitor has a budget, and this call a price.
    pub fn new(has_total: bool, has_budget: bool) -> Self {
        Self { has_total, has_budget, step: TakingStep::Take }
    }

    /// What comes next, after what happened. After its end nothing changes any more.
    pub fn on(&mut self, event: TakingEvent) -> TakingStep {
        use {TakingEvent as Event, TakingStep as Step};
        self.step = match (self.step, event) {
            (Step::Take, Event::Question) => Step::Ask,
            // Without an answer of fal's, jobs count as they did.
            (Step::Ask, _) => Step::TakeAsked,
            (Step::TakeAsked, Event::Question) => Step::AskAgain,
            (Step::AskAgain, _) => Step::TakeAskedAgain,
            (Step::Take | Step::TakeAsked | Step::TakeAskedAgain, said) => match said {
                Event::Ok if self.has_total => Step::TakeOfAll,
                Event::Ok => Step::Taken,
                Event::Replay => Step::Replay,
                Event::Question | Event::Spent | Event::No => Step::Refused,
            },
            (Step::TakeOfAll | Step::TakeOfAllAsked, Event::Ok) => Step::Taken,
            (Step::TakeOfAll, Event::Spent) if self.has_budget => Step::FindJobs,
            (Step::FindJobs, Event::Question) => Step::AskForAll,
            (Step::AskForAll, _) => Step::TakeOfAllAsked,
            (Step::TakeOfAll | Step::FindJobs | Step::TakeOfAllAsked, _) => Step::GiveBack,
            (Step::GiveBack, _) => Step::Refused,
            (Step::Taken | Step::Replay | Step::Refused, _) => self.step,
        };
        self.step
    }

    /// What comes next.
    pub fn step(&self) -> TakingStep {
        self.step
    }

    /// All that it is, for whoever keeps it between two events.
    pub fn parts(&self) -> (bool, bool, TakingStep) {
        (self.has_total, self.has_budget, self.step)
    }

    /// From the same.
    pub fn from_parts((has_total, has_budget, step): (bool, bool, TakingStep)) -> Self {
        Self { has_total, has_budget, step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [TakingEvent; 5] =
        [TakingEvent::Ok, TakingEvent::Question, TakingEvent::Replay, TakingEvent::Spent, TakingEvent::No];

    /// Every way through it, by all that may be said.
    fn ways(taking: Taking, way: &mut std::vec::Vec<TakingStep>, see: &mut impl FnMut(&[TakingStep])) {
        way.push(taking.step());
        assert!(way.len() < 14, "it goes round: {way:?}");
        if matches!(taking.step(), TakingStep::Taken | TakingStep::Replay | TakingStep::Refused) {
            see(way);
        } else {
            for event in EVENTS {
                let mut next = taking;
                next.on(event);
                ways(next, way, see);
            }
        }
        way.pop();
    }

    #[test]
    fn it_is_all_taken_or_given_back_and_everybody_is_asked_once() {
        for (has_total, has_budget) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut see = |way: &[TakingStep]| {
                let times = |step| way.iter().filter(|one| **one == step).count();
                let (ended, asked_all) = (way.last().copied(), times(TakingStep::TakeOfAll));
                assert_eq!(asked_all > 0 && ended == Some(TakingStep::Refused), times(TakingStep::GiveBack) == 1);
                assert!(ended != Some(TakingStep::Taken) || (asked_all == 1) == has_total, "{way:?}");
                assert!(times(TakingStep::FindJobs) == 0 || (has_total && has_budget), "{way:?}");
                for step in [TakingStep::Ask, TakingStep::AskAgain, TakingStep::AskForAll, TakingStep::GiveBack] {
                    assert!(times(step) <= 1, "{way:?}");
                }
            };
            ways(Taking::new(has_total, has_budget), &mut std::vec::Vec::new(), &mut see);
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for step in [TakingStep::Taken, TakingStep::Replay, TakingStep::Refused] {
            for event in EVENTS {
                assert_eq!(Taking::from_parts((true, true, step)).on(event), step);
            }
        }
    }
}
