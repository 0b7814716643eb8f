//! The proxy: what it refuses, and what a call is about.

use super::tables::numbered;
use crate::proxy::{Refusal, RouteKind};

numbered!(PROXY_REFUSAL, Refusal, "ProxyRefusal", {
    Method = 0, CrossOrigin = 1, KeyLeaked = 2, Unauthenticated = 3, TargetMissing = 4, TargetInvalid = 5, Query = 6,
    Endpoint = 7, ContentType = 8, Misconfigured = 9, UpstreamAuth = 10, UpstreamRedirect = 11,
    UpstreamUnreachable = 12, RequestUnknown = 13, BodyTooLarge = 14, BodyIncomplete = 15, UpstreamTimeout = 16,
    Input = 17, Rate = 18, Jobs = 19, Budget = 20, PriceUnknown = 21, LimitsUnavailable = 22, KeyReused = 23,
    KeyPending = 24, UpstreamBroken = 25, AuthenticationUnavailable = 26, AppFailed = 27, Internal = 28,
    BodyTooSlow = 29, Stopped = 30, KeyRequired = 31, KeyRefused = 32, Attestation = 33,
});
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
