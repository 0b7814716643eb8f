//! Which endpoints a proxy lets through.

use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::{MAX_ENDPOINT_BYTES, is_segment};

/// Longest list of patterns accepted.
const MAX_PATTERNS: usize = 1000;

/// A pattern of endpoint ids, such as `fal-ai/flux/**`.
///
/// `*` stands for one segment, `**` at the end for any number of them, also none. There is nothing else: no negation, no
/// braces, no regular expression, so a pattern means what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPattern(String);

/// Why a text is not a pattern, or not one that may open endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// Fewer than two segments; `**` alone would open everything.
    TooShort,
    /// A segment has a character an endpoint id cannot have, or `*` stands beside other characters.
    Segment,
    /// `**` stands somewhere else than at the end.
    DoubleStar,
    /// The list is empty or longer than 1000.
    Count,
    /// A star stands for the owner: the pattern would open the apps of everybody.
    Owner,
    /// The old form `123-app`, which is another spelling of `123/app`.
    OldForm,
    /// No endpoint id is like that: it has too few segments, or `requests` where no id has it.
    NoId,
}

impl core::fmt::Display for PatternError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooShort => "an endpoint pattern has at least two segments",
            Self::Segment => "a segment of the endpoint pattern has a character that an endpoint id cannot have, or a star beside others",
            Self::DoubleStar => "`**` can only be the last segment of an endpoint pattern",
            Self::Count => "a list of endpoint patterns has between 1 and 1000 of them",
            Self::Owner => "a pattern that opens endpoints names their owner: a star in its place would open everybody's",
            Self::OldForm => "an endpoint pattern has a slash after the number: `123/app`, not `123-app`",
            Self::NoId => "no endpoint id is like that: an id is owner/app[/path], or workflows/owner/app[/path], and has no `requests` after the app",
        })
    }
}

impl core::error::Error for PatternError {}

/// Owners with a meaning of their own: the owner is the segment after them.
const NAMESPACES: [&str; 2] = ["workflows", "comfy"];

/// Where a pattern may end before the id it is held against, or the id before the pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// At the same place.
    Together,
    /// The id may end first: it is an app of which some endpoint is meant.
    IdFirst,
    /// The pattern may end first: what is below it is meant, too.
    PatternFirst,
}

impl EndpointPattern {
    /// Checks a pattern.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        check(pattern).map(|()| Self(pattern.into()))
    }

    /// Whether an endpoint id is one of those.
    pub fn matches(&self, id: &str) -> bool {
        matches(&self.0, id, Ends::Together)
    }

    /// Whether an endpoint id is one of those, or below one.
    pub fn covers(&self, id: &str) -> bool {
        matches(&self.0, id, Ends::PatternFirst)
    }

    /// Whether it names whose endpoints it is about.
    pub fn names_owner(&self) -> bool {
        let mut segments = self.0.split('/');
        let first = segments.next().unwrap_or_default();
        let owner = if NAMESPACES.contains(&first) { segments.next().unwrap_or_default() } else { first };
        !owner.starts_with('*')
    }

    /// The segments of the pattern.
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

/// A list of endpoint patterns: those that may be called.
#[derive(Clone, Debug)]
pub struct EndpointPatterns(Vec<EndpointPattern>);

impl EndpointPatterns {
    /// Checks a list of patterns. Each has to name an owner.
    pub fn parse(patterns: impl IntoIterator<Item = String>) -> Result<Self, PatternError> {
        let mut list = Vec::new();
        for pattern in patterns {
            let pattern = EndpointPattern::parse(&pattern)?;
            if !pattern.names_owner() {
                return Err(PatternError::Owner);
            }
            list.push(pattern);
            if list.len() > MAX_PATTERNS {
                return Err(PatternError::Count);
            }
        }
        if list.is_empty() { Err(PatternError::Count) } else { Ok(Self(list)) }
    }

    /// The patterns.
    pub(super) fn iter(&self) -> impl Iterator<Item = &EndpointPattern> {
        self.0.iter()
    }

    /// Whether an endpoint id is on the list.
    pub fn allows_endpoint(&self, id: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(id))
    }

    /// Whether all of the app with this bare name is on the list: there is `owner/name/**`.
    pub fn opens_app(&self, alias: &str) -> bool {
        let whole = |EndpointPattern(pattern): &EndpointPattern| {
            let (owner, name) = pattern.strip_suffix("/**")?.rsplit_once('/')?;
            let is_owner = |text: &str| !text.contains('/') && !NAMESPACES.contains(&text);
            let owned = is_owner(owner)
                || owner.strip_prefix("workflows/").is_some_and(is_owner)
                || owner.strip_prefix("comfy/").is_some_and(is_owner);
            Some(owned && name == alias && name != "*")
        };
        self.0.iter().any(|pattern| whole(pattern) == Some(true))
    }

    /// Whether some endpoint of this app is on the list. Status, result and cancel know only the app.
    pub fn allows_app(&self, app: &str) -> bool {
        self.0.iter().any(|EndpointPattern(pattern)| matches(pattern, app, Ends::IdFirst))
    }
}

fn check(pattern: &str) -> Result<(), PatternError> {
    let count = pattern.split('/').count();
    if count < 2 {
        let numbered = pattern.split_once('-').is_some_and(|(number, app)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && is_segment(app.as_bytes())
        });
        return Err(if numbered { PatternError::OldForm } else { PatternError::TooShort });
    }
    let mut app = 2;
    for (index, segment) in pattern.split('/').enumerate() {
        match segment {
            "**" if index + 1 == count => {}
            "**" => return Err(PatternError::DoubleStar),
            "*" => {}
            _ if !is_segment(segment.as_bytes()) => return Err(PatternError::Segment),
            _ if index == 0 && NAMESPACES.contains(&segment) => app = 3,
            // There it names a request.
            "requests" if index == app => return Err(PatternError::NoId),
            _ => {}
        }
    }
    let fits = count >= app || pattern.ends_with("**");
    if !fits || pattern.len() > MAX_ENDPOINT_BYTES { Err(PatternError::NoId) } else { Ok(()) }
}

fn matches(pattern: &str, id: &str, ends: Ends) -> bool {
    let mut wanted = pattern.split('/');
    for segment in id.split('/') {
        match wanted.next() {
            Some("**") => return true,
            Some(want) if want == "*" || want == segment => {}
            None => return ends == Ends::PatternFirst,
            Some(_) => return false,
        }
    }
    matches!(wanted.next(), None | Some("**")) || ends == Ends::IdFirst
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn list(patterns: &[&str]) -> EndpointPatterns {
        EndpointPatterns::parse(patterns.iter().map(ToString::to_string)).unwrap()
    }

    #[test]
    fn a_pattern_opens_what_it_names_and_nothing_else() {
        let flux = list(&["fal-ai/flux/**", "fal-ai/any-llm", "me/*/v1"]);
        for id in ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/flux/dev/image-to-image", "fal-ai/any-llm", "me/x/v1"] {
            assert!(flux.allows_endpoint(id), "{id}");
        }
        for id in ["fal-ai/flux-pro", "fal-ai/veo3", "fal-ai/any-llm/vision", "me/v1", "me/x/v1/y", "fal-ai"] {
            assert!(!flux.allows_endpoint(id), "{id}");
        }
    }

    #[test]
    fn asking_about_a_request_needs_an_endpoint_of_the_same_app() {
        let dev = list(&["fal-ai/flux/dev"]);
        assert!(dev.allows_app("fal-ai/flux") && !dev.allows_app("fal-ai/veo3") && !dev.allows_endpoint("fal-ai/flux"));
    }

    #[test]
    fn a_name_opens_an_app_only_when_all_of_it_is_open() {
        let some = list(&["fal-ai/flux/**", "fal-ai/lcm", "fal-ai/any/dev/**", "comfy/me/sketch/**", "me/*/**"]);
        assert!(some.opens_app("flux") && some.opens_app("sketch"));
        for alias in ["lcm", "any", "dev", "me", "*", "**", "", "fal-ai"] {
            assert!(!some.opens_app(alias), "{alias}");
        }
    }

    #[test]
    fn a_list_that_opens_everything_or_nothing_is_a_mistake() {
        let error = |text: &str| EndpointPatterns::parse([text.to_string()]).unwrap_err();
        assert_eq!(error("**"), PatternError::TooShort);
        assert_eq!(error("fal-ai/**/dev"), PatternError::DoubleStar);
        assert_eq!(error("fal-ai/fl*"), PatternError::Segment);
        assert_eq!(error("fal-ai/{a,b}"), PatternError::Segment);
        assert_eq!(EndpointPatterns::parse([]).unwrap_err(), PatternError::Count);
        for text in ["*/**", "*/*", "*/*/dev", "*/flux", "workflows/**", "comfy/*/**", "comfy/*/sketch"] {
            assert_eq!(error(text), PatternError::Owner, "{text}");
            assert!(EndpointPattern::parse(text).is_ok(), "rules may be for everybody's: {text}");
        }
    }

    #[test]
    fn a_pattern_that_no_id_can_match_is_a_mistake() {
        let error = |text: &str| EndpointPattern::parse(text).unwrap_err();
        assert_eq!(error("110602490-lcm"), PatternError::OldForm);
        for text in ["a/b/requests/**", "workflows/me/app/requests", "workflows/me"] {
            assert_eq!(error(text), PatternError::NoId, "{text}");
        }
        for text in ["a/-b", "a/.b", "a/_b", "", "a", "a/b ", "a/é"] {
            assert!(matches!(error(text), PatternError::Segment | PatternError::TooShort), "{text}");
        }
        assert_eq!(error(&["a"; 300].join("/")), PatternError::NoId);
        assert!(EndpointPattern::parse("a/requests").is_ok() && EndpointPattern::parse("workflows/me/**").is_ok());
    }

    proptest! {
        /// The same rule written as a regular expression.
        #[test]
        fn the_matcher_equals_a_naive_one(pattern in "(a|b|\\*)(/(a|b|\\*)){1,3}(/\\*\\*)?", id in "(a|b|c)(/(a|b|c)){1,4}") {
            let naive = pattern
                .split('/')
                .map(|part| match part {
                    "**" => "(/.+)?".to_string(),
                    "*" => "/[^/]+".to_string(),
                    plain => ["/", plain].concat(),
                })
                .collect::<Vec<_>>()
                .concat();
            let naive = regex::Regex::new(&["^", &naive, "$"].concat()).unwrap();
            let path = ["/", &id].concat();
            prop_assert_eq!(EndpointPattern::parse(&pattern).unwrap().matches(&id), naive.is_match(&path));
            let opens = EndpointPatterns::parse([pattern.clone()]);
            prop_assert_eq!(opens.is_err(), pattern.starts_with('*'));
            prop_assert!(opens.map_or(true, |list| list.allows_endpoint(&id) == naive.is_match(&path)));
        }
    }
}
