//! Bytes, taken as decisions. Where they are over, everything is zero.

use std::borrow::Cow;

/// What is left of them.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::from(self.byte()) % list.len()]
    }

    pub fn maybe<T>(&mut self, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| some(self))
    }

    /// A number of any size; small ones are as likely as large ones.
    pub fn number(&mut self) -> u64 {
        let width = usize::from(self.byte() % 9);
        self.take(width).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A text of up to 255 bytes.
    pub fn text(&mut self) -> Cow<'a, str> {
        let length = self.byte().into();
        String::from_utf8_lossy(self.take(length))
    }

    /// All that is left, as text.
    pub fn rest(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// All that is left, as lines of text.
    pub fn lines(self) -> Vec<String> {
        self.rest().split('\n').map(String::from).collect()
    }
}
