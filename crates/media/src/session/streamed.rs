//! Sound that somebody streams into a call, faster or slower than it leaves: it waits here, with marks in between, and can be cleared.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{g711::G711, rtp::SAMPLES_A_MILLISECOND};

/// How much waits at most before whoever streams is made to wait: two minutes, which is 960 kB.
pub const MOST_STREAMED: Duration = Duration::from_mins(2);

/// How many marks wait at most.
const MOST_MARKS: usize = 1_000;

/// How much waits before any of it leaves, beside the frame that does: sound that comes a frame at a time may be late by that.
const AHEAD: usize = 20 * SAMPLES_A_MILLISECOND as usize;

/// By how much more that may grow where sound has come late: the latest that is made up for. What comes later still is taken for the next sentence.
const MOST_LATENESS: usize = 200 * SAMPLES_A_MILLISECOND as usize;

/// For how many frames the rest of something short waits for more, beside those that may be late.
const PATIENCE: usize = 2;

/// Sound that is streamed into a call, by the mu-law. Shared by who streams it and who plays it.
#[derive(Debug, Default)]
pub struct SoundQueue {
    queued: Mutex<QueuedSound>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct QueuedSound {
    mu_law: VecDeque<u8>,
    /// Marks, each with how many bytes left or leave before it, counted from the beginning.
    marks: VecDeque<(u64, String)>,
    /// Marks that were passed, and of which nobody was told.
    passed: Vec<String>,
    /// How many bytes have left or were cleared.
    left: u64,
    /// Whether enough has come for some to leave.
    flows: bool,
    /// For how many frames something waited that is too little.
    waited: usize,
    /// For how many samples there was nothing since sound last flowed; `None`: none has flowed, or it was cleared.
    dry: Option<usize>,
    /// How late sound has come until now, in samples: so much more waits before any leaves.
    lateness: usize,
}

impl SoundQueue {
    /// Whether more may come now.
    pub fn has_room(&self) -> bool {
        let queued = self.lock();
        let most = usize::try_from(MOST_STREAMED.as_millis()).unwrap_or(0) * SAMPLES_A_MILLISECOND as usize;
        queued.mu_law.len() < most && queued.marks.len() < MOST_MARKS
    }

    /// Adds sound by the mu-law. It is taken also beyond [`Self::has_room`]: that is asked before it is read.
    pub fn push(&self, mu_law: &[u8]) {
        self.lock().mu_law.extend(mu_law);
    }

    /// Adds a mark after the sound that has come.
    pub fn mark(&self, name: String) {
        let mut queued = self.lock();
        let place = queued.left + u64::try_from(queued.mu_law.len()).unwrap_or(0);
        queued.marks.push_back((place, name));
        queued.pass_marks();
        drop(queued);
        self.changed.notify_one();
    }

    /// Forgets the sound that has not left; all marks are passed.
    pub fn clear(&self) {
        let mut queued = self.lock();
        let length = queued.mu_law.len();
        queued.drop_first(length);
        (queued.flows, queued.dry) = (false, None);
        drop(queued);
        self.changed.notify_one();
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lock().mu_law.is_empty()
    }

    /// Waits until something has left or was cleared; may be dropped and asked again.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The marks that were passed since this was asked last.
    pub fn take_passed(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().passed)
    }

    /// What leaves in this frame, of so many samples and by that law; `None`: silence.
    pub(super) fn take(&self, frame: usize, law: G711) -> Option<Vec<u8>> {
        let mut queued = self.lock();
        let bytes = queued.take(frame);
        let is_news = !queued.passed.is_empty() || queued.mu_law.is_empty() || bytes.is_some();
        drop(queued);
        if is_news {
            self.changed.notify_one();
        }
        let bytes = bytes?;
        Some(match law {
            G711::MuLaw => bytes,
            G711::ALaw => bytes.iter().map(|byte| law.encode(G711::MuLaw.decode(*byte))).collect(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, QueuedSound> {
        self.queued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueuedSound {
    fn take(&mut self, frame: usize) -> Option<Vec<u8>> {
        let length = self.mu_law.len();
        if length == 0 {
            self.dry = if self.flows { Some(frame) } else { self.dry.map(|dry| dry.saturating_add(frame)) };
            (self.flows, self.waited) = (false, 0);
            return None;
        }
        if let Some(late) = self.dry.take_if(|_| !self.flows).filter(|late| *late <= MOST_LATENESS) {
            self.lateness = self.lateness.max(late);
        }
        let patience = PATIENCE + self.lateness.div_ceil(frame.max(1));
        self.flows |= length >= frame + AHEAD + self.lateness || self.waited >= patience;
        if !self.flows {
            self.waited += 1;
            return None;
        }
        self.waited = 0;
        let mut bytes: Vec<u8> = self.mu_law.iter().take(frame).copied().collect();
        self.drop_first(bytes.len());
        bytes.resize(frame, G711::MuLaw.silence());
        Some(bytes)
    }

    fn drop_first(&mut self, bytes: usize) {
        self.mu_law.drain(..bytes);
        self.left += u64::try_from(bytes).unwrap_or(0);
        self.pass_marks();
    }

    fn pass_marks(&mut self) {
        while self.marks.front().is_some_and(|(place, _)| *place <= self.left) {
            self.passed.extend(self.marks.pop_front().map(|(_, name)| name));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_passed_when_the_sound_before_them_has_left() {
        let queue = SoundQueue::default();
        queue.mark("first".to_owned());
        assert_eq!(queue.take_passed(), ["first"], "nothing is before it");
        queue.push(&[1; 320]);
        queue.mark("second".to_owned());
        queue.push(&[2; 100]);
        queue.mark("third".to_owned());
        assert_eq!(queue.take(160, G711::MuLaw), Some(vec![1; 160]));
        assert!(queue.take_passed().is_empty());
        assert_eq!(queue.take(160, G711::MuLaw), Some(vec![1; 160]));
        assert_eq!(queue.take_passed(), ["second"]);
        queue.clear();
        assert_eq!((queue.take_passed(), queue.take(160, G711::MuLaw)), (vec!["third".to_owned()], None));
    }

    #[test]
    fn what_comes_a_frame_at_a_time_may_be_late_by_one() {
        let queue = SoundQueue::default();
        queue.push(&[1; 160]);
        assert_eq!(queue.take(160, G711::MuLaw), None, "one frame is kept ahead");
        queue.push(&[2; 160]);
        assert_eq!(queue.take(160, G711::MuLaw), Some(vec![1; 160]));
        // The third is late.
        assert_eq!(queue.take(160, G711::MuLaw), Some(vec![2; 160]));
        assert_eq!(queue.take(160, G711::MuLaw), None);
    }

    #[test]
    fn what_was_late_once_may_be_as_late_again() {
        let queue = SoundQueue::default();
        let frames = |count: u8, stalls: &[u8]| -> usize {
            // One comes for each that leaves, but those of a stall come together after it.
            let (mut silent, mut owed) = (0, 0);
            for place in 0..count {
                owed += 1;
                if !stalls.contains(&place) {
                    queue.push(&vec![1; 160 * std::mem::take(&mut owed)]);
                }
                silent += usize::from(queue.take(160, G711::MuLaw).is_none());
            }
            silent
        };
        assert!(frames(100, &[50, 51, 52]) > 1, "it was not known before how late it may be");
        assert_eq!(frames(100, &[20, 21, 22, 60, 61, 62]), 0);
        queue.clear();
        let begins_after = (1..20).find(|_| {
            queue.push(&[1; 160]);
            queue.take(160, G711::MuLaw).is_some()
        });
        assert!(
            begins_after.is_some_and(|frames| frames <= 5),
            "what is kept ahead is no more than that: {begins_after:?}"
        );
    }

    #[test]
    fn a_pause_between_two_sentences_is_not_lateness() {
        let queue = SoundQueue::default();
        queue.push(&[1; 800]);
        for _ in 0..40 {
            queue.take(160, G711::MuLaw);
        }
        queue.push(&[1; 320]);
        assert_eq!(queue.take(160, G711::MuLaw), Some(vec![1; 160]), "one frame is kept ahead, as before");
    }

    #[test]
    fn the_rest_of_something_short_leaves_all_the_same() {
        let queue = SoundQueue::default();
        queue.push(&[1; 100]);
        let frames: Vec<Option<Vec<u8>>> = (0..4).map(|_| queue.take(160, G711::MuLaw)).collect();
        let mut padded = vec![1; 100];
        padded.resize(160, G711::MuLaw.silence());
        assert_eq!(frames, [None, None, Some(padded), None]);
    }

    proptest! {
        /// However it comes, it leaves in order and whole, but for silence at the end of what stopped.
        #[test]
        fn nothing_is_lost(parts in proptest::collection::vec((0..800_usize, 0..4_usize), 1..60)) {
            let (queue, mut came) = (SoundQueue::default(), Vec::new());
            let mut said = 0_usize;
            for (length, frames) in parts {
                // No byte of the sound is silence.
                let bytes: Vec<u8> = (said..said + length).map(|place| u8::try_from(place % 100).unwrap()).collect();
                said += length;
                queue.push(&bytes);
                came.extend((0..frames).filter_map(|_| queue.take(160, G711::MuLaw)).flatten());
            }
            while !queue.is_empty() {
                came.extend(queue.take(160, G711::MuLaw).unwrap_or_default());
            }
            came.retain(|byte| *byte != G711::MuLaw.silence());
            let expected: Vec<u8> = (0..said).map(|place| u8::try_from(place % 100).unwrap()).collect();
            prop_assert_eq!(came, expected);
        }
    }
}
