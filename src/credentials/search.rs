//! The order in which a credential is looked for.
//!
//! Source: fal's clients and authentication pages: explicit credentials, then `FAL_KEY`, then the pair `FAL_KEY_ID` and
//! `FAL_KEY_SECRET`; a login token only when there is no key.

/// A place to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The option `credentials`.
    Explicit = 1,
    /// The binding `FAL_KEY`.
    Key = 2,
    /// The binding `FAL_KEY_ID`.
    KeyId = 3,
    /// The binding `FAL_KEY_SECRET`.
    KeySecret = 4,
    /// The option `loginToken`.
    Login = 5,
}

impl Source {
    /// The name of its binding or variable; none for an option.
    pub const fn variable(self) -> Option<&'static str> {
        match self {
            Self::Key => Some("FAL_KEY"),
            Self::KeyId => Some("FAL_KEY_ID"),
            Self::KeySecret => Some("FAL_KEY_SECRET"),
            Self::Explicit | Self::Login => None,
        }
    }
}

/// What the `Authorization` header will say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Key id:secret`, from one value.
    Key,
    /// `Key id:secret`, from the two halves found last.
    KeyPair,
    /// `Bearer token`.
    Bearer,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Look here and answer whether there was something.
    Look(Source),
    /// Use what was found.
    Use(Scheme),
    /// There is nothing anywhere.
    Missing,
}

/// A search that has begun. Looks at one place at a time, so that a secret store is read only when it is needed.
#[derive(Clone, Copy, Debug)]
pub struct Search(Source);

impl Search {
    /// Begins a search.
    pub fn begin() -> (Self, Ask) {
        (Self(Source::Explicit), Ask::Look(Source::Explicit))
    }

    /// A search that has come to this place.
    pub fn at(source: Source) -> Self {
        Self(source)
    }

    /// Takes the answer to the last look.
    pub fn answer(&mut self, found: bool) -> Ask {
        let next = match (self.0, found) {
            (Source::Explicit | Source::Key, true) => return Ask::Use(Scheme::Key),
            (Source::KeySecret, true) => return Ask::Use(Scheme::KeyPair),
            (Source::Login, true) => return Ask::Use(Scheme::Bearer),
            (Source::Explicit, false) => Source::Key,
            (Source::Key, false) => Source::KeyId,
            (Source::KeyId, true) => Source::KeySecret,
            (Source::KeyId | Source::KeySecret, false) => Source::Login,
            (Source::Login, false) => return Ask::Missing,
        };
        self.0 = next;
        Ask::Look(next)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// Which scheme wins when these places have something, and where was looked.
    fn outcome(present: &[Source]) -> (Ask, Vec<Source>) {
        let (mut search, mut ask) = Search::begin();
        let mut looked = Vec::new();
        while let Ask::Look(source) = ask {
            looked.push(source);
            ask = search.answer(present.contains(&source));
        }
        (ask, looked)
    }

    #[test]
    fn the_more_explicit_wins_and_the_rest_is_not_even_read() {
        use Source::*;
        assert_eq!(outcome(&[Explicit, Key, KeyId, KeySecret, Login]), (Ask::Use(Scheme::Key), [Explicit].into()));
        assert_eq!(outcome(&[Key, KeyId, KeySecret, Login]).1, [Explicit, Key]);
        assert_eq!(outcome(&[KeyId, KeySecret, Login]).0, Ask::Use(Scheme::KeyPair));
        assert_eq!(outcome(&[Login]).0, Ask::Use(Scheme::Bearer));
        assert_eq!(outcome(&[]).0, Ask::Missing);
    }

    #[test]
    fn half_a_pair_is_no_key() {
        assert_eq!(outcome(&[Source::KeyId, Source::Login]).0, Ask::Use(Scheme::Bearer));
        assert_eq!(outcome(&[Source::KeySecret]).0, Ask::Missing);
    }
}
