#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fal_wasm_fuzz::bodies::check(data));
