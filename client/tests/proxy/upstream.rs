//! A server in fal's place that writes down what comes and answers the same every time.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Where it was meant to go.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

pub struct Upstream {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Upstream {
    /// Each call is answered with one of these, the last again and again; an empty one is never answered.
    pub async fn answering(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let answers: Vec<String> = answers.iter().map(ToString::to_string).collect();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (kept, answers) = (Arc::clone(&kept), answers.clone());
                tokio::spawn(serve(socket, kept, answers));
            }
        });
        Self { url, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, kept: Arc<Mutex<Vec<Seen>>>, answers: Vec<String>) {
    let mut bytes = Vec::new();
    let Some(head_end) = read_until(&mut socket, &mut bytes, b"\r\n\r\n").await else { return };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap().to_owned(), first.next().unwrap());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes.split_off(head_end);
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse().unwrap());
    let is_chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
    while length.is_some_and(|length: usize| body.len() < length) {
        if socket.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return;
        }
    }
    if is_chunked && read_until(&mut socket, &mut body, b"0\r\n\r\n").await.is_none() {
        return;
    }
    let url = format!("https:/{path}");
    let count = {
        let mut kept = kept.lock().unwrap();
        kept.push(Seen { method, url, headers, body });
        kept.len()
    };
    let answer = &answers[(count - 1).min(answers.len() - 1)];
    if answer.is_empty() {
        // Until the other side leaves.
        let _ = socket.read(&mut [0; 1]).await;
        return;
    }
    let _ = socket.write_all(answer.as_bytes()).await;
    let _ = socket.shutdown().await;
}

/// Reads on until these bytes have come; where they end.
async fn read_until(socket: &mut TcpStream, bytes: &mut Vec<u8>, end: &[u8]) -> Option<usize> {
    loop {
        if let Some(at) = bytes.windows(end.len()).position(|window| window == end) {
            return Some(at + end.len());
        }
        if socket.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// An answer in JSON.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}
