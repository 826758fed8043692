//! The sound of prompts, made once for all calls that play them at the same time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use domain::{LONGEST_PROMPT, PromptAudio, PromptId};
use media::{g711::G711, session::PromptSound, wav};
use telephony::CallScript;

/// What a call may play.
pub(crate) type CallPrompts = HashMap<PromptId, Arc<PromptSound>>;

/// The prompts that calls have, by the hashes of their audio. It keeps none alive, so that it is as large as what calls play.
#[derive(Default)]
pub(crate) struct PromptSounds(Mutex<HashMap<[u8; 32], Weak<PromptSound>>>);

impl PromptSounds {
    /// All that a script plays, as lines with these codecs carry it. Takes milliseconds for each minute of it: not a thing for a thread that calls
    /// wait for.
    pub(crate) fn of_script(&self, script: &CallScript, codecs: &[G711]) -> CallPrompts {
        let sound = |(id, audio): (&PromptId, &Arc<PromptAudio>)| Some((*id, self.sound(audio, codecs)?));
        script.prompts.iter().filter_map(sound).collect()
    }

    /// A prompt, as lines with these codecs carry it.
    pub(crate) fn sound(&self, audio: &PromptAudio, codecs: &[G711]) -> Option<Arc<PromptSound>> {
        let known = self.lock(|known| known.get(&audio.sha256)?.upgrade());
        let sound = match known {
            Some(sound) => sound,
            None => self.make(audio)?,
        };
        for law in codecs {
            sound.bytes(*law);
        }
        Some(sound)
    }

    fn make(&self, audio: &PromptAudio) -> Option<Arc<PromptSound>> {
        let samples = match wav::convert(&audio.wav, LONGEST_PROMPT) {
            Ok(sound) => sound.samples,
            Err(error) => {
                tracing::error!(%error, "a prompt that is stored cannot be played");
                return None;
            }
        };
        let sound = Arc::new(PromptSound::new(samples));
        self.lock(|known| {
            known.retain(|_, sound| sound.strong_count() > 0);
            known.insert(audio.sha256, Arc::downgrade(&sound));
        });
        Some(sound)
    }

    fn lock<T>(&self, with: impl FnOnce(&mut HashMap<[u8; 32], Weak<PromptSound>>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use domain::{DEFAULT_VISITS, OnMachine, ScriptFlow, ScriptStep, StepAction};
    use media::wav::LineSound;
    use uuid::Uuid;

    use super::*;

    fn script(audio: PromptAudio) -> CallScript {
        let step = ScriptStep { label: None, visits: DEFAULT_VISITS, action: StepAction::HangUp };
        let flow = Arc::new(ScriptFlow::new(vec![step], OnMachine::default()).unwrap());
        let prompts = HashMap::from([(PromptId::new(Uuid::from_u128(1)), Arc::new(audio))]);
        CallScript { flow, prompts: Arc::new(prompts), bots: None }
    }

    #[test]
    fn calls_share_a_prompt_while_any_of_them_plays_it() {
        let sounds = PromptSounds::default();
        let wav = LineSound { samples: vec![1_000; 8_000], is_silent: false }.to_wav();
        let script = script(PromptAudio { wav, samples: 8_000, sha256: [1; 32], is_silent: false });
        let (one, other) = (sounds.of_script(&script, &G711::ALL), sounds.of_script(&script, &[]));
        let [one, other] = [one, other].map(|prompts| prompts.into_values().next().unwrap());
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(one.bytes(G711::ALaw).len(), 8_000);
        drop((one, other));
        assert!(sounds.lock(|known| known.values().all(|sound| sound.upgrade().is_none())));
    }

    #[test]
    fn what_is_no_sound_is_not_played() {
        let audio = PromptAudio { wav: b"RIFF".to_vec(), samples: 1, sha256: [2; 32], is_silent: false };
        assert!(PromptSounds::default().of_script(&script(audio), &G711::ALL).is_empty());
    }
}
