//! One HTTP request, described.

use alloc::string::String;

use super::expect::Expect;
#[cfg(feature = "server")]
use crate::platform;
use crate::protocol::{AppId, EndpointId, Method, Millis, RequestId, Route, Submission, TokenContract, UploadUrl};

/// Where a request goes. Only a [`Route`] and a `platform::Target` may ever carry a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// fal, or the proxy in front of it.
    Fal(Route),
    /// The same under the name that the host has on another domain.
    #[cfg(feature = "server")]
    Backup(Route),
    /// An operation of fal's Platform APIs. There is no proxy in front of those.
    #[cfg(feature = "server")]
    Platform(platform::Target),
    /// The place fal gave for an upload.
    Upload(UploadUrl),
}

/// How long an answer to the question for a status may take.
const STATUS_PATIENCE: Millis = 30_000;

/// Whether sending a request twice can do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It cannot: reading, cancelling, uploading to the same place.
    Safe,
    /// It can: a model would run, and be paid for, twice. Repeated only when execution provably did not begin.
    Unsafe,
}

/// What a request carries, body and headers. Both stay where they are, with the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// No body.
    None = 0,
    /// The input of the operation, as JSON.
    Input = 1,
    /// Name and type of the file, as JSON.
    FileDescription = 2,
    /// Bytes of the file: those of [`Request::part`].
    File = 3,
    /// The receipts of all parts of the file, as JSON.
    Receipts = 4,
}

/// A request to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub destination: Destination,
    /// How.
    pub method: Method,
    /// What with.
    pub payload: Payload,
    /// Which part of the file this is, counted from 1; 0 for the whole, and for everything that is no file.
    pub part: u32,
    /// What a good answer is.
    pub expect: Expect,
    /// Whether it may be sent again.
    pub class: Class,
}

impl Destination {
    /// The URL.
    pub fn url(&self) -> String {
        match self {
            Self::Fal(route) => route.url(),
            #[cfg(feature = "server")]
            Self::Backup(route) => route.url_at(route.host().backup().unwrap_or_default()),
            #[cfg(feature = "server")]
            Self::Platform(target) => target.as_str().into(),
            Self::Upload(url) => url.as_str().into(),
        }
    }
}

#[cfg(feature = "server")]
impl Destination {
    /// What the URL begins with, where a credential may go along.
    pub fn origin(&self) -> Option<&'static str> {
        match self {
            Self::Fal(route) => Some(route.host().origin()),
            Self::Backup(route) => route.host().backup(),
            Self::Platform(_) => Some(platform::ORIGIN),
            Self::Upload(_) => None,
        }
    }

    /// The app it is for, where it is for one.
    pub fn app(&self) -> Option<AppId> {
        match self {
            Self::Fal(route) | Self::Backup(route) => route.app(),
            Self::Platform(_) | Self::Upload(_) => None,
        }
    }

    /// The same thing under the other name of its host, where it has one.
    pub(super) fn elsewhere(&self) -> Option<Self> {
        match self {
            Self::Fal(route) => route.host().backup().map(|_| Self::Backup(route.clone())),
            Self::Backup(route) => Some(Self::Fal(route.clone())),
            Self::Platform(_) | Self::Upload(_) => None,
        }
    }
}

impl Request {
    fn new(route: Route, method: Method, payload: Payload, expect: Expect, class: Class) -> Self {
        Self { destination: Destination::Fal(route), method, payload, part: 0, expect, class }
    }

    /// Run a model and wait.
    pub fn run(endpoint: EndpointId, method: Method) -> Self {
        Self::new(Route::Run(endpoint), method, Payload::Input, Expect::Anything, Class::Unsafe)
    }

    /// Run a model and get its answer as it comes.
    pub fn stream(endpoint: EndpointId, method: Method) -> Self {
        Self::new(Route::Stream(endpoint), method, Payload::Input, Expect::Stream, Class::Unsafe)
    }

    /// Put a request into the queue.
    pub fn submit(endpoint: EndpointId, method: Method, submission: Submission) -> Self {
        let route = Route::Submit(endpoint, submission);
        Self::new(route, method, Payload::Input, Expect::Submitted, Class::Unsafe)
    }

    /// Ask where a request is.
    pub fn status(app: AppId, request: RequestId, logs: bool) -> Self {
        let route = Route::Status { app, request, logs };
        Self::new(route, Method::Get, Payload::None, Expect::Status, Class::Safe)
    }

    /// Be told where a request is.
    pub fn follow(app: AppId, request: RequestId, logs: bool) -> Self {
        let route = Route::Follow { app, request, logs };
        Self::new(route, Method::Get, Payload::None, Expect::Stream, Class::Safe)
    }

    /// Fetch the result of a request.
    pub fn result(app: AppId, request: RequestId) -> Self {
        Self::new(Route::Result(app, request), Method::Get, Payload::None, Expect::Anything, Class::Safe)
    }

    /// Cancel a request.
    pub fn cancel(app: AppId, request: RequestId) -> Self {
        Self::new(Route::Cancel(app, request), Method::Put, Payload::None, Expect::Nothing, Class::Safe)
    }

    /// Ask where to upload. A place that is never used costs nothing, so asking again is safe.
    pub fn initiate() -> Self {
        Self::new(Route::Initiate, Method::Post, Payload::FileDescription, Expect::Initiated, Class::Safe)
    }

    /// Ask where to upload in parts.
    pub fn initiate_multipart() -> Self {
        Self { destination: Destination::Fal(Route::InitiateMultipart), ..Self::initiate() }
    }

    /// Ask for a token. One that is never used costs nothing and soon expires.
    pub fn token(contract: TokenContract) -> Self {
        Self::new(Route::Token(contract), Method::Post, Payload::Input, Expect::Anything, Class::Safe)
    }

    /// Call an operation of the Platform APIs; `keyed` says that it comes with an `Idempotency-Key`.
    #[cfg(feature = "server")]
    pub fn platform(operation: &platform::Operation, target: platform::Target, keyed: bool) -> Self {
        Self {
            destination: Destination::Platform(target),
            method: operation.method,
            payload: if operation.takes == platform::Media::None { Payload::None } else { Payload::Input },
            part: 0,
            expect: match operation.gives {
                platform::Media::None => Expect::Nothing,
                platform::Media::Events => Expect::Stream,
                _ => Expect::Anything,
            },
            class: if operation.is_repeatable(keyed) { Class::Safe } else { Class::Unsafe },
        }
    }

    /// Put the whole file where fal said. The place holds one file, so the same bytes twice are the same as once.
    pub fn put(url: UploadUrl) -> Self {
        Self {
            destination: Destination::Upload(url),
            method: Method::Put,
            payload: Payload::File,
            part: 0,
            expect: Expect::Nothing,
            class: Class::Safe,
        }
    }

    /// Put one part of the file where fal said.
    pub fn put_part(url: &UploadUrl, part: u32) -> Self {
        Self { part, expect: Expect::Receipt, ..Self::put(url.part(part)) }
    }

    /// Make the parts one file. Saying so twice makes it once.
    pub fn complete(url: &UploadUrl) -> Self {
        Self { method: Method::Post, payload: Payload::Receipts, ..Self::put(url.complete()) }
    }

    /// How long one try may take. A status is small and asked for again; nobody should wait for a connection that has
    /// died without a word. Everything else takes the time it takes.
    pub fn patience(&self) -> Option<Millis> {
        (self.expect == Expect::Status).then_some(STATUS_PATIENCE)
    }

    /// The request in the queue this one is about, if any.
    pub fn queued(&self) -> Option<RequestId> {
        match &self.destination {
            Destination::Fal(
                Route::Status { request, .. }
                | Route::Follow { request, .. }
                | Route::Result(_, request)
                | Route::Cancel(_, request),
            ) => Some(request.clone()),
            _ => None,
        }
    }
}
