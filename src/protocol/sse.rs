//! Server-sent events: bytes in, events out, at any split of the bytes.
//!
//! Source: WHATWG HTML, "Server-sent events", parsing and interpreting an event stream. Of the fields only `event` and
//! `data` are kept: nothing here reconnects, so `id` and `retry` decide nothing.

use alloc::vec::Vec;
use core::fmt;

/// Largest event accepted, in bytes. Pictures come inside of events, as data URIs.
pub const MAX_EVENT_BYTES: usize = 32 * 1024 * 1024;

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
#[non_exhaustive]
pub struct SseOverflow;

/// Something that bytes of a stream mean. Places are counted from the start of the bytes that were scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SsePart {
    /// These bytes belong to the data of the event.
    Data {
        /// Where they begin.
        start: usize,
        /// Where they end.
        end: usize,
    },
    /// A line of data is over: a line feed belongs to the data of the event.
    DataLine,
    /// The `event` field begins; what it was before does not count.
    Kind,
    /// These bytes belong to the `event` field.
    KindBytes {
        /// Where they begin.
        start: usize,
        /// Where they end.
        end: usize,
    },
    /// The event is over. It counts if it has a line of data.
    Dispatch,
    /// The event is larger than [`MAX_EVENT_BYTES`], or a line of it is that means nothing. What follows would be as
    /// unbounded, so the stream is over.
    Overflow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Event,
}

/// Where in a line the scanner is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// At its start.
    #[default]
    Start,
    /// So many bytes of the name of a field have come, and no others.
    Name(Field, u8),
    /// After the colon, where one space does not count.
    Colon(Field),
    /// In the value.
    Value(Field),
    /// In a line that means nothing.
    Other,
}

/// Finds the events in a stream, at any split of its bytes, and keeps none of them: a plain value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SseScanner {
    line: Line,
    /// The last byte was a carriage return: a line feed right after it ends no second line.
    after_return: bool,
    /// How much of a byte order mark has come; nothing is expected of one after the first byte of anything else.
    bom: u8,
    /// Something else than a byte order mark has come.
    begun: bool,
    /// How many bytes of data the event has.
    data: usize,
    /// How many bytes the line has that is no data.
    other: usize,
}

impl Field {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Data => b"data",
            Self::Event => b"event",
        }
    }
}

impl SseScanner {
    /// Looks at the next bytes and says what they mean, until `emit` wants no more.
    fn scan(&mut self, bytes: &[u8], mut emit: impl FnMut(SsePart) -> bool) {
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if self.is_value(byte)
                && let Line::Colon(field) = self.line
            {
                self.line = Line::Value(field);
            }
            if let Line::Value(field) = self.line {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                if length > 0 {
                    let (start, end) = (at, at + length);
                    at = end;
                    let part = match field {
                        Field::Data => SsePart::Data { start, end },
                        Field::Event => SsePart::KindBytes { start, end },
                    };
                    let size = if field == Field::Data { &mut self.data } else { &mut self.other };
                    *size = size.saturating_add(length);
                    if !emit(if *size > MAX_EVENT_BYTES { SsePart::Overflow } else { part }) {
                        return;
                    }
                    continue;
                }
            }
            at += 1;
            if let Some(part) = self.next(byte)
                && !emit(part)
            {
                return;
            }
        }
    }

    /// Takes a byte that is not in the middle of a value.
    fn next(&mut self, byte: u8) -> Option<SsePart> {
        let after_return = core::mem::take(&mut self.after_return);
        if byte == b'\n' && after_return {
            return None;
        }
        if !self.begun && BOM.get(usize::from(self.bom)) == Some(&byte) {
            self.bom += 1;
            self.begun = usize::from(self.bom) == BOM.len();
            return None;
        }
        if !self.begun {
            self.begun = true;
            // A part of a byte order mark is none, and begins a line that means nothing.
            if self.bom > 0 {
                self.line = Line::Other;
            }
        }
        if matches!(byte, b'\n' | b'\r') {
            self.after_return = byte == b'\r';
            self.other = 0;
            return match core::mem::take(&mut self.line) {
                Line::Start => {
                    self.data = 0;
                    Some(SsePart::Dispatch)
                }
                Line::Name(Field::Data, 4) | Line::Colon(Field::Data) | Line::Value(Field::Data) => {
                    Some(SsePart::DataLine)
                }
                Line::Name(Field::Event, 5) => Some(SsePart::Kind),
                _ => None,
            };
        }
        self.line = match (self.line, byte) {
            (Line::Start, b'd') => Line::Name(Field::Data, 1),
            (Line::Start, b'e') => Line::Name(Field::Event, 1),
            (Line::Name(field, at), b':') if usize::from(at) == field.name().len() => {
                self.line = Line::Colon(field);
                return (field == Field::Event).then_some(SsePart::Kind);
            }
            (Line::Name(field, at), _) if field.name().get(usize::from(at)) == Some(&byte) => Line::Name(field, at + 1),
            (Line::Colon(field), b' ') => Line::Value(field),
            _ => Line::Other,
        };
        self.other = self.other.saturating_add(1);
        (self.other > MAX_EVENT_BYTES).then_some(SsePart::Overflow)
    }

    /// Whether a byte after the colon belongs to the value already.
    fn is_value(&self, byte: u8) -> bool {
        matches!(self.line, Line::Colon(_)) && !matches!(byte, b' ' | b'\n' | b'\r')
    }
}

/// Takes a stream apart. Keeps at most one unfinished event.
#[derive(Clone, Debug, Default)]
pub struct SseParser {
    scanner: SseScanner,
    kind: Vec<u8>,
    /// Every line with a line feed after it.
    data: Vec<u8>,
}

impl SseParser {
    /// Takes the next bytes and hands over every event they complete. What is incomplete at the end of a stream is no
    /// event.
    pub fn feed(&mut self, bytes: &[u8], mut emit: impl FnMut(SseEvent<'_>)) -> Result<(), SseOverflow> {
        let Self { scanner, kind, data } = self;
        let mut overflow = false;
        scanner.scan(bytes, |part| {
            match part {
                SsePart::Data { start, end } => data.extend_from_slice(bytes.get(start..end).unwrap_or_default()),
                SsePart::DataLine => data.push(b'\n'),
                SsePart::Kind => kind.clear(),
                SsePart::KindBytes { start, end } => {
                    kind.extend_from_slice(bytes.get(start..end).unwrap_or_default());
                }
                SsePart::Dispatch => {
                    if let Some(data) = data.strip_suffix(b"\n") {
                        emit(SseEvent { kind, data });
                    }
                    data.clear();
                    kind.clear();
                }
                SsePart::Overflow => overflow = true,
            }
            !overflow
        });
        if overflow { Err(SseOverflow) } else { Ok(()) }
    }

    /// Whether a stream that ends here is whole, and not in the middle of an event. The mark that older streams of fal end
    /// with, `[DONE]`, needs no line after it.
    pub fn is_whole(&self) -> bool {
        let is_between = self.scanner.line == Line::Start && self.kind.is_empty() && self.data.is_empty();
        is_between || self.data.trim_ascii() == b"[DONE]"
    }
}

impl fmt::Display for SseOverflow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("An event of the stream is larger than 32 MiB")
    }
}

impl core::error::Error for SseOverflow {}

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
    fn a_stream_that_ends_within_an_event_is_not_whole() {
        let ends = |text: &str| {
            let mut parser = SseParser::default();
            parser.feed(text.as_bytes(), |_| {}).unwrap();
            parser.is_whole()
        };
        assert!(ends("") && ends("data: a\n\n") && ends(": comment\n") && ends("data: a\n\ndata: [DONE]\n"));
        assert!(
            !ends("data: a\n") && !ends("data: a") && !ends("event: a\n") && !ends("data: a\n\n: x") && !ends("da")
        );
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
