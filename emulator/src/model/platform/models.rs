//! Models and what they cost.

use serde_json::{Value, json};

use super::call::{ApiError, Call, put};
use super::pages::by_cursor;
use super::sample;
use crate::model::catalogue::{CATALOGUE, Model};
use crate::model::http::Response;

/// What a unit of a model costs, in dollars: made up, and always the same.
pub fn unit_price(endpoint: &str) -> f64 {
    let sum: u32 = endpoint.bytes().map(u32::from).sum();
    f64::from(sum % 50 + 1) / 1000.0
}

/// What a model is billed by.
pub fn unit(endpoint: &str) -> &'static str {
    if endpoint.contains("llm") { "token" } else { "image" }
}

/// The model of this id.
pub fn known(endpoint: &str) -> Result<(), ApiError> {
    let found = CATALOGUE.iter().any(|model| model.endpoint == endpoint);
    found.then_some(()).ok_or_else(|| ApiError::not_found(&format!("Endpoint {endpoint}")))
}

fn category(endpoint: &str) -> &'static str {
    if endpoint.contains("llm") { "llm" } else { "text-to-image" }
}

/// List, find and search are one operation.
pub fn list(call: &Call) -> Result<Response, ApiError> {
    let ids = call.list("endpoint_id");
    ids.iter().try_for_each(|id| known(id))?;
    let (query, wanted, status) = (call.text("q").to_lowercase(), call.text("category"), call.text("status"));
    let fits = |model: &&Model| {
        let id = model.endpoint;
        (ids.is_empty() || ids.contains(&id))
            && id.contains(query.as_str())
            && (wanted.is_empty() || wanted == category(id))
            && status != "deprecated"
    };
    let rows: Vec<Value> = CATALOGUE.iter().filter(fits).map(|model| row(call, model.endpoint)).collect();
    Ok(call.answer(&by_cursor(call, "models", rows)?.into()))
}

/// A model as it is listed. One of them can never be described, so that a client is seen to bear it.
fn row(call: &Call, id: &str) -> Value {
    let schema = call.operation.schema().pointer("/properties/models/items").cloned().unwrap_or_default();
    let mut row = sample::value_of(&schema, "", call.now);
    put(&mut row, "endpoint_id", id);
    let own = [
        ("display_name", id.into()),
        ("category", category(id).into()),
        ("description", format!("The emulator's {id}").into()),
        ("model_url", format!("https://fal.run/{id}").into()),
        ("is_favorited", if call.account.is_empty() { Value::Null } else { false.into() }),
        ("tags", json!([])),
    ];
    if let Some(Value::Object(metadata)) = row.get_mut("metadata") {
        metadata.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }
    if let Some(fields) = row.as_object_mut() {
        if !call.expands("enterprise_status") {
            fields.remove("enterprise_status");
        }
        match (call.expands("openapi-3.0"), id) {
            (false, _) => _ = fields.remove("openapi"),
            (true, "emulator/fails") => {
                let error = json!({ "code": "expansion_failed", "message": "The schema could not be made" });
                fields.insert("openapi".into(), json!({ "error": error }));
            }
            (true, _) => _ = fields.insert("openapi".into(), json!({ "openapi": "3.0.4", "paths": {} })),
        }
    }
    row
}

/// What models cost.
pub fn pricing(call: &Call) -> Result<Response, ApiError> {
    let ids = call.list("endpoint_id");
    ids.iter().try_for_each(|id| known(id))?;
    let price =
        |id: &&str| json!({ "endpoint_id": id, "unit_price": unit_price(id), "unit": unit(id), "currency": "USD" });
    let prices: Vec<Value> = ids.iter().map(price).collect();
    Ok(call.answer(&json!({ "prices": prices, "next_cursor": null, "has_more": false })))
}

/// What calls will cost: a call is a unit here.
pub fn estimate(call: &Call) -> Result<Response, ApiError> {
    let mut total = 0.0;
    for (id, wanted) in call.said("endpoints").as_object().into_iter().flatten() {
        known(id)?;
        let quantity = ["call_quantity", "unit_quantity"].iter().find_map(|name| wanted.get(name)?.as_f64());
        total += unit_price(id) * quantity.unwrap_or_default();
    }
    let kind = call.said("estimate_type").clone();
    if !kind.is_string() {
        return Err(ApiError::invalid("A body is required"));
    }
    Ok(call.answer(&json!({ "estimate_type": kind, "total_cost": total, "currency": "USD" })))
}
