//! Who answered a call, and what is done when that is a machine.

use std::{sync::Arc, time::Duration};

use domain::{
    AnsweredBy, Answerer, AnswererReason, Bounded, MachineHandling, MachineTimings, OnMachine, PromptId,
};
use media::{
    answering_machine::{
        AnswerListener, AnswererKind, DetectionEvent, DetectionSetting, DetectionSettings, HeardReason,
        HeardVerdict, KnownAnswerer,
    },
    session::{MediaControl, PromptSound},
};

/// What the message for a machine is called: nothing that a script plays is called so.
pub(super) const MESSAGE: u64 = u64::MAX - 2;

/// How long is waited for the end of a greeting, until the message is left all the same.
const LONGEST_GREETING: Duration = Duration::from_secs(30);

/// Finds out who answered, where the script asks for that.
pub(super) struct MachineWatch {
    machine: MachineHandling,
    listener: Option<AnswerListener>,
    /// How long after the answer it began to listen, in milliseconds.
    began: u32,
    verdict: Option<HeardVerdict>,
    beep_from: Option<u32>,
}

/// What is to be done because of what was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MachineStep {
    /// End the call.
    HangUp,
    /// Say nothing any more, and wait to leave this message.
    Wait(PromptId),
    /// Now the message can be left, from its begin.
    Speak,
}

impl MachineWatch {
    pub(super) const fn new(machine: MachineHandling) -> Self {
        Self { machine, listener: None, began: 0, verdict: None, beep_from: None }
    }

    /// Someone has answered so long ago: listens, if anybody wants to know.
    pub(super) fn listen(&mut self, sound: &MediaControl, answered: Duration) {
        self.began = u32::try_from(answered.as_millis()).unwrap_or(u32::MAX);
        if self.machine.on_machine != OnMachine::Continue {
            self.listener = Some(AnswerListener::begin(sound, settings(self.machine.timings)));
        }
    }

    /// There is sound though nobody has answered: listens to it, if anybody wants to know. Nothing is done because of what it is.
    pub(super) fn listen_early(&mut self, sound: &MediaControl) {
        if self.machine.on_machine != OnMachine::Continue {
            self.listener = Some(AnswerListener::begin_early(sound, settings(self.machine.timings)));
        }
    }

    /// Listens no more.
    pub(super) fn end(&mut self) {
        self.listener = None;
    }

    /// What is found out next; may be dropped and asked again.
    pub(super) async fn event(&mut self) -> DetectionEvent {
        if let Some(listener) = &mut self.listener {
            if let Some(event) = listener.event().await {
                return event;
            }
            self.listener = None;
        }
        std::future::pending().await
    }

    /// Takes note of what was found out: what is to be done, in this order.
    fn note(&mut self, event: DetectionEvent) -> Vec<MachineStep> {
        match event {
            DetectionEvent::Verdict(verdict) => {
                self.verdict = Some(HeardVerdict { at: self.after_answer(verdict.at), ..verdict });
                self.on_verdict(verdict)
            }
            DetectionEvent::Beep(beep) => {
                self.beep_from = Some(self.after_answer(beep.from));
                vec![MachineStep::Speak]
            }
            DetectionEvent::Quiet(_) => vec![MachineStep::Speak],
        }
    }

    /// The same, and what is known of who answered, where that is more than before.
    pub(super) fn hear(&mut self, event: DetectionEvent) -> (Vec<MachineStep>, Option<KnownAnswerer>) {
        let before = self.known();
        let steps = self.note(event);
        (steps, self.known().filter(|known| before != Some(*known)))
    }

    /// What is known of who answered.
    fn known(&self) -> Option<KnownAnswerer> {
        self.verdict.map(|verdict| KnownAnswerer { verdict, beep_from: self.beep_from })
    }

    const fn after_answer(&self, listened: u32) -> u32 {
        self.began.saturating_add(listened)
    }

    fn on_verdict(&self, verdict: HeardVerdict) -> Vec<MachineStep> {
        let is_machine = verdict.verdict == AnswererKind::Machine;
        match self.machine.on_machine {
            OnMachine::HangUp if is_machine => vec![MachineStep::HangUp],
            OnMachine::LeaveMessage { prompt } if is_machine => {
                let mut steps = vec![MachineStep::Wait(prompt)];
                // The beep that decided is over.
                steps.extend((verdict.reason == HeardReason::Beep).then_some(MachineStep::Speak));
                steps
            }
            _ => Vec::new(),
        }
    }
}

/// What is known of who answered, in the words of records.
pub(super) fn answerer_of(KnownAnswerer { verdict, beep_from }: KnownAnswerer) -> Answerer {
    let by = match verdict.verdict {
        AnswererKind::Human => AnsweredBy::Human,
        AnswererKind::Machine => AnsweredBy::Machine,
        AnswererKind::Unsure => AnsweredBy::Unsure,
    };
    Answerer {
        by,
        reason: reason_of(verdict.reason),
        after: verdict.at.into(),
        beep_after: beep_from.map(Into::into),
    }
}

fn settings(timings: MachineTimings) -> DetectionSettings {
    DetectionSettings::of(|setting| {
        let asked = match setting {
            DetectionSetting::InitialSilence => timings.initial_silence.map(Bounded::get),
            DetectionSetting::Greeting => timings.greeting.map(Bounded::get),
            DetectionSetting::AfterGreeting => timings.after_greeting.map(Bounded::get),
            DetectionSetting::MostWords => timings.most_words.map(Bounded::get),
            DetectionSetting::Word => timings.word.map(Bounded::get),
            DetectionSetting::BetweenWords => timings.between_words.map(Bounded::get),
            DetectionSetting::Total => timings.total.map(Bounded::get),
            DetectionSetting::Listening => timings.listening.map(Bounded::get),
        };
        asked.and_then(|asked| u32::try_from(asked).ok()).unwrap_or(setting.default())
    })
}

const fn reason_of(reason: HeardReason) -> AnswererReason {
    match reason {
        HeardReason::ShortGreeting => AnswererReason::ShortGreeting,
        HeardReason::InitialSilence => AnswererReason::InitialSilence,
        HeardReason::LongGreeting => AnswererReason::LongGreeting,
        HeardReason::ManyWords => AnswererReason::ManyWords,
        HeardReason::Monologue => AnswererReason::Monologue,
        HeardReason::Beep => AnswererReason::Beep,
        HeardReason::NotSpeech => AnswererReason::NotSpeech,
        HeardReason::TooLong => AnswererReason::TooLong,
    }
}

/// A message that waits for its time, or is being left.
pub(super) struct MessageToLeave {
    sound: MediaControl,
    prompt: Option<Arc<PromptSound>>,
    /// When it is left at the latest; `None`: it is being left.
    deadline: Option<Duration>,
}

impl MessageToLeave {
    /// `None` for the prompt: it cannot be played.
    pub(super) fn new(sound: MediaControl, prompt: Option<Arc<PromptSound>>, now: Duration) -> Self {
        sound.stop();
        Self { sound, prompt, deadline: Some(now.saturating_add(LONGEST_GREETING)) }
    }

    pub(super) const fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Leaves it, from its begin; says whether it can.
    pub(super) fn speak(&mut self) -> bool {
        self.deadline = None;
        self.prompt.as_ref().is_some_and(|prompt| self.sound.play(MESSAGE, Arc::clone(prompt), false))
    }
}

#[cfg(test)]
mod tests {
    use media::answering_machine::HeardBeep;
    use uuid::Uuid;

    use super::*;

    fn verdict(reason: HeardReason) -> DetectionEvent {
        DetectionEvent::Verdict(HeardVerdict { verdict: reason.verdict(), reason, at: 1_500 })
    }

    #[test]
    fn only_a_machine_is_acted_on() {
        let prompt = PromptId::new(Uuid::from_u128(7));
        let leave = OnMachine::LeaveMessage { prompt };
        let wait = MachineStep::Wait(prompt);
        for (on_machine, reason, expected) in [
            (OnMachine::HangUp, HeardReason::LongGreeting, vec![MachineStep::HangUp]),
            (OnMachine::HangUp, HeardReason::ShortGreeting, vec![]),
            (OnMachine::HangUp, HeardReason::TooLong, vec![]),
            (OnMachine::Note, HeardReason::LongGreeting, vec![]),
            (leave, HeardReason::LongGreeting, vec![wait]),
            (leave, HeardReason::Beep, vec![wait, MachineStep::Speak]),
            (leave, HeardReason::NotSpeech, vec![]),
        ] {
            assert_eq!(MachineWatch::new(on_machine.into()).note(verdict(reason)), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_script_may_have_any_timing_that_can_be_listened_by() {
        let named = |setting| match setting {
            DetectionSetting::InitialSilence => "initial_silence",
            DetectionSetting::Greeting => "greeting",
            DetectionSetting::AfterGreeting => "after_greeting",
            DetectionSetting::MostWords => "most_words",
            DetectionSetting::Word => "word",
            DetectionSetting::BetweenWords => "between_words",
            DetectionSetting::Total => "total",
            DetectionSetting::Listening => "listening",
        };
        let read = |setting, value| {
            let text = format!(r#"{{"{}": {value}}}"#, named(setting));
            serde_json::from_str::<MachineTimings>(&text).ok().map(settings)
        };
        for setting in DetectionSetting::ALL {
            let (least, most) = setting.bounds();
            assert!(read(setting, least - 1).is_none() && read(setting, most + 1).is_none(), "{setting:?}");
            for value in [least, most] {
                let asked = |other: DetectionSetting| if other == setting { value } else { other.default() };
                assert_eq!(read(setting, value), Some(DetectionSettings::of(asked)), "{setting:?}");
            }
        }
    }

    #[test]
    fn the_last_verdict_and_the_last_beep_are_noted() {
        let mut watch = MachineWatch::new(OnMachine::Note.into());
        watch.note(verdict(HeardReason::ShortGreeting));
        watch.note(DetectionEvent::Beep(HeardBeep { from: 4_000, to: 4_400 }));
        watch.note(verdict(HeardReason::Beep));
        let found = answerer_of(watch.known().unwrap());
        assert_eq!((found.by, found.reason), (AnsweredBy::Machine, AnswererReason::Beep));
        assert_eq!((found.after, found.beep_after), (1_500, Some(4_000)));
    }
}
