//! Workflows: models called one after another, by a run, through the queue and as a stream.

use fal_emulator::model::settings::QueueSettings;
use serde_json::{Value, json};

use super::{Bench, data, prompt};

const POSTCARD: &str = "https://fal.run/workflows/emulator/postcard";

#[test]
fn a_workflow_answers_with_what_its_nodes_made() {
    let mut bench = Bench::with(QueueSettings::default());
    let run = bench.post(POSTCARD, &prompt("the sea"));
    let body = run.body_json();
    assert!(body["output"].as_str().unwrap().contains("the sea"));
    assert_eq!(bench.get(body["images"][0]["url"].as_str().unwrap()).status, 200);
    assert_eq!(bench.post(POSTCARD, &json!({})).status, 422);
    let id = bench.submit("workflows/emulator/postcard", &prompt("the sea"));
    bench.wait(run.after);
    assert_eq!(bench.status("workflows/emulator/postcard", &id)["status"], "COMPLETED");
    assert_eq!(bench.result("workflows/emulator/postcard", &id).body_json()["output"], body["output"]);
}

#[test]
fn its_stream_tells_of_every_node_as_it_begins_and_ends() {
    let mut bench = Bench::with(QueueSettings::default());
    let stream = bench.post(&format!("{POSTCARD}/stream"), &prompt("the sea"));
    let said = bench.listen(stream);
    // What happens at one instant comes at once.
    let events: Vec<Value> =
        said.iter().flat_map(|(_, text)| text.split_inclusive("\n\n").map(data).collect::<Vec<_>>()).collect();
    let told: Vec<(&str, &str)> =
        events.iter().map(|event| (event["type"].as_str().unwrap(), event["node_id"].as_str().unwrap_or(""))).collect();
    let expected = [
        ("submit", "words"),
        ("completion", "words"),
        ("submit", "picture"),
        ("completion", "picture"),
        ("output", ""),
    ];
    assert_eq!(told, expected);
    assert_eq!(events[0]["app_id"], "fal-ai/any-llm");
    assert_eq!(events[0]["request_id"].as_str().unwrap().len(), 36);
    assert_eq!(events[4]["output"]["output"], events[1]["output"]["output"]);
    assert!(said[1].0 > said[0].0 && said[2].0 > said[1].0, "it takes its time");
}

#[test]
fn a_node_that_fails_ends_it_and_says_why() {
    let mut bench = Bench::with(QueueSettings::default());
    let stream = bench.post("https://fal.run/workflows/emulator/broken/stream", &prompt("p"));
    let said = bench.listen(stream);
    let error = data(&said.last().unwrap().1);
    assert_eq!((&error["type"], &error["node_id"]), (&json!("error"), &json!("picture")));
    assert_eq!((&error["error"]["status"], error["message"].is_string()), (&json!(422), true));
    assert_eq!(error["error"]["body"]["detail"][0]["type"], "content_policy_violation");
    let run = bench.post("https://fal.run/workflows/emulator/broken", &prompt("p"));
    assert_eq!((run.status, &run.body_json()), (422, &error["error"]["body"]));
}
