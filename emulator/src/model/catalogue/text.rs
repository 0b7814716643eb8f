//! The text model: `fal-ai/any-llm`, at once and as a stream of growing outputs.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Execution, Invocation, Outcome};
use crate::model::fields::Fields;
use crate::model::http::{Millis, Response};
use crate::model::ids::Ids;
use crate::model::stream::{Stream, event};

/// Milliseconds before the first word.
const FIRST_WORD_MS: Millis = 250;
/// Milliseconds per word after it.
const WORD_MS: Millis = 40;
/// How much of a prompt the answer quotes, in characters.
const QUOTED: usize = 120;

/// Answers a prompt.
pub fn run(invocation: &mut Invocation) -> Result<Execution, Response> {
    let words = answer(invocation)?;
    let run_ms = FIRST_WORD_MS + WORD_MS * words.len() as Millis;
    let outcome = Outcome::plain(Response::json(200, &output(&words.join(" "), false)));
    Ok(Execution { run_ms, steps: 1, outcome })
}

/// Answers a prompt word by word: each event holds all of the output so far, and only the last says `partial: false`.
pub fn stream(invocation: &mut Invocation) -> Result<Stream, Response> {
    let words = answer(invocation)?;
    let mut events = VecDeque::with_capacity(words.len());
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push_str(word);
        let at = invocation.now.saturating_add(FIRST_WORD_MS + WORD_MS * index as Millis);
        events.push_back((at, event(&output(&text, index + 1 < words.len()))));
    }
    Ok(Stream::scheduled(events))
}

fn output(text: &str, partial: bool) -> Value {
    json!({ "output": text, "partial": partial, "reasoning": null, "error": null })
}

/// The words of the answer to a prompt.
pub fn answer(invocation: &mut Invocation) -> Result<Vec<String>, Response> {
    let mut fields = Fields::of(invocation.input);
    let prompt = fields.required_text("prompt");
    let model = fields.text("model", "google/gemini-flash-1.5");
    fields.text("system_prompt", "");
    fields.finish()?;
    Ok(compose(&prompt, &model))
}

/// A short answer that anyone can see was computed here, and that is always the same for the same prompt.
fn compose(prompt: &str, model: &str) -> Vec<String> {
    const OPENINGS: [&str; 4] = [
        "What a good thing to ask.",
        "Gladly.",
        "Here is a thought, small but freshly made.",
        "Let me look out of the window for a moment.",
    ];
    const MIDDLES: [&str; 4] = [
        "If it were a picture, the light would come from the left and somebody would be smiling.",
        "I would begin with the plain words and leave the clever ones for tomorrow.",
        "The short version fits on a postcard; the long version needs a cup of tea.",
        "There are three ways to see it, and the second one is the one children find first.",
    ];
    let quoted: String = prompt.chars().take(QUOTED).collect();
    let seed = prompt.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut ids = Ids::new(seed);
    let mut pick = |from: [&'static str; 4]| from.get((ids.bits() % 4) as usize).copied().unwrap_or_default();
    let (opening, middle) = (pick(OPENINGS), pick(MIDDLES));
    let closing = format!("(This answer was composed by fal-emulator, which is standing in for {model}.)");
    let text = format!("{opening} You wrote: “{}”. {middle} {closing}", quoted.trim());
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_prompt_gets_the_same_answer_so_tests_can_compare() {
        assert_eq!(compose("Why is the sky blue?", "m"), compose("Why is the sky blue?", "m"));
        assert!(compose("  odd   spacing\n", "m").join(" ").contains("“odd spacing”"));
    }
}
