//! The ways a webhook is refused.

/// Why a webhook is not taken. Numbers are in `src/wire/webhook.rs`; codes and sentences in `js/webhook/errors.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a POST.
    Method = 0,
    /// One of the four headers is not there.
    HeaderMissing = 1,
    /// One of them is there twice, or is not what it should be.
    HeaderInvalid = 2,
    /// It was signed more than five minutes ago.
    TooOld = 3,
    /// It was signed more than five minutes from now.
    TooNew = 4,
    /// None of fal's keys made this signature of this body.
    Signature = 5,
    /// fal's keys could not be had.
    KeysUnavailable = 6,
    /// The body is larger than the limit.
    TooLarge = 7,
    /// The body broke off, or somebody has read it before.
    Unreadable = 8,
    /// The body is no bytes: it was parsed, or decoded.
    NotRaw = 9,
    /// What fal signed is no webhook of a request.
    Payload = 10,
    /// The runtime has no Ed25519.
    Unsupported = 11,
    /// The same one is being handled at this moment.
    Busy = 12,
    /// The app's `onEvent` failed.
    NotHandled = 13,
    /// The app's `onEvent` was not done in time.
    Late = 14,
    /// It is about a request of an account that the app does not name.
    Account = 15,
    /// Header and body name different requests.
    RequestMismatch = 16,
    /// The app has not submitted the request.
    RequestUnknown = 17,
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Method => "a webhook is a POST",
            Self::HeaderMissing => "one of the four webhook headers is missing",
            Self::HeaderInvalid => "one of the webhook headers is invalid or was sent twice",
            Self::TooOld => "the webhook was signed more than five minutes ago",
            Self::TooNew => "the webhook was signed more than five minutes from now",
            Self::Signature => "none of fal's keys made this signature of this body",
            Self::KeysUnavailable => "fal's keys could not be loaded",
            Self::TooLarge => "the body is larger than the limit",
            Self::Unreadable => "the body ended early or was read before",
            Self::NotRaw => "the body was parsed or decoded before it was checked",
            Self::Payload => "what fal signed is not the webhook of a request",
            Self::Unsupported => "the runtime has no Ed25519",
            Self::Busy => "the same webhook is being handled now",
            Self::NotHandled => "the app failed to handle the webhook",
            Self::Late => "the app did not handle the webhook in time",
            Self::Account => "the account is not one of the app's",
            Self::RequestMismatch => "header and body name different requests",
            Self::RequestUnknown => "the app has not submitted this request",
        })
    }
}

impl core::error::Error for Refusal {}

impl Refusal {
    /// Every refusal, at the place of its number.
    pub const ALL: [Self; 18] = [
        Self::Method,
        Self::HeaderMissing,
        Self::HeaderInvalid,
        Self::TooOld,
        Self::TooNew,
        Self::Signature,
        Self::KeysUnavailable,
        Self::TooLarge,
        Self::Unreadable,
        Self::NotRaw,
        Self::Payload,
        Self::Unsupported,
        Self::Busy,
        Self::NotHandled,
        Self::Late,
        Self::Account,
        Self::RequestMismatch,
        Self::RequestUnknown,
    ];

    /// The HTTP status of the refusal. fal delivers again what was not answered with a 2xx.
    pub fn status(self) -> u16 {
        match self {
            Self::HeaderMissing | Self::HeaderInvalid | Self::Unreadable | Self::Payload | Self::RequestMismatch => 400,
            Self::TooOld | Self::TooNew | Self::Signature => 401,
            Self::Account => 403,
            Self::RequestUnknown => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::NotRaw | Self::Unsupported | Self::NotHandled => 500,
            Self::KeysUnavailable | Self::Busy | Self::Late => 503,
        }
    }
}
