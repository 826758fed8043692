//! How calls over each line ended, in slots of two minutes: for who asks whether it is the line. Kept for a few days.

use std::collections::{BTreeMap, HashMap};

use domain::{Attempt, LineFault, LineId, OutcomeClass, ReasonPhrase};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex, micros, timestamp, uuids},
        dialect::Column,
        statement::{query, query_as},
    },
};

/// How long a slot is.
pub const LINE_SLOT: SignedDuration = SignedDuration::from_mins(2);

/// How many calls over a line ended, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCalls {
    /// All that were sent.
    pub attempts: i64,
    /// Someone or something answered.
    pub answered: i64,
    /// The line failed.
    pub line_failures: i64,
}

impl LineCalls {
    fn add(&mut self, attempt: &Attempt) {
        self.attempts += 1;
        self.answered += i64::from(attempt.times.answered_at.is_some());
        self.line_failures += i64::from(attempt.class == OutcomeClass::LineFailure);
    }
}

/// What is added to a slot.
#[derive(Default)]
struct AddedToSlot<'a> {
    calls: LineCalls,
    /// The last of them that failed by the line's fault.
    failed: Option<&'a Attempt>,
}

impl<'a> AddedToSlot<'a> {
    fn add(&mut self, attempt: &'a Attempt) {
        self.calls.add(attempt);
        if attempt.class.is_fault_of_line() && attempt.cause.code.is_some() {
            let last = self.failed.is_none_or(|known| known.times.ended_at <= attempt.times.ended_at);
            self.failed = Some(attempt).filter(|_| last).or(self.failed);
        }
    }

    fn values(&self, line: Uuid, slot: i64) -> Value {
        let Self { calls, failed } = self;
        let cause = failed.map(|attempt| &attempt.cause);
        json!([
            hex(line),
            slot,
            calls.attempts,
            calls.answered,
            calls.line_failures,
            failed.map(|attempt| micros(attempt.times.ended_at)),
            cause.and_then(|cause| cause.code),
            cause.and_then(|cause| cause.phrase.as_ref()).map(ReasonPhrase::as_str),
        ])
    }
}

/// The slot that an instant is in: when it began.
pub fn line_slot_of(at: Timestamp) -> Timestamp {
    let length = i64::try_from(LINE_SLOT.as_micros()).unwrap_or(i64::MAX);
    let begin = micros(at).div_euclid(length) * length;
    timestamp(begin).unwrap_or(at)
}

const COLUMNS: [(&str, Column); 8] = [
    ("line_id", Column::Uuid),
    ("slot_at", Column::Integer),
    ("attempts", Column::Integer),
    ("answered", Column::Integer),
    ("line_failures", Column::Integer),
    ("failed_at", Column::Integer),
    ("failed_code", Column::Integer),
    ("failed_phrase", Column::Text),
];

/// Counts attempts that have ended. The rows are locked in one order, after the counters of tasks.
pub(super) async fn add(tx: &mut Tx, attempts: impl Iterator<Item = &Attempt>) -> Result<()> {
    let mut slots = BTreeMap::<(Uuid, i64), AddedToSlot<'_>>::new();
    for attempt in attempts.filter(|attempt| attempt.was_placed()) {
        let Some(line) = attempt.line_id else { continue };
        let slot = micros(line_slot_of(attempt.times.ended_at));
        slots.entry((line, slot)).or_default().add(attempt);
    }
    if slots.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = slots.iter().map(|((line, slot), added)| added.values(*line, *slot)).collect();
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO line_slots (line_id, slot_at, attempts, answered, line_failures, failed_at, failed_code, failed_phrase) \
         SELECT line_id, slot_at, attempts, answered, line_failures, failed_at, failed_code, failed_phrase \
         FROM {} AS ended WHERE true \
         ON CONFLICT (line_id, slot_at) DO UPDATE SET attempts = line_slots.attempts + excluded.attempts, \
             answered = line_slots.answered + excluded.answered, \
             line_failures = line_slots.line_failures + excluded.line_failures, \
             failed_at = coalesce(excluded.failed_at, line_slots.failed_at), \
             failed_code = CASE WHEN excluded.failed_at IS NULL THEN line_slots.failed_code ELSE excluded.failed_code END, \
             failed_phrase = CASE WHEN excluded.failed_at IS NULL THEN line_slots.failed_phrase ELSE excluded.failed_phrase END",
        dialect.rows("$1", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// How calls over these lines have ended since an instant.
///
/// # Errors
/// When the database does not answer.
pub async fn line_calls_since(
    session: &mut dyn Session,
    lines: &[LineId],
    since: Timestamp,
) -> Result<HashMap<LineId, LineCalls>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, CAST(sum(attempts) AS BIGINT), CAST(sum(answered) AS BIGINT), CAST(sum(line_failures) AS BIGINT) \
         FROM line_slots WHERE {} AND slot_at >= $2 GROUP BY line_id",
        dialect.among_uuids("line_id", "$1")
    ));
    let ids = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, i64, i64)> =
        on!(session, c => query_as(sql).bind(ids).bind(micros(since)).fetch_all(c).await)?;
    let calls = |(line, attempts, answered, line_failures)| {
        (LineId::new(line), LineCalls { attempts, answered, line_failures })
    };
    Ok(rows.into_iter().map(calls).collect())
}

/// How calls over these lines have ended in each slot since an instant; slots without calls are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn line_slots_since(
    session: &mut dyn Session,
    lines: &[LineId],
    since: Timestamp,
) -> Result<HashMap<(LineId, Timestamp), LineCalls>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, slot_at, attempts, answered, line_failures FROM line_slots WHERE {} AND slot_at >= $2",
        dialect.among_uuids("line_id", "$1")
    ));
    let ids = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, i64, i64, i64)> =
        on!(session, c => query_as(sql).bind(ids).bind(micros(since)).fetch_all(c).await)?;
    let mut slots = HashMap::with_capacity(rows.len());
    for (line, at, attempts, answered, line_failures) in rows {
        slots.insert((LineId::new(line), timestamp(at)?), LineCalls { attempts, answered, line_failures });
    }
    Ok(slots)
}

/// The last call over each of these lines that failed by its fault, as far back as slots are kept.
///
/// # Errors
/// When the database does not answer.
pub async fn last_line_faults(
    session: &mut dyn Session,
    lines: &[LineId],
) -> Result<HashMap<LineId, LineFault>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT line_id, failed_at, failed_code, failed_phrase FROM line_slots WHERE {} AND slot_at = ( \
             SELECT max(latest.slot_at) FROM line_slots latest \
             WHERE latest.line_id = line_slots.line_id AND latest.failed_at IS NOT NULL)",
        dialect.among_uuids("line_id", "$1")
    ));
    let ids = uuids(lines.iter().map(|line| line.uuid()))?;
    let rows: Vec<(Uuid, i64, Option<i64>, Option<String>)> =
        on!(session, c => query_as(sql).bind(ids).fetch_all(c).await)?;
    let mut faults = HashMap::with_capacity(rows.len());
    for (line, at, code, phrase) in rows {
        let (at, code) = (timestamp(at)?, code.and_then(|code| u16::try_from(code).ok()));
        let phrase = phrase.as_deref().map(ReasonPhrase::of);
        faults.insert(LineId::new(line), LineFault { at, code, phrase });
    }
    Ok(faults)
}

/// Deletes slots of before an instant, at most so many.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_line_slots_before(tx: &mut Tx, instant: Timestamp, limit: u32) -> Result<u64> {
    let sql = sql!(tx, |dialect| dialect.delete_oldest("line_slots", "line_id, slot_at", "slot_at", "true"));
    Ok(on!(tx, c => query(sql).bind(micros(instant)).bind(i64::from(limit))
        .execute(c).await.map(|done| done.rows_affected()))?)
}
