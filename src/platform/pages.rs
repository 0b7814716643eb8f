//! How the pages of a list follow each other.

use alloc::string::String;

use super::operation::Paging;

/// What a page says about the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many items it has.
    pub count: u32,
    /// The cursor of the next page; empty when it names none.
    pub cursor: String,
    /// Whether it says that there are more.
    pub more: Option<bool>,
}

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was the last.
    End,
    /// Ask for the page of this cursor.
    Cursor(String),
    /// Ask for the page that begins at this item.
    Offset(u32),
    /// The list turns in circles: a page names itself as the next one.
    Circle,
}

/// A walk through the pages of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    paging: Paging,
    /// The cursor of the page that is there.
    cursor: String,
    /// The first item of the page that is there.
    offset: u32,
    /// How many items a page may have, as the caller asked; 0 where he left it to fal.
    limit: u32,
}

impl Pages {
    /// Begins where the caller begins.
    pub fn new(paging: Paging, cursor: String, offset: u32, limit: u32) -> Self {
        Self { paging, cursor, offset, limit }
    }

    /// Takes a page and says what comes after it.
    pub fn step(&mut self, page: Page) -> Step {
        match self.paging {
            Paging::Cursor if page.cursor.is_empty() || page.more == Some(false) => Step::End,
            Paging::Cursor if page.cursor == self.cursor => Step::Circle,
            Paging::Cursor => {
                self.cursor.clone_from(&page.cursor);
                Step::Cursor(page.cursor)
            }
            // Nothing says that there are more. A page that is not full is the last; when it is not known what full is,
            // the last is the one with nothing in it.
            Paging::Offset if page.count == 0 || page.count < self.limit => Step::End,
            Paging::Offset => {
                self.offset = self.offset.saturating_add(page.count);
                Step::Offset(self.offset)
            }
            Paging::None => Step::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn page(count: u32, cursor: &str, more: Option<bool>) -> Page {
        Page { count, cursor: cursor.into(), more }
    }

    /// A list of this many items, read in pages of this size, as fal serves it.
    fn walk(paging: Paging, total: u32, limit: u32, tells: bool) -> Vec<u32> {
        let mut pages = Pages::new(paging, String::new(), 0, if tells { limit } else { 0 });
        let (mut at, mut seen) = (0, Vec::new());
        loop {
            let end = total.min(at + limit);
            seen.extend(at..end);
            let cursor = if end < total { std::format!("{end}") } else { String::new() };
            match pages.step(Page { count: end - at, more: Some(end < total), cursor }) {
                Step::Cursor(cursor) => at = cursor.parse().expect("a cursor of ours"),
                Step::Offset(offset) => at = offset,
                Step::End => return seen,
                Step::Circle => panic!("no circle here"),
            }
        }
    }

    #[test]
    fn every_item_is_seen_once_however_pages_follow() {
        for total in [0, 1, 6, 7, 8, 14, 1_000] {
            let all: Vec<_> = (0..total).collect();
            for (paging, tells) in [(Paging::Cursor, true), (Paging::Offset, true), (Paging::Offset, false)] {
                assert_eq!(walk(paging, total, 7, tells), all, "{paging:?} {total}");
            }
        }
    }

    #[test]
    fn a_list_that_turns_in_circles_ends() {
        let mut pages = Pages::new(Paging::Cursor, String::new(), 0, 0);
        assert_eq!(pages.step(page(1, "Mg==", Some(true))), Step::Cursor("Mg==".into()));
        assert_eq!(pages.step(page(1, "Mg==", Some(true))), Step::Circle);
    }

    #[test]
    fn a_cursor_counts_only_while_there_are_more() {
        let mut pages = Pages::new(Paging::Cursor, String::new(), 0, 0);
        assert_eq!(pages.step(page(3, "x", Some(false))), Step::End);
        assert_eq!(pages.step(page(3, "x", None)), Step::Cursor("x".into()));
        assert_eq!(pages.step(page(3, "", Some(true))), Step::End);
    }
}
