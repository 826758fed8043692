//! `dialtime numbers import`: reads a file where it is, and writes its numbers to the database, as a node would.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Write},
    os::unix::fs::symlink,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use domain::{
    AccountId, Clock, ImportDuplicates, ImportOptions, ImportOutcome, NumberFileKey, NumberJobId, RefusedRow,
    TaskId,
};
use runner::{ImportTurn, ImportWorker};
use store::{
    Store,
    audit::{Actor, Change},
    edits,
    numbers::{self, NewImport, NumberImport},
    tasks,
};
use tokio::time::Instant;

use crate::{
    command::{Database, ImportNumbers, NumbersCommand},
    erase,
    output::{complain, say},
    system::{SystemClock, SystemRandom},
};

/// How often it is told how far it is.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// How many characters the bar has.
const BAR: usize = 30;

/// How many refused rows are read at once.
const ROWS: u32 = 1_000;

pub(crate) async fn run(database: &Database, command: NumbersCommand) -> anyhow::Result<()> {
    let asked = match command {
        NumbersCommand::Import(asked) => asked,
        NumbersCommand::Erase(asked) => return erase::run(database, asked).await,
    };
    let store = database.open_existing().await?;
    let size = fs::metadata(&asked.file).with_context(|| format!("cannot read {}", asked.file.display()))?;
    if !size.is_file() {
        bail!("{} is no file", asked.file.display());
    }
    let task = TaskId::new(asked.task);
    let account = tasks::account_of(&mut store.read().await?, task).await?;
    let account = account.with_context(|| format!("there is no task {task}"))?;
    let refused = asked.refused.as_deref().map(RefusedFile::open).transpose()?;
    let import = Import { store, account, task, id: NumberJobId::generate(&SystemClock, &SystemRandom) };
    import.begin(&asked, i64::try_from(size.len()).unwrap_or(i64::MAX)).await?;
    // The rows of a spreadsheet are written beside the file: not where it is, but where nobody minds.
    let folder = tempfile::Builder::new().prefix("dialtime-import-").tempdir()?;
    let file = folder.path().join("file");
    symlink(fs::canonicalize(&asked.file)?, &file)?;
    let ended = import.work(&file).await?;
    if let Some(refused) = refused {
        refused.write(&import.refused().await?)?;
    }
    import.store.close().await;
    tell_end(&ended)
}

/// An import under way.
struct Import {
    store: Store,
    account: AccountId,
    task: TaskId,
    id: NumberJobId,
}

impl Import {
    async fn begin(&self, asked: &ImportNumbers, size: i64) -> anyhow::Result<()> {
        let name = asked.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let countries = asked.countries.of_list();
        let options = ImportOptions {
            columns: asked.column.iter().cloned().collect(),
            default_country: countries.written_in.as_str().to_owned(),
            server_country: Some(countries.shown_in.as_str().to_owned()),
            duplicates: if asked.replace { ImportDuplicates::Replace } else { ImportDuplicates::Skip },
            dry_run: asked.dry_run,
            encoding: asked.encoding,
            file_name: name,
        };
        // Its file is in no node's folder: nobody but this process works at it.
        let new = NewImport {
            id: self.id,
            options,
            size,
            folder: self.id.uuid(),
            file_key: NumberFileKey::generate(&SystemRandom),
        };
        let change = Change { actor: Actor::CommandLine, at: SystemClock.now() };
        let mut tx = self.store.begin().await?;
        let locked = edits::numbers::lock(&mut tx, self.account, self.task, &change).await;
        let locked = locked.map_err(|error| match error {
            store::Error::Disabled(_) => anyhow!("the account is disabled"),
            store::Error::NotFound(_) => anyhow!("there is no task {}", self.task),
            other => other.into(),
        })?;
        if !asked.dry_run {
            let residue = edits::numbers::expect_residue(&mut tx, self.account, self.task, &locked).await;
            residue.map_err(|error| match error {
                store::Error::Limit { .. } => {
                    anyhow!("the task is switched on, and its lines have too little left for it")
                }
                other => other.into(),
            })?;
        }
        numbers::begin_import(&mut tx, &locked.list, &new, &change).await?;
        Ok(tx.commit().await?)
    }

    /// Works at it to its end; ended by Ctrl-C it is cancelled.
    async fn work(&self, file: &Path) -> anyhow::Result<NumberImport> {
        let mut worker = ImportWorker::beside_others(self.store.clone(), Arc::new(SystemClock));
        let mut bar = ProgressBar::new();
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            let running = numbers::running_imports(&mut self.store.read().await?, self.id.uuid(), 1).await?;
            let Some(running) = running.into_iter().next() else { break };
            let turn = worker.turn(running, file, Instant::now() + TOLD_EVERY);
            let ended = tokio::select! {
                biased;
                turn = turn => turn? == ImportTurn::Ended,
                _ = &mut interrupted => {
                    self.cancel().await?;
                    true
                }
            };
            bar.show(&self.read().await?);
            if ended {
                break;
            }
        }
        bar.end();
        self.read().await
    }

    async fn read(&self) -> anyhow::Result<NumberImport> {
        let mut read = self.store.read().await?;
        Ok(numbers::get_import(&mut read, self.account, self.task, self.id).await?)
    }

    async fn cancel(&self) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        numbers::end_import(&mut tx, self.id, ImportOutcome::Cancelled, SystemClock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// The rows that were refused, as CSV.
    async fn refused(&self) -> anyhow::Result<String> {
        let mut rows: Vec<RefusedRow> = Vec::new();
        loop {
            let after = rows.last().map_or(-1, |row| row.line);
            let more = numbers::refused_rows(&mut self.store.read().await?, self.id, after, ROWS).await?;
            if more.is_empty() {
                break;
            }
            rows.extend(more);
        }
        let not_kept = self.read().await?.counts.not_kept();
        Ok(api::refused_rows_csv(&rows, not_kept))
    }
}

/// The file for the rows that are refused. It is opened before anything is imported, to say at once that it cannot be.
struct RefusedFile<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> RefusedFile<'a> {
    fn open(path: &'a Path) -> anyhow::Result<Self> {
        // What it holds stays until there is something new.
        let opened = File::options().write(true).create(true).truncate(false).open(path);
        let file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    fn write(mut self, rows: &str) -> anyhow::Result<()> {
        let is_file = self.file.metadata().is_ok_and(|file| file.is_file());
        let emptied = if is_file { self.file.set_len(0) } else { Ok(()) };
        let written = emptied.and_then(|()| self.file.write_all(rows.as_bytes()));
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// What became of the rows, and an error unless all were read.
fn tell_end(import: &NumberImport) -> anyhow::Result<()> {
    let counts = &import.counts;
    let what = if import.options.dry_run { "would be added" } else { "added" };
    say(&format!(
        "rows: {}; {what}: {}; replaced: {}; there already: {}; refused: {}",
        counts.rows, counts.added, counts.replaced, counts.skipped, counts.refused
    ));
    match import.ended.map(|(outcome, _)| outcome) {
        Some(ImportOutcome::Finished) => Ok(()),
        Some(ImportOutcome::Failed(failure)) => {
            bail!("{}", api::import_failure_text(failure, &counts.columns, &import.options))
        }
        Some(ImportOutcome::Cancelled) => {
            bail!("cancelled; run it again, and what is there already is left out")
        }
        None => bail!("it has not ended"),
    }
}

/// How far an import is, in one line of the terminal; elsewhere a line now and then.
struct ProgressBar {
    is_terminal: bool,
    /// How many tenths of it were told.
    told: i64,
}

impl ProgressBar {
    fn new() -> Self {
        Self { is_terminal: io::stderr().is_terminal(), told: 0 }
    }

    fn show(&mut self, import: &NumberImport) {
        let (size, done) = import.read;
        let worked = import.counts.worked.max(1);
        let rate = import.counts.rows.saturating_mul(1_000) / worked;
        let left = if done > 0 { (size - done).saturating_mul(worked) / done / 1_000 } else { 0 };
        let percent = if size > 0 { done.saturating_mul(100) / size } else { 0 };
        let line = format!(
            "{percent:>3} %  {} rows  {rate} rows/s  {}:{:02} left",
            import.counts.rows,
            left / 60,
            left % 60
        );
        if self.is_terminal {
            let full = BAR * usize::try_from(percent).unwrap_or(0).min(100) / 100;
            let _ = write!(io::stderr(), "\r[{}{}] {line}   ", "#".repeat(full), ".".repeat(BAR - full));
            let _ = io::stderr().flush();
        } else if percent / 10 > self.told {
            self.told = percent / 10;
            complain(&line);
        }
    }

    fn end(&self) {
        if self.is_terminal {
            complain("");
        }
    }
}
