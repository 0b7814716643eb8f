//! Server-sent events: bytes in, events out, at any split of the bytes.
//!
//! Source: WHATWG HTML, "Server-sent events", parsing and interpreting an event stream. Of the fields only `event` and
//! `data` are kept: nothing here reconnects, so `id` and `retry` decide nothing.

use alloc::vec::Vec;

/// Largest event accepted, in bytes. Pictures come inside of events, as data URIs.
const MAX_EVENT_BYTES: usize = 32 * 1024 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One event, as long as it is being handed over. Its bytes are UTF-8 unless the server is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event` field; empty when there was none, which means `message`.
    pub kind: &'a [u8],
    /// The `data` fields, joined by line feeds.
    pub data: &'a [u8],
}

/// An event is larger than 32 MiB. What follows would be as unbounded, so the stream is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseOverflow;

/// Takes a stream apart. Keeps at most one unfinished event.
#[derive(Clone, Debug, Default)]
pub struct SseParser {
    /// The start of a line whose end has not come yet.
    line: Vec<u8>,
    kind: Vec<u8>,
    /// Every line with a line feed after it.
    data: Vec<u8>,
    /// The last byte was a carriage return: a line feed right after it ends no second line.
    after_return: bool,
    /// The first line is over: no byte order mark may follow.
    begun: bool,
}

impl SseParser {
    /// Takes the next bytes and hands over every event they complete. What is incomplete at the end of a stream is no
    /// event.
    pub fn feed(&mut self, bytes: &[u8], mut emit: impl FnMut(SseEvent<'_>)) -> Result<(), SseOverflow> {
        let mut rest = bytes;
        if self.after_return && !rest.is_empty() {
            self.after_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (start, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if self.line.is_empty() {
                self.take(start, &mut emit)?;
            } else {
                self.hold(start)?;
                let line = core::mem::take(&mut self.line);
                self.take(&line, &mut emit)?;
            }
            rest = match tail {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.hold(rest)
    }

    /// Keeps the start of a line.
    fn hold(&mut self, bytes: &[u8]) -> Result<(), SseOverflow> {
        self.line.extend_from_slice(bytes);
        if self.line.len() > MAX_EVENT_BYTES { Err(SseOverflow) } else { Ok(()) }
    }

    /// Takes one whole line.
    fn take(&mut self, line: &[u8], emit: &mut impl FnMut(SseEvent<'_>)) -> Result<(), SseOverflow> {
        let line = if self.begun { line } else { line.strip_prefix(BOM).unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            self.dispatch(emit);
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"event" => {
                self.kind.clear();
                self.kind.extend_from_slice(value);
            }
            _ => {}
        }
        if self.data.len() > MAX_EVENT_BYTES { Err(SseOverflow) } else { Ok(()) }
    }

    fn dispatch(&mut self, emit: &mut impl FnMut(SseEvent<'_>)) {
        if let Some(data) = self.data.strip_suffix(b"\n") {
            emit(SseEvent { kind: &self.kind, data });
        }
        self.data.clear();
        self.kind.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use proptest::prelude::*;

    use super::*;

    fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
        let mut parser = SseParser::default();
        let mut events = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for chunk in chunks {
            parser.feed(chunk, |event| events.push((text(event.kind), text(event.data)))).unwrap();
        }
        events
    }

    fn data(stream: &str) -> Vec<String> {
        parse([stream.as_bytes()]).into_iter().map(|(_, data)| data).collect()
    }

    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
        let stream = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
        assert_eq!(data(stream), ["first event", "second event", " third event"]);
        assert_eq!(data("data\n\ndata\ndata\n\ndata:"), ["", "\n"]);
        assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
    }

    #[test]
    fn a_kind_belongs_to_one_event() {
        let events = parse([b"event: error\ndata: 1\n\nevent: lost\n\ndata: 2\n\n".as_slice()]);
        assert_eq!(events, [("error".into(), "1".into()), (String::new(), "2".into())]);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        assert_eq!(data("\u{FEFF}data: 1\n\n\u{FEFF}data: 2\n\ndata: 3\n\n"), ["1", "3"]);
    }

    #[test]
    fn an_event_that_breaks_off_is_none() {
        assert_eq!(data("data: whole\n\ndata: half"), ["whole"]);
        assert_eq!(data("data: whole\n\ndata: half\n"), ["whole"]);
    }

    #[test]
    fn an_endless_event_ends_the_stream() {
        let mut parser = SseParser::default();
        let megabyte = std::vec![b'x'; 1024 * 1024];
        let fed: Result<Vec<()>, _> = (0..40).map(|_| parser.feed(&megabyte, |_| ())).collect();
        assert_eq!(fed, Err(SseOverflow));
    }

    /// Lines of everything that has a meaning, and of what has none.
    fn stream() -> impl Strategy<Value = String> {
        let line = "(data|event|id|retry|da|)(:| |: )?[a-zé😀 :]{0,4}(\n|\r|\r\n|\n\n|\r\r|\r\n\r\n)";
        (proptest::bool::ANY, proptest::collection::vec(line, 0..12)).prop_map(|(mark, lines)| {
            let mark = if mark { "\u{FEFF}" } else { "" };
            lines.into_iter().fold(String::from(mark), |all, line| all + &line)
        })
    }

    proptest! {
        /// A caller must not get other events because the network cut the bytes elsewhere, also inside of a character.
        #[test]
        fn the_split_of_the_bytes_changes_nothing(stream in stream(), cuts in proptest::collection::vec(0..200usize, 0..4)) {
            let bytes = stream.as_bytes();
            let whole = parse([bytes]);
            prop_assert_eq!(&parse(bytes.chunks(1)), &whole);
            for at in 0..=bytes.len() {
                let (start, end) = bytes.split_at(at);
                prop_assert_eq!(&parse([start, end]), &whole, "cut at {}", at);
            }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let ends = cuts.iter().copied().chain([bytes.len()]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let parts: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect();
            prop_assert_eq!(&parse(parts), &whole);
        }
    }
}
