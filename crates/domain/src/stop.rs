//! Stops: the kill switch. While one is on, nothing that it covers dials, whatever windows, exceptions and people's edits
//! say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, LineId, PartnerId, SetBy, StatedReason};

/// How much a stop covers, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopLevel {
    /// Everything.
    Installation,
    /// A partner with all its accounts.
    Partner,
    /// A user with its sub-users, or a sub-user.
    Account,
    /// A line, whoever calls over it.
    Line,
}

impl StopLevel {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Installation, Self::Partner, Self::Account, Self::Line];

    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Partner => "partner",
            Self::Account => "account",
            Self::Line => "line",
        }
    }

    /// The one of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// What a stop covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopTarget {
    /// Everything.
    Installation,
    /// A partner with all its accounts.
    Partner(PartnerId),
    /// A partner's user with its sub-users, or a sub-user.
    Account(PartnerId, AccountId),
    /// A partner's line, whoever calls over it.
    Line(PartnerId, LineId),
}

impl StopTarget {
    /// How much it is.
    pub const fn level(self) -> StopLevel {
        match self {
            Self::Installation => StopLevel::Installation,
            Self::Partner(_) => StopLevel::Partner,
            Self::Account(..) => StopLevel::Account,
            Self::Line(..) => StopLevel::Line,
        }
    }

    /// Its id; there is one installation.
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Installation => None,
            Self::Partner(partner) => Some(partner.uuid()),
            Self::Account(_, account) => Some(account.uuid()),
            Self::Line(_, line) => Some(line.uuid()),
        }
    }

    /// Whose it is.
    pub const fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Installation => None,
            Self::Partner(partner) | Self::Account(partner, _) | Self::Line(partner, _) => Some(partner),
        }
    }
}

/// A stop that is on.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// What it covers.
    pub target: StopTarget,
    /// Why.
    pub reason: Option<StatedReason>,
    /// By whom.
    pub by: SetBy,
    /// Since when.
    pub at: Timestamp,
}

/// A stop or its end, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopSnapshot {
    /// How much it covers.
    pub level: StopLevel,
    /// The partner, the account or the line.
    pub id: Option<Uuid>,
    /// Why dialing was stopped, or resumed.
    pub reason: Option<String>,
    /// The name of the token by which it was; `None`: by the command line.
    pub token_name: Option<String>,
}

impl StopSnapshot {
    /// What was stopped or resumed, why and by whom.
    pub fn new(target: StopTarget, reason: Option<&StatedReason>, by: &SetBy) -> Self {
        Self {
            level: target.level(),
            id: target.id(),
            reason: reason.map(|reason| reason.as_str().to_owned()),
            token_name: by.token_name().map(str::to_owned),
        }
    }
}

/// Why nothing of an account dials, whatever its groups' windows say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountHold {
    /// A stop covers it.
    Stopped,
    /// It, its user or its partner is disabled.
    Disabled,
}

impl AccountHold {
    /// Of the two the one that is named; `None`: neither holds.
    pub const fn of(stopped: bool, disabled: bool) -> Option<Self> {
        match (stopped, disabled) {
            (true, _) => Some(Self::Stopped),
            (false, true) => Some(Self::Disabled),
            (false, false) => None,
        }
    }
}

/// Whether an account is stopped as far as its log has said, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishedStop {
    /// Whether it is.
    pub stopped: bool,
    /// From which instant on; `None`: from its beginning on.
    pub since: Option<Timestamp>,
}

impl PublishedStop {
    /// Whether the account is stopped at `at`. Before the last change it was the other way round.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.stopped != self.since.is_some_and(|since| at < since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_back_and_stand_from_the_greatest_down() {
        for level in StopLevel::ALL {
            assert_eq!(StopLevel::from_code(level.code()), Some(level));
        }
        assert!(StopLevel::ALL.is_sorted());
        assert_eq!(StopLevel::from_code("task"), None);
    }

    #[test]
    fn a_stop_is_named_before_a_disabled_account() {
        assert_eq!(AccountHold::of(true, true), Some(AccountHold::Stopped));
        assert_eq!(AccountHold::of(false, true), Some(AccountHold::Disabled));
        assert_eq!(AccountHold::of(false, false), None);
    }

    #[test]
    fn what_was_published_holds_from_its_instant_on() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let stopped = PublishedStop { stopped: true, since: Some(at(10)) };
        assert!(!stopped.holds_at(at(9)) && stopped.holds_at(at(10)) && stopped.holds_at(at(11)));
        let resumed = PublishedStop { stopped: false, since: Some(at(10)) };
        assert!(resumed.holds_at(at(9)) && !resumed.holds_at(at(10)));
        assert!(!PublishedStop::default().holds_at(at(0)));
        assert!(PublishedStop { stopped: true, since: None }.holds_at(at(0)));
    }
}
