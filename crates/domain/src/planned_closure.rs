//! Planned closures of what lies above groups: of the installation, of a partner, of an account with its sub-users. They only close.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, ClosureId, Name, PartnerId, SetBy, StopLevel, StopTarget};

/// The most closures that one target has that have not ended.
pub const MAXIMUM_PLANNED_CLOSURES: usize = 100;

/// What a closure covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosureTarget {
    /// Everything.
    Installation,
    /// A partner with all its accounts.
    Partner(PartnerId),
    /// A partner's user with its sub-users, or a sub-user.
    Account(PartnerId, AccountId),
}

impl ClosureTarget {
    /// Whose it is; `None`: the operator's.
    pub const fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Installation => None,
            Self::Partner(partner) | Self::Account(partner, _) => Some(partner),
        }
    }
}

impl From<ClosureTarget> for StopTarget {
    fn from(target: ClosureTarget) -> Self {
        match target {
            ClosureTarget::Installation => Self::Installation,
            ClosureTarget::Partner(partner) => Self::Partner(partner),
            ClosureTarget::Account(partner, account) => Self::Account(partner, account),
        }
    }
}

/// A span in which nothing of its target dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedClosure {
    /// Its id.
    pub id: ClosureId,
    /// What it covers.
    pub target: ClosureTarget,
    /// What it is called: decisions name it.
    pub name: Name,
    /// Its first instant; it holds from when it was made at the earliest.
    pub begin: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// Who planned it.
    pub by: SetBy,
    /// When it was planned.
    pub created_at: Timestamp,
}

/// A planned closure, or that it is revoked, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureSnapshot {
    /// Which.
    pub closure_id: Uuid,
    /// What it is called.
    pub closure_name: String,
    /// How much it covers.
    pub level: StopLevel,
    /// The partner or the account.
    pub id: Option<Uuid>,
    /// Its first instant.
    pub begin: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// The name of the token by which it was planned, or revoked; `None`: by the command line.
    pub token_name: Option<String>,
}

impl ClosureSnapshot {
    /// What was planned or revoked, and by whom.
    pub fn new(closure: &PlannedClosure, by: &SetBy) -> Self {
        let target = StopTarget::from(closure.target);
        Self {
            closure_id: closure.id.uuid(),
            closure_name: closure.name.as_str().to_owned(),
            level: target.level(),
            id: target.id(),
            begin: closure.begin,
            end: closure.end,
            token_name: by.token_name().map(str::to_owned),
        }
    }
}
