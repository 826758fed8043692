//! Dial time groups: reads, locks and writes. What an edit publishes is in [`edits`](crate::edits).

mod ids;
mod lock;
pub(crate) mod published;
mod row;
mod versions;
mod write;

use domain::{AccountId, DialTimeGroup, DialTimeGroupId};
use jiff::Timestamp;

pub use self::{
    ids::number_from,
    lock::LockedGroup,
    versions::{GroupVersion, version, versions},
};
pub(crate) use self::{
    ids::{fresh_id, note_brought},
    lock::{
        DamagedGroup, DueGroups, DueReason, WithDefault, lock, lock_both, lock_due, lock_of_accounts,
        lock_with_default, read_again,
    },
    row::{GROUPS, GroupKey, GroupRow, group_columns, group_key, group_key_rows},
    write::{delete, insert, record, record_all_deleted, unset_default, update},
};
use crate::{
    Error, Kind, Page, Paged, Result, Session,
    audit::{self, Subject},
    database::{
        convert::{from_json, json, micros, uuids},
        lists,
        statement::{query, query_as, query_scalar},
    },
};

/// One group of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    session: &mut dyn Session,
    account: AccountId,
    id: DialTimeGroupId,
) -> Result<DialTimeGroup> {
    let row: Option<GroupRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.get())
        .fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Group))?.try_into()?)
}

/// A group as it was in a version, which may be gone since; `None` when nothing says any more how it was.
///
/// # Errors
/// When the database does not answer.
pub async fn at_version(
    session: &mut dyn Session,
    account: AccountId,
    id: DialTimeGroupId,
    version: i64,
) -> Result<Option<DialTimeGroup>> {
    match get(session, account, id).await {
        Ok(group) if group.version == version => return Ok(Some(group)),
        Ok(_) | Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    let before =
        audit::at_version(session, account, (Subject::DialTimeGroup, &id.to_string()), version).await?;
    let row: Option<GroupRow> = before.as_deref().map(from_json).transpose()?;
    Ok(row.map(DialTimeGroup::try_from).transpose()?)
}

/// A group as it was at an instant, as the audit has it; `None` when nothing says any more how it was, or it was not there.
pub(crate) async fn as_of(
    session: &mut dyn Session,
    account: AccountId,
    id: DialTimeGroupId,
    at: Timestamp,
) -> Result<Option<DialTimeGroup>> {
    let history = audit::history(session, account, Subject::DialTimeGroup, &id.to_string()).await?;
    let Some(next) = history.into_iter().find(|change| micros(at) < change.at) else {
        return match get(session, account, id).await {
            Err(Error::NotFound(_)) => Ok(None),
            found => found.map(Some),
        };
    };
    let row: Option<GroupRow> = next.before.as_deref().map(from_json).transpose()?;
    Ok(row.map(DialTimeGroup::try_from).transpose()?)
}

/// Those of these groups that the account has, in no order.
///
/// # Errors
/// When the database does not answer.
pub async fn get_many(
    session: &mut dyn Session,
    account: AccountId,
    ids: &[DialTimeGroupId],
) -> Result<Vec<DialTimeGroup>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let sql = sql!(session, |dialect| format!(
        concat!("SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 AND {}"),
        dialect.among("id", "$2")
    ));
    Ok(on!(session, c => query(sql)
        .bind(account.uuid()).bind(json(&ids)?)
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>(GROUPS, &rows)))?)
}

/// The groups of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session, account: AccountId, page: Page) -> Result<Paged<DialTimeGroup>> {
    // Not counted here: that would grow with their number.
    let total: Option<i64> = on!(session, c =>
        query_scalar(sql!("SELECT groups FROM group_counts WHERE account_id = $1"))
            .bind(account.uuid()).fetch_optional(c).await)?;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3")))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>(GROUPS, &rows)))?;
    Ok(Paged { items, total: total.unwrap_or(0) })
}

/// The groups of several accounts, by account and newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_accounts(
    session: &mut dyn Session,
    accounts: &[AccountId],
    page: Page,
) -> Result<Paged<DialTimeGroup>> {
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let count = sql!(session, |dialect| format!(
        "SELECT CAST(coalesce(sum(groups), 0) AS BIGINT) FROM group_counts WHERE {}",
        dialect.among_uuids("account_id", "$1")
    ));
    let total: i64 = on!(session, c => query_scalar(count).bind(&accounts).fetch_one(c).await)?;
    let select = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE {} ORDER BY account_id, id DESC LIMIT $2 OFFSET $3"
        ),
        dialect.among_uuids("account_id", "$1")
    ));
    let items = on!(session, c => query(select)
        .bind(&accounts).bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>(GROUPS, &rows)))?;
    Ok(Paged { items, total })
}

/// The groups of an account whose name contains `name`, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_named(
    session: &mut dyn Session,
    account: AccountId,
    name: &str,
    page: Page,
) -> Result<Paged<DialTimeGroup>> {
    let count = sql!(session, |dialect| format!(
        "SELECT count(*) FROM dial_time_groups WHERE account_id = $1 AND {}",
        dialect.contains("name", "$2")
    ));
    let total: i64 = on!(session, c =>
        query_scalar(count).bind(account.uuid()).bind(name).fetch_one(c).await)?;
    let select = sql!(session, |dialect| format!(
        concat!(
            "SELECT ",
            group_columns!(),
            " FROM dial_time_groups WHERE account_id = $1 AND {} ORDER BY id DESC LIMIT $3 OFFSET $4"
        ),
        dialect.contains("name", "$2")
    ));
    let items = on!(session, c => query(select)
        .bind(account.uuid()).bind(name).bind(page.limit()).bind(page.offset())
        .fetch_all(c).await.map(|rows| lists::readable::<_, GroupRow, _>(GROUPS, &rows)))?;
    Ok(Paged { items, total })
}
