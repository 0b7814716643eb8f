//! How a refused argument crosses: as one number, thrown.

use wasm_bindgen::JsValue;

use fal_wasm::client::FailureKind;

/// What is wrong with an argument, and the reason its type gave.
///
/// Crosses as `kind + 256 * reason`; `js/errors/messages.ts` has the sentences. An option that has a value it cannot have
/// crosses as its name instead.
pub struct Problem {
    kind: FailureKind,
    reason: u8,
}

impl Problem {
    /// With the discriminant of the error of the type that refused.
    pub fn because(kind: FailureKind, reason: u8) -> Self {
        Self { kind, reason }
    }
}

impl From<FailureKind> for Problem {
    fn from(kind: FailureKind) -> Self {
        Self::because(kind, 0)
    }
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        (u32::from(problem.kind as u8) + 256 * u32::from(problem.reason)).into()
    }
}
