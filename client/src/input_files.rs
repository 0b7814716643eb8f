//! Files in inputs: they are uploaded before the call begins.

use std::future::poll_fn;
use std::task::Poll;

use fal_wasm::client::FailureKind;

use crate::draft::{Draft, UPLOAD_LIFECYCLE};
use crate::driver::{Driver, Told};
use crate::error::FalError;
use crate::exchange::Texts;
use crate::file::Collected;
use crate::json;
use crate::marker::BoxFuture;
use crate::net::Carried;

/// How many files of an input are uploaded at the same time.
const PARALLEL: usize = 4;

/// Uploads the files in an input, puts their URLs in their places, and goes on with the call.
pub(crate) type Fill = fn(Draft, Texts, String, Collected) -> BoxFuture<'static, Result<Driver, FalError>>;

/// The only one. A file that is written says it, so that a program without files has none of the code.
pub(crate) fn fill(
    mut draft: Draft,
    texts: Texts,
    text: String,
    collected: Collected,
) -> BoxFuture<'static, Result<Driver, FalError>> {
    Box::pin(async move {
        let input = filled(&mut draft, text, collected).await?;
        draft.driver(texts, Some(input))
    })
}

/// An upload that fails ends the others.
async fn filled(draft: &mut Draft, mut text: String, collected: Collected) -> Result<Carried, FalError> {
    let mut places = collected.files.iter().enumerate();
    let mut under_way: Vec<(usize, Driver)> = Vec::new();
    let mut urls = Vec::new();
    loop {
        while under_way.len() < PARALLEL
            && let Some((index, file)) = places.next()
        {
            let mut upload = Draft::upload(&draft.client, Ok(file.clone()));
            upload.options.call = draft.options.call;
            upload.options.own.clone_from(&draft.options.own);
            if let Some(lifecycle) = &draft.lifecycle {
                upload.options.lifecycle(lifecycle, &UPLOAD_LIFECYCLE);
            }
            under_way.push((index, Box::pin(upload.ready()).await?));
        }
        if under_way.is_empty() {
            break;
        }
        let abort = &mut draft.options.abort;
        let (index, outcome) = poll_fn(|context| {
            if let Some(leaves) = abort
                && leaves.as_mut().poll(context).is_ready()
            {
                return Poll::Ready(Err(FalError::of(FailureKind::Aborted)));
            }
            for (at, (_, driver)) in under_way.iter_mut().enumerate() {
                while let Poll::Ready(told) = driver.poll(context)? {
                    if let Told::Done(outcome) = told {
                        let (index, _) = under_way.swap_remove(at);
                        return Poll::Ready(Ok((index, outcome)));
                    }
                }
            }
            Poll::Pending
        })
        .await?;
        urls.push((index, outcome.file_url));
    }
    for (index, url) in urls {
        text = text.replace(&collected.place(index), &json::quoted(&url));
    }
    Ok(text.into())
}
