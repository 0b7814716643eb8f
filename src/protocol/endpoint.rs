//! Endpoint ids: `owner/app[/path]`, `workflows/owner/app[/path]`, `comfy/owner/app[/path]`.

use alloc::string::String;
use core::fmt;

use super::text::{is_segment, split_once};

/// Longest endpoint id accepted, in bytes. The longest published one is under 100.
pub const MAX_ENDPOINT_BYTES: usize = 512;

/// Owners with a meaning of their own: the id has one more segment before the path.
pub const NAMESPACES: [&str; 2] = ["workflows", "comfy"];

/// The full id of an endpoint, for example `fal-ai/flux/dev`.
///
/// Every segment is `[A-Za-z0-9][A-Za-z0-9._-]*`, so the text can stand in a URL path as it is: nothing in it can be
/// encoded, walk up, or start a query. `requests` is never a segment after the app, because
/// `{app}/requests/{id}` names a request there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointId {
    text: String,
    /// Length of the `[namespace/]owner/app` part.
    app: usize,
}

/// The part of an endpoint id that owns its queue: `[namespace/]owner/app`, without the path.
///
/// Source: fal's queue documentation; a request to `fal-ai/flux/dev` is asked about under `fal-ai/flux`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppId(String);

/// Why a text is not an endpoint id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Fewer than two segments (three after `workflows` or `comfy`).
    TooShort,
    /// Longer than 512 bytes.
    TooLong,
    /// A segment is empty, or has a character that has no place in one.
    Segment,
    /// A URL was given where an id belongs.
    Url,
}

impl EndpointId {
    /// Reads an endpoint id. The old form `123-app` is read as `123/app`, as fal's own clients do.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let EndpointShape { app, hyphen } = EndpointShape::of(text)?;
        let parts = hyphen.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
        let text = parts.map_or_else(|| String::from(text), |(owner, name)| [owner, "/", name].concat());
        Ok(Self { text, app })
    }

    /// The text of an id below another: with this path, or, without one, with the `usual` one unless it is there already.
    pub fn below(id: &str, path: &str, usual: &str) -> String {
        let mut text = String::from(id);
        for piece in below(id, path, usual) {
            text.push_str(piece);
        }
        text
    }

    /// The endpoint below this one at `path`. Slashes in front of it are dropped, as in fal's own clients.
    pub fn join(&self, path: &str) -> Result<Self, EndpointError> {
        Self::parse(&Self::below(&self.text, path, ""))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The endpoint whose answer is streamed when this one is: an id may already end in `/stream`.
    pub fn streamed(self) -> Self {
        let app = self.text.get(..self.app).unwrap_or_default();
        Self { text: String::from(without_stream(&self.text, app)), app: self.app }
    }

    /// The app this endpoint belongs to.
    pub fn app(&self) -> AppId {
        AppId(String::from(self.text.get(..self.app).unwrap_or_default()))
    }
}

impl AppId {
    /// Reads `[namespace/]owner/app`, with nothing after it.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let id = EndpointId::parse(text)?;
        if id.app == id.text.len() { Ok(id.app()) } else { Err(EndpointError::Segment) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is added to an id for what is below it: `path` without the slashes in front, or `usual` unless it is there already.
pub fn below<'a>(id: &str, mut path: &'a str, usual: &'a str) -> [&'a str; 2] {
    while let Some(rest) = path.strip_prefix('/') {
        path = rest;
    }
    let is_there = id.strip_suffix(usual).is_some_and(|rest| rest.as_bytes().last() == Some(&b'/'));
    match path {
        "" if is_there => ["", ""],
        "" => ["/", usual],
        _ => ["/", path],
    }
}

/// How a text is an endpoint id. What checks it without keeping it needs no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointShape {
    /// Length of the `[namespace/]owner/app` part.
    pub app: usize,
    /// Where the old form `123-app` has a hyphen in the place of the slash.
    pub hyphen: Option<usize>,
}

impl EndpointShape {
    /// Reads an endpoint id.
    pub fn of(text: &str) -> Result<Self, EndpointError> {
        if text.len() > MAX_ENDPOINT_BYTES {
            return Err(EndpointError::TooLong);
        }
        if split_once(text, b':').is_some_and(|(_, rest)| rest.starts_with("//")) {
            return Err(EndpointError::Url);
        }
        if let Some((number, app)) = legacy(text) {
            let fits = is_segment(app.as_bytes());
            let shape = Self { app: text.len(), hyphen: Some(number.len()) };
            return if fits { Ok(shape) } else { Err(EndpointError::Segment) };
        }
        app_len(text.as_bytes()).map(|app| Self { app, hyphen: None })
    }

    /// Whether the text is an app and nothing else: `[namespace/]owner/app`, in its canonical spelling.
    pub(super) fn is_app(text: &str) -> bool {
        Self::of(text).is_ok_and(|shape| shape.app == text.len() && shape.hyphen.is_none())
    }
}

/// The endpoint whose answer is streamed when this one is: an id may already end in `/stream`. `app` is its app.
pub fn without_stream<'a>(id: &'a str, app: &str) -> &'a str {
    id.strip_suffix("/stream").filter(|rest| rest.len() >= app.len()).unwrap_or(id)
}

/// The two parts of the old form `123-app`.
fn legacy(text: &str) -> Option<(&str, &str)> {
    let (number, app) = split_once(text, b'-')?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && !app.bytes().any(|byte| byte == b'/')).then_some((number, app))
}

/// Checks every segment and measures the app part.
fn app_len(text: &[u8]) -> Result<usize, EndpointError> {
    let segments = || text.split(|byte| *byte == b'/');
    let needed = if segments().next().is_some_and(|first| NAMESPACES.iter().any(|name| name.as_bytes() == first)) {
        3
    } else {
        2
    };
    let (mut count, mut end, mut app) = (0, 0, 0);
    for segment in segments() {
        if !is_segment(segment) || (count == needed && segment == b"requests") {
            return Err(EndpointError::Segment);
        }
        end += segment.len() + usize::from(count > 0);
        count += 1;
        if count == needed {
            app = end;
        }
    }
    if count < needed { Err(EndpointError::TooShort) } else { Ok(app) }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::TooShort => "The endpoint id has too few parts",
            Self::TooLong => "The endpoint id is longer than 512 bytes",
            Self::Segment => "The endpoint id has an empty part or a character that has no place in one",
            Self::Url => "The endpoint id is a URL",
        })
    }
}

impl core::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn app(text: &str) -> Result<alloc::string::String, EndpointError> {
        EndpointId::parse(text).map(|id| id.app().as_str().to_string())
    }

    #[test]
    fn sessions_are_where_the_official_client_has_them() {
        let below = |id, path| EndpointId::below(id, path, "realtime");
        assert_eq!(below("fal-ai/fast-sdxl", ""), "fal-ai/fast-sdxl/realtime");
        assert_eq!(below("fal-ai/fast-sdxl/realtime", ""), "fal-ai/fast-sdxl/realtime");
        assert_eq!(below("fal-ai/x-realtime", "/"), "fal-ai/x-realtime/realtime");
        assert_eq!(below("fal-ai/x/realtime", "//ws/in"), "fal-ai/x/realtime/ws/in");
    }

    #[test]
    fn the_path_is_not_part_of_the_app() {
        assert_eq!(app("fal-ai/flux/dev"), Ok("fal-ai/flux".into()));
        assert_eq!(app("fal-ai/flux/dev/image-to-image"), Ok("fal-ai/flux".into()));
        assert_eq!(app("workflows/me/postcard/run"), Ok("workflows/me/postcard".into()));
        assert_eq!(app("comfy/me/sketch"), Ok("comfy/me/sketch".into()));
    }

    #[test]
    fn a_path_is_more_of_the_same_endpoint() {
        let join = |path| EndpointId::parse("fal-ai/flux").unwrap().join(path).map(|id| id.text);
        assert_eq!(join("dev"), Ok("fal-ai/flux/dev".into()));
        assert_eq!(join("//dev/image-to-image"), Ok("fal-ai/flux/dev/image-to-image".into()));
        for path in ["", "/", "..", "dev/../x", "dev?x=1", "requests/1", "dev/"] {
            assert_eq!(join(path), Err(EndpointError::Segment), "{path}");
        }
    }

    #[test]
    fn the_old_form_with_a_number_still_works() {
        assert_eq!(EndpointId::parse("110602490-lcm").map(|id| id.text), Ok("110602490/lcm".into()));
        assert_eq!(EndpointId::parse("lcm-sd15"), Err(EndpointError::TooShort));
    }

    #[test]
    fn nothing_in_an_id_can_change_the_url_around_it() {
        for text in
            ["", "foo", "a//b", "/a/b", "a/b/", "../x", "a/..", "a/./b", "a/b%2f", "a/b?x", "a/b#x", "a\\b/c", "a/b c"]
        {
            assert!(EndpointId::parse(text).is_err(), "{text}");
        }
        assert_eq!(EndpointId::parse("https://evilfal.ai/x"), Err(EndpointError::Url));
        assert_eq!(EndpointId::parse("a/b/requests/1"), Err(EndpointError::Segment));
        assert_eq!(EndpointId::parse("workflows/me"), Err(EndpointError::TooShort));
        assert_eq!(EndpointId::parse(&"a/".repeat(600)), Err(EndpointError::TooLong));
    }
}
