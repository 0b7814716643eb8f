//! Short-lived tokens under hostile answers: statuses drawn at random, answers lost, told twice, and out of turn.

use fal_wasm::credentials::{EndpointPatterns, EndpointTable, Scope};
use fal_wasm::protocol::TokenContract;
use fal_wasm::proxy::{Policy, TokenEffect, TokenEvent, TokenPolicy};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;
const NAMES: [&str; 8] = [
    "fal-ai/flux/realtime",
    "fal-ai/flux/dev/stream",
    "fal-ai/flux",
    "fal-ai/veo3/realtime",
    "workflows/me/card/realtime",
    "me/app/realtime",
    "flux",
    "card",
];
const LISTS: [&[&str]; 4] =
    [&["fal-ai/flux/**"], &["fal-ai/*/realtime"], &["me/**", "workflows/me/card/**"], &["fal-ai/flux/**", "me/app"]];
const RULES: [&[&str]; 5] = [&[], &["fal-ai/flux"], &["*/**"], &["workflows/me/card/stream"], &["fal-ai/flux/dev/**"]];
const STATUSES: [u16; 14] = [0, 200, 201, 204, 302, 401, 403, 404, 405, 410, 412, 422, 500, 504];

/// What fal did, whatever became of its answer.
struct Fal {
    asked: Vec<TokenContract>,
    issued: u32,
}

#[test]
fn no_token_goes_round_the_policy_and_none_that_may_exist_is_free() {
    let mut good = 0;
    let seeds = seeds(RUNS);
    for seed in &seeds {
        let mut dice = Dice(*seed);
        let tokens = TokenPolicy::new(dice.chance(50), dice.chance(50));
        let (list, ruled) = (dice.pick(&LISTS), dice.pick(&RULES));
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rules = EndpointTable::parse(texts(ruled), Scope::Covered).unwrap();
        let endpoints = EndpointPatterns::parse(texts(list)).unwrap();
        let policy = Policy::new(endpoints.clone()).with_tokens(tokens).with_rules(rules.clone());
        let asked = if dice.chance(50) { TokenContract::Newer } else { TokenContract::Older };
        let names: Vec<&str> = (0..=dice.roll(2)).map(|_| dice.pick(&NAMES)).collect();
        let Ok(mut issue) = policy.issue_token(asked, &names) else { continue };

        for name in &names {
            assert!(asked == TokenContract::Older || endpoints.allows_endpoint(name), "{seed}: {name}");
            let held = asked == TokenContract::Newer && !rules.about(name, false).is_empty();
            assert!(tokens.unruled || !held, "{seed}: {name} has rules");
        }
        let mut fal = Fal { asked: Vec::new(), issued: 0 };
        let mut given = 0;
        let mut effect = issue.on(TokenEvent::Reserved);
        for _ in 0..8 {
            match effect {
                TokenEffect::Ask(contract) => {
                    assert!(contract == TokenContract::Newer || tokens.older, "{seed}: the older contract");
                    assert!(!fal.asked.contains(&contract), "{seed}: asked twice");
                    fal.asked.push(contract);
                    effect = issue.on(answer(&mut dice, &mut fal));
                }
                TokenEffect::Give => {
                    given += 1;
                    effect = issue.on(answer(&mut dice, &mut fal));
                }
                TokenEffect::Refuse(refusal) => {
                    assert!(refusal.status() >= 400);
                    // What is told once more changes nothing for the better.
                    let was_paid = issue.is_paid();
                    effect = issue.on(dice.pick(&[TokenEvent::Reserved, TokenEvent::Lost, TokenEvent::Unsent]));
                    assert!(matches!(effect, TokenEffect::Refuse(_)) && (issue.is_paid() || !was_paid), "{seed}");
                }
            }
        }
        assert!(given <= 1 && given <= fal.issued, "{seed}: {given} given, {} issued", fal.issued);
        assert!(issue.is_paid() || fal.issued == 0, "{seed}: a token for nothing");
        good += given;
    }
    // A simulation in which no token is ever given would prove nothing.
    assert!(seeds.len() == 1 || good > 500, "{good}");
}

/// What fal answers, and what is heard of it. A gateway's error, or silence, does not say whether a token was issued.
fn answer(dice: &mut Dice, fal: &mut Fal) -> TokenEvent {
    let status = dice.pick(&STATUSES);
    let is_issued = matches!(status, 200..=299) || (matches!(status, 0 | 500..=599) && dice.chance(50));
    fal.issued += u32::from(is_issued);
    let has_token = matches!(status, 200..=299) && dice.chance(50);
    if status == 0 { TokenEvent::Lost } else { TokenEvent::Answered { status, has_token } }
}
