//! Takes away what sounds all the time, as the noise of a street or a line: what is left is what somebody says.
//!
//! Each frequency is made quieter by the part of its power that is noise (a Wiener filter, with the ratio of voice and noise followed from block to
//! block as Ephraim and Malah do); noise is what is never undershot for a second.

use std::{f32::consts::PI, sync::Arc};

use rustfft::{Fft, FftPlanner, num_complex::Complex};

use super::block::BLOCK;

/// How many samples are looked at together: the block before, and this one.
const FRAME: usize = 2 * BLOCK;

/// How many frequencies that are told apart.
const BINS: usize = BLOCK + 1;

/// How much of what is noise alone is left: 20 dB less.
const LEFT: f32 = 0.1;

/// How much the ratio of voice and noise of the block before counts.
const INERTIA: f32 = 0.96;

/// How much the blocks before count for the power of a frequency, and how many frequencies at each side do.
const SMOOTH: f32 = 0.7;
const NEIGHBOURS: usize = 2;

/// The least power of a frequency is that in so many spans of so many blocks: more than a second.
const SPANS: usize = 5;
const SPAN_BLOCKS: usize = 16;

/// Less power than anything has that is heard; nothing is divided by nought.
const NOTHING: f32 = 1e-12;

/// Takes noise away, block by block. What it gives is one block late.
pub(super) struct NoiseReducer {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex<f32>>,
    /// How much each sample of a frame counts, before and after: squared, those of two frames add up to one.
    window: [f32; FRAME],
    before: [f32; BLOCK],
    /// What the frame before adds to the next block.
    rest: [f32; BLOCK],
    noise: NoiseSpectrum,
    /// The power of what was left, of the block before.
    voice: [f32; BINS],
}

impl NoiseReducer {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub(super) fn new() -> Self {
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(FRAME), planner.plan_fft_inverse(FRAME));
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        Self {
            forward,
            inverse,
            scratch: vec![Complex::default(); scratch],
            window: std::array::from_fn(|at| (PI * (at as f32 + 0.5) / FRAME as f32).sin()),
            before: [0.0; BLOCK],
            rest: [0.0; BLOCK],
            noise: NoiseSpectrum::default(),
            voice: [0.0; BINS],
        }
    }

    /// The block before this one, without noise.
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    pub(super) fn clean(&mut self, block: &[f32; BLOCK]) -> [f32; BLOCK] {
        let samples = self.before.iter().chain(block).zip(&self.window);
        let mut frame = [Complex::default(); FRAME];
        for (value, (sample, weight)) in frame.iter_mut().zip(samples) {
            value.re = sample * weight;
        }
        self.before = *block;
        self.forward.process_with_scratch(&mut frame, &mut self.scratch);
        for (bin, gain) in self.gains(&frame).into_iter().enumerate() {
            frame[bin] *= gain;
            // The upper half mirrors the lower one.
            if (1..BLOCK).contains(&bin) {
                frame[FRAME - bin] *= gain;
            }
        }
        self.inverse.process_with_scratch(&mut frame, &mut self.scratch);
        let part = |at: usize| frame[at].re * self.window[at] / FRAME as f32;
        let cleaned = std::array::from_fn(|at| self.rest[at] + part(at));
        self.rest = std::array::from_fn(|at| part(BLOCK + at));
        cleaned
    }

    /// How much of each frequency is left.
    fn gains(&mut self, frame: &[Complex<f32>; FRAME]) -> [f32; BINS] {
        let power: [f32; BINS] = std::array::from_fn(|bin| frame[bin].norm_sqr());
        let noise = self.noise.take(&power);
        std::array::from_fn(|bin| {
            let noise = noise[bin].max(NOTHING);
            let now = (power[bin] / noise - 1.0).max(0.0);
            let ratio = INERTIA * self.voice[bin] / noise + (1.0 - INERTIA) * now;
            let gain = (ratio / (1.0 + ratio)).max(LEFT);
            self.voice[bin] = gain * gain * power[bin];
            gain
        })
    }
}

/// How much power each frequency has where nobody speaks: its least, for a second.
struct NoiseSpectrum {
    smooth: [f32; BINS],
    least: [[f32; BINS]; SPANS],
    blocks: usize,
}

impl Default for NoiseSpectrum {
    fn default() -> Self {
        Self { smooth: [0.0; BINS], least: [[f32::INFINITY; BINS]; SPANS], blocks: 0 }
    }
}

impl NoiseSpectrum {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn take(&mut self, power: &[f32; BINS]) -> [f32; BINS] {
        let before = if self.blocks == 0 { 0.0 } else { SMOOTH };
        let span = &mut self.least[self.blocks / SPAN_BLOCKS % SPANS];
        if self.blocks.is_multiple_of(SPAN_BLOCKS) {
            span.fill(f32::INFINITY);
        }
        self.blocks += 1;
        for (bin, (smooth, least)) in self.smooth.iter_mut().zip(span).enumerate() {
            let near = &power[bin.saturating_sub(NEIGHBOURS)..(bin + NEIGHBOURS + 1).min(BINS)];
            let mean = near.iter().sum::<f32>() / near.len() as f32;
            *smooth = before * *smooth + (1.0 - before) * mean;
            *least = least.min(*smooth);
        }
        std::array::from_fn(|bin| self.least.iter().map(|span| span[bin]).fold(f32::INFINITY, f32::min))
    }
}
