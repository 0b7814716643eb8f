//! The `wasm-bindgen` command, at exactly the version of the library in `Cargo.lock`.
//!
//! It has the options that this project and wasm-pack give it. The published command has more of them, and a web server and
//! a driver of browsers for its test runner, which take longer to compile than everything that is used here.
//! One thing is always asked for: the generated glue must be able to start over after a trap (`__wbg_reset_state`).

use std::env::args;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = args().skip(1);
    let mut bindgen = Bindgen::new();
    // As the published command has it unless told otherwise.
    bindgen.reset_state_function(true).omit_default_module_path(false);
    let (mut input, mut out_dir) = (None, None);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            // wasm-pack compares it with the version in Cargo.lock.
            "--version" | "-V" => {
                println!("wasm-bindgen {}", env!("CARGO_PKG_VERSION"));
                return Ok(());
            }
            "--target" => match value()?.as_str() {
                "web" => bindgen.web(true)?,
                other => bail!("--target {other}: everything here is built for the web"),
            },
            "--out-dir" => {
                out_dir = Some(value()?);
                continue;
            }
            "--out-name" => bindgen.out_name(&value()?),
            "--typescript" => bindgen.typescript(true),
            "--no-typescript" => bindgen.typescript(false),
            "--omit-default-module-path" => bindgen.omit_default_module_path(true),
            option if option.starts_with('-') => bail!("there is no option {option} in tools/wasm-bindgen"),
            path => {
                input = Some(path.to_owned());
                continue;
            }
        };
    }
    bindgen
        .input_path(input.context("no WebAssembly file was named")?)
        .generate(out_dir.context("--out-dir is missing")?)
}
