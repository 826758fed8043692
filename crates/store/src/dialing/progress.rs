//! How far a task is: what is left of its list, the calls it has now, and how fast it went lately.

use std::collections::HashMap;

use domain::{AccountId, HELD, HOUR, LineId, NumberState, NumberStatus, TaskId, hour_of};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{
        convert::{micros, nearest_timestamp, timestamp, uuids},
        statement::{query_as, query_scalar},
    },
    numbers::{NumberCounts, counts_of_list, list_of},
};

/// Over how long the rate is measured.
pub const RATE_SPAN: SignedDuration = SignedDuration::from_mins(1);

/// Over how many of a task's last calls it is looked for slots that rest.
const LAST_CALLS: i64 = 1_000;

/// How far a task is.
#[derive(Clone, Debug, Default)]
pub struct TaskProgress {
    /// Its list; `None`: it never had a number.
    pub list: Option<i64>,
    /// How many numbers have which status and state.
    pub counts: NumberCounts,
    /// Whether a number is due now.
    pub is_any_due: bool,
    /// When the next number is due that is to be called again.
    pub next_due_at: Option<Timestamp>,
    /// When the last of those numbers is due, as far as that is known now.
    pub last_due_at: Option<Timestamp>,
    /// Numbers that wait for a person to reset them.
    pub held: i64,
    /// When the last call was started, if the task spaces its calls.
    pub last_start_at: Option<Timestamp>,
    /// Calls that nobody has answered yet.
    pub ringing: i64,
    /// Calls that were answered.
    pub talking: i64,
    /// Calls that were begun within [`RATE_SPAN`].
    pub begun_lately: i64,
    /// Tries in this hour and the one before, and how many of them were answered.
    pub tries: (i64, i64),
}

impl TaskProgress {
    /// Numbers that wait for their first call.
    pub fn never_called(&self) -> i64 {
        self.counts.of(NumberStatus::Waiting, NumberState::Due)
    }

    /// Numbers that wait to be called again. None of those that are held.
    pub fn redials_ahead(&self) -> i64 {
        (self.counts.in_state(NumberState::Due) - self.never_called() - self.held).max(0)
    }

    /// Numbers that a call is still to be begun for: due now or later, or leased. None for those that are held.
    pub fn to_call(&self) -> i64 {
        let due = self.counts.in_state(NumberState::Due).saturating_sub(self.held);
        due.max(0) + self.counts.in_state(NumberState::Leased)
    }

    /// Numbers that are not done.
    pub fn open(&self) -> i64 {
        self.counts.total() - self.counts.in_state(NumberState::Done)
    }
}

/// How far a task is.
///
/// # Errors
/// When the database does not answer.
pub async fn progress(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    now: Timestamp,
) -> Result<TaskProgress> {
    let Some(list) = list_of(session, account, task).await? else { return Ok(TaskProgress::default()) };
    let counts = counts_of_list(session, list).await?;
    let (is_any_due, next_due_at) = what_is_due(session, list, now).await?;
    let (last_due_at, held) = what_is_due_last(session, list).await?;
    let (ringing, talking, begun) = calls(session, list, now).await?;
    let ended = ended_lately(session, account, task, now).await?;
    let tries = tries_lately(session, account, task, now).await?;
    let last_start_at = last_start(session, list).await?;
    Ok(TaskProgress {
        list: Some(list),
        counts,
        is_any_due,
        next_due_at,
        last_due_at,
        held,
        last_start_at,
        ringing,
        talking,
        begun_lately: begun + ended,
        tries,
    })
}

async fn what_is_due(
    session: &mut dyn Session,
    list: i64,
    now: Timestamp,
) -> Result<(bool, Option<Timestamp>)> {
    // In the order of an index, or PostgreSQL looks through the table from its beginning, where the numbers of others may be.
    let first: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT id FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at = 0 ORDER BY sort, id LIMIT 1"))
        .bind(list).fetch_optional(c).await)?;
    let next: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT next_attempt_at FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at > 0 \
             AND next_attempt_at < $2 ORDER BY next_attempt_at LIMIT 1"))
        .bind(list).bind(micros(HELD)).fetch_optional(c).await)?;
    let is_any_due = first.is_some() || next.is_some_and(|next| next <= micros(now));
    Ok((is_any_due, next.map(timestamp).transpose()?))
}

/// When the last number is due that is to be called again, and how many are held.
async fn what_is_due_last(session: &mut dyn Session, list: i64) -> Result<(Option<Timestamp>, i64)> {
    let latest: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT next_attempt_at FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at > 0 \
             AND next_attempt_at < $2 ORDER BY next_attempt_at DESC LIMIT 1"))
        .bind(list).bind(micros(HELD)).fetch_optional(c).await)?;
    let held: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at >= $2"))
        .bind(list).bind(micros(HELD)).fetch_one(c).await)?;
    Ok((latest.map(timestamp).transpose()?, held))
}

async fn last_start(session: &mut dyn Session, list: i64) -> Result<Option<Timestamp>> {
    let started: Option<Option<i64>> = on!(session, c => query_scalar(sql!(
        "SELECT last_start_at FROM number_lists WHERE id = $1")).bind(list).fetch_optional(c).await)?;
    Ok(started.flatten().map(nearest_timestamp))
}

/// The ends after an instant of those of a task's last 1,000 calls that were placed.
///
/// # Errors
/// When the database does not answer.
pub async fn last_ends(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    after: Timestamp,
) -> Result<Vec<Timestamp>> {
    let ends: Vec<i64> = on!(session, c => query_scalar(sql!(concat!(
        "SELECT ended_at FROM (SELECT ended_at, class, code FROM attempts WHERE account_id = $1 AND task_id = $2 \
             ORDER BY dialed_at DESC, id DESC LIMIT $4) AS latest \
         WHERE ended_at > $3 AND ", is_call!())))
        .bind(account.uuid()).bind(task.uuid()).bind(micros(after)).bind(LAST_CALLS).fetch_all(c).await)?;
    Ok(ends.into_iter().map(nearest_timestamp).collect())
}

/// The number, E.164 without the `+`, that a list's task calls next, as far as that is known: one that a node has, or else the one
/// that is due first; `None`: all are done, in a call or held.
///
/// # Errors
/// When the database does not answer.
pub async fn next_number(session: &mut dyn Session, list: i64, now: Timestamp) -> Result<Option<i64>> {
    // By the nodes, which have few: an index by the list would look through millions.
    let leased: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT e164 FROM numbers WHERE leased_by IN (SELECT id FROM nodes) AND state = 1 AND list_id + 0 = $1 LIMIT 1"))
        .bind(list).fetch_optional(c).await)?;
    if leased.is_some() {
        return Ok(leased);
    }
    let again: Option<(i64, i64)> = on!(session, c => query_as(sql!(
        "SELECT e164, next_attempt_at FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at > 0 \
             AND next_attempt_at < $2 ORDER BY next_attempt_at, id LIMIT 1"))
        .bind(list).bind(micros(HELD)).fetch_optional(c).await)?;
    if let Some((number, _)) = again.filter(|(_, at)| *at <= micros(now)) {
        return Ok(Some(number));
    }
    let first: Option<i64> = on!(session, c => query_scalar(sql!(
        "SELECT e164 FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at = 0 ORDER BY sort, id LIMIT 1"))
        .bind(list).fetch_optional(c).await)?;
    Ok(first.or(again.map(|(number, _)| number)))
}

/// The calls of a list: ringing, answered, and begun lately.
async fn calls(session: &mut dyn Session, list: i64, now: Timestamp) -> Result<(i64, i64, i64)> {
    let lately = micros(now.saturating_sub(RATE_SPAN).unwrap_or(now));
    Ok(on!(session, c => query_as(sql!(
        "SELECT count(*) - count(answered_at), count(answered_at), \
             CAST(coalesce(sum(CASE WHEN dialed_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
         FROM open_attempts WHERE list_id = $1"))
        .bind(list).bind(lately).fetch_one(c).await)?)
}

async fn ended_lately(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    now: Timestamp,
) -> Result<i64> {
    let lately = micros(now.saturating_sub(RATE_SPAN).unwrap_or(now));
    Ok(on!(session, c => query_scalar(sql!(concat!(
        "SELECT count(*) FROM attempts WHERE account_id = $1 AND task_id = $2 AND dialed_at > $3 AND ", is_call!())))
        .bind(account.uuid()).bind(task.uuid()).bind(lately).fetch_one(c).await)?)
}

/// Tries in this hour and the one before, and how many of them were answered.
async fn tries_lately(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    now: Timestamp,
) -> Result<(i64, i64)> {
    let before = now.saturating_sub(SignedDuration::from_micros(HOUR)).unwrap_or(now);
    Ok(on!(session, c => query_as(sql!(
        "SELECT CAST(coalesce(sum(attempts), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN outcome = 1 THEN attempts ELSE 0 END), 0) AS BIGINT) \
         FROM attempt_hours WHERE account_id = $1 AND task_id = $2 AND hour >= $3 AND outcome >= 0 \
             AND outcome <> 11"))
        .bind(account.uuid()).bind(task.uuid()).bind(hour_of(before)).fetch_one(c).await)?)
}

/// The calls that there are over a line, of whomever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallsOverLine {
    /// How many, legs among them.
    pub calls: i64,
    /// When the last of them was begun that is no leg.
    pub last_start: Option<Timestamp>,
}

/// The calls over each of these lines, but for those without any.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_over_lines(
    session: &mut dyn Session,
    lines: &[LineId],
) -> Result<HashMap<LineId, CallsOverLine>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, count(*), max(dialed_at) FROM (SELECT line_id, dialed_at FROM open_attempts WHERE {among} \
             UNION ALL SELECT line_id, CAST(NULL AS BIGINT) AS dialed_at FROM open_legs WHERE is_open AND {among}) AS calls \
         GROUP BY line_id",
        among = dialect.among_uuids("line_id", "$1")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, Option<i64>)> =
        on!(session, c => query_as(sql).bind(lines).fetch_all(c).await)?;
    let over = |calls, last: Option<i64>| CallsOverLine { calls, last_start: last.map(nearest_timestamp) };
    Ok(rows.into_iter().map(|(line, calls, last)| (LineId::new(line), over(calls, last))).collect())
}

/// A task with calls over a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskOverLine {
    /// The task, and what it is called.
    pub task: (TaskId, String),
    /// Its account, and what that is called; `None`: it is gone.
    pub account: (AccountId, Option<String>),
    /// Its calls, those to whom callees are connected too.
    pub calls: i64,
}

/// The tasks that have calls over each of these lines, those with the most first, at most so many of a line.
///
/// # Errors
/// When the database does not answer.
pub async fn tasks_over_lines(
    session: &mut dyn Session,
    lines: &[LineId],
    most: u32,
) -> Result<HashMap<LineId, Vec<TaskOverLine>>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, task_id, task_name, account_id, accounts.name, calls FROM ( \
             SELECT line_id, account_id, task_id, max(task_name) AS task_name, count(*) AS calls, \
                 row_number() OVER (PARTITION BY line_id ORDER BY count(*) DESC, task_id) AS place FROM ( \
                 SELECT line_id, account_id, task_id, task_name FROM open_attempts WHERE {} \
                 UNION ALL SELECT leg.line_id, own.account_id, own.task_id, own.task_name FROM open_legs leg \
                     JOIN open_attempts own ON own.account_id = leg.account_id AND own.id = leg.attempt_id \
                     WHERE leg.is_open AND {}) AS calls \
             GROUP BY line_id, account_id, task_id) AS counted \
         LEFT JOIN accounts ON accounts.id = counted.account_id WHERE place <= $2 ORDER BY line_id, place",
        dialect.among_uuids("line_id", "$1"),
        dialect.among_uuids("leg.line_id", "$1")
    ));
    let lines = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<TaskOverLineRow> =
        on!(session, c => query_as(sql).bind(lines).bind(i64::from(most)).fetch_all(c).await)?;
    let mut tasks: HashMap<LineId, Vec<TaskOverLine>> = HashMap::new();
    for (line, task, name, account, account_name, calls) in rows {
        let (task, account) = ((TaskId::new(task), name), (AccountId::new(account), account_name));
        tasks.entry(LineId::new(line)).or_default().push(TaskOverLine { task, account, calls });
    }
    Ok(tasks)
}

type TaskOverLineRow = (Uuid, Uuid, String, Uuid, Option<String>, i64);
