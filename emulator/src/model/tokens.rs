//! Short-lived tokens: what an app gives its users instead of a key.

use std::collections::BTreeMap;

use super::endpoint::Endpoint;
use super::time::Millis;

/// How many tokens are remembered; the one that expires first is forgotten beyond that.
const MAX_TOKENS: usize = 10_000;

/// Tokens, whom they act for, and until when. The CDN's tokens are kept the same way.
#[derive(Debug, Default)]
pub struct Tokens(BTreeMap<String, Token>);

/// What a token allows.
#[derive(Debug)]
pub struct Token {
    /// The account it acts for.
    pub account: String,
    allowed_apps: Vec<String>,
    expires: Millis,
}

impl Tokens {
    /// Remembers a token.
    pub fn add(&mut self, token: String, account: String, allowed_apps: Vec<String>, expires: Millis) {
        if self.0.len() >= MAX_TOKENS {
            let oldest = self.0.iter().min_by_key(|(_, token)| token.expires).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.0.remove(&name));
        }
        self.0.insert(token, Token { account, allowed_apps, expires });
    }

    /// What a token allows, while it lasts.
    pub fn get(&self, now: Millis, token: &str) -> Option<&Token> {
        self.0.get(token).filter(|token| now < token.expires)
    }
}

impl Token {
    /// Whether the token may call this endpoint. The official clients limit a token to the bare alias (`flux`), the
    /// newest documentation to an id: both count, and an id counts for everything under it.
    pub fn allows(&self, endpoint: &Endpoint) -> bool {
        let id = endpoint.id();
        let under = |app: &str| id.strip_prefix(app).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.allowed_apps.iter().any(|app| app == endpoint.alias() || (app.contains('/') && under(app)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_the_apps_it_names_until_it_expires_and_nothing_else() {
        let mut tokens = Tokens::default();
        tokens.add("t".into(), "ann".into(), vec!["flux".into(), "emulator/slow".into()], 1_000);
        let allows = |path: &str| tokens.get(999, "t").unwrap().allows(&Endpoint::parse(path).unwrap());
        assert!(allows("/fal-ai/flux/dev") && allows("/emulator/slow"));
        assert!(allows("/emulator/slow/realtime") && !allows("/emulator/slower"));
        assert!(!allows("/emulator/echo") && !allows("/fal-ai/any-llm"));
        assert!(tokens.get(1_000, "t").is_none() && tokens.get(0, "u").is_none());
    }
}
