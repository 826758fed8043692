//! The events of calls that have not ended, written with the rows that they tell of, for those accounts that ask for them.

use std::collections::HashMap;

use domain::{
    AccountId, AttemptId, CallEvents, CallMilestones, CallSnapshot, CallStage, LineId, OpenAttempt, TaskId,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Result, Tx, accounts,
    database::{
        convert::{self, from_json, hex, timestamp},
        dialect::Column,
        statement::query_as,
    },
    dialing_events,
};

/// How far a call has come.
pub(super) type Heard = (AccountId, AttemptId, CallMilestones);

/// Publishes that attempts start: those that have begun and were not ended before anything left.
///
/// # Errors
/// When the database does not answer.
pub async fn publish_started(tx: &mut Tx, begun: &[&OpenAttempt]) -> Result<()> {
    let wanted = accounts::call_events(tx, begun.iter().map(|attempt| attempt.account_id)).await?;
    for attempt in begun {
        if wanted.get(&attempt.account_id).is_some_and(|events| events.has(CallStage::Started)) {
            let OpenAttempt { id, line_id, is_simulated, dialed_at, .. } = **attempt;
            let call = CallSnapshot::started(id, line_id, is_simulated, dialed_at);
            let whose = (attempt.account_id, attempt.task_id);
            dialing_events::call(tx, whose, CallStage::Started, call, (dialed_at, dialed_at));
        }
    }
    Ok(())
}

/// Publishes what has happened in calls and is not in their rows yet.
pub(super) async fn publish_heard(tx: &mut Tx, calls: &[Heard], now: Timestamp) -> Result<()> {
    let wanted = accounts::call_events(tx, calls.iter().map(|(account, ..)| *account)).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let told: Vec<&Heard> = calls.iter().filter(|(account, ..)| wanted.contains_key(account)).collect();
    let mut rows: HashMap<AttemptId, CallRow> = rows(tx, &told).await?;
    for (account, id, heard) in told {
        if let (Some(row), Some(events)) = (rows.remove(id), wanted.get(account)) {
            publish_of(tx, (*account, *id), &row, (heard, events), now)?;
        }
    }
    Ok(())
}

/// What is told of a call, and how far it has come by its row.
#[derive(sqlx_macros::FromRow)]
struct CallRow {
    id: Uuid,
    task_id: Uuid,
    line_id: Uuid,
    is_simulated: bool,
    dialed_at: i64,
    ringing_at: Option<i64>,
    answered_at: Option<i64>,
    answerer: Option<String>,
}

async fn rows(tx: &mut Tx, calls: &[&Heard]) -> Result<HashMap<AttemptId, CallRow>> {
    let keys: Vec<_> =
        calls.iter().map(|(account, id, _)| json!([hex(account.uuid()), hex(id.uuid())])).collect();
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, task_id, line_id, is_simulated, dialed_at, ringing_at, answered_at, answerer \
         FROM open_attempts \
         WHERE (account_id, id) IN (SELECT account_id, id FROM {} AS heard)",
        dialect.rows("$1", &[("account_id", Column::Uuid), ("id", Column::Uuid)])
    ));
    let rows: Vec<CallRow> = on!(tx, c => query_as(sql).bind(convert::json(&keys)?).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (AttemptId::new(row.id), row)).collect())
}

fn publish_of(
    tx: &mut Tx,
    (account, id): (AccountId, AttemptId),
    row: &CallRow,
    (heard, events): (&CallMilestones, &CallEvents),
    now: Timestamp,
) -> Result<()> {
    let whose = (account, TaskId::new(row.task_id));
    let dialed_at = timestamp(row.dialed_at)?;
    let mut call = CallSnapshot::started(id, LineId::new(row.line_id), row.is_simulated, dialed_at);
    call.ringing_at = heard.ringing_at;
    if let Some(at) = heard.ringing_at.filter(|_| row.ringing_at.is_none() && events.has(CallStage::Ringing))
    {
        dialing_events::call(tx, whose, CallStage::Ringing, call.clone(), (at, now.max(at)));
    }
    call.answered_at = heard.answered_at;
    if let Some(at) =
        heard.answered_at.filter(|_| row.answered_at.is_none() && events.has(CallStage::Answered))
    {
        dialing_events::call(tx, whose, CallStage::Answered, call.clone(), (at, now.max(at)));
    }
    call.answerer = heard.answerer;
    let known = row.answerer.as_deref().map(from_json).transpose()?;
    let news = heard.answerer.filter(|answerer| answerer.is_news(known) && events.has(CallStage::Judged));
    if let Some((answerer, answered_at)) = news.zip(heard.answered_at) {
        let at = answerer.clear_at(answered_at);
        dialing_events::call(tx, whose, CallStage::Judged, call, (at, now.max(at)));
    }
    Ok(())
}
