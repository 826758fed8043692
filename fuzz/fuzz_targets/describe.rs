//! Reads whatever comes as a session description, and checks what is promised of it. Run it with `scripts/fuzz`.
#![no_main]

#[path = "../../crates/media/tests/it/descriptions.rs"]
mod descriptions;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| descriptions::check(text));
