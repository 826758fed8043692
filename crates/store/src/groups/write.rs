//! Writes to groups, each with its before-image in the audit. Nothing is published here: what was published of a group that
//! is edited is an argument, so that one statement writes both.

use domain::AccountId;

use super::{
    LockedGroup,
    published::{Publication, next_change},
    row::{GroupRow, group_columns},
};
use crate::{
    Error, Kind, Result, Tx,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::micros,
        statement::{query, query_as},
    },
    error::on_foreign_key,
};

/// Adds a group under an id that the account, which is locked, has no group of.
pub(crate) async fn insert(
    tx: &mut Tx,
    group: &LockedGroup,
    published: &Publication,
    change: &Change,
) -> Result<()> {
    let row = &group.row;
    on!(tx, c => query(sql!(
        "INSERT INTO dial_time_groups (account_id, id, version, name, content, is_default, skip_holiday, timezone, \
                                       holiday_calendar, makeup_policy, beyond_horizon, exceptions, created_at, \
                                       updated_at, published_open, published_at, published_revision, next_change_at, \
                                       seasons, holiday_policy, holiday_windows, other_holiday_calendars) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17, $18, $19, $20, $21)"))
        .bind(row.account_id).bind(row.id).bind(row.version).bind(&row.name).bind(&row.content)
        .bind(row.is_default).bind(row.skip_holiday).bind(&row.timezone).bind(&row.holiday_calendar)
        .bind(&row.makeup_policy).bind(&row.beyond_horizon).bind(&row.exceptions).bind(row.created_at)
        .bind(published.open).bind(micros(published.at)).bind(published.revision).bind(published.next.map(micros))
        .bind(&row.seasons).bind(&row.holiday_policy).bind(&row.holiday_windows).bind(&row.other_holiday_calendars)
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(Kind::Account)))?;
    let entry = AuditEntry::<GroupRow> {
        account: group.account(),
        subject: Subject::DialTimeGroup,
        subject_id: &row.id,
        action: Action::Create,
        version: None,
        before: None,
    };
    audit::write(tx, change, entry).await
}

/// Writes an edited group, and what was published of it.
pub(crate) async fn update(tx: &mut Tx, edited: &LockedGroup, published: &Publication) -> Result<()> {
    let row = &edited.row;
    let sql = sql!(tx, |dialect| format!(
        "UPDATE dial_time_groups SET name = $3, content = $4, is_default = $5, skip_holiday = $6, timezone = $7, \
                                     holiday_calendar = $8, makeup_policy = $9, beyond_horizon = $10, \
                                     exceptions = $11, version = version + 1, updated_at = $12, published_open = $13, \
                                     published_at = $14, published_revision = $15, next_change_at = {}, \
                                     seasons = $17, holiday_policy = $18, holiday_windows = $19, \
                                     other_holiday_calendars = $20, override_set = $21 \
         WHERE account_id = $1 AND id = $2",
        next_change(dialect, "$16")
    ));
    on!(tx, c => query(sql)
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(&row.content).bind(row.is_default)
        .bind(row.skip_holiday).bind(&row.timezone).bind(&row.holiday_calendar).bind(&row.makeup_policy)
        .bind(&row.beyond_horizon).bind(&row.exceptions).bind(row.updated_at)
        .bind(published.open).bind(micros(published.at)).bind(published.revision).bind(published.next.map(micros))
        .bind(&row.seasons).bind(&row.holiday_policy).bind(&row.holiday_windows).bind(&row.other_holiday_calendars)
        .bind(&row.override_set)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Takes the default flag off a group; the unique index would refuse a second default.
pub(crate) async fn unset_default(tx: &mut Tx, group: &LockedGroup, change: &Change) -> Result<LockedGroup> {
    record(tx, group, Action::Update, change).await?;
    let row: GroupRow = on!(tx, c => query_as(sql!(concat!(
        "UPDATE dial_time_groups SET is_default = false, version = version + 1, updated_at = $3 \
         WHERE account_id = $1 AND id = $2 RETURNING ", group_columns!())))
        .bind(group.row.account_id).bind(group.row.id).bind(micros(change.at)).fetch_one(c).await)?;
    Ok(LockedGroup::of(row))
}

/// Deletes a group. That no task refers to it and that it is no ceiling is the foreign keys' to say, in this one statement; a check before it would
/// be a race. `in_use` is what they then refuse.
///
/// # Errors
/// [`Error::InUse`].
pub(crate) async fn delete(tx: &mut Tx, group: &LockedGroup, in_use: Kind, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM dial_time_groups WHERE account_id = $1 AND id = $2"))
        .bind(group.row.account_id).bind(group.row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(in_use)))?;
    record(tx, group, Action::Delete, change).await
}

/// Records all groups of an account, which is about to be deleted with them; says how many they are.
pub(crate) async fn record_all_deleted(tx: &mut Tx, account: AccountId, change: &Change) -> Result<usize> {
    let rows: Vec<GroupRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 ORDER BY id")))
        .bind(account.uuid()).fetch_all(c).await)?;
    for row in &rows {
        record_row(tx, row, Action::Delete, change).await?;
    }
    Ok(rows.len())
}

/// Records what a group was before a change.
pub(crate) async fn record(tx: &mut Tx, group: &LockedGroup, action: Action, change: &Change) -> Result<()> {
    record_row(tx, &group.row, action, change).await
}

async fn record_row(tx: &mut Tx, row: &GroupRow, action: Action, change: &Change) -> Result<()> {
    let entry = AuditEntry {
        account: AccountId::new(row.account_id),
        subject: Subject::DialTimeGroup,
        subject_id: &row.id,
        action,
        version: Some(row.version),
        before: Some(row),
    };
    audit::write(tx, change, entry).await
}
