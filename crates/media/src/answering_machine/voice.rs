//! What a block of sound holds: whether somebody speaks.

use earshot::Detector;

use super::{
    block::{BLOCK, BLOCK_MILLISECONDS},
    noise::NoiseReducer,
    tones::is_tones,
};

/// From which score on a block is speech, and below which it is none any more.
const SPEECH: f32 = 0.68;
const NO_SPEECH: f32 = 0.5;

/// The mean height of a sample, as in Asterisk's `silence_threshold`, from which on anything is heard: 42 dB below the loudest.
const SOUND: f32 = 256.0 / 32_768.0;

/// The mean height to which what is loud is brought: the louder a thing is, the likelier the model takes it for speech.
const LEVEL: f32 = 0.03;

/// How fast it is forgotten how loud it was: by half in two seconds.
const FORGETTING: f32 = 0.995;

/// How loud speech is, once the noise is taken away, beside what was heard at its least in the last second: of noise alone a tenth is left.
const BESIDE_NOISE: f32 = 0.25;
const NOISE_BLOCKS: usize = 64;

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockContent {
    /// Nothing, or next to it.
    Silence,
    /// Sound that nobody speaks: music, noise.
    Sound,
    /// One tone or two.
    Tones,
    /// Somebody speaks.
    Voice,
}

impl BlockContent {
    /// How long somebody waits in it who is silent, in milliseconds of a wait in silence. In noise the quiet ends of what is said are not heard, so
    /// that it takes longer until it is sure that somebody waits: 960 ms instead of 600.
    pub(super) const fn waited(self) -> u32 {
        match self {
            Self::Silence => BLOCK_MILLISECONDS,
            Self::Sound | Self::Tones => BLOCK_MILLISECONDS * 5 / 8,
            Self::Voice => 0,
        }
    }
}

/// Tells blocks in which somebody speaks from others, by the score that the `earshot` model gives them once the noise is taken away.
pub(super) struct VoiceMeter {
    detector: Box<Detector>,
    /// The last two blocks, from -1 to 1.
    window: [f32; 2 * BLOCK],
    reducer: NoiseReducer,
    /// How loud it was once the noise is taken away.
    loudest: f32,
    noise: NoiseFloor,
    is_speech: bool,
}

impl VoiceMeter {
    pub(super) fn new() -> Self {
        Self {
            detector: Detector::default_boxed(),
            window: [0.0; 2 * BLOCK],
            reducer: NoiseReducer::new(),
            loudest: SOUND,
            noise: NoiseFloor::default(),
            is_speech: false,
        }
    }

    pub(super) fn judge(&mut self, block: &[i16; BLOCK]) -> BlockContent {
        let heard = block.map(|sample| f32::from(sample) / 32_768.0);
        self.window.copy_within(BLOCK.., 0);
        self.window[BLOCK..].copy_from_slice(&heard);
        let cleaned = self.reducer.clean(&heard);
        let (mean, voice) = (mean_height(&heard), mean_height(&cleaned));
        self.loudest = (self.loudest * FORGETTING).max(voice);
        let score = self.score(&cleaned);
        self.is_speech = score >= if self.is_speech { NO_SPEECH } else { SPEECH };
        let noise = self.noise.take(mean);
        if mean < SOUND {
            BlockContent::Silence
        } else if is_tones(&self.window) {
            BlockContent::Tones
        } else if self.is_speech && voice >= BESIDE_NOISE * noise {
            BlockContent::Voice
        } else {
            BlockContent::Sound
        }
    }

    /// The model's score of a block. It hears 16,000 samples a second: each one twice. What that adds above 4,000 Hz it takes for the hiss that
    /// speech has there and tones have not; with a filter that leaves nothing there it finds speech in ringing and in music.
    fn score(&mut self, block: &[f32; BLOCK]) -> f32 {
        let gain = (LEVEL / self.loudest.max(SOUND)).min(1.0);
        let mut doubled = [0.0; 2 * BLOCK];
        for (pair, sample) in doubled.chunks_exact_mut(2).zip(block) {
            pair.fill(sample * gain);
        }
        self.detector.predict_f32(&doubled)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn mean_height(block: &[f32; BLOCK]) -> f32 {
    block.iter().map(|sample| sample.abs()).sum::<f32>() / BLOCK as f32
}

impl std::fmt::Debug for VoiceMeter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("VoiceMeter").field("is_speech", &self.is_speech).finish_non_exhaustive()
    }
}

/// How loud it is where nobody speaks: the least of the last second.
struct NoiseFloor {
    means: [f32; NOISE_BLOCKS],
    place: usize,
    /// The two means before.
    before: (f32, f32),
}

impl Default for NoiseFloor {
    fn default() -> Self {
        Self { means: [0.0; NOISE_BLOCKS], place: 0, before: (0.0, 0.0) }
    }
}

impl NoiseFloor {
    fn take(&mut self, mean: f32) -> f32 {
        let (last, one_before) = self.before;
        self.before = (mean, last);
        self.means[self.place] = (mean + last + one_before) / 3.0;
        self.place = (self.place + 1) % NOISE_BLOCKS;
        self.means.iter().copied().fold(f32::INFINITY, f32::min)
    }
}
