//! The override of a group: a person closes or opens it for a while, and then it follows its windows again.

use calendar::{Override, Schedule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{SetBy, StatedReason};

/// What a person sets a group to, why, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideOrder {
    /// Whether the group is open meanwhile.
    pub open: bool,
    /// Until when.
    pub until: OverrideEnd,
    /// Why.
    pub reason: StatedReason,
    /// By whom.
    pub by: SetBy,
}

/// Until when an override is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideEnd {
    /// Until this instant.
    At(Timestamp),
    /// Until the group would next open or close without it.
    NextChange,
}

/// The override of a group, as it is stored. It stays with its group when it has ended, until another takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOverride {
    /// Whether the group is open while it holds.
    pub open: bool,
    /// The first instant at which it holds.
    pub begin: Timestamp,
    /// The first instant at which it does not hold any more.
    pub end: Timestamp,
    /// Why.
    pub reason: StatedReason,
    /// By whom.
    pub by: SetBy,
    /// The one that held when this one took its place, which can be restored; not what that one had replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Box<GroupOverride>>,
}

impl GroupOverride {
    /// What is ordered at an instant of a group with this schedule of its own. `None`: the group never changes by itself, so there is no
    /// next change to hold until.
    pub fn new(order: OverrideOrder, schedule: &Schedule, begin: Timestamp) -> Option<Self> {
        let OverrideOrder { open, until, reason, by } = order;
        let end = match until {
            OverrideEnd::At(end) => end,
            OverrideEnd::NextChange => schedule.next_change(begin)?,
        };
        Some(Self { open, begin, end, reason, by, replaced: None })
    }

    /// The same in the place of an earlier one, if that holds when this one begins.
    #[must_use]
    pub fn in_place_of(self, earlier: Option<&Self>) -> Self {
        let earlier = earlier.filter(|earlier| earlier.holds_at(self.begin)).cloned();
        let replaced = earlier.map(|earlier| Box::new(Self { replaced: None, ..earlier }));
        Self { replaced, ..self }
    }

    /// The one that it replaced, from `at` on; `None` if there was none, or it has ended by then.
    pub fn restored_at(&self, at: Timestamp) -> Option<Self> {
        let replaced = self.replaced.as_deref().filter(|replaced| at < replaced.end);
        replaced.map(|replaced| Self { begin: at, ..replaced.clone() })
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.as_override().holds_at(now)
    }

    /// As the calendar takes it.
    pub(crate) fn as_override(&self) -> Override {
        Override { open: self.open, begin: self.begin, end: self.end, reason: self.reason.as_str().into() }
    }
}
