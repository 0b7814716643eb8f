//! The proxy: what it refuses, and what a call is about.

use super::tables::{numbered, rows_in};
use crate::protocol::BridgeRoute;
use crate::proxy::{AdmissionStep, AdmissionWants, CallStep, Refusal, RouteKind};

numbered!(PROXY_REFUSAL, Refusal, "ProxyRefusal", {
    Method = 0, CrossOrigin = 1, KeyLeaked = 2, Unauthenticated = 3, TargetMissing = 4, TargetInvalid = 5, Query = 6,
    Endpoint = 7, ContentType = 8, Misconfigured = 9, UpstreamAuth = 10, UpstreamRedirect = 11,
    UpstreamUnreachable = 12, RequestUnknown = 13, BodyTooLarge = 14, BodyIncomplete = 15, UpstreamTimeout = 16,
    Input = 17, Rate = 18, Jobs = 19, Budget = 20, PriceUnknown = 21, LimitsUnavailable = 22, KeyReused = 23,
    KeyPending = 24, UpstreamBroken = 25, AuthenticationUnavailable = 26, AppFailed = 27, Internal = 28,
    BodyTooSlow = 29, Stopped = 30, KeyRequired = 31, KeyRefused = 32, Attestation = 33,
    GrantRequired = 34, GrantInvalid = 35, GrantMismatch = 36, GrantExpired = 37, GrantUsed = 38,
    SessionOver = 39, ClientLeft = 40, ClientLeftWaiting = 41,
});
numbered!(BRIDGE_ROUTE, BridgeRoute, "BridgeRoute", { Ice = 0, Session = 1, Heartbeat = 2, Over = 3 });
numbered!(ROUTE_KIND, RouteKind, "RouteKind", {
    Run = 0, Stream = 1, Submit = 2, Status = 3, StatusStream = 4, Result = 5, Cancel = 6, Upload = 7, Token = 8,
});

/// What the policy says about a call as it comes in, when it does not refuse it. Below zero, where no refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on.
    Proceed,
    /// A browser asks what it may send.
    Preflight,
}
numbered!(VERDICT, Verdict, "Verdict", { Proceed = -1, Preflight = -2 });

/// Who may read an answer, beside the app's own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody.
    Nobody,
    /// The page that asks.
    Page,
    /// The page that asks, and it may send cookies.
    PageWithCookies,
}
numbered!(READER, Reader, "Reader", { Nobody = 0, Page = 1, PageWithCookies = 2 });

/// What comes next on the way to a token, when it is not refused. Below zero, where no refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStep {
    /// fal is asked in the newer contract.
    AskNewer,
    /// fal is asked in the older contract.
    AskOlder,
    /// The token is given.
    Give,
}
numbered!(TOKEN_STEP, TokenStep, "TokenStep", { AskNewer = -1, AskOlder = -2, Give = -3 });

numbered!(ADMISSION_STEP, AdmissionStep, "AdmissionStep", {
    Authenticate = 0, FindKey = 1, Route = 2, Rate = 3, Ownership = 4, Attest = 5, Grant = 6, SigningKey = 7,
    ReadBody = 8, Apps = 9, JudgeInput = 10, Webhook = 11, Reserve = 12, Pass = 13, Refuse = 14,
});

/// What was found about a call that comes in. The route or the refusal crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the event of that name")]
pub enum AdmissionEventKind {
    Ok,
    GoesToModel,
    GoesToBridge,
    Refused,
    Left,
}
numbered!(ADMISSION_EVENT_KIND, AdmissionEventKind, "AdmissionEventKind", {
    Ok = 0, GoesToModel = 1, GoesToBridge = 2, Refused = 3, Left = 4,
});

numbered!(CALL_STEP, CallStep, "CallStep", {
    FindKey = 0, Send = 1, FindNextKey = 2, SendAgain = 3, Read = 4, Record = 5, Sign = 6, Pass = 7, Refuse = 8,
    Fail = 9,
});

/// What happens to a call. What fal has answered, and the refusal of what failed, cross beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the event of that name")]
pub enum CallEventKind {
    KeyFound,
    NoOtherKey,
    Answered,
    Done,
    Failed,
}
numbered!(CALL_EVENT_KIND, CallEventKind, "CallEventKind", {
    KeyFound = 0, NoOtherKey = 1, Answered = 2, Done = 3, Failed = 4,
});

rows_in!(
    /// What an app wants of calls, and what one of them brings.
    admission_row, ADMISSION, AdmissionWants, {
        Call {
            ownKeys: bool, rate: bool, ownership: bool, attestation: bool, grants: bool, hasGrant: bool, webhook: bool,
            limits: bool, watch: bool,
        } => AdmissionWants {
            own_keys: ownKeys,
            rate,
            ownership,
            attestation,
            grants: grants || hasGrant,
            has_grant: hasGrant,
            webhook,
            limits,
            watch,
        },
    }
);
