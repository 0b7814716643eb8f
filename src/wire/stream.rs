//! Streams of events.

use super::tables::{Numbered, numbered};
use crate::protocol::SsePart;

/// What a part of a stream of events is, by the first of its three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the parts")]
pub enum SsePartKind {
    Data,
    DataLine,
    Kind,
    KindBytes,
    Dispatch,
    Overflow,
}
numbered!(SSE_PART_KIND, SsePartKind, "SsePartKind", {
    Data = 0, DataLine = 1, Kind = 2, KindBytes = 3, Dispatch = 4, Overflow = 5,
});

impl From<SsePart> for SsePartKind {
    fn from(part: SsePart) -> Self {
        match part {
            SsePart::Data { .. } => Self::Data,
            SsePart::DataLine => Self::DataLine,
            SsePart::Kind => Self::Kind,
            SsePart::KindBytes { .. } => Self::KindBytes,
            SsePart::Dispatch => Self::Dispatch,
            SsePart::Overflow => Self::Overflow,
        }
    }
}

/// Enums of this topic.
pub(super) const NUMBERED: &[Numbered] = &[SSE_PART_KIND];
