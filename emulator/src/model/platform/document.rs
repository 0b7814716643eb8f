//! The operations of fal's document, as `npm run generate` leaves them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    pub method: String,
    pub path: String,
    security: Vec<String>,
    #[serde(skip)]
    pub admin: bool,
    #[serde(default, rename = "isKeyed")]
    pub keyed: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    answer: Answer,
    #[serde(skip)]
    pub status: u16,
    errors: Vec<u16>,
}

/// One parameter of path or query.
#[derive(Debug, Deserialize)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "in")]
    pub place: String,
    pub required: bool,
    pub schema: Value,
}

/// What it takes.
#[derive(Debug, Deserialize)]
pub struct Body {
    pub media: String,
    pub required: bool,
    pub schema: Value,
}

#[derive(Debug, Deserialize)]
struct Answer {
    status: u16,
    media: Option<String>,
    #[serde(default)]
    schema: Value,
}

#[derive(Deserialize)]
struct Document {
    operations: Vec<Operation>,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let text = include_str!("../../../../tests/data/platform-shapes.json");
    let document: Result<Document, _> = serde_json::from_str(text);
    let mut operations = document.map(|document| document.operations).unwrap_or_default();
    for operation in &mut operations {
        operation.admin = operation.security.iter().any(|scheme| scheme == "adminApiKey");
        operation.status = operation.answer.status;
    }
    operations
});

impl Operation {
    /// Whether the operation requires a key.
    pub fn needs_key(&self) -> bool {
        !self.security.is_empty() && self.errors.contains(&401)
    }

    /// The content type of its answer.
    pub fn media(&self) -> Option<&str> {
        self.answer.media.as_deref()
    }

    /// What its answer looks like.
    pub fn schema(&self) -> &Value {
        &self.answer.schema
    }

    /// The values of the names in its path, when this path is one of its own.
    fn read(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let (own, given): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        let mut values = BTreeMap::new();
        if own.len() != given.len() {
            return None;
        }
        for (own, given) in own.into_iter().zip(given) {
            match own.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => _ = values.insert(name.to_owned(), decoded(given)),
                None if own == given => {}
                None => return None,
            }
        }
        Some(values)
    }
}

/// The operation behind a method and a path, with the values of the names in it. A word is meant before a name is.
pub fn find(method: &str, path: &str) -> Option<(&'static Operation, BTreeMap<String, String>)> {
    let of_method = OPERATIONS.iter().filter(|operation| operation.method == method);
    let fitting = of_method.filter_map(|operation| operation.read(path).map(|values| (operation, values)));
    fitting.min_by_key(|(_, values)| values.len())
}

/// A segment of a path without its percent signs.
fn decoded(segment: &str) -> String {
    // A plus is a plus here, and a space in a form.
    let form = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_document_is_found_by_its_own_path() {
        assert!(OPERATIONS.len() >= 82);
        for operation in OPERATIONS.iter() {
            let (found, _) = find(&operation.method, &operation.path).unwrap();
            assert_eq!(found.path, operation.path);
        }
        let (operation, values) = find("GET", "/serverless/files/file/a%2Fb%20c+d.txt").unwrap();
        assert_eq!(
            (operation.path.as_str(), values.get("file").map_or("", String::as_str)),
            ("/serverless/files/file/{file}", "a/b c+d.txt")
        );
        assert_eq!(find("GET", "/assets/collections").unwrap().0.path, "/assets/collections");
        assert!(find("PUT", "/models").is_none() && find("GET", "/models/").is_none());
    }
}
