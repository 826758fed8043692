//! Accounts: users and their sub-users, which own groups and tasks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, Email, Name, PartnerId, Phone};

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A user (主账号) of the partner.
    User,
    /// A sub-user (子账户) of this user.
    SubUser(AccountId),
}

/// An account as it is stored, without its password.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose account it is.
    pub kind: AccountKind,
    /// Its name.
    pub name: Name,
    /// Its e-mail address, unique among the partner's accounts.
    pub email: Email,
    /// Its phone number, unique among the partner's accounts.
    pub phone: Phone,
    /// The cloud node it was registered for; stored and returned, without further meaning here.
    pub tenant_id: Option<Uuid>,
    /// The rest of what is known of a sub-user.
    pub profile: Profile,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when nobody acts for it and none of its tasks dials; `None`: it itself is not disabled. Its user or its partner
    /// may be.
    pub disabled_at: Option<Timestamp>,
}

/// An account about to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// The partner it belongs to.
    pub partner_id: PartnerId,
    /// Whose account it is.
    pub kind: AccountKind,
    /// Its name.
    pub name: Name,
    /// Its e-mail address.
    pub email: Email,
    /// Its phone number.
    pub phone: Phone,
    /// The hash of its password, in the PHC string format.
    pub password_hash: String,
    /// The cloud node it is registered for.
    pub tenant_id: Option<Uuid>,
    /// The rest of what is known of a sub-user.
    pub profile: Profile,
    /// The present instant.
    pub now: Timestamp,
}

/// The longest text of a profile, in characters.
pub const PROFILE_CHARACTERS: usize = 64;

/// What `subset_data` says of a sub-user: stored and returned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Another name.
    pub alias: Option<String>,
    /// The birthday, `YYYY-MM-DD`.
    pub birthday: Option<jiff::civil::Date>,
    /// The position held.
    pub duty: Option<String>,
    /// The `WeChat` id.
    pub wechat: Option<String>,
    /// The QQ number.
    pub qq: Option<String>,
    /// The landline's number.
    pub landline_phone: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: u8,
}
