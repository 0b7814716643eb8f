//! What a store is asked, and what it answers. As JSON these are what the stores of the npm package say.

use fal_wasm::protocol::Millis;
use serde::{Deserialize, Serialize};

/// So many in a window of so many milliseconds. Of money, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// How many.
    pub max: u64,
    /// The length of the window.
    pub window_ms: Millis,
}

/// How many may be in progress at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// How many.
    pub max: u64,
}

/// Money, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// What is reserved.
    pub cost: u64,
    /// What one of the units costs that fal counts.
    pub unit: f64,
    /// What may be spent in a window.
    pub max: u64,
    /// The length of the window.
    pub window_ms: Millis,
}

/// The same key and digest get the same answer, and nothing is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnceKey {
    /// A digest of the idempotency key.
    pub key: String,
    /// A digest of what it is sent with.
    pub digest: String,
    /// How long the key is remembered.
    pub keep_ms: Millis,
}

/// What is wanted before a call. All of it is taken, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// What it is called. A ticket that is open already is not taken twice.
    pub ticket: String,
    /// How long it stays open when nothing is heard of it.
    pub lease_ms: Millis,
    /// Requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Window>,
    /// Places among what is in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Places>,
    /// Money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spending: Option<Cost>,
    /// An idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<OnceKey>,
    /// What fal was asked about after a question: about that there is no other, but an answer.
    #[serde(default)]
    pub asked: Vec<Exhausted>,
    /// Whether it is only counted: no ticket stays open, and what turns out to be different is corrected.
    #[serde(default)]
    pub counted_only: bool,
    /// Spending more than that in a window stops the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Window>,
}

/// A job in fal's queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitedJob {
    /// The app that its URLs name.
    pub app: String,
    /// Its request id.
    pub id: String,
}

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exhausted {
    /// Requests in a window.
    Requests,
    /// Places among what is in progress.
    Jobs,
    /// Money in a window.
    Spending,
    /// Everything: it was stopped.
    Stopped,
}

/// The answer to a reservation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Verdict {
    /// All of it was taken.
    Ok {
        /// When, by the clock of the account.
        at: Millis,
    },
    /// Nothing was taken.
    #[serde(rename_all = "camelCase")]
    Refused {
        /// What ran out.
        limit: Exhausted,
        /// When there may be room; none when there never will be for a call like this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<Millis>,
    },
    /// Nothing was taken, and the account is stopped from now on: this call has rung the alarm.
    Alarm,
    /// Nothing was taken yet: fal is to be asked about these jobs, what it says settled, and the reservation made again.
    Question {
        /// What there is too little of: `Jobs` or `Spending`.
        about: Exhausted,
        /// The jobs.
        jobs: Vec<LimitedJob>,
    },
    /// The idempotency key has an answer.
    Replay {
        /// It.
        answer: KeptAnswer,
    },
    /// The key was used with another digest before.
    Reused,
    /// The key is known, its answer is not.
    Pending,
}

/// An answer that is kept for its idempotency key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptAnswer {
    /// Its status.
    pub status: u16,
    /// Its content type.
    pub content_type: String,
    /// Its bytes in base64: an answer may be a picture.
    pub body: String,
}

/// Nothing of what it says.
impl std::fmt::Debug for KeptAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("KeptAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It is over and paid for, by `units`, else as reserved.
    Charged,
    /// It is over and costs nothing, and its idempotency key is forgotten.
    Free,
    /// It became a job, which goes on.
    Began,
    /// The job is over, what it cost is not known yet.
    Released,
    /// The job was told to end and may run on; fal may be asked about it at once.
    Cancelled,
    /// It may have begun, and nobody knows what became of it. It keeps what it holds until its lease ends.
    Lost,
}

/// What became of something, found by its ticket, or by the id of the job that it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settlement {
    /// Its ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The request id of its job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many units fal billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<f64>,
    /// The job that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<LimitedJob>,
    /// When it was taken from what the whole app may use, by the clock of that account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Millis>,
    /// The digest of its idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<String>,
    /// The answer to keep for that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<KeptAnswer>,
}

impl Settlement {
    /// This outcome, of nothing yet.
    pub(super) fn of(outcome: Outcome) -> Self {
        Self { ticket: None, job: None, outcome, units: None, became: None, total: None, once: None, answer: None }
    }
}

/// What a settlement changed, in millionths; nothing when nothing was open under that name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What was reserved, or known so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<u64>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// The `total` of its settlement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Millis>,
}

/// Something that was only counted turned out to be something else, or an account is stopped, or goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When it was counted, by the clock of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Millis>,
    /// What it was counted as, in millionths.
    #[serde(default)]
    pub reserved: u64,
    /// What it costs, in millionths.
    #[serde(default)]
    pub cost: u64,
    /// Whether the account is stopped from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
}
