//! What is known of an HTTP answer before its body is read, and the two fields of a body that may matter.

use super::media::Media;

/// Milliseconds: a duration, or the time since a moment that whoever drives a machine chose.
pub type Millis = u64;

/// Status line and headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// HTTP status; 0 where a runtime hides a redirect it was told not to follow.
    pub status: u16,
    /// What the body is.
    pub media: Media,
    /// `Retry-After` in milliseconds from now.
    pub retry_after: Option<Millis>,
    /// `X-Fal-Needs-Retry` or `X-Fal-Retryable`: what fal itself says about trying again.
    pub retryable: Option<bool>,
    /// `X-Fal-Request-Timeout-Type: user`: the caller's own start timeout ran out.
    pub user_timeout: bool,
}

impl Head {
    /// 2xx.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A redirect, seen or hidden. None is ever followed: a key must not go where it was not sent.
    pub fn is_redirect(&self) -> bool {
        self.status == 0 || (300..400).contains(&self.status)
    }
}

/// The text fields of a JSON object that decide what happens next: at most two, under the names that
/// [`BodyKind::fields`](crate::client::BodyKind::fields) gives. The rest of the object never comes here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The first field, when it is there and a text.
    pub first: Option<&'a str>,
    /// The second.
    pub second: Option<&'a str>,
}
