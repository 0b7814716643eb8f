//! Issuing a short-lived token: which contract is asked, when the other one is, and what is paid for.

use super::refusal::Refusal;
use crate::protocol::TokenContract;

/// One token on its way: a plain value that takes an event and says what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenIssue {
    /// The contract that is asked.
    asked: TokenContract,
    /// Whether the older contract may be asked where fal does not know the newer.
    has_fallback: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Asking,
    Over { is_paid: bool },
}

/// What happens to a question for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEvent {
    /// The limits have room for it.
    Reserved,
    /// fal has answered.
    Answered {
        /// With this status.
        status: u16,
        /// Whether a token was in the answer.
        has_token: bool,
    },
    /// The question was sent, and no answer came.
    Lost,
    /// The question was not sent: there is no usable key.
    Unsent,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEffect {
    /// Ask fal, in this contract.
    Ask(TokenContract),
    /// Give the token to who asked.
    Give,
    /// Say no.
    Refuse(Refusal),
}

impl TokenIssue {
    /// A token that was asked for in this contract, and may be.
    pub(super) fn new(asked: TokenContract, has_fallback: bool) -> Self {
        Self { asked, has_fallback, state: State::Ready }
    }

    /// Takes what happened. Each contract is asked once at most, and after the end there is nothing to do but to say no.
    pub fn on(&mut self, event: TokenEvent) -> TokenEffect {
        match (self.state, event) {
            (State::Ready, TokenEvent::Reserved) => {
                self.state = State::Asking;
                TokenEffect::Ask(self.asked)
            }
            (State::Asking, TokenEvent::Answered { status, has_token }) => self.answered(status, has_token),
            (State::Asking, TokenEvent::Lost) => self.end(true, Refusal::UpstreamBroken),
            (_, TokenEvent::Unsent) => self.end(false, Refusal::Misconfigured),
            _ => self.end(true, Refusal::UpstreamBroken),
        }
    }

    fn answered(&mut self, status: u16, has_token: bool) -> TokenEffect {
        match status {
            200..=299 if has_token => {
                self.state = State::Over { is_paid: true };
                TokenEffect::Give
            }
            200..=299 => self.end(true, Refusal::UpstreamBroken),
            // fal has no such contract: nothing was issued.
            404 | 405 | 410 | 412 if self.has_fallback => {
                self.has_fallback = false;
                self.asked = TokenContract::Older;
                TokenEffect::Ask(TokenContract::Older)
            }
            401 | 403 => self.end(false, Refusal::UpstreamAuth),
            400..=499 => self.end(false, Refusal::UpstreamBroken),
            300..=399 => self.end(false, Refusal::UpstreamRedirect),
            // It may have been issued all the same.
            _ => self.end(true, Refusal::UpstreamBroken),
        }
    }

    fn end(&mut self, is_paid: bool, refusal: Refusal) -> TokenEffect {
        // What was paid for stays paid for.
        let is_paid = is_paid || self.state == State::Over { is_paid: true };
        self.state = State::Over { is_paid };
        TokenEffect::Refuse(refusal)
    }

    /// Whether a token counts: it was issued, or it is not certain that none was.
    pub fn is_paid(&self) -> bool {
        !matches!(self.state, State::Ready | State::Over { is_paid: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(contract: TokenContract, has_fallback: bool) -> TokenIssue {
        let mut issue = TokenIssue::new(contract, has_fallback);
        assert!(!issue.is_paid());
        assert_eq!(issue.on(TokenEvent::Reserved), TokenEffect::Ask(contract));
        issue
    }

    const fn answer(status: u16, has_token: bool) -> TokenEvent {
        TokenEvent::Answered { status, has_token }
    }

    #[test]
    fn the_older_contract_is_asked_once_and_only_where_it_may_be() {
        for status in [404, 405, 410, 412] {
            let mut issue = asked(TokenContract::Newer, true);
            assert_eq!(issue.on(answer(status, false)), TokenEffect::Ask(TokenContract::Older));
            assert_eq!(issue.on(answer(status, false)), TokenEffect::Refuse(Refusal::UpstreamBroken));
            assert!(!issue.is_paid());
            let mut issue = asked(TokenContract::Newer, false);
            assert!(matches!(issue.on(answer(status, false)), TokenEffect::Refuse(_)));
        }
        for status in [200, 302, 401, 422, 500] {
            let effect = asked(TokenContract::Newer, true).on(answer(status, false));
            assert!(matches!(effect, TokenEffect::Refuse(_)), "{status}");
        }
    }

    #[test]
    fn what_may_have_been_issued_is_paid_for() {
        for (event, is_paid) in [
            (answer(200, true), true),
            (answer(200, false), true),
            (answer(401, false), false),
            (answer(404, false), false),
            (answer(429, false), false),
            (answer(500, false), true),
            (answer(504, false), true),
            (TokenEvent::Lost, true),
            (TokenEvent::Unsent, false),
        ] {
            let mut issue = asked(TokenContract::Newer, false);
            assert!(issue.is_paid(), "while it is asked for");
            issue.on(event);
            assert_eq!(issue.is_paid(), is_paid, "{event:?}");
            assert!(matches!(issue.on(event), TokenEffect::Refuse(_)), "nothing is given twice");
            assert!(issue.is_paid() || !is_paid, "{event:?} again");
        }
    }
}
