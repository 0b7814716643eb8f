//! Lists that come in pages.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use fal_wasm::client::FailureKind;
use fal_wasm::platform::{Page, Pages, Paging, Step};
use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::draft::{Draft, answer, name_of};
use super::explain::explained;
use crate::answers::typed;
use crate::draft::to_the_end;
use crate::error::{Facts, FalError};
use crate::exchange::Answer;
use crate::json::Doc;
use crate::marker::BoxFuture;

/// A walk through the pages of a list, which asks for a page when it is wanted.
struct Walk {
    draft: Draft,
    at: At,
}

enum At {
    /// What is left to do, and where the next page is.
    Next(Option<Pages>, Option<(&'static str, String)>),
    Page(Pages, BoxFuture<'static, Result<String, FalError>>),
    /// The page that was taken names itself as the next one.
    Circle,
    End,
}

/// A page as fal answers it, and where in it the items are.
struct Answered {
    text: String,
    items: &'static str,
}

impl Walk {
    fn new(draft: Draft) -> Self {
        Self { draft, at: At::Next(None, None) }
    }

    /// Where the caller begins.
    fn begin(&mut self) -> Result<Pages, FalError> {
        // What is wrong with an option is said first.
        self.draft.options.has_no_backup();
        self.draft.options.wrong.take().map_or(Ok(()), Err)?;
        let operation = self.draft.operation()?;
        if operation.paging == Paging::None {
            return Err(FalError::option("path", "names no list in pages: await the call."));
        }
        let given = |name: &str| self.draft.query.iter().rfind(|(other, _)| other == name).map(|(_, value)| value);
        let whole = |name: &str| {
            let number = given(name).map_or(Ok(0), |value| value.parse());
            number.map_err(|_| FalError::option(name, "takes a whole number."))
        };
        let cursor = given("cursor").cloned().unwrap_or_default();
        Ok(Pages::new(operation.paging, cursor, whole("offset")?, whole("limit")?))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Answered, FalError>>> {
        loop {
            if !matches!(self.at, At::End)
                && let Some(leaves) = &mut self.draft.options.abort
                && leaves.as_mut().poll(context).is_ready()
            {
                self.at = At::End;
                return Poll::Ready(Some(Err(FalError::of(FailureKind::Aborted))));
            }
            match &mut self.at {
                At::End => return Poll::Ready(None),
                At::Circle => {
                    let error = FalError::saying(
                        FailureKind::AnswerInvalid,
                        "The list turns in circles: a page names itself as the next one.".into(),
                    );
                    return self.fail(error);
                }
                At::Next(pages, place) => {
                    let (pages, place) = (pages.take(), place.take());
                    let pages = match pages.map_or_else(|| self.begin(), Ok) {
                        Ok(pages) => pages,
                        Err(error) => return self.fail(error),
                    };
                    self.at = At::Page(pages, Box::pin(page(self.draft.at(place.as_ref()))));
                }
                At::Page(_, page) => {
                    let answered = ready!(page.as_mut().poll(context)).and_then(|text| self.arrived(text));
                    return match answered {
                        Ok(answered) => Poll::Ready(Some(Ok(answered))),
                        Err(error) => self.fail(error),
                    };
                }
            }
        }
    }

    fn fail<T>(&mut self, error: FalError) -> Poll<Option<Result<T, FalError>>> {
        self.at = At::End;
        Poll::Ready(Some(Err(error)))
    }

    /// A page is there: it says where the next one is.
    fn arrived(&mut self, text: String) -> Result<Answered, FalError> {
        let operation = self.draft.operation()?;
        let invalid = |text: &str| {
            let facts = Facts { body: Some(text.into()), ..Facts::of(FailureKind::AnswerInvalid) };
            Facts { endpoint: Some(name_of(&operation)), ..facts }.into_error()
        };
        let doc = Doc::parse(&text).ok_or_else(|| invalid(&text))?;
        let field = |name: &str| doc.get(name);
        let count = field(operation.items).map_or(0, |items| items.len());
        let page = Page {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            cursor: field("next_cursor").and_then(|cursor| cursor.text()).unwrap_or_default(),
            more: field("has_more").and_then(|more| more.flag()),
        };
        let At::Page(mut pages, _) = std::mem::replace(&mut self.at, At::End) else { return Err(invalid(&text)) };
        self.at = match pages.step(page) {
            Step::End => At::End,
            Step::Cursor(cursor) => At::Next(Some(pages), Some(("cursor", cursor))),
            Step::Offset(offset) => At::Next(Some(pages), Some(("offset", offset.to_string()))),
            Step::Circle => At::Circle,
        };
        Ok(Answered { text, items: operation.items })
    }
}

/// Asks for a page.
async fn page(draft: Draft) -> Result<String, FalError> {
    let (mut driver, operation) = draft.ready().await?;
    let outcome = to_the_end(&mut driver, |_| {}).await.map_err(|error| explained(error, &operation))?;
    answer(outcome, &operation).map(|answer| answer.text().map(String::from).unwrap_or_default())
}

/// The pages of a list, with all their fields: [`PlatformCall::pages`](super::PlatformCall::pages). Ends after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct PlatformPages<T> {
    walk: Walk,
    output: PhantomData<fn() -> T>,
}

impl<T> PlatformPages<T> {
    pub(super) fn new(draft: Draft) -> Self {
        Self { walk: Walk::new(draft), output: PhantomData }
    }
}

impl<T: DeserializeOwned> Stream for PlatformPages<T> {
    type Item = Result<T, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(self.walk.poll(context)).map(|page| page.and_then(|page| typed(Answer::Json(page.text))));
        if matches!(page, Some(Err(_))) {
            self.walk.at = At::End;
        }
        Poll::Ready(page)
    }
}

/// The items of all pages of a list: [`PlatformCall::items`](super::PlatformCall::items). Ends after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct PlatformItems<T> {
    walk: Walk,
    waiting: VecDeque<T>,
}

/// Nothing in it is pinned.
impl<T> Unpin for PlatformItems<T> {}

impl<T> PlatformItems<T> {
    pub(super) fn new(draft: Draft) -> Self {
        Self { walk: Walk::new(draft), waiting: VecDeque::new() }
    }
}

impl<T: DeserializeOwned> Stream for PlatformItems<T> {
    type Item = Result<T, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            let items = match ready!(self.walk.poll(context)) {
                None => return Poll::Ready(None),
                Some(page) => page.and_then(items_of),
            };
            match items {
                Ok(items) => self.waiting = items,
                Err(error) => return self.walk.fail(error),
            }
        }
    }
}

/// The items of a page.
fn items_of<T: DeserializeOwned>(Answered { text, items }: Answered) -> Result<VecDeque<T>, FalError> {
    let list = Doc::parse(&text).and_then(|doc| doc.get(items)).map(|list| list.list());
    let read: Result<_, _> = list.into_iter().flatten().map(Doc::decode).collect();
    read.map_err(|why| FalError::of_another_type(&why, text))
}
