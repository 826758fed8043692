//! What the head of a file says of its recording, beside the sound.

use domain::{AccountId, AttemptId, RecordingOrder, RecordingSpan, TaskId};
use jiff::Timestamp;
use media::recording::{MOST_NOTES, RecordingGap};
use serde::{Deserialize, Serialize};

/// How many gaps are kept of a recording; the last of each channel takes in those beyond.
const MOST_GAPS: usize = 60;

/// The notes in a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordingNotes {
    pub(crate) account: AccountId,
    pub(crate) attempt: AttemptId,
    pub(crate) task: TaskId,
    pub(crate) kept_days: i64,
    pub(crate) begun_at: Timestamp,
    /// Channel, begin and end of each.
    gaps: Vec<(u8, u64, u64)>,
    /// How it ended; `None`: it is being written, or its writer is gone.
    pub(crate) end: Option<RecordingEnd>,
}

/// How the writing of a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordingEnd {
    Whole,
    CutShort,
}

impl RecordingNotes {
    pub(crate) const fn new(order: RecordingOrder, attempt: AttemptId, begun_at: Timestamp) -> Self {
        let RecordingOrder { account, task, kept_days } = order;
        Self { account, attempt, task, kept_days, begun_at, gaps: Vec::new(), end: None }
    }

    pub(crate) fn add_gap(&mut self, gap: &RecordingGap) {
        let (channel, (from, to)) = (gap.channel.number(), gap.milliseconds());
        let is_full = self.gaps.len() >= MOST_GAPS;
        let before = self.gaps.iter_mut().rev().find(|(of, ..)| *of == channel);
        match before {
            Some((.., end)) if is_full || *end >= from => *end = (*end).max(to),
            _ => self.gaps.push((channel, from, to)),
        }
    }

    pub(crate) fn gaps(&self) -> Vec<RecordingSpan> {
        let span = |(channel, from_ms, to_ms): &(u8, u64, u64)| RecordingSpan {
            channel: *channel,
            from_ms: *from_ms,
            to_ms: *to_ms,
        };
        self.gaps.iter().map(span).collect()
    }

    /// As text that a head has room for.
    pub(crate) fn text(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        debug_assert!(text.len() <= MOST_NOTES, "{text}");
        text
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use media::recording::RecordedChannel;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_head_has_room_for_the_notes_of_the_worst_call() {
        let order = RecordingOrder {
            account: AccountId::new(Uuid::max()),
            task: TaskId::new(Uuid::max()),
            kept_days: i64::MIN,
        };
        let mut notes = RecordingNotes::new(order, AttemptId::new(Uuid::max()), Timestamp::MAX);
        notes.end = Some(RecordingEnd::CutShort);
        for place in 0..10_000_u64 {
            let channel = if place % 2 == 0 { RecordedChannel::Sent } else { RecordedChannel::Heard };
            let from = u64::MAX / 100 + place * 1_000;
            notes.add_gap(&RecordingGap { channel, from, to: from + 160 });
        }
        let text = notes.text();
        assert!(text.len() <= MOST_NOTES, "{}", text.len());
        assert_eq!(RecordingNotes::read(&text), Some(notes.clone()));
        assert_eq!(notes.gaps().len(), MOST_GAPS);
        assert_eq!(notes.gaps()[MOST_GAPS - 1].to_ms, (u64::MAX / 100 + 9_999_000 + 160).div_ceil(8));
    }
}
