//! Prompts in memory: those that calls play, are about to play, or played not long ago. A call begins only once all that its script
//! plays is here, so that nobody is rung up to hear nothing.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{PromptAudio, PromptId};
use store::{
    Result, Store,
    dialing::{self, PromptToPlay, ScriptToRun},
};
use telephony::CallScript;

/// The most bytes of prompts in memory: an hour and more of sound. What calls play is never dropped, so that beyond this no script with other
/// prompts begins.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The most prompts that are read at once.
const READ_AT_ONCE: usize = 16;

/// The most prompts that are remembered as missing.
const MOST_MISSING: usize = 1_000;

/// Prompts by the hash of their audio.
#[derive(Default)]
pub(crate) struct PromptCache {
    known: HashMap<[u8; 32], CachedPrompt>,
    bytes: usize,
    missing: HashSet<PromptToPlay>,
    /// Counts uses, to tell which was the last.
    uses: u64,
}

struct CachedPrompt {
    audio: Arc<PromptAudio>,
    used: u64,
}

impl PromptCache {
    /// A script with its prompts; `None` while some are not here: they are read by the next [`Self::load`].
    pub(crate) fn script(&mut self, script: ScriptToRun) -> Option<CallScript> {
        self.uses += 1;
        let mut prompts: HashMap<PromptId, Arc<PromptAudio>> = HashMap::new();
        let named = script.prompts.len();
        for prompt in script.prompts {
            if let Some(cached) = self.known.get_mut(&prompt.sha256) {
                cached.used = self.uses;
                prompts.insert(prompt.id, Arc::clone(&cached.audio));
            } else if self.missing.len() < MOST_MISSING {
                self.missing.insert(prompt);
            }
        }
        let is_complete = prompts.len() == named;
        is_complete.then(|| CallScript {
            flow: Arc::new(script.flow),
            prompts: Arc::new(prompts),
            bots: None,
        })
    }

    /// Reads what was missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn load(&mut self, store: &Store) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<PromptToPlay> = self.missing.drain().take(READ_AT_ONCE).collect();
        let mut read = store.read().await?;
        for PromptToPlay { owner, id, .. } in missing {
            if let Some(audio) = dialing::prompt_audio(&mut read, owner, id).await? {
                self.add(audio, MOST_BYTES);
            }
        }
        Ok(())
    }

    /// Adds a prompt, in place of those that no call has and whose last use is longest ago.
    fn add(&mut self, audio: PromptAudio, most: usize) {
        let bytes = audio.wav.len();
        while self.bytes.saturating_add(bytes) > most {
            let unused = self.known.iter().filter(|(_, cached)| Arc::strong_count(&cached.audio) == 1);
            let Some(oldest) = unused.min_by_key(|(_, cached)| cached.used).map(|(hash, _)| *hash) else {
                tracing::warn!("calls play so many prompts that there is no room in memory for one more");
                return;
            };
            self.drop_one(&oldest);
        }
        self.drop_one(&audio.sha256);
        self.bytes += bytes;
        let (hash, used) = (audio.sha256, self.uses);
        self.known.insert(hash, CachedPrompt { audio: Arc::new(audio), used });
    }

    fn drop_one(&mut self, hash: &[u8; 32]) {
        if let Some(dropped) = self.known.remove(hash) {
            self.bytes -= dropped.audio.wav.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, BotSecrets, DEFAULT_VISITS, OnMachine, ScriptFlow, ScriptStep, StepAction};
    use uuid::Uuid;

    use super::*;

    fn prompt(which: u8) -> PromptToPlay {
        let id = Uuid::from_u128(which.into());
        PromptToPlay { owner: AccountId::new(id), id: PromptId::new(id), sha256: [which; 32] }
    }

    fn audio(which: u8, bytes: usize) -> PromptAudio {
        PromptAudio { wav: vec![0; bytes], samples: 1, sha256: [which; 32], is_silent: false }
    }

    fn script(prompts: &[u8]) -> ScriptToRun {
        let step = ScriptStep { label: None, visits: DEFAULT_VISITS, action: StepAction::HangUp };
        let flow = ScriptFlow::new(vec![step], OnMachine::default()).unwrap();
        let prompts = prompts.iter().map(|which| prompt(*which)).collect();
        ScriptToRun { flow, prompts, secrets: BotSecrets::new() }
    }

    #[test]
    fn a_script_waits_for_its_prompts() {
        let mut cache = PromptCache::default();
        assert!(cache.script(script(&[])).is_some());
        cache.add(audio(1, 10), 100);
        assert!(cache.script(script(&[1, 2])).is_none());
        assert_eq!(cache.missing, HashSet::from([prompt(2)]));
        cache.add(audio(2, 10), 100);
        assert_eq!(cache.script(script(&[1, 2])).unwrap().prompts.len(), 2);
    }

    #[test]
    fn what_calls_play_stays_and_of_the_rest_what_was_used_last() {
        let mut cache = PromptCache::default();
        for which in 1..=3 {
            cache.add(audio(which, 30), 100);
        }
        let playing = cache.script(script(&[1])).unwrap();
        drop(cache.script(script(&[2])).unwrap());
        cache.add(audio(4, 30), 100);
        assert!(!cache.known.contains_key(&[3; 32]) && cache.known.contains_key(&[2; 32]));
        cache.add(audio(5, 100), 100);
        assert!(!cache.known.contains_key(&[5; 32]), "there is no room beside what is played");
        assert!(cache.known.contains_key(&[1; 32]));
        drop(playing);
        cache.add(audio(5, 100), 100);
        assert_eq!((cache.known.len(), cache.bytes), (1, 100));
        cache.add(audio(5, 90), 100);
        assert_eq!((cache.known.len(), cache.bytes), (1, 90), "what is read twice counts once");
    }
}
