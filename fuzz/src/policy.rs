//! What a proxy lets through: nothing that a reader of its list would not have expected.

use fal_wasm::credentials::EndpointPatterns;
use fal_wasm::protocol::{Route, TokenContract};
use fal_wasm::proxy::{Decision, IncomingCall, Origin, Policy, Refusal, TokenPolicy};

use super::bytes::Bytes;

/// Flags and a method, then lines: patterns, an empty one, what is asked for, what comes with it.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let (uploads, tokens) = (data.flag(), data.flag());
    let method = data.pick(&["GET", "POST", "PUT", "get", "DELETE", "OPTIONS", "PATCH", "HEAD", ""]);
    let lines = data.lines();
    let mut lines = lines.iter().map(String::as_str);
    let patterns: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let Ok(endpoints) = EndpointPatterns::parse(patterns.iter().copied().map(String::from)) else { return };
    let target = lines.next();
    let trusted = lines.next().unwrap_or_default();
    let trusted_origins: Vec<Origin> = Origin::parse(trusted).into_iter().collect();
    let is_trusted = !trusted_origins.is_empty();
    let policy = Policy::new(endpoints)
        .with_trusted_origins(trusted_origins)
        .with_uploads(uploads)
        .with_tokens(tokens.then(|| TokenPolicy::new(false, true)));

    if let Ok(route) = policy.route(method, target) {
        let may = |id: &str, prefix| patterns.iter().any(|pattern| matches(pattern, id, prefix));
        let expected = match (&route, route.endpoint(), route.app()) {
            (Route::Token(_), ..) => tokens,
            (Route::Initiate | Route::InitiateMultipart, ..) => uploads,
            (Route::Stream(id), ..) => may(id.as_str(), false) || may(&format!("{}/stream", id.as_str()), false),
            (_, Some(id), _) => may(id.as_str(), false),
            (_, None, app) => may(app.expect("the rest is about a request").as_str(), true),
        };
        assert!(expected, "{patterns:?} let through {target:?}");
    }
    if let Some(name) = target.filter(|name| policy.may_issue_token(TokenContract::Newer, name)) {
        assert!(patterns.iter().any(|pattern| matches(pattern, name, false)), "{name}");
    }

    let (url, origin) = (lines.next().unwrap_or_default(), lines.next());
    let (fetch_site, content_type) = (lines.next(), lines.next());
    let mut call = IncomingCall::new(method, url);
    (call.origin, call.fetch_site, call.content_type) = (origin, fetch_site, content_type);
    call.leaks_key = uploads;
    match policy.admit(&call) {
        Decision::Proceed => {
            assert!(!uploads, "a key that leaked goes on");
            let own = matches!(fetch_site, Some("same-origin" | "none")) || fetch_site.is_none();
            assert!(own || (is_trusted && origin == Some(trusted)), "{fetch_site:?} {origin:?}");
        }
        Decision::Preflight => assert_eq!(method, "OPTIONS"),
        Decision::Refuse(refusal) => assert!(refusal.status() >= 400 && Refusal::ALL.contains(&refusal)),
    }
}

/// The rule once more, as one would explain it.
fn matches(pattern: &str, id: &str, prefix: bool) -> bool {
    fn rest(pattern: &[&str], id: &[&str], prefix: bool) -> bool {
        match (pattern, id) {
            ([] | ["**"], []) => true,
            (["**"], _) => true,
            (_, []) => prefix,
            ([], _) => false,
            ([want, pattern @ ..], [segment, id @ ..]) => {
                (*want == "*" || want == segment) && rest(pattern, id, prefix)
            }
        }
    }
    let split = |text| str::split(text, '/').collect::<Vec<_>>();
    rest(&split(pattern), &split(id), prefix)
}
