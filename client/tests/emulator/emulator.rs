//! Starting the emulator, and a wire to it that can be watched.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fal_wasm_client::{Credentials, FalClient};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The canary: one key, used through the whole test run. It opens the emulator and nothing else in the world.
pub const KEY: &str = "5ca1ab1e-0000-4000-8000-00c0ffee0001:feedfacecafebeefdeadbea7f005ba11";

/// A key of the same account that may do what is about all of it.
pub const ADMIN_KEY: &str = "5ca1ab1e-0000-4000-8000-00c0ffee0004:ffeeddccbbaa99887766554433221100";

/// An emulator of its own. It ends with this value.
pub struct Emulator {
    child: Child,
    pub url: String,
    http: reqwest::Client,
}

impl Emulator {
    pub fn start() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let mut child = Command::new(target.join("release/fal-emulator"))
            .args(["--port", "0", "--exit-with-parent"])
            .env("FAL_EMULATOR_KEYS", keys().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator is built by `cargo build --release -p fal-emulator`");
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = serde_json::from_str::<Value>(&first).unwrap()["url"].as_str().unwrap().to_owned();
        Self { child, url, http: reqwest::Client::new() }
    }

    /// A client with the canary.
    pub fn client(&self) -> FalClient {
        client_at(&self.url)
    }

    /// Changes its clock, its queue, its faults.
    pub async fn control(&self, wish: Value) {
        let request = self.http.post(format!("{}/__control", self.url)).header("content-type", "application/json");
        let response = request.body(wish.to_string()).send().await.unwrap();
        let status = response.status();
        assert!(status.is_success(), "{}", response.text().await.unwrap());
    }

    /// What it has seen.
    pub async fn seen(&self) -> Value {
        let response = self.http.get(format!("{}/__control", self.url)).send().await.unwrap();
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    /// What was sent: methods and paths.
    pub async fn sent(&self) -> Vec<String> {
        let seen = self.seen().await;
        let line = |entry: &Value| format!("{} {}", entry["method"].as_str().unwrap(), entry["path"].as_str().unwrap());
        seen["requests"].as_array().unwrap().iter().map(line).collect()
    }
}

/// The accounts it knows.
fn keys() -> Value {
    let account = |key, scope| serde_json::json!({"key": key, "scope": scope, "account": "canary"});
    [account(KEY, "API"), account(ADMIN_KEY, "ADMIN")].into()
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub fn client_at(url: &str) -> FalClient {
    FalClient::server(Credentials::key(KEY).unwrap()).unwrap().with_local_server(url).unwrap()
}

/// A wire to the emulator: what goes over it is counted.
pub struct Wire {
    pub url: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    opened: AtomicUsize,
    /// Connections that the client has ended.
    left: AtomicUsize,
    bytes_back: AtomicUsize,
}

impl Wire {
    pub async fn to(emulator: &Emulator) -> Self {
        let there = emulator.url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let watched = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                watched.opened.fetch_add(1, Ordering::SeqCst);
                let there = TcpStream::connect(&there).await.unwrap();
                let (from_client, to_client) = here.into_split();
                let (from_server, to_server) = there.into_split();
                let (forth, back) = (Arc::clone(&watched), Arc::clone(&watched));
                tokio::spawn(async move {
                    pump(from_client, to_server, |_| {}).await;
                    forth.left.fetch_add(1, Ordering::SeqCst);
                });
                tokio::spawn(pump(from_server, to_client, move |count| {
                    back.bytes_back.fetch_add(count, Ordering::SeqCst);
                }));
            }
        });
        Self { url, seen }
    }

    pub fn opened(&self) -> usize {
        self.seen.opened.load(Ordering::SeqCst)
    }

    pub fn left(&self) -> usize {
        self.seen.left.load(Ordering::SeqCst)
    }

    pub fn bytes_back(&self) -> usize {
        self.seen.bytes_back.load(Ordering::SeqCst)
    }
}

async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, count: impl Fn(usize)) {
    let mut buffer = vec![0; 16_384];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        count(read);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}
