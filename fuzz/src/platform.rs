//! The Platform APIs: whatever a parameter is, the key goes to fal, and to the operation that was meant.

use fal_wasm::platform::{Operation, Page, Pages, Paging, Step, Target};
use url::Url;

use super::bytes::Bytes;

/// An operation and its parameters, then pages of a list.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let count = Operation::all().count();
    let operation = Operation::all().nth(usize::from(data.byte()) % count).expect("there are that many");
    let parameters = [data.text(), data.text()];
    let value = |name: &str| {
        let first = operation.path.split('{').nth(1).is_some_and(|rest| rest.starts_with(name));
        Some(parameters[usize::from(!first)].to_string())
    };
    if let Ok(target) = Target::of(&operation, value) {
        let url = Url::parse(target.as_str()).expect("what is built is a URL");
        assert_eq!(url.as_str(), target.as_str());
        assert!(
            url.as_str().starts_with("https://api.fal.ai/v1/") && url.query().is_none() && url.fragment().is_none()
        );
        assert_eq!(url.path().split('/').count(), operation.path.split('/').count() + 1, "{url}");
    }

    let paging = data.pick(&[Paging::None, Paging::Cursor, Paging::Offset]);
    let mut pages = Pages::new(paging, data.text().into(), data.number() as u32, data.number() as u32);
    while !data.is_empty() {
        let page =
            Page { count: data.number() as u32, cursor: data.text().into(), more: data.maybe(|data| data.flag()) };
        if matches!(pages.step(page), Step::End) {
            break;
        }
    }
}
