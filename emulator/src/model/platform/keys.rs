//! Keys: made, listed and deleted. A key that was made works at once, and one that was deleted no longer does.

use serde_json::{Value, json};

use super::call::{ApiError, Call, put};
use super::pages::by_cursor;
use super::{Backend, Platform};
use crate::model::access::Access;
use crate::model::http::{Millis, Response};
use crate::model::settings::{Key, Scope};
use crate::model::time::timestamp;

/// What is known of a key that was made here.
#[derive(Debug)]
pub struct Made {
    alias: String,
    at: Millis,
}

fn id_of(key: &Key) -> &str {
    key.key.split(':').next().unwrap_or_default()
}

impl Platform {
    /// Lists the keys of scope API; fal lists no others.
    pub(super) fn list_keys(&self, access: &Access, call: &Call) -> Result<Response, ApiError> {
        let own = |key: &&Key| key.account == call.account && key.scope == Scope::Api;
        let row = |key: &Key| {
            let made = self.made.get(id_of(key));
            let (alias, at) = made.map_or(("default", 0), |made| (made.alias.as_str(), made.at));
            let mut row = json!({ "key_id": id_of(key), "alias": alias, "scope": "API", "created_at": timestamp(at) });
            if call.expands("creator_info") {
                put(&mut row, "creator_nickname", call.account.as_str());
            }
            row
        };
        let rows: Vec<Value> = access.keys().iter().filter(own).map(row).collect();
        Ok(call.answer(&by_cursor(call, "keys", rows)?.into()))
    }

    /// Makes a key of scope API. Its secret is shown this once.
    pub(super) fn create_key(&mut self, backend: &mut Backend, call: &Call) -> Response {
        let (id, secret) = (backend.ids.uuid(), backend.ids.secret());
        let key = format!("{id}:{secret}");
        let alias = call.said("alias").as_str().unwrap_or_default().to_owned();
        self.made.insert(id.clone(), Made { alias, at: call.now });
        let account = call.account.clone();
        backend.access.add(Key { key: key.clone(), scope: Scope::Api, locked: false, account });
        call.answer(&json!({ "key_id": id, "key_secret": secret, "key": key }))
    }

    /// Deletes a key. One that is gone is as good as deleted.
    pub(super) fn delete_key(&mut self, access: &mut Access, call: &Call) -> Response {
        let id = call.text("key_id");
        access.remove(|key| id_of(key) == id && key.account == call.account);
        self.made.remove(id);
        Response::empty(call.operation.status)
    }
}
