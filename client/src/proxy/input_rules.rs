//! What browsers may put into inputs. An input with rules is read, checked, and written anew: what is checked is what is sent.

use fal_wasm::credentials::{EndpointPatterns, EndpointTable, Scope};
use fal_wasm::protocol::Route;
use fal_wasm::proxy::Refusal;
use serde_json::{Value, json};

use super::json_fields::{Fields, Judged, NotInside, exact};
use super::refusals::Refused;
use crate::error::FalError;

/// More names than any field of an input is behind.
const MAX_PATH: usize = 4;

/// What a field of an input may be. A field that is not there keeps every rule.
///
/// ```
/// # use fal_wasm_client::proxy::{FieldRule, ProxyBuilder};
/// # fn example(builder: ProxyBuilder) -> ProxyBuilder {
/// builder.inputs(
///     "fal-ai/flux/**",
///     [
///         ("num_images", FieldRule::new().min(1).max(4)),
///         ("prompt", FieldRule::new().max_length(2_000)),
///         ("image_size", FieldRule::new().one_of(["square", "square_hd"])),
///         ("enable_safety_checker", FieldRule::new().fixed(true)),
///         ("loras", FieldRule::new().absent()),
///     ],
/// )
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct FieldRule(Vec<Kind>);

#[derive(Clone, Debug)]
enum Kind {
    Max(f64),
    Min(f64),
    MaxLength(usize),
    MaxItems(usize),
    OneOf(Vec<Value>),
    Fixed(Value),
    Absent,
}

impl FieldRule {
    /// A rule to be said: one that says nothing is refused.
    pub fn new() -> Self {
        Self::default()
    }

    fn and(mut self, kind: Kind) -> Self {
        self.0.push(kind);
        self
    }

    /// A number, this one at most.
    pub fn max(self, most: impl Into<f64>) -> Self {
        self.and(Kind::Max(most.into()))
    }

    /// A number, this one at least.
    pub fn min(self, least: impl Into<f64>) -> Self {
        self.and(Kind::Min(least.into()))
    }

    /// A text of at most so many characters (Unicode scalar values).
    pub fn max_length(self, characters: usize) -> Self {
        self.and(Kind::MaxLength(characters))
    }

    /// A list of at most so many items.
    pub fn max_items(self, items: usize) -> Self {
        self.and(Kind::MaxItems(items))
    }

    /// One of these texts, numbers, true, false or null.
    pub fn one_of<Scalar: Into<Value>>(self, values: impl IntoIterator<Item = Scalar>) -> Self {
        self.and(Kind::OneOf(values.into_iter().map(Into::into).collect()))
    }

    /// This value, which is put in where the field is not there. Only for fields at the top of an input.
    pub fn fixed(self, value: impl Into<Value>) -> Self {
        self.and(Kind::Fixed(value.into()))
    }

    /// Nothing at all.
    pub fn absent(self) -> Self {
        self.and(Kind::Absent)
    }
}

impl Kind {
    /// Whether the rule itself can be kept, and known to be.
    fn is_sound(&self) -> bool {
        match self {
            Self::Max(number) | Self::Min(number) => number.is_finite(),
            Self::OneOf(values) => !values.is_empty() && values.iter().all(is_scalar),
            Self::Fixed(value) => is_scalar(value),
            _ => true,
        }
    }

    fn keeps(&self, value: &Judged) -> bool {
        match (self, value) {
            (Self::Max(most), Judged::Number(value)) => value <= most,
            (Self::Min(least), Judged::Number(value)) => value >= least,
            (Self::MaxLength(most), Judged::Plain(Value::String(text))) => text.chars().count() <= *most,
            (Self::MaxItems(most), Judged::List(items)) => items <= most,
            (Self::OneOf(values), value) => values.iter().any(|allowed| is_same(allowed, value)),
            (Self::Fixed(allowed), value) => is_same(allowed, value),
            _ => false,
        }
    }

    /// What fal calls an error of this kind, and what it says.
    fn says(&self) -> (&'static str, String) {
        match self {
            Self::Max(most) => ("less_than_equal", format!("Input should be a number less than or equal to {most}")),
            Self::Min(least) => {
                ("greater_than_equal", format!("Input should be a number greater than or equal to {least}"))
            }
            Self::MaxLength(most) => {
                ("string_too_long", format!("Input should be a text of at most {most} characters"))
            }
            Self::MaxItems(most) => ("too_long", format!("Input should be a list of at most {most} items")),
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                ("literal_error", format!("Input should be one of {}", values.join(", ")))
            }
            Self::Fixed(value) => ("literal_error", format!("Input should be {value}")),
            Self::Absent => ("extra_forbidden", "The field is not allowed".into()),
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Number(number) => exact(&number.to_string()).is_some(),
        value => !value.is_array() && !value.is_object(),
    }
}

fn is_same(allowed: &Value, value: &Judged) -> bool {
    match value {
        Judged::Plain(value) => allowed == value,
        Judged::Number(value) => allowed.as_f64() == Some(*value),
        Judged::List(_) | Judged::Other => false,
    }
}

/// Patterns of endpoints, with the fields that have rules there.
pub(super) type Inputs = Vec<(String, Vec<(String, FieldRule)>)>;

/// A rule for one field.
struct Rule {
    path: Vec<String>,
    kind: Kind,
}

/// The rules for the inputs of a proxy.
pub(super) struct InputRules {
    /// By the same places as the rules.
    pub table: EndpointTable,
    rules: Vec<Vec<Rule>>,
}

fn wrong(place: &[&str], why: &str) -> FalError {
    FalError::option("inputs", &["has, for ", &place.join(", "), ", ", why].concat())
}

impl InputRules {
    /// Rules for what is open; an error names one that would do nothing.
    pub fn compile(inputs: Inputs, open: &EndpointPatterns) -> Result<Option<Self>, FalError> {
        if inputs.is_empty() {
            return Ok(None);
        }
        let patterns = inputs.iter().map(|(pattern, _)| pattern.clone());
        let table = EndpointTable::parse(patterns, Scope::Covered).map_err(|(place, error)| {
            let pattern = inputs.get(place).map_or("", |(pattern, _)| pattern);
            wrong(&[pattern], &["a pattern that is none: ", &error.to_string(), "."].concat())
        })?;
        if let Some((idle, _)) = table.idle(open).and_then(|place| inputs.get(place)) {
            return Err(wrong(&[idle], "rules, and `allowed_endpoints` opens nothing that they are about."));
        }
        let of_pattern = |(pattern, fields): (String, Vec<(String, FieldRule)>)| {
            if fields.is_empty() {
                return Err(wrong(&[&pattern], "no field, so it would do nothing."));
            }
            let rules = fields.into_iter().map(|(field, rule)| of_field(&pattern, &field, rule));
            Ok(rules.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        };
        let rules = inputs.into_iter().map(of_pattern).collect::<Result<_, _>>()?;
        Ok(Some(Self { table, rules }))
    }

    /// The rules for the body of a call; none when it need not be read.
    pub fn about(&self, route: &Route) -> Option<RulesOfCall<'_>> {
        let places = self.table.about(route.endpoint()?.as_str(), matches!(route, Route::Stream(_)));
        let rules: Vec<_> = places.into_iter().filter_map(|place| self.rules.get(place)).flatten().collect();
        (!rules.is_empty()).then_some(RulesOfCall(rules))
    }
}

fn of_field(pattern: &str, field: &str, rule: FieldRule) -> Result<Vec<Rule>, FalError> {
    let wrong = |why: &str| Err(wrong(&[pattern, field], why));
    let path: Vec<String> = field.split('.').map(String::from).collect();
    if path.len() > MAX_PATH || path.iter().any(String::is_empty) {
        return wrong("no name of a field: it has up to 4 names with dots between.");
    }
    if rule.0.is_empty() {
        return wrong("a rule that says nothing.");
    }
    if !rule.0.iter().all(Kind::is_sound) {
        return wrong(
            "a value it cannot have: numbers are finite and no more exact than an `f64`, values are scalars, at least one.",
        );
    }
    if path.len() > 1 && rule.0.iter().any(|kind| matches!(kind, Kind::Fixed(_))) {
        return wrong("a value that is fixed, which is only for fields at the top of an input.");
    }
    Ok(rule.0.into_iter().map(|kind| Rule { path: path.clone(), kind }).collect())
}

/// All rules that a call has to keep.
pub(super) struct RulesOfCall<'a>(Vec<&'a Rule>);

impl RulesOfCall<'_> {
    /// The body of an input that keeps the rules, with what they fix put in.
    pub fn enforce(&self, body: &[u8]) -> Result<String, Refused> {
        let mut input = Fields::of_body(body).map_err(|why| violated(&[], "json_invalid", &why))?;
        for rule in &self.0 {
            rule.check(&mut input)?;
        }
        let mut fixed: Vec<(&str, String)> = Vec::new();
        for rule in &self.0 {
            let (Kind::Fixed(value), Some(name)) = (&rule.kind, rule.path.first()) else { continue };
            // The last one counts, as of what is written.
            fixed.retain(|(known, _)| known != name);
            fixed.push((name, value.to_string()));
        }
        Ok(input.write(&fixed))
    }
}

impl Rule {
    fn check(&self, mut fields: &mut Fields<'_>) -> Result<(), Refused> {
        let Some((name, before)) = self.path.split_last() else { return Ok(()) };
        for (depth, outer) in before.iter().enumerate() {
            let inside = fields.inside(outer).map_err(|why| match why {
                NotInside::NoObject => {
                    violated(self.path.get(..=depth).unwrap_or_default(), "dict_type", "Input should be an object")
                }
                NotInside::Json(why) => violated(&[], "json_invalid", &why),
            })?;
            let Some(inside) = inside else { return Ok(()) };
            fields = inside;
        }
        if fields.judged(name).is_none_or(|value| self.kind.keeps(&value)) {
            return Ok(());
        }
        let (name, says) = self.kind.says();
        Err(violated(&self.path, name, &says))
    }
}

/// As fal says of an input that it does not take.
fn violated(path: &[String], name: &str, says: &str) -> Refused {
    let place: Vec<_> = std::iter::once("body").chain(path.iter().map(String::as_str)).collect();
    Refused::with_detail(Refusal::Input, json!([{ "loc": place, "msg": says, "type": name }]))
}
