//! fal's Platform APIs (`https://api.fal.ai/v1`): which operation a path is, who may call it, where it is, whether it may be
//! sent again, and how its pages follow.
//!
//! One table (`table.rs`, made from fal's OpenAPI document) instead of a function for each operation. There is no way to
//! these APIs through the proxy, and none from a browser.

#![forbid(unsafe_code)]

mod operation;
mod pages;
mod rotation;
mod table;
mod target;

pub use operation::{Media, Operation, Paging, Who};
pub use pages::{Page, Pages, Step};
pub use rotation::{Rotation, RotationEffect, RotationEvent, RotationStep};
pub use target::{ORIGIN, ParameterError, Target};
