//! Which short-lived tokens a policy lets be issued.

use alloc::string::String;

use super::policy::Policy;
use super::refusal::Refusal;
use super::token::TokenIssue;
use crate::credentials::EndpointTable;
use crate::protocol::{EndpointId, TokenContract};

/// Which short-lived tokens may be asked for. By default only those of the newer contract, for what has no rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPolicy {
    /// Also for endpoints with rules for inputs. What goes through such a connection nobody sees.
    pub unruled: bool,
    /// Also by the older contract, which opens all of an app.
    pub older: bool,
}

impl TokenPolicy {
    /// Tokens for endpoints with rules, too, or by the older contract, too.
    pub fn new(unruled: bool, older: bool) -> Self {
        Self { unruled, older }
    }
}

impl Policy {
    /// Whether a token may be asked for under this name. The newer contract names an endpoint, which has to be on the
    /// list, and a way on which a token is needed: `/realtime`, or `/stream`. The older one knows an app by its bare name
    /// and opens all of it, so all of it has to be. Neither opens what has rules, unless the policy says so.
    pub fn may_issue_token(&self, contract: TokenContract, name: &str) -> bool {
        let Some(TokenPolicy { unruled, older }) = self.tokens else { return false };
        let ruled = self.ruled.as_ref().filter(|_| !unruled);
        match contract {
            TokenContract::Newer => {
                let id = EndpointId::parse(name).ok().filter(|id| id.as_str() == name);
                let way = id.as_ref().and_then(|id| name.strip_prefix(id.app().as_str()));
                way.is_some_and(|way| way.ends_with("/realtime") || way.ends_with("/stream"))
                    && self.endpoints.allows_endpoint(name)
                    && ruled.is_none_or(|ruled| ruled.about(name, false).is_empty())
            }
            // It opens all of an app, and a grant is for one endpoint.
            TokenContract::Older => {
                let is_free = |table: Option<&EndpointTable>| table.is_none_or(|table| !table.is_about_app(name));
                older && self.endpoints.opens_app(name) && is_free(ruled) && is_free(self.granted.as_ref())
            }
        }
    }

    /// Begins to issue a token for all of these names: in the contract they were asked for in, and in the older one where
    /// fal does not know the newer, if the policy allows that for the apps of all of them.
    pub fn issue_token(&self, asked: TokenContract, names: &[&str]) -> Result<TokenIssue, Refusal> {
        let may = |contract, name: &str| self.may_issue_token(contract, name);
        if names.is_empty() || !names.iter().all(|name| may(asked, name)) {
            return Err(Refusal::Endpoint);
        }
        let has_fallback = asked == TokenContract::Newer
            && names.iter().all(|name| bare_name(name).is_some_and(|alias| may(TokenContract::Older, &alias)));
        Ok(TokenIssue::new(asked, has_fallback))
    }
}

/// The name by which the older contract knows the app of an endpoint.
pub fn bare_name(endpoint: &str) -> Option<String> {
    let app = EndpointId::parse(endpoint).ok()?.app();
    app.as_str().rsplit_once('/').map(|(_, alias)| alias.into())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::credentials::{EndpointPatterns, Scope};
    use crate::protocol::Route;

    fn policy() -> Policy {
        Policy::new(EndpointPatterns::parse(["fal-ai/flux/**".to_string()]).unwrap())
    }

    /// Every token that a policy may allow.
    fn all_tokens() -> Option<TokenPolicy> {
        Some(TokenPolicy::new(true, true))
    }

    #[test]
    fn a_token_opens_no_more_than_the_list() {
        for url in ["https://rest.fal.ai/tokens/", "https://rest.fal.ai/tokens/realtime"] {
            assert_eq!(policy().route("POST", Some(url)), Err(Refusal::Endpoint), "not unless it is allowed");
            let open = Policy { tokens: all_tokens(), ..policy() };
            assert!(matches!(open.route("POST", Some(url)), Ok(Route::Token(_))));
            assert_eq!(open.route("GET", Some(url)), Err(Refusal::Method));
        }
        let one = EndpointPatterns::parse(["fal-ai/flux/realtime".to_string()]).unwrap();
        let all = Policy { tokens: all_tokens(), ..policy() };
        let one = Policy { endpoints: one, ..all.clone() };
        let may = |policy: &Policy, contract, name| policy.may_issue_token(contract, name);
        assert!(may(&all, TokenContract::Newer, "fal-ai/flux/realtime") && may(&all, TokenContract::Older, "flux"));
        assert!(may(&one, TokenContract::Newer, "fal-ai/flux/realtime") && !may(&one, TokenContract::Older, "flux"));
        for name in ["fal-ai/flux-pro/realtime", "flux", "*", "fal-ai/*/realtime", "", "fal-ai/flux/../veo3"] {
            assert!(!may(&all, TokenContract::Newer, name), "{name}");
        }
        for name in ["*", "", "veo3", "fal-ai", "fal-ai/flux", "**"] {
            assert!(!may(&all, TokenContract::Older, name), "{name}");
        }
    }

    #[test]
    fn tokens_go_round_no_rule_and_open_no_more_than_a_way() {
        let rules =
            |patterns: &[&str]| EndpointTable::parse(patterns.iter().map(ToString::to_string), Scope::Covered).unwrap();
        let open = Policy::new(policy().endpoints);
        let may = |tokens, ruled: &[&str], contract, name| {
            let policy = open.clone().with_tokens(tokens).with_rules(rules(ruled));
            policy.issue_token(contract, &[name]).is_ok()
        };
        let (newer, older) = (TokenContract::Newer, TokenContract::Older);
        let plain = TokenPolicy::default();
        let session = "fal-ai/flux/dev/realtime";
        assert!(may(plain, &["fal-ai/veo3"], newer, session) && may(plain, &[], newer, "fal-ai/flux/stream"));
        for name in
            ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/realtime", "fal-ai/flux/realtime/x", "110602490-realtime"]
        {
            assert!(!may(plain, &[], newer, name), "{name} is no way");
        }
        for ruled in ["fal-ai/flux", "fal-ai/**", "*/**", "fal-ai/flux/dev", "fal-ai/flux/*/realtime"] {
            assert!(!may(plain, &[ruled], newer, session), "{ruled}");
            assert!(may(TokenPolicy::new(true, false), &[ruled], newer, session), "{ruled}");
            assert!(!may(TokenPolicy::new(false, true), &[ruled], older, "flux"), "{ruled}");
            assert!(may(TokenPolicy::new(true, true), &[ruled], older, "flux"), "{ruled}");
        }
        assert!(!may(plain, &[], older, "flux") && may(TokenPolicy::new(false, true), &[], older, "flux"));
        let asked = "https://rest.fal.ai/tokens/";
        assert_eq!(open.clone().with_tokens(plain).route("POST", Some(asked)), Err(Refusal::Endpoint));
        assert_eq!(bare_name("workflows/me/card/realtime").as_deref(), Some("card"));
    }

    #[test]
    fn the_older_contract_opens_nothing_that_needs_a_grant() {
        let needs = |patterns: &[&str]| {
            let granted = EndpointTable::parse(patterns.iter().map(ToString::to_string), Scope::Covered).unwrap();
            policy().with_tokens(all_tokens()).with_grants(granted)
        };
        for granted in ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/**"] {
            let policy = needs(&[granted]);
            assert!(policy.issue_token(TokenContract::Older, &["flux"]).is_err(), "{granted}");
            assert!(policy.needs_grant("fal-ai/flux/dev/realtime", false), "{granted}");
        }
        let policy = needs(&["fal-ai/veo3"]);
        assert!(policy.issue_token(TokenContract::Older, &["flux"]).is_ok());
        assert!(!policy.needs_grant("fal-ai/flux", true) && policy.needs_grant("fal-ai/veo3", true));
    }
}
