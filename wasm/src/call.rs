//! A call of the proxy's: how it takes what it needs, and how it goes to fal. JavaScript keeps each as one number, of
//! which the lowest four bits say what comes next.

use wasm_bindgen::prelude::*;

use fal_wasm::limits::{
    Answer, CallKind, Holding, HoldingEvent, HoldingStep, HoldingWants, Taking, TakingEvent, TakingStep,
};
use fal_wasm::proxy::{Call, CallEvent, CallStep, Refusal, RouteKind};
use fal_wasm::wire::{CallEventKind, LimitOutcome, Word};

/// Begins to take what a call needs.
#[wasm_bindgen(js_name = beginTaking)]
pub fn begin_taking(has_total: bool, has_budget: bool) -> u32 {
    taking_word(Taking::new(has_total, has_budget))
}

/// Takes the number of a [`TakingEvent`]; the lowest bits of what is given back are the number of a [`TakingStep`].
#[wasm_bindgen(js_name = takingEvent)]
pub fn taking_event(word: u32, event: f64) -> u32 {
    let step = TakingStep::from_word(f64::from(word & 0xf)).unwrap_or(TakingStep::GiveBack);
    let mut taking = Taking::from_parts((word & 0x10 != 0, word & 0x20 != 0, step));
    taking.on(TakingEvent::from_word(event).unwrap_or(TakingEvent::No));
    taking_word(taking)
}

fn taking_word(taking: Taking) -> u32 {
    let (has_total, has_budget, step) = taking.parts();
    step.to_word() as u32 | u32::from(has_total) << 4 | u32::from(has_budget) << 5
}

/// Begins to take what a session needs, or to keep it.
#[wasm_bindgen(js_name = beginHolding)]
pub fn begin_holding(keeps: bool, place: bool, budget: bool, total: bool) -> u32 {
    let wants = HoldingWants { place, budget, total };
    holding_word(if keeps { Holding::keep(wants) } else { Holding::open(wants) })
}

/// Takes the number of a [`HoldingEvent`]; the lowest bits of what is given back are the number of a [`HoldingStep`].
#[wasm_bindgen(js_name = holdingEvent)]
pub fn holding_event(word: u32, event: f64) -> u32 {
    let step = HoldingStep::from_word(f64::from(word & 0xf)).unwrap_or(HoldingStep::GiveBack);
    let wants = HoldingWants { place: word & 0x10 != 0, budget: word & 0x20 != 0, total: word & 0x40 != 0 };
    let mut holding = Holding::from_parts((wants, step));
    holding.on(HoldingEvent::from_word(event).unwrap_or(HoldingEvent::Unknown));
    holding_word(holding)
}

fn holding_word(holding: Holding) -> u32 {
    let (HoldingWants { place, budget, total }, step) = holding.parts();
    step.to_word() as u32 | u32::from(place) << 4 | u32::from(budget) << 5 | u32::from(total) << 6
}

/// Begins a call of this kind of route.
#[wasm_bindgen(js_name = beginCall)]
pub fn begin_call(route_kind: f64, resendable: bool) -> u32 {
    call_word(Call::new(RouteKind::from_word(route_kind).and_then(RouteKind::limited), resendable))
}

/// Begins a call that opens a session.
#[wasm_bindgen(js_name = beginSessionCall)]
pub fn begin_session_call() -> u32 {
    call_word(Call::new(Some(CallKind::Session), true))
}

/// Takes the number of a [`CallEventKind`], with what fal's answer says, or the number of the refusal. The lowest bits of
/// what is given back are the number of a [`CallStep`], the three above them that of a [`LimitOutcome`].
#[wasm_bindgen(js_name = callEvent)]
pub fn call_event(word: u32, event: f64, status: u16, units: f64, named: bool, later: bool, refusal: f64) -> u32 {
    let kind = CallKind::from_word(f64::from(word >> 8) - 1.0);
    let step = CallStep::from_word(f64::from(word & 0xf)).unwrap_or(CallStep::Fail);
    // The units of what is charged stay in JavaScript, with the answer.
    let outcome = LimitOutcome::from_word(f64::from(word >> 4 & 7)).unwrap_or(LimitOutcome::Lost).with(None);
    let mut call = Call::from_parts((kind, word & 0x80 != 0, step, outcome));
    call.on(match CallEventKind::from_word(event) {
        Some(CallEventKind::KeyFound) => CallEvent::KeyFound,
        Some(CallEventKind::NoOtherKey) => CallEvent::NoOtherKey,
        Some(CallEventKind::Answered) => {
            CallEvent::Answered(Answer { status, units: Word::from_word(units), named, later, sent: true })
        }
        Some(CallEventKind::Done) => CallEvent::Done,
        Some(CallEventKind::Failed) | None => CallEvent::Failed(Refusal::from_word(refusal)),
    });
    call_word(call)
}

fn call_word(call: Call) -> u32 {
    let (kind, resendable, step, outcome) = call.parts();
    let kind = kind.map_or(0, |kind| kind.to_word() as u32 + 1);
    let outcome = LimitOutcome::from(outcome).to_word() as u32;
    step.to_word() as u32 | outcome << 4 | u32::from(resendable) << 7 | kind << 8
}

/// Whether with this refusal it is certain that fal was not sent a whole request.
#[wasm_bindgen(js_name = refusalIsUnsent)]
pub fn refusal_is_unsent(number: f64) -> bool {
    Refusal::from_word(number).is_some_and(Refusal::is_unsent)
}
