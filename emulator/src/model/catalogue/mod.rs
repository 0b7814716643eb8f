//! The models of the emulator: one row each, and what a row's model computes.
//!
//! To add a model, write a function that turns an [`Invocation`] into an [`Execution`] and give it a row.

mod demonstration;
mod pictures;
mod realtime;
mod text;
mod workflows;

use std::sync::Arc;

use serde_json::Value;

use super::access::Visibility;
use super::endpoint::Endpoint;
use super::errors::{detail, request_error, validation_error};
use super::http::{Millis, Request, Response};
use super::ids::Ids;
use super::storage::Storage;
use super::stream::Stream;
use fal_emulator_painter::Picture;

/// Computes the whole answer of a model, or the 422 that says why not.
pub type Run = fn(&mut Invocation) -> Result<Execution, Response>;

/// What a model streams, or why not.
pub type Streaming = fn(&mut Invocation) -> Result<Stream, Response>;

/// What a model computes in realtime from one input, or why not.
pub type RealtimeApp = fn(&mut Invocation, rmpv::Value) -> Result<Reply, Response>;

/// One row of the catalogue.
pub struct Model {
    /// The endpoint id, in its canonical spelling.
    pub endpoint: &'static str,
    /// Who may call it.
    pub visibility: Visibility,
    /// What it computes.
    pub run: Run,
    /// What it computes at its `/stream` path, when it has one.
    pub stream: Option<Streaming>,
    /// What it computes at its `/realtime` path, when it has one.
    pub realtime: Option<RealtimeApp>,
}

/// A model that everybody with a key may call, and that answers at once only.
const fn model(endpoint: &'static str, run: Run) -> Model {
    Model { endpoint, visibility: Visibility::Shared, run, stream: None, realtime: None }
}

/// Every model there is.
pub const CATALOGUE: &[Model] = &[
    model("fal-ai/flux/schnell", pictures::schnell),
    model("fal-ai/flux/dev", pictures::dev),
    model("fal-ai/flux/dev/image-to-image", pictures::image_to_image),
    Model { realtime: Some(realtime::picture), ..model("fal-ai/fast-lcm-diffusion", pictures::sketch) },
    Model { stream: Some(text::stream), realtime: Some(realtime::answer), ..model("fal-ai/any-llm", text::run) },
    Model { realtime: Some(realtime::echo), ..model("emulator/echo", demonstration::echo) },
    model("emulator/slow", demonstration::slow),
    model("emulator/refuses", demonstration::refuses),
    model("emulator/fails", demonstration::fails),
    model("emulator/bytes", demonstration::bytes),
    Model {
        visibility: Visibility::Private,
        realtime: Some(realtime::echo),
        ..model("emulator/private", demonstration::echo)
    },
    Model {
        visibility: Visibility::Public,
        realtime: Some(realtime::echo),
        ..model("emulator/public", demonstration::echo)
    },
    Model { stream: Some(workflows::postcard_stream), ..model("workflows/emulator/postcard", workflows::postcard) },
    Model { stream: Some(workflows::broken_stream), ..model("workflows/emulator/broken", workflows::broken) },
    model("comfy/emulator/sketch", pictures::sketch),
    model("110602490/lcm", pictures::sketch),
];

/// Who may call the models of an app; `None` when there is no such app.
pub fn visibility(app: &str) -> Option<Visibility> {
    let of_app = |model: &&Model| Endpoint::parse(model.endpoint).is_some_and(|endpoint| endpoint.app == app);
    CATALOGUE.iter().find(of_app).map(|model| model.visibility)
}

/// The answer for an app that does not exist.
pub fn no_such_app(endpoint: &Endpoint) -> Response {
    detail(404, &format!("Application '{}' not found", endpoint.app))
}

/// The model behind an endpoint id.
///
/// # Errors
/// The app's own 404, when the app has no such path.
pub fn find(endpoint: &Endpoint) -> Result<&'static Model, Response> {
    let id = endpoint.id();
    let missing = || detail(404, &format!("Path /{} not found", endpoint.path));
    CATALOGUE.iter().find(|model| model.endpoint == id).ok_or_else(missing)
}

/// The arguments of a model.
pub struct Invocation<'a> {
    /// When it begins.
    pub now: Millis,
    /// The caller's input.
    pub input: &'a Value,
    /// The caller's `x-fal-*` headers.
    pub headers: &'a [(String, String)],
    /// Randomness.
    pub ids: &'a mut Ids,
    /// Where it reads and puts files.
    pub storage: &'a mut Storage,
}

/// The result of a run, known when it starts.
#[derive(Debug, Clone)]
pub struct Execution {
    /// How long it takes.
    pub run_ms: Millis,
    /// How many steps its progress bar counts; 0 for none.
    pub steps: u32,
    /// What the caller gets.
    pub outcome: Outcome,
}

/// What a realtime app answers to one input.
#[derive(Debug)]
pub struct Reply {
    /// How long it takes.
    pub run_ms: Millis,
    /// The answer.
    pub answer: rmpv::Value,
    /// One order per entry of the answer's `images`, whose bytes are still to be drawn.
    pub pictures: Vec<Arc<Picture>>,
}

/// The end of a request.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The model's own answer, whatever its status.
    pub response: Response,
    /// What the queue's status says went wrong: `error` and `error_type`.
    ///
    /// A model's refusal (422) is not among it: it shows on the result alone, as seen in production.
    pub failure: Option<(String, String)>,
}

impl Outcome {
    /// An answer the queue finds nothing wrong with.
    pub fn plain(response: Response) -> Self {
        Self { response, failure: None }
    }

    /// An answer that the queue's status reports as an error.
    pub fn failed(error_type: &str, sentence: &str) -> Self {
        let response = request_error(error_type, sentence);
        Self { response, failure: Some((sentence.to_owned(), error_type.to_owned())) }
    }
}

/// How long a model takes to refuse an input, in milliseconds.
const REFUSAL_MS: Millis = 20;

/// Runs the endpoint: its model, or the 404 of an app without such a path.
pub fn execute(endpoint: &Endpoint, invocation: &mut Invocation) -> Execution {
    let refusal = |response| Execution { run_ms: REFUSAL_MS, steps: 0, outcome: Outcome::plain(response) };
    find(endpoint).and_then(|model| (model.run)(invocation)).unwrap_or_else(refusal)
}

/// A model's input: the JSON body, or for a GET the query, whose values are read as JSON where they are JSON.
///
/// # Errors
/// FastAPI's 422 for a body that is not JSON.
pub fn input_of(request: &Request) -> Result<Value, Response> {
    if request.method == "GET" {
        let own = |name: &str| name.starts_with("fal_");
        let value = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        let params = request.params().filter(|(name, _)| !own(name));
        return Ok(params.map(|(name, text)| (name, value(text))).collect());
    }
    if request.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&request.body).map_err(|_| validation_error(&["body"], "json_invalid", "JSON decode error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_reached_under_its_own_name() {
        for model in CATALOGUE {
            let endpoint = Endpoint::parse(model.endpoint).unwrap();
            assert_eq!(endpoint.id(), model.endpoint);
            assert!(find(&endpoint).is_ok() && visibility(&endpoint.app).is_some(), "{}", model.endpoint);
        }
    }

    #[test]
    fn a_get_run_takes_its_input_from_the_query_without_fals_own_parameters() {
        let request = Request::new("GET", "https://fal.run/x/y?prompt=a+cat&n=2&fal_webhook=https%3A%2F%2Fx");
        assert_eq!(input_of(&request).unwrap(), serde_json::json!({"prompt": "a cat", "n": 2}));
    }
}
