//! The row of an attempt: its columns, and how it becomes an attempt and is made of one.

use domain::{
    AccountId, Answerer, Attempt, AttemptId, AttemptTimes, CalledNumber, NetworkCause, NumberStatus,
    ReasonPhrase, TaskId,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::database::{
    DatabaseError,
    convert::{self, damaged, from_json, from_word, hex, micros, timestamp, word},
    dialect::Column,
    error::Result,
    lists::Table,
};

/// The table, for the log.
pub(super) const ATTEMPTS: Table = Table { name: "attempts", key: &["account_id", "id"] };

/// The outcome of an attempt that counts no try.
pub(super) const NO_TRY: i64 = -1;

/// The outcome as the columns have it: the number of the status, or [`NO_TRY`].
pub(super) const fn outcome(status: Option<NumberStatus>) -> i64 {
    match status {
        Some(status) => status.number(),
        None => NO_TRY,
    }
}

/// The status of an outcome.
pub(super) fn status(outcome: i64) -> Result<Option<NumberStatus>> {
    if outcome == NO_TRY {
        return Ok(None);
    }
    NumberStatus::from_number(outcome).map(Some).ok_or_else(|| damaged(format!("outcome {outcome}")))
}

/// The columns of [`AttemptRow`], in the order of [`COLUMNS`] and [`values`].
macro_rules! attempt_columns {
    () => {
        "account_id, id, task_id, task_name, e164, phone, details, line_id, caller_id, \
         script_id, class, outcome, code, phrase, q850, is_local, ended_by, end_reason, pressed, answered_by, \
         answerer_reason, answerer_after, beep_after, early_answerer, steps, bots, dialed_at, \
         ringing_at, early_media_at, answered_at, ended_at, legs, is_simulated"
    };
}
pub(super) use attempt_columns;

/// The columns and what each holds.
pub(super) const COLUMNS: &[(&str, Column)] = &[
    ("account_id", Column::Uuid),
    ("id", Column::Uuid),
    ("task_id", Column::Uuid),
    ("task_name", Column::Text),
    ("e164", Column::Integer),
    ("phone", Column::Text),
    ("details", Column::Text),
    ("line_id", Column::Uuid),
    ("caller_id", Column::Text),
    ("script_id", Column::Integer),
    ("class", Column::Text),
    ("outcome", Column::Integer),
    ("code", Column::Integer),
    ("phrase", Column::Text),
    ("q850", Column::Integer),
    ("is_local", Column::Boolean),
    ("ended_by", Column::Text),
    ("end_reason", Column::Text),
    ("pressed", Column::Text),
    ("answered_by", Column::Text),
    ("answerer_reason", Column::Text),
    ("answerer_after", Column::Integer),
    ("beep_after", Column::Integer),
    ("early_answerer", Column::Text),
    ("steps", Column::Text),
    ("bots", Column::Text),
    ("dialed_at", Column::Integer),
    ("ringing_at", Column::Integer),
    ("early_media_at", Column::Integer),
    ("answered_at", Column::Integer),
    ("ended_at", Column::Integer),
    ("legs", Column::Text),
    ("is_simulated", Column::Boolean),
];

/// An attempt as the columns have it.
#[derive(sqlx_macros::FromRow)]
pub(super) struct AttemptRow {
    account_id: Uuid,
    id: Uuid,
    task_id: Uuid,
    task_name: String,
    e164: i64,
    phone: String,
    details: String,
    line_id: Option<Uuid>,
    caller_id: Option<String>,
    script_id: Option<i64>,
    class: String,
    outcome: i64,
    code: Option<i64>,
    phrase: Option<String>,
    q850: Option<i64>,
    is_local: bool,
    ended_by: String,
    end_reason: Option<String>,
    pressed: Option<String>,
    answered_by: Option<String>,
    answerer_reason: Option<String>,
    answerer_after: Option<i64>,
    beep_after: Option<i64>,
    early_answerer: Option<String>,
    steps: Option<String>,
    bots: Option<String>,
    dialed_at: i64,
    ringing_at: Option<i64>,
    early_media_at: Option<i64>,
    answered_at: Option<i64>,
    ended_at: i64,
    legs: Option<String>,
    is_simulated: bool,
}

impl AttemptRow {
    fn cause(&self) -> Result<NetworkCause> {
        Ok(NetworkCause {
            code: self.code.map(u16::try_from).transpose().map_err(damaged)?,
            phrase: self.phrase.as_deref().map(ReasonPhrase::of),
            q850: self.q850.map(u8::try_from).transpose().map_err(damaged)?,
            is_local: self.is_local,
        })
    }

    fn answerer(&self) -> Result<Option<Answerer>> {
        let (Some(by), Some(reason)) = (&self.answered_by, &self.answerer_reason) else { return Ok(None) };
        Ok(Some(Answerer {
            by: from_word(by)?,
            reason: from_word(reason)?,
            after: self.answerer_after.unwrap_or_default(),
            beep_after: self.beep_after,
        }))
    }

    fn times(&self) -> Result<AttemptTimes> {
        Ok(AttemptTimes {
            dialed_at: timestamp(self.dialed_at)?,
            ringing_at: self.ringing_at.map(timestamp).transpose()?,
            early_media_at: self.early_media_at.map(timestamp).transpose()?,
            answered_at: self.answered_at.map(timestamp).transpose()?,
            ended_at: timestamp(self.ended_at)?,
        })
    }
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = DatabaseError;

    fn try_from(row: AttemptRow) -> Result<Self> {
        let (cause, times, answerer) = (row.cause()?, row.times()?, row.answerer()?);
        Ok(Self {
            id: AttemptId::new(row.id),
            account_id: AccountId::new(row.account_id),
            task_id: TaskId::new(row.task_id),
            task_name: row.task_name,
            number: CalledNumber { e164: row.e164, phone: row.phone, details: from_json(&row.details)? },
            line_id: row.line_id,
            caller_id: row.caller_id,
            script_id: row.script_id,
            class: from_word(&row.class)?,
            status: status(row.outcome)?,
            cause,
            ended_by: from_word(&row.ended_by)?,
            end_reason: row.end_reason.as_deref().map(from_word).transpose()?,
            pressed: row.pressed.as_deref().map(from_json).transpose()?.unwrap_or_default(),
            answerer,
            early_answerer: row.early_answerer.as_deref().map(from_json).transpose()?,
            steps: row.steps.as_deref().map(from_json).transpose()?.unwrap_or_default(),
            bots: row.bots.as_deref().map(from_json).transpose()?.unwrap_or_default(),
            times,
            legs: row.legs.as_deref().map(from_json).transpose()?.unwrap_or_default(),
            is_simulated: row.is_simulated,
        })
    }
}

/// An attempt as an array of what its columns hold, in the form that [`Dialect::rows`](crate::database::dialect::Dialect::rows)
/// reads.
pub(super) fn values(attempt: &Attempt) -> Result<Value> {
    let Attempt { number, cause, times, .. } = attempt;
    let answerer = attempt.answerer;
    let legs = (!attempt.legs.is_empty()).then(|| convert::json(&attempt.legs)).transpose()?;
    let pressed = (!attempt.pressed.is_empty()).then(|| convert::json(&attempt.pressed)).transpose()?;
    let steps = (!attempt.steps.is_empty()).then(|| convert::json(&attempt.steps)).transpose()?;
    let bots = (!attempt.bots.is_empty()).then(|| convert::json(&attempt.bots)).transpose()?;
    let instant = |instant: Option<Timestamp>| instant.map(micros);
    Ok(json!([
        hex(attempt.account_id.uuid()),
        hex(attempt.id.uuid()),
        hex(attempt.task_id.uuid()),
        attempt.task_name,
        number.e164,
        number.phone,
        convert::json(&number.details)?,
        attempt.line_id.map(hex),
        attempt.caller_id,
        attempt.script_id,
        word(attempt.class)?,
        outcome(attempt.status),
        cause.code,
        cause.phrase.as_ref().map(ReasonPhrase::as_str),
        cause.q850,
        cause.is_local,
        word(attempt.ended_by)?,
        attempt.end_reason.map(word).transpose()?,
        pressed,
        answerer.map(|answerer| word(answerer.by)).transpose()?,
        answerer.map(|answerer| word(answerer.reason)).transpose()?,
        answerer.map(|answerer| answerer.after),
        answerer.and_then(|answerer| answerer.beep_after),
        attempt.early_answerer.as_ref().map(convert::json).transpose()?,
        steps,
        bots,
        micros(times.dialed_at),
        instant(times.ringing_at),
        instant(times.early_media_at),
        instant(times.answered_at),
        micros(times.ended_at),
        legs,
        attempt.is_simulated,
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_written_in_the_order_in_which_they_are_named() {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.join(", "), attempt_columns!());
    }
}
