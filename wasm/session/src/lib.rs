//! The machine of one session with a world model (`src/session`), by itself: no page pays for it that opens none.
//!
//! Everything that crosses is a whole number. An instance has one session, so nothing is kept outside of it. The build makes
//! JavaScript of this module: as WebAssembly it would need a loader, and a page whose policy forbids WebAssembly another build.

#![no_std]
#![cfg(target_arch = "wasm32")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

use fal_wasm::client::Token;
use fal_wasm::session::{Effects, Session, SessionOptions};
use fal_wasm::wire::{session_effect, session_event};

/// A place of this instance.
struct Place<T>(UnsafeCell<T>);

// SAFETY: the module has no threads, and no function of it calls another that takes the same place.
#[allow(unsafe_code)]
unsafe impl<T> Sync for Place<T> {}

static SESSION: Place<Session> = Place(UnsafeCell::new(Session::new(SessionOptions::DEFAULT)));
static EFFECTS: Place<[[u32; 3]; fal_wasm::session::MAX_EFFECTS]> =
    Place(UnsafeCell::new([[0; 3]; fal_wasm::session::MAX_EFFECTS]));

#[allow(unsafe_code)]
fn with<T, R>(place: &Place<T>, work: impl FnOnce(&mut T) -> R) -> R {
    // SAFETY: see above.
    work(unsafe { &mut *place.0.get() })
}

/// Prepares the session. `servers`: 0 when the caller has none of their own, 1 without a relay among them, 2 with one. `hidden`: 0
/// for as long as it likes.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn open(servers: u32, relay_only: u32, negotiation: u32, reopen: u32, hidden: u32) {
    let options = SessionOptions {
        servers: (servers > 0).then_some(servers > 1),
        relay_only: relay_only > 0,
        negotiation: if negotiation > 0 { negotiation } else { SessionOptions::DEFAULT.negotiation },
        reopen,
        hidden: (hidden > 0).then_some(hidden),
    };
    with(&SESSION, |session| *session = Session::new(options));
}

/// Tells what happened, and when; how many effects there are.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn handle(kind: u32, token: u32, value: u32, now: u32) -> u32 {
    let Some(event) = session_event(kind, Token(token), value) else { return 0 };
    let mut effects = Effects::default();
    with(&SESSION, |session| session.handle(now, event, &mut effects));
    with(&EFFECTS, |rows| {
        for (row, effect) in rows.iter_mut().zip(effects.iter()) {
            *row = session_effect(effect);
        }
    });
    effects.len() as u32
}

/// One number of an effect.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn effect(index: u32, word: u32) -> u32 {
    with(&EFFECTS, |rows| rows.get(index as usize).and_then(|row| row.get(word as usize)).copied().unwrap_or(0))
}

/// Nothing of a session is in the heap.
struct NoHeap;

// SAFETY: it never gives out memory.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for NoHeap {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: NoHeap = NoHeap;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
