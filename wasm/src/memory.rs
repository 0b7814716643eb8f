//! The places in this module's memory that JavaScript reads and writes: rows of numbers, and the state of the
//! operation that is being handled.
//!
//! A machine is a plain value, so its state lives outside: JavaScript keeps the bytes of each operation that is under way,
//! and puts them here before an event. When an instance of this module is lost to a trap, the others go on in a fresh one.

use core::cell::UnsafeCell;

use fal_wasm::client::Machine;
use fal_wasm::client::realtime::Realtime;
use fal_wasm::wire::Options;
use wasm_bindgen::prelude::*;

/// How many numbers fit.
pub const WORDS: usize = 1_024;

/// The state of one thing that is under way.
#[derive(Clone, Copy)]
#[allow(clippy::large_enum_variant, reason = "it is one place for all of them")]
pub enum State {
    /// Nothing is.
    Empty,
    /// An operation.
    Operation(Machine),
    /// A realtime connection.
    Connection(Realtime),
}

/// A place that JavaScript shares.
struct Shared<T>(UnsafeCell<T>);

// SAFETY: the builds of the package have no threads, and JavaScript touches these places only while none of this
// module's functions runs.
#[allow(unsafe_code)]
unsafe impl<T> Sync for Shared<T> {}

static NUMBERS: Shared<[f64; WORDS]> = Shared(UnsafeCell::new([0.0; WORDS]));
static STATE: Shared<State> = Shared(UnsafeCell::new(State::Empty));
static OPTIONS: Shared<Options> = Shared(UnsafeCell::new(Options::DEFAULT));
static USUAL_OPTIONS: Shared<Options> = Shared(UnsafeCell::new(Options::DEFAULT));

macro_rules! places {
    ($($(#[$doc:meta])* $function:ident, $name:ident, $place:ident: $type:ty;)*) => {
        $(
            $(#[$doc])*
            #[allow(unsafe_code)]
            pub fn $function<R>(work: impl FnOnce(&mut $type) -> R) -> R {
                // SAFETY: one thread, and `work` is a few lines of this module that take no such place twice.
                work(unsafe { &mut *$place.0.get() })
            }
        )*
    };
}
places! {
    /// The numbers, both ways.
    words, numbers, NUMBERS: [f64; WORDS];
    /// The state.
    state, state, STATE: State;
    /// The options of what is opened next.
    options, options, OPTIONS: Options;
    /// What they are when nothing is set. Never written: a copy of it takes fewer bytes than its values in the code.
    usual_options, usual_options, USUAL_OPTIONS: Options;
}

/// Where numbers are.
#[wasm_bindgen(js_name = numbersPlace)]
pub fn numbers_place() -> u32 {
    NUMBERS.0.get() as usize as u32
}

/// Where the state is.
#[wasm_bindgen(js_name = statePlace)]
pub fn state_place() -> u32 {
    STATE.0.get() as usize as u32
}

/// How many bytes the state has.
#[wasm_bindgen(js_name = stateBytes)]
pub fn state_bytes() -> u32 {
    size_of::<State>() as u32
}
