//! What is left of a user's share of a line (`residue`): the share without the calls at once that its tasks and those of its sub-users may
//! have over the line, as far as they are enabled and have numbers to call, or are being given some by an import or a reset. A task that would need more than is left is refused where it is saved
//! or started, and where an enabled one gets its first numbers, each under the lock of the share.

use std::collections::{BTreeMap, HashMap};

use domain::{AccountId, LineId, TaskId};
use uuid::Uuid;

use crate::{
    Error, Limited, Result, Session, Tx,
    accounts::sub_users::sub_users,
    database::{
        convert::uuids,
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    tasks::AccountWithUser,
};

/// Whether the list `l` of a task has numbers that are not done, or an import or a reset is under way that may make some, in SQL.
macro_rules! has_numbers {
    () => {
        "(EXISTS (SELECT 1 FROM number_counts c WHERE c.list_id = l.id AND c.numbers > 0 AND c.state IN (0, 1, 2)) \
          OR EXISTS (SELECT 1 FROM number_jobs j WHERE j.list_id = l.id AND j.kind IN ('import', 'reset') AND j.ended_at IS NULL \
                     AND j.request NOT LIKE '%\"dry_run\":true%'))"
    };
}

/// What of the rows that say what tasks name stands for which line. A group stands for the first of its lines that the user `$1` has a share
/// of: the others take what that one cannot.
const NAMED: [(&str, &str); 2] = [
    ("task_lines", "n.line_id"),
    (
        "task_line_groups",
        "(SELECT m.line_id FROM line_group_lines m \
          JOIN line_allocations s ON s.partner_id = m.partner_id AND s.line_id = m.line_id AND s.user_id = $1 \
          WHERE m.group_id = n.group_id ORDER BY m.place LIMIT 1)",
    ),
];

/// The calls of tasks over lines, each task once for a line, where the task of the row `n` meets a condition.
fn calls_over_lines(condition: &str) -> String {
    let [lines, groups] = NAMED.map(|(table, line)| {
        format!(
            "SELECT n.task_id, {line} AS line_id, n.calls FROM {table} n \
             JOIN tasks t ON t.account_id = n.account_id AND t.id = n.task_id WHERE {condition}"
        )
    });
    format!(
        "SELECT task_id, line_id, max(calls) AS calls FROM ({lines} UNION ALL {groups}) AS named \
         WHERE line_id IS NOT NULL GROUP BY task_id, line_id"
    )
}

/// The calls over lines of the enabled tasks with numbers of the user `$1` and its sub-users.
fn demand() -> String {
    calls_over_lines(concat!(
        "(n.account_id = $1 OR n.account_id IN ",
        sub_users!("$1"),
        ") AND t.enabled AND EXISTS (SELECT 1 FROM number_lists l \
         WHERE l.account_id = n.account_id AND l.task_id = n.task_id AND l.deleted_at IS NULL AND ",
        has_numbers!(),
        ")"
    ))
}

/// Whether a task has numbers, or is being given some by an import: then it may need its lines as soon as it is switched on.
pub(crate) async fn may_dial(session: &mut dyn Session, account: AccountId, task: TaskId) -> Result<bool> {
    let list: Option<i64> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT l.id FROM number_lists l WHERE l.account_id = $1 AND l.task_id = $2 AND l.deleted_at IS NULL AND ",
        has_numbers!())))
        .bind(account.uuid()).bind(task.uuid()).fetch_optional(c).await)?;
    Ok(list.is_some())
}

/// The calls of the enabled tasks with numbers over each of these lines, of a user and its sub-users. A line without such tasks is not
/// there.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_of_tasks(
    session: &mut dyn Session,
    user: AccountId,
    lines: &[LineId],
) -> Result<HashMap<LineId, i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT demand.line_id, CAST(sum(demand.calls) AS BIGINT) FROM ({}) AS demand WHERE {} GROUP BY demand.line_id",
        demand(),
        dialect.among_uuids("demand.line_id", "$2")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64)> =
        on!(session, c => query_as(sql).bind(user.uuid()).bind(lines).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(line, calls)| (LineId::new(line), calls)).collect())
}

/// How many calls at once a task may have over each of its lines.
pub(crate) type HeldCalls = BTreeMap<Uuid, i64>;

/// What a task may have over its lines as it is stored.
pub(crate) async fn held_calls(tx: &mut Tx, whose: AccountWithUser, task: TaskId) -> Result<HeldCalls> {
    let sql = sql!(tx, |_dialect| format!(
        "SELECT line_id, calls FROM ({}) AS held",
        calls_over_lines("n.account_id = $2 AND n.task_id = $3")
    ));
    let rows: Vec<(Uuid, i64)> = on!(tx, c => query_as(sql)
        .bind(whose.user.uuid()).bind(whose.account.uuid()).bind(task.uuid()).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// Refuses unless there is enough left of the user's shares for what a task may have over its lines now. What it `held` before is not
/// asked for again: a share may have been made smaller since, and its tasks can still be edited. A line that the user has no share of is
/// passed over; the task does not call over it.
///
/// # Errors
/// [`Error::Limit`] with what is left.
pub(crate) async fn expect_residue(
    tx: &mut Tx,
    whose: AccountWithUser,
    task: TaskId,
    held: &HeldCalls,
) -> Result<()> {
    let wanted = held_calls(tx, whose, task).await?;
    let more = wanted.into_iter().filter(|(line, calls)| held.get(line).is_none_or(|held| calls > held));
    let more: HeldCalls = more.collect();
    if more.is_empty() {
        return Ok(());
    }
    let lines = uuids(more.keys().copied())?;
    lock_shares(tx, whose.user, &lines).await?;
    let sql = sql!(tx, |dialect| format!(
        "SELECT s.line_id, s.line_concurrency - CAST(coalesce(taken.calls, 0) AS BIGINT) \
         FROM line_allocations s LEFT JOIN ( \
             SELECT demand.line_id, sum(demand.calls) AS calls FROM ({}) AS demand \
             WHERE demand.task_id <> $2 GROUP BY demand.line_id) AS taken ON taken.line_id = s.line_id \
         WHERE s.user_id = $1 AND {}",
        demand(),
        dialect.among_uuids("s.line_id", "$3")
    ));
    let left: Vec<(Uuid, i64)> = on!(tx, c => query_as(sql)
        .bind(whose.user.uuid()).bind(task.uuid()).bind(lines).fetch_all(c).await)?;
    let lacking = left.into_iter().filter(|(line, left)| more.get(line).is_some_and(|calls| calls > left));
    match lacking.map(|(_, left)| left).min() {
        None => Ok(()),
        Some(left) => {
            Err(Error::Limit { of: Limited::CallsOfLine, most: usize::try_from(left).unwrap_or(0) })
        }
    }
}

/// Locks a user's shares of lines: until this transaction ends, nobody else takes what is left of them.
async fn lock_shares(tx: &mut Tx, user: AccountId, lines: &str) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM line_allocations WHERE user_id = $1 AND {} ORDER BY id{}",
        dialect.among_uuids("line_id", "$2"),
        dialect.lock(RowLock::Change)
    ));
    on!(tx, c => query(sql).bind(user.uuid()).bind(lines).fetch_all(c).await.map(drop))?;
    Ok(())
}
