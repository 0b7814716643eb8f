//! Lists in pages, by cursor and by offset.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::call::{ApiError, Call};

/// How many items a page has unless it is said.
const LIMIT: u64 = 50;

/// A page of a list under this name. A cursor is an encoded page number, which callers must not rely on.
pub fn by_cursor(call: &Call, name: &str, items: Vec<Value>) -> Result<Map<String, Value>, ApiError> {
    let limit = call.number("limit").unwrap_or(LIMIT).max(1);
    let page = match call.text("cursor") {
        "" => 1,
        cursor => {
            let number = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let number = number.and_then(|text| text.parse::<u64>().ok()).filter(|number| *number > 0);
            number.ok_or_else(|| ApiError::invalid("cursor: Invalid"))?
        }
    };
    let from = (page - 1).saturating_mul(limit);
    let has_more = from.saturating_add(limit) < items.len() as u64;
    let next = has_more.then(|| STANDARD.encode((page + 1).to_string()));
    let page: Vec<Value> = items.into_iter().skip(from as usize).take(limit as usize).collect();
    let fields = [(name, page.into()), ("next_cursor", json!(next)), ("has_more", has_more.into())];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The same for lists that are counted by their items.
pub fn by_offset(call: &Call, name: &str, items: Vec<Value>) -> Map<String, Value> {
    let (from, limit) = (call.number("offset").unwrap_or(0), call.number("limit").unwrap_or(LIMIT));
    let page: Vec<Value> = items.into_iter().skip(from as usize).take(limit as usize).collect();
    Map::from_iter([(name.to_owned(), page.into())])
}
