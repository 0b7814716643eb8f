//! What each kind of call does. A call holds its plan as a function, so that a program without calls of a kind has none of the
//! code for them.

use fal_wasm::client::{
    Call, CallOptions, Effects, Event, FailureKind, FollowMode, Machine, Request, RetryBudget, Start, Steps, Stream,
    Subscribe, SubscribeOptions, Upload, UploadOptions,
};
use fal_wasm::protocol::Millis;

use crate::client::Inner;
use crate::draft::Draft;
use crate::error::FalError;
use crate::marker::MaybeSend;
use crate::sent_file::{Sent, SentFile};

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Run,
    Submit,
    Subscribe,
    Stream,
    Status,
    StreamStatus,
    Result,
    Cancel,
    Upload,
    #[cfg(feature = "realtime")]
    Token,
}

impl Kind {
    /// What a span calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Submit => "submit",
            Self::Subscribe => "subscribe",
            Self::Stream => "stream",
            Self::Status => "status",
            Self::StreamStatus => "stream_status",
            Self::Result => "result",
            Self::Cancel => "cancel",
            Self::Upload => "upload",
            #[cfg(feature = "realtime")]
            Self::Token => "token",
        }
    }
}

/// A machine of any operation.
pub(crate) trait Driven: MaybeSend {
    /// Tells it what happened.
    fn handle(&mut self, now: Millis, event: Event, effects: &mut Effects);
    /// What the retries of its client have cost.
    fn budget(&mut self) -> &mut RetryBudget;
}

impl<O: Steps + MaybeSend> Driven for Machine<O> {
    fn handle(&mut self, now: Millis, event: Event, effects: &mut Effects) {
        Machine::handle(self, now, event, effects);
    }

    fn budget(&mut self) -> &mut RetryBudget {
        Machine::budget(self)
    }
}

/// What is driven, and the file that is sent.
pub(crate) type Planned = (Box<dyn Driven>, Option<Box<dyn SentFile>>);

/// What a call does.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub kind: Kind,
    /// Sets it up; of a request that is followed it says whether a stream may be open.
    pub begin: fn(&Draft, bool) -> Result<Planned, FalError>,
}

pub(crate) const RUN: Plan = Plan { kind: Kind::Run, begin: |draft, _| call(draft, Request::Run) };
pub(crate) const SUBMIT: Plan = Plan { kind: Kind::Submit, begin: |draft, _| call(draft, Request::Submit) };
pub(crate) const STATUS: Plan =
    Plan { kind: Kind::Status, begin: |draft, _| call(draft, Request::Status { logs: draft.follow.logs }) };
pub(crate) const RESULT: Plan = Plan { kind: Kind::Result, begin: |draft, _| call(draft, Request::Result) };
pub(crate) const CANCEL: Plan = Plan { kind: Kind::Cancel, begin: |draft, _| call(draft, Request::Cancel) };
#[cfg(feature = "realtime")]
pub(crate) const NEWER_TOKEN: Plan =
    Plan { kind: Kind::Token, begin: |draft, _| call(draft, Request::Token(fal_wasm::protocol::TokenContract::Newer)) };
#[cfg(feature = "realtime")]
pub(crate) const OLDER_TOKEN: Plan =
    Plan { kind: Kind::Token, begin: |draft, _| call(draft, Request::Token(fal_wasm::protocol::TokenContract::Older)) };
pub(crate) const STREAM: Plan =
    Plan { kind: Kind::Stream, begin: |draft, _| planned(draft, Stream::new(Request::Stream, draft.idle)) };
pub(crate) const STREAM_STATUS: Plan = Plan {
    kind: Kind::StreamStatus,
    begin: |draft, _| {
        let request = Request::Follow { logs: draft.follow.logs };
        planned(draft, Stream::new(request, draft.idle))
    },
};
pub(crate) const SUBSCRIBE: Plan = Plan { kind: Kind::Subscribe, begin: subscribe };
pub(crate) const UPLOAD: Plan = Plan { kind: Kind::Upload, begin: upload };

/// A machine for an operation of a client.
pub(crate) fn machine<O: Steps + MaybeSend + 'static>(
    client: &Inner,
    options: CallOptions,
    operation: O,
) -> Box<dyn Driven> {
    Box::new(Machine::of(operation, options, client.net.seed()))
}

fn planned<O: Steps + MaybeSend + 'static>(draft: &Draft, operation: O) -> Result<Planned, FalError> {
    Ok((machine(&draft.client.inner, draft.options.call, operation), None))
}

fn call(draft: &Draft, request: Request) -> Result<Planned, FalError> {
    planned(draft, Call::new(request))
}

fn subscribe(draft: &Draft, may_stream: bool) -> Result<Planned, FalError> {
    let usual = if may_stream { FollowMode::Streaming } else { FollowMode::Polling };
    let start = if draft.job.is_some() { Start::Resume } else { Start::Submit };
    let mode = draft.mode.unwrap_or(usual);
    planned(draft, Subscribe::new(SubscribeOptions { start, mode, ..draft.follow }))
}

fn upload(draft: &Draft, _: bool) -> Result<Planned, FalError> {
    draft.options.needs_no_backup()?;
    let file = draft.file.clone().ok_or_else(|| FalError::of(FailureKind::Internal))?;
    let options = UploadOptions::new(file.size(), false)
        .ok_or_else(|| FalError::option("file", "is larger than fal's storage takes (97 GiB)."))?;
    let machine = machine(&draft.client.inner, draft.options.call, Upload::new(options));
    Ok((machine, Some(Box::new(Sent::new(file, options)))))
}
