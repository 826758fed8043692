//! What came of a call: its class, and the platform's status of the number that was called.

use serde::{Deserialize, Serialize};

/// What is known of a number, as the platform counts it (0 to 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum NumberStatus {
    /// 等待呼叫: it was not called yet.
    Waiting = 0,
    /// 呼叫成功
    Answered = 1,
    /// 运营商拦截
    Blocked = 2,
    /// 拒接
    Declined = 3,
    /// 无应答
    NoAnswer = 4,
    /// 空号
    Invalid = 5,
    /// 关机
    PoweredOff = 6,
    /// 停机
    Suspended = 7,
    /// 占线
    Busy = 8,
    /// 呼入限制
    IncomingBarred = 9,
    /// 欠费
    InArrears = 10,
    /// 黑名单
    DoNotCall = 11,
    /// 用户屏蔽
    CalleeBlocked = 12,
}

impl NumberStatus {
    /// Every status, by number.
    pub const ALL: [Self; 13] = [
        Self::Waiting,
        Self::Answered,
        Self::Blocked,
        Self::Declined,
        Self::NoAnswer,
        Self::Invalid,
        Self::PoweredOff,
        Self::Suspended,
        Self::Busy,
        Self::IncomingBarred,
        Self::InArrears,
        Self::DoNotCall,
        Self::CalleeBlocked,
    ];

    /// The documented number.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The status of a documented number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }
}

impl From<NumberStatus> for i64 {
    fn from(status: NumberStatus) -> Self {
        status.number()
    }
}

impl TryFrom<i64> for NumberStatus {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        Self::from_number(number).ok_or_else(|| format!("no status of a number: {number}"))
    }
}

/// What kind of end a call had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeClass {
    /// Someone or something answered.
    Answered,
    /// The callee is in another call.
    Busy,
    /// A carrier or a filter on the way refused the call.
    Blocked,
    /// The callee blocks the caller.
    CalleeBlocked,
    /// The callee declined.
    Declined,
    /// The callee's phone is off.
    PoweredOff,
    /// The number is suspended.
    Suspended,
    /// The number is barred for unpaid bills.
    InArrears,
    /// The number takes no incoming calls.
    IncomingBarred,
    /// There is no such number.
    InvalidNumber,
    /// Nobody answered.
    NoAnswer,
    /// The number must not be called.
    DoNotCall,
    /// The line or its carrier failed.
    LineFailure,
    /// The carrier took no more calls at once.
    Throttled,
    /// The line is set up in a way that its carrier does not take.
    Configuration,
    /// The bot failed before anything rang.
    BotFailed,
    /// The program ended the call.
    Cancelled,
    /// The call never left.
    NotSent,
    /// What became of the call is not known.
    Unknown,
    /// Anything else.
    Other,
}

impl OutcomeClass {
    /// The status of a number whose last try ended so; `None` where the try does not count.
    pub const fn status(self) -> Option<NumberStatus> {
        match self {
            Self::Answered => Some(NumberStatus::Answered),
            Self::Busy => Some(NumberStatus::Busy),
            Self::Blocked => Some(NumberStatus::Blocked),
            Self::CalleeBlocked => Some(NumberStatus::CalleeBlocked),
            Self::Declined => Some(NumberStatus::Declined),
            Self::PoweredOff => Some(NumberStatus::PoweredOff),
            Self::Suspended => Some(NumberStatus::Suspended),
            Self::InArrears => Some(NumberStatus::InArrears),
            Self::IncomingBarred => Some(NumberStatus::IncomingBarred),
            Self::InvalidNumber => Some(NumberStatus::Invalid),
            Self::NoAnswer | Self::Unknown | Self::Other => Some(NumberStatus::NoAnswer),
            Self::DoNotCall => Some(NumberStatus::DoNotCall),
            Self::LineFailure
            | Self::Throttled
            | Self::Configuration
            | Self::BotFailed
            | Self::Cancelled
            | Self::NotSent => None,
        }
    }

    /// Whether a call that nobody answered failed by the fault of its line, as far as its health goes.
    pub const fn is_fault_of_line(self) -> bool {
        matches!(self, Self::LineFailure | Self::Throttled | Self::Configuration | Self::Blocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_the_documented_numbers() {
        for (place, status) in NumberStatus::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(status.number()), Ok(place));
            assert_eq!(NumberStatus::from_number(status.number()), Some(status));
        }
        assert_eq!((NumberStatus::from_number(13), NumberStatus::from_number(-1)), (None, None));
    }
}
