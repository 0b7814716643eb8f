//! The date in a header: an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
//!
//! Source: RFC 9110, section 5.6.7. The two older forms listed there must not be generated any more, and are not read.

use super::answer::Millis;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// Reads a date as milliseconds since 1970; what is before that is 0. None when it is not one.
pub fn parse(text: &str) -> Option<Millis> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let mut part = || parts.next();
    let (day, month, year) = (number(part()?, 2)?, part()?, number(part()?, 4)?);
    let (time, zone) = (part()?, part()?);
    if !WEEKDAYS.contains(&weekday) || zone != "GMT" || part().is_some() {
        return None;
    }
    let mut parts = time.split(':');
    let mut part = |limit| number(parts.next()?, 2).filter(|number| *number < limit);
    // A minute may have a leap second.
    let (hour, minute, second) = (part(24)?, part(60)?, part(61)?);
    if parts.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|(name, _)| *name == month)?;
    let leap_day = u64::from(is_leap(year) && month == 1);
    if day == 0 || day > MONTHS.get(month)?.1 + leap_day {
        return None;
    }
    let before: u64 = MONTHS.iter().take(month).map(|(_, days)| days).sum();
    let leap_day = u64::from(is_leap(year) && month > 1);
    let days = (days_before(year) + before + leap_day + day - 1).checked_sub(days_before(1970));
    Some(days.map_or(0, |days| (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000))
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
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
