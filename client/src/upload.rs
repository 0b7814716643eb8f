//! Uploading a file.

use std::future::IntoFuture;

use crate::client::FalClient;
use crate::draft::{Draft, UPLOAD_LIFECYCLE, to_the_end};
use crate::driver::Told;
use crate::error::FalError;
use crate::file::File;
use crate::marker::{BoxFuture, Callback, MaybeSend};
use crate::options::{Lifecycle, call_options};

/// How far an upload is. A file of up to 90 MiB counts when all of it has arrived, a larger one part by part (10 MiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes that fal has accepted. Never falls, and is `total` once: when the file can be read at its URL.
    pub loaded: u64,
    /// Size of the file.
    pub total: u64,
}

/// An upload: [`FalClient::upload`]. It begins when it is awaited, and ends with the URL of the file. Dropping it ends
/// it, and nothing of the file is stored then.
#[must_use = "a call begins when it is awaited"]
pub struct Upload {
    pub(crate) draft: Draft,
    on_progress: Option<Callback<UploadProgress>>,
}

call_options!(Upload);

impl Upload {
    pub(crate) fn new(client: &FalClient, file: Result<File, FalError>) -> Self {
        Self { draft: Draft::upload(client, file), on_progress: None }
    }

    /// Called as the file arrives.
    pub fn progress(mut self, callback: impl FnMut(UploadProgress) + MaybeSend + 'static) -> Self {
        self.on_progress = Some(Box::new(callback));
        self
    }

    /// How long the file lives, and who may read it. From behind a proxy only when the proxy passes it on.
    pub fn lifecycle(mut self, lifecycle: &Lifecycle) -> Self {
        self.draft.options.lifecycle(lifecycle, &UPLOAD_LIFECYCLE);
        self
    }
}

impl IntoFuture for Upload {
    type Output = Result<String, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { draft, mut on_progress } = self;
        Box::pin(async move {
            let total = draft.file.as_ref().map_or(0, File::size);
            let mut driver = draft.ready().await?;
            let outcome = to_the_end(&mut driver, |told| {
                if let (Told::Progress(loaded), Some(callback)) = (told, &mut on_progress) {
                    callback(UploadProgress { loaded, total });
                }
            });
            Ok(outcome.await?.file_url)
        })
    }
}
