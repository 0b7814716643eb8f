//! What a library says of an answer that it cannot read, as far as it can be printed.

use fal_wasm::protocol::split_once;

/// What a decoder says, without what it quotes: the name of a field that is missing is the caller's own, what was found in
/// its place may be anything.
pub(crate) fn safe(why: &str) -> String {
    let place = last(why, " at line ").and_then(|at| why.get(at..)).unwrap_or_default();
    let said = why.strip_suffix(place).unwrap_or(why);
    let named = said.strip_prefix("missing field `").and_then(|rest| split_once(rest, b'`'));
    if let Some((name, _)) = named {
        return [": the field `", name, "` is missing", place].concat();
    }
    match last(said, ", expected ").and_then(|at| said.get(at + 2..)) {
        Some(expected) => [": ", expected, place].concat(),
        None => place.into(),
    }
}

/// Where a part of a text begins, the last time that it is there. The searchers of the standard library would take a kilobyte
/// of a page.
fn last(text: &str, part: &str) -> Option<usize> {
    let begins = |at: usize| text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(part.as_bytes()));
    (0..text.len()).rev().find(|at| begins(*at))
}
