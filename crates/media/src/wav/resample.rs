//! Another rate: sound of any usual one becomes that of calls. What the new rate cannot carry is taken out before, for it would come
//! back as tones that nobody recorded.

use rubato::{Fft, FixedSync, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

use super::LINE_RATE;

/// How many samples the filter is given at once: long enough for a sharp edge below half the new rate, of all usual rates.
const CHUNK: usize = 4_096;

/// Resamples what it is given block by block.
pub(super) struct Resampler {
    /// `None` where the rate is that of calls already.
    filter: Option<Fft<f32>>,
    rate: u32,
    /// What does not fill a chunk yet.
    waiting: Vec<f32>,
    done: Vec<f32>,
    /// How many samples came.
    taken: u64,
}

impl Resampler {
    pub(super) fn new(rate: u32) -> Self {
        let rates = [rate, LINE_RATE].map(|rate| usize::try_from(rate).unwrap_or(usize::MAX));
        let filter = (rate != LINE_RATE).then(|| {
            Fft::new_custom(
                rates[0],
                rates[1],
                CHUNK,
                1,
                1,
                rubato::WindowFunction::BlackmanHarris2,
                FixedSync::Input,
            )
        });
        // It fails at rates of zero alone, which are refused before.
        Self { filter: filter.and_then(Result::ok), rate, waiting: Vec::new(), done: Vec::new(), taken: 0 }
    }

    pub(super) fn push(&mut self, block: &[f32]) {
        self.taken += block.len() as u64;
        self.feed(block);
    }

    fn feed(&mut self, block: &[f32]) {
        let Some(filter) = &mut self.filter else { return self.done.extend_from_slice(block) };
        self.waiting.extend_from_slice(block);
        let mut begin = 0;
        while let Some(chunk) = self.waiting.get(begin..begin + filter.input_frames_next()) {
            begin += chunk.len();
            // A slice of one channel that is as long as was asked for is refused by neither.
            let Ok(input) = InterleavedSlice::new(chunk, 1, chunk.len()) else { break };
            let Ok(output) = filter.process(&input, None) else { break };
            self.done.extend(output.take_data());
        }
        self.waiting.drain(..begin);
    }

    /// All of it, as long as what came.
    pub(super) fn finish(mut self) -> Vec<f32> {
        let Some(filter) = &self.filter else { return self.done };
        let delay = filter.output_delay();
        let length = (self.taken * u64::from(LINE_RATE)).div_ceil(u64::from(self.rate));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        // The filter holds its end back until something follows.
        let silence = [0.0; CHUNK];
        while self.done.len() < delay + length {
            self.feed(&silence);
        }
        self.done.drain(..delay);
        self.done.truncate(length);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    /// A second of a tone.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn tone(rate: u32, frequency: f32) -> Vec<f32> {
        (0..rate).map(|at| (TAU * frequency * at as f32 / rate as f32).sin()).collect()
    }

    /// How loud the middle of a sound is, in decibels below a tone of full height.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn loudness(sound: &[f32]) -> f32 {
        let middle = &sound[sound.len() / 4..sound.len() * 3 / 4];
        let power = middle.iter().map(|sample| sample * sample).sum::<f32>() / middle.len() as f32;
        10.0 * (2.0 * power).max(1e-12).log10()
    }

    fn resampled(rate: u32, sound: &[f32]) -> Vec<f32> {
        let mut resampler = Resampler::new(rate);
        sound.chunks(1_000).for_each(|block| resampler.push(block));
        resampler.finish()
    }

    #[test]
    fn what_a_call_carries_stays_and_what_it_cannot_carry_goes() {
        for rate in [11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            for frequency in [100.0, 1_000.0, 3_000.0, 3_400.0] {
                let loud = loudness(&resampled(rate, &tone(rate, frequency)));
                assert!(loud.abs() < 0.5, "{frequency} Hz of {rate}: {loud} dB");
            }
            for frequency in [4_300.0, 5_000.0, 7_000.0, 12_000.0, 20_000.0] {
                if frequency < f32::from(u16::try_from(rate / 2).unwrap()) {
                    let loud = loudness(&resampled(rate, &tone(rate, frequency)));
                    assert!(loud < -60.0, "{frequency} Hz of {rate}: {loud} dB");
                }
            }
        }
    }

    #[test]
    fn it_is_as_long_as_before_and_in_its_place() {
        for (rate, samples) in
            [(8_000, 5), (16_000, 1), (16_000, 16_001), (44_100, 44_100), (48_000, 6), (11_025, 3)]
        {
            let length = resampled(rate, &vec![0.5; samples]).len();
            let expected = (samples * 8_000).div_ceil(usize::try_from(rate).unwrap());
            assert_eq!(length, expected, "{samples} of {rate}");
        }
        // A click in the middle of a second stays there.
        let mut click = vec![0.0; 48_000];
        click[24_000..24_006].fill(1.0);
        let sound = resampled(48_000, &click);
        let loudest = (0..sound.len()).max_by(|one, other| sound[*one].total_cmp(&sound[*other])).unwrap();
        assert!((3_999..=4_001).contains(&loudest), "{loudest}");
    }
}
