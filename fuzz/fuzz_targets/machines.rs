#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fal_wasm_fuzz::machines::check(data));
