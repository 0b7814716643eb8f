//! `fal-emulator [--port 0] [--seed N] [--exit-with-parent] [--settings JSON]`
//!
//! The first line on stdout is a JSON object with the server's `url` (and a `key`, when none was given). Keys come through
//! the environment variable `FAL_EMULATOR_KEYS` only, and login tokens through `FAL_EMULATOR_LOGINS`: arguments can be read
//! by every process of the machine.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::process::ExitCode;

use fal_emulator::control::Command;
use fal_emulator::model::settings::{Key, LoginToken, Scope};
use fal_emulator::model::{Ids, Settings};
use fal_emulator::server::listen;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "fal-emulator [--port 0] [--seed N] [--exit-with-parent] [--settings JSON]";

struct Arguments {
    port: u16,
    seed: u64,
    exit_with_parent: bool,
    start: Command,
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    // The standard library seeds its hash maps from the operating system: no dependency needed for one number. It is cut
    // to what a script in JavaScript can read and pass on.
    let seed = RandomState::new().build_hasher().finish() >> 11;
    let mut arguments = Arguments { port: 0, seed, exit_with_parent: false, start: Command::default() };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        let wrong = |error: &dyn std::fmt::Display| format!("{word}: {error}");
        match word.as_str() {
            "--port" => arguments.port = value()?.parse().map_err(|error| wrong(&error))?,
            "--seed" => arguments.seed = value()?.parse().map_err(|error| wrong(&error))?,
            "--settings" => arguments.start = serde_json::from_str(&value()?).map_err(|error| wrong(&error))?,
            "--exit-with-parent" => arguments.exit_with_parent = true,
            _ => return Err(format!("{word} is not known: {USAGE}")),
        }
    }
    Ok(arguments)
}

/// The keys of the environment, or one new key, which is then also the second value.
fn keys(seed: u64) -> Result<(Vec<Key>, Option<String>), String> {
    if let Ok(json) = std::env::var("FAL_EMULATOR_KEYS") {
        // The error of the parser would quote the value.
        let wrong = "FAL_EMULATOR_KEYS must be [{\"key\":\"id:secret\",\"scope\":\"API\"|\"ADMIN\",\"locked\":false,\"account\":\"name\"}]";
        return serde_json::from_str(&json).map(|keys| (keys, None)).map_err(|_| wrong.to_owned());
    }
    let mut ids = Ids::new(!seed);
    let key = format!("{}:{}", ids.uuid(), ids.secret());
    let made = Key { key: key.clone(), scope: Scope::Api, locked: false, account: "default".to_owned() };
    Ok((vec![made], Some(key)))
}

/// The login tokens of the environment.
fn login_tokens() -> Result<Vec<LoginToken>, String> {
    let Ok(json) = std::env::var("FAL_EMULATOR_LOGINS") else { return Ok(Vec::new()) };
    let wrong = "FAL_EMULATOR_LOGINS must be [{\"token\":\"...\",\"account\":\"name\"}]";
    serde_json::from_str(&json).map_err(|_| wrong.to_owned())
}

/// Completes on SIGINT or SIGTERM, or when the parent process exits.
async fn shutdown_signal(exit_with_parent: bool) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
        () = parent_exited(), if exit_with_parent => {}
    }
}

/// Completes when stdin is closed, by the parent or because it exited.
async fn parent_exited() {
    let (left, notice) = tokio::sync::oneshot::channel();
    // A thread, because a blocked read of stdin must not keep the runtime from ending.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = left.send(());
    });
    let _ = notice.await;
}

async fn run() -> Result<(), String> {
    let arguments = arguments(std::env::args().skip(1))?;
    let (keys, made) = keys(arguments.seed)?;
    let settings = Settings { seed: arguments.seed, keys, login_tokens: login_tokens()?, ..Settings::default() };
    let listening = listen(arguments.port, settings, arguments.start).await.map_err(|error| error.to_string())?;
    let mut first = json!({ "url": listening.url, "seed": arguments.seed });
    if let (Some(first), Some(key)) = (first.as_object_mut(), made) {
        first.insert("key".to_owned(), key.into());
    }
    println!("{first}");
    listening.serve(shutdown_signal(arguments.exit_with_parent)).await.map_err(|error| error.to_string())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
