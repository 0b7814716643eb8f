//! The `wasm-bindgen` command, at exactly the version of the library in `Cargo.lock`.
//!
//! wasm-pack looks for `wasm-bindgen` in `PATH` and otherwise downloads one; the build puts this one in front.
//! One flag is always added: the generated glue must be able to start over after a trap (`__wbg_reset_state`).

fn main() -> anyhow::Result<()> {
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.iter().any(|arg| arg == "--out-dir") {
        args.push("--experimental-reset-state-function".into());
    }
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args)
}
