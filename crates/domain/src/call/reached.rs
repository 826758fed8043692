//! How far a call came in its script.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::StepKind;

/// A step that a call came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachedStep {
    /// When.
    pub at: Timestamp,
    /// Which of the script's steps it is, counted from 1; `None`: the message for a machine, which is none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What the script calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it does.
    pub kind: StepKind,
}

impl ReachedStep {
    /// How many of a call are kept.
    pub const MOST: usize = 100;

    /// Adds this to those before. Where there are too many already the last one gives way, so that the last is always where the call is.
    pub fn add_to(self, steps: &mut Vec<Self>) {
        steps.truncate(Self::MOST - 1);
        steps.push(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_where_the_call_is_however_many_there_were() {
        let step = |nth: usize| ReachedStep {
            at: Timestamp::UNIX_EPOCH,
            step: Some(nth),
            label: None,
            kind: StepKind::Play,
        };
        let mut steps = Vec::new();
        (1..=ReachedStep::MOST + 5).for_each(|nth| step(nth).add_to(&mut steps));
        assert_eq!((steps.len(), steps.first()), (ReachedStep::MOST, Some(&step(1))));
        assert_eq!(steps.last(), Some(&step(ReachedStep::MOST + 5)));
    }
}
