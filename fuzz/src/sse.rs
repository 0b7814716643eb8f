//! Server-sent events: any split of the bytes gives the events that the standard describes.

use fal_wasm::protocol::SseParser;

use super::bytes::Bytes;

type Events = Vec<(Vec<u8>, Vec<u8>)>;

/// Where to cut, then a stream.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let (first, seed) = (data.byte(), data.byte());
    let stream = data.0;
    let whole = parse([stream]);
    assert_eq!(whole, described(stream));
    assert_eq!(parse(stream.chunks(1)), whole);
    assert_eq!(parse(stream.chunks(usize::from(seed % 7) + 2)), whole);
    let (start, end) = stream.split_at(usize::from(first).min(stream.len()));
    assert_eq!(parse([start, &[], end]), whole);
}

fn parse<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Events {
    let mut parser = SseParser::default();
    let mut events = Events::new();
    for part in parts {
        let emit = |event: fal_wasm::protocol::SseEvent<'_>| events.push((event.kind.into(), event.data.into()));
        parser.feed(part, emit).expect("nothing here is that large");
    }
    events
}

/// The standard's description, word by word, for a stream that is there as a whole.
fn described(stream: &[u8]) -> Events {
    let mut rest = stream.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stream);
    let mut events = Events::new();
    let (mut kind, mut data) = (Vec::new(), Vec::new());
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let line = &rest[..end];
        rest = &rest[end + if rest[end..].starts_with(b"\r\n") { 2 } else { 1 }..];
        if line.is_empty() {
            let (kind, mut data) = (std::mem::take(&mut kind), std::mem::take(&mut data));
            if data.pop().is_some() {
                events.push((kind, data));
            }
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"event" => kind = value.into(),
            b"data" => {
                data.extend_from_slice(value);
                data.push(b'\n');
            }
            _ => {}
        }
    }
    events
}
