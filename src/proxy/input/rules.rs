//! What an app says about the fields of an input.

use alloc::string::String;
use alloc::vec::Vec;

use super::decimal::Decimal;
use super::json::{MAX_KEPT_BYTES, Piece, Scalar, Token};

/// Longest path of a field, in names.
pub const MAX_PATH: usize = 4;

/// A rule about one field. A field that is absent has the model's default, but for [`Rule::Fixed`].
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// At most this number.
    Max(Decimal),
    /// At least this number.
    Min(Decimal),
    /// A text of at most so many characters.
    MaxLength(usize),
    /// A list of at most so many items.
    MaxItems(usize),
    /// One of these.
    OneOf(Vec<Scalar>),
    /// This and nothing else. Put in where it is absent.
    Fixed(Scalar),
    /// Not there at all.
    Absent,
}

/// Why an input is refused. The numbers cross to the skin, which has the sentences (`js/edge/input-policy.js`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The body is not one JSON object in UTF-8.
    NotJson = 1,
    /// A field with a rule is there twice: readers differ in which one counts.
    Twice = 2,
    /// A list is where the field is looked for below an object.
    Nesting = 3,
    /// More than the rule allows.
    Max = 4,
    /// Less than the rule allows.
    Min = 5,
    /// A longer text, or none.
    MaxLength = 6,
    /// A longer list, or none.
    MaxItems = 7,
    /// None of the values that are allowed.
    OneOf = 8,
    /// Another value than the fixed one.
    Fixed = 9,
    /// A field that must not be there.
    Absent = 10,
}

impl Rule {
    /// Reads a rule: its name, and its value as JSON; for `oneOf`, one value after the other.
    pub fn parse<'a>(name: &str, mut values: impl Iterator<Item = &'a str>) -> Option<Self> {
        if name == "oneOf" {
            let values: Option<Vec<_>> = values.map(Scalar::parse).collect();
            return values.filter(|values| !values.is_empty()).map(Rule::OneOf);
        }
        let value = Scalar::parse(values.next()?)?;
        Some(match (name, value) {
            ("fixed", value) => Rule::Fixed(value),
            ("absent", Scalar::Bool(true)) => Rule::Absent,
            ("max", Scalar::Number(number)) => Rule::Max(number),
            ("min", Scalar::Number(number)) => Rule::Min(number),
            ("maxLength", Scalar::Number(number)) => Rule::MaxLength(number.count()?),
            ("maxItems", Scalar::Number(number)) => Rule::MaxItems(number.count()?),
            _ => return None,
        })
    }

    /// Whether a value may stand here. The length of a list is not known yet.
    pub fn judge(&self, token: Token<'_>) -> Result<(), Violation> {
        let number = |piece: Piece<'_>| piece.text().and_then(Decimal::parse);
        let (holds, violation) = match (self, token) {
            (Rule::Max(max), Token::Number(piece)) => {
                (number(piece).is_some_and(|number| number <= *max), Violation::Max)
            }
            (Rule::Max(_), _) => (false, Violation::Max),
            (Rule::Min(min), Token::Number(piece)) => {
                (number(piece).is_some_and(|number| number >= *min), Violation::Min)
            }
            (Rule::Min(_), _) => (false, Violation::Min),
            (Rule::MaxLength(max), Token::Text(piece)) => (piece.chars() <= *max, Violation::MaxLength),
            (Rule::MaxLength(_), _) => (false, Violation::MaxLength),
            (Rule::MaxItems(_), token) => (token == Token::Array, Violation::MaxItems),
            (Rule::OneOf(values), token) => {
                (Scalar::of(token).is_some_and(|value| values.contains(&value)), Violation::OneOf)
            }
            (Rule::Fixed(value), token) => (Scalar::of(token).as_ref() == Some(value), Violation::Fixed),
            (Rule::Absent, _) => (false, Violation::Absent),
        };
        if holds { Ok(()) } else { Err(violation) }
    }
}

/// A field with its rules, as the policy has it.
#[derive(Clone, Debug)]
pub struct Field {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// A rule, and the value it was given, as JSON.
    pub rule: Rule,
    /// What the rule was given, to be said when it is broken.
    pub given: String,
}

impl Field {
    /// A field by its path, with dots between the names. A fixed value stands at the top: only there it can be put in.
    pub fn new(path: &str, rule: Rule, given: String) -> Option<Self> {
        let path: Vec<_> = path.split('.').map(String::from).collect();
        let named = path.iter().all(|name| !name.is_empty() && name.len() <= MAX_KEPT_BYTES);
        let placed = path.len() <= MAX_PATH && (path.len() == 1 || !matches!(rule, Rule::Fixed(_)));
        (named && placed).then_some(Self { path, rule, given })
    }
}
