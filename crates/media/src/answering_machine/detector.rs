//! The detector as a whole: it cuts what it is given into blocks and tells of verdicts and beeps.

use super::{
    AnswererKind, DetectionEvent, DetectionSettings, HeardBeep, HeardReason, HeardVerdict,
    beep::BeepWatch,
    block::{BLOCK, BLOCK_MILLISECONDS},
    greeting::Greeting,
    voice::{BlockContent, VoiceMeter},
};

/// How many verdicts and beeps are told at most of one call.
pub const MOST_DETECTIONS: usize = 8;

/// How long somebody has to speak without a pause, and how late that may begin, so that a person's verdict becomes a machine's.
const MONOLOGUE: u32 = 4_000;
const MONOLOGUE_BEGINS: u32 = 5_000;

/// How long nobody speaks after a machine's greeting.
const QUIET: u32 = 2_000;

/// Who answered, judged by what is heard from the answer on.
#[derive(Debug)]
pub struct AnswerDetector {
    settings: DetectionSettings,
    voice: VoiceMeter,
    beeps: BeepWatch,
    /// `None` once it is decided whose greeting it was.
    greeting: Option<Greeting>,
    monologue: Monologue,
    verdict: Option<HeardVerdict>,
    /// How long nobody has spoken, and whether that was told.
    quiet: u32,
    is_quiet_told: bool,
    block: [i16; BLOCK],
    filled: usize,
    now: u32,
    told: usize,
}

impl AnswerDetector {
    /// A call that is answered now.
    pub fn new(settings: DetectionSettings) -> Self {
        Self {
            settings,
            voice: VoiceMeter::new(),
            beeps: BeepWatch::default(),
            greeting: Some(Greeting::new(settings)),
            monologue: Monologue::default(),
            verdict: None,
            quiet: 0,
            is_quiet_told: false,
            block: [0; BLOCK],
            filled: 0,
            now: 0,
            told: 0,
        }
    }

    /// Takes what was heard next, of any length: what became of it, in order.
    pub fn hear(&mut self, samples: impl IntoIterator<Item = i16>) -> Vec<DetectionEvent> {
        let mut events = Vec::new();
        for sample in samples {
            if self.is_over() {
                break;
            }
            self.block[self.filled] = sample;
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                self.judge(&mut events);
            }
        }
        events
    }

    /// The last verdict, if there is one.
    pub const fn verdict(&self) -> Option<HeardVerdict> {
        self.verdict
    }

    /// How much it has heard, in milliseconds since the answer.
    pub const fn milliseconds(&self) -> u32 {
        self.now
    }

    /// Whether it listens no more.
    pub const fn is_over(&self) -> bool {
        self.now >= self.settings.listening || self.told >= MOST_DETECTIONS
    }

    fn judge(&mut self, events: &mut Vec<DetectionEvent>) {
        self.now = self.now.saturating_add(BLOCK_MILLISECONDS);
        let beep = self.beeps.hear(&self.block);
        let heard = match self.voice.judge(&self.block) {
            // What may be a beep is not ringing.
            BlockContent::Tones if self.beeps.is_in_tone() => BlockContent::Sound,
            heard => heard,
        };
        if let Some(beep) = beep {
            self.tell(DetectionEvent::Beep(HeardBeep { from: beep.from, to: beep.to }), events);
            self.decide(HeardReason::Beep, events);
        }
        if let Some(reason) = self.greeting.as_mut().and_then(|greeting| greeting.hear(heard)) {
            // Whoever was not heard may still speak.
            self.greeting = reason.is_before_speech().then(|| Greeting::new(self.settings));
            self.decide(reason, events);
        }
        if self.monologue.hear(heard, self.now, &self.settings) {
            self.decide(HeardReason::Monologue, events);
        }
        self.watch_quiet(heard, events);
    }

    fn watch_quiet(&mut self, heard: BlockContent, events: &mut Vec<DetectionEvent>) {
        if heard == BlockContent::Voice {
            self.quiet = 0;
            self.is_quiet_told = false;
            return;
        }
        self.quiet = self.quiet.saturating_add(BLOCK_MILLISECONDS);
        let is_machine = self.verdict.is_some_and(|found| found.verdict == AnswererKind::Machine);
        if is_machine && self.quiet >= QUIET && !self.is_quiet_told {
            self.is_quiet_told = true;
            self.tell(DetectionEvent::Quiet(self.now), events);
        }
    }

    /// Makes a verdict, unless it says what the last one did.
    fn decide(&mut self, reason: HeardReason, events: &mut Vec<DetectionEvent>) {
        let is_same = self.verdict.is_some_and(|before| before.verdict == reason.verdict());
        // A mailbox that is sure is not made unsure by silence, nor a person by a pause.
        if is_same || (self.verdict.is_some() && reason.is_before_speech()) {
            return;
        }
        let verdict = HeardVerdict { verdict: reason.verdict(), reason, at: self.now };
        self.verdict = Some(verdict);
        if reason == HeardReason::Beep {
            self.greeting = None;
        }
        self.tell(DetectionEvent::Verdict(verdict), events);
    }

    fn tell(&mut self, event: DetectionEvent, events: &mut Vec<DetectionEvent>) {
        if self.told < MOST_DETECTIONS {
            self.told += 1;
            events.push(event);
        }
    }
}

/// How long somebody speaks without a pause.
#[derive(Debug, Default)]
struct Monologue {
    began: Option<u32>,
    spoken: u32,
    /// How long nobody has spoken since, as a wait.
    waited: u32,
}

impl Monologue {
    /// Takes the next block; whether it is too long for a person.
    fn hear(&mut self, heard: BlockContent, now: u32, settings: &DetectionSettings) -> bool {
        if heard == BlockContent::Voice {
            self.began.get_or_insert(now);
            self.spoken += BLOCK_MILLISECONDS;
            self.waited = 0;
        } else {
            self.waited += heard.waited();
            if self.waited >= settings.after_greeting {
                *self = Self::default();
            }
        }
        self.spoken >= MONOLOGUE && self.began.is_some_and(|began| began < MONOLOGUE_BEGINS)
    }
}
