//! Works at an import: takes what is read of its file and writes it, in steps that hold the database's writer for a few milliseconds while
//! others write, and longer while nobody does.

use std::{
    collections::{BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::Arc,
    time::Duration,
};

use domain::{
    Clock, FilePlace, ImportFailure, ImportOutcome, ImportRow, NumberJobId, NumberKey, written_word,
};
use store::{
    DatabaseError, Error, Result, Store,
    numbers::{self, ImportStep, RunningImport},
};
use tokio::{task::JoinHandle, time::Instant};

use super::{
    reader::{self, FileReading, ReadError, is_to_be_unpacked},
    source::{FileShape, OpenFailure},
};

/// How long a step holds what it writes to while others write, beside the disk's own flush.
const STEP: Duration = Duration::from_millis(8);
/// How long it does while nobody has written for a while.
const STEP_ALONE: Duration = Duration::from_millis(50);
/// For how long others are waited for after they have written.
const COMPANY: Duration = Duration::from_secs(1);

/// How long to leave others to what they have begun.
const WHILE_OTHERS_WORK: Duration = Duration::from_millis(20);

/// How many numbers of a dry run are remembered, to see which of them come twice.
const MOST_REMEMBERED: usize = 5_000_000;

/// Works at imports, one at a time.
pub struct ImportWorker {
    store: Store,
    clock: Arc<dyn Clock>,
    pace: ImportPace,
    /// Whether somebody else tells how imports end.
    is_quiet: bool,
    /// The numbers of the dry run that is worked at.
    tried: Option<(NumberJobId, HashSet<u64>)>,
    /// The file of the last turn, where there is more to do.
    open: Option<OpenFile>,
    /// The import whose spreadsheet is being unpacked: one at a time, for its texts are held in memory.
    unpacking: Option<(NumberJobId, JoinHandle<std::result::Result<(), ReadError>>)>,
}

/// A file that is being read.
struct OpenFile {
    id: NumberJobId,
    /// Where the next of `rows` begins.
    place: FilePlace,
    reading: FileReading,
    /// Rows that were read.
    rows: std::vec::IntoIter<ImportRow>,
}

impl OpenFile {
    /// The next rows, at most so many; none when none are left.
    async fn next_rows(&mut self, most: usize) -> Worked<Vec<ImportRow>> {
        if self.rows.len() == 0 {
            // Who reads hostile files may panic; then the file is at fault.
            let lost = Stopped::Failure(ImportFailure::Spreadsheet);
            let chunk = self.reading.chunks.recv().await.ok_or(lost)?;
            self.rows = chunk.map_err(Stopped::Failure)?.into_iter();
        }
        Ok(self.rows.by_ref().take(most).collect())
    }
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportTurn {
    /// The import has ended.
    Ended,
    /// There is more to do.
    More,
}

impl ImportWorker {
    /// Works with this database.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            pace: ImportPace::new(),
            is_quiet: false,
            tried: None,
            open: None,
            unpacking: None,
        }
    }

    /// The same, where other processes write to the database, too, and whoever asked is told how it ends: nothing is logged of it.
    pub fn beside_others(store: Store, clock: Arc<dyn Clock>) -> Self {
        let pace = ImportPace { always_in_company: true, ..ImportPace::new() };
        Self { pace, is_quiet: true, ..Self::new(store, clock) }
    }

    /// Works at an import until it has ended, or until an instant.
    ///
    /// # Errors
    /// When the database does not answer, or the disk does not take what is to be written beside it.
    pub async fn turn(&mut self, import: RunningImport, file: &Path, until: Instant) -> Result<ImportTurn> {
        let id = import.id;
        let ended = match self.work(import, file, until).await {
            Ok(turn) => turn,
            Err(Stopped::Failure(failure)) => {
                self.end(id, ImportOutcome::Failed(failure)).await?;
                ImportTurn::Ended
            }
            Err(Stopped::Database(error)) => return Err(error),
        };
        if ended == ImportTurn::Ended {
            self.tried.take_if(|(tried, _)| *tried == id);
        }
        Ok(ended)
    }

    async fn end(&self, id: NumberJobId, outcome: ImportOutcome) -> Result<()> {
        let mut tx = self.store.begin().await?;
        numbers::end_import(&mut tx, id, outcome, self.clock.now()).await?;
        tx.commit().await?;
        if !self.is_quiet {
            tracing::info!(import = %id, outcome = written_word(&outcome), "an import has ended");
        }
        Ok(())
    }

    async fn work(&mut self, import: RunningImport, file: &Path, until: Instant) -> Worked<ImportTurn> {
        let Some(mut import) = self.prepare(import).await? else { return Ok(ImportTurn::More) };
        if !self.unpack(import.id, file, until).await? {
            return Ok(ImportTurn::More);
        }
        let mut open = self.open(&mut import, file).await?;
        let mut begun = Instant::now();
        loop {
            let rows = open.next_rows(self.pace.rows).await?;
            if rows.is_empty() {
                self.end(import.id, ImportOutcome::Finished).await?;
                return Ok(ImportTurn::Ended);
            }
            let worked = begun.elapsed();
            begun = Instant::now();
            import = match self.step(&import, &rows, open.reading.size, worked).await? {
                ImportStep::Done(import) => *import,
                // Cancelled, or another node that shares the folder is further.
                ImportStep::Passed => {
                    tokio::time::sleep(WHILE_OTHERS_WORK).await;
                    return Ok(ImportTurn::More);
                }
                ImportStep::TaskDeleted => return Ok(ImportTurn::Ended),
            };
            open.place = import.place;
            if Instant::now() >= until {
                self.open = Some(open);
                return Ok(ImportTurn::More);
            }
        }
    }

    /// What is read of a file: that of the last turn, if it is at the same place.
    async fn open(&mut self, import: &mut RunningImport, file: &Path) -> Worked<OpenFile> {
        let last = self.open.take().filter(|open| open.id == import.id && open.place == import.place);
        if let Some(open) = last {
            return Ok(open);
        }
        let reading = match FileReading::begin(file, &import.options, import.place).await {
            Err(ReadError::Header(OpenFailure { failure, shape })) => {
                self.note_shape(import, shape).await?;
                return Err(Stopped::Failure(failure));
            }
            other => other?,
        };
        self.note_shape(import, reading.shape.clone()).await?;
        Ok(OpenFile { id: import.id, place: import.place, reading, rows: Vec::new().into_iter() })
    }

    /// Notes what was seen of the file, so that who asks sees what it was read in, and which column was taken for what.
    async fn note_shape(&self, import: &mut RunningImport, shape: FileShape) -> Result<()> {
        let FileShape { columns, encoding } = shape;
        let counts = &mut import.counts;
        if counts.columns == columns && counts.encoding == encoding {
            return Ok(());
        }
        (counts.columns, counts.encoding) = (columns, encoding);
        let mut tx = self.store.begin().await?;
        numbers::note_shape(&mut tx, import).await?;
        tx.commit().await
    }

    /// Has the rows of a spreadsheet, or of a text in UTF-16, written out, and waits for it until an instant; says whether they are there.
    async fn unpack(&mut self, id: NumberJobId, file: &Path, until: Instant) -> Worked<bool> {
        if self.unpacking.is_none() {
            if !is_to_be_unpacked(file)? {
                return Ok(true);
            }
            let path = file.to_owned();
            let work = tokio::task::spawn_blocking(move || reader::unpack(&path));
            self.unpacking = Some((id, work));
        }
        let Some((unpacked, work)) = self.unpacking.as_mut() else { return Ok(false) };
        if *unpacked != id {
            let is_sheet = is_to_be_unpacked(file)?;
            if work.is_finished() {
                // Its import has ended meanwhile, or takes it when its turn comes: the rows are there.
                self.unpacking = None;
            } else if is_sheet {
                tokio::time::sleep(WHILE_OTHERS_WORK).await;
            }
            return Ok(!is_sheet);
        }
        let Ok(unpacked) = tokio::time::timeout_at(until, work).await else { return Ok(false) };
        self.unpacking = None;
        // Who reads hostile files may panic; then the file is at fault.
        unpacked.map_err(|_| Stopped::Failure(ImportFailure::Spreadsheet))??;
        Ok(true)
    }

    /// Sees to what a dry run remembers: one at a time, and from its beginning. `None` when another one is first.
    async fn prepare(&mut self, import: RunningImport) -> Worked<Option<RunningImport>> {
        if !import.options.dry_run {
            return Ok(Some(import));
        }
        match &self.tried {
            Some((tried, _)) if *tried == import.id => return Ok(Some(import)),
            Some((tried, _)) if self.is_running(*tried).await? => return Ok(None),
            _ => self.tried = Some((import.id, HashSet::new())),
        }
        if import.place.byte == 0 {
            return Ok(Some(import));
        }
        let mut tx = self.store.begin().await?;
        let restarted = numbers::restart_import(&mut tx, &import, 0, self.clock.now()).await?;
        tx.commit().await?;
        Ok(restarted)
    }

    async fn is_running(&self, import: NumberJobId) -> Result<bool> {
        numbers::is_running(&mut self.store.read().await?, import).await
    }

    async fn step(
        &mut self,
        import: &RunningImport,
        rows: &[ImportRow],
        size: i64,
        worked: Duration,
    ) -> Result<ImportStep> {
        let TriedRows { seen, new } = self.tried_rows(import, rows);
        let worked = i64::try_from(worked.as_millis()).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        let begun = Instant::now();
        let step =
            numbers::import_some(&mut tx, import, rows, &seen, (size, worked), self.clock.now()).await?;
        let took = begun.elapsed();
        tx.commit().await?;
        if let (ImportStep::Done(_), Some((_, tried))) = (&step, &mut self.tried) {
            tried.extend(new);
        }
        if self.pace.note(took, self.store.transactions_begun(), Instant::now()) {
            tokio::time::sleep(begun.elapsed()).await;
        }
        Ok(step)
    }

    /// Looks at the numbers of a dry run's rows.
    fn tried_rows(&self, import: &RunningImport, rows: &[ImportRow]) -> TriedRows {
        let mut found = TriedRows::default();
        let Some((_, tried)) = self.tried.as_ref().filter(|_| import.options.dry_run) else { return found };
        for row in rows {
            let Ok(number) = &row.read else { continue };
            let mut hasher = DefaultHasher::new();
            NumberKey::from(&number.phone).hash(&mut hasher);
            let hash = hasher.finish();
            if tried.contains(&hash) || found.new.contains(&hash) {
                found.seen.insert(row.line);
            } else if tried.len() + found.new.len() < MOST_REMEMBERED {
                found.new.insert(hash);
            }
        }
        found
    }
}

/// What is found out of the rows of a dry run.
#[derive(Default)]
struct TriedRows {
    /// The lines whose numbers came before in the file.
    seen: BTreeSet<u64>,
    /// The hashes of numbers that did not.
    new: HashSet<u64>,
}

/// Why an import is not worked on.
enum Stopped {
    /// It ends.
    Failure(ImportFailure),
    /// It is tried again.
    Database(Error),
}

type Worked<T> = std::result::Result<T, Stopped>;

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Failure(failure) | ReadError::Header(OpenFailure { failure, .. }) => {
                Self::Failure(failure)
            }
            ReadError::Disk(error) => Self::Database(Error::Database(DatabaseError::File(error))),
        }
    }
}

/// How many rows a step is of, so that it takes about as long as it may.
struct ImportPace {
    rows: usize,
    /// How many transactions there were after the last step, its own included.
    begun: u64,
    /// When others wrote last.
    company: Option<Instant>,
    /// Whether others may write at any time without being seen.
    always_in_company: bool,
}

impl ImportPace {
    const FEWEST: usize = 16;
    const MOST: usize = domain::IMPORT_CHUNK;

    const fn new() -> Self {
        Self { rows: 128, begun: 0, company: None, always_in_company: false }
    }

    /// A step took so long, and so many transactions were begun until now. One that took too long halves the next; one that took half of
    /// what it may makes it longer by a quarter. Says whether others write, too.
    fn note(&mut self, took: Duration, begun: u64, now: Instant) -> bool {
        if begun != self.begun + 1 {
            self.company = Some(now);
        }
        self.begun = begun;
        let in_company =
            self.always_in_company || self.company.is_some_and(|company| now - company < COMPANY);
        let step = if in_company { STEP } else { STEP_ALONE };
        if took > step {
            // In one go where others have just come.
            let halvings = if took > step * 4 { 3 } else { 1 };
            self.rows = (self.rows >> halvings).max(Self::FEWEST);
        } else if took < step / 2 {
            self.rows = (self.rows + self.rows / 4).min(Self::MOST);
        }
        in_company
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_longer_while_nobody_else_writes() {
        let now = Instant::now();
        let mut pace = ImportPace::new();
        for begun in 1..100 {
            assert!(!pace.note(Duration::from_millis(10), begun, now), "alone");
        }
        assert_eq!(pace.rows, ImportPace::MOST);
        assert!(pace.note(Duration::from_millis(40), 101, now), "someone else began one");
        assert_eq!(pace.rows, ImportPace::MOST / 8);
        assert!(pace.note(Duration::from_millis(6), 102, now));
        assert_eq!(pace.rows, ImportPace::MOST / 8);
        assert!(!pace.note(Duration::from_millis(10), 103, now + COMPANY));
        for begun in 104..200 {
            pace.note(Duration::from_secs(1), begun, now + COMPANY);
        }
        assert_eq!(pace.rows, ImportPace::FEWEST);
    }
}
