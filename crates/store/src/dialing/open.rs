//! The row of an attempt that is under way.

use domain::{
    AccountId, AttemptId, CallHandle, CallMilestones, CalledNumber, LineId, NodeId, NumberPlace,
    NumberProgress, OpenAttempt, TaskId,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::legs::read_legs;
use crate::{
    Page, Paged, Result, Session,
    database::{
        DatabaseError,
        convert::{self, from_json, hex, micros, timestamp},
        dialect::Column,
        error,
        lists::{self, Table},
        statement::{query, query_scalar},
    },
    numbers::stored_status,
};

/// The table, for the log.
pub(super) const OPEN_ATTEMPTS: Table = Table { name: "open_attempts", key: &["account_id", "id"] };

/// The columns of [`OpenAttemptRow`], in the order of [`COLUMNS`] and [`values`].
macro_rules! open_attempt_columns {
    () => {
        "account_id, id, user_id, node_id, list_id, number_id, task_id, task_name, e164, phone, details, line_id, caller_id, \
         script_id, is_simulated, evidence, dialed_at, ringing_at, early_media_at, answered_at, answerer, early_answerer, steps, handle, bots, bot_token_sha256, status, tries, line_failures"
    };
}
pub(super) use open_attempt_columns;

/// The columns and what each holds.
pub(super) const COLUMNS: &[(&str, Column)] = &[
    ("account_id", Column::Uuid),
    ("id", Column::Uuid),
    ("user_id", Column::Uuid),
    ("node_id", Column::Uuid),
    ("list_id", Column::Integer),
    ("number_id", Column::Integer),
    ("task_id", Column::Uuid),
    ("task_name", Column::Text),
    ("e164", Column::Integer),
    ("phone", Column::Text),
    ("details", Column::Text),
    ("line_id", Column::Uuid),
    ("caller_id", Column::Text),
    ("script_id", Column::Integer),
    ("is_simulated", Column::Boolean),
    ("evidence", Column::Text),
    ("dialed_at", Column::Integer),
    ("ringing_at", Column::Integer),
    ("early_media_at", Column::Integer),
    ("answered_at", Column::Integer),
    ("answerer", Column::Text),
    ("early_answerer", Column::Text),
    ("steps", Column::Text),
    ("handle", Column::Text),
    ("bots", Column::Text),
    ("bot_token_sha256", Column::Text),
    ("status", Column::Integer),
    ("tries", Column::Integer),
    ("line_failures", Column::Integer),
];

#[derive(sqlx_macros::FromRow)]
pub(super) struct OpenAttemptRow {
    account_id: Uuid,
    id: Uuid,
    user_id: Uuid,
    node_id: Uuid,
    list_id: i64,
    number_id: i64,
    task_id: Uuid,
    task_name: String,
    e164: i64,
    phone: String,
    details: String,
    line_id: Uuid,
    caller_id: Option<String>,
    script_id: Option<i64>,
    is_simulated: bool,
    evidence: String,
    dialed_at: i64,
    ringing_at: Option<i64>,
    early_media_at: Option<i64>,
    answered_at: Option<i64>,
    answerer: Option<String>,
    early_answerer: Option<String>,
    steps: Option<String>,
    handle: Option<String>,
    bots: Option<String>,
    bot_token_sha256: Option<String>,
    status: i64,
    tries: i64,
    line_failures: i64,
}

impl TryFrom<OpenAttemptRow> for OpenAttempt {
    type Error = DatabaseError;

    fn try_from(row: OpenAttemptRow) -> error::Result<Self> {
        let status = stored_status(row.status)?;
        Ok(Self {
            id: AttemptId::new(row.id),
            account_id: AccountId::new(row.account_id),
            user_id: AccountId::new(row.user_id),
            node_id: NodeId::new(row.node_id),
            place: NumberPlace { list: row.list_id, id: row.number_id },
            task_id: TaskId::new(row.task_id),
            task_name: row.task_name,
            number: CalledNumber { e164: row.e164, phone: row.phone, details: from_json(&row.details)? },
            line_id: LineId::new(row.line_id),
            caller_id: row.caller_id,
            script_id: row.script_id,
            bots: row.bots.as_deref().map(from_json).transpose()?,
            bot_token_sha256: row.bot_token_sha256,
            is_simulated: row.is_simulated,
            evidence: row.evidence,
            dialed_at: timestamp(row.dialed_at)?,
            milestones: CallMilestones {
                ringing_at: row.ringing_at.map(timestamp).transpose()?,
                early_media_at: row.early_media_at.map(timestamp).transpose()?,
                answered_at: row.answered_at.map(timestamp).transpose()?,
                answerer: row.answerer.as_deref().map(from_json).transpose()?,
                early_answerer: row.early_answerer.as_deref().map(from_json).transpose()?,
                steps: row.steps.as_deref().map(from_json).transpose()?.unwrap_or_default(),
            },
            handle: row.handle.and_then(CallHandle::new),
            legs: Vec::new(),
            before: NumberProgress { status, tries: row.tries, line_failures: row.line_failures },
        })
    }
}

/// The columns of what has happened in a call, as they are called in [`COLUMNS`], in the order of [`heard_values`].
pub(super) const HEARD_COLUMNS: [(&str, Column); 6] = [
    ("ringing_at", Column::Integer),
    ("early_media_at", Column::Integer),
    ("answered_at", Column::Integer),
    ("answerer", Column::Text),
    ("early_answerer", Column::Text),
    ("steps", Column::Text),
];

/// What has happened in a call, as its columns hold it.
pub(super) fn heard_values(milestones: &CallMilestones) -> error::Result<[Value; 6]> {
    let CallMilestones { ringing_at, early_media_at, answered_at, answerer, early_answerer, steps } =
        milestones;
    let steps = (!steps.is_empty()).then(|| convert::json(steps)).transpose()?;
    Ok([
        json!(ringing_at.map(micros)),
        json!(early_media_at.map(micros)),
        json!(answered_at.map(micros)),
        json!(answerer.as_ref().map(convert::json).transpose()?),
        json!(early_answerer.as_ref().map(convert::json).transpose()?),
        json!(steps),
    ])
}

/// An attempt as an array of what its columns hold.
pub(super) fn values(attempt: &OpenAttempt) -> error::Result<Value> {
    let mut values = vec![
        json!(hex(attempt.account_id.uuid())),
        json!(hex(attempt.id.uuid())),
        json!(hex(attempt.user_id.uuid())),
        json!(hex(attempt.node_id.uuid())),
        json!(attempt.place.list),
        json!(attempt.place.id),
        json!(hex(attempt.task_id.uuid())),
        json!(attempt.task_name),
        json!(attempt.number.e164),
        json!(attempt.number.phone),
        json!(convert::json(&attempt.number.details)?),
        json!(hex(attempt.line_id.uuid())),
        json!(attempt.caller_id),
        json!(attempt.script_id),
        json!(attempt.is_simulated),
        json!(attempt.evidence),
        json!(micros(attempt.dialed_at)),
    ];
    values.extend(heard_values(&attempt.milestones)?);
    values.extend([
        json!(attempt.handle.as_ref().map(CallHandle::as_str)),
        json!(attempt.bots.as_ref().map(convert::json).transpose()?),
        json!(attempt.bot_token_sha256),
        json!(attempt.before.status.number()),
        json!(attempt.before.tries),
        json!(attempt.before.line_failures),
    ]);
    Ok(Value::Array(values))
}

/// The attempts of an account, or of one of its tasks, that have not ended; the one dialed last first.
///
/// # Errors
/// When the database does not answer.
pub async fn open_attempts(
    session: &mut dyn Session,
    account: AccountId,
    task: Option<TaskId>,
    page: Page,
) -> Result<Paged<OpenAttempt>> {
    let task = task.map(TaskId::uuid);
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM open_attempts WHERE account_id = $1 AND ($2 IS NULL OR task_id = $2)"))
        .bind(account.uuid()).bind(task).fetch_one(c).await)?;
    let mut items: Vec<OpenAttempt> = on!(session, c => query(sql!(concat!(
        "SELECT ", open_attempt_columns!(), " FROM open_attempts WHERE account_id = $1 AND ($2 IS NULL OR task_id = $2) \
         ORDER BY dialed_at DESC, id DESC LIMIT $3 OFFSET $4")))
        .bind(account.uuid()).bind(task).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, OpenAttemptRow, _>(OPEN_ATTEMPTS, &rows)))?;
    read_legs(session, &mut items).await?;
    Ok(Paged { items, total })
}

/// The next `most` attempts of a node that have not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn open_attempts_of_node(
    session: &mut dyn Session,
    node: NodeId,
    most: u32,
) -> Result<Vec<OpenAttempt>> {
    let mut attempts: Vec<OpenAttempt> = on!(session, c => query(sql!(concat!(
        "SELECT ", open_attempt_columns!(), " FROM open_attempts WHERE node_id = $1 ORDER BY account_id, id LIMIT $2")))
        .bind(node.uuid()).bind(i64::from(most)).fetch_all(c).await
        .map(|rows| lists::readable::<_, OpenAttemptRow, _>(OPEN_ATTEMPTS, &rows)))?;
    read_legs(session, &mut attempts).await?;
    Ok(attempts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_written_in_the_order_in_which_they_are_named() {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(", "), open_attempt_columns!());
        let heard = HEARD_COLUMNS.map(|(name, _)| name);
        assert!(names.windows(heard.len()).any(|window| window == heard));
    }
}
