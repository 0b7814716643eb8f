//! What is asked for in texts, and why it is refused.

use super::hands::{Act, Hands};
#[cfg(feature = "edge")]
use super::problem::Problem;
use fal_wasm::client::FailureKind;
use fal_wasm::protocol::{EndpointId, RequestId};

/// The lines of a text; empty where there are fewer. The searchers of the standard library end in panics with messages,
/// whose formatting would be a fifth of the browser build.
pub fn lines<const COUNT: usize>(text: &str) -> [&str; COUNT] {
    let mut rest = text;
    [(); COUNT].map(|()| {
        let end = rest.bytes().position(|byte| byte == b'\n').unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        line
    })
}

/// Something that was asked for and is not refused; why it is refused is told.
pub fn accepted<T>(hands: &Hands, wanted: Result<T, Refusal>) -> Option<T> {
    wanted
        .map_err(|Refusal { kind, reason, option }| {
            hands.act_with(Act::Refuse, 0, u32::from(kind as u8), reason.into(), 0.0, option.as_bytes());
        })
        .ok()
}

/// Why something is refused: the reason is that of the type that refused, and an option has a name.
pub struct Refusal {
    /// What is wrong.
    pub kind: FailureKind,
    /// What about it.
    pub reason: u8,
    /// With which option.
    pub option: &'static str,
}

impl Refusal {
    /// An option that has a value it cannot have.
    pub fn option(option: &'static str) -> Self {
        Self { kind: FailureKind::OptionInvalid, reason: 0, option }
    }
}

impl From<FailureKind> for Refusal {
    fn from(kind: FailureKind) -> Self {
        Self { kind, reason: 0, option: "" }
    }
}

#[cfg(feature = "edge")]
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::because(refusal.kind, refusal.reason)
    }
}

/// An endpoint id, or why it is none.
pub fn endpoint_id(text: &str) -> Result<EndpointId, Refusal> {
    EndpointId::parse(text).map_err(|error| Refusal { reason: error as u8, ..FailureKind::EndpointIdInvalid.into() })
}

/// A request id, or why it is none.
pub fn request_id(text: &str) -> Result<RequestId, Refusal> {
    RequestId::parse(text).map_err(|_| FailureKind::RequestIdInvalid.into())
}
