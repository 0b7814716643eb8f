//! What the network can do to a request.

/// What the network does to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Delivers it, and the answer.
    Deliver,
    /// Makes no connection: fal never hears of it.
    Refuse,
    /// Breaks before fal has heard of it.
    DropBefore,
    /// Delivers it, and loses the answer.
    DropAfter,
    /// Delivers it, and no answer comes until the runtime gives up.
    Silence,
    /// Answers with this status in fal's place, and `Retry-After` seconds if there are any.
    Answer(u16, Option<u64>),
    /// Delivers it, and answers with this status in fal's place: a gateway that lost patience.
    Garble(u16),
    /// Delivers it and the head of the answer, and breaks in the body; a stream in what it has to say first.
    Truncate,
    /// The same, and a stream breaks a while after it has spoken this many times.
    TruncateAfter(u32),
    /// Delivers it and the head of the answer, and nothing more, ever. But for a stream the runtime gives up some time.
    Stall,
    /// The same, and a stream falls silent after it has spoken this many times.
    StallAfter(u32),
    /// Delivers it, and keeps the answer until it is complete: a proxy that collects answers before it passes them on.
    Collect,
}
