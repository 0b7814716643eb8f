//! What browsers may upload. The proxy is asked for a place only; the bytes go there without it.

use fal_wasm::protocol::Route;
use fal_wasm::proxy::{MediaRange, Refusal};
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::refusals::Refused;
use crate::draft::UPLOAD_LIFECYCLE;
use crate::error::FalError;
use crate::options::Lifecycle;

/// More than any description of a file.
pub(super) const MAX_DESCRIPTION_BYTES: usize = 16 * 1024;

/// Which files may be uploaded, and how long they live, whatever a browser says. How large a file is, nobody but fal sees.
///
/// ```
/// # use std::time::Duration;
/// # use fal_wasm_client::Lifecycle;
/// # use fal_wasm_client::proxy::{ProxyBuilder, UploadRules};
/// # fn example(builder: ProxyBuilder) -> ProxyBuilder {
/// let a_day = Lifecycle::expires_in(Duration::from_secs(24 * 3_600));
/// builder.upload_rules(UploadRules::new().types(["image/*", "video/mp4"]).lifecycle(a_day))
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UploadRules {
    types: Option<Vec<String>>,
    lifecycle: Option<Lifecycle>,
}

impl UploadRules {
    /// Rules to be said: those that say nothing are refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only files of these media types: `image/png`, or `image/*`.
    pub fn types<Type: Into<String>>(mut self, types: impl IntoIterator<Item = Type>) -> Self {
        self.types = Some(types.into_iter().map(Into::into).collect());
        self
    }

    /// How long files live, and who may read them.
    pub fn lifecycle(mut self, lifecycle: Lifecycle) -> Self {
        self.lifecycle = Some(lifecycle);
        self
    }
}

/// Rules that were read.
#[derive(Default)]
pub(super) struct Uploads {
    types: Option<Types>,
    lifecycle: Option<HeaderValue>,
}

struct Types {
    ranges: Vec<MediaRange>,
    /// As they were written.
    shown: String,
}

impl Uploads {
    /// Reads rules; an error says what is wrong with them.
    pub fn compile(rules: UploadRules) -> Result<Self, FalError> {
        let wrong = |why: &str| FalError::option("upload_rules", why);
        let UploadRules { types, lifecycle } = rules;
        let lifecycle = lifecycle.map(|lifecycle| lifecycle.header()).transpose()?.filter(|header| header != "{}");
        if types.as_ref().is_some_and(Vec::is_empty) || (types.is_none() && lifecycle.is_none()) {
            return Err(wrong("say nothing: they need a type, or a lifecycle."));
        }
        let range = |text: &String| {
            MediaRange::parse(text).map_err(|error| wrong(&["have a type that is ", &error.to_string(), "."].concat()))
        };
        let types = types.map(|types| {
            let ranges = types.iter().map(range).collect::<Result<_, _>>()?;
            Ok::<_, FalError>(Types { ranges, shown: types.join(", ") })
        });
        let header =
            |text: String| HeaderValue::from_str(&text).map_err(|_| wrong("have an ACL that no header can have."));
        Ok(Self { types: types.transpose()?, lifecycle: lifecycle.map(header).transpose()? })
    }

    /// Whether the description of a file is judged.
    pub fn judge(&self, route: &Route) -> bool {
        self.types.is_some() && matches!(route, Route::Initiate | Route::InitiateMultipart)
    }

    /// Adds how long a file lives. fal has two storages, and each reads another name.
    pub fn add_lifecycle(&self, headers: &mut HeaderMap) {
        if let Some(lifecycle) = &self.lifecycle {
            for name in UPLOAD_LIFECYCLE {
                headers.insert(name, lifecycle.clone());
            }
        }
    }

    /// A description that keeps the rules, written anew: what was judged is what fal reads.
    pub fn described(&self, body: &[u8]) -> Result<String, Refused> {
        let Ok(given) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return Err(violated("content_type", "json_invalid", "The body is not one JSON object in UTF-8"));
        };
        let kind = given.get("content_type").and_then(Value::as_str);
        if let Some(Types { ranges, shown }) = &self.types
            && !kind.is_some_and(|kind| ranges.iter().any(|range| range.has(kind)))
        {
            let says = ["Only files of these types may be uploaded: ", shown].concat();
            return Err(violated("content_type", "literal_error", &says));
        }
        match given.get("file_name") {
            Some(Value::String(name)) => Ok(json!({ "content_type": kind, "file_name": name }).to_string()),
            Some(_) => Err(violated("file_name", "string_type", "Input should be a text")),
            None => Ok(json!({ "content_type": kind }).to_string()),
        }
    }
}

fn violated(field: &str, name: &str, says: &str) -> Refused {
    Refused::with_detail(Refusal::Input, json!([{ "loc": ["body", field], "msg": says, "type": name }]))
}
