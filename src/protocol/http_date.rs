//! The date in a header: an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
//!
//! Source: RFC 9110, section 5.6.7. The two older forms listed there must not be generated any more, and are not read.

use super::answer::Millis;

const WEEKDAYS: &[u8] = b"MonTueWedThuFriSatSun";
const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
const DAYS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// What stands between letters and digits.
const FORM: &[u8; 29] = b"___, __ ___ ____ __:__:__ GMT";

/// Reads a date as milliseconds since 1970; what is before that is 0. None when it is not one.
pub fn parse(text: &str) -> Option<Millis> {
    let text = text.as_bytes();
    let fits = text.len() == FORM.len() && FORM.iter().zip(text).all(|(form, byte)| *form == b'_' || form == byte);
    if !fits {
        return None;
    }
    let part = |at: usize, length: usize| text.get(at..at + length).unwrap_or_default();
    let number = |at, length| {
        part(at, length)
            .iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte.wrapping_sub(b'0'))))
    };
    let named = |names: &[u8], at| names.chunks_exact(3).position(|name| name == part(at, 3));
    named(WEEKDAYS, 0)?;
    let (day, month, year) = (number(5, 2)?, named(MONTHS, 8)?, number(12, 4)?);
    let (hour, minute, second) = (number(17, 2)?, number(20, 2)?, number(23, 2)?);
    let leap_day = u64::from(is_leap(year));
    let days_in = u64::from(*DAYS.get(month)?) + if month == 1 { leap_day } else { 0 };
    // A minute may have a leap second.
    if day == 0 || day > days_in || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let before: u64 = DAYS.iter().take(month).map(|days| u64::from(*days)).sum();
    let leap_day = if month > 1 { leap_day } else { 0 };
    let days = (days_before(year) + before + leap_day + day - 1).checked_sub(days_before(1970));
    Some(days.map_or(0, |days| (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from the first of January of the year 0 to that of this one.
fn days_before(year: u64) -> u64 {
    year * 365 + year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_time_it_names() {
        // What `Date.parse` gives for the same texts.
        for (text, time) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799_000),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800_000),
            ("Thu, 20 Nov 2025 12:00:00 GMT", 1_763_640_000_000),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400_000),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799_000),
        ] {
            assert_eq!(parse(text), Some(time), "{text}");
        }
        assert_eq!(parse("Wed, 31 Dec 1969 23:59:59 GMT"), Some(0));
        assert_eq!(parse("Sat, 01 Jan 0000 00:00:00 GMT"), Some(0));
    }

    #[test]
    fn anything_else_is_not_a_date() {
        for text in [
            "",
            "soon",
            "2025-11-20T12:00:00Z",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Thu, 31 Nov 1994 08:49:37 GMT",
            "Thu, 29 Feb 2100 00:00:00 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
