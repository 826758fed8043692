//! Writes to groups, each with its before-image in the audit. Nothing is published here.

use domain::{AccountId, DialTimeGroupId, GroupDraft};

use super::{
    LockedGroup,
    row::{GroupRow, GroupTexts, group_columns},
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
    account: AccountId,
    (id, version): (DialTimeGroupId, i64),
    draft: &GroupDraft,
    change: &Change,
) -> Result<LockedGroup> {
    let texts = GroupTexts::of(draft)?;
    let row: GroupRow = on!(tx, c => query_as(sql!(concat!(
        "INSERT INTO dial_time_groups (account_id, id, version, name, content, is_default, skip_holiday, timezone, \
                                       holiday_calendar, makeup_policy, beyond_horizon, exceptions, created_at, \
                                       updated_at, published_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13) RETURNING ", group_columns!())))
        .bind(account.uuid()).bind(id.get()).bind(version).bind(draft.name.as_str()).bind(&texts.content)
        .bind(draft.is_default).bind(draft.skip_holiday).bind(draft.timezone.name())
        .bind(draft.holiday_calendar.as_str()).bind(&texts.makeup_policy).bind(&texts.beyond_horizon)
        .bind(&texts.exceptions).bind(micros(change.at))
        .fetch_one(c).await)
    .map_err(on_foreign_key(Error::NotFound(Kind::Account)))?;
    let entry = AuditEntry::<GroupRow> {
        account,
        subject: Subject::DialTimeGroup,
        subject_id: &id,
        action: Action::Create,
        version: None,
        before: None,
    };
    audit::write(tx, change, entry).await?;
    Ok(LockedGroup::of(row))
}

/// Writes all that a person decides about a group, as its next version.
pub(crate) async fn update(
    tx: &mut Tx,
    group: &LockedGroup,
    draft: &GroupDraft,
    change: &Change,
) -> Result<LockedGroup> {
    record(tx, &group.row, Action::Update, change).await?;
    let texts = GroupTexts::of(draft)?;
    let row: GroupRow = on!(tx, c => query_as(sql!(concat!(
        "UPDATE dial_time_groups SET name = $3, content = $4, is_default = $5, skip_holiday = $6, timezone = $7, \
                                     holiday_calendar = $8, makeup_policy = $9, beyond_horizon = $10, \
                                     exceptions = $11, version = version + 1, updated_at = $12 \
         WHERE account_id = $1 AND id = $2 RETURNING ", group_columns!())))
        .bind(group.row.account_id).bind(group.row.id).bind(draft.name.as_str()).bind(&texts.content)
        .bind(draft.is_default).bind(draft.skip_holiday).bind(draft.timezone.name())
        .bind(draft.holiday_calendar.as_str()).bind(&texts.makeup_policy).bind(&texts.beyond_horizon)
        .bind(&texts.exceptions).bind(micros(change.at))
        .fetch_one(c).await)?;
    Ok(LockedGroup::of(row))
}

/// Takes the default flag off a group; the unique index would refuse a second default.
pub(crate) async fn unset_default(tx: &mut Tx, group: &LockedGroup, change: &Change) -> Result<LockedGroup> {
    record(tx, &group.row, Action::Update, change).await?;
    let row: GroupRow = on!(tx, c => query_as(sql!(concat!(
        "UPDATE dial_time_groups SET is_default = false, version = version + 1, updated_at = $3 \
         WHERE account_id = $1 AND id = $2 RETURNING ", group_columns!())))
        .bind(group.row.account_id).bind(group.row.id).bind(micros(change.at)).fetch_one(c).await)?;
    Ok(LockedGroup::of(row))
}

/// Deletes a group. That no task refers to it is the foreign key's to say, in this one statement; a check before it would
/// be a race.
///
/// # Errors
/// [`Error::InUse`].
pub(crate) async fn delete(tx: &mut Tx, group: &LockedGroup, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM dial_time_groups WHERE account_id = $1 AND id = $2"))
        .bind(group.row.account_id).bind(group.row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::Group)))?;
    record(tx, &group.row, Action::Delete, change).await
}

/// Records all groups of an account, which is about to be deleted with them; says how many they are.
pub(crate) async fn record_all_deleted(tx: &mut Tx, account: AccountId, change: &Change) -> Result<usize> {
    let rows: Vec<GroupRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", group_columns!(), " FROM dial_time_groups WHERE account_id = $1 ORDER BY id")))
        .bind(account.uuid()).fetch_all(c).await)?;
    for row in &rows {
        record(tx, row, Action::Delete, change).await?;
    }
    Ok(rows.len())
}

async fn record(tx: &mut Tx, row: &GroupRow, action: Action, change: &Change) -> Result<()> {
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
