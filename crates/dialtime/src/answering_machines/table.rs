//! How often verdicts are right.

use std::fmt;

use media::answering_machine::AnswererKind;
use serde::Serialize;

use super::JudgedRecording;

/// What recordings of each label were taken for in the end.
#[derive(Debug, Serialize)]
pub(super) struct AccuracyTable(Vec<AccuracyRow>);

#[derive(Debug, Serialize)]
struct AccuracyRow {
    label: &'static str,
    files: usize,
    human: usize,
    machine: usize,
    unsure: usize,
    /// Those without any verdict, because they are too short for one.
    none: usize,
    /// The part that is right, from 0 to 1.
    accuracy: f64,
    /// When the first and the last verdict came, in milliseconds since the answer: the mean over those that have one.
    mean_first: Option<u32>,
    mean_last: Option<u32>,
}

impl AccuracyTable {
    pub(super) fn of(judged: &[JudgedRecording]) -> Self {
        let rows = AnswererKind::ALL.map(|kind| AccuracyRow::of(kind.code(), judged));
        Self(rows.into_iter().flatten().collect())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AccuracyRow {
    #[expect(clippy::cast_precision_loss, reason = "a count of files")]
    fn of(label: &'static str, judged: &[JudgedRecording]) -> Option<Self> {
        let found: Vec<&JudgedRecording> = judged.iter().filter(|one| one.label == Some(label)).collect();
        let count = |verdict: Option<&str>| {
            found.iter().filter(|one| one.last().map(|last| last.verdict) == verdict).count()
        };
        let [human, machine, unsure] = AnswererKind::ALL.map(|kind| count(Some(kind.code())));
        let right = count(Some(label));
        (!found.is_empty()).then(|| Self {
            label,
            files: found.len(),
            human,
            machine,
            unsure,
            none: count(None),
            accuracy: right as f64 / found.len() as f64,
            mean_first: mean(found.iter().filter_map(|one| Some(one.verdicts.first()?.at))),
            mean_last: mean(found.iter().filter_map(|one| Some(one.last()?.at))),
        })
    }
}

fn mean(instants: impl Iterator<Item = u32>) -> Option<u32> {
    let (sum, count) = instants.fold((0_u64, 0_u64), |(sum, count), at| (sum + u64::from(at), count + 1));
    u32::try_from(sum.checked_div(count)?).ok()
}

impl fmt::Display for AccuracyTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:8} files  human  machine  unsure  none   right  first, ms  last, ms", "label")?;
        for row in &self.0 {
            let instant = |at: Option<u32>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
            write!(
                formatter,
                "\n{:8} {:5}  {:5}  {:7}  {:6}  {:4}  {:4.0} %  {:>9}  {:>8}",
                row.label,
                row.files,
                row.human,
                row.machine,
                row.unsure,
                row.none,
                row.accuracy * 100.0,
                instant(row.mean_first),
                instant(row.mean_last)
            )?;
        }
        Ok(())
    }
}
