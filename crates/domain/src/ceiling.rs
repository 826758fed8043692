//! Ceilings: a group for all that lies below an account or a partner, which must be open as well as each task's own. They only close.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, DialTimeGroupId, Name, PartnerId, SetBy, StopLevel, StopTarget};

/// Below what a ceiling holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CeilingTarget {
    /// All accounts of a partner.
    Partner(PartnerId),
    /// A partner's user with its sub-users, or a sub-user.
    Account(PartnerId, AccountId),
}

impl CeilingTarget {
    /// Whose it is.
    pub const fn partner(self) -> PartnerId {
        match self {
            Self::Partner(partner) | Self::Account(partner, _) => partner,
        }
    }

    /// The account below which it holds; `None`: all of the partner's.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Partner(_) => None,
            Self::Account(_, account) => Some(account),
        }
    }
}

impl From<CeilingTarget> for StopTarget {
    fn from(target: CeilingTarget) -> Self {
        match target {
            CeilingTarget::Partner(partner) => Self::Partner(partner),
            CeilingTarget::Account(partner, account) => Self::Account(partner, account),
        }
    }
}

/// A group that every task below its target must also be inside of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCeiling {
    /// Below what.
    pub target: CeilingTarget,
    /// Whose group: the account itself, or one of the partner's.
    pub account: AccountId,
    /// The group.
    pub group: DialTimeGroupId,
    /// What the group is called: decisions name it.
    pub name: Name,
    /// Who set it.
    pub by: SetBy,
    /// When it was set.
    pub set_at: Timestamp,
}

/// What happened to a ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CeilingChange {
    /// A group became one, perhaps in the place of another.
    Set,
    /// Its group was edited, or overridden.
    Edited,
    /// It is none any more.
    Removed,
}

/// A change of a ceiling, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CeilingSnapshot {
    /// What happened.
    pub ceiling: CeilingChange,
    /// How much lies below.
    pub level: StopLevel,
    /// The partner or the account.
    pub id: Option<Uuid>,
    /// What its group is called.
    pub ceiling_name: String,
    /// The name of the token by which it was set or removed; `None`: of an edit of its group.
    pub token_name: Option<String>,
}

impl CeilingSnapshot {
    /// What happened to a ceiling, and by whom.
    pub fn new(ceiling: CeilingChange, target: CeilingTarget, name: &Name, by: Option<&SetBy>) -> Self {
        let target = StopTarget::from(target);
        Self {
            ceiling,
            level: target.level(),
            id: target.id(),
            ceiling_name: name.as_str().to_owned(),
            token_name: by.and_then(SetBy::token_name).map(str::to_owned),
        }
    }
}
