//! What is left of accounts and webhooks that were deleted: rows of which there may be millions, and which go in the background, step by step. Nobody
//! sees them, for what they belong to is gone; and no account is made under the id of one of which anything is left.

use domain::{AccountId, WebhookId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::micros,
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// Rows of one table that go with what owns them: the table, its key, the column that names the owner, and one by which the owner's rows are in
/// order.
#[derive(Clone, Copy, Debug)]
struct Rows {
    /// Whether they are forgotten only, until whoever deletes their files deletes them too.
    has_files: bool,
    table: &'static str,
    key: &'static str,
    owner: &'static str,
    order: &'static str,
}

const DO_NOT_CALL: Rows = Rows {
    has_files: false,
    table: "do_not_call",
    key: "account_id, number",
    owner: "account_id",
    order: "number",
};
const NUMBER_CALLBACKS: Rows =
    Rows { has_files: false, table: "number_callbacks", key: "id", owner: "account_id", order: "created_at" };
const EVENTS: Rows = Rows {
    has_files: false,
    table: "events",
    key: "account_id, number",
    owner: "account_id",
    order: "number",
};
const ATTEMPTS: Rows = Rows {
    has_files: false,
    table: "attempts",
    key: "account_id, id, dialed_at",
    owner: "account_id",
    order: "dialed_at",
};
const ATTEMPT_HOURS: Rows = Rows {
    has_files: false,
    table: "attempt_hours",
    key: "account_id, task_id, hour, outcome",
    owner: "account_id",
    order: "hour",
};
const CALL_RESULTS: Rows = Rows {
    has_files: false,
    table: "call_results",
    key: "account_id, attempt_id",
    owner: "account_id",
    order: "dialed_at",
};
const RESULT_HOURS: Rows = Rows {
    has_files: false,
    table: "result_hours",
    key: "account_id, task_id, hour, outcome, intention, rounds_band",
    owner: "account_id",
    order: "hour",
};
const RECORDINGS: Rows = Rows {
    has_files: true,
    table: "recordings",
    key: "account_id, attempt_id",
    owner: "account_id",
    order: "begun_at",
};
const DELIVERIES: Rows =
    Rows { has_files: false, table: "webhook_deliveries", key: "id", owner: "webhook_id", order: "id" };

/// What is left of an account, in the order in which it goes: new tables come last, for a removal that is under way knows its table by its place
/// here. Its numbers go with their lists.
const OF_ACCOUNT: [Rows; 8] =
    [DO_NOT_CALL, NUMBER_CALLBACKS, EVENTS, ATTEMPTS, ATTEMPT_HOURS, CALL_RESULTS, RESULT_HOURS, RECORDINGS];

const OF_WEBHOOK: [Rows; 1] = [DELIVERIES];

/// Every table of either.
#[cfg(test)]
const ALL: [Rows; 9] = [
    DO_NOT_CALL,
    NUMBER_CALLBACKS,
    EVENTS,
    ATTEMPTS,
    ATTEMPT_HOURS,
    CALL_RESULTS,
    RESULT_HOURS,
    RECORDINGS,
    DELIVERIES,
];

const ACCOUNT: &str = "account";
const WEBHOOK: &str = "webhook";

/// What may go: not yet what is left of an account that has calls under way, for their records are still to come.
macro_rules! to_be_removed {
    () => {
        "NOT EXISTS (SELECT 1 FROM open_attempts WHERE open_attempts.account_id = removals.id)"
    };
}

/// Leaves the rows of a deleted account to be removed.
pub(crate) async fn begin_account(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<()> {
    begin(tx, account.uuid(), ACCOUNT, now).await
}

/// Leaves the deliveries of a deleted webhook to be removed.
pub(crate) async fn begin_webhook(tx: &mut Tx, webhook: WebhookId, now: Timestamp) -> Result<()> {
    begin(tx, webhook.uuid(), WEBHOOK, now).await
}

/// Leaves the deliveries of all webhooks of an account, which are about to be deleted, to be removed.
pub(crate) async fn begin_webhooks_of(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO removals (id, kind, stage, place, removed_at) SELECT id, $2, 0, $3, $4 FROM webhooks WHERE account_id = $1"))
        .bind(account.uuid()).bind(WEBHOOK).bind(i64::MIN).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

async fn begin(tx: &mut Tx, id: Uuid, kind: &'static str, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("INSERT INTO removals (id, kind, stage, place, removed_at) VALUES ($1, $2, 0, $3, $4)"))
        .bind(id).bind(kind).bind(i64::MIN).bind(micros(now)).execute(c).await.map(drop))?;
    tx.wake_runner();
    Ok(())
}

/// Whether anything is left of an account that was deleted.
pub(crate) async fn is_being_removed(session: &mut dyn Session, account: AccountId) -> Result<bool> {
    Ok(on!(session, c => query_scalar(sql!("SELECT EXISTS (SELECT 1 FROM removals WHERE id = $1)"))
        .bind(account.uuid()).fetch_one(c).await)?)
}

/// Whether there is something to remove.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any(session: &mut dyn Session) -> Result<bool> {
    let sql = sql!(concat!("SELECT EXISTS (SELECT 1 FROM removals WHERE ", to_be_removed!(), ")"));
    Ok(on!(session, c => query_scalar(sql).fetch_one(c).await)?)
}

/// Removes the next `most` rows of what was deleted first. Says whether there is more to do. Nodes pass over what another one works at.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_some(tx: &mut Tx, most: u32) -> Result<bool> {
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "SELECT id, kind, stage, place FROM removals WHERE ",
            to_be_removed!(),
            " ORDER BY removed_at, id LIMIT 1{}"
        ),
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let found: Option<(Uuid, String, i64, i64)> = on!(tx, c => query_as(sql).fetch_optional(c).await)?;
    let Some((id, kind, stage, place)) = found else { return Ok(false) };
    let tables: &[Rows] = if kind == WEBHOOK { &OF_WEBHOOK } else { &OF_ACCOUNT };
    let Some(rows) = usize::try_from(stage).ok().and_then(|stage| tables.get(stage)) else {
        on!(tx, c => query(sql!("DELETE FROM removals WHERE id = $1")).bind(id).execute(c).await.map(drop))?;
        return Ok(true);
    };
    // What follows is looked for from the last place on: before it there are none but rows that were deleted, and are slow to pass over.
    let (stage, place) = match remove_rows(tx, *rows, (id, place), most).await? {
        Some(last) => (stage, last),
        None => (stage + 1, i64::MIN),
    };
    on!(tx, c => query(sql!("UPDATE removals SET stage = $2, place = $3 WHERE id = $1"))
        .bind(id).bind(stage).bind(place).execute(c).await.map(drop))?;
    Ok(true)
}

/// Deletes the next rows; gives the place of the last one, if there was any.
async fn remove_rows(tx: &mut Tx, rows: Rows, (owner, place): (Uuid, i64), most: u32) -> Result<Option<i64>> {
    let sql = sql!(tx, rows: Rows = ALL, |_dialect| {
        let Rows { has_files, table, key, owner, order } = rows;
        if has_files {
            return format!(
                "UPDATE {table} SET is_forgotten = true, delete_at = 0, state = CASE WHEN state = 2 THEN 1 ELSE state END \
                 WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {owner} = $1 AND {order} >= $2 AND NOT is_forgotten \
                 ORDER BY {order} LIMIT $3) RETURNING {order}"
            );
        }
        format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} \
             WHERE {owner} = $1 AND {order} >= $2 ORDER BY {order} LIMIT $3) RETURNING {order}"
        )
    });
    let places: Vec<i64> = on!(tx, c => query_scalar(sql)
        .bind(owner).bind(place).bind(i64::from(most)).fetch_all(c).await)?;
    Ok(places.into_iter().max())
}
