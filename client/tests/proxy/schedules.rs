//! The hostile schedules of the core's simulation of limits, told to the store in memory, which has to answer word for word
//! what was judged there. The stores of the npm package are told the same (`tests/lib/schedules.mjs`).

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fal_wasm_client::proxy::limits::{Correction, LimitStore, MemoryLimits, Reservation, Settlement};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The runs, each a list of steps.
fn schedules() -> Vec<Vec<Value>> {
    let file = std::env::temp_dir().join(format!("fal-limit-schedules-{}.ndjson", std::process::id()));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--locked", "--features", "server", "--test", "simulation", "schedules_for_the_stores"]);
    let made = cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).env("LIMIT_SCHEDULES", &file).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    let runs = text.trim().split("\n\n");
    runs.map(|lines| lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()).collect()
}

fn part<T: DeserializeOwned>(step: &Value, name: &str) -> Option<T> {
    step.get(name).map(|part| serde_json::from_value(part.clone()).unwrap())
}

#[tokio::test]
async fn the_store_in_memory_says_what_the_simulation_said() {
    let runs = schedules();
    assert!(runs.len() >= 300);
    let mut said = std::collections::HashMap::<String, usize>::new();
    for (run, steps) in runs.iter().enumerate() {
        let now = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now);
        let store = MemoryLimits::with_clock(move || clock.load(Ordering::SeqCst));
        for (n, step) in steps.iter().enumerate() {
            now.store(step["now"].as_u64().unwrap(), Ordering::SeqCst);
            let account = step["account"].as_str().unwrap();
            let says = if let Some(wish) = part::<Reservation>(step, "wish") {
                serde_json::to_value(store.reserve(account, &wish).await.unwrap())
            } else if let Some(settlement) = part::<Settlement>(step, "settlement") {
                serde_json::to_value(store.settle(account, &settlement).await.unwrap())
            } else {
                let correction: Correction = part(step, "correction").unwrap();
                store.correct(account, &correction).await.unwrap();
                Ok(Value::Null)
            };
            let says = says.unwrap();
            assert_eq!(says, step["says"], "run {run}, step {n}: {step}");
            *said.entry(says["kind"].as_str().unwrap_or_default().into()).or_default() += 1;
        }
    }
    for kind in ["ok", "refused", "question", "pending", "replay", "alarm"] {
        assert!(said.get(kind).is_some_and(|count| *count > 2), "{kind}: {said:?}");
    }
}

#[test]
fn what_a_store_is_asked_is_json_as_in_the_npm_package() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../js/limits/types.ts")).unwrap();
    let wish = serde_json::json!({
        "ticket": "1", "leaseMs": 1, "requests": {"max": 1, "windowMs": 1}, "jobs": {"max": 1},
        "spending": {"cost": 1, "unit": 0.5, "max": 1, "windowMs": 1}, "asked": ["jobs"], "countedOnly": true,
        "once": {"key": "k", "digest": "d", "keepMs": 1}, "alarm": {"max": 1, "windowMs": 1},
    });
    let settlement = serde_json::json!({
        "ticket": "1", "outcome": "charged", "units": 0.5, "became": {"app": "a/b", "id": "r"}, "total": 1, "once": "k",
        "job": "r", "answer": {"status": 200, "contentType": "image/png", "body": "AA=="},
    });
    let correction = serde_json::json!({"at": 1, "reserved": 2, "cost": 3, "stopped": true});
    let again = |value: &Value, name: &str| match name {
        "Reservation" => serde_json::to_value(serde_json::from_value::<Reservation>(value.clone()).unwrap()),
        "Settlement" => serde_json::to_value(serde_json::from_value::<Settlement>(value.clone()).unwrap()),
        _ => serde_json::to_value(serde_json::from_value::<Correction>(value.clone()).unwrap()),
    };
    for (name, value) in [("Reservation", wish), ("Settlement", settlement), ("Correction", correction)] {
        assert_eq!(again(&value, name).unwrap(), value);
        // Every field that the interface has is in there, and no other.
        let interface =
            source.split(&format!("export interface {name} {{")).nth(1).unwrap().split("\n}").next().unwrap();
        let lines = interface.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let mut fields: Vec<_> = lines.filter_map(|line| line.trim().split_once(':')).map(|(name, _)| name).collect();
        fields.retain(|name| name.chars().all(|letter| letter.is_alphanumeric() || letter == '?'));
        let fields: std::collections::BTreeSet<_> = fields.iter().map(|name| name.trim_end_matches('?')).collect();
        let ours: std::collections::BTreeSet<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(ours, fields, "{name}");
    }
}
