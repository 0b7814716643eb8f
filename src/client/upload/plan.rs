//! How a file is cut.

use alloc::vec::Vec;

use crate::client::RetryPolicy;
use crate::protocol::Millis;

/// The largest file that is sent whole: 90 MiB, as in `@fal-ai/client`.
const WHOLE_BYTES: u64 = 90 * 1024 * 1024;
/// Size of a part but for the last: 10 MiB, as in fal's own clients.
pub const PART_BYTES: u64 = 10 * 1024 * 1024;
/// The highest number a part can have.
const MAX_PARTS: u64 = 10_000;
/// Tries after the first one for each request, as in fal's server toolkit.
const RETRIES: u32 = 5;

/// What an upload does.
#[derive(Clone, Debug)]
pub struct UploadPlan {
    /// Size of the file.
    pub bytes: u64,
    /// The largest file that is sent whole.
    pub whole_bytes: u64,
    /// Size of a part but for the last.
    pub part_bytes: u64,
    /// For each request and each part.
    pub policy: RetryPolicy,
    /// Time for all of it, if there is a limit.
    pub timeout: Option<Millis>,
}

impl UploadPlan {
    /// The plan for a file of so many bytes; none when it is too large (more than 97 GiB).
    ///
    /// A file that can be read `once` only is sent in parts as soon as it has two: what is under way has to be kept until
    /// it is accepted, and four parts are less than 90 MiB.
    pub fn new(bytes: u64, once: bool, policy: RetryPolicy) -> Option<Self> {
        let whole_bytes = if once { PART_BYTES } else { WHOLE_BYTES };
        let plan = Self { bytes, whole_bytes, part_bytes: PART_BYTES, policy, timeout: None };
        (plan.bytes <= PART_BYTES * MAX_PARTS).then_some(plan)
    }

    /// The answers after which bytes are sent again: what fal's server toolkit lists, and all other errors of a server.
    /// Nothing is bought by it, so this is more patient than with a model.
    pub fn policy() -> RetryPolicy {
        let mut statuses = Vec::from([408, 409, 429]);
        for status in 500..600 {
            statuses.push(status);
        }
        RetryPolicy { max_retries: RETRIES, statuses, ..RetryPolicy::default() }
    }

    /// How many parts the file has; 0 when it is sent whole.
    pub(super) fn parts(&self) -> u32 {
        let parts =
            self.bytes.checked_add(self.part_bytes.saturating_sub(1)).and_then(|sum| sum.checked_div(self.part_bytes));
        if self.bytes > self.whole_bytes { parts.unwrap_or(0) as u32 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: u64, once: bool) -> Option<u32> {
        UploadPlan::new(bytes, once, UploadPlan::policy()).map(|plan| plan.parts())
    }

    #[test]
    fn a_file_is_cut_where_the_official_client_cuts_it() {
        assert_eq!(parts(0, false), Some(0));
        assert_eq!(parts(94_371_840, false), Some(0));
        assert_eq!(parts(94_371_841, false), Some(10));
        assert_eq!(parts(95 * 1024 * 1024, false), Some(10));
        assert_eq!(parts(100 * 1024 * 1024, false), Some(10));
        assert_eq!(parts(100 * 1024 * 1024 + 1, false), Some(11));
    }

    #[test]
    fn a_stream_is_never_kept_whole() {
        assert_eq!(parts(PART_BYTES, true), Some(0));
        assert_eq!(parts(PART_BYTES + 1, true), Some(2));
    }

    #[test]
    fn a_file_that_cannot_be_stored_is_refused_before_a_day_of_sending() {
        assert_eq!(parts(PART_BYTES * MAX_PARTS, false), Some(10_000));
        assert_eq!(parts(PART_BYTES * MAX_PARTS + 1, false), None);
        assert_eq!(parts(u64::MAX, false), None);
    }

    /// The skin cuts the file; were its parts of another size, the file would come out wrong.
    #[test]
    fn the_skin_cuts_the_same_way() {
        let skin = include_str!("../../../js/core/codes.ts");
        assert!(skin.contains(&std::format!("export const PART_BYTES = {PART_BYTES};")));
    }
}
