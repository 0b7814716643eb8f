//! What the fuzzer found worth keeping, replayed: the code that it runs (`fuzz/src`), on the stable toolchain.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// An input that once broke something would break it again unseen.
#[test]
fn every_input_that_was_kept_is_harmless() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, check) in fuzz::TARGETS {
        let mut inputs: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            let data = fs::read(&input).unwrap();
            // Also what is left of it when the end is missing: the fuzzer's own way from one input to the next.
            for length in [data.len(), data.len() / 2, data.len() / 4] {
                let verdict = catch_unwind(|| check(&data[..length]));
                assert!(verdict.is_ok(), "{} up to {length}", input.display());
            }
        }
    }
}
