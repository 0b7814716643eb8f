//! Operations of fal's Platform APIs.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::client::BodyKind;
use fal_wasm::platform::{Media, Operation, Page, Pages, Paging, Rotation, RotationEffect, Step, Target};
use fal_wasm::protocol::Method;
use fal_wasm::wire::{Word, rotation_effect, rotation_effect_words, rotation_event};

#[wasm_bindgen]
extern "C" {
    /// What a caller gave for the names in a path.
    pub type Parameters;

    /// The text under a name; undefined when there is none.
    #[wasm_bindgen(method)]
    fn value(this: &Parameters, name: &str) -> Option<String>;
}

/// An operation of the table.
#[wasm_bindgen]
pub struct PlatformOperation(Operation);

#[wasm_bindgen]
impl PlatformOperation {
    /// Finds it by its method and its path; throws the name of the option that no operation has.
    #[wasm_bindgen(constructor)]
    pub fn new(method: &str, path: &str) -> Result<PlatformOperation, JsValue> {
        let operation = Method::parse(method).and_then(|method| Operation::find(method, path));
        operation.map(Self).ok_or_else(|| JsValue::from_str("path"))
    }

    /// Who may call it: the number of a [`Who`](fal_wasm::platform::Who).
    pub fn who(&self) -> f64 {
        self.0.who.to_word()
    }

    /// The content type of what it takes; empty when it takes nothing.
    pub fn takes(&self) -> String {
        self.0.takes.as_str().into()
    }

    /// The content type of what it gives; empty when it gives nothing.
    pub fn gives(&self) -> String {
        self.0.gives.as_str().into()
    }

    /// Whether it knows an `Idempotency-Key`.
    pub fn keyed(&self) -> bool {
        self.0.keyed
    }

    /// Where in a page its items are; empty when it has no pages.
    pub fn items(&self) -> String {
        if self.0.paging == Paging::None { String::new() } else { self.0.items.into() }
    }

    /// Whether a key of this scope is certainly not enough.
    #[wasm_bindgen(js_name = isBeyond)]
    pub fn is_beyond(&self, scope: &str) -> bool {
        self.0.is_beyond(scope)
    }

    /// Begins a walk through its pages where the caller begins.
    pub fn walk(&self, cursor: String, offset: u32, limit: u32) -> PlatformPages {
        PlatformPages(Pages::new(self.0.paging, cursor, offset, limit))
    }

    /// The URL of a call; throws the name of a parameter that cannot be part of a path.
    pub fn url(&self, parameters: &Parameters) -> Result<String, JsValue> {
        let target = Target::of(&self.0, |name| parameters.value(name));
        target.map(|target| target.as_str().into()).map_err(|error| JsValue::from_str(error.name))
    }

    /// What a good answer is: the number of a [`BodyKind`].
    #[wasm_bindgen(js_name = bodyKind)]
    pub fn body_kind(&self) -> u32 {
        let kind = match self.0.gives {
            Media::None => BodyKind::Nothing,
            Media::Events => BodyKind::Stream,
            _ => BodyKind::Anything,
        };
        kind.to_word() as u32
    }

    /// Whether it may be called again; `keyed` says that it comes with an `Idempotency-Key`.
    #[wasm_bindgen(js_name = isRepeatable)]
    pub fn is_repeatable(&self, keyed: bool) -> bool {
        self.0.is_repeatable(keyed)
    }
}

/// A walk through the pages of a list.
#[wasm_bindgen]
pub struct PlatformPages(Pages);

#[wasm_bindgen]
impl PlatformPages {
    /// Takes what a page says, and says what comes next: the cursor to ask with, the number of the item to begin with,
    /// `null` at the end, and `false` when the list turns in circles.
    pub fn step(&mut self, count: u32, cursor: Option<String>, more: Option<bool>) -> JsValue {
        match self.0.step(Page { count, cursor: cursor.unwrap_or_default(), more }) {
            Step::End => JsValue::NULL,
            Step::Cursor(cursor) => JsValue::from_str(&cursor),
            Step::Offset(offset) => offset.into(),
            Step::Circle => JsValue::FALSE,
        }
    }
}

/// What a rotation does next: the number of its effect, the number beside it, and the numbers that are its state. `state` is
/// empty at first, then what the last call gave.
#[wasm_bindgen(js_name = rotation)]
pub fn rotation(state: &[f64], event: f64, beside: f64) -> Vec<f64> {
    let mut rotation = match *state {
        [kind, beside, old] => rotation_effect(kind, beside).map(|at| Rotation::from_parts((at, old as u32))),
        _ => None,
    }
    .unwrap_or_default();
    // One driver, which waits for each effect before it reports anything: the event is about the effect of the last call.
    let of = rotation.parts().0;
    let effect = rotation_event(event, beside).map_or(RotationEffect::Nothing, |event| rotation.on(of, event));
    let (at, old) = rotation.parts();
    let ([kind, beside], [at, place]) = (rotation_effect_words(effect), rotation_effect_words(at));
    [kind, beside, at, place, f64::from(old)].into()
}
