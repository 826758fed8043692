//! The dial time group (呼叫时间组): when tasks may dial.

use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
use jiff::Timestamp;

use crate::{AccountId, DialTimeGroupId, Name};

/// A dial time group as the database keeps it.
#[derive(Clone, Debug)]
pub struct DialTimeGroup {
    /// Its id.
    pub id: DialTimeGroupId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// What the group is: all that a person can edit.
    pub draft: GroupDraft,
    /// A remark; no request sets it.
    pub remark: Option<String>,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl DialTimeGroup {
    /// The group's windows in the form that answers whether a call may go out.
    pub fn schedule(&self) -> Schedule {
        self.draft.schedule()
    }
}

/// All that a person decides about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDraft {
    /// Its name.
    pub name: Name,
    /// The weekly windows, in the order sent.
    pub content: WeeklyWindows,
    /// Whether it is the account's default; at most one is.
    pub is_default: bool,
    /// Whether statutory days off are closed.
    pub skip_holiday: bool,
    /// The zone whose wall clock the windows are read on.
    pub timezone: Zone,
}

impl GroupDraft {
    /// The draft's windows in the form that answers whether a call may go out.
    pub fn schedule(&self) -> Schedule {
        let windows = Schedule::builder(&self.content, &self.timezone);
        if self.skip_holiday { windows.holidays(HolidayCalendar::china()) } else { windows }.compile()
    }

    /// The draft with a change laid over it: a field left out keeps its value.
    #[must_use]
    pub fn with(self, change: GroupChange) -> Self {
        Self {
            name: change.name,
            content: change.content.unwrap_or(self.content),
            is_default: change.is_default.unwrap_or(self.is_default),
            skip_holiday: change.skip_holiday.unwrap_or(self.skip_holiday),
            timezone: change.timezone.unwrap_or(self.timezone),
        }
    }
}

/// A change of a group; `None` keeps the present value. The name must be given, as documented.
#[derive(Clone, Debug)]
pub struct GroupChange {
    /// The new name.
    pub name: Name,
    /// The new windows, which replace the old ones as a whole.
    pub content: Option<WeeklyWindows>,
    /// Whether it becomes, or stops being, the default.
    pub is_default: Option<bool>,
    /// Whether statutory days off are closed.
    pub skip_holiday: Option<bool>,
    /// The new zone.
    pub timezone: Option<Zone>,
}
