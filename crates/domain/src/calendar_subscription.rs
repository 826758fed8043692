//! Calendar subscriptions: addresses from which calendar programs read a group's calendar.

use jiff::Timestamp;

use crate::{AccountId, CalendarSubscriptionId, DialTimeGroupId};

/// The SHA-256 of a subscription's key, which is all that is stored of it. A key holds 32 random bytes, so a fast hash
/// is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionKeyHash(pub [u8; 32]);

/// A subscription as listed: everything but the key.
#[derive(Clone, Debug)]
pub struct CalendarSubscription {
    /// Its id.
    pub id: CalendarSubscriptionId,
    /// The account that owns the group.
    pub account_id: AccountId,
    /// The group whose calendar it shows.
    pub group_id: DialTimeGroupId,
    /// When it was made.
    pub created_at: Timestamp,
}
