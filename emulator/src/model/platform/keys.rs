//! Keys: made, listed and deleted. A key that was made works at once, and one that was deleted no longer does.

use serde_json::{Value, json};

use super::pages::by_cursor;
use super::{Ask, Refusal, put};
use crate::model::Fal;
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

impl Fal {
    /// Lists the keys of scope API; fal lists no others.
    pub(super) fn list_keys(&self, ask: &Ask) -> Result<Response, Refusal> {
        let own = |key: &&Key| key.account == ask.account && key.scope == Scope::Api;
        let row = |key: &Key| {
            let made = self.platform.made.get(id_of(key));
            let (alias, at) = made.map_or(("default", 0), |made| (made.alias.as_str(), made.at));
            let mut row = json!({ "key_id": id_of(key), "alias": alias, "scope": "API", "created_at": timestamp(at) });
            if ask.expands("creator_info") {
                put(&mut row, "creator_nickname", ask.account.as_str());
            }
            row
        };
        let rows: Vec<Value> = self.credentials.keys().iter().filter(own).map(row).collect();
        Ok(ask.answer(&by_cursor(ask, "keys", rows)?.into()))
    }

    /// Makes a key of scope API. Its secret is shown this once.
    pub(super) fn create_key(&mut self, ask: &Ask) -> Response {
        let (id, secret) = (self.ids.uuid(), self.ids.secret());
        let key = format!("{id}:{secret}");
        let alias = ask.said("alias").as_str().unwrap_or_default().to_owned();
        self.platform.made.insert(id.clone(), Made { alias, at: ask.now });
        let account = ask.account.clone();
        self.credentials.add(Key { key: key.clone(), scope: Scope::Api, locked: false, account });
        ask.answer(&json!({ "key_id": id, "key_secret": secret, "key": key }))
    }

    /// Deletes a key. One that is gone is as good as deleted.
    pub(super) fn delete_key(&mut self, ask: &Ask) -> Response {
        let id = ask.text("key_id");
        self.credentials.remove(|key| id_of(key) == id && key.account == ask.account);
        self.platform.made.remove(id);
        Response::empty(ask.shape.status)
    }
}
