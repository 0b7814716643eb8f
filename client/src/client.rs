//! The client.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fal_wasm::client::{RetryBudget, RetryPolicy};
use serde::Serialize;

use crate::access::Access;
use crate::answers::FalResult;
use crate::draft::Draft;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::error::FalError;
use crate::file::File;
use crate::job::Job;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::local::LocalServer;
use crate::marker::Shared;
use crate::net::Net;
use crate::plan;
use crate::queue::Queue;
#[cfg(feature = "realtime")]
use crate::realtime::Realtime;
use crate::run::Run;
use crate::stream::Items;
use crate::subscribe::Subscribe;
use crate::upload::Upload;

/// A client of fal. Cheap to clone: copies share their connections and what their retries may cost.
///
/// It is made for a place: by `server` where a key can be kept, by `through_proxy` or `browser` where everybody can read
/// what runs. A call is a value that says what is wanted; it begins when it is awaited, and ends when it is dropped.
#[derive(Clone)]
pub struct FalClient {
    pub(crate) inner: Arc<Inner>,
    pub(crate) retry: RetryPolicy,
}

/// What all copies of a client share.
pub(crate) struct Inner {
    pub net: Box<dyn Net>,
    pub access: Access,
    pub budget: Shared<RetryBudget>,
    /// How many statuses are followed by a stream.
    streams: AtomicUsize,
}

/// Allows to follow one status by a stream, as long as it is held.
pub(crate) struct StreamPermit(Arc<Inner>);

impl Drop for StreamPermit {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl FalClient {
    pub(crate) fn new(net: impl Net, access: Access) -> Self {
        // In WebAssembly it never leaves its thread.
        #[cfg_attr(target_arch = "wasm32", expect(clippy::arc_with_non_send_sync, reason = "there is one thread"))]
        let inner =
            Arc::new(Inner { net: Box::new(net), access, budget: Shared::default(), streams: AtomicUsize::new(0) });
        Self { inner, retry: RetryPolicy::DEFAULT }
    }

    /// Has every call try again this often and this patiently, unless it says otherwise.
    #[must_use]
    pub fn with_retry(self, policy: RetryPolicy) -> Self {
        Self { retry: policy, ..self }
    }

    /// Sends what is for fal to a server on this machine instead, such as an emulator: for the tests of an app. fal's host
    /// becomes the first segment of the path.
    ///
    /// # Errors
    /// `invalid_option` for a URL of any other machine, because the key goes along, and for a client that has been copied
    /// or talks to a proxy.
    #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
    pub fn with_local_server(mut self, url: &str) -> Result<Self, FalError> {
        let server = LocalServer::at(url)?;
        match Arc::get_mut(&mut self.inner).map(|inner| &mut inner.access) {
            Some(Access::Key { local, .. }) => *local = Some(server),
            _ => return Err(FalError::option("local_server", "is for a new client with a key.")),
        }
        Ok(self)
    }

    /// Runs a model and waits on one connection. If it breaks the result is lost: prefer [`subscribe`](Self::subscribe).
    ///
    /// ```no_run
    /// # async fn example(fal: fal_wasm_client::FalClient) -> Result<(), fal_wasm_client::FalError> {
    /// # #[derive(serde::Serialize)] struct Input { prompt: &'static str }
    /// # #[derive(serde::Deserialize)] struct Flux { images: Vec<Image> }
    /// # #[derive(serde::Deserialize)] struct Image { url: String }
    /// let flux = fal.run::<Flux>("fal-ai/flux/schnell", &Input { prompt: "a cat" }).await?;
    /// println!("{}", flux.data.images[0].url);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run<T>(&self, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Run<T> {
        Run { draft: Draft::with_input(self, plan::RUN, endpoint, input), output: PhantomData }
    }

    /// Puts a request into the queue, follows it, and ends with its result.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use fal_wasm_client::{FalClient, FalError, FalResult};
    /// # async fn example(fal: FalClient) -> Result<(), FalError> {
    /// # #[derive(serde::Serialize)] struct Input { prompt: &'static str }
    /// # #[derive(serde::Deserialize)] struct Flux {}
    /// # let input = Input { prompt: "a cat" };
    /// let flux: FalResult<Flux> = fal.subscribe("fal-ai/flux/dev", &input).logs().timeout(Duration::from_secs(60)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe<T>(&self, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Subscribe<FalResult<T>> {
        Subscribe::new(Draft::with_input(self, plan::SUBSCRIBE, endpoint, input))
    }

    /// Goes on with a request that was submitted before, for example by an earlier run of the program: nothing is
    /// submitted.
    pub fn resume<T>(&self, job: &Job) -> Subscribe<FalResult<T>> {
        Subscribe::new(Draft::about(self, plan::SUBSCRIBE, job))
    }

    /// Runs a model and gets its answer as it comes: a [`Stream`](futures_core::Stream) of items. Nothing is read ahead
    /// of what is taken, and dropping it ends the request.
    pub fn stream<T>(&self, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Items<T> {
        Items::new(Draft::with_input(self, plan::STREAM, endpoint, input))
    }

    /// Uploads bytes to fal's storage, and ends with their URL. Above 90 MiB they go in parts of 10 MiB, four at a time.
    ///
    /// ```no_run
    /// # async fn example(fal: fal_wasm_client::FalClient, bytes: Vec<u8>) -> Result<(), fal_wasm_client::FalError> {
    /// let url = fal.upload(bytes, "image/png", "a.png").progress(|sent| println!("{} bytes", sent.loaded)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload(&self, bytes: impl Into<bytes::Bytes>, content_type: &str, name: &str) -> Upload {
        Upload::new(self, File::new(bytes, content_type, name))
    }

    /// Uploads a file, and ends with its URL.
    pub fn upload_file(&self, file: &File) -> Upload {
        Upload::new(self, Ok(file.clone()))
    }

    /// A realtime connection to an app: many small inputs, each answered as soon as it is computed. The inputs are of the type
    /// `In`, the results of the type `Out`. It is made by [`connect`](crate::Realtime::connect).
    ///
    /// ```no_run
    /// # async fn example(fal: fal_wasm_client::FalClient) -> Result<(), fal_wasm_client::FalError> {
    /// # use std::{future::poll_fn, pin::Pin};
    /// # use futures_core::Stream;
    /// #[derive(serde::Serialize)]
    /// struct Stroke {
    ///     prompt: &'static str,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Drawn {
    ///     images: Vec<Image>,
    /// }
    /// # #[derive(serde::Deserialize)] struct Image {}
    ///
    /// let mut drawing = fal.realtime::<Stroke, Drawn>("fal-ai/fast-lightning-sdxl").connect().await?;
    /// drawing.send(&Stroke { prompt: "a cat" })?;
    /// // A `Stream`: with `futures::StreamExt` this is `drawing.next().await`.
    /// while let Some(drawn) = poll_fn(|context| Pin::new(&mut drawing).poll_next(context)).await {
    ///     println!("{} images", drawn?.images.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "realtime")]
    #[cfg_attr(docsrs, doc(cfg(feature = "realtime")))]
    pub fn realtime<In, Out>(&self, endpoint: &str) -> Realtime<In, Out> {
        Realtime::new(self, endpoint)
    }

    /// The queue, step by step.
    pub fn queue(&self) -> Queue {
        Queue { client: self.clone() }
    }
}

impl Inner {
    /// Whether a status may be followed by a stream: only a few may be open at once.
    pub fn stream_permit(self: &Arc<Self>) -> Option<StreamPermit> {
        let most = self.net.status_streams();
        let taken =
            self.streams.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |open| (open < most).then_some(open + 1));
        taken.ok().map(|_| StreamPermit(Arc::clone(self)))
    }
}

impl fmt::Debug for FalClient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match &self.inner.access {
            #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
            Access::Key { .. } => "a key",
            Access::Proxy { .. } => "a proxy",
        };
        out.debug_struct("FalClient").field("through", &access).finish_non_exhaustive()
    }
}
