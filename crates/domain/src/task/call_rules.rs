//! What a task says of each of its calls beyond the platform's fields: how long it rings and lasts, what happens at a close and after a
//! crash, how fast calls follow each other, and what callees see. What it does not say has a default.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    CallRate, CallerNumber, Counted, DEFAULT_RECORDING_RETENTION_DAYS, FaultRule, Faults,
    RECORDING_RETENTION_DAYS,
};

/// For how many seconds a task's calls may ring, at least and at most; the line's own limit holds too.
pub const ORIGINATE_TIMEOUT: (i64, i64) = (5, 180);

/// The documented `_originate_timeout`, in seconds, where a task has none.
pub const DEFAULT_ORIGINATE_TIMEOUT: i64 = 60;

/// How many seconds a phone can ring before its window closes: what a task may ask for, at least and at most.
pub const MINIMUM_RING: (i64, i64) = (0, 120);

/// How many seconds a phone can ring at least before its window closes, where the task does not say.
pub const DEFAULT_MINIMUM_RING: i64 = 20;

/// For how many seconds people may talk: what a task may ask for, at least and at most.
pub const MAXIMUM_TALK: (i64, i64) = (10, 14_400);

/// For how many seconds people may talk, where the task does not say.
pub const DEFAULT_MAXIMUM_TALK: i64 = 1_800;

/// The most caller ids that a task chooses among those of its lines.
pub const MAXIMUM_CALLER_IDS_OF_TASK: usize = 100;

/// What a task says of each of its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallRules {
    /// For how many seconds a phone rings, within [`ORIGINATE_TIMEOUT`].
    #[serde(rename = "_originate_timeout", skip_serializing_if = "Option::is_none")]
    pub originate_timeout: Option<i64>,
    /// How many seconds a phone can ring at least before the window closes, within [`MINIMUM_RING`]: no call starts later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_ring: Option<i64>,
    /// For how many seconds people may talk, within [`MAXIMUM_TALK`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_talk_seconds: Option<i64>,
    /// What becomes of answered calls at a close.
    #[serde(skip_serializing_if = "is_default")]
    pub at_close: AtClose,
    /// What becomes of a number when nobody learnt how its call ended.
    #[serde(skip_serializing_if = "is_default")]
    pub after_unknown: AfterUnknown,
    /// How fast calls follow each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_per_second: Option<CallRate>,
    /// Those of its lines' numbers that callees see, at most [`MAXIMUM_CALLER_IDS_OF_TASK`]; none: any of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caller_ids: Vec<CallerNumber>,
    /// Whether answered calls are recorded; `None`: as the operator says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<bool>,
    /// For how many days recordings are kept, within [`RECORDING_RETENTION_DAYS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_retention_days: Option<i64>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What becomes of answered calls when their task may not dial any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtClose {
    /// They go on to their end.
    #[default]
    Finish,
    /// They are ended.
    HangUp,
}

/// What becomes of a number when its node died during a call, and nobody learnt how that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterUnknown {
    /// It counts as not answered, and the redial rule says whether it is called again.
    #[default]
    ByRule,
    /// It is called again only once a person has reset it; its list is not finished before.
    Hold,
    /// It is not called again.
    GiveUp,
}

impl CallRules {
    /// Notes what is out of bounds.
    pub fn check(&self, faults: &mut Faults) {
        let mut within = |field: &str, value: Option<i64>, (least, most): (i64, i64)| {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                faults.add(field, FaultRule::OutOfRange(least, most));
            }
        };
        within("_originate_timeout", self.originate_timeout, ORIGINATE_TIMEOUT);
        within("minimum_ring", self.minimum_ring, MINIMUM_RING);
        within("maximum_talk_seconds", self.maximum_talk_seconds, MAXIMUM_TALK);
        within("recording_retention_days", self.recording_retention_days, RECORDING_RETENTION_DAYS);
        if self.caller_ids.len() > MAXIMUM_CALLER_IDS_OF_TASK {
            faults.add("caller_ids", FaultRule::TooMany(Counted::CallerIds, MAXIMUM_CALLER_IDS_OF_TASK));
        }
    }

    /// For how many seconds a phone rings.
    pub fn originate_timeout(&self) -> i64 {
        self.originate_timeout.unwrap_or(DEFAULT_ORIGINATE_TIMEOUT)
    }

    /// How many seconds a phone can ring at least before the window closes.
    pub fn minimum_ring(&self) -> i64 {
        self.minimum_ring.unwrap_or(DEFAULT_MINIMUM_RING)
    }

    /// For how many seconds people may talk.
    pub fn maximum_talk_seconds(&self) -> i64 {
        self.maximum_talk_seconds.unwrap_or(DEFAULT_MAXIMUM_TALK)
    }

    /// For how many days recordings are kept.
    pub fn recording_retention_days(&self) -> i64 {
        self.recording_retention_days.unwrap_or(DEFAULT_RECORDING_RETENTION_DAYS)
    }

    /// The time between two calls that `calls_per_second` asks for.
    pub fn apart(&self) -> SignedDuration {
        self.calls_per_second.map_or(SignedDuration::ZERO, CallRate::apart)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_task_does_not_say_is_not_stored_and_has_a_default() {
        let none = CallRules::default();
        assert_eq!(serde_json::to_value(&none).unwrap(), json!({}));
        assert_eq!(
            (none.originate_timeout(), none.minimum_ring(), none.maximum_talk_seconds(), none.apart()),
            (60, 20, 1_800, SignedDuration::ZERO)
        );
        let stored = json!({
            "_originate_timeout": 30, "minimum_ring": 5, "maximum_talk_seconds": 60, "at_close": "hang_up",
            "after_unknown": "give_up", "calls_per_second": 2_500, "caller_ids": ["02112345678"],
            "record": true, "recording_retention_days": 30,
        });
        let rules: CallRules = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(rules.apart(), SignedDuration::from_millis(400));
        assert_eq!(serde_json::to_value(&rules).unwrap(), stored);
    }

    #[test]
    fn each_bound_is_told_by_its_field() {
        let rules = CallRules {
            originate_timeout: Some(4),
            minimum_ring: Some(121),
            maximum_talk_seconds: Some(0),
            caller_ids: vec![CallerNumber::parse("1001").unwrap(); 101],
            recording_retention_days: Some(0),
            ..CallRules::default()
        };
        let mut faults = Faults::default();
        rules.check(&mut faults);
        let fields: Vec<String> = faults.into_vec().into_iter().map(|fault| fault.field).collect();
        let expected = [
            "_originate_timeout",
            "minimum_ring",
            "maximum_talk_seconds",
            "recording_retention_days",
            "caller_ids",
        ];
        assert_eq!(fields, expected);
    }
}
