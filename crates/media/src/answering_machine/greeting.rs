//! Who greets: the classic timings, block by block.

use super::{DetectionSettings, HeardReason, block::BLOCK_MILLISECONDS, voice::BlockContent};

/// How long sound that nobody speaks is listened to.
const NOT_SPEECH: u32 = 1_400;

/// How long tones are, as exchanges ring.
const RINGING: u32 = 480;

/// A greeting as it is heard, until it is decided whose it is.
#[derive(Debug)]
pub(super) struct Greeting {
    settings: DetectionSettings,
    now: u32,
    /// How long nothing was heard, and how long sound that nobody speaks was.
    silence: u32,
    sound: u32,
    ringing: u32,
    /// How long somebody spoke without a pause, how long nobody has, and what that is worth as a wait.
    word: u32,
    pause: u32,
    waited: u32,
    words: u32,
    is_in_word: bool,
    /// How long ago somebody began to speak; `None`: nobody has begun.
    spoken: Option<u32>,
}

impl Greeting {
    pub(super) const fn new(settings: DetectionSettings) -> Self {
        Self {
            settings,
            now: 0,
            silence: 0,
            sound: 0,
            ringing: 0,
            word: 0,
            pause: 0,
            waited: 0,
            words: 0,
            is_in_word: false,
            spoken: None,
        }
    }

    /// Takes the next block: what decides.
    pub(super) fn hear(&mut self, heard: BlockContent) -> Option<HeardReason> {
        self.now = self.now.saturating_add(BLOCK_MILLISECONDS);
        if let Some(spoken) = &mut self.spoken {
            *spoken += BLOCK_MILLISECONDS;
        }
        match heard {
            BlockContent::Voice => self.speak(),
            BlockContent::Sound | BlockContent::Tones | BlockContent::Silence => self.pause(heard),
        }
        self.decided()
    }

    fn speak(&mut self) {
        self.pause = 0;
        self.waited = 0;
        self.word += BLOCK_MILLISECONDS;
        if self.word >= self.settings.word && !self.is_in_word {
            self.is_in_word = true;
            self.words += 1;
            self.spoken = self.spoken.or(Some(self.word));
        }
    }

    fn pause(&mut self, heard: BlockContent) {
        self.pause += BLOCK_MILLISECONDS;
        self.waited += heard.waited();
        if self.pause >= self.settings.between_words {
            self.word = 0;
            self.is_in_word = false;
        }
        match (heard, self.spoken) {
            (BlockContent::Sound, None) => {
                self.sound += BLOCK_MILLISECONDS;
                self.silence = 0;
            }
            (BlockContent::Tones, None) => {
                self.ringing += BLOCK_MILLISECONDS;
                self.silence = 0;
            }
            (BlockContent::Silence, None) => self.silence += BLOCK_MILLISECONDS,
            _ => {}
        }
    }

    fn decided(&self) -> Option<HeardReason> {
        let settings = &self.settings;
        match self.spoken {
            None if self.silence >= settings.initial_silence => Some(HeardReason::InitialSilence),
            None if self.sound >= NOT_SPEECH || self.ringing >= RINGING => Some(HeardReason::NotSpeech),
            Some(_) if self.words > settings.most_words => Some(HeardReason::ManyWords),
            Some(spoken) if spoken >= settings.greeting && self.pause == 0 => Some(HeardReason::LongGreeting),
            Some(_) if self.waited >= settings.after_greeting => Some(HeardReason::ShortGreeting),
            _ if self.now >= settings.total => Some(HeardReason::TooLong),
            _ => None,
        }
    }
}
