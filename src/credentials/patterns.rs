//! Which endpoints a proxy lets through.

use alloc::string::String;
use alloc::vec::Vec;

/// Longest list of patterns accepted.
const MAX_PATTERNS: usize = 1000;

/// A list of endpoint patterns, such as `fal-ai/flux/**`.
///
/// `*` stands for one segment, `**` at the end for any number of them, also none. There is nothing else: no negation, no
/// braces, no regular expression, so a list means what it says.
#[derive(Clone, Debug)]
pub struct EndpointPatterns(Vec<String>);

/// Why a text is not a pattern.
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
}

impl core::fmt::Display for PatternError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooShort => "an endpoint pattern has at least two segments",
            Self::Segment => "a segment of the endpoint pattern has a character that an endpoint id cannot have, or a star beside others",
            Self::DoubleStar => "`**` can only be the last segment of an endpoint pattern",
            Self::Count => "a list of endpoint patterns has between 1 and 1000 of them",
        })
    }
}

impl core::error::Error for PatternError {}

impl EndpointPatterns {
    /// Checks a list of patterns.
    pub fn parse(patterns: impl IntoIterator<Item = String>) -> Result<Self, PatternError> {
        let mut list = Vec::new();
        for pattern in patterns {
            check(&pattern)?;
            list.push(pattern);
            if list.len() > MAX_PATTERNS {
                return Err(PatternError::Count);
            }
        }
        if list.is_empty() { Err(PatternError::Count) } else { Ok(Self(list)) }
    }

    /// Whether an endpoint id is on the list.
    pub fn allows_endpoint(&self, id: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, id, false))
    }

    /// Whether all of the app with this bare name is on the list: there is `owner/name/**`.
    pub fn opens_app(&self, alias: &str) -> bool {
        let whole = |pattern: &String| {
            let (owner, name) = pattern.strip_suffix("/**")?.rsplit_once('/')?;
            let is_owner = |text: &str| !text.contains('/') && !matches!(text, "workflows" | "comfy");
            let owned = is_owner(owner)
                || owner.strip_prefix("workflows/").is_some_and(is_owner)
                || owner.strip_prefix("comfy/").is_some_and(is_owner);
            Some(owned && name == alias && name != "*")
        };
        self.0.iter().any(|pattern| whole(pattern) == Some(true))
    }

    /// Whether some endpoint of this app is on the list. Status, result and cancel know only the app.
    pub fn allows_app(&self, app: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, app, true))
    }
}

fn check(pattern: &str) -> Result<(), PatternError> {
    let count = pattern.split('/').count();
    if count < 2 {
        return Err(PatternError::TooShort);
    }
    for (index, segment) in pattern.split('/').enumerate() {
        let plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        match segment {
            "**" if index + 1 == count => {}
            "**" => return Err(PatternError::DoubleStar),
            "*" => {}
            "" => return Err(PatternError::Segment),
            _ if !plain => return Err(PatternError::Segment),
            _ => {}
        }
    }
    Ok(())
}

/// `prefix` lets the id end before the pattern does.
fn matches(pattern: &str, id: &str, prefix: bool) -> bool {
    let mut wanted = pattern.split('/');
    for segment in id.split('/') {
        match wanted.next() {
            Some("**") => return true,
            Some(want) if want == "*" || want == segment => {}
            _ => return false,
        }
    }
    matches!(wanted.next(), None | Some("**")) || prefix
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
            prop_assert_eq!(list(&[&pattern]).allows_endpoint(&id), naive.is_match(&path));
        }
    }
}
