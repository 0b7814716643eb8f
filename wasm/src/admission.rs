//! A call on its way in. JavaScript keeps it as one number, of which the lowest four bits say what comes next.

use wasm_bindgen::prelude::*;

use fal_wasm::protocol::BridgeRoute;
use fal_wasm::proxy::{Admission, AdmissionEvent, AdmissionStep, AdmissionTarget, AdmissionWants, Refusal, RouteKind};
use fal_wasm::wire::{AdmissionEventKind, Word, admission_row};

/// Where calls of a proxy begin, by what it wants of them; undefined when that is no row of the wire table.
#[wasm_bindgen(js_name = beginAdmission)]
pub fn begin_admission(wants: &[f64]) -> Option<u32> {
    let wants = admission_row(0, |place| wants.get(place).copied().unwrap_or(f64::NAN))?;
    Some(word(Admission::new(wants)))
}

/// Takes the number of an [`AdmissionEventKind`], with that of the route or of the refusal that belongs to it. The lowest
/// bits of what is given back are the number of an [`AdmissionStep`].
#[wasm_bindgen(js_name = admissionEvent)]
pub fn admission_event(before: u32, event: f64, value: f64) -> u32 {
    let mut admission = read(before);
    let goes = |target: Option<AdmissionTarget>| target.map_or(AdmissionEvent::Refused(None), AdmissionEvent::Goes);
    admission.on(match AdmissionEventKind::from_word(event) {
        Some(AdmissionEventKind::Ok) => AdmissionEvent::Ok,
        Some(AdmissionEventKind::GoesToModel) => goes(RouteKind::from_word(value).map(AdmissionTarget::Route)),
        Some(AdmissionEventKind::GoesToBridge) => goes(BridgeRoute::from_word(value).map(AdmissionTarget::Bridge)),
        Some(AdmissionEventKind::Left) => AdmissionEvent::Left,
        Some(AdmissionEventKind::Refused) | None => AdmissionEvent::Refused(Refusal::from_word(value)),
    });
    word(admission)
}

fn word(admission: Admission) -> u32 {
    let (wants, target, step) = admission.parts();
    let AdmissionWants { own_keys, rate, ownership, attestation, grants, has_grant, webhook, limits, watch } = wants;
    let wants = [own_keys, rate, ownership, attestation, grants, has_grant, webhook, limits, watch];
    let wants = wants.iter().rev().fold(0, |bits, want| bits << 1 | u32::from(*want));
    let target = match target {
        None => 0,
        Some(AdmissionTarget::Route(kind)) => 1 + kind.to_word() as u32,
        Some(AdmissionTarget::Bridge(to)) => 0x10 + to.to_word() as u32,
    };
    step.to_word() as u32 | wants << 4 | target << 13
}

fn read(word: u32) -> Admission {
    let has = |place: u32| word >> (4 + place) & 1 != 0;
    let wants = AdmissionWants {
        own_keys: has(0),
        rate: has(1),
        ownership: has(2),
        attestation: has(3),
        grants: has(4),
        has_grant: has(5),
        webhook: has(6),
        limits: has(7),
        watch: has(8),
    };
    let target = word >> 13;
    let route = RouteKind::from_word(f64::from(target) - 1.0).map(AdmissionTarget::Route);
    let bridge = BridgeRoute::from_word(f64::from(target) - 16.0).map(AdmissionTarget::Bridge);
    let step = AdmissionStep::from_word(f64::from(word & 0xf)).unwrap_or(AdmissionStep::Refuse);
    Admission::from_parts((wants, route.or(bridge), step))
}
