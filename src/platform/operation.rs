//! One operation: a row of the table, understood.

use super::table::TABLE;
use crate::protocol::{Method, split_once};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody; a key is not looked at.
    Anybody,
    /// Anybody; with a key more often.
    KeyOptional,
    /// Who has a key.
    Key,
    /// Who has a key of scope ADMIN.
    Admin,
}

/// How the pages of a list follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paging {
    /// It is no list in pages.
    None,
    /// Each answer names the next page.
    Cursor,
    /// Pages are counted by their items.
    Offset,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Media {
    /// There is none.
    None,
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Form,
    /// `text/csv`.
    Csv,
    /// `text/plain`.
    Text,
    /// `application/octet-stream`.
    Bytes,
    /// `text/event-stream`.
    Events,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// How.
    pub method: Method,
    /// Where below [`ORIGIN`](super::ORIGIN): names in braces stand for parameters.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    /// How its pages follow.
    pub paging: Paging,
    /// Where in a page its items are; empty when there are no pages.
    pub items: &'static str,
    /// Whether it knows an `Idempotency-Key`: the same one twice is one call.
    pub keyed: bool,
    /// What it takes.
    pub takes: Media,
    /// What it answers.
    pub gives: Media,
}

impl Operation {
    /// Every operation.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.split('\n').filter_map(Self::read)
    }

    /// The operation of a method and a path as the document has it.
    pub fn find(method: Method, path: &str) -> Option<Self> {
        Self::all().find(|operation| operation.method == method && operation.path == path)
    }

    /// Whether a key of this scope is certainly not enough. Scopes and presets that are not known may do anything.
    pub fn is_beyond(&self, scope: &str) -> bool {
        self.who == Who::Admin && scope.eq_ignore_ascii_case("API")
    }

    /// Whether the same call twice is as good as once; `keyed` says that it comes with an `Idempotency-Key`.
    pub fn is_repeatable(&self, keyed: bool) -> bool {
        match self.method {
            Method::Get | Method::Put | Method::Delete => true,
            Method::Post | Method::Patch => keyed,
        }
    }

    /// Reads a row: method, letters, path, and the name of the items.
    fn read(row: &'static str) -> Option<Self> {
        let (method, rest) = split_once(row, b' ')?;
        let (letters, rest) = split_once(rest, b' ')?;
        let (path, items) = split_once(rest, b' ').unwrap_or((rest, ""));
        let [who, paging, keyed, takes, gives] = letters.as_bytes() else { return None };
        Some(Self {
            method: Method::parse(method)?,
            path,
            who: match who {
                b'n' => Who::Anybody,
                b'o' => Who::KeyOptional,
                b'k' => Who::Key,
                _ => Who::Admin,
            },
            paging: match paging {
                b'c' => Paging::Cursor,
                b'o' => Paging::Offset,
                _ => Paging::None,
            },
            items,
            keyed: *keyed == b'i',
            takes: Media::of(*takes),
            gives: Media::of(*gives),
        })
    }
}

impl Media {
    /// The content type; empty for none.
    pub fn as_str(self) -> &'static str {
        match self {
            Media::None => "",
            Media::Json => "application/json",
            Media::Form => "multipart/form-data",
            Media::Csv => "text/csv",
            Media::Text => "text/plain",
            Media::Bytes => "application/octet-stream",
            Media::Events => "text/event-stream",
        }
    }

    fn of(letter: u8) -> Self {
        match letter {
            b'j' => Media::Json,
            b'm' => Media::Form,
            b'c' => Media::Csv,
            b't' => Media::Text,
            b'b' => Media::Bytes,
            b'e' => Media::Events,
            _ => Media::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec;

    use serde_json::Value;

    use super::*;

    fn document() -> Vec<Value> {
        let shapes: Value =
            serde_json::from_str(include_str!("../../tests/data/platform-shapes.json")).expect("the shapes are JSON");
        shapes["operations"].as_array().expect("there are operations").clone()
    }

    /// Which key a call needs is said before it is sent; said wrongly, a good call would be refused, or a hopeless one made.
    #[test]
    fn scopes_are_those_of_the_documents_security_schemes() {
        let document = document();
        assert_eq!(Operation::all().count(), document.len());
        for shape in document {
            let text = |name: &str| shape[name].as_str().expect("a text");
            let method = Method::parse(text("method")).expect("a method");
            let operation = Operation::find(method, text("path")).expect("in the table");
            let schemes: BTreeSet<_> = shape["security"].as_array().into_iter().flatten().map(Value::as_str).collect();
            let admin = schemes.contains(&Some("adminApiKey"));
            let key = schemes.contains(&Some("apiKey"));
            assert_eq!(operation.who == Who::Admin, admin, "{operation:?}");
            assert_eq!(operation.who == Who::Anybody, !admin && !key, "{operation:?}");
            assert_eq!(operation.is_beyond("api"), admin);
            assert_eq!(operation.keyed, shape["isKeyed"] == true, "{operation:?}");
            assert_eq!(operation.takes.as_str(), shape["body"]["media"].as_str().unwrap_or_default(), "{operation:?}");
            assert_eq!(operation.paging == Paging::None, shape["pages"].is_null(), "{operation:?}");
            assert_eq!(
                operation.gives.as_str(),
                shape["answer"]["media"].as_str().unwrap_or_default(),
                "{operation:?}"
            );
        }
    }

    #[test]
    fn only_what_can_do_no_harm_twice_is_sent_again() {
        let repeatable = |method, path, keyed| Operation::find(method, path).expect(path).is_repeatable(keyed);
        assert!(repeatable(Method::Get, "/models", false));
        assert!(repeatable(Method::Delete, "/keys/{key_id}", false));
        assert!(!repeatable(Method::Post, "/keys", false), "a key that nobody knows of would be left");
        assert!(!repeatable(Method::Post, "/assets/collections", false));
        assert!(repeatable(Method::Post, "/assets/collections", true));
    }

    #[test]
    fn what_is_not_in_the_table_is_no_operation() {
        assert_eq!(Operation::find(Method::Put, "/models"), None);
        for path in ["", "/", "/model", "/models/", "models", "/keys/x", "/keys/{key}"] {
            assert_eq!(Operation::find(Method::Get, path), None, "{path}");
        }
    }

    #[test]
    fn a_scope_that_is_not_known_is_left_to_fal() {
        let keys = Operation::find(Method::Get, "/keys").expect("keys");
        for scope in ["ADMIN", "FULL", "BILLING", "READONLY", "", "api:keys"] {
            assert!(!keys.is_beyond(scope), "{scope}");
        }
        assert!(keys.is_beyond("API"));
    }
}
