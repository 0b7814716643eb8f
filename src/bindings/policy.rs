//! What an app says about single endpoints: rules for inputs, and tables by pattern.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use crate::access::EndpointPatterns;
use crate::proxy::input::{Field, InputCheck, InputPolicy, Problem, Rule};

/// Rules for inputs.
#[wasm_bindgen]
#[derive(Default)]
pub struct InputRules(InputPolicy);

#[wasm_bindgen]
impl InputRules {
    /// No rules yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule for a field of the endpoints of a pattern; false when it is none. Values are JSON; `given` is what the
    /// rule is said to be when it is broken, or what is put in.
    pub fn add(&mut self, pattern: String, path: &str, rule: &str, values: Vec<String>, given: String) -> bool {
        let field = Rule::parse(rule, values.iter().map(String::as_str)).and_then(|rule| Field::new(path, rule, given));
        let patterns = EndpointPatterns::parse([pattern]).ok();
        let (Some(field), Some(patterns)) = (field, patterns) else { return false };
        self.0.add(patterns, field);
        true
    }

    /// The check of an input for an endpoint; undefined when there is nothing to check.
    pub fn check(&self, endpoint: &str) -> Option<InputReading> {
        self.0.check(endpoint).map(|check| InputReading { check, problem: None })
    }
}

/// A body that is held against the rules as it comes.
#[wasm_bindgen]
pub struct InputReading {
    check: InputCheck,
    problem: Option<Problem>,
}

#[wasm_bindgen]
impl InputReading {
    /// Takes some bytes; false when the input is refused.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.problem = self.check.push(bytes).err();
        self.problem.is_none()
    }

    /// That was all; false when the input is refused.
    pub fn finish(&mut self) -> bool {
        self.problem = self.check.finish().err();
        self.problem.is_none()
    }

    /// What is wrong: the number of a [`Violation`](crate::proxy::input::Violation), or 0.
    pub fn violation(&self) -> u8 {
        self.problem.map_or(0, |problem| problem.violation as u8)
    }

    /// The names that lead to the field that is wrong.
    pub fn path(&self) -> Vec<String> {
        self.wrong().map(|field| field.path.clone()).unwrap_or_default()
    }

    /// What the rule that is broken was given.
    pub fn given(&self) -> String {
        self.wrong().map(|field| field.given.clone()).unwrap_or_default()
    }

    /// What is to be put in, fixed values that are absent.
    pub fn insertion(&self) -> String {
        self.check.insertion().1
    }

    /// Where it is to be put in.
    #[wasm_bindgen(js_name = insertAt)]
    pub fn insert_at(&self) -> usize {
        self.check.insertion().0
    }

    fn wrong(&self) -> Option<&Field> {
        self.check.field(self.problem?.field?)
    }
}

/// Which of these patterns fit an endpoint, by their places; throws when one of them is no pattern.
#[wasm_bindgen(js_name = patternsFor)]
pub fn patterns_for(patterns: Vec<String>, endpoint: &str) -> Result<Vec<u32>, JsValue> {
    let mut fitting = Vec::new();
    for (place, pattern) in patterns.into_iter().enumerate() {
        let pattern = EndpointPatterns::parse([pattern]).map_err(|_| JsValue::from_str("allowedEndpoints"))?;
        if pattern.allows_endpoint(endpoint) {
            fitting.push(place as u32);
        }
    }
    Ok(fitting)
}
