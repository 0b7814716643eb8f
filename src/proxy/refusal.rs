//! The ways a proxy says no.

/// Why a call is refused. The numbers cross to the skin, which has code and sentence (`js/edge/answers.js`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The target is not a URL of fal's in its canonical spelling.
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
}

impl Refusal {
    /// Every refusal, at the place of its number.
    pub const ALL: [Self; 13] = [
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
    ];

    /// The HTTP status of the refusal. 400, 412 and 415 are those of fal's proxy formula.
    pub fn status(self) -> u16 {
        match self {
            Self::TargetMissing | Self::Query => 400,
            Self::KeyLeaked | Self::Unauthenticated => 401,
            Self::CrossOrigin | Self::Endpoint => 403,
            Self::Method => 405,
            Self::TargetInvalid => 412,
            Self::ContentType => 415,
            Self::Misconfigured => 500,
            Self::UpstreamAuth | Self::UpstreamRedirect | Self::UpstreamUnreachable => 502,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_stands_at_its_number_and_is_said_in_the_skin() {
        let skin = include_str!("../../js/edge/answers.js");
        for (number, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, number);
            let line = std::format!("  {number}: [");
            assert!(skin.contains(&line), "{refusal:?}");
        }
    }
}
