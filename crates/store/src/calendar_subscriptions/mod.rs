//! Calendar subscriptions: addresses from which calendar programs read a group's calendar without a token.

mod row;

use domain::{AccountId, CalendarSubscription, CalendarSubscriptionId, DialTimeGroupId, SubscriptionKeyHash};

use self::row::{SUBSCRIPTIONS, SubscriptionRow, subscription_columns};
use crate::{
    Error, Kind, Result, Session, Tx,
    accounts::disabled::account_disabled,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::micros,
        dialect::RowLock,
        lists,
        statement::{query, query_as},
    },
    error::on_foreign_key,
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
    on!(tx, c => query(sql!(
        "INSERT INTO calendar_subscriptions (id, account_id, group_id, hash, created_at) VALUES ($1, $2, $3, $4, $5)"))
        .bind(id.uuid()).bind(account.uuid()).bind(group.get()).bind(&hash.0[..]).bind(micros(change.at))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(Kind::Group)))?;
    record(tx, account, id, Action::Create, None, change).await?;
    Ok(CalendarSubscription { id, account_id: account, group_id: group, created_at: change.at })
}

/// The subscriptions to a group, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    session: &mut dyn Session,
    account: AccountId,
    group: DialTimeGroupId,
) -> Result<Vec<CalendarSubscription>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", subscription_columns!(), " FROM calendar_subscriptions \
         WHERE account_id = $1 AND group_id = $2 ORDER BY created_at, id")))
        .bind(account.uuid()).bind(group.get())
        .fetch_all(c).await.map(|rows| lists::readable::<_, SubscriptionRow, _>(SUBSCRIPTIONS, &rows)))?)
}

/// A subscription whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedSubscription {
    row: SubscriptionRow,
}

/// Locks a subscription to a group.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(
    tx: &mut Tx,
    account: AccountId,
    group: DialTimeGroupId,
    id: CalendarSubscriptionId,
) -> Result<LockedSubscription> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT ",
            subscription_columns!(),
            " FROM calendar_subscriptions WHERE account_id = $1 AND group_id = $2 AND id = $3{}"
        ),
        dialect.lock(RowLock::Delete)
    ));
    let row: Option<SubscriptionRow> = on!(tx, c => query_as(sql)
        .bind(account.uuid()).bind(group.get()).bind(id.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedSubscription { row }).ok_or(Error::NotFound(Kind::CalendarSubscription))
}

/// Revokes a subscription: its address is unknown from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &mut Tx, subscription: &LockedSubscription, change: &Change) -> Result<()> {
    let row = &subscription.row;
    on!(tx, c => query(sql!("DELETE FROM calendar_subscriptions WHERE account_id = $1 AND id = $2"))
        .bind(row.account_id).bind(row.id).execute(c).await.map(drop))?;
    let (account, id) = (AccountId::new(row.account_id), CalendarSubscriptionId::new(row.id));
    record(tx, account, id, Action::Delete, Some(row), change).await
}

/// The subscription whose key has this hash; there is none while its account is disabled.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(session: &mut dyn Session, hash: &SubscriptionKeyHash) -> Result<CalendarSubscription> {
    let row: Option<SubscriptionRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", subscription_columns!(), " FROM calendar_subscriptions WHERE hash = $1 AND NOT ",
        account_disabled!("calendar_subscriptions.account_id"))))
        .bind(&hash.0[..])
        .fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::CalendarSubscription))?.try_into()?)
}

async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: CalendarSubscriptionId,
    action: Action,
    before: Option<&SubscriptionRow>,
    change: &Change,
) -> Result<()> {
    let subject = Subject::CalendarSubscription;
    let entry = AuditEntry { account, subject, subject_id: &id, action, version: None, before };
    audit::write(tx, change, entry).await
}
