//! A value for a schema: always the same one, and always valid.

use serde_json::{Map, Value, json};

use super::call::Call;
use crate::model::time::Millis;
use crate::model::time::timestamp;

/// The answer of an operation without behaviour. Names that are in the path are the same in the answer.
pub fn answer(call: &Call) -> Value {
    let mut value = value_of(call.operation.schema(), "", call.now);
    if let Some(fields) = value.as_object_mut() {
        for (name, own) in fields.iter_mut() {
            if let Some(given) = call.parameters.get(name).filter(|given| given.is_string() && own.is_string()) {
                *own = given.clone();
            }
        }
        // The document's lists are short here: there is no second page.
        if fields.contains_key("has_more") {
            fields.insert("has_more".into(), false.into());
            fields.insert("next_cursor".into(), Value::Null);
        }
    }
    value
}

/// A value for a schema; `name` is what it is called where it stands.
pub fn value_of(schema: &Value, name: &str, now: Millis) -> Value {
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|options| options.first()) {
        return first.clone();
    }
    for several in ["anyOf", "oneOf"] {
        if let Some(first) = schema.get(several).and_then(Value::as_array).and_then(|options| options.first()) {
            return value_of(first, name, now);
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    let least = |name: &str| schema.get(name).and_then(Value::as_f64);
    match kind {
        Some("object") => {
            let own = schema.get("properties").and_then(Value::as_object);
            let fields: Map<String, Value> =
                own.into_iter().flatten().map(|(name, own)| (name.clone(), value_of(own, name, now))).collect();
            fields.into()
        }
        Some("array") => {
            let items = schema.get("items").cloned().unwrap_or_default();
            let count = least("minItems").unwrap_or(1.0).max(1.0) as usize;
            vec![value_of(&items, name, now); count].into()
        }
        Some("integer") => (least("minimum").unwrap_or(1.0) as u64).into(),
        Some("number") => least("minimum").unwrap_or(1.0).into(),
        Some("boolean") => true.into(),
        Some("string") => text(schema, name, now).into(),
        _ => json!({}),
    }
}

fn text(schema: &Value, name: &str, now: Millis) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("uri") => return "https://v3.fal.media/files/emulator/picture.png".into(),
        Some("uuid") => return "00000000-0000-4000-8000-000000000000".into(),
        Some("date-time") => return timestamp(now),
        _ => {}
    }
    if name == "currency" {
        return "USD".into();
    }
    if name.ends_with("_at") || matches!(name, "timestamp" | "bucket" | "date") {
        return timestamp(now);
    }
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0) as usize;
    let most = schema.get("maxLength").and_then(Value::as_u64).map_or(usize::MAX, |most| most as usize);
    let text = format!("{}{}", name.trim_start_matches('_'), "x".repeat(least.saturating_sub(name.len())));
    text.chars().take(most).collect()
}
