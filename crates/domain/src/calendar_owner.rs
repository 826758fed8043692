//! Whose a holiday calendar is.

use uuid::Uuid;

use crate::{AccountId, PartnerId, StopLevel};

/// Whose a holiday calendar is. Who may follow it is whoever belongs to its owner: everybody, the accounts of a partner, or an account with its
/// sub-users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarOwner {
    /// The operator's, for everybody.
    Installation,
    /// A partner.
    Partner(PartnerId),
    /// A user or a sub-user.
    Account(AccountId),
}

impl CalendarOwner {
    /// The owner that is stored by its level and its id; `None` of another level.
    pub fn parse(level: &str, id: Uuid) -> Option<Self> {
        match StopLevel::from_code(level)? {
            StopLevel::Partner => Some(Self::Partner(PartnerId::new(id))),
            StopLevel::Account => Some(Self::Account(AccountId::new(id))),
            StopLevel::Installation => Some(Self::Installation),
            StopLevel::Line => None,
        }
    }

    /// Its level.
    pub const fn level(self) -> StopLevel {
        match self {
            Self::Installation => StopLevel::Installation,
            Self::Partner(_) => StopLevel::Partner,
            Self::Account(_) => StopLevel::Account,
        }
    }

    /// Its id; nil of the installation.
    pub fn id(self) -> Uuid {
        match self {
            Self::Installation => Uuid::nil(),
            Self::Partner(partner) => partner.uuid(),
            Self::Account(account) => account.uuid(),
        }
    }

    /// The partner, if it is one.
    pub const fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Installation | Self::Account(_) => None,
            Self::Partner(partner) => Some(partner),
        }
    }

    /// The account, if it is one.
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Installation | Self::Partner(_) => None,
            Self::Account(account) => Some(account),
        }
    }
}
