//! One picture.

#[cfg(feature = "fal")]
pub use with_fal::draw;
#[cfg(not(feature = "fal"))]
pub use without::draw;

/// What a visitor is told who has to wait.
fn waiting(position: u64) -> String {
    ["Waiting behind ", &position.to_string(), " others."].concat()
}

#[cfg(feature = "fal")]
mod with_fal {
    use fal_wasm_client::{FalClient, FalError, ProxyUrl, QueueState, QueueStatus};
    use futures_channel::oneshot::Receiver;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize)]
    struct Input {
        prompt: String,
    }

    #[derive(Deserialize)]
    struct Drawing {
        images: Vec<Image>,
    }

    #[derive(Deserialize)]
    struct Image {
        url: String,
    }

    fn said(status: &QueueStatus) -> String {
        match (status.state, status.queue_position) {
            (QueueState::InQueue, Some(position)) => super::waiting(position),
            (QueueState::InQueue, None) => "Waiting.".into(),
            _ => "Drawing.".into(),
        }
    }

    async fn drawn(
        prompt: String,
        progress: impl Fn(String) + 'static,
        stopped: Receiver<()>,
    ) -> Result<String, FalError> {
        let proxy = ProxyUrl::parse("/api/fal/proxy")?;
        let drawing = FalClient::browser(proxy)
            .subscribe::<Drawing>("fal-ai/flux/dev", &Input { prompt })
            .on_update(move |status| progress(said(&status)))
            .abort_when(async move {
                let _ = stopped.await;
            })
            // What was stopped is not paid for, if it has not begun.
            .cancel_on_abort(true)
            .await?;
        Ok(drawing.data.images.into_iter().next().map(|image| image.url).unwrap_or_default())
    }

    /// The URL of a picture, or what to tell the visitor.
    pub async fn draw(
        prompt: String,
        progress: impl Fn(String) + 'static,
        stopped: Receiver<()>,
    ) -> Result<String, String> {
        drawn(prompt, progress, stopped).await.map_err(|error| error.user_message().into())
    }
}

#[cfg(not(feature = "fal"))]
mod without {
    use futures_channel::oneshot::Receiver;

    /// Nothing is behind it, and the page can show all that it shows with the client.
    pub async fn draw(
        prompt: String,
        progress: impl Fn(String) + 'static,
        stopped: Receiver<()>,
    ) -> Result<String, String> {
        progress(super::waiting(prompt.len() as u64));
        match stopped.await {
            Ok(()) => Ok(prompt),
            Err(_) => Err("It was stopped.".into()),
        }
    }
}
