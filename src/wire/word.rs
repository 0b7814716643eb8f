//! A value that crosses as one number.

use crate::client::Token;

/// A value that crosses as one number.
pub trait Word: Copy {
    /// Its type in TypeScript.
    const TYPE: &'static str;
    /// The number.
    fn to_word(self) -> f64;
    /// The value; none when the number is none of its.
    fn from_word(word: f64) -> Option<Self>;
}

macro_rules! whole_numbers {
    ($($type:ty)*) => {
        $(impl Word for $type {
            const TYPE: &'static str = "number";
            fn to_word(self) -> f64 {
                self as f64
            }
            fn from_word(word: f64) -> Option<Self> {
                (word >= 0.0).then_some(word as Self)
            }
        })*
    };
}
whole_numbers!(u16 u32 u64);

impl Word for f64 {
    const TYPE: &'static str = "number";
    fn to_word(self) -> f64 {
        self
    }
    fn from_word(word: f64) -> Option<Self> {
        (!word.is_nan()).then_some(word)
    }
}

impl Word for bool {
    const TYPE: &'static str = "boolean | number";
    fn to_word(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn from_word(word: f64) -> Option<Self> {
        (!word.is_nan()).then_some(word != 0.0)
    }
}

impl Word for Token {
    const TYPE: &'static str = "number";
    fn to_word(self) -> f64 {
        self.0.into()
    }
    fn from_word(word: f64) -> Option<Self> {
        u32::from_word(word).map(Self)
    }
}

/// What is not given crosses as -1, or as `NaN`.
impl<T: Word> Word for Option<T> {
    const TYPE: &'static str = T::TYPE;
    fn to_word(self) -> f64 {
        self.map_or(-1.0, Word::to_word)
    }
    fn from_word(word: f64) -> Option<Self> {
        Some(if word == -1.0 { None } else { T::from_word(word) })
    }
}
