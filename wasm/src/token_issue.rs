//! A short-lived token on its way.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use fal_wasm::protocol::TokenContract;
use fal_wasm::proxy::{TokenEffect, TokenEvent, TokenIssue, bare_name};

/// What the proxy does until a token is given or refused.
#[wasm_bindgen]
pub struct TokenIssuing(TokenIssue);

impl From<TokenIssue> for TokenIssuing {
    fn from(issue: TokenIssue) -> Self {
        Self(issue)
    }
}

/// Effects that are no refusals.
const ASK_NEWER: i32 = -1;
const ASK_OLDER: i32 = -2;
const GIVE: i32 = -3;

#[wasm_bindgen]
impl TokenIssuing {
    /// The limits have room for it. What to do next: -1 to ask in the newer contract, -2 in the older, -3 to give the
    /// token, else the number of a [`Refusal`](fal_wasm::proxy::Refusal).
    pub fn reserved(&mut self) -> i32 {
        self.on(TokenEvent::Reserved)
    }

    /// fal has answered.
    pub fn answered(&mut self, status: u16, has_token: bool) -> i32 {
        self.on(TokenEvent::Answered { status, has_token })
    }

    /// No answer came. `was_sent` is false where it is certain that nothing was asked.
    pub fn failed(&mut self, was_sent: bool) -> i32 {
        self.on(if was_sent { TokenEvent::Lost } else { TokenEvent::Unsent })
    }

    /// Whether it counts: it was issued, or it is not certain that none was.
    #[wasm_bindgen(js_name = isPaid)]
    pub fn is_paid(&self) -> bool {
        self.0.is_paid()
    }

    fn on(&mut self, event: TokenEvent) -> i32 {
        match self.0.on(event) {
            TokenEffect::Ask(TokenContract::Newer) => ASK_NEWER,
            TokenEffect::Ask(TokenContract::Older) => ASK_OLDER,
            TokenEffect::Give => GIVE,
            TokenEffect::Refuse(refusal) => refusal as i32,
        }
    }
}

/// The name by which the older contract knows the app of an endpoint; empty when it is none.
#[wasm_bindgen(js_name = bareName)]
pub fn bare_name_of(endpoint: &str) -> String {
    bare_name(endpoint).unwrap_or_default()
}
