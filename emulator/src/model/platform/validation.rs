//! Whether a request is what the document's schemas say, with as much of JSON Schema as they use.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use super::call::ApiError;
use super::document::Operation;
use crate::model::http::Request;

/// The parameters of a call, as the values that their schemas describe. Unknown ones are passed over.
pub fn parameters(
    operation: &Operation,
    request: &Request,
    in_path: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, ApiError> {
    let mut values = Map::new();
    for parameter in &operation.parameters {
        let name = parameter.name.as_str();
        let given: Vec<String> = if parameter.place == "path" {
            in_path.get(name).cloned().into_iter().collect()
        } else {
            request.params().filter(|(own, _)| own == name).map(|(_, value)| value).collect()
        };
        let value = match given.as_slice() {
            [] if parameter.required => return Err(ApiError::invalid(&format!("{name}: Required"))),
            [] => parameter.schema.get("default").cloned(),
            [one] if types(&parameter.schema).contains(&"array") => {
                Some(one.split(',').map(|text| Value::String(text.to_owned())).collect())
            }
            [one] => Some(read(one, &parameter.schema)),
            many => Some(many.iter().map(|text| Value::String(text.clone())).collect()),
        };
        let Some(value) = value else { continue };
        valid(&value, &parameter.schema, name).map_err(|message| ApiError::invalid(&message))?;
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// The body of a call; `null` when it is none, or none that is JSON.
pub fn body(operation: &Operation, request: &Request) -> Result<Value, ApiError> {
    let Some(body) = &operation.body else { return Ok(Value::Null) };
    if request.body.is_empty() {
        return if body.required { Err(ApiError::invalid("A body is required")) } else { Ok(Value::Null) };
    }
    let given = request.header("content-type").unwrap_or_default();
    if !given.starts_with(&body.media) {
        return Err(ApiError::invalid(&format!("The content type must be {}", body.media)));
    }
    if body.media != "application/json" {
        return Ok(Value::Null);
    }
    let value = serde_json::from_slice(&request.body).map_err(|_| ApiError::invalid("The body is no JSON"))?;
    valid(&value, &body.schema, "body").map_err(|message| ApiError::invalid(&message))?;
    Ok(value)
}

/// A text as the value that a schema describes: texts of a query have no types of their own.
fn read(text: &str, schema: &Value) -> Value {
    let number = || text.parse::<u64>().ok().map(Number::from).or_else(|| Number::from_f64(text.parse().ok()?));
    let types = types(schema);
    let found = types.iter().find_map(|kind| match *kind {
        "integer" | "number" => number().map(Value::Number),
        "boolean" => text.parse().ok().map(Value::Bool),
        _ => None,
    });
    found.unwrap_or_else(|| text.into())
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "integer" => value.is_u64() || value.is_i64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    }
}

/// Whether a value is what a schema says; else a sentence about the first thing that is not.
pub fn valid(value: &Value, schema: &Value, place: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{place}: {what}"));
    let types = types(schema);
    if !types.is_empty() && !types.iter().any(|kind| is_a(value, kind)) {
        return wrong(&format!("Expected {}", types.join(" or ")));
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array)
        && !options.contains(value)
    {
        return wrong("Not one of the allowed values");
    }
    let fits = |schema: &&Value| valid(value, schema, place).is_ok();
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array)
        && !any.iter().any(|schema| fits(&schema))
    {
        return wrong("Fits none of the allowed shapes");
    }
    if let Some(one) = schema.get("oneOf").and_then(Value::as_array)
        && one.iter().filter(fits).count() != 1
    {
        return wrong("Fits not exactly one of the allowed shapes");
    }
    match value {
        Value::Number(number) => bounded(number.as_f64().unwrap_or_default(), schema, ["minimum", "maximum"], place),
        Value::String(text) => {
            bounded(text.chars().count() as f64, schema, ["minLength", "maxLength"], place)?;
            let pattern = schema.get("pattern").and_then(Value::as_str).and_then(|pattern| Regex::new(pattern).ok());
            let kept = pattern.is_none_or(|pattern| pattern.is_match(text));
            let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
            if kept && is_formatted(text, format) { Ok(()) } else { wrong("Has not the form it has to have") }
        }
        Value::Array(items) => {
            bounded(items.len() as f64, schema, ["minItems", "maxItems"], place)?;
            let Some(each) = schema.get("items") else { return Ok(()) };
            items.iter().enumerate().try_for_each(|(at, item)| valid(item, each, &format!("{place}.{at}")))
        }
        Value::Object(fields) => object(fields, schema, place),
        _ => Ok(()),
    }
}

fn object(fields: &Map<String, Value>, schema: &Value, place: &str) -> Result<(), String> {
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Err(format!("{place}.{name}: Required"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, value) in fields {
        let place = format!("{place}.{name}");
        match (properties.and_then(|own| own.get(name)), schema.get("additionalProperties")) {
            (Some(schema), _) => valid(value, schema, &place)?,
            (None, Some(Value::Bool(false))) => return Err(format!("{place}: Unknown")),
            (None, Some(schema)) if schema.is_object() => valid(value, schema, &place)?,
            _ => {}
        }
    }
    Ok(())
}

fn bounded(value: f64, schema: &Value, [least, most]: [&str; 2], place: &str) -> Result<(), String> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    if limit(least).is_some_and(|limit| value < limit) || limit(most).is_some_and(|limit| value > limit) {
        return Err(format!("{place}: Too small, too large, too short or too long"));
    }
    Ok(())
}

fn is_formatted(text: &str, format: &str) -> bool {
    match format {
        "uri" => text.split_once(':').is_some_and(|(scheme, rest)| {
            !scheme.is_empty() && !rest.is_empty() && !text.contains(char::is_whitespace)
        }),
        "date-time" => humantime::parse_rfc3339(&text.replace("+00:00", "Z")).is_ok(),
        "uuid" => text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_schema_forbids_is_refused_so_a_client_that_sends_it_is_caught() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "pattern": "^[a-z]+$", "maxLength": 3 },
                "count": { "type": ["integer", "null"], "minimum": 1 },
                "kind": { "enum": ["a", "b"] },
                "either": { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        for good in [json!({ "name": "abc" }), json!({ "name": "a", "count": null, "kind": "b", "either": ["x"] })] {
            assert_eq!(valid(&good, &schema, "body"), Ok(()), "{good}");
        }
        for bad in [
            json!({}),
            json!({ "name": "A" }),
            json!({ "name": "abcd" }),
            json!({ "name": "a", "count": 0 }),
            json!({ "name": "a", "count": 1.5 }),
            json!({ "name": "a", "kind": "c" }),
            json!({ "name": "a", "either": [1] }),
            json!({ "name": "a", "more": 1 }),
            json!([]),
        ] {
            assert!(valid(&bad, &schema, "body").is_err(), "{bad}");
        }
    }

    #[test]
    fn every_pattern_of_the_document_is_understood_so_that_none_is_passed_over() {
        fn patterns<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("pattern").and_then(Value::as_str));
                    fields.values().for_each(|value| patterns(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| patterns(value, found)),
                _ => {}
            }
        }
        let document: Value =
            serde_json::from_str(include_str!("../../../../tests/data/platform-shapes.json")).unwrap();
        let mut found = Vec::new();
        patterns(&document, &mut found);
        assert!(!found.is_empty());
        for pattern in found {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
        }
    }
}
