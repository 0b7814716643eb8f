//! An account as bytes, for whoever keeps it.

use alloc::string::String;
use alloc::vec::Vec;

use super::window::{Sliding, Spent};
use super::{Account, Entry, Job, MAX_OPEN};

/// The form that is written. Another one is not guessed at.
const VERSION: u64 = 1;

/// These bytes are no account: where it was kept, something else has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the kept account cannot be read")
    }
}

impl core::error::Error for Unreadable {}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self, length: usize) -> Result<&[u8], Unreadable> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(Unreadable)?;
        self.0 = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        let bytes = self.bytes(8)?.try_into().map_err(|_| Unreadable)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn text(&mut self) -> Result<String, Unreadable> {
        let length = usize::try_from(self.number()?).map_err(|_| Unreadable)?;
        let bytes = self.bytes(length)?;
        core::str::from_utf8(bytes).map(String::from).map_err(|_| Unreadable)
    }

    fn sliding(&mut self) -> Result<Sliding, Unreadable> {
        Ok(Sliding { start: self.number()?, count: self.number()?, before: self.number()? })
    }

    fn spent(&mut self) -> Result<Spent, Unreadable> {
        Ok(Spent { start: self.number()?, sum: self.number()? })
    }

    fn entry(&mut self) -> Result<Entry, Unreadable> {
        let (ticket, app, id) = (self.text()?, self.text()?, self.text()?);
        Ok(Entry {
            ticket,
            job: (!id.is_empty()).then_some(Job { app, id }),
            cost: self.number()?,
            unit: f64::from_bits(self.number()?),
            spent_start: self.number()?,
            total: self.number()?.checked_sub(1),
            place: self.number()? != 0,
            since: self.number()?,
            asked: self.number()?,
            until: self.number()?,
        })
    }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn numbers(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.0.extend(number.to_le_bytes());
        }
    }

    fn text(&mut self, text: &str) {
        self.numbers(&[text.len() as u64]);
        self.0.extend(text.as_bytes());
    }

    fn entry(&mut self, entry: &Entry) {
        self.text(&entry.ticket);
        self.text(entry.job.as_ref().map_or("", |job| &job.app));
        self.text(entry.job.as_ref().map_or("", |job| &job.id));
        let place = u64::from(entry.place);
        let (unit, asked) = (entry.unit.to_bits(), entry.asked);
        let total = entry.total.map_or(0, |at| at.saturating_add(1));
        self.numbers(&[entry.cost, unit, entry.spent_start, total, place, entry.since, asked, entry.until]);
    }
}

impl Account {
    /// Reads an account; nothing is a new one.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut reader = Reader(bytes);
        if reader.number()? != VERSION {
            return Err(Unreadable);
        }
        let (now, until) = (reader.number()?, reader.number()?);
        let (requests, keys, kept) = (reader.sliding()?, reader.sliding()?, reader.sliding()?);
        let (spent, pace) = (reader.spent()?, reader.spent()?);
        let stopped = reader.number()? != 0;
        let count = usize::try_from(reader.number()?).map_err(|_| Unreadable)?;
        let mut open = Vec::new();
        for _ in 0..count.min(MAX_OPEN + 1) {
            open.push(reader.entry()?);
        }
        let account = Self { now, requests, keys, kept, spent, pace, stopped, until, open };
        if reader.0.is_empty() { Ok(account) } else { Err(Unreadable) }
    }

    /// The bytes to keep.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.numbers(&[VERSION, self.now, self.until]);
        for Sliding { start, count, before } in [self.requests, self.keys, self.kept] {
            writer.numbers(&[start, count, before]);
        }
        let (spent, pace, stopped) = (self.spent, self.pace, u64::from(self.stopped));
        writer.numbers(&[spent.start, spent.sum, pace.start, pace.sum, stopped, self.open.len() as u64]);
        for entry in &self.open {
            writer.entry(entry);
        }
        writer.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_nothing_else_is_read() {
        let job = Job::new("fal-ai/flux", "r1");
        let entry = Entry { ticket: "é".into(), job, cost: 7, unit: 0.5, place: true, until: 9, ..Entry::default() };
        let requests = Sliding { start: 1, count: 2, before: 3 };
        let open = std::vec![entry.clone(), Entry { job: None, total: Some(0), ..entry }];
        let (spent, pace) = (Spent { start: 4, sum: 6 }, Spent { start: 7, sum: 10 });
        let account = Account { now: 5, requests, spent, pace, stopped: true, until: 8, open, ..Account::default() };
        let bytes = account.write();
        assert_eq!(Account::read(&bytes), Ok(account));
        assert_eq!(Account::read(&[]), Ok(Account::default()));
        for end in 1..bytes.len() {
            assert_eq!(Account::read(bytes.get(..end).unwrap()), Err(Unreadable), "{end}");
        }
        assert_eq!(Account::read(&[&bytes[..], b"x"].concat()), Err(Unreadable));
        assert_eq!(Account::read(&[2; 400]), Err(Unreadable));
    }
}
