//! The `x-fal-*` request headers: what they must look like, and what they ask for.

use serde_json::Value;

use super::errors::validation_error;
use super::http::{Millis, Request, Response};

/// What the headers of a run or a submit ask for.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// How long the request may wait before it starts, in milliseconds.
    pub start_within: Option<Millis>,
    /// Whether the request goes behind every normal one.
    pub low_priority: bool,
    /// The runner hint, to be echoed.
    pub hint: Option<String>,
    /// All `x-fal-*` headers.
    pub all: Vec<(String, String)>,
}

impl CallOptions {
    /// Reads the headers.
    ///
    /// # Errors
    /// A 422 naming the header that cannot be read.
    pub fn of(request: &Request) -> Result<Self, Response> {
        check_lifecycle(request)?;
        Ok(Self {
            start_within: start_within(request)?,
            // The header can only lower the priority, and unknown values are ignored.
            low_priority: request.header("x-fal-queue-priority") == Some("low"),
            hint: request.header("x-fal-runner-hint").map(str::to_owned),
            all: fal_headers(request),
        })
    }
}

/// The request's `x-fal-*` headers. None of them holds a secret.
pub fn fal_headers(request: &Request) -> Vec<(String, String)> {
    request.headers.iter().filter(|(name, _)| name.starts_with("x-fal-")).cloned().collect()
}

/// `X-Fal-Request-Start-Timeout`, or the deprecated `X-Fal-Request-Timeout`, in seconds; the newer one wins.
///
/// A value that is not a number above 0.1 is refused (chosen, so that a client's mistake shows).
fn start_within(request: &Request) -> Result<Option<Millis>, Response> {
    for name in ["x-fal-request-start-timeout", "x-fal-request-timeout"] {
        let Some(value) = request.header(name) else { continue };
        let seconds = value.parse::<f64>().ok().filter(|seconds| *seconds > 0.1 && seconds.is_finite());
        let refusal =
            || validation_error(&["header", name], "greater_than", "Input should be a number greater than 0.1");
        return seconds.map(|seconds| Some((seconds * 1000.0) as Millis)).ok_or_else(refusal);
    }
    Ok(None)
}

/// The headers that say how long a file lives and who may see it. Model calls use one, uploads the other or both.
const LIFECYCLE: [&str; 2] = ["x-fal-object-lifecycle-preference", "x-fal-object-lifecycle"];

/// The lifecycle headers of a request.
pub fn lifecycle(request: &Request) -> Vec<(String, String)> {
    request.headers.iter().filter(|(name, _)| LIFECYCLE.contains(&name.as_str())).cloned().collect()
}

/// Checks the lifecycle headers: `{"expiration_duration_seconds": n, "initial_acl": {…}}`, both optional.
///
/// # Errors
/// A 422 naming the header whose JSON is malformed.
pub fn check_lifecycle(request: &Request) -> Result<(), Response> {
    for name in LIFECYCLE {
        let Some(value) = request.header(name) else { continue };
        let preference: Value = serde_json::from_str(value).unwrap_or_default();
        let seconds = preference.get("expiration_duration_seconds");
        let acl = preference.get("initial_acl");
        let good = preference.is_object()
            && seconds.is_none_or(|seconds| seconds.is_null() || seconds.as_f64().is_some_and(|number| number >= 0.0))
            && acl.is_none_or(|acl| acl.is_null() || acl.is_object());
        if !good {
            return Err(validation_error(&["header", name], "json_invalid", "Invalid object lifecycle preference"));
        }
    }
    Ok(())
}

/// Adds what every answer about a request carries.
pub fn with_request_headers(response: Response, id: &str, hint: Option<&str>) -> Response {
    let response = response.with_header("x-fal-request-id", id);
    match hint {
        Some(hint) => response.with_header("x-fal-runner-hints", hint),
        None => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(headers: &[(&str, &str)]) -> Result<CallOptions, Response> {
        let request = Request::new("POST", "https://fal.run/a/b");
        CallOptions::of(&headers.iter().fold(request, |request, (name, value)| request.with_header(name, value)))
    }

    #[test]
    fn the_newer_timeout_header_wins_and_nonsense_is_refused() {
        let both = [("X-Fal-Request-Timeout", "30"), ("X-Fal-Request-Start-Timeout", "2.5")];
        assert_eq!(options(&both).unwrap().start_within, Some(2_500));
        assert_eq!(options(&both[..1]).unwrap().start_within, Some(30_000));
        for nonsense in ["0.1", "-3", "NaN", "inf", "soon", ""] {
            assert_eq!(options(&[("X-Fal-Request-Timeout", nonsense)]).unwrap_err().status, 422, "{nonsense}");
        }
    }

    #[test]
    fn a_malformed_lifecycle_is_refused_before_anything_is_paid_for() {
        let header = "X-Fal-Object-Lifecycle-Preference";
        assert!(options(&[(header, r#"{"expiration_duration_seconds":60}"#)]).is_ok());
        assert!(options(&[(header, r#"{"initial_acl":{"default":"forbid","rules":[]}}"#)]).is_ok());
        for bad in ["1h", "[]", r#"{"expiration_duration_seconds":"60"}"#, r#"{"initial_acl":"private"}"#] {
            assert_eq!(options(&[(header, bad)]).unwrap_err().status, 422, "{bad}");
        }
    }

    #[test]
    fn priority_can_only_be_lowered() {
        assert!(options(&[("X-Fal-Queue-Priority", "low")]).unwrap().low_priority);
        assert!(!options(&[("X-Fal-Queue-Priority", "urgent")]).unwrap().low_priority);
    }
}
