//! Holding an input against the rules, as it comes.

use alloc::string::String;
use alloc::vec::Vec;

use super::json::{Reader, Token};
use super::rules::{Field, MAX_PATH, Rule, Violation};
use crate::access::EndpointPatterns;

/// What an app says about the inputs of its endpoints.
#[derive(Clone, Debug, Default)]
pub struct InputPolicy(Vec<(EndpointPatterns, Field)>);

impl InputPolicy {
    /// Adds a rule for the endpoints of a pattern. All rules that fit an endpoint hold.
    pub fn add(&mut self, endpoints: EndpointPatterns, field: Field) {
        self.0.push((endpoints, field));
    }

    /// The check of an input for an endpoint; none when there is nothing to check, and the body need not be read.
    pub fn check(&self, endpoint: &str) -> Option<InputCheck> {
        let fits = |(endpoints, _): &&(EndpointPatterns, Field)| endpoints.allows_endpoint(endpoint);
        let fields: Vec<_> = self.0.iter().filter(fits).map(|(_, field)| field.clone()).collect();
        (!fields.is_empty()).then(|| InputCheck::new(fields))
    }
}

/// What is wrong with an input: which field, by its place in the list; none when it is the body as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place of the field.
    pub field: Option<usize>,
    /// What is wrong with it.
    pub violation: Violation,
}

/// A check that is under way.
#[derive(Clone, Debug)]
pub struct InputCheck {
    reader: Reader,
    read: usize,
    course: Course,
}

#[derive(Clone, Debug)]
struct Course {
    fields: Vec<Field>,
    seen: Vec<bool>,
    /// What is open: the name of the value that is next in an object, or the number of items in a list.
    open: Vec<Open>,
    problem: Option<Problem>,
    /// How many values there are in the object at the top.
    width: usize,
    started: bool,
}

#[derive(Clone, Debug)]
enum Open {
    Object(Option<String>),
    Array(usize, Option<usize>),
}

impl InputCheck {
    fn new(fields: Vec<Field>) -> Self {
        let seen = fields.iter().map(|_| false).collect();
        let course = Course { fields, seen, open: Vec::new(), problem: None, width: 0, started: false };
        Self { reader: Reader::default(), read: 0, course }
    }

    /// Takes some bytes; says when it knows that the input is refused.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        for byte in bytes {
            let course = &mut self.course;
            let taken = self.reader.take(*byte, |token| course.take(token));
            if !self.course.started {
                self.read += 1;
            }
            self.settle(taken.is_ok())?;
        }
        Ok(())
    }

    /// That was all.
    pub fn finish(&mut self) -> Result<(), Problem> {
        let course = &mut self.course;
        let ended = self.reader.finish(|token| course.take(token));
        self.settle(ended.is_ok())
    }

    fn settle(&mut self, is_json: bool) -> Result<(), Problem> {
        if !is_json {
            self.course.problem.get_or_insert(Problem { field: None, violation: Violation::NotJson });
        }
        self.course.problem.map_or(Ok(()), Err)
    }

    /// The fixed values that are absent, as what to put in, and the offset where.
    pub fn insertion(&self) -> (usize, String) {
        let mut text = String::new();
        let mut put = Vec::<&Field>::new();
        for (field, seen) in self.course.fields.iter().zip(&self.course.seen) {
            let is_put = put.iter().any(|other| other.path == field.path);
            let (Rule::Fixed(_), false, false) = (&field.rule, seen, is_put) else { continue };
            let Some(name) = field.path.first() else { continue };
            put.push(field);
            text.push('"');
            name.chars().for_each(|char| push_escaped(&mut text, char));
            text.push_str("\":");
            text.push_str(&field.given);
            text.push(',');
        }
        if self.course.width == 0 {
            text.pop();
        }
        (self.read + 1, text)
    }

    /// A field of the policy.
    pub fn field(&self, at: usize) -> Option<&Field> {
        self.course.fields.get(at)
    }
}

impl Course {
    fn take(&mut self, token: Token<'_>) {
        if self.problem.is_some() {
            return;
        }
        let was_started = core::mem::replace(&mut self.started, true);
        if !was_started {
            if token == Token::Object {
                self.open.push(Open::Object(None));
            } else {
                self.refuse(None, Violation::NotJson);
            }
            return;
        }
        if let Token::Name(piece) = token {
            self.width += usize::from(self.open.len() == 1);
            if let Some(Open::Object(name)) = self.open.last_mut() {
                *name = piece.text().map(String::from);
            }
            return;
        }
        if token == Token::End {
            self.open.pop();
            return;
        }
        self.count();
        let limit = self.judge(token);
        match token {
            Token::Object => self.open.push(Open::Object(None)),
            Token::Array => self.open.push(Open::Array(0, limit)),
            _ => {}
        }
    }

    /// One more item in a list, if it is one that is open.
    fn count(&mut self) {
        let Some(Open::Array(items, limit)) = self.open.last_mut() else { return };
        *items += 1;
        let over = limit.filter(|at| match self.fields.get(*at) {
            Some(Field { rule: Rule::MaxItems(max), .. }) => *items > *max,
            _ => false,
        });
        if over.is_some() {
            self.refuse(over, Violation::MaxItems);
        }
    }

    /// Holds a value against the rules for its place; gives back the rule for its length, if there is one.
    fn judge(&mut self, token: Token<'_>) -> Option<usize> {
        if self.open.len() > MAX_PATH {
            return None;
        }
        let path: Option<Vec<&str>> = self
            .open
            .iter()
            .map(|open| match open {
                Open::Object(name) => name.as_deref(),
                Open::Array(..) => None,
            })
            .collect();
        let path = path?;
        let mut limit: Option<(usize, usize)> = None;
        let mut found = None;
        let mut here = Vec::new();
        for (at, field) in self.fields.iter().enumerate() {
            let leads = field.path.iter().zip(&path).all(|(wanted, name)| wanted == name);
            if !leads || field.path.len() < path.len() {
                continue;
            }
            if field.path.len() > path.len() {
                // Below a list the path ends, and the rule would not be looked at.
                if token == Token::Array {
                    found = found.or(Some((at, Violation::Nesting)));
                }
                continue;
            }
            here.push(at);
            if let Rule::MaxItems(max) = &field.rule {
                limit = limit.filter(|(_, least)| least <= max).or(Some((at, *max)));
            }
            found = found.or(field.rule.judge(token).err().map(|violation| (at, violation)));
        }
        for at in here {
            if self.seen.get(at) == Some(&true) {
                found = Some((at, Violation::Twice));
            }
            if let Some(seen) = self.seen.get_mut(at) {
                *seen = true;
            }
        }
        if let Some((at, violation)) = found {
            self.refuse(Some(at), violation);
        }
        limit.map(|(at, _)| at)
    }

    fn refuse(&mut self, field: Option<usize>, violation: Violation) {
        self.problem.get_or_insert(Problem { field, violation });
    }
}

/// A character of a name, as JSON has it.
fn push_escaped(text: &mut String, char: char) {
    if matches!(char, '"' | '\\') {
        text.push('\\');
    }
    text.push(char);
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    /// A check of these rules: path, rule, value.
    fn check(rules: &[(&str, &str, &str)]) -> InputCheck {
        let mut policy = InputPolicy::default();
        for (path, rule, given) in rules {
            let rule = Rule::parse(rule, given.split('|')).unwrap();
            let endpoints = EndpointPatterns::parse(["fal-ai/flux/**".to_string()]).unwrap();
            policy.add(endpoints, Field::new(path, rule, given.to_string()).unwrap());
        }
        assert!(policy.check("fal-ai/veo3").is_none(), "other endpoints are not read");
        policy.check("fal-ai/flux/dev").unwrap()
    }

    fn verdict(rules: &[(&str, &str, &str)], body: &str) -> Result<(usize, String), Violation> {
        let mut check = check(rules);
        check.push(body.as_bytes()).and_then(|()| check.finish()).map_err(|problem| problem.violation)?;
        Ok(check.insertion())
    }

    /// What the input is after what is missing was put in.
    fn made(rules: &[(&str, &str, &str)], body: &str) -> Result<String, Violation> {
        let (at, text) = verdict(rules, body)?;
        Ok([&body[..at], &text, &body[at..]].concat())
    }

    #[test]
    fn a_visitor_cannot_order_more_than_the_app_pays_for() {
        let rules = [("num_images", "max", "4"), ("num_images", "min", "1")];
        for fine in [
            r#"{"num_images":4}"#,
            r#"{"num_images":1.0}"#,
            "{}",
            r#"{"num_images":40e-1}"#,
            r#"{"x":[{"num_images":9}]}"#,
        ] {
            assert!(verdict(&rules, fine).is_ok(), "{fine}");
        }
        for (body, violation) in [
            (r#"{"num_images":5}"#, Violation::Max),
            (r#"{"num_images":1e9}"#, Violation::Max),
            (r#"{"num_images":1e999}"#, Violation::Max),
            (r#"{"num_images":"5"}"#, Violation::Max),
            (r#"{"num_images":null}"#, Violation::Max),
            (r#"{"num_images":[1]}"#, Violation::Max),
            (r#"{"num_images":{"a":1}}"#, Violation::Max),
            (r#"{"num_images":0}"#, Violation::Min),
            (r#"{"num_images":1,"num_images":9}"#, Violation::Twice),
            (r#"{"num_images":1,"num_images":1}"#, Violation::Twice),
            (r#"{"num_images":1,"num\u005fimages":2}"#, Violation::Twice),
            (r#"{"num\u005fimages":9}"#, Violation::Max),
            (r#"[{"num_images":1}]"#, Violation::NotJson),
            ("", Violation::NotJson),
            ("4", Violation::NotJson),
            (r#"{"num_images":1}{"num_images":9}"#, Violation::NotJson),
        ] {
            assert_eq!(verdict(&rules, body), Err(violation), "{body}");
        }
    }

    #[test]
    fn lists_texts_and_choices_have_their_bounds() {
        let rules = [
            ("prompt", "maxLength", "5"),
            ("image_urls", "maxItems", "2"),
            ("image_size", "oneOf", "\"square\"|\"square_hd\""),
            ("loras", "absent", "true"),
        ];
        for fine in [r#"{"prompt":"h😀é\n\u00e9"}"#, r#"{"image_urls":["a","b"]}"#, r#"{"image_size":"square"}"#] {
            assert!(verdict(&rules, fine).is_ok(), "{fine}");
        }
        for (body, violation) in [
            (r#"{"prompt":"longer"}"#, Violation::MaxLength),
            (r#"{"prompt":["a"]}"#, Violation::MaxLength),
            (r#"{"image_urls":["a","b","c"]}"#, Violation::MaxItems),
            (r#"{"image_urls":"a"}"#, Violation::MaxItems),
            (r#"{"image_size":"huge"}"#, Violation::OneOf),
            (r#"{"image_size":{"width":9999,"height":9999}}"#, Violation::OneOf),
            (r#"{"loras":[]}"#, Violation::Absent),
        ] {
            assert_eq!(verdict(&rules, body), Err(violation), "{body}");
        }
    }

    #[test]
    fn a_rule_reaches_into_objects_and_not_around_them() {
        let rules = [("image_size.width", "max", "1024")];
        for fine in [r#"{"image_size":"square"}"#, r#"{"image_size":{"width":1024}}"#, r#"{"width":9999}"#] {
            assert!(verdict(&rules, fine).is_ok(), "{fine}");
        }
        for (body, violation) in [
            (r#"{"image_size":{"width":1025}}"#, Violation::Max),
            (r#"{"image_size":[{"width":1025}]}"#, Violation::Nesting),
            (r#"{"image_size":{"width":1},"image_size":{"width":1025}}"#, Violation::Twice),
            (r#"{"image_size":{"width":1},"image_size":{"width":1}}"#, Violation::Twice),
        ] {
            assert_eq!(verdict(&rules, body), Err(violation), "{body}");
        }
    }

    #[test]
    fn the_safety_checker_stays_on() {
        let rules = [("enable_safety_checker", "fixed", "true"), ("sync_mode", "fixed", "false")];
        let on = r#""enable_safety_checker":true"#;
        assert_eq!(made(&rules, r#"{"prompt":"x"}"#), Ok(["{", on, r#","sync_mode":false,"prompt":"x"}"#].concat()));
        assert_eq!(made(&rules, " { } "), Ok([" {", on, r#","sync_mode":false } "#].concat()));
        assert_eq!(made(&rules, &["{", on, "}"].concat()), Ok([r#"{"sync_mode":false,"#, on, "}"].concat()));
        for body in [r#"{"enable_safety_checker":false}"#, r#"{"enable_safety_checker":"true"}"#] {
            assert_eq!(verdict(&rules, body), Err(Violation::Fixed), "{body}");
        }
    }

    #[test]
    fn a_rule_that_means_nothing_is_a_mistake() {
        for (rule, value) in [
            ("max", "\"4\""),
            ("maxLength", "1.5"),
            ("maxItems", "-1"),
            ("oneOf", "{}"),
            ("than", "1"),
            ("absent", "false"),
        ] {
            assert!(Rule::parse(rule, [value].into_iter()).is_none(), "{rule} {value}");
        }
        assert!(Rule::parse("oneOf", [].into_iter()).is_none());
        for path in ["", "a..b", ".a", "a.b.c.d.e"] {
            assert!(Field::new(path, Rule::Absent, String::new()).is_none(), "{path}");
        }
        assert!(Field::new("a.b", Rule::Fixed(super::super::json::Scalar::Null), String::new()).is_none());
    }

    proptest! {
        /// However a body is cut into pieces, it is judged the same.
        #[test]
        fn the_cuts_do_not_matter(n in 0..9u32, at in 0..40usize) {
            let body = std::format!(r#"{{"prompt":"h\ud83d\ude00é","num_images":{n},"x":[1,2]}}"#);
            let rules = [("num_images", "max", "4"), ("fast", "fixed", "true")];
            let mut cut = check(&rules);
            let bytes = body.as_bytes();
            let (head, tail) = bytes.split_at(at.min(bytes.len()));
            let result = cut.push(head).and_then(|()| cut.push(tail)).and_then(|()| cut.finish());
            prop_assert_eq!(result.map_err(|problem| problem.violation).map(|()| cut.insertion()), verdict(&rules, &body));
        }

        /// What is made of an input that passes keeps every rule, as another reader sees it.
        #[test]
        fn what_passes_is_what_fal_reads(names in proptest::collection::vec("num_images|fast|prompt|x", 0..5), numbers in proptest::collection::vec(0..9u32, 5)) {
            let fields: Vec<_> = names.iter().zip(&numbers).map(|(name, n)| std::format!("\"{name}\":{n}")).collect();
            let body = std::format!("{{{}}}", fields.join(","));
            let rules = [("num_images", "max", "4"), ("fast", "fixed", "7")];
            if let Ok(made) = made(&rules, &body) {
                let value: serde_json::Value = serde_json::from_str(&made).unwrap();
                prop_assert_eq!(&value["fast"], 7);
                prop_assert!(value.get("num_images").is_none_or(|n| n.as_u64() <= Some(4)));
            }
        }
    }
}
