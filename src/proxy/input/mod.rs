//! What a browser may put into the inputs of models: ceilings, choices and fixed values, by endpoint and field.
//!
//! The body is judged as it comes, and stays as it is: nothing is parsed and written anew, so a number keeps all of its
//! digits. Fixed values that are absent are put in at its beginning.

mod check;
mod decimal;
mod json;
mod rules;

pub use check::{InputCheck, InputPolicy, Problem};
pub use decimal::Decimal;
pub use json::Scalar;
pub use rules::{Field, Rule, Violation};
