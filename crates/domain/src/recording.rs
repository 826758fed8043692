//! Recordings of calls: what is asked for, and what is known of one that was made.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, AttemptId, TaskId};

/// For how many days a task may have its recordings kept, at least and at most.
pub const RECORDING_RETENTION_DAYS: (i64, i64) = (1, 3_650);

/// For how many days recordings are kept where the task does not say.
pub const DEFAULT_RECORDING_RETENTION_DAYS: i64 = 90;

/// For how long the address of a recording is good.
pub const RECORDING_ADDRESS_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// That a call is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingOrder {
    /// Whose call it is.
    pub account: AccountId,
    /// The task that it is made for.
    pub task: TaskId,
    /// For how many days the recording is kept.
    pub kept_days: i64,
}

/// A span of a recording in which there is silence that was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingSpan {
    /// 1: what the callee heard; 2: what the callee said.
    pub channel: u8,
    /// Its begin, in milliseconds since the answer.
    pub from_ms: u64,
    /// Its end.
    pub to_ms: u64,
}

/// What became of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It is whole.
    Finished,
    /// Its writing ended before the call did: its program died, or the disk was full.
    CutShort,
    /// It was deleted when it was old.
    Deleted,
}

impl RecordingState {
    /// Every one, by its number at rest.
    pub const ALL: [Self; 3] = [Self::Finished, Self::CutShort, Self::Deleted];

    /// Its number at rest.
    pub const fn number(self) -> i64 {
        match self {
            Self::Finished => 0,
            Self::CutShort => 1,
            Self::Deleted => 2,
        }
    }

    /// The one of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }
}

/// Where the file of a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingPlace {
    /// In the folder of its node.
    Folder,
    /// In a bucket.
    Bucket,
}

/// A recording that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Whose it is.
    pub account: AccountId,
    /// The attempt whose call it is of.
    pub attempt: AttemptId,
    /// The attempt's task.
    pub task: TaskId,
    /// When it begins: at the answer.
    pub begun_at: Timestamp,
    /// How long it is, in milliseconds.
    pub duration_ms: i64,
    /// How many bytes its file has.
    pub bytes: i64,
    /// The SHA-256 of its file.
    pub sha256: [u8; 32],
    /// Where it has silence that was none.
    pub gaps: Vec<RecordingSpan>,
    /// What became of it.
    pub state: RecordingState,
    /// Where its file is.
    pub place: RecordingPlace,
    /// When it is deleted.
    pub delete_at: Timestamp,
}

impl Recording {
    /// When a recording of then is deleted.
    pub fn delete_at(begun_at: Timestamp, kept_days: i64) -> Timestamp {
        let kept = SignedDuration::from_hours(kept_days.saturating_mul(24));
        begun_at.saturating_add(kept).unwrap_or(Timestamp::MAX)
    }

    /// Whether it can be heard.
    pub fn is_there(&self, now: Timestamp) -> bool {
        self.state != RecordingState::Deleted && now < self.delete_at
    }
}

/// A recording that was deleted, for the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingSnapshot {
    /// The record whose it was.
    pub record_id: Uuid,
    /// When it was to be deleted.
    pub delete_at: Timestamp,
}
