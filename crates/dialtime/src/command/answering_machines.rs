//! Who answered, in recordings.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use media::{
    answering_machine::{DetectionSetting, DetectionSettings},
    wav::WavChannels,
};

#[derive(Debug, Args)]
pub(crate) struct AnsweringMachines {
    /// The recordings: WAV, of 8 to 48 kHz, up to an hour.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Who answered in each: CSV with the columns `file` and `label`, which is human, machine or unsure. A file is named as here or by its last
    /// part. Left out, the folder that a file is in says it, if it is called so.
    #[arg(long, value_name = "CSV")]
    pub(crate) labels: Option<PathBuf>,
    /// Which channel of recordings that have two: the second is what was heard in recordings that Dialtime makes.
    #[arg(long, value_enum, default_value_t = ChannelOption::Second)]
    pub(crate) channel: ChannelOption,
    /// Answer in JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) timings: DetectionOptions,
}

/// What is taken of recordings of two channels.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ChannelOption {
    First,
    Second,
    Both,
}

impl ChannelOption {
    pub(crate) const fn channels(self) -> WavChannels {
        match self {
            Self::First => WavChannels::First,
            Self::Second => WavChannels::Second,
            Self::Both => WavChannels::Both,
        }
    }
}

/// The timings, in milliseconds but the number of words.
#[derive(Debug, Args)]
pub(crate) struct DetectionOptions {
    /// A machine after so much silence at first.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::InitialSilence.default(), value_parser = within(DetectionSetting::InitialSilence))]
    initial_silence: u32,
    /// A machine when a greeting goes on for longer.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::Greeting.default(), value_parser = within(DetectionSetting::Greeting))]
    greeting: u32,
    /// A person after so much silence behind a greeting.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::AfterGreeting.default(), value_parser = within(DetectionSetting::AfterGreeting))]
    after_greeting: u32,
    /// A machine when a greeting has more words.
    #[arg(long, value_name = "N", default_value_t = DetectionSetting::MostWords.default(), value_parser = within(DetectionSetting::MostWords))]
    most_words: u32,
    /// What is said for a shorter time is no word.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::Word.default(), value_parser = within(DetectionSetting::Word))]
    word: u32,
    /// The next word begins after so much silence.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::BetweenWords.default(), value_parser = within(DetectionSetting::BetweenWords))]
    between_words: u32,
    /// Unsure when nothing else decided by then.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::Total.default(), value_parser = within(DetectionSetting::Total))]
    total: u32,
    /// Listen until then for a beep or a monologue, which make another verdict.
    #[arg(long, value_name = "MS", default_value_t = DetectionSetting::Listening.default(), value_parser = within(DetectionSetting::Listening))]
    listening: u32,
}

impl DetectionOptions {
    pub(crate) fn settings(&self) -> DetectionSettings {
        DetectionSettings::of(|setting| match setting {
            DetectionSetting::InitialSilence => self.initial_silence,
            DetectionSetting::Greeting => self.greeting,
            DetectionSetting::AfterGreeting => self.after_greeting,
            DetectionSetting::MostWords => self.most_words,
            DetectionSetting::Word => self.word,
            DetectionSetting::BetweenWords => self.between_words,
            DetectionSetting::Total => self.total,
            DetectionSetting::Listening => self.listening,
        })
    }
}

fn within(setting: DetectionSetting) -> clap::builder::RangedI64ValueParser<u32> {
    let (least, most) = setting.bounds();
    clap::value_parser!(u32).range(i64::from(least)..=i64::from(most))
}
