//! How a refused argument crosses: as one number, thrown.

use wasm_bindgen::JsValue;

use fal_wasm::client::FailureKind;
use fal_wasm::protocol::EndpointId;

/// What is wrong with an argument, and the reason its type gave.
///
/// Crosses as `kind + 256 * reason`; `js/errors/messages.ts` has the sentences. An option that has a value it cannot have
/// crosses as its name instead.
pub struct Problem {
    kind: FailureKind,
    reason: u8,
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        (u32::from(problem.kind as u8) + 256 * u32::from(problem.reason)).into()
    }
}

/// An endpoint id, or why it is none.
pub fn endpoint_id(text: &str) -> Result<EndpointId, Problem> {
    EndpointId::parse(text).map_err(|error| Problem { kind: FailureKind::EndpointIdInvalid, reason: error as u8 })
}
