//! Uploading one file: ask for a place, put the bytes there, whole or in parts.

use super::body::Body;
use super::effects::{Effect, Notice, Output, Sink};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event};
use super::request::Request;
use super::retrying_request::RetryingRequest;

/// How many requests are under way at once.
const PARALLEL: usize = 4;
/// The largest file that is sent whole: 90 MiB, as in `@fal-ai/client`.
const WHOLE_BYTES: u64 = 90 * 1024 * 1024;
/// The highest number a part can have.
const MAX_PARTS: u64 = 10_000;

/// What an upload does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UploadOptions {
    /// Size of the file.
    pub bytes: u64,
    /// The largest file that is sent whole.
    pub whole_bytes: u64,
    /// Size of a part but for the last.
    pub part_bytes: u64,
}

impl UploadOptions {
    /// Size of a part but for the last: 10 MiB, as in fal's own clients.
    pub const PART_BYTES: u64 = 10 * 1024 * 1024;

    /// For a file of so many bytes; none when it is too large (more than 97 GiB).
    ///
    /// A file that can be read `once` only is sent in parts as soon as it has two: what is under way has to be kept until
    /// it is accepted, and four parts are less than 90 MiB.
    #[inline(never)]
    pub fn new(bytes: u64, once: bool) -> Option<Self> {
        let whole_bytes = if once { Self::PART_BYTES } else { WHOLE_BYTES };
        let options = Self { bytes, whole_bytes, part_bytes: Self::PART_BYTES };
        (bytes <= Self::PART_BYTES * MAX_PARTS).then_some(options)
    }

    /// How many parts the file has; 0 when it is sent whole.
    pub fn parts(&self) -> u32 {
        let parts =
            self.bytes.checked_add(self.part_bytes.saturating_sub(1)).and_then(|sum| sum.checked_div(self.part_bytes));
        if self.bytes > self.whole_bytes { parts.unwrap_or(0) as u32 } else { 0 }
    }

    /// Which bytes of the file a part is made of, counted from 1; 0 is all of it.
    pub fn range(&self, part: u32) -> core::ops::Range<u64> {
        let Some(before) = part.checked_sub(1) else { return 0..self.bytes };
        let start = self.part_bytes.saturating_mul(before.into()).min(self.bytes);
        start..start.saturating_add(self.part_bytes).min(self.bytes)
    }
}

/// One file on its way to fal's storage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upload {
    options: UploadOptions,
    step: Step,
    /// What is under way.
    sent: [RetryingRequest; PARALLEL],
    /// The part that begins next. They begin in order, so that a file that can be read once only is read from front to
    /// back.
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Asking for a place.
    Initiating,
    /// Sending parts to it.
    Sending,
    /// Sending what makes it a file: all of its bytes, or the receipts of its parts.
    Finishing {
        /// Whether a try of that went out and nobody knows what became of it.
        unclear: bool,
    },
}

impl Upload {
    /// Prepares an upload.
    #[inline(never)]
    pub fn new(options: UploadOptions) -> Self {
        Self { options, step: Step::Initiating, sent: [RetryingRequest::new(); PARALLEL], next: 1 }
    }

    /// Sends what is under way alone.
    fn begin(&mut self, context: &mut Context<'_, impl Sink<Effect>>, request: Request) {
        let [first, ..] = &mut self.sent;
        first.begin(context, request);
    }

    /// Sends what comes next, as far as there is room for it.
    fn go_on(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        let parts = self.options.parts();
        self.step = Step::Sending;
        for sent in &mut self.sent {
            if sent.is_idle() && self.next <= parts {
                sent.begin(context, Request::PutPart { part: self.next });
                self.next += 1;
            }
        }
        if self.sent.iter().all(RetryingRequest::is_idle) {
            self.step = Step::Finishing { unclear: false };
            self.begin(context, if parts > 0 { Request::Complete } else { Request::Put });
        }
    }

    /// Ends before its time.
    pub(super) fn fail(&mut self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        for sent in &mut self.sent {
            sent.stop(context);
        }
        context.fail(failure);
    }

    /// A request has succeeded.
    fn replied(&mut self, context: &mut Context<'_, impl Sink<Effect>>, request: Request, body: Body) {
        match self.step {
            Step::Initiating if body != Body::Initiated => {
                return self.fail(context, FailureKind::AnswerInvalid.into());
            }
            Step::Finishing { .. } => return context.done(Output::File),
            Step::Sending => context.notify(Notice::PartAccepted { part: request.part() }),
            Step::Initiating => {}
        }
        self.go_on(context);
    }

    fn refused(&mut self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        let is_gone = failure.head.is_some_and(|head| head.status == 404);
        if is_gone && self.step == (Step::Finishing { unclear: true }) {
            // The place was there a moment ago: the try whose answer was lost has made a file of it.
            context.done(Output::File);
        } else {
            self.fail(context, failure);
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_, impl Sink<Effect>>, event: &Event) {
        if let Event::Started = event {
            let in_parts = self.options.parts() > 0;
            return self.begin(context, if in_parts { Request::InitiateMultipart } else { Request::Initiate });
        }
        if let Step::Finishing { unclear } = &mut self.step {
            *unclear |= match event {
                Event::Failed { kind, .. } => !kind.is_before_send(),
                // 503 is a no: nothing was begun.
                Event::Answered { head, .. } => head.status >= 500 && head.status != 503,
                _ => false,
            };
        }
        for sent in &mut self.sent {
            let Some(outcome) = sent.handle(context, event) else { continue };
            let (request, outcome) = (sent.request(), outcome.map_err(|kind| sent.failure(kind)));
            return match outcome {
                Ok(body) => self.replied(context, request, body),
                Err(failure) => self.refused(context, Failure { part: request.part(), ..failure }),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART_BYTES: u64 = UploadOptions::PART_BYTES;

    fn parts(bytes: u64, once: bool) -> Option<u32> {
        UploadOptions::new(bytes, once).map(|options| options.parts())
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
    fn the_parts_of_a_file_are_all_of_it() {
        let options = UploadOptions::new(100 * 1024 * 1024 + 1, false).unwrap();
        let mut end = 0;
        for part in 1..=options.parts() {
            let range = options.range(part);
            assert_eq!(range.start, end);
            end = range.end;
        }
        assert_eq!(end, options.bytes);
        assert_eq!(options.range(0), 0..options.bytes);
        assert!(options.range(u32::MAX).is_empty());
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
}
