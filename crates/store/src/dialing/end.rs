//! Attempts end: each once, with its record, its number's next state and the counts in one transaction.

use std::collections::{HashMap, HashSet};

use domain::{
    AccountId, Attempt, AttemptTimes, CallMilestones, InstantRange, NodeId, NumberAfter, NumberPlace,
    NumberState, NumberStatus, TaskId,
};
use serde_json::json;
use uuid::Uuid;

use super::told;
use crate::{
    Result, Session, Tx,
    attempts::{self, RecordedAttempt},
    database::{
        convert::{self, hex},
        dialect::Column,
        statement::{query_as, query_scalar},
    },
    numbers::CountChanges,
};

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct EndedAttempt {
    /// Its record.
    pub attempt: Attempt,
    /// Its number's place.
    pub place: NumberPlace,
    /// What status the number had before.
    pub status_before: NumberStatus,
    /// What becomes of the number.
    pub after: NumberAfter,
    /// The node that made it, which keeps the number where the next line takes the call over.
    pub node: NodeId,
}

type EvidenceRow = (Uuid, String);

/// Writes the ends of attempts that are under way. Gives those that were written: the others have ended already, and nothing of
/// them is changed.
///
/// # Errors
/// When the database does not answer.
pub async fn end_attempts<'e>(tx: &mut Tx, ended: &'e [EndedAttempt]) -> Result<Vec<&'e EndedAttempt>> {
    if ended.is_empty() {
        return Ok(Vec::new());
    }
    publish_heard(tx, ended).await?;
    let evidence = take_open(tx, ended).await?;
    let open: Vec<&EndedAttempt> =
        ended.iter().filter(|one| evidence.contains_key(&one.attempt.id.uuid())).collect();
    write_numbers(tx, &open).await?;
    let recorded: Vec<RecordedAttempt<'_>> = open
        .iter()
        .map(|one| RecordedAttempt {
            attempt: &one.attempt,
            evidence: evidence.get(&one.attempt.id.uuid()).map(String::as_str),
        })
        .collect();
    attempts::record_with_evidence(tx, &recorded).await?;
    Ok(open)
}

/// Publishes what has happened in calls before their ends: it may not be in their rows yet.
async fn publish_heard(tx: &mut Tx, ended: &[EndedAttempt]) -> Result<()> {
    let heard = |one: &EndedAttempt| {
        let AttemptTimes { ringing_at, early_media_at, answered_at, .. } = one.attempt.times;
        let answerer = one.attempt.answerer;
        let milestones =
            CallMilestones { ringing_at, early_media_at, answered_at, answerer, ..CallMilestones::default() };
        (one.attempt.account_id, one.attempt.id, milestones)
    };
    let heard: Vec<told::Heard> = ended.iter().map(heard).collect();
    let last = ended.iter().map(|one| one.attempt.times.ended_at).max();
    told::publish_heard(tx, &heard, last.unwrap_or_default()).await
}

/// Removes the attempts from those that are under way; gives the evidence of those that were there.
async fn take_open(tx: &mut Tx, ended: &[EndedAttempt]) -> Result<HashMap<Uuid, String>> {
    let key = |one: &EndedAttempt| json!([hex(one.attempt.account_id.uuid()), hex(one.attempt.id.uuid())]);
    let keys: Vec<_> = ended.iter().map(key).collect();
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM open_attempts WHERE (account_id, id) IN (SELECT account_id, id FROM {} AS ended) \
         RETURNING id, evidence",
        dialect.rows("$1", &[("account_id", Column::Uuid), ("id", Column::Uuid)])
    ));
    let rows: Vec<EvidenceRow> = on!(tx, c => query_as(sql).bind(convert::json(&keys)?).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// Moves the numbers on. A list that is being removed may lack some by now.
async fn write_numbers(tx: &mut Tx, ended: &[&EndedAttempt]) -> Result<()> {
    let row = |one: &&EndedAttempt| {
        let NumberAfter { progress, .. } = one.after;
        let next = one.after.next_attempt_at().map_or(0, |at| convert::micros(at).max(1));
        let leased_by = (one.after.state() == NumberState::Leased).then(|| hex(one.node.uuid()));
        json!([
            one.place.list,
            one.place.id,
            one.after.state().number(),
            progress.status.number(),
            progress.tries,
            progress.line_failures,
            next,
            leased_by,
        ])
    };
    let rows: Vec<_> = ended.iter().map(row).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE numbers SET state = ended.state, status = ended.status, tries = ended.tries, \
             line_failures = ended.line_failures, next_attempt_at = ended.next_attempt_at, \
             leased_by = ended.leased_by \
         FROM {} AS ended WHERE numbers.list_id = ended.list_id AND numbers.id = ended.id \
         RETURNING numbers.list_id, numbers.id",
        dialect.rows("$1", &NUMBER_COLUMNS)
    ));
    let written: Vec<(i64, i64)> =
        on!(tx, c => query_as(sql).bind(convert::json(&rows)?).fetch_all(c).await)?;
    let written: HashSet<(i64, i64)> = written.into_iter().collect();
    let mut counts = CountChanges::default();
    for one in ended.iter().filter(|one| written.contains(&(one.place.list, one.place.id))) {
        let after = (one.after.progress.status, one.after.state());
        counts.moved(one.place.list, (one.status_before, NumberState::InCall), after);
    }
    counts.save(tx).await
}

const NUMBER_COLUMNS: [(&str, Column); 8] = [
    ("list_id", Column::Integer),
    ("id", Column::Integer),
    ("state", Column::Integer),
    ("status", Column::Integer),
    ("tries", Column::Integer),
    ("line_failures", Column::Integer),
    ("next_attempt_at", Column::Integer),
    ("leased_by", Column::Uuid),
];

/// How many tries of a task reached for a number in a range of time.
///
/// # Errors
/// When the database does not answer.
pub async fn tries_on_day(
    session: &mut dyn Session,
    account: AccountId,
    task: TaskId,
    e164: i64,
    day: InstantRange,
) -> Result<i64> {
    let range = day.micros();
    Ok(on!(session, c => query_scalar(sql!(concat!(
        "SELECT count(*) FROM attempts WHERE account_id = $1 AND e164 = $3 AND dialed_at >= $4 AND dialed_at < $5 \
             AND task_id = $2 AND outcome >= 0 AND ", is_call!())))
        .bind(account.uuid()).bind(task.uuid()).bind(e164).bind(range.start).bind(range.end).fetch_one(c).await)?)
}
