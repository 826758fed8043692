//! What a transaction that writes down what came of dialing publishes of it, for the logs of the accounts. Whether an account is
//! told of calls before they end is for who calls these to know.

use domain::{
    AccountId, Attempt, BlockedNumberSnapshot, BotHealthSnapshot, CallSnapshot, CallStage, Event, EventCause,
    EventDetail, EventKind, LineHealthSnapshot, LineId, ResultSnapshot, StopLevel, TaskId,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Result, Tx, accounts::stopped};

/// How many accounts with a share of a line are asked for at once.
const ACCOUNTS_AT_ONCE: u32 = 1_000;

fn event(
    kind: EventKind,
    task: Option<TaskId>,
    detail: Option<EventDetail>,
    at: Timestamp,
    now: Timestamp,
) -> Event {
    Event { kind, cause: EventCause::Dialing, due_at: at, written_at: now, group: None, task, detail }
}

/// Publishes how far a call of a task has come at an instant.
pub fn call(
    tx: &mut Tx,
    (account, task): (AccountId, TaskId),
    stage: CallStage,
    call: CallSnapshot,
    (at, now): (Timestamp, Timestamp),
) {
    tx.publish(account, event(EventKind::of_call(stage), Some(task), Some(EventDetail::Call(call)), at, now));
}

/// Publishes that an attempt has ended.
pub fn call_ended(tx: &mut Tx, attempt: &Attempt, now: Timestamp) {
    let whose = (attempt.account_id, attempt.task_id);
    call(tx, whose, CallStage::Ended, CallSnapshot::ended(attempt), (attempt.times.ended_at, now));
}

/// Publishes that what came of a conversation was written.
pub fn call_result(
    tx: &mut Tx,
    (account, task): (AccountId, TaskId),
    result: ResultSnapshot,
    now: Timestamp,
) {
    tx.publish(
        account,
        event(EventKind::CallResult, Some(task), Some(EventDetail::Result(result)), now, now),
    );
}

/// Publishes that a task's list is finished.
pub fn task_finished(tx: &mut Tx, account: AccountId, task: TaskId, now: Timestamp) {
    tx.publish(account, event(EventKind::TaskFinished, Some(task), None, now, now));
}

/// Publishes that numbers of a task are not called, for they must not be.
pub fn numbers_blocked(
    tx: &mut Tx,
    account: AccountId,
    task: TaskId,
    blocked: BlockedNumberSnapshot,
    now: Timestamp,
) {
    tx.publish(
        account,
        event(EventKind::NumberBlocked, Some(task), Some(EventDetail::Blocked(blocked)), now, now),
    );
}

/// Publishes to an account that a bot of its tasks cannot be reached, or can again.
pub fn bot_turned(tx: &mut Tx, account: AccountId, health: BotHealthSnapshot, now: Timestamp) {
    let kind = if health.bot_fault.is_some() { EventKind::BotDown } else { EventKind::BotUp };
    tx.publish(account, event(kind, None, Some(EventDetail::Bot(health)), now, now));
}

/// Publishes to all who have a share of a line that it fails, or works again.
///
/// # Errors
/// When the database does not answer.
pub async fn line_turned(
    tx: &mut Tx,
    line: LineId,
    health: &LineHealthSnapshot,
    now: Timestamp,
) -> Result<()> {
    let kind = if health.failing.is_some() { EventKind::LineDown } else { EventKind::LineUp };
    let mut after = Uuid::nil();
    loop {
        let accounts = stopped::covered(tx, (StopLevel::Line, line.uuid()), after, ACCOUNTS_AT_ONCE).await?;
        for account in &accounts {
            tx.publish(*account, event(kind, None, Some(EventDetail::Line(health.clone())), now, now));
        }
        let Some(last) = accounts.last().filter(|_| accounts.len() == ACCOUNTS_AT_ONCE as usize) else {
            return Ok(());
        };
        after = last.uuid();
    }
}
