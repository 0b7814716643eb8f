//! How a body is decoded, by its content type.

use super::text::split_once;

/// What a body is decoded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON, parsed.
    Json,
    /// Text, as a string.
    Text,
    /// Anything else, as bytes.
    Bytes,
    /// Server-sent events, one after the other.
    Events,
    /// A page of HTML. What was asked rarely answers one: it is a web server that knows nothing of the question.
    Html,
}

impl Media {
    /// Reads a `Content-Type`. A missing one is text, as in `@fal-ai/client`; images and other binary types are bytes,
    /// which it decodes as text and so destroys.
    pub fn of(content_type: Option<&str>) -> Self {
        let Some(value) = content_type else { return Media::Text };
        let essence = split_once(value, b';').map_or(value, |(essence, _)| essence).trim_ascii();
        let is = |text: &str| essence.eq_ignore_ascii_case(text);
        let ends = |suffix: &str| {
            let at = essence.len().saturating_sub(suffix.len());
            essence.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        };
        let is_text = essence.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
        if is("text/event-stream") {
            Media::Events
        } else if is("text/html") {
            Media::Html
        } else if is("application/json") || ends("+json") {
            Media::Json
        } else if is_text || is("") {
            Media::Text
        } else {
            Media::Bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_not_decoded_as_text() {
        assert_eq!(Media::of(Some("image/png")), Media::Bytes);
        assert_eq!(Media::of(Some("application/octet-stream")), Media::Bytes);
    }

    #[test]
    fn json_is_recognised_however_it_is_written() {
        for text in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert_eq!(Media::of(Some(text)), Media::Json, "{text}");
        }
        assert_eq!(Media::of(Some("Text/HTML; charset=utf-8")), Media::Html);
        assert_eq!(Media::of(Some("text/plain; charset=utf-8")), Media::Text);
        assert_eq!(Media::of(None), Media::Text);
        assert_eq!(Media::of(Some("text/event-stream; charset=utf-8")), Media::Events);
    }
}
