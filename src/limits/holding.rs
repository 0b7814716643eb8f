//! How a session takes what it needs before it is opened, and keeps it while it goes on: all of it or nothing, a place in
//! one account, the price of the longest session in another.

/// How long fal keeps a session after its last heartbeat, in seconds. Chosen: three periods. What may run on is paid for.
pub const SESSION_LEASE_SECONDS: u32 = 15;
/// For how long a session's place is held from one heartbeat on, in seconds: two may be missed.
pub const SESSION_PLACE_SECONDS: u32 = 25;
/// For how long it is held first, in seconds: while fal starts a runner, too.
pub const SESSION_FIRST_PLACE_SECONDS: u32 = 150;

/// One question about a session: a plain value that is told what an account said and says what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    wants: HoldingWants,
    step: HoldingStep,
}

/// What an app wants of sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldingWants {
    /// A visitor has so many at once.
    pub place: bool,
    /// A visitor has a budget, and a second a price.
    pub budget: bool,
    /// The whole app has limits, too.
    pub total: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldingStep {
    /// A place is taken, for as long as a runner takes to start.
    TakePlace,
    /// The longest session is taken from its visitor's account.
    Take,
    /// fal is asked about the jobs that the account named: they may have cost less than was taken for them.
    Ask,
    /// It is taken from the visitor's account, for the last time.
    TakeAsked,
    /// The same from the account of the whole app.
    TakeOfAll,
    /// The visitor's account is asked for more than it has, so that it names the jobs to ask about. What others have under
    /// way is not kept in one place.
    FindJobs,
    /// fal is asked about those.
    AskForAll,
    /// It is taken from the account of the whole app, for the last time.
    TakeOfAllAsked,
    /// The visitor's account is told when that was, so that it can be corrected by what the session comes to.
    NoteTotal,
    /// All of it is given back. What is not, because that fails, is free when its lease ends.
    GiveBack,
    /// The visitor's account is asked whether the session still holds what it has taken.
    LookUp,
    /// Its place is taken anew, until a few heartbeats later.
    KeepPlace,
    /// It has what it needs.
    Held,
    /// It has not.
    Refused,
}

/// What an account has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldingEvent {
    /// It is taken, or done.
    Ok,
    /// The account wants to know what became of jobs first.
    Question,
    /// No: the budget does not suffice.
    Spent,
    /// No, for another reason.
    No,
    /// Nobody knows: the account does not answer, or its answer was lost.
    Unknown,
}

impl Holding {
    /// A session that is to be opened.
    pub fn open(wants: HoldingWants) -> Self {
        let step = if wants.place { HoldingStep::TakePlace } else { HoldingStep::Take };
        Self { wants, step }
    }

    /// A session whose page wants it to go on.
    pub fn keep(wants: HoldingWants) -> Self {
        let step = match wants {
            HoldingWants { budget: true, .. } => HoldingStep::LookUp,
            HoldingWants { place: true, .. } => HoldingStep::KeepPlace,
            _ => HoldingStep::Held,
        };
        Self { wants, step }
    }

    /// What comes next, after what an account said. After its end nothing changes any more.
    pub fn on(&mut self, event: HoldingEvent) -> HoldingStep {
        use {HoldingEvent as Event, HoldingStep as Step};
        self.step = match (self.step, event) {
            (Step::TakePlace, Event::Ok) => Step::Take,
            (Step::TakePlace, Event::No | Event::Spent) => Step::Refused,
            (Step::Take, Event::Question) => Step::Ask,
            // Without an answer of fal's, jobs count as they did.
            (Step::Ask, _) => Step::TakeAsked,
            (Step::Take | Step::TakeAsked, Event::Ok) if self.wants.total => Step::TakeOfAll,
            (Step::Take | Step::TakeAsked, Event::Ok) => Step::Held,
            (Step::TakeOfAll, Event::Spent) if self.wants.budget => Step::FindJobs,
            (Step::FindJobs, Event::Question) => Step::AskForAll,
            (Step::AskForAll, _) => Step::TakeOfAllAsked,
            (Step::TakeOfAll | Step::TakeOfAllAsked, Event::Ok) => Step::NoteTotal,
            // What may have been taken is given back, too: nothing was opened with it.
            (
                Step::TakePlace
                | Step::Take
                | Step::TakeAsked
                | Step::TakeOfAll
                | Step::FindJobs
                | Step::TakeOfAllAsked,
                _,
            ) => Step::GiveBack,
            // Too much is counted where that is not known, and never too little.
            (Step::NoteTotal, _) => Step::Held,
            (Step::GiveBack, _) => Step::Refused,
            // What was settled must not go on: nobody would pay for it.
            (Step::LookUp | Step::KeepPlace, Event::No | Event::Spent) => Step::Refused,
            // A store that fails cuts nobody off who is in already: for how long is in their pass.
            (Step::LookUp, _) if self.wants.place => Step::KeepPlace,
            (Step::LookUp | Step::KeepPlace, _) => Step::Held,
            (Step::Held | Step::Refused, _) => self.step,
        };
        self.step
    }

    /// What comes next.
    pub fn step(&self) -> HoldingStep {
        self.step
    }

    /// All that it is, for whoever keeps it between two events.
    pub fn parts(&self) -> (HoldingWants, HoldingStep) {
        (self.wants, self.step)
    }

    /// From the same.
    pub fn from_parts((wants, step): (HoldingWants, HoldingStep)) -> Self {
        Self { wants, step }
    }
}
