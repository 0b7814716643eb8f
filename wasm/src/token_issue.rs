//! A short-lived token on its way.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use fal_wasm::protocol::TokenContract;
use fal_wasm::proxy::{TokenEffect, TokenEvent, TokenIssue, bare_name};
use fal_wasm::wire::{TokenStep, Word};

/// What the proxy does until a token is given or refused.
#[wasm_bindgen]
pub struct TokenIssuing(TokenIssue);

impl From<TokenIssue> for TokenIssuing {
    fn from(issue: TokenIssue) -> Self {
        Self(issue)
    }
}

#[wasm_bindgen]
impl TokenIssuing {
    /// The limits have room for it. What to do next: the number of a [`TokenStep`], or of a
    /// [`Refusal`](fal_wasm::proxy::Refusal).
    pub fn reserved(&mut self) -> f64 {
        self.on(TokenEvent::Reserved)
    }

    /// fal has answered.
    pub fn answered(&mut self, status: u16, has_token: bool) -> f64 {
        self.on(TokenEvent::Answered { status, has_token })
    }

    /// No answer came. `was_sent` is false where it is certain that nothing was asked.
    pub fn failed(&mut self, was_sent: bool) -> f64 {
        self.on(if was_sent { TokenEvent::Lost } else { TokenEvent::Unsent })
    }

    /// Whether it counts: it was issued, or it is not certain that none was.
    #[wasm_bindgen(js_name = isPaid)]
    pub fn is_paid(&self) -> bool {
        self.0.is_paid()
    }

    fn on(&mut self, event: TokenEvent) -> f64 {
        match self.0.on(event) {
            TokenEffect::Ask(TokenContract::Newer) => TokenStep::AskNewer.to_word(),
            TokenEffect::Ask(TokenContract::Older) => TokenStep::AskOlder.to_word(),
            TokenEffect::Give => TokenStep::Give.to_word(),
            TokenEffect::Refuse(refusal) => refusal.to_word(),
        }
    }
}

/// The name by which the older contract knows the app of an endpoint; empty when it is none.
#[wasm_bindgen(js_name = bareName)]
pub fn bare_name_of(endpoint: &str) -> String {
    bare_name(endpoint).unwrap_or_default()
}
