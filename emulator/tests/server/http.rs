//! A very small HTTP/1.1 client over a plain socket: it sees what a browser's does, dropped connections included.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// An answer whose body has not been read yet.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
}

/// Sends one request on a connection of its own. `None`: the connection was closed without an answer.
pub fn send(url: &str, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "host") {
        head += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        let read = reader.read_line(&mut line);
        read.ok().filter(|read| *read > 0).map(|_| line.trim_end().to_owned())
    };
    let status = line()?.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = Vec::new();
    while let Some(line) = line().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.push((name.to_owned(), value.to_owned()));
    }
    Some(Answer { status, headers, reader })
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The whole body. `None`: it broke off.
    pub fn body(mut self) -> Option<Vec<u8>> {
        if let Some(length) = self.header("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            return self.reader.read_exact(&mut body).ok().map(|()| body);
        }
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk()? {
            body.extend(chunk);
        }
        Some(body)
    }

    /// The next chunk of a chunked body; `Some(None)` at its end, `None` when it broke off.
    pub fn chunk(&mut self) -> Option<Option<Vec<u8>>> {
        let mut line = String::new();
        self.reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let length = usize::from_str_radix(line.trim_end(), 16).ok()?;
        let mut chunk = vec![0; length + 2];
        self.reader.read_exact(&mut chunk).ok()?;
        chunk.truncate(length);
        Some(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }

    pub fn json(self) -> Value {
        serde_json::from_slice(&self.body().unwrap()).unwrap()
    }
}
