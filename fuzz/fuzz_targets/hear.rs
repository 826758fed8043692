//! Takes whatever comes as what the port of a call receives, and checks what is promised of its sound. Run it with `scripts/fuzz`.
#![no_main]

#[path = "../../crates/media/tests/it/packets.rs"]
mod packets;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| packets::check(input));
