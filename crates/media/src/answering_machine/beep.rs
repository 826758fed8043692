//! The beep of a mailbox: one steady tone, alone.

use super::block::{BLOCK, BLOCK_MILLISECONDS};

/// How many hertz a beep has. Below are the tones by which exchanges ring (425 and 450 Hz, 440 and 480 Hz) and the basic tones of voices.
const FREQUENCIES: (f32, f32) = (550.0, 2_200.0);

/// How long it is: shorter ones are of speech and of keys, longer ones of a line that nobody has.
const SHORTEST: u32 = 144;
const LONGEST: u32 = 3_000;

/// How many hertz its blocks may be away from its mean.
const DRIFT: f32 = 12.0;

/// By how much the powers of its blocks may differ.
const SWELL: f32 = 2.0;

/// The part of a block's power that is the tone's.
const PURITY: f32 = 0.9;

/// The mean square of a sample from which on a tone is heard: 40 dB below the loudest tone.
const QUIETEST: f32 = 32_768.0 * 32_768.0 / 2.0 / 10_000.0;

/// How long after a tone the next makes a melody of them.
const MELODY: u32 = 320;

/// A tone that was alone, and is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ToneSpan {
    /// When it began, and when it was over; milliseconds.
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Looks for beeps, block by block.
#[derive(Debug, Default)]
pub(super) struct BeepWatch {
    now: u32,
    tone: Option<SteadyTone>,
    /// A tone that was as a beep is, until it is known what follows.
    ended: Option<ToneSpan>,
    /// When the last tone of more than a moment was over, whatever it was.
    last: Option<u32>,
}

/// A tone that goes on.
#[derive(Clone, Copy, Debug)]
struct SteadyTone {
    from: u32,
    frequency: f32,
    power: f32,
    blocks: f32,
    /// Whether another came directly before it.
    follows: bool,
}

/// A block that is one tone.
#[derive(Clone, Copy, Debug)]
struct ToneBlock {
    frequency: f32,
    power: f32,
}

impl BeepWatch {
    /// Takes the next block; gives a beep once it is sure that it was one.
    pub(super) fn hear(&mut self, block: &[i16; BLOCK]) -> Option<ToneSpan> {
        let begins = self.now;
        self.now = self.now.saturating_add(BLOCK_MILLISECONDS);
        match (ToneBlock::of(block), &mut self.tone) {
            (Some(heard), Some(tone)) if tone.goes_on(heard) => tone.take(heard),
            (heard, _) => {
                self.end_tone(begins);
                self.tone = heard.map(|heard| {
                    let follows = self.last.is_some_and(|last| begins.saturating_sub(last) < MELODY);
                    SteadyTone::new(begins, heard, follows)
                });
            }
        }
        self.sure()
    }

    /// Whether what is heard now has been one tone for more than a moment.
    pub(super) fn is_in_tone(&self) -> bool {
        self.tone.is_some_and(|tone| self.now.saturating_sub(tone.from) >= SHORTEST / 2)
    }

    /// A tone is over; those of a moment are none.
    fn end_tone(&mut self, at: u32) {
        let Some(tone) = self.tone.take() else { return };
        let length = at.saturating_sub(tone.from);
        if length < SHORTEST / 2 {
            return;
        }
        self.last = Some(at);
        let is_beep = (SHORTEST..=LONGEST).contains(&length) && !tone.follows;
        // A tone that comes after it makes neither a beep.
        self.ended = is_beep.then_some(ToneSpan { from: tone.from, to: at });
    }

    /// The beep after which no other tone came.
    fn sure(&mut self) -> Option<ToneSpan> {
        let ended = self.ended?;
        if self.is_in_tone() {
            self.ended = None;
            return None;
        }
        let is_alone = self.now.saturating_sub(ended.to) >= SHORTEST && self.tone.is_none();
        self.ended.take_if(|_| is_alone)
    }
}

impl SteadyTone {
    const fn new(from: u32, heard: ToneBlock, follows: bool) -> Self {
        Self { from, frequency: heard.frequency, power: heard.power, blocks: 1.0, follows }
    }

    fn goes_on(&self, heard: ToneBlock) -> bool {
        // The first block is seldom full.
        let louder = if self.blocks < 2.0 { f32::INFINITY } else { SWELL };
        let ratio = heard.power / self.power;
        (heard.frequency - self.frequency).abs() <= DRIFT && ratio <= louder && ratio >= 1.0 / SWELL
    }

    fn take(&mut self, heard: ToneBlock) {
        let blocks = self.blocks + 1.0;
        self.frequency += (heard.frequency - self.frequency) / blocks;
        self.power =
            if self.blocks < 2.0 { heard.power } else { self.power + (heard.power - self.power) / blocks };
        self.blocks = blocks;
    }
}

impl ToneBlock {
    /// The tone of which nearly all of a block is.
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn of(block: &[i16; BLOCK]) -> Option<Self> {
        let samples = block.map(f32::from);
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        let power = energy / BLOCK as f32;
        if power < QUIETEST {
            return None;
        }
        let angle = angle(&samples)?;
        let frequency = angle * 8_000.0 / std::f32::consts::TAU;
        let is_within = (FREQUENCIES.0..=FREQUENCIES.1).contains(&frequency);
        (is_within && explained(&samples, angle) >= PURITY * energy).then_some(Self { frequency, power })
    }
}

/// The angle by which a lone tone turns with each sample, from how alike it is to itself one and two samples later (Pisarenko's harmonic
/// decomposition): noise that is the same at all frequencies does not move it.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn angle(samples: &[f32; BLOCK]) -> Option<f32> {
    let alike = |later: usize| {
        let sum: f32 = samples.iter().zip(&samples[later..]).map(|(one, other)| one * other).sum();
        sum / (BLOCK - later) as f32
    };
    let (one, two) = (alike(1), alike(2));
    let cosine = (two + (two * two + 8.0 * one * one).sqrt()) / (4.0 * one);
    (cosine.is_finite() && cosine.abs() < 1.0).then(|| cosine.acos())
}

/// How much of the energy is that of a tone of this angle, whatever its phase: least squares.
fn explained(samples: &[f32; BLOCK], angle: f32) -> f32 {
    let (turn_sine, turn_cosine) = angle.sin_cos();
    let (mut sine, mut cosine) = (0.0_f32, 1.0_f32);
    let (mut cc, mut ss, mut cs, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for sample in samples {
        cc += cosine * cosine;
        ss += sine * sine;
        cs += cosine * sine;
        xc += sample * cosine;
        xs += sample * sine;
        (cosine, sine) = (cosine * turn_cosine - sine * turn_sine, sine * turn_cosine + cosine * turn_sine);
    }
    let determinant = cc * ss - cs * cs;
    if determinant <= f32::EPSILON {
        return 0.0;
    }
    let a = (xc * ss - xs * cs) / determinant;
    let b = (xs * cc - xc * cs) / determinant;
    a * xc + b * xs
}
