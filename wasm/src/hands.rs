//! What can be done outside, and how it is asked for: as numbers and a text, one way for everything. Every function more
//! would cost the browser build more than it explains.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `js/driver/hands.ts`. None of it throws, and none of it calls back at once.
    pub type Hands;

    /// A number that goes along with what is being told: [`Number`](super::numbers::Number) and
    /// [`Answer`](super::task::Answer) say which.
    #[wasm_bindgen(method)]
    pub fn number(this: &Hands, place: u32) -> f64;

    /// What the tries of this client have cost. It is kept outside, where a lost instance does not take it along.
    #[wasm_bindgen(method, getter)]
    pub fn spent(this: &Hands) -> f64;

    #[wasm_bindgen(method, setter)]
    pub fn set_spent(this: &Hands, spent: f64);

    #[wasm_bindgen(method, js_name = act)]
    fn act_raw(this: &Hands, act: u8, token: u32, a: u32, b: u32, value: f64, text: &[u8]);
}

/// In what a request is: it goes to fal.
pub const TO_FAL: u32 = 8;
/// In what a request is: its answer is a model's own.
pub const MODELS: u32 = 16;

/// What shall be done, by the numbers of `ACTS` in `js/driver/operation.ts` and `js/realtime/connection.ts`.
#[derive(Clone, Copy)]
pub enum Act {
    /// Sends a request. The text is method and URL; `a` a [`Payload`](fal_wasm::client::Payload), with [`TO_FAL`] and
    /// [`MODELS`]; `b` the part of a file, 0 for all of it and for everything else.
    Send = 0,
    /// Names of the text fields that are wanted of the body, or the event, that comes next.
    Fields,
    /// Reads a body, which is expected to be `a` (an [`Expect`](fal_wasm::client::Expect)), by a [`Decoding`] `b`.
    Read,
    /// Reads a body as it comes; with `a` it is the caller's, and not looked into here.
    Open,
    /// One event of that body: the text, with `a` and `b` as in [`Act::Read`].
    Item,
    /// Tells when `value` milliseconds are over.
    Rest,
    /// Stops what is under way.
    Forget,
    /// The request of the text is in the queue.
    Enqueued,
    /// The body read last is a queue status.
    Status,
    /// The body read last is the receipt of part `a` of the file.
    Accepted,
    /// It ended well: with an [`Ending`] `a`. The text is the URL of a file, or the id of the request a result is of.
    Done,
    /// It ended badly: with a [`FailureKind`](fal_wasm::client::FailureKind) and 256 times a
    /// [`Cancelled`](fal_wasm::client::Cancelled) in `a`, after `token` tries, at part `b`. The text is the request, if one is
    /// known; `value` how long the server asks to wait, negative when it does not.
    Fail,
    /// What was asked for is refused: `a` is why, `b` the reason its type gave, the text the name of an option.
    Refuse,
    /// What was asked for is this text.
    Answer,
}

impl Hands {
    /// Has something done that needs a token and little else.
    pub fn act(&self, act: Act, token: u32, a: u32, text: &str) {
        self.act_with(act, token, a, 0, 0.0, text.as_bytes());
    }

    /// Has something done by its number, with a token and a number.
    pub fn act_numbers(&self, act: u8, token: u32, value: f64) {
        self.act_raw(act, token, 0, 0, value, &[]);
    }

    /// Has something done.
    pub fn act_with(&self, act: Act, token: u32, a: u32, b: u32, value: f64, text: &[u8]) {
        self.act_raw(act as u8, token, a, b, value, text);
    }
}

/// How a body is decoded, by its number in `js/driver/response.ts`.
#[derive(Clone, Copy)]
pub enum Decoding {
    /// Parsed as JSON.
    Json = 0,
    /// As a string.
    Text = 1,
    /// As an `ArrayBuffer`.
    Bytes = 2,
    /// As JSON when it is some, else as a string.
    Explanation = 3,
    /// As an object with the `etag` of the header, or of the JSON.
    Receipt = 4,
}

/// What an operation ends with, by its number in `js/driver/operation.ts`.
#[derive(Clone, Copy)]
pub enum Ending {
    /// The body read last.
    Value = 0,
    /// `{ data, requestId }`, with the body read last as data.
    Result = 1,
    /// The URL of a file.
    File = 2,
    /// Nothing.
    Nothing = 3,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JavaScript layer has the numbers once more; it would take a refusal for an answer.
    #[test]
    fn javascript_counts_the_same_way() {
        let source = include_str!("../../js/driver/hands.ts");
        for (name, act) in [("REFUSE", Act::Refuse), ("ANSWER", Act::Answer)] {
            assert!(source.contains(&std::format!("const {name} = {};", act as u8)), "{name}");
        }
        let drive = include_str!("../../js/driver/operation.ts");
        for (name, flag) in [("TO_FAL", TO_FAL), ("MODELS", MODELS)] {
            assert!(drive.contains(&std::format!("const {name} = {flag};")), "{name}");
        }
    }
}
