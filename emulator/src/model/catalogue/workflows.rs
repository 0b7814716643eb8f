//! Workflows: other models called one after another, and the events that tell of it.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::{Execution, Invocation, Outcome, execute};
use crate::model::endpoint::Endpoint;
use crate::model::fields::Fields;
use crate::model::http::{Millis, Response};
use crate::model::stream::{Stream, event};

/// One node: its id, the model it calls, and which of the model's fields goes into the workflow's answer.
struct Node(&'static str, &'static str, &'static str);

/// A picture, and a few words for its back.
const POSTCARD: &[Node] =
    &[Node("words", "fal-ai/any-llm", "output"), Node("picture", "fal-ai/flux/schnell", "images")];

/// A text, and a picture that is always refused.
const BROKEN: &[Node] = &[Node("words", "fal-ai/any-llm", "output"), Node("picture", "emulator/refuses", "images")];

/// What happened while a workflow ran.
struct Course {
    /// When, and the event.
    events: VecDeque<(Millis, String)>,
    /// How long it took.
    took: Millis,
    /// How many nodes it has.
    nodes: u32,
    outcome: Outcome,
}

/// `workflows/emulator/postcard`
pub fn postcard(invocation: &mut Invocation) -> Result<Execution, Response> {
    walk(invocation, POSTCARD).map(Course::execution)
}

/// `workflows/emulator/postcard/stream`
pub fn postcard_stream(invocation: &mut Invocation) -> Result<Stream, Response> {
    walk(invocation, POSTCARD).map(Course::stream)
}

/// `workflows/emulator/broken`
pub fn broken(invocation: &mut Invocation) -> Result<Execution, Response> {
    walk(invocation, BROKEN).map(Course::execution)
}

/// `workflows/emulator/broken/stream`
pub fn broken_stream(invocation: &mut Invocation) -> Result<Stream, Response> {
    walk(invocation, BROKEN).map(Course::stream)
}

impl Course {
    fn execution(self) -> Execution {
        Execution { run_ms: self.took, steps: self.nodes, outcome: self.outcome }
    }

    fn stream(self) -> Stream {
        Stream::scheduled(self.events)
    }
}

/// Calls every node with the workflow's prompt. The first that fails ends it, and its answer is the workflow's.
fn walk(invocation: &mut Invocation, nodes: &[Node]) -> Result<Course, Response> {
    let mut fields = Fields::of(invocation.input);
    let prompt = fields.required_text("prompt");
    fields.finish()?;
    let input = json!({ "prompt": prompt });
    let began = invocation.now;
    let mut at = began;
    let mut events = VecDeque::new();
    let mut answer = Map::new();
    let finished = |events, took, outcome| Ok(Course { events, took, nodes: nodes.len() as u32, outcome });
    for Node(id, app, field) in nodes {
        let submit = json!({ "type": "submit", "node_id": id, "app_id": app, "request_id": invocation.ids.uuid() });
        events.push_back((at, event(&submit)));
        let Some(endpoint) = Endpoint::parse(app) else { continue };
        let mut inner = Invocation {
            now: at,
            input: &input,
            headers: invocation.headers,
            ids: &mut *invocation.ids,
            storage: &mut *invocation.storage,
        };
        let Execution { run_ms, outcome, .. } = execute(&endpoint, &mut inner);
        at = at.saturating_add(run_ms);
        let body = outcome.response.body_json();
        if outcome.response.status >= 300 {
            let error = json!({ "status": outcome.response.status, "body": body });
            let message = format!("The node {id} failed.");
            let told = json!({ "type": "error", "node_id": id, "message": message, "error": error });
            events.push_back((at, event(&told)));
            return finished(events, at - began, outcome);
        }
        answer.insert((*field).to_owned(), body.get(field).cloned().unwrap_or_default());
        events.push_back((at, event(&json!({ "type": "completion", "node_id": id, "output": body }))));
    }
    let answer = Value::Object(answer);
    events.push_back((at, event(&json!({ "type": "output", "output": answer }))));
    finished(events, at - began, Outcome::plain(Response::json(200, &answer)))
}
