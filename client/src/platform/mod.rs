//! fal's Platform APIs (`https://api.fal.ai/v1`): models and prices, usage and bills, keys, files, apps.
//!
//! Every operation of [fal's documentation](https://docs.fal.ai/platform-apis) is called by its method and its path, as it is
//! written there. The table of the core ([`fal_wasm::platform::Operation`]) says what an operation takes and gives, who may
//! call it, whether it may be sent again, and how its pages follow; what it answers is a type of yours.
//!
//! ```no_run
//! # #[cfg(feature = "reqwest")]
//! # async fn example() -> Result<(), fal_wasm_client::FalError> {
//! use fal_wasm_client::{Credentials, FalClient};
//!
//! #[derive(serde::Deserialize)]
//! struct Model {
//!     endpoint_id: String,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Created {
//!     key_id: String,
//! }
//!
//! let platform = FalClient::server(Credentials::from_env()?)?.platform();
//!
//! // A `Stream` of the items of all pages, which asks for a page when it gets to it.
//! let mut models = platform.get::<Model>("/models").query("q", "flux").query("limit", 50).items();
//!
//! // These need a key of scope ADMIN.
//! let made: Created = platform.post("/keys").json(&serde_json::json!({ "alias": "ci" })).await?;
//! platform.delete::<()>("/keys/{key_id}").param("key_id", &made.key_id).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Keys
//!
//! The key goes to `api.fal.ai` and nowhere else, and there is no way to these APIs through a proxy or from a page: a client
//! without a key gets `server_only`. Most operations take any key (scope `API`). What is about the whole account (keys, bills,
//! usage, the payloads of requests, compute instances) needs a key of scope `ADMIN`:
//! [`Operation::who`](fal_wasm::platform::Operation::who) says which. fal refuses any other with a 403, which becomes
//! `scope_required`; [`Platform::with_scope`] says so before anything is sent.
//!
//! # Errors
//!
//! Those of every call, and `scope_required`, `server_only`, and `invalid_option` for a path that is no operation, a parameter
//! that is missing or unknown, and a body that the operation does not take. A read, and a write that knows an
//! `Idempotency-Key`, is sent again like every other safe request; any other write is not, unless it is
//! [`idempotent`](PlatformCall::idempotent).

mod draft;
mod explain;
mod pages;

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use fal_wasm::platform::Operation;
use fal_wasm::protocol::Method;
use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answers::typed;
use crate::client::FalClient;
use crate::draft::to_the_end;
use crate::driver::{Driver, Told};
use crate::error::FalError;
use crate::file::File;
use crate::marker::BoxFuture;
use crate::options::call_options;
use draft::{Body, Draft};
pub use pages::{PlatformItems, PlatformPages};

/// The Platform APIs: [`FalClient::platform`].
#[derive(Clone)]
pub struct Platform {
    client: FalClient,
    scope: String,
}

impl FalClient {
    /// The Platform APIs, with the key of this client.
    pub fn platform(&self) -> Platform {
        Platform { client: self.clone(), scope: String::new() }
    }
}

impl Platform {
    /// Says what the key may do: `API` or `ADMIN`, or the preset of a newer key. What a key of scope `API` certainly may not do
    /// is then refused before anything is sent. By default fal decides.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<String>) -> Self {
        Self { scope: scope.into(), ..self }
    }

    /// Calls an operation by its method and its path, in which names in braces stand for parameters:
    /// `/keys/{key_id}`.
    pub fn call<T>(&self, method: Method, path: &str) -> PlatformCall<T> {
        PlatformCall { draft: Draft::new(&self.client, &self.scope, method, path), output: PhantomData }
    }

    /// A `GET`.
    pub fn get<T>(&self, path: &str) -> PlatformCall<T> {
        self.call(Method::Get, path)
    }

    /// A `POST`.
    pub fn post<T>(&self, path: &str) -> PlatformCall<T> {
        self.call(Method::Post, path)
    }

    /// A `PUT`.
    pub fn put<T>(&self, path: &str) -> PlatformCall<T> {
        self.call(Method::Put, path)
    }

    /// A `PATCH`.
    pub fn patch<T>(&self, path: &str) -> PlatformCall<T> {
        self.call(Method::Patch, path)
    }

    /// A `DELETE`.
    pub fn delete<T>(&self, path: &str) -> PlatformCall<T> {
        self.call(Method::Delete, path)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Platform").field("client", &self.client).field("scope", &self.scope).finish()
    }
}

/// A call of an operation: [`Platform::call`]. It ends in one of four ways: awaited, with the answer as a `T`; as the
/// [`items`](Self::items) or the [`pages`](Self::pages) of a list; as the [`events`](Self::events) of a stream. An answer that
/// is no JSON is a `String` (CSV and text) or a `Vec<u8>` (files); one without a body is `()`.
#[must_use = "a call begins when it is awaited"]
pub struct PlatformCall<T> {
    draft: Draft,
    output: PhantomData<fn() -> T>,
}

call_options!(PlatformCall<T>);

impl<T> PlatformCall<T> {
    /// The value of a name in the path. It is encoded, slashes too.
    pub fn param(mut self, name: &str, value: impl ToString) -> Self {
        self.draft.parameters.push((name.into(), value.to_string()));
        self
    }

    /// A query parameter. A list repeats its name for each value.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.draft.query.push((name.into(), value.to_string()));
        self
    }

    /// The body, as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.draft.json(body);
        self
    }

    /// The body as a form with one file: `.file("file_upload", &file)`.
    pub fn file(mut self, field: &str, file: &File) -> Self {
        self.draft.body = Some(Body::Form(field.into(), file.clone()));
        self
    }

    /// The `Idempotency-Key`: two calls with the same one count as one. Operations that know one get a random key for each call,
    /// which stays the same for every try.
    pub fn idempotency_key(mut self, key: &str) -> Self {
        self.draft.key(key);
        self
    }

    /// Says that calling twice does no harm: a write is then sent again, too, when it is not known whether it was executed.
    pub fn idempotent(mut self) -> Self {
        self.draft.options.call.idempotent = true;
        self
    }

    /// The items of all pages of a list, one `T` each: a [`Stream`]. `timeout` is that of each page.
    pub fn items(self) -> PlatformItems<T> {
        PlatformItems::new(self.draft)
    }

    /// The pages of a list with all their fields, one `T` each: a [`Stream`]. `timeout` is that of each
    /// page.
    pub fn pages(self) -> PlatformPages<T> {
        PlatformPages::new(self.draft)
    }

    /// What an operation tells as it happens (`POST /serverless/logs/stream`), one `T` each: a
    /// [`Stream`]. `timeout` is the longest silence, by default a minute.
    pub fn events(self) -> PlatformEvents<T> {
        PlatformEvents { state: State::Preparing(Box::pin(self.draft.streaming())), output: PhantomData }
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for PlatformCall<T> {
    type Output = Result<T, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (mut driver, operation) = self.draft.ready().await?;
            let outcome =
                to_the_end(&mut driver, |_| {}).await.map_err(|error| explain::explained(error, &operation))?;
            typed(draft::answer(outcome, &operation)?)
        })
    }
}

/// How far a stream of events has come.
enum State {
    Preparing(BoxFuture<'static, Result<(Driver, Operation), FalError>>),
    Running(Box<(Driver, Operation)>),
    Over,
}

/// What an operation tells as it happens: [`PlatformCall::events`]. It is read no faster than it is taken, ends after an
/// error, and dropping it ends the request.
#[must_use = "a stream does nothing until it is polled"]
pub struct PlatformEvents<T> {
    state: State,
    output: PhantomData<fn() -> T>,
}

impl<T> PlatformEvents<T> {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, FalError>>>
    where
        T: DeserializeOwned,
    {
        loop {
            match &mut self.state {
                State::Preparing(ready) => self.state = State::Running(Box::new(ready!(ready.as_mut().poll(context))?)),
                State::Running(running) => {
                    let (driver, operation) = &mut **running;
                    driver.resume();
                    let told = ready!(driver.poll(context));
                    driver.pause();
                    match told {
                        Ok(Told::Item(answer)) => return Poll::Ready(Some(typed(answer))),
                        Ok(Told::Done(_)) => return Poll::Ready(None),
                        Ok(_) => {}
                        Err(error) => return Poll::Ready(Some(Err(explain::explained(error, operation)))),
                    }
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

impl<T: DeserializeOwned> Stream for PlatformEvents<T> {
    type Item = Result<T, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.poll_event(context));
        if !matches!(item, Some(Ok(_))) {
            self.state = State::Over;
        }
        Poll::Ready(item)
    }
}
