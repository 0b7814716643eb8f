//! A Cloudflare Worker that draws what it is asked for, and signs its calls to fal with the key in its secrets.

use fal_wasm_client::{Credentials, FalClient, FalError};
use serde::{Deserialize, Serialize};
use worker::{Context, Env, Request, Response, Result, event};

#[derive(Serialize)]
struct Input {
    prompt: String,
    image_size: &'static str,
}

#[derive(Deserialize)]
struct Drawing {
    images: Vec<Image>,
}

#[derive(Deserialize)]
struct Image {
    url: String,
}

/// What a visitor gets.
#[derive(Serialize)]
struct Drawn {
    url: String,
    request_id: String,
}

/// What a visitor is told when there is no picture.
#[derive(Serialize)]
struct Failed<'a> {
    message: &'a str,
    code: &'a str,
}

async fn draw(env: &Env, prompt: String) -> std::result::Result<Drawn, FalError> {
    let fal = FalClient::edge(Credentials::from_env(env)?)?;
    let input = Input { prompt, image_size: "square" };
    let drawing = fal.subscribe::<Drawing>("fal-ai/flux/schnell", &input).await?;
    let url = drawing.data.images.into_iter().next().map(|image| image.url).unwrap_or_default();
    Ok(Drawn { url, request_id: drawing.request_id })
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    let url = request.url()?;
    let prompt = url.query_pairs().find_map(|(name, value)| (name == "prompt").then(|| value.into_owned()));
    let Some(prompt) = prompt else {
        return Response::error("Ask for a picture: /?prompt=a+cat", 400);
    };
    match draw(&env, prompt).await {
        Ok(drawn) => Response::from_json(&drawn),
        Err(error) => {
            // The log is the operator's, and has no key and no prompt in it.
            worker::console_error!("{error}");
            let failed = Failed { message: error.user_message(), code: error.code() };
            Ok(Response::from_json(&failed)?.with_status(502))
        }
    }
}
