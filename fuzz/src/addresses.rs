//! Endpoint ids, and the one address a browser talks to.

use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::{AppId, EndpointId};
use url::Url;

use super::bytes::Bytes;

/// A text, taken as the id of an endpoint with a path, and as the URL of a proxy.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let path = data.text();
    let text = data.rest();
    endpoint(&text, &path);
    proxy(&text);
}

fn endpoint(text: &str, path: &str) {
    let Ok(id) = EndpointId::parse(text) else { return };
    assert_eq!(EndpointId::parse(id.as_str()).as_ref(), Ok(&id), "{text}");
    let app = id.app();
    assert_eq!(AppId::parse(app.as_str()).as_ref(), Ok(&app), "{text}");
    assert!(id.as_str() == app.as_str() || id.as_str().starts_with(&format!("{}/", app.as_str())), "{text}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    for segment in id.as_str().split('/') {
        assert!(
            segment.bytes().all(plain) && segment.starts_with(|first: char| first.is_ascii_alphanumeric()),
            "{text}"
        );
    }
    let streamed = id.clone().streamed();
    assert_eq!(streamed.app(), app);
    if let Ok(below) = id.join(path) {
        assert!(below.as_str().starts_with(id.as_str()) && below.app().as_str().starts_with(app.as_str()), "{path}");
    }
}

/// A browser that resolves what is accepted finds the page's own host, or a private way to one that is not fal's.
fn proxy(text: &str) {
    let Ok(proxy) = ProxyUrl::parse(text) else { return };
    let page = Url::parse("https://app.example/deep/page").expect("this is a URL");
    let Ok(url) = page.join(proxy.as_str()) else { return };
    assert!(url.username().is_empty() && url.password().is_none(), "{text}");
    let host = url.host_str().unwrap_or_default();
    let local = host == "localhost" || host == "localhost." || host.starts_with("127.") || host == "[::1]";
    assert!(url.scheme() == "https" || (url.scheme() == "http" && local), "{text} became {url}");
    let name = host.trim_end_matches('.');
    for fal in ["fal.run", "fal.ai", "fal.media", "falrun.com"] {
        assert!(name != fal && !name.ends_with(&format!(".{fal}")), "{text} became {url}");
    }
    let is_absolute = proxy.as_str().contains("://");
    assert!(is_absolute || host == "app.example", "{text} became {url}");
}
