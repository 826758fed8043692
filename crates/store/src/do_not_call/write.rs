//! Numbers that must not be called are added and deleted. The account is locked first, so that its count is right.

use domain::{AccountId, DoNotCallEntry, ERASED, MAXIMUM_DO_NOT_CALL, StoredDoNotCall};
use serde::Serialize;

use super::{
    count, get,
    row::{DoNotCallRow, do_not_call_columns},
};
use crate::{
    Error, Kind, Limited, Result, Tx, accounts,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::{damaged, json, micros},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// How many entries were added, and how many were there: changed, or left as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EntriesAdded {
    /// New ones.
    pub added: i64,
    /// Others.
    pub changed: i64,
    /// Those that are all that is left of an erased number, and stay as they are.
    pub erased: i64,
}

/// Whether an entry is all that is left of an erased number: it says nothing but the number, for good. `$2` is [`ERASED`].
macro_rules! is_left_of_erased {
    () => {
        "do_not_call.source = $2 AND do_not_call.reason IS NULL AND do_not_call.until IS NULL"
    };
}

const COLUMNS: [(&str, Column); 4] = [
    ("number", Column::Integer),
    ("reason", Column::Text),
    ("source", Column::Text),
    ("until", Column::Integer),
];

/// Adds entries, each number once; those that are there take the new reason, source and end, but for those that are all that is left of
/// an erased number, which stay as they are.
///
/// # Errors
/// [`Error::Limit`] when the account would have more than it may have.
pub async fn add(
    tx: &mut Tx,
    account: AccountId,
    entries: &[DoNotCallEntry],
    change: &Change,
) -> Result<EntriesAdded> {
    accounts::lock_for_edits(tx, account).await?;
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.number).collect();
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT count(*), count(CASE WHEN ",
            is_left_of_erased!(),
            " THEN 1 END) FROM do_not_call WHERE account_id = $1 AND {}"
        ),
        dialect.among("number", "$3")
    ));
    let (known, erased): (i64, i64) = on!(tx, c => query_as(sql)
        .bind(account.uuid()).bind(ERASED).bind(json(&numbers)?).fetch_one(c).await)?;
    let (added, changed) = (i64::try_from(entries.len()).map_err(damaged)? - known, known - erased);
    if added > 0 && count(tx, account).await? + added > MAXIMUM_DO_NOT_CALL {
        let most = usize::try_from(MAXIMUM_DO_NOT_CALL).map_err(damaged)?;
        return Err(Error::Limit { of: Limited::DoNotCall, most });
    }
    write(tx, account, entries, change).await?;
    add_to_count(tx, account, added).await?;
    let added = EntriesAdded { added, changed, erased };
    let action = if changed == 0 { Action::Create } else { Action::Update };
    record(tx, account, (&"entries", action), &added, change).await?;
    Ok(added)
}

async fn write(tx: &mut Tx, account: AccountId, entries: &[DoNotCallEntry], change: &Change) -> Result<()> {
    let row = |entry: &DoNotCallEntry| {
        (entry.number, entry.reason.clone(), entry.source.clone(), entry.until.map(micros))
    };
    let rows: Vec<(i64, Option<String>, String, Option<i64>)> = entries.iter().map(row).collect();
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "INSERT INTO do_not_call (account_id, number, reason, source, until, created_at) \
             SELECT $1, number, reason, source, until, $4 FROM {} AS added WHERE true \
             ON CONFLICT (account_id, number) DO UPDATE SET reason = excluded.reason, source = excluded.source, \
                 until = excluded.until, created_at = excluded.created_at WHERE NOT (",
            is_left_of_erased!(),
            ")"
        ),
        dialect.rows("$3", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(account.uuid()).bind(ERASED).bind(json(&rows)?).bind(micros(change.at))
        .execute(c).await.map(drop))?;
    Ok(())
}

async fn add_to_count(tx: &mut Tx, account: AccountId, more: i64) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO do_not_call_counts (account_id, entries) VALUES ($1, $2) \
         ON CONFLICT (account_id) DO UPDATE SET entries = do_not_call_counts.entries + excluded.entries"))
        .bind(account.uuid()).bind(more).execute(c).await.map(drop))?;
    Ok(())
}

/// Takes an entry away: the number may be called again.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Erased`] of one that is all that is left of an erased number.
pub async fn delete(tx: &mut Tx, account: AccountId, number: i64, change: &Change) -> Result<()> {
    accounts::lock_for_edits(tx, account).await?;
    let deleted: Option<DoNotCallRow> = on!(tx, c => query_as(sql!(concat!(
        "DELETE FROM do_not_call WHERE account_id = $1 AND NOT (", is_left_of_erased!(), ") AND number = $3 \
         RETURNING ", do_not_call_columns!())))
        .bind(account.uuid()).bind(ERASED).bind(number).fetch_optional(c).await)?;
    let Some(deleted) = deleted else {
        get(tx, account, number).await?;
        return Err(Error::Erased(Kind::DoNotCall));
    };
    add_to_count(tx, account, -1).await?;
    record(tx, account, (&number, Action::Delete), &deleted, change).await
}

/// Takes an entry away without a trace, with its number; says how many that was. Of an account that is disabled, too.
pub(crate) async fn erase(tx: &mut Tx, account: AccountId, number: i64) -> Result<i64> {
    accounts::lock_row(tx, account).await?;
    let erased = on!(tx, c => query(sql!("DELETE FROM do_not_call WHERE account_id = $1 AND number = $2"))
        .bind(account.uuid()).bind(number).execute(c).await.map(|done| done.rows_affected()))?;
    let erased = i64::try_from(erased).map_err(damaged)?;
    if erased > 0 {
        add_to_count(tx, account, -erased).await?;
    }
    Ok(erased)
}

/// Puts an entry in the place of whatever stands for its number, without a trace of that; says how many others that was. Of an account that is
/// disabled, too, and however many it has: a number that must not be called is never one too many.
pub(crate) async fn replace(
    tx: &mut Tx,
    account: AccountId,
    entry: DoNotCallEntry,
    change: &Change,
) -> Result<i64> {
    accounts::lock_row(tx, account).await?;
    let before: Option<DoNotCallRow> = on!(tx, c => query_as(sql!(concat!(
        "SELECT ", do_not_call_columns!(), " FROM do_not_call WHERE account_id = $1 AND number = $2")))
        .bind(account.uuid()).bind(entry.number).fetch_optional(c).await)?;
    let before = before.map(StoredDoNotCall::try_from).transpose()?;
    match before {
        Some(before) if before.entry == entry => return Ok(0),
        Some(_) => {}
        None => add_to_count(tx, account, 1).await?,
    }
    let replaced = i64::from(before.is_some());
    write(tx, account, &[entry], change).await?;
    Ok(replaced)
}

async fn record<T: Serialize + Sync>(
    tx: &mut Tx,
    account: AccountId,
    (subject_id, action): (&(dyn std::fmt::Display + Sync), Action),
    before: &T,
    change: &Change,
) -> Result<()> {
    let subject = Subject::DoNotCall;
    let entry = AuditEntry { account, subject, subject_id, action, version: None, before: Some(before) };
    audit::write(tx, change, entry).await
}
