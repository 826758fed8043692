//! What a callee hears while the phone of whoever the call is transferred to rings.

use std::{
    f64::consts::TAU,
    sync::{Arc, OnceLock},
};

use media::{session::PromptSound, wav::LINE_RATE};

/// What it is called among what is played; scripts count from 1.
pub(super) const RINGBACK: u64 = u64::MAX;

/// The tone of China (ITU-T E.180): 450 Hz for one second, then four seconds of silence. It is played again and again.
const HERTZ: f64 = 450.0;
const TONE_SECONDS: u32 = 1;
const SECONDS: u32 = 5;

/// About 15 dB below the loudest.
const LOUDNESS: f64 = 6_000.0;

/// The tone, made once.
pub(super) fn sound() -> Arc<PromptSound> {
    static SOUND: OnceLock<Arc<PromptSound>> = OnceLock::new();
    let sound =
        SOUND.get_or_init(|| Arc::new(PromptSound::new((0..SECONDS * LINE_RATE).map(sample).collect())));
    Arc::clone(sound)
}

#[expect(clippy::cast_possible_truncation, reason = "samples of a tone")]
fn sample(place: u32) -> i16 {
    let turns = HERTZ * f64::from(place) / f64::from(LINE_RATE);
    if place < TONE_SECONDS * LINE_RATE { ((TAU * turns).sin() * LOUDNESS) as i16 } else { 0 }
}
