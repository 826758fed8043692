//! Partners, and the tokens by which they are known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Name, PartnerId, TokenId};

/// A partner (代理).
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: Name,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when nobody acts for it and no task of its accounts dials; `None`: it is not disabled.
    pub disabled_at: Option<Timestamp>,
}

/// What a token may do; each holds the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Ask whether a call may go out, and nothing else.
    Decide,
    /// Read everything.
    Read,
    /// Change everything.
    #[default]
    All,
}

impl TokenScope {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Read => "read",
            Self::All => "all",
        }
    }
}

/// How telephone numbers are shown to a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberDisplay {
    /// Whole.
    #[default]
    Full,
    /// With stars in place of most digits.
    Masked,
}

impl NumberDisplay {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Masked => "masked",
        }
    }

    /// A telephone number as it is shown.
    ///
    /// ```
    /// use domain::NumberDisplay::{Full, Masked};
    ///
    /// assert_eq!(Full.show("13800001234"), "13800001234");
    /// assert_eq!(Masked.show("13800001234"), "138****1234");
    /// assert_eq!(Masked.show("010-12345"), "*******45");
    /// ```
    pub fn show(self, number: &str) -> String {
        const LONG: usize = 11;
        let length = number.chars().count();
        let (before, after) = match (self, length) {
            (Self::Full, _) => return number.to_owned(),
            (Self::Masked, LONG..) => (3, 4),
            (Self::Masked, _) => (0, 2),
        };
        let shown = |place: usize| place < before || place + after >= length;
        let mask = |(place, digit)| if shown(place) && length > after { digit } else { '*' };
        number.chars().enumerate().map(mask).collect()
    }
}

/// The SHA-256 of a token, which is all that is stored of it. A token holds 32 random bytes, so a fast hash is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// A token as listed: everything but the secret.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whom it speaks for.
    pub partner_id: PartnerId,
    /// What it is for, in its owner's words.
    pub name: Name,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None` never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What it may do.
    pub scope: TokenScope,
    /// How telephone numbers are shown to it.
    pub numbers: NumberDisplay,
    /// The only user it may act for, with the user's sub-users; `None`: every user of its partner.
    pub user: Option<AccountId>,
    /// When it was last used, up to about a minute.
    pub last_used_at: Option<Timestamp>,
}

/// Whether a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It speaks for its partner.
    Valid,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Token {
    /// Whether the token is good at `now`. A revoked token is revoked even when its time is over, too.
    pub fn state_at(&self, now: Timestamp) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            TokenState::Expired
        } else {
            TokenState::Valid
        }
    }
}
