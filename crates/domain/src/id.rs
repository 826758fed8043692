//! Identifiers as types, so that no id can stand where another kind is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, FaultRule, Random};

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes an id that already exists: from a request's path, or from the database.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Makes a new id (UUID version 7), which sorts by the time it was made.
            pub fn generate(clock: &dyn Clock, random: &dyn Random) -> Self {
                Self(new_uuid(clock, random))
            }

            /// The id as a UUID, for storage and for the wire.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

uuid_id! {
    /// A partner (代理): the owner of Bearer tokens.
    PartnerId
}
uuid_id! {
    /// An account: a user (用户) or a sub-user (子账户), whichever owns the groups and tasks in question.
    AccountId
}
uuid_id! {
    /// A task (任务).
    TaskId
}
uuid_id! {
    /// A partner's token, by which it is listed and revoked; never the secret itself.
    TokenId
}

uuid_id! {
    /// A subscription to a group's calendar.
    CalendarSubscriptionId
}

uuid_id! {
    /// A webhook.
    WebhookId
}

uuid_id! {
    /// A node: one running program that dials. It has another after each start.
    NodeId
}

uuid_id! {
    /// An attempt: on the wire `record_id`, and the local part of its calls' Call-ID.
    AttemptId
}

uuid_id! {
    /// A leg of an attempt: a call to someone else, with whom its callee is connected; the local part of its Call-ID.
    LegId
}

uuid_id! {
    /// Work that is done over a task's numbers in the background.
    NumberJobId
}

uuid_id! {
    /// A request to erase a number, as the audit knows it.
    ErasureId
}

uuid_id! {
    /// A callback on numbers: on the wire `unique_id`.
    NumberCallbackId
}

uuid_id! {
    /// A prompt: something recorded that scripts play.
    PromptId
}

uuid_id! {
    /// A line (线路), or what a task names as one.
    LineId
}

uuid_id! {
    /// A line group: lines in an order, which a task names as it names a line.
    LineGroupId
}

uuid_id! {
    /// A planned closure of what lies above groups.
    ClosureId
}

/// The greatest id that is an integer: the greatest that JavaScript reads exactly.
pub const GREATEST_INTEGER_ID: i64 = (1 << 53) - 1;

/// Takes an integer that can be an id.
///
/// # Errors
/// [`FaultRule::OutOfRange`].
pub const fn check_integer_id(id: i64) -> Result<i64, FaultRule> {
    if 1 <= id && id <= GREATEST_INTEGER_ID {
        Ok(id)
    } else {
        Err(FaultRule::OutOfRange(1, GREATEST_INTEGER_ID))
    }
}

macro_rules! integer_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Takes an id from a request or from the database. Ids start at 1; any other number names nothing.
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// Takes an id that such a thing can have: from 1 up to [`GREATEST_INTEGER_ID`].
            ///
            /// # Errors
            /// [`FaultRule::OutOfRange`].
            pub fn parse(id: i64) -> Result<Self, FaultRule> {
                check_integer_id(id).map(Self)
            }

            /// The id as the wire and the database have it.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

integer_id! {
    /// A dial time group (呼叫时间组): an integer on the wire, which names a group only together with its account. Ids that this program
    /// gives count up over all accounts; an account can choose others for groups that it had elsewhere.
    DialTimeGroupId
}

integer_id! {
    /// A redial rule (重呼规则): an integer on the wire, which names a rule only together with its account.
    RedialRuleId
}
integer_id! {
    /// A script (话术): an integer on the wire, which names a script only together with its account.
    ScriptId
}

integer_id! {
    /// An allocation of a line (线路分配): an integer that counts up over the installation.
    LineAllocationId
}

/// A holiday calendar, such as `CN`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolidayCalendarId(String);

impl HolidayCalendarId {
    /// Takes an id from a request or from the database. That there is such a calendar is for
    /// [`HolidayCalendars`](crate::HolidayCalendars) to say.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// An id for a new calendar of an account.
    pub fn generate(clock: &dyn Clock, random: &dyn Random) -> Self {
        Self(new_uuid(clock, random).simple().to_string())
    }

    /// The id as the wire and the database have it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for HolidayCalendarId {
    /// China's.
    fn default() -> Self {
        Self::new(crate::DEFAULT_HOLIDAY_CALENDAR)
    }
}

fn new_uuid(clock: &dyn Clock, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millisecond = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millisecond, &bytes).into_uuid()
}
