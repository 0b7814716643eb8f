//! The WebAssembly module of the npm package: what `src/bindings` exports, and what std would bring along, an allocator
//! and an end for panics. A third smaller than with std.

#![no_std]
#![cfg(target_arch = "wasm32")]

// For its exports.
use fal_wasm as _;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

// SAFETY: the builds of the package have no threads, which is what this allocator asks for.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// A panic is a bug here. It traps without a message (the message would cost more than the rest of the client); the skin
/// rejects what was pending and starts over.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
