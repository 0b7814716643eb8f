//! What an app says about single endpoints, by pattern: its rules for inputs, its prices.

use alloc::string::String;
use alloc::vec::Vec;

use super::patterns::{EndpointPattern, EndpointPatterns, PatternError};

/// How a fal app answers in another way than by its id alone.
const WAYS: [&str; 2] = ["stream", "realtime"];

/// What a pattern of a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What it matches, and all that is below: a rule cannot be gone round by a longer id.
    Covered,
    /// What it matches, under any of its names: a price does not open what has none.
    Named,
}

/// A table by pattern. Unlike a list that opens endpoints, it may be about everybody's (`*/**`).
#[derive(Clone, Debug)]
pub struct EndpointTable {
    patterns: Vec<EndpointPattern>,
    scope: Scope,
}

impl EndpointTable {
    /// Reads patterns; the place of the first that is none, and why.
    pub fn parse(patterns: impl IntoIterator<Item = String>, scope: Scope) -> Result<Self, (usize, PatternError)> {
        let read = |(place, pattern): (usize, String)| EndpointPattern::parse(&pattern).map_err(|error| (place, error));
        let patterns: Result<Vec<_>, _> = patterns.into_iter().enumerate().map(read).collect();
        Ok(Self { patterns: patterns?, scope })
    }

    /// The places of the patterns that are about a call to an endpoint. One that is `streamed` is also called by the id
    /// with `/stream` after it; an id that ends in `/stream` or `/realtime` is another way to the id before.
    pub fn about(&self, endpoint: &str, streamed: bool) -> Vec<usize> {
        let mut own = String::from(endpoint);
        own.push_str("/stream");
        let names = [Some(endpoint), streamed.then_some(own.as_str()), way_to(endpoint)];
        let is_about = |pattern: &EndpointPattern| {
            names.iter().flatten().any(|name| match self.scope {
                Scope::Covered => pattern.covers(name),
                Scope::Named => pattern.matches(name),
            })
        };
        let found = self.patterns.iter().enumerate().filter(|(_, pattern)| is_about(pattern));
        found.map(|(place, _)| place).collect()
    }

    /// Whether a pattern may be about some endpoint of the app with this bare name, whoever owns it.
    pub fn is_about_app(&self, alias: &str) -> bool {
        let apps = [&["*", alias, "**"][..], &["workflows", "*", alias, "**"][..], &["comfy", "*", alias, "**"][..]];
        self.patterns.iter().any(|pattern| apps.iter().any(|app| self.meets(pattern, app)))
    }

    /// The place of the first pattern that is about nothing of what a list opens.
    pub fn idle(&self, open: &EndpointPatterns) -> Option<usize> {
        self.patterns.iter().position(|pattern| {
            !open.iter().any(|opened| {
                let opened: Vec<&str> = opened.segments().collect();
                let mut streamed = opened.clone();
                streamed.push("stream");
                let shortest = opened.strip_suffix(&["**"]).unwrap_or(&opened);
                let before = shortest.split_last().filter(|(last, rest)| rest.len() > 1 && is_way(last));
                let names = [Some(opened.as_slice()), Some(&streamed), before.map(|(_, rest)| rest)];
                names.into_iter().flatten().any(|name| self.meets(pattern, name))
            })
        })
    }

    /// Whether some endpoint id is both one of a pattern's and one of what is opened.
    fn meets(&self, pattern: &EndpointPattern, opened: &[&str]) -> bool {
        let mut opened = opened.iter().copied().peekable();
        for want in pattern.segments() {
            match (want, opened.next()) {
                ("**", _) | (_, Some("**")) => return true,
                (_, None) => return false,
                (want, Some(have)) if want == have || want == "*" || have == "*" => {}
                _ => return false,
            }
        }
        self.scope == Scope::Covered || matches!(opened.next(), None | Some("**"))
    }
}

/// Whether a segment of a pattern may be the name of a way.
fn is_way(segment: &str) -> bool {
    segment == "*" || WAYS.contains(&segment)
}

/// The endpoint to which an id is another way.
fn way_to(endpoint: &str) -> Option<&str> {
    let (before, last) = endpoint.rsplit_once('/')?;
    (WAYS.contains(&last) && before.contains('/')).then_some(before)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn table(patterns: &[&str], scope: Scope) -> EndpointTable {
        EndpointTable::parse(patterns.iter().map(ToString::to_string), scope).unwrap()
    }

    fn open(patterns: &[&str]) -> EndpointPatterns {
        EndpointPatterns::parse(patterns.iter().map(ToString::to_string)).unwrap()
    }

    #[test]
    fn a_rule_holds_for_every_way_to_its_endpoint_and_for_what_is_below() {
        let rule = table(&["a/b"], Scope::Covered);
        for (id, streamed) in
            [("a/b", false), ("a/b", true), ("a/b/stream", false), ("a/b/realtime", false), ("a/b/c/d", true)]
        {
            assert_eq!(rule.about(id, streamed), [0], "{id} {streamed}");
        }
        for id in ["a/bc", "a/c", "x/a/b"] {
            assert!(rule.about(id, true).is_empty(), "{id}");
        }
        let streams = table(&["a/b/stream"], Scope::Covered);
        assert_eq!(streams.about("a/b", true), [0]);
        assert_eq!(streams.about("a/b/stream", false), [0]);
        assert!(streams.about("a/b", false).is_empty());
    }

    #[test]
    fn a_price_is_that_of_the_endpoint_by_whatever_way_and_of_nothing_below() {
        let price = table(&["a/b", "a/c/stream"], Scope::Named);
        for (id, streamed) in [("a/b", false), ("a/b", true), ("a/b/stream", false), ("a/b/realtime", false)] {
            assert_eq!(price.about(id, streamed), [0], "{id} {streamed}");
        }
        assert_eq!(price.about("a/c", true), [1]);
        assert!(price.about("a/b/expensive", true).is_empty() && price.about("a/c", false).is_empty());
    }

    #[test]
    fn what_fits_nothing_that_is_open_is_found() {
        for (pattern, opens, fits) in [
            ("a/b", "a/b", true),
            ("a/b", "a/**", true),
            ("a/**", "a/b", true),
            ("*/**", "a/b", true),
            ("a/b/stream", "a/b", true),
            ("a/b", "a/b/stream", true),
            ("a/b", "a/b/realtime", true),
            ("a/b", "a/b/*", true),
            ("a/*/c", "a/b/*", true),
            ("a/b", "a/bc", false),
            ("a/b", "c/**", false),
            ("a/b/c", "a/b", false),
            ("a/*/c", "a/b/d", false),
        ] {
            for scope in [Scope::Covered, Scope::Named] {
                let idle = table(&["*/**", pattern], scope).idle(&open(&[opens]));
                assert_eq!(idle, (!fits).then_some(1), "{pattern} {opens} {scope:?}");
            }
        }
        assert_eq!(table(&["a/b"], Scope::Covered).idle(&open(&["a/b/c"])), None, "a rule holds for what is below");
        assert_eq!(table(&["a/b"], Scope::Named).idle(&open(&["a/b/c"])), Some(0), "a price does not");
    }

    #[test]
    fn a_bare_name_is_of_any_owner() {
        let rules = table(&["fal-ai/flux/dev", "workflows/me/card"], Scope::Covered);
        assert!(rules.is_about_app("flux") && rules.is_about_app("card"));
        assert!(!rules.is_about_app("veo3") && !rules.is_about_app("dev"));
        assert!(table(&["me/**"], Scope::Covered).is_about_app("veo3"));
    }

    proptest! {
        /// What is said to fit nothing is about nothing that is open, whichever way it is called; what is about something fits.
        #[test]
        fn idle_is_exact(
            pattern in "(a|b|\\*)(/(a|b|stream|\\*)){1,2}(/\\*\\*)?",
            opens in "(a|b)(/(a|b|stream|\\*)){1,2}(/\\*\\*)?",
            id in "(a|b)(/(a|b|stream)){1,3}",
            streamed in any::<bool>(),
        ) {
            let list = open(&[&opens]);
            let own = [id.as_str(), "/stream"].concat();
            let is_open = list.allows_endpoint(&id) || (streamed && list.allows_endpoint(&own));
            for scope in [Scope::Covered, Scope::Named] {
                let table = table(&[&pattern], scope);
                if is_open && !table.about(&id, streamed).is_empty() {
                    prop_assert_eq!(table.idle(&list), None);
                }
            }
        }
    }
}
