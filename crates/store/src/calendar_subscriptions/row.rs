//! The row of a subscription: its columns, and how it becomes a subscription.

use domain::{AccountId, CalendarSubscription, CalendarSubscriptionId, DialTimeGroupId};
use serde::Serialize;
use uuid::Uuid;

use crate::database::{DatabaseError, convert::timestamp, error::Result, lists::Table};

/// The table, for the log.
pub(super) const SUBSCRIPTIONS: Table = Table { name: "calendar_subscriptions", key: &["account_id", "id"] };

/// The columns of [`SubscriptionRow`].
macro_rules! subscription_columns {
    () => {
        "id, account_id, group_id, created_at"
    };
}
pub(super) use subscription_columns;

/// A subscription, as the audit stores it too.
#[derive(Debug, Serialize, sqlx_macros::FromRow)]
pub(super) struct SubscriptionRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    group_id: i64,
    created_at: i64,
}

impl TryFrom<SubscriptionRow> for CalendarSubscription {
    type Error = DatabaseError;

    fn try_from(row: SubscriptionRow) -> Result<Self> {
        Ok(Self {
            id: CalendarSubscriptionId::new(row.id),
            account_id: AccountId::new(row.account_id),
            group_id: DialTimeGroupId::new(row.group_id),
            created_at: timestamp(row.created_at)?,
        })
    }
}
