//! What a page reads and writes, next to what serde_json does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Any, json};

use super::*;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Name(String);

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Shape {
    Nothing,
    One(u8),
    Two(u8, String),
    Named { size: Option<i64> },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    Whole { number: u64 },
    Part { number: f64 },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Everything {
    name: Name,
    shapes: Vec<Shape>,
    tagged: Vec<Tagged>,
    map: BTreeMap<Name, (i8, char, bool)>,
    unit: (),
    none: Option<f64>,
    some: Option<f32>,
    #[serde(flatten)]
    rest: BTreeMap<String, Any>,
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Name {}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

fn everything() -> Everything {
    Everything {
        name: Name("a \"quoted\" \\ 😀\u{1}\u{1f}\n\t\u{7f}".into()),
        shapes: vec![
            Shape::Nothing,
            Shape::One(255),
            Shape::Two(0, "b".into()),
            Shape::Named { size: Some(i64::MIN + 1) },
            Shape::Named { size: None },
        ],
        tagged: vec![Tagged::Whole { number: u64::MAX }, Tagged::Part { number: -0.125 }],
        map: BTreeMap::from([(Name("key".into()), (-128, 'é', true)), (Name(String::new()), (0, '"', false))]),
        unit: (),
        none: None,
        some: Some(0.5),
        rest: BTreeMap::from([("more".into(), json!({"a": [1, [], {}, null, "x:,]}"], "b": {"c": 1.5e300}}))]),
    }
}

#[test]
fn values_are_written_and_read_as_serde_json_does() {
    let text = encode(&everything()).unwrap();
    assert_eq!(text, serde_json::to_string(&everything()).unwrap());
    assert_eq!(decode::<Everything>(&text).unwrap(), everything());
    let spaced = serde_json::to_string_pretty(&everything()).unwrap();
    assert_eq!(decode::<Everything>(&format!(" \r\n{spaced}\t")).unwrap(), everything());
    assert_eq!(decode::<Any>(&spaced).unwrap(), serde_json::to_value(everything()).unwrap());
}

#[test]
fn texts_are_read_however_they_are_escaped() {
    for text in [r#""""#, r#""\"\\\/\b\f\n\r\t""#, r#""é\u00e9😀\ud83d\ude00""#, r#""\\u0041\\\\""#, r#""\u0000a""#]
    {
        assert_eq!(decode::<String>(text).unwrap(), serde_json::from_str::<String>(text).unwrap(), "{text}");
    }
    assert_eq!(decode::<String>(&quoted("a\"\u{1}\\é")).unwrap(), "a\"\u{1}\\é");
    // JavaScript takes half of a pair, which is no text in Rust.
    for (text, read) in [(r#""a\ud83db""#, "a\u{fffd}b"), (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}")] {
        assert_eq!(scan::text(text), read);
    }
    assert_eq!(scan::text(r#""\ud83d\ud83d\ude00\n""#), "\u{fffd}😀\n");
}

#[test]
fn a_whole_number_is_one_however_it_is_written() {
    for text in ["7", "7.0", "0.7e1", "70E-1"] {
        assert_eq!(decode::<u8>(text).unwrap(), 7, "{text}");
    }
    assert_eq!(decode::<i64>("-9223372036854775807").unwrap(), -9_223_372_036_854_775_807);
    assert_eq!(decode::<f64>("1e999999").unwrap_or(f64::INFINITY), f64::INFINITY);
    assert!((decode::<f64>("18446744073709551616").unwrap() - 18_446_744_073_709_551_616.0).abs() < 1.0);
    assert!(decode::<u8>("256").is_err() && decode::<u8>("-1").is_err() && decode::<u8>("0.5").is_err());
}

#[test]
fn texts_and_bytes_are_read_as_what_they_are() {
    assert_eq!(decode_text::<Name>("[1]").unwrap(), Name("[1]".into()));
    assert_eq!(decode_text::<Shape>("Nothing").unwrap(), Shape::Nothing);
    assert_eq!(decode_bytes::<Vec<u8>>(&[1, 255]).unwrap(), [1, 255]);
    assert!(decode_bytes::<String>(&[255]).is_err() && decode_text::<u8>("1").is_err());
}

#[test]
fn an_error_names_what_was_expected_and_not_what_was_found() {
    let why = |text: &str| decode::<Everything>(text).unwrap_err();
    assert_eq!(why("{}"), ": the field `name` is missing");
    assert_eq!(why(r#"{"name":["a secret"]}"#), ": expected a string");
    assert!(why("a secret").is_empty());
    assert_eq!(decode::<Shape>("{}").unwrap_err(), ": expected enum Shape");
    let variants = ": expected one of `Nothing`, `One`, `Two`, `Named`";
    assert_eq!(decode::<Shape>("\"a secret\"").unwrap_err(), variants);
    assert!(encode(&BTreeMap::from([(1, 2)])).is_err());
}

#[test]
fn fields_are_found_in_a_document() {
    let doc = Doc::parse(r#" {"a":{"b":[0,"x",{"c":1.5}]},"\u0061":[true],"n":7,"q":"a\"b"} "#).unwrap();
    assert!(doc.get("b").is_none() && doc.get("a").unwrap().at(0).is_some(), "the last of two counts");
    assert_eq!(doc.get("n").unwrap().number(), Some(7.0));
    assert_eq!(doc.get("n").unwrap().segment().as_deref(), Some("7"));
    assert_eq!(doc.get("q").unwrap().string().as_deref(), Some("a\"b"));
    let pairs = doc.query();
    assert_eq!(pairs[0], ("a".into(), r#"{"b":[0,"x",{"c":1.5}]}"#.into()));
    assert_eq!(pairs[3], ("q".into(), "a\"b".into()));
    let list = Doc::parse("[[],{}, 3 ]").unwrap();
    assert_eq!((list.at(2).unwrap().number(), list.at(3).is_none()), (Some(3.0), true));
    assert!(
        list.at(0).unwrap().at(0).is_none() && list.get("a").is_none() && Doc::parse("{").is_none() && !is_json("{")
    );
}
