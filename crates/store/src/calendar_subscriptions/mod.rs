//! Calendar subscriptions: addresses from which calendar programs read a group's calendar without a token.

use domain::{AccountId, CalendarSubscription, CalendarSubscriptionId, DialTimeGroupId, SubscriptionKeyHash};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    accounts::disabling::account_disabled,
    audit::{self, Action, Change, Subject},
    database::{
        convert::{micros, timestamp},
        error::on_foreign_key,
        lists,
    },
};

/// Adds a subscription to a group. It goes with the group.
///
/// # Errors
/// [`Error::NotFound`] when the account has no such group.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    group: DialTimeGroupId,
    id: CalendarSubscriptionId,
    hash: &SubscriptionKeyHash,
    change: &Change,
) -> Result<CalendarSubscription> {
    on!(tx, c => sqlx::query(
        "INSERT INTO calendar_subscriptions (id, account_id, group_id, hash, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.uuid()).bind(account.uuid()).bind(group.get()).bind(&hash.0[..]).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound))?;
    record(tx, account, id, Action::Create, None, change).await?;
    Ok(CalendarSubscription { id, account_id: account, group_id: group, created_at: change.at })
}

/// The subscriptions to a group, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut impl Session,
    account: AccountId,
    group: DialTimeGroupId,
) -> Result<Vec<CalendarSubscription>> {
    Ok(on!(session, c => sqlx::query(
        "SELECT id, account_id, group_id, created_at FROM calendar_subscriptions \
         WHERE account_id = $1 AND group_id = $2 ORDER BY created_at, id")
        .bind(account.uuid()).bind(group.get())
        .fetch_all(c).await.map(|rows| lists::readable::<_, Row, _>("calendar_subscriptions", &rows)))?)
}

/// Revokes a subscription: its address is unknown from now on.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(
    tx: &mut Tx,
    account: AccountId,
    group: DialTimeGroupId,
    id: CalendarSubscriptionId,
    change: &Change,
) -> Result<()> {
    let row: Row = on!(tx, c => sqlx::query_as(
        "DELETE FROM calendar_subscriptions WHERE account_id = $1 AND group_id = $2 AND id = $3 \
         RETURNING id, account_id, group_id, created_at")
        .bind(account.uuid()).bind(group.get()).bind(id.uuid())
        .fetch_one(c).await)?;
    record(tx, account, id, Action::Delete, Some(&row), change).await
}

/// The subscription whose key has this hash; there is none while its account is disabled.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(session: &mut impl Session, hash: &SubscriptionKeyHash) -> Result<CalendarSubscription> {
    let row: Row = on!(session, c => sqlx::query_as(concat!(
        "SELECT id, account_id, group_id, created_at FROM calendar_subscriptions WHERE hash = $1 AND NOT ",
        account_disabled!("calendar_subscriptions.account_id")))
        .bind(&hash.0[..])
        .fetch_one(c).await)?;
    row.try_into()
}

async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: CalendarSubscriptionId,
    action: Action,
    before: Option<&Row>,
    change: &Change,
) -> Result<()> {
    let subject = Subject::CalendarSubscription;
    let entry = audit::Entry { account, subject, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}

#[derive(Serialize, sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    group_id: i64,
    created_at: i64,
}

impl TryFrom<Row> for CalendarSubscription {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: CalendarSubscriptionId::new(row.id),
            account_id: AccountId::new(row.account_id),
            group_id: DialTimeGroupId::new(row.group_id),
            created_at: timestamp(row.created_at)?,
        })
    }
}
