//! A program that plays scenarios against an emulator: each line that it reads is one, each line that it writes says what became
//! of it. `tests/scenarios/rust.test.mjs` runs it.

#![allow(clippy::unwrap_used, missing_docs)]

mod play;

use std::io::{BufRead, stdin};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fal_wasm_client::{Credentials, FalClient};

use play::{Place, play};

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

const PLACE: Place = Place {
    sleep: |ms| Box::pin(tokio::time::sleep(Duration::from_millis(ms))),
    now: || u64::try_from(BEGAN.elapsed().as_millis()).unwrap(),
};

fn main() {
    let emulator = std::env::args().nth(1).expect("the URL of an emulator");
    let credentials = Credentials::from_env().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for scenario in stdin().lock().lines() {
        let fal = FalClient::server(credentials.clone()).unwrap().with_local_server(&emulator).unwrap();
        println!("{}", runtime.block_on(play(fal, &scenario.unwrap(), PLACE)));
    }
}
