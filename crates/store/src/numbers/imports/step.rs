//! A step of an import: some rows, all that hangs on them, and how far the import is, in one transaction.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
};

use domain::{
    ErasedNumber, FilePlace, ImportCounts, ImportDuplicates, ImportFailure, ImportOutcome, ImportRow,
    NewNumber, NumberCallbackId, NumberKey, RowRefusal,
};
use jiff::Timestamp;

use super::{ImportRequest, RunningImport, end_import, refusals};
use crate::{
    Result, Tx,
    database::{
        convert::{from_json, json, micros},
        dialect::RowLock,
        statement::{query, query_as},
    },
    number_callbacks,
    numbers::{
        LockedList,
        add::{Added, Duplicates, add_unrecorded, standing},
        list,
    },
};

/// What became of a step.
#[derive(Debug)]
pub enum ImportStep {
    /// It was done; this is how far the import is now.
    Done(Box<RunningImport>),
    /// The import has ended, or another node is further: nothing was done.
    Passed,
    /// The task is gone, and the import has ended.
    TaskDeleted,
}

/// Does the next rows of an import, which were read from where it is. Of a dry run `seen` says which of them hold a number that came
/// before in the file; nothing is added. `size` is how large the file is, and `worked` how long it was worked at for this step, in
/// milliseconds.
///
/// # Errors
/// When the database does not answer.
pub async fn import_some(
    tx: &mut Tx,
    import: &RunningImport,
    rows: &[ImportRow],
    seen: &BTreeSet<u64>,
    (size, worked): (i64, i64),
    now: Timestamp,
) -> Result<ImportStep> {
    // The list before the import, as everywhere.
    let Some(mut list) = list::lock_by_id(tx, import.list).await? else {
        end_import(tx, import.id, ImportOutcome::Failed(ImportFailure::TaskDeleted), now).await?;
        return Ok(ImportStep::TaskDeleted);
    };
    let Some(request) = still_there(tx, import).await? else { return Ok(ImportStep::Passed) };
    let rows = &*without(rows, &request.erased);
    let good: Vec<&NewNumber> = rows.iter().filter_map(|row| row.read.as_ref().ok()).collect();
    let added = if import.options.dry_run {
        try_out(tx, &list, import, rows, seen).await?
    } else {
        let first = list.next_number;
        let added = write(tx, &mut list, &good, import.options.duplicates, now).await?;
        let callback = NumberCallbackId::new(import.id.uuid());
        number_callbacks::note_added(tx, callback, (first, list.next_number)).await?;
        added
    };
    let mut counts = import.counts.clone();
    counts.worked += worked;
    let refused = count(&mut counts, rows, &added);
    refusals::store(tx, import, &refused).await?;
    let place = rows.last().map_or(import.place, |row| row.next);
    save(tx, import, (place, &counts), size, now).await?;
    Ok(ImportStep::Done(Box::new(RunningImport { place, counts, ..import.clone() })))
}

/// Begins an import anew, of which nothing but refused rows was written: a dry run, whose node has forgotten what came before in the file.
///
/// # Errors
/// When the database does not answer.
pub async fn restart_import(
    tx: &mut Tx,
    import: &RunningImport,
    size: i64,
    now: Timestamp,
) -> Result<Option<RunningImport>> {
    if still_there(tx, import).await?.is_none() {
        return Ok(None);
    }
    on!(tx, c => query(sql!("DELETE FROM number_refusals WHERE job_id = $1"))
        .bind(import.id.uuid()).execute(c).await.map(drop))?;
    let (place, counts) = (FilePlace::default(), ImportCounts::default());
    save(tx, import, (place, &counts), size, now).await?;
    Ok(Some(RunningImport { place, counts, ..import.clone() }))
}

/// Notes what its counts say of its file, if it is still where it was.
///
/// # Errors
/// When the database does not answer.
pub async fn note_shape(tx: &mut Tx, import: &RunningImport) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET counts = $2 WHERE id = $1 AND cursor = $3 AND ended_at IS NULL"))
        .bind(import.id.uuid()).bind(json(&import.counts)?).bind(json(&import.place)?)
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Locks an import, if it has not ended and is where it was; gives what was asked for.
async fn still_there(tx: &mut Tx, import: &RunningImport) -> Result<Option<ImportRequest>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT cursor, request FROM number_jobs WHERE id = $1 AND ended_at IS NULL{}",
        dialect.lock(RowLock::ChangeIfFree)
    ));
    let found: Option<(String, String)> =
        on!(tx, c => query_as(sql).bind(import.id.uuid()).fetch_optional(c).await)?;
    let place = json(&import.place)?;
    let request = found.filter(|(cursor, _)| *cursor == place).map(|(_, request)| from_json(&request));
    Ok(request.transpose()?)
}

/// The rows without the numbers that were erased since the import began.
fn without<'r>(rows: &'r [ImportRow], erased: &[ErasedNumber]) -> Cow<'r, [ImportRow]> {
    let mut kept = Cow::Borrowed(rows);
    for number in erased {
        for place in 0..rows.len() {
            if let Some(row) = number.left_out_of(&kept[place]) {
                kept.to_mut()[place] = row;
            }
        }
    }
    kept
}

async fn save(
    tx: &mut Tx,
    import: &RunningImport,
    (place, counts): (FilePlace, &ImportCounts),
    size: i64,
    now: Timestamp,
) -> Result<()> {
    on!(tx, c => query(sql!(
        "UPDATE number_jobs SET cursor = $2, counts = $3, total = $4, updated_at = $5 WHERE id = $1"))
        .bind(import.id.uuid()).bind(json(&place)?).bind(json(counts)?).bind(size).bind(micros(now))
        .execute(c).await.map(drop))?;
    Ok(())
}

async fn write(
    tx: &mut Tx,
    list: &mut LockedList,
    numbers: &[&NewNumber],
    duplicates: ImportDuplicates,
    now: Timestamp,
) -> Result<Vec<Added>> {
    if duplicates == ImportDuplicates::Skip {
        return add_unrecorded(tx, list, numbers, Duplicates::Skip, now).await;
    }
    // Of numbers that come twice the last one is to hold, wherever the steps begin.
    let mut added = Vec::with_capacity(numbers.len());
    let (mut begin, mut seen) = (0, HashSet::new());
    for (place, number) in numbers.iter().enumerate() {
        let key = NumberKey::from(&number.phone);
        if seen.contains(&key) {
            added.extend(add_unrecorded(tx, list, &numbers[begin..place], Duplicates::Replace, now).await?);
            begin = place;
            seen.clear();
        }
        seen.insert(key);
    }
    added.extend(add_unrecorded(tx, list, &numbers[begin..], Duplicates::Replace, now).await?);
    Ok(added)
}

/// What would become of the good rows.
async fn try_out(
    tx: &mut Tx,
    list: &LockedList,
    import: &RunningImport,
    rows: &[ImportRow],
    seen: &BTreeSet<u64>,
) -> Result<Vec<Added>> {
    let good = || rows.iter().filter_map(|row| Some((row.line, row.read.as_ref().ok()?)));
    let keys: Vec<NumberKey> = good().map(|(_, number)| NumberKey::from(&number.phone)).collect();
    let known = standing(tx, list.id, &keys).await?;
    let outcome = |((line, number), key): ((u64, &NewNumber), &NumberKey)| {
        let standing = known.get(key);
        let is_too_large = || standing.is_some_and(|there| number.told_of(there.details.clone()).is_err());
        match import.options.duplicates {
            _ if standing.is_none() && !seen.contains(&line) => Added::New(0),
            ImportDuplicates::Skip => Added::Skipped,
            ImportDuplicates::Replace if is_too_large() => Added::TooManyVariables,
            ImportDuplicates::Replace => Added::Replaced(0),
        }
    };
    Ok(good().zip(&keys).map(outcome).collect())
}

/// Counts what became of rows; gives those of the refused ones that are stored.
fn count<'r>(
    counts: &mut ImportCounts,
    rows: &'r [ImportRow],
    added: &[Added],
) -> Vec<(i64, String, &'r str)> {
    let (mut added, mut refused) = (added.iter(), Vec::new());
    for row in rows {
        counts.rows += 1;
        let refusal = match &row.read {
            Err(refusal) => {
                counts.refused += 1;
                Some(*refusal)
            }
            Ok(number) => count_good(counts, number, added.next()),
        };
        if let Some(refusal) = refusal.filter(|refusal| counts.keep(*refusal)) {
            refused.push((
                i64::try_from(row.line).unwrap_or(i64::MAX),
                refusal.stored_code(),
                row.text.as_str(),
            ));
        }
    }
    refused
}

/// Counts what became of a row that was read; gives why it is told among the refused ones.
fn count_good(counts: &mut ImportCounts, number: &NewNumber, added: Option<&Added>) -> Option<RowRefusal> {
    if added == Some(&Added::TooManyVariables) {
        counts.refused += 1;
        return Some(RowRefusal::Variables);
    }
    counts.note_good(&number.phone);
    match added {
        Some(Added::New(_)) => counts.added += 1,
        Some(Added::Replaced(_)) => counts.replaced += 1,
        Some(Added::Skipped | Added::TooManyVariables) | None => {
            counts.skipped += 1;
            return Some(RowRefusal::Duplicate);
        }
    }
    None
}
