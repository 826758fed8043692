//! The timings by which a machine is told from a person.

/// A setting, with the values that it may have. All are milliseconds but [`DetectionSetting::MostWords`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetectionSetting {
    /// How long nothing may be heard at first.
    InitialSilence,
    /// How long a person's greeting is at most.
    Greeting,
    /// How long a person waits after a greeting.
    AfterGreeting,
    /// How many words a person's greeting has at most.
    MostWords,
    /// How long a word is at least.
    Word,
    /// How long it is still between two words.
    BetweenWords,
    /// How long a verdict may take.
    Total,
    /// How long is listened, from the answer on, for what makes a verdict another one.
    Listening,
}

/// The timings by which a machine is told from a person: those that every such detection has, as Asterisk's `AMD()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectionSettings {
    /// After so much silence at first, it is a machine.
    pub initial_silence: u32,
    /// A greeting that goes on for longer is a machine's.
    pub greeting: u32,
    /// Whoever is silent for so long after a greeting is a person, who waits for an answer.
    pub after_greeting: u32,
    /// A greeting of more words is a machine's.
    pub most_words: u32,
    /// What is said for a shorter time is no word.
    pub word: u32,
    /// After so much silence the next word begins.
    pub between_words: u32,
    /// Where nothing else decided by then, it stays unsure.
    pub total: u32,
    /// Until when is listened: for a beep, a monologue, or whoever speaks late.
    pub listening: u32,
}

impl Default for DetectionSettings {
    fn default() -> Self {
        Self::of(DetectionSetting::default)
    }
}

impl DetectionSettings {
    /// Settings that are each asked for, and brought within their bounds.
    pub fn of(value: impl Fn(DetectionSetting) -> u32) -> Self {
        let within = |setting: DetectionSetting| {
            let (least, most) = setting.bounds();
            value(setting).clamp(least, most)
        };
        Self {
            initial_silence: within(DetectionSetting::InitialSilence),
            greeting: within(DetectionSetting::Greeting),
            after_greeting: within(DetectionSetting::AfterGreeting),
            most_words: within(DetectionSetting::MostWords),
            word: within(DetectionSetting::Word),
            between_words: within(DetectionSetting::BetweenWords),
            total: within(DetectionSetting::Total),
            listening: within(DetectionSetting::Listening),
        }
    }
}

impl DetectionSetting {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::InitialSilence,
        Self::Greeting,
        Self::AfterGreeting,
        Self::MostWords,
        Self::Word,
        Self::BetweenWords,
        Self::Total,
        Self::Listening,
    ];

    /// What it is where nobody says: chosen by the sounds for that of `scripts/amd-set` and more of their kind from other seeds, near the classic
    /// ones (2,500, 1,500, 800 ms, 3 words of 100 ms with 50 ms between them, 5,000 ms).
    pub const fn default(self) -> u32 {
        match self {
            Self::InitialSilence => 2_200,
            Self::Greeting => 1_350,
            Self::AfterGreeting => 600,
            Self::MostWords => 3,
            Self::Word => 80,
            Self::BetweenWords => 120,
            Self::Total => 5_000,
            Self::Listening => 30_000,
        }
    }

    /// The least and the most that it may be.
    pub const fn bounds(self) -> (u32, u32) {
        match self {
            Self::InitialSilence | Self::Greeting => (500, 10_000),
            Self::AfterGreeting => (200, 5_000),
            Self::MostWords => (1, 20),
            Self::Word | Self::BetweenWords => (20, 1_000),
            Self::Total => (1_000, 20_000),
            Self::Listening => (1_000, 120_000),
        }
    }
}
