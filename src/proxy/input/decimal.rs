//! Numbers as JSON writes them, compared digit by digit: exactly, and without the tables of floating point.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A number: 0.`digits` times ten to the power of `point`. No digit at either end is zero, so a value is written one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// Reads a number; none when it is not one of JSON's.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mut digits, mut point, mut exponent) = (Vec::new(), 0_i64, 0_i64);
        let (mut is_whole, mut sign, mut in_exponent) = (true, 1, false);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if in_exponent => {
                    exponent = exponent.saturating_mul(10).saturating_add(i64::from(byte - b'0')).min(1 << 40);
                }
                b'0'..=b'9' => {
                    let leads = byte == b'0' && digits.is_empty();
                    if !leads {
                        digits.push(byte);
                    }
                    // Before the point each digit that counts moves it; behind it, each zero that does not count.
                    point += i64::from(is_whole && !leads) - i64::from(!is_whole && leads);
                }
                b'.' => is_whole = false,
                b'e' | b'E' => in_exponent = true,
                b'-' if in_exponent => sign = -1,
                b'+' if in_exponent => {}
                _ => return None,
            }
        }
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return (!text.is_empty()).then_some(Self { negative: false, digits, point: 0 });
        }
        Some(Self { negative, digits, point: point + sign * exponent })
    }

    /// The number, when it counts things.
    pub fn count(&self) -> Option<usize> {
        let places = usize::try_from(self.point).ok().filter(|places| *places <= 9 && *places >= self.digits.len())?;
        let digits = self.digits.iter().copied().chain(core::iter::repeat(b'0')).take(places);
        let count = digits.fold(0, |count, digit| count * 10 + usize::from(digit - b'0'));
        (!self.negative).then_some(count)
    }

    /// The order of sizes, without the sign.
    fn size(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
            (mine, theirs) => theirs.cmp(&mine),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.size(other),
            (true, true) => other.size(self),
            (mine, theirs) => theirs.cmp(&mine),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for same in ["4", "4.0", "40e-1", "0.4E+1", "0.0004e4", "4.00e0"] {
            assert_eq!(number(same), number("4"), "{same}");
        }
        assert_eq!(number("-0.0"), number("0e9"));
        assert_eq!(number("0"), number("0e99999999999999999999"));
        assert!(number("4.0000000000000000001") > number("4"), "nothing is rounded");
        assert!(number("1e999999999999") > number("2") && number("-1e999999999999") < number("-2"));
        assert_eq!(number("4").count(), Some(4));
        assert_eq!(number("12e2").count(), Some(1200));
        assert_eq!(number("0").count(), Some(0));
        for no in ["1.5", "-1", "1e12", "0.1"] {
            assert_eq!(number(no).count(), None, "{no}");
        }
        assert!(Decimal::parse("").is_none() && Decimal::parse("x").is_none() && Decimal::parse("-").is_none());
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_numbers(a in -1e6..1e6f64, b in -1e6..1e6f64, shift in -20..20i32) {
            let [one, other] = [a, b].map(|n| std::format!("{n}e{shift}"));
            prop_assert_eq!(number(&one).cmp(&number(&other)), a.partial_cmp(&b).unwrap());
            prop_assert_eq!(number(&a.to_string()).cmp(&number(&other)).is_gt(), a > other.parse::<f64>().unwrap());
        }

        #[test]
        fn counts_are_read_as_they_are(n in 0..1_000_000u32) {
            prop_assert_eq!(number(&n.to_string()).count(), Some(n as usize));
        }
    }
}
