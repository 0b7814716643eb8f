//! Drives a machine of the core: tells it what happened, one thing after the other, and does what it asks for.
//!
//! One loop, polled by whoever wants the outcome: no task is spawned and no channel is kept. What is under way is a list
//! of futures by their tokens; cancelling one drops it, and dropping the driver drops them all, which aborts their
//! requests. Nothing is read that nobody asks for, so whoever takes items slowly is not ahead of by more than one piece.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use fal_wasm::client::{BodyKind, Effect, Effects, Event, Failure, FailureKind, Notice, Output, Token};
use fal_wasm::protocol::{Fields, Head, Media, SseParser, find};

use crate::client::StreamPermit;
use crate::error::{Facts, FalError};
use crate::exchange::{Answer, Exchange, fields, read, read_text, text_of};
use crate::json::Doc;
use crate::marker::{BoxFuture, Source};
use crate::net::{Chunk, HttpBody, HttpResponse, Piece, Trouble};
use crate::plan::Driven;
use crate::trace::Trace;

/// What older streams of fal end with, as those of other services do.
const DONE: &[u8] = b"[DONE]";
/// The most that is done in one go. Others on the thread have their turn then.
pub(crate) const MOST_STEPS: usize = 128;
/// The longest that a runtime is asked to sleep at once: a day.
pub(crate) const LONGEST_SLEEP: u64 = 86_400_000;

/// What the caller learns on the way.
pub(crate) enum Told {
    /// The request is in the queue, under this id.
    Enqueued(String),
    /// A queue status, as JSON.
    Status(String),
    /// So many bytes of the file have been accepted.
    Progress(u64),
    /// An item of a stream.
    Item(Answer),
    /// The operation has succeeded. Nothing follows.
    Done(Outcome),
}

/// What an operation ends with.
pub(crate) struct Outcome {
    pub output: Output,
    pub body: Option<Answer>,
    pub request_id: String,
    pub file_url: String,
}

/// Something that takes time.
enum Work {
    Sleep(BoxFuture<'static, ()>),
    Send(BoxFuture<'static, Result<HttpResponse, Trouble>>),
    /// A piece of a body that is read as it comes.
    Piece(BoxFuture<'static, Chunk>),
    Whole(Whole),
}

/// A body that is read to its end.
struct Whole {
    next: BoxFuture<'static, Chunk>,
    pieces: Vec<Piece>,
    arrived: Arc<Arrived>,
    media: Media,
    kind: BodyKind,
}

/// What became of it.
enum Happened {
    Fired,
    Answered(Result<HttpResponse, Trouble>),
    Whole(Arc<Arrived>, Media, BodyKind, Result<Piece, Trouble>),
    Piece(Box<dyn HttpBody>, Result<Option<Piece>, Trouble>),
}

impl Work {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        Poll::Ready(match self {
            Self::Sleep(sleep) => {
                ready!(sleep.as_mut().poll(context));
                Happened::Fired
            }
            Self::Send(answer) => Happened::Answered(ready!(answer.as_mut().poll(context))),
            Self::Piece(next) => {
                let (body, piece) = ready!(next.as_mut().poll(context));
                Happened::Piece(body, piece)
            }
            Self::Whole(Whole { next, pieces, arrived, media, kind }) => {
                let read = loop {
                    let (body, piece) = ready!(next.as_mut().poll(context));
                    match piece {
                        Ok(Some(piece)) => pieces.push(piece),
                        Ok(None) => break Ok(joined(mem::take(pieces))),
                        Err(trouble) => break Err(trouble),
                    }
                    *next = body.chunk();
                };
                Happened::Whole(mem::take(arrived), *media, *kind, read)
            }
        })
    }
}

/// What the headers of an answer say.
#[derive(Default)]
struct Arrived {
    request_id: Option<String>,
    error_type: Option<String>,
    etag: Option<String>,
    is_user_timeout: bool,
    billable: Option<f64>,
}

impl Arrived {
    fn of(response: &HttpResponse) -> Arc<Self> {
        let text = |name: &str| response.header(name).map(String::from).filter(|text| !text.is_empty());
        Arc::new(Self {
            request_id: text("x-fal-request-id"),
            error_type: text("x-fal-error-type"),
            etag: text("etag"),
            is_user_timeout: response.header("x-fal-request-timeout-type") == Some("user"),
            billable: response.header("x-fal-billable-units").and_then(|text| Doc::parse(text)?.number()),
        })
    }
}

/// What is known of what happened last.
#[derive(Default)]
struct Known {
    arrived: Arc<Arrived>,
    body: Option<Answer>,
    source: Option<Source>,
}

/// A body that is read as it comes.
struct Reader {
    token: Token,
    arrived: Arc<Arrived>,
    items: BodyKind,
    /// None for what is no stream of events: its bytes go to the caller as they are.
    events: Option<SseParser>,
    /// Whether the caller has taken something and not come back.
    is_paused: bool,
}

pub(crate) struct Driver {
    exchange: Exchange,
    machine: Box<dyn Driven>,
    effects: Effects,
    under_way: Vec<(Token, Work)>,
    answers: Vec<(Token, HttpResponse)>,
    reader: Option<Reader>,
    /// What the caller is going to learn.
    told: Vec<Result<Told, FalError>>,
    /// What it learns first.
    telling: vec::IntoIter<Result<Told, FalError>>,
    known: Known,
    /// The last status of a request in the queue.
    status: Option<Answer>,
    takes_html: bool,
    has_started: bool,
    is_over: bool,
    trace: Trace,
    /// Held as long as it may follow a status by a stream.
    _permit: Option<StreamPermit>,
}

impl Driver {
    pub fn new(machine: Box<dyn Driven>, exchange: Exchange, permit: Option<StreamPermit>) -> Self {
        let accepts = exchange.options.own.iter().filter(|(name, _)| name == "accept");
        let takes_html = accepts.into_iter().any(|(_, value)| find(&value.to_ascii_lowercase(), "text/html").is_some());
        Self {
            machine,
            exchange,
            effects: Effects::default(),
            under_way: Vec::new(),
            answers: Vec::new(),
            reader: None,
            told: Vec::new(),
            telling: Vec::new().into_iter(),
            known: Known::default(),
            status: None,
            takes_html,
            has_started: false,
            is_over: false,
            trace: Trace::default(),
            _permit: permit,
        }
    }

    /// Has it tell what it does.
    pub fn traced(self, mut trace: Trace) -> Self {
        trace.request(&self.exchange.texts.request_id);
        Self { trace, ..self }
    }

    /// Goes on until there is something to tell the caller.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Told, FalError>> {
        let _entered = self.trace.enter();
        for _ in 0..MOST_STEPS {
            if !self.is_over
                && let Some(leaves) = &mut self.exchange.options.abort
                && leaves.as_mut().poll(context).is_ready()
            {
                self.exchange.options.abort = None;
                // Ahead of what waits: several statuses may have come at once, and the caller wants no more of them.
                self.told.clear();
                self.telling = Vec::new().into_iter();
                self.handle(Event::Aborted);
            } else if !mem::replace(&mut self.has_started, true) && !self.is_over {
                self.handle(Event::Started);
            }
            if self.telling.len() == 0 {
                self.telling = mem::take(&mut self.told).into_iter();
            }
            if let Some(told) = self.telling.next() {
                return Poll::Ready(told);
            }
            if self.is_over {
                return Poll::Pending;
            }
            let ready = self.under_way.iter_mut().enumerate().find_map(|(index, (_, work))| match work.poll(context) {
                Poll::Ready(happened) => Some((index, happened)),
                Poll::Pending => None,
            });
            let Some((index, happened)) = ready else { return Poll::Pending };
            let (token, _) = self.under_way.remove(index);
            self.happened(token, happened);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// The caller has taken something and does not say when it comes back: silence does not count meanwhile.
    pub fn pause(&mut self) {
        if let Some(reader) = &mut self.reader
            && !mem::replace(&mut reader.is_paused, true)
        {
            let token = reader.token;
            self.handle(Event::Paused { token });
        }
    }

    /// The caller is back.
    pub fn resume(&mut self) {
        if let Some(reader) = &mut self.reader
            && mem::replace(&mut reader.is_paused, false)
        {
            let token = reader.token;
            self.handle(Event::Resumed { token });
        }
    }

    /// The request in the queue that it is about; empty as long as there is none.
    #[cfg(all(feature = "_simulation", not(target_arch = "wasm32")))]
    pub fn request_id(&self) -> &str {
        &self.exchange.texts.request_id
    }

    fn happened(&mut self, token: Token, happened: Happened) {
        match happened {
            Happened::Fired => self.handle(Event::TimerFired { token }),
            Happened::Answered(Ok(response)) => {
                let wall = self.exchange.client.net.wall();
                let head = Head::read(response.status, wall, |name| response.header(name));
                self.known = Known { arrived: Arrived::of(&response), ..Known::default() };
                self.exchange.client.access.collect(&response);
                self.trace.answered(response.status);
                self.answers.push((token, response));
                self.handle(Event::Answered { token, head });
            }
            Happened::Answered(Err(trouble)) => self.failed(token, Arc::default(), trouble),
            Happened::Whole(arrived, .., Err(trouble)) => self.failed(token, arrived, trouble),
            Happened::Whole(arrived, media, kind, Ok(bytes)) => {
                let answer = match arrived.etag.as_ref().filter(|_| kind == BodyKind::Receipt) {
                    Some(etag) => Ok(Answer::Text(etag.clone())),
                    None => read(bytes, media, kind, self.takes_html),
                };
                self.read(token, arrived, kind, answer);
            }
            Happened::Piece(body, Ok(Some(bytes))) => self.piece(token, body, &bytes),
            Happened::Piece(_, Ok(None)) => self.end_of_body(token),
            Happened::Piece(_, Err(trouble)) => self.broken(token, trouble),
        }
    }

    fn failed(&mut self, token: Token, arrived: Arc<Arrived>, Trouble { kind, source }: Trouble) {
        self.known = Known { arrived, body: None, source };
        self.handle(Event::Failed { token, kind });
    }

    /// A body, or an item of one, is there; or what is there in its place.
    fn read(&mut self, token: Token, arrived: Arc<Arrived>, kind: BodyKind, answer: Result<Answer, String>) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(text) => {
                self.known = Known { arrived, body: Some(Answer::Text(text)), source: None };
                return self.handle(Event::Failed { token, kind: FailureKind::AnswerInvalid });
            }
        };
        let [first, second] = match (&answer, kind) {
            // The receipt that came in a header.
            (Answer::Text(etag), BodyKind::Receipt) if arrived.etag.is_some() => [Some(etag.clone()), None],
            _ => fields(&answer, kind),
        };
        let fields = Fields { first: first.as_deref(), second: second.as_deref() };
        let event = match kind.read(fields) {
            Some(body) => {
                self.exchange.keep(body, fields);
                Event::Read { token, body }
            }
            None => Event::Failed { token, kind: FailureKind::AnswerInvalid },
        };
        let body = if kind == BodyKind::Receipt { first.map(Answer::Text) } else { Some(answer) };
        self.known = Known { arrived, body, source: None };
        self.handle(event);
    }

    /// Some of a body that is read as it comes.
    fn piece(&mut self, token: Token, body: Box<dyn HttpBody>, bytes: &Piece) {
        self.handle(Event::Chunk { token });
        let Some(reader) = self.reader.as_mut().filter(|reader| reader.token == token) else { return };
        let Some(parser) = &mut reader.events else {
            self.told.push(Ok(Told::Item(Answer::Bytes(bytes.clone()))));
            return self.go_on(token, body);
        };
        let mut events = Vec::new();
        let fed = parser.feed(bytes, |event| events.push((event.kind.to_vec(), event.data.to_vec())));
        for (kind, data) in events {
            if !self.reads(token) {
                return;
            }
            self.item(token, &kind, data);
        }
        if !self.reads(token) {
            return;
        }
        match fed {
            Ok(()) => self.go_on(token, body),
            Err(_) => self.broken(token, FailureKind::AnswerInvalid.into()),
        }
    }

    fn item(&mut self, token: Token, kind: &[u8], data: Vec<u8>) {
        let Some(reader) = &self.reader else { return };
        let (items, arrived) = (reader.items, reader.arrived.clone());
        let text = text_of(&data);
        if text.as_bytes() == DONE || kind == b"error" {
            self.reader = None;
            let explains = kind == b"error" && text.as_bytes() != DONE;
            self.known = Known { arrived, body: explains.then_some(Answer::Text(text)), source: None };
            return self.handle(if explains { Event::Explained { token } } else { Event::Ended { token } });
        }
        if text.is_empty() && items == BodyKind::Anything {
            return self.told.push(Ok(Told::Item(Answer::Text(text))));
        }
        match read_text(text, Media::Json, items, false) {
            Ok(answer) if items == BodyKind::Anything => self.told.push(Ok(Told::Item(answer))),
            Err(_) if items == BodyKind::Anything => {
                self.reader = None;
                self.failed(token, arrived, FailureKind::AnswerInvalid.into());
            }
            answer => self.read(token, arrived, items, answer),
        }
    }

    fn go_on(&mut self, token: Token, body: Box<dyn HttpBody>) {
        self.under_way.push((token, Work::Piece(body.chunk())));
    }

    fn reads(&self, token: Token) -> bool {
        !self.is_over && self.reader.as_ref().is_some_and(|reader| reader.token == token)
    }

    fn end_of_body(&mut self, token: Token) {
        let Some(reader) = self.reader.take_if(|reader| reader.token == token) else { return };
        let is_cut = reader.events.as_ref().is_some_and(|parser| !parser.is_whole());
        if is_cut {
            return self.failed(token, reader.arrived, FailureKind::ConnectionLost.into());
        }
        self.handle(Event::Ended { token });
    }

    fn broken(&mut self, token: Token, trouble: Trouble) {
        let reader = self.reader.take_if(|reader| reader.token == token);
        self.failed(token, reader.map(|reader| reader.arrived).unwrap_or_default(), trouble);
    }

    /// Tells the machine, and does what it asks for.
    fn handle(&mut self, event: Event) {
        if self.is_over {
            return;
        }
        let now = self.exchange.client.net.now();
        let mut effects = mem::take(&mut self.effects);
        self.exchange.client.budget.with(|budget| {
            *self.machine.budget() = *budget;
            self.machine.handle(now, event, &mut effects);
            *budget = *self.machine.budget();
        });
        for effect in effects.iter() {
            self.perform(effect);
        }
        self.effects = effects;
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { token, request, to_backup } => {
                self.known = Known::default();
                self.trace.sent();
                let answer = self.exchange.send(request, to_backup);
                self.under_way.push((token, Work::Send(answer)));
            }
            Effect::Read { token, media, body } => {
                let Some(response) = self.answer(token) else { return };
                let arrived = Arrived::of(&response);
                let next = response.body.chunk();
                let whole = Whole { next, pieces: Vec::new(), arrived, media, kind: body };
                self.under_way.push((token, Work::Whole(whole)));
            }
            Effect::Open { token, media, items } => {
                let Some(response) = self.answer(token) else { return };
                let arrived = Arrived::of(&response);
                let events = (media == Media::Events).then(SseParser::default);
                self.reader = Some(Reader { token, arrived, items, events, is_paused: false });
                self.go_on(token, response.body);
            }
            Effect::Sleep { token, duration } => {
                let sleep = self.exchange.client.net.sleep(duration.min(LONGEST_SLEEP));
                self.under_way.push((token, Work::Sleep(sleep)));
            }
            Effect::Cancel { token } => {
                self.under_way.retain(|(other, _)| *other != token);
                self.answers.retain(|(other, _)| *other != token);
                self.reader.take_if(|reader| reader.token == token);
            }
            Effect::Notify(Notice::Enqueued) => {
                self.trace.request(&self.exchange.texts.request_id);
                self.told.push(Ok(Told::Enqueued(self.exchange.texts.request_id.clone())));
            }
            Effect::Notify(Notice::Status) => {
                self.status = self.known.body.clone();
                let text = self.known.body.as_ref().and_then(Answer::text).unwrap_or_default();
                self.told.push(Ok(Told::Status(text.into())));
            }
            Effect::Notify(Notice::PartAccepted { part }) => self.part_accepted(part),
            Effect::Done(output) => self.done(output),
            Effect::Failed(failure) => {
                let error = self.error(failure);
                self.trace.failed(&error);
                self.end(Err(error));
            }
        }
    }

    fn answer(&mut self, token: Token) -> Option<HttpResponse> {
        let index = self.answers.iter().position(|(other, _)| *other == token)?;
        Some(self.answers.swap_remove(index).1)
    }

    fn part_accepted(&mut self, part: u32) {
        let Some(file) = &mut self.exchange.file else { return };
        let etag = self.known.body.as_ref().and_then(Answer::text).unwrap_or_default();
        if let Some(accepted) = file.accepted(part, etag) {
            self.told.push(Ok(Told::Progress(accepted)));
        }
    }

    fn done(&mut self, output: Output) {
        if output == Output::File {
            let size = self.exchange.file.as_ref().map_or(0, |file| file.size());
            self.told.push(Ok(Told::Progress(size)));
        }
        let id = Some(self.exchange.texts.request_id.clone()).filter(|id| !id.is_empty());
        let request_id = id.or_else(|| self.known.arrived.request_id.clone()).unwrap_or_default();
        self.trace.request(&request_id);
        let file_url = mem::take(&mut self.exchange.texts.file_url);
        let body = self.known.body.take();
        self.end(Ok(Told::Done(Outcome { output, body, request_id, file_url })));
    }

    fn error(&mut self, failure: Failure) -> FalError {
        let Known { arrived, body, source } = mem::take(&mut self.known);
        let body = if failure.kind == FailureKind::JobFailed { self.status.take().or(body) } else { body };
        let texts = &self.exchange.texts;
        let queued = Some(texts.request_id.clone()).filter(|id| failure.is_queued && !id.is_empty());
        let body = body.and_then(|body| match body {
            Answer::Json(text) | Answer::Text(text) => Some(text),
            Answer::Bytes(_) => None,
        });
        Facts {
            endpoint: Some(texts.endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
            request_id: queued.or_else(|| arrived.request_id.clone()),
            error_type: arrived.error_type.clone(),
            is_user_timeout: arrived.is_user_timeout,
            billable: arrived.billable,
            body: body.filter(|body| !body.is_empty()),
            source,
            ..Facts::of(failure)
        }
        .into_error()
    }

    fn end(&mut self, told: Result<Told, FalError>) {
        self.is_over = true;
        self.under_way.clear();
        self.answers.clear();
        self.reader = None;
        self.told.push(told);
    }
}

/// Pieces as one.
#[cfg_attr(target_arch = "wasm32", expect(clippy::useless_conversion, reason = "natively it is one"))]
fn joined(mut pieces: Vec<Piece>) -> Piece {
    match pieces.pop() {
        Some(only) if pieces.is_empty() => only,
        Some(last) => {
            pieces.push(last);
            pieces.concat().into()
        }
        None => Piece::default(),
    }
}
