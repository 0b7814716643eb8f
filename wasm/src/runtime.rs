//! What std would bring along.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

// SAFETY: the builds of the package have no threads, which is what this allocator asks for.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// A panic is a bug here. It traps without a message (the message would cost more than the rest of the client); the
/// JavaScript layer rejects what was pending and starts over.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
