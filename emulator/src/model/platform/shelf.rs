//! Things that are made, listed, changed and deleted, and are nothing more than what was said of them.

use serde_json::{Map, Value};

use super::pages::{by_cursor, by_offset};
use super::{Ask, Refusal, fake, put};
use crate::model::Fal;
use crate::model::http::Response;

/// The lists that behave: where each is, and what one thing of it is called in answers (nothing: the answer is the thing).
const SHELVES: [(&str, &str); 4] = [
    ("/assets/collections", "collection"),
    ("/assets/characters", "character"),
    ("/assets/tags", "tag"),
    ("/compute/instances", ""),
];

/// What is on one of them, oldest first, with whose it is.
#[derive(Debug, Default)]
pub struct Shelf(Vec<(String, Map<String, Value>)>);

impl Fal {
    /// The answer, when it is about a list that behaves.
    pub(super) fn shelved(&mut self, ask: &Ask) -> Option<Result<Response, Refusal>> {
        let path = ask.shape.path.as_str();
        let (base, name) = SHELVES.into_iter().find(|(base, _)| path.starts_with(base))?;
        let rest = path.get(base.len()..).unwrap_or_default();
        let id = self.ids.uuid();
        let shelf = self.platform.shelves.entry(base.to_owned()).or_default();
        let wrapped = |thing: &Map<String, Value>| {
            let thing = Value::Object(thing.clone());
            if name.is_empty() { thing } else { Map::from_iter([(name.to_owned(), thing)]).into() }
        };
        // One name in braces and nothing after it: the thing itself, or something that is done to it.
        let mut steps = rest.split('/').skip(1);
        let (one, deed) = (steps.next(), steps.next().unwrap_or_default());
        match (ask.shape.method.as_str(), one) {
            ("GET", None) => Some(shelf.list(ask, base)),
            ("POST", None) => {
                let mut thing = fake::value_of(&schema_of(ask, name), "", ask.now);
                put(&mut thing, "id", id);
                if thing.get("is_favorited").is_some() {
                    put(&mut thing, "is_favorited", false);
                }
                let Value::Object(mut thing) = thing else { return None };
                learn(&mut thing, &ask.body);
                let answer = ask.answer(&wrapped(&thing));
                shelf.0.push((ask.account.clone(), thing));
                Some(Ok(answer))
            }
            (method, Some(parameter)) => {
                let wanted = ask.text(parameter.trim_matches(['{', '}']));
                let place = shelf.0.iter().position(|(account, thing)| {
                    *account == ask.account && thing.get("id").is_some_and(|id| id == wanted)
                });
                match (method, deed) {
                    ("DELETE", "") => {
                        place.map(|place| shelf.0.remove(place));
                        Some(Ok(Response::empty(ask.shape.status)))
                    }
                    ("GET" | "PATCH", "") | ("POST", "favorite" | "unfavorite" | "move") => {
                        let Some((_, thing)) = place.and_then(|place| shelf.0.get_mut(place)) else {
                            return Some(Err(Refusal::not_found(if name.is_empty() { "instance" } else { name })));
                        };
                        learn(thing, &ask.body);
                        if deed.ends_with("favorite") {
                            thing.insert("is_favorited".into(), (deed == "favorite").into());
                        }
                        Some(Ok(ask.answer(&wrapped(thing))))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Shelf {
    fn list(&self, ask: &Ask, base: &str) -> Result<Response, Refusal> {
        let own = self.0.iter().filter(|(account, _)| *account == ask.account);
        let things: Vec<Value> = own.map(|(_, thing)| thing.clone().into()).collect();
        let name = base.rsplit('/').next().unwrap_or_default();
        let counted = ask.parameters.contains_key("offset");
        let body = if counted { by_offset(ask, name, things) } else { by_cursor(ask, name, things)? };
        Ok(ask.answer(&body.into()))
    }
}

/// The schema of one thing.
fn schema_of(ask: &Ask, name: &str) -> Value {
    let schema = ask.shape.schema();
    let own = schema.get("properties").and_then(|properties| properties.get(name));
    if name.is_empty() { schema.clone() } else { own.cloned().unwrap_or_default() }
}

/// Takes over what was said, where the thing has such a field.
fn learn(thing: &mut Map<String, Value>, body: &Value) {
    for (name, value) in body.as_object().into_iter().flatten() {
        if let Some(own) = thing.get_mut(name) {
            *own = value.clone();
        }
    }
}
