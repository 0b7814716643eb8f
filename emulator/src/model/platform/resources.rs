//! Resources that are only stored: created, listed, changed and deleted.

use serde_json::{Map, Value};

use super::Platform;
use super::call::{ApiError, Call, put};
use super::pages::{by_cursor, by_offset};
use super::sample;
use crate::model::http::Response;
use crate::model::ids::Ids;

/// The paths of the lists, and the name of one resource in answers (empty: the answer is the resource).
const RESOURCES: [(&str, &str); 4] = [
    ("/assets/collections", "collection"),
    ("/assets/characters", "character"),
    ("/assets/tags", "tag"),
    ("/compute/instances", ""),
];

/// The resources of one list with their accounts, oldest first.
#[derive(Debug, Default)]
pub struct ResourceList(Vec<(String, Map<String, Value>)>);

impl Platform {
    /// The answer, when the call is about one of these resources.
    pub(super) fn resource(&mut self, ids: &mut Ids, call: &Call) -> Option<Result<Response, ApiError>> {
        let path = call.operation.path.as_str();
        let (base, name) = RESOURCES.into_iter().find(|(base, _)| path.starts_with(base))?;
        let rest = path.get(base.len()..).unwrap_or_default();
        let id = ids.uuid();
        let list = self.resources.entry(base.to_owned()).or_default();
        let wrapped = |thing: &Map<String, Value>| {
            let thing = Value::Object(thing.clone());
            if name.is_empty() { thing } else { Map::from_iter([(name.to_owned(), thing)]).into() }
        };
        // One name in braces and nothing after it: the thing itself, or something that is done to it.
        let mut steps = rest.split('/').skip(1);
        let (one, deed) = (steps.next(), steps.next().unwrap_or_default());
        match (call.operation.method.as_str(), one) {
            ("GET", None) => Some(list.list(call, base)),
            ("POST", None) => {
                let mut thing = sample::value_of(&schema_of(call, name), "", call.now);
                put(&mut thing, "id", id);
                if thing.get("is_favorited").is_some() {
                    put(&mut thing, "is_favorited", false);
                }
                let Value::Object(mut thing) = thing else { return None };
                learn(&mut thing, &call.body);
                let answer = call.answer(&wrapped(&thing));
                list.0.push((call.account.clone(), thing));
                Some(Ok(answer))
            }
            (method, Some(parameter)) => {
                let wanted = call.text(parameter.trim_matches(['{', '}']));
                let place = list.0.iter().position(|(account, thing)| {
                    *account == call.account && thing.get("id").is_some_and(|id| id == wanted)
                });
                match (method, deed) {
                    ("DELETE", "") => {
                        place.map(|place| list.0.remove(place));
                        Some(Ok(Response::empty(call.operation.status)))
                    }
                    ("GET" | "PATCH", "") | ("POST", "favorite" | "unfavorite" | "move") => {
                        let Some((_, thing)) = place.and_then(|place| list.0.get_mut(place)) else {
                            return Some(Err(ApiError::not_found(if name.is_empty() { "instance" } else { name })));
                        };
                        learn(thing, &call.body);
                        if deed.ends_with("favorite") {
                            thing.insert("is_favorited".into(), (deed == "favorite").into());
                        }
                        Some(Ok(call.answer(&wrapped(thing))))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl ResourceList {
    fn list(&self, call: &Call, base: &str) -> Result<Response, ApiError> {
        let own = self.0.iter().filter(|(account, _)| *account == call.account);
        let things: Vec<Value> = own.map(|(_, thing)| thing.clone().into()).collect();
        let name = base.rsplit('/').next().unwrap_or_default();
        let counted = call.parameters.contains_key("offset");
        let body = if counted { by_offset(call, name, things) } else { by_cursor(call, name, things)? };
        Ok(call.answer(&body.into()))
    }
}

/// The schema of one thing.
fn schema_of(call: &Call, name: &str) -> Value {
    let schema = call.operation.schema();
    let own = schema.get("properties").and_then(|properties| properties.get(name));
    if name.is_empty() { schema.clone() } else { own.cloned().unwrap_or_default() }
}

/// Copies the fields of the body that the resource has.
fn learn(thing: &mut Map<String, Value>, body: &Value) {
    for (name, value) in body.as_object().into_iter().flatten() {
        if let Some(own) = thing.get_mut(name) {
            *own = value.clone();
        }
    }
}
