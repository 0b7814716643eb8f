//! A `run` by each side, as often as a line on stdin says (`ours 500`); answers with a line: nanoseconds of CPU time for each.
//!
//! Everything happens on one thread, whose time Linux counts.

use std::io::{BufRead, Write};

use fal::request::FalRequest;
use fal_wasm_client::{Credentials, FalClient};
use serde::{Deserialize, Serialize};

const ENDPOINT: &str = "emulator/echo";

/// What a user of a model might send.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Input {
    prompt: String,
    image_size: String,
    num_images: u32,
    seed: u64,
}

#[derive(Deserialize)]
struct Echo {
    input: Input,
}

type Failure = Box<dyn std::error::Error>;

/// Nanoseconds that this thread was on a processor.
fn cpu() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().ok_or("no time")?.parse()?)
}

struct Sides {
    input: Input,
    key: String,
    url: String,
    ours: FalClient,
    theirs: reqwest_of_fal::Client,
    raw: reqwest::Client,
}

impl Sides {
    async fn run(&self, side: &str) -> Result<Input, Failure> {
        Ok(match side {
            "ours" => self.ours.run::<Echo>(ENDPOINT, &self.input).await?.data.input,
            "theirs" => {
                let request = FalRequest::<_, Echo>::new(ENDPOINT, self.input.clone());
                request.with_client(self.theirs.clone()).with_api_key(&self.key).send().await?.input
            }
            "floor" => {
                let request = self.raw.post(format!("{}/fal.run/{ENDPOINT}", self.url));
                let request = request.header("authorization", format!("Key {}", self.key));
                let request = request.header("content-type", "application/json").body(serde_json::to_vec(&self.input)?);
                serde_json::from_slice::<Echo>(&request.send().await?.bytes().await?)?.input
            }
            _ => return Err("there is no such side".into()),
        })
    }

    async fn measure(&self, side: &str, count: u64) -> Result<u64, Failure> {
        let before = cpu()?;
        for _ in 0..count {
            if self.run(side).await? != self.input {
                return Err("another input came back".into());
            }
        }
        Ok((cpu()? - before) / count)
    }
}

fn main() -> Result<(), Failure> {
    let (url, key) = (std::env::var("EMULATOR")?, std::env::var("FAL_KEY")?);
    let prompt = "a cat in the rain".into();
    let sides = Sides {
        input: Input { prompt, image_size: "square_hd".into(), num_images: 1, seed: 42 },
        ours: FalClient::server(Credentials::key(&key)?)?.with_local_server(&url)?,
        theirs: reqwest_of_fal::Client::new(),
        raw: reqwest::Client::new(),
        key,
        url,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (side, count) = line.split_once(' ').ok_or("a side and a number")?;
        println!("{}", runtime.block_on(sides.measure(side, count.parse()?))?);
        std::io::stdout().flush()?;
    }
    Ok(())
}
