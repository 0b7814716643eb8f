//! The ways a proxy says no.

/// Why a call is refused. Numbers are in `src/wire/proxy.rs`; codes and sentences in `js/proxy/refusals.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A method that no route has, or not this one.
    Method = 0,
    /// From a page of another origin.
    CrossOrigin = 1,
    /// A fal key came from a browser.
    KeyLeaked = 2,
    /// The app's `authenticate` does not know who asks.
    Unauthenticated = 3,
    /// There is no `x-fal-target-url`.
    TargetMissing = 4,
    /// The target is not a fal URL in its canonical spelling.
    TargetInvalid = 5,
    /// The target has a query parameter that is not passed on.
    Query = 6,
    /// The endpoint is not on the list.
    Endpoint = 7,
    /// The body is not declared as JSON.
    ContentType = 8,
    /// There is no key to call fal with, or it is not one.
    Misconfigured = 9,
    /// fal refused the key.
    UpstreamAuth = 10,
    /// fal answered with a redirect.
    UpstreamRedirect = 11,
    /// fal could not be reached.
    UpstreamUnreachable = 12,
    /// There is no such request, or it is somebody else's.
    RequestUnknown = 13,
    /// The body is larger than the proxy takes.
    BodyTooLarge = 14,
    /// The body broke off.
    BodyIncomplete = 15,
    /// fal did not begin to answer in time.
    UpstreamTimeout = 16,
    /// The input is not what the app allows.
    Input = 17,
    /// Too many calls of this person's.
    Rate = 18,
    /// Too many jobs of this person's at once.
    Jobs = 19,
    /// This person's budget does not suffice.
    Budget = 20,
    /// There is a budget, and nobody knows what this costs.
    PriceUnknown = 21,
    /// The place where limits are counted does not answer.
    LimitsUnavailable = 22,
    /// The same idempotency key came with something else.
    KeyReused = 23,
    /// It is not known yet, or will not be, what became of the call with this idempotency key.
    KeyPending = 24,
    /// fal's answer to a submit broke off, or was none.
    UpstreamBroken = 25,
    /// The app's `authenticate` failed, so it is not known who asks.
    AuthenticationUnavailable = 26,
    /// Another function of the app's failed.
    AppFailed = 27,
    /// A mistake of this package's.
    Internal = 28,
    /// The body comes too slowly.
    BodyTooSlow = 29,
    /// The app was stopped, by its operator or by an alarm.
    Stopped = 30,
    /// Each visitor calls fal with a key of their own, and this one has none.
    KeyRequired = 31,
    /// fal refused the visitor's own key, or it is none.
    KeyRefused = 32,
    /// The app has no proof that the call comes from its own page and a person, or the proof was used before.
    Attestation = 33,
    /// The endpoint needs a grant of the app's server, and none came.
    GrantRequired = 34,
    /// What came as a grant the app's server has not signed, or the proxy takes none.
    GrantInvalid = 35,
    /// The grant is for another endpoint, another visitor or another kind of call.
    GrantMismatch = 36,
    /// The grant is too old.
    GrantExpired = 37,
    /// The grant was used before.
    GrantUsed = 38,
    /// A session has lasted as long as it may, or its place was taken.
    SessionOver = 39,
    /// The visitor has left before anything was sent.
    ClientLeft = 40,
    /// The visitor has left while fal's answer was awaited.
    ClientLeftWaiting = 41,
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Method => "the proxy does not take this method",
            Self::CrossOrigin => "the call comes from a page of another origin",
            Self::KeyLeaked => "the call from a browser carries a fal key",
            Self::Unauthenticated => "the app does not know who is calling",
            Self::TargetMissing => "the header x-fal-target-url is missing",
            Self::TargetInvalid => "the target is not one of fal's URLs in its canonical spelling",
            Self::Query => "the target has a query parameter that is not passed on",
            Self::Endpoint => "the policy does not allow this endpoint",
            Self::ContentType => "the body is not declared as JSON",
            Self::Misconfigured => "the proxy has no valid fal key",
            Self::UpstreamAuth => "fal refused the key of the proxy",
            Self::UpstreamRedirect => "fal answered with a redirect",
            Self::UpstreamUnreachable => "fal could not be reached",
            Self::RequestUnknown => "the request does not exist or belongs to somebody else",
            Self::BodyTooLarge => "the body is larger than the proxy takes",
            Self::BodyIncomplete => "the body ended early",
            Self::UpstreamTimeout => "fal did not begin to answer in time",
            Self::Input => "the app does not allow this input",
            Self::Rate => "the caller has made too many calls",
            Self::Jobs => "the caller has too many jobs running at once",
            Self::Budget => "the budget of the caller does not cover this call",
            Self::PriceUnknown => "the caller has a budget and the price of this call is not known",
            Self::LimitsUnavailable => "the store that counts limits does not answer",
            Self::KeyReused => "the idempotency key was used with a different call",
            Self::KeyPending => "the result of the call with this idempotency key is not known",
            Self::UpstreamBroken => "fal's answer ended early or could not be read",
            Self::AuthenticationUnavailable => "the app could not find out who is calling",
            Self::AppFailed => "a function of the app failed",
            Self::Internal => "the proxy itself failed",
            Self::BodyTooSlow => "the body comes too slowly",
            Self::Stopped => "the app was stopped",
            Self::KeyRequired => "the caller has no fal key of their own",
            Self::Attestation => "the call has no proof of where it comes from that was not used before",
            Self::GrantRequired => "the endpoint needs a grant of the app's server",
            Self::GrantInvalid => "the grant is none of the app's",
            Self::GrantMismatch => "the grant is for another call",
            Self::GrantExpired => "the grant has expired",
            Self::GrantUsed => "the grant was used before",
            Self::SessionOver => "the session may not go on",
            Self::ClientLeft => "the caller left before anything was sent",
            Self::ClientLeftWaiting => "the caller left before fal answered",
            Self::KeyRefused => "fal refused the key of the caller",
        })
    }
}

impl core::error::Error for Refusal {}

impl Refusal {
    /// Every refusal, at the place of its number.
    pub const ALL: [Self; 42] = [
        Self::Method,
        Self::CrossOrigin,
        Self::KeyLeaked,
        Self::Unauthenticated,
        Self::TargetMissing,
        Self::TargetInvalid,
        Self::Query,
        Self::Endpoint,
        Self::ContentType,
        Self::Misconfigured,
        Self::UpstreamAuth,
        Self::UpstreamRedirect,
        Self::UpstreamUnreachable,
        Self::RequestUnknown,
        Self::BodyTooLarge,
        Self::BodyIncomplete,
        Self::UpstreamTimeout,
        Self::Input,
        Self::Rate,
        Self::Jobs,
        Self::Budget,
        Self::PriceUnknown,
        Self::LimitsUnavailable,
        Self::KeyReused,
        Self::KeyPending,
        Self::UpstreamBroken,
        Self::AuthenticationUnavailable,
        Self::AppFailed,
        Self::Internal,
        Self::BodyTooSlow,
        Self::Stopped,
        Self::KeyRequired,
        Self::KeyRefused,
        Self::Attestation,
        Self::GrantRequired,
        Self::GrantInvalid,
        Self::GrantMismatch,
        Self::GrantExpired,
        Self::GrantUsed,
        Self::SessionOver,
        Self::ClientLeft,
        Self::ClientLeftWaiting,
    ];

    /// Whether it is only said when it is certain that fal got nothing, or not all of a request.
    pub fn is_unsent(self) -> bool {
        matches!(
            self,
            Self::BodyIncomplete
                | Self::BodyTooLarge
                | Self::BodyTooSlow
                | Self::Misconfigured
                | Self::UpstreamUnreachable
                | Self::AppFailed
                | Self::KeyRequired
                | Self::KeyRefused
                | Self::ClientLeft
        )
    }

    /// The HTTP status of the refusal. 400, 412 and 415 are those of fal's proxy formula.
    pub fn status(self) -> u16 {
        match self {
            Self::TargetMissing | Self::Query | Self::BodyIncomplete => 400,
            Self::KeyLeaked | Self::Unauthenticated => 401,
            Self::CrossOrigin
            | Self::Endpoint
            | Self::PriceUnknown
            | Self::KeyRequired
            | Self::KeyRefused
            | Self::Attestation
            | Self::GrantRequired
            | Self::GrantInvalid
            | Self::GrantMismatch
            | Self::GrantExpired
            | Self::GrantUsed => 403,
            Self::RequestUnknown => 404,
            Self::Method => 405,
            Self::BodyTooSlow => 408,
            Self::KeyReused | Self::KeyPending => 409,
            Self::SessionOver => 410,
            Self::TargetInvalid => 412,
            Self::BodyTooLarge => 413,
            Self::ContentType => 415,
            Self::Input => 422,
            Self::Rate | Self::Jobs | Self::Budget => 429,
            // Nobody reads it: the number that logs of web servers have for it.
            Self::ClientLeft | Self::ClientLeftWaiting => 499,
            Self::Misconfigured | Self::AppFailed | Self::Internal => 500,
            Self::UpstreamAuth | Self::UpstreamRedirect | Self::UpstreamUnreachable | Self::UpstreamBroken => 502,
            Self::LimitsUnavailable | Self::AuthenticationUnavailable | Self::Stopped => 503,
            Self::UpstreamTimeout => 504,
        }
    }
}
