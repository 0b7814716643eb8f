//! Reading a model's input the way Pydantic does: every mistake is reported, each with the path to it.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::errors::{item_with, model_error};
use super::http::Response;

/// The fields of one JSON object, and what was wrong with them so far.
///
/// A reader returns its default when it reports a mistake: nothing is used before [`finish`](Self::finish) says so.
pub struct Fields<'a> {
    whole: &'a Value,
    object: Option<&'a Map<String, Value>>,
    loc: Vec<String>,
    errors: Vec<Value>,
}

impl<'a> Fields<'a> {
    /// The fields of a request body.
    pub fn of(input: &'a Value) -> Self {
        let mut fields =
            Self { whole: input, object: input.as_object(), loc: vec!["body".to_owned()], errors: Vec::new() };
        if fields.object.is_none() {
            fields.push(&[], "model_attributes_type", "Input should be a valid dictionary", None, input);
        }
        fields
    }

    /// Everything is fine.
    ///
    /// # Errors
    /// A 422 with every mistake.
    pub fn finish(self) -> Result<(), Response> {
        if self.errors.is_empty() { Ok(()) } else { Err(model_error(422, false, self.errors)) }
    }

    /// A text that must be there.
    pub fn required_text(&mut self, name: &str) -> String {
        match self.get(name) {
            Some(value) => self.as_text(name, value).unwrap_or_default(),
            None => self.missing(name),
        }
    }

    /// A list of texts that must be there and hold at least one.
    pub fn required_texts(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.get(name) else {
            return self.missing(name);
        };
        let texts: Option<Vec<String>> =
            value.as_array().and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
        if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
            return texts;
        }
        self.push(&[name], "list_type", "Input should be a valid list of strings", None, value);
        Vec::new()
    }

    /// A text, or its default.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        self.get(name).and_then(|value| self.as_text(name, value)).unwrap_or_else(|| default.to_owned())
    }

    /// One of several texts, or its default.
    pub fn choice(&mut self, name: &str, options: &[&'static str], default: &'static str) -> &'static str {
        let Some(value) = self.get(name) else { return default };
        let found = value.as_str().and_then(|text| options.iter().find(|option| **option == text));
        if found.is_none() {
            self.one_of(name, options, value);
        }
        found.copied().unwrap_or(default)
    }

    /// A whole number within bounds, or its default.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(value) = self.get(name) else { return default };
        match value.as_i64() {
            Some(number) if range.contains(&number) => return number,
            Some(number) if number < *range.start() => self.too_small(name, &json!(range.start()), value),
            Some(_) => self.too_large(name, &json!(range.end()), value),
            None => self.push(&[name], "int_type", "Input should be a valid integer", None, value),
        }
        default
    }

    /// A number within bounds, or its default.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>, default: f64) -> f64 {
        let Some(value) = self.get(name) else { return default };
        match value.as_f64() {
            Some(number) if range.contains(&number) => return number,
            Some(number) if number < *range.start() => self.too_small(name, &json!(range.start()), value),
            Some(_) => self.too_large(name, &json!(range.end()), value),
            None => self.push(&[name], "float_type", "Input should be a valid number", None, value),
        }
        default
    }

    /// True or false, or its default.
    pub fn boolean(&mut self, name: &str, default: bool) -> bool {
        let Some(value) = self.get(name) else { return default };
        if let Some(boolean) = value.as_bool() {
            return boolean;
        }
        self.push(&[name], "bool_type", "Input should be a valid boolean", None, value);
        default
    }

    /// A value the caller reads on its own; `null` counts as absent.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.object?.get(name).filter(|value| !value.is_null())
    }

    /// Reads an object inside this one. Its mistakes are reported with this one's.
    pub fn inside<T>(&mut self, name: &str, value: &'a Value, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
        let loc = self.loc.iter().cloned().chain([name.to_owned()]).collect();
        let mut inner = Fields { whole: value, object: value.as_object(), loc, errors: Vec::new() };
        let result = read(&mut inner);
        self.errors.append(&mut inner.errors);
        result
    }

    /// Reports a value that is none of `options`.
    pub fn one_of(&mut self, name: &str, options: &[&str], value: &Value) {
        let msg = format!("Input should be one of {options:?}");
        self.push(&[name], "one_of", &msg, Some(json!({ "expected": options })), value);
    }

    fn missing<T: Default>(&mut self, name: &str) -> T {
        let whole = self.whole;
        if self.object.is_some() {
            self.push(&[name], "missing", "Field required", None, whole);
        }
        T::default()
    }

    fn as_text(&mut self, name: &str, value: &Value) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.push(&[name], "string_type", "Input should be a valid string", None, value);
        }
        text
    }

    fn too_small(&mut self, name: &str, bound: &Value, value: &Value) {
        let msg = format!("Input should be greater than or equal to {bound}");
        self.push(&[name], "greater_than_equal", &msg, Some(json!({ "ge": bound })), value);
    }

    fn too_large(&mut self, name: &str, bound: &Value, value: &Value) {
        let msg = format!("Input should be less than or equal to {bound}");
        self.push(&[name], "less_than_equal", &msg, Some(json!({ "le": bound })), value);
    }

    fn push(&mut self, names: &[&str], kind: &str, msg: &str, ctx: Option<Value>, input: &Value) {
        let loc: Vec<&str> = self.loc.iter().map(String::as_str).chain(names.iter().copied()).collect();
        let more = ctx.map(|ctx| ("ctx", ctx)).into_iter().chain([("input", input.clone())]);
        self.errors.push(item_with(&loc, kind, msg, more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_where_it_is_so_a_form_can_mark_its_fields() {
        let input = json!({"count": 9, "size": {"width": "wide"}, "format": "gif"});
        let mut fields = Fields::of(&input);
        fields.required_text("prompt");
        fields.integer("count", 1..=4, 1);
        fields.choice("format", &["png", "jpeg"], "jpeg");
        let size = fields.get("size").unwrap();
        fields.inside("size", size, |size| size.integer("width", 1..=2, 1));
        let body = fields.finish().unwrap_err().body_json();
        let seen: Vec<(&Value, &str)> =
            body["detail"].as_array().unwrap().iter().map(|e| (&e["loc"], e["type"].as_str().unwrap())).collect();
        assert_eq!(
            seen,
            [
                (&json!(["body", "prompt"]), "missing"),
                (&json!(["body", "count"]), "less_than_equal"),
                (&json!(["body", "format"]), "one_of"),
                (&json!(["body", "size", "width"]), "int_type"),
            ]
        );
        assert_eq!(body["detail"][1]["ctx"], json!({"le": 4}));
    }

    #[test]
    fn absent_and_null_mean_the_default() {
        let input = json!({"seed": null});
        let mut fields = Fields::of(&input);
        assert_eq!(fields.integer("seed", 0..=9, 5), 5);
        assert!(fields.boolean("safe", true));
        assert!(fields.finish().is_ok());
    }

    #[test]
    fn a_body_that_is_no_object_is_one_mistake() {
        let input = json!([1]);
        let mut fields = Fields::of(&input);
        fields.required_text("prompt");
        assert_eq!(fields.finish().unwrap_err().body_json()["detail"].as_array().unwrap().len(), 1);
    }
}
