//! Who answered: a person or a machine. Judged by what is heard from the answer on, by timings that are settings; a verdict may be followed by
//! another, as when a person's short greeting turns out to be the begin of a mailbox's. Pure: sound comes in, verdicts and beeps go out. Work is a
//! few hundred thousand multiplications for each 16 ms that are heard, memory about 25 kB, until [`DetectionSettings::listening`] is over.
//!
//! A greeting is looked for in what the `earshot` model takes for speech once the noise is taken away, so that ringing, music, noise and beeps are none.
//!
//! ```
//! use media::answering_machine::{AnswerDetector, AnswererKind, DetectionEvent, DetectionSettings};
//!
//! let mut detector = AnswerDetector::new(DetectionSettings::default());
//! // Three seconds in which nobody says anything, as they come: 20 ms a packet.
//! let events: Vec<_> = (0..150).flat_map(|_| detector.hear([0; 160])).collect();
//! let [DetectionEvent::Verdict(verdict), DetectionEvent::Quiet(2_208)] = events[..] else { panic!("{events:?}") };
//! assert_eq!((verdict.verdict, verdict.reason.code()), (AnswererKind::Machine, "initial_silence"));
//! assert_eq!(verdict.at, 2_208);
//! ```

mod beep;
mod block;
mod detector;
mod greeting;
mod listener;
mod noise;
mod settings;
mod tones;
mod voice;

pub use self::{
    detector::{AnswerDetector, MOST_DETECTIONS},
    listener::AnswerListener,
    settings::{DetectionSetting, DetectionSettings},
};

/// Who answered, as far as can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswererKind {
    /// A person.
    Human,
    /// A machine, such as a mailbox.
    Machine,
    /// It cannot be told.
    Unsure,
}

impl AnswererKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Human, Self::Machine, Self::Unsure];

    /// What it is called where others read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Machine => "machine",
            Self::Unsure => "unsure",
        }
    }
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeardReason {
    /// Someone greeted shortly, and waits.
    ShortGreeting,
    /// Nobody said anything, and nothing was heard.
    InitialSilence,
    /// The greeting goes on and on.
    LongGreeting,
    /// The greeting has many words.
    ManyWords,
    /// Someone speaks, and does not stop to listen, after what was taken for a person's greeting.
    Monologue,
    /// A beep.
    Beep,
    /// Sound that nobody speaks: ringing, music, noise.
    NotSpeech,
    /// The time was over.
    TooLong,
}

impl HeardReason {
    /// What it is called where others read it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ShortGreeting => "short_greeting",
            Self::InitialSilence => "initial_silence",
            Self::LongGreeting => "long_greeting",
            Self::ManyWords => "many_words",
            Self::Monologue => "monologue",
            Self::Beep => "beep",
            Self::NotSpeech => "not_speech",
            Self::TooLong => "too_long",
        }
    }

    /// Who answered, by it.
    pub const fn verdict(self) -> AnswererKind {
        match self {
            Self::ShortGreeting => AnswererKind::Human,
            Self::InitialSilence | Self::LongGreeting | Self::ManyWords | Self::Monologue | Self::Beep => {
                AnswererKind::Machine
            }
            Self::NotSpeech | Self::TooLong => AnswererKind::Unsure,
        }
    }

    /// Whether nobody had spoken.
    const fn is_before_speech(self) -> bool {
        matches!(self, Self::InitialSilence | Self::NotSpeech)
    }
}

/// Who answered, why, and when that was clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardVerdict {
    /// Who.
    pub verdict: AnswererKind,
    /// Why.
    pub reason: HeardReason,
    /// When, in milliseconds since the answer.
    pub at: u32,
}

/// A beep, in milliseconds since the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardBeep {
    /// When it began.
    pub from: u32,
    /// When it was over.
    pub to: u32,
}

/// What is known by now of who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAnswerer {
    /// The last verdict.
    pub verdict: HeardVerdict,
    /// When the last beep began, in milliseconds since the answer.
    pub beep_from: Option<u32>,
}

/// What was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetectionEvent {
    /// A first verdict, or another one than the last.
    Verdict(HeardVerdict),
    /// A beep is over.
    Beep(HeardBeep),
    /// A machine has said what it says: nobody has spoken for two seconds, at this time in milliseconds since the answer.
    Quiet(u32),
}

#[cfg(test)]
mod tests;
