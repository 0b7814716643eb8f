//! What is known of an HTTP answer before its body is read, and the two fields of a body that may matter.

use super::http_date;
use super::media::Media;
use super::text::split_once;

/// Milliseconds: a duration, or the time since a moment that whoever drives a machine chose.
pub type Millis = u64;

/// Status line and headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// HTTP status; 0 where a runtime hides a redirect it was told not to follow.
    pub status: u16,
    /// What the body is.
    pub media: Media,
    /// `Retry-After` in milliseconds from now.
    pub retry_after: Option<Millis>,
    /// `X-Fal-Needs-Retry` or `X-Fal-Retryable`: what fal itself says about trying again.
    pub retryable: Option<bool>,
    /// `X-Fal-Request-Timeout-Type: user`: the caller's own start timeout ran out.
    pub user_timeout: bool,
}

impl Head {
    /// Reads a head. `header` gives the value of a header by its name in lower case; `now_wall_ms` is the time since
    /// 1970, which a `Retry-After` with a date is compared with where the answer has no `Date` of its own.
    ///
    /// For drivers in Rust. The JavaScript layer reads heads itself (`js/driver/response.ts`): `Date.parse` is there for
    /// free, and no header has to cross into WebAssembly.
    pub fn read<'h>(status: u16, now_wall_ms: Millis, header: impl Fn(&str) -> Option<&'h str>) -> Self {
        let retryable = header("x-fal-needs-retry").or_else(|| header("x-fal-retryable"));
        let asked = header("retry-after-ms").and_then(|text| millis(text, 1));
        let now = header("date").and_then(|text| http_date::parse(text.trim_ascii())).unwrap_or(now_wall_ms);
        Self {
            status,
            media: Media::of(header("content-type")),
            retry_after: asked.or_else(|| header("retry-after").and_then(|text| retry_after(text, now))),
            retryable: retryable.map(is_true),
            user_timeout: header("x-fal-request-timeout-type") == Some("user"),
        }
    }

    /// 2xx.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A redirect, seen or hidden. None is ever followed: a key must not go where it was not sent.
    pub fn is_redirect(&self) -> bool {
        self.status == 0 || (300..400).contains(&self.status)
    }
}

/// A `Retry-After`: seconds, or a date. One that is over is now.
fn retry_after(text: &str, now: Millis) -> Option<Millis> {
    /// The length of a date. What follows is the same header once more.
    const DATE: usize = 29;
    let date = || text.trim_ascii().get(..DATE).and_then(http_date::parse);
    millis(text, 1000).or_else(|| Some(date()?.saturating_sub(now)))
}

/// A number of digits, with a fraction or without, in a unit of so many milliseconds. Whole numbers do: reading a float would
/// bring 16 kB of tables and code into a page.
fn millis(text: &str, unit: Millis) -> Option<Millis> {
    // A header that came twice is a list.
    let text = split_once(text, b',').map_or(text, |(first, _)| first).trim_ascii();
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = split_once(text, b'.').unwrap_or((text, "0"));
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let digit = |byte: u8| Millis::from(byte.wrapping_sub(b'0'));
    let whole: Millis = whole.bytes().map(digit).fold(0, |sum, digit| sum.saturating_mul(10).saturating_add(digit));
    let places = core::iter::successors(Some(unit / 10), |place| Some(place / 10)).take_while(|place| *place > 0);
    let fraction: Millis = fraction.bytes().map(digit).zip(places).map(|(digit, place)| digit * place).sum();
    Some(whole.saturating_mul(unit).saturating_add(fraction))
}

/// fal writes booleans as `1`, `true`, `0`, `false`.
fn is_true(text: &str) -> bool {
    let text = text.trim_ascii();
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// The text fields of a JSON object that decide what happens next: at most two, under the names that
/// [`BodyKind::fields`](crate::client::BodyKind::fields) gives. The rest of the object never comes here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// The first field, when it is there and a text.
    pub first: Option<&'a str>,
    /// The second.
    pub second: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 784_111_770_000;

    fn head(headers: &[(&str, &'static str)]) -> Head {
        let of = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        Head::read(200, NOW, of)
    }

    #[test]
    fn a_head_without_headers_says_nothing() {
        let plain = Head { status: 200, media: Media::Text, retry_after: None, retryable: None, user_timeout: false };
        assert_eq!(head(&[]), plain);
        assert_eq!(head(&[("content-type", "application/json")]), Head { media: Media::Json, ..plain });
        let by_user = Head { user_timeout: true, ..plain };
        assert_eq!(head(&[("x-fal-request-timeout-type", "user")]), by_user);
        assert_eq!(head(&[("x-fal-request-timeout-type", "infra")]), plain);
    }

    #[test]
    fn a_server_asks_to_wait_in_three_ways() {
        let after = |text| head(&[("retry-after", text)]).retry_after;
        assert_eq!(after("7"), Some(7_000));
        assert_eq!(after(" 0.25 "), Some(250));
        assert_eq!(after("01.9999"), Some(1_999), "no more than whole milliseconds");
        assert_eq!(after("1, 1"), Some(1_000), "a header that came twice");
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"), Some(7_000));
        let by_its_clock =
            [("retry-after", "Sun, 06 Nov 1994 09:00:05 GMT"), ("date", "Sun, 06 Nov 1994 09:00:00 GMT")];
        assert_eq!(head(&by_its_clock).retry_after, Some(5_000), "the server's clock counts");
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7_000));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:20 GMT"), Some(0), "that time is over");
        assert_eq!(after("99999999999999999999999999"), Some(Millis::MAX));
        for text in ["", "-1", "1e3", "+1", ".5", "1.", "1.2.3", "inf", "NaN", "soon"] {
            assert_eq!(after(text), None, "{text}");
        }
        let both = |ms| head(&[("retry-after-ms", ms), ("retry-after", "7")]).retry_after;
        assert_eq!(both("20"), Some(20));
        assert_eq!(both("20.9"), Some(20));
        assert_eq!(both("soon"), Some(7_000), "what cannot be read is as if it was not there");
    }

    #[test]
    fn fal_says_whether_to_try_again() {
        let says = |name, text| head(&[(name, text)]).retryable;
        for text in ["1", "true", " TRUE "] {
            assert_eq!(says("x-fal-needs-retry", text), Some(true), "{text}");
            assert_eq!(says("x-fal-retryable", text), Some(true), "{text}");
        }
        for text in ["0", "false", "", "yes"] {
            assert_eq!(says("x-fal-needs-retry", text), Some(false), "{text}");
        }
        assert_eq!(head(&[("x-fal-needs-retry", "0"), ("x-fal-retryable", "1")]).retryable, Some(false));
    }
}
