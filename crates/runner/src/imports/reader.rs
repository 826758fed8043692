//! Reads a file beside the one who writes what is read: reading numbers takes as long as writing them.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use domain::{FileColumn, FilePlace, ImportFailure, ImportOptions, ImportRow};
use store::NewFile;
use tokio::sync::mpsc;

use super::{
    source::{OpenFailure, Source},
    spreadsheet::{self, SheetError, SheetLimits},
};

/// How many chunks are read ahead.
const AHEAD: usize = 2;

/// What is read of a file, chunk by chunk; an empty one is the last.
pub(super) struct FileReading {
    pub(super) chunks: mpsc::Receiver<Result<Vec<ImportRow>, ImportFailure>>,
    /// How large the file is that is read.
    pub(super) size: i64,
    /// What its columns were taken for.
    pub(super) columns: Vec<FileColumn>,
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// It cannot be.
    Failure(ImportFailure),
    /// Nor can its header.
    Header(OpenFailure),
    /// Not now: the disk is full or fails.
    Disk(io::Error),
}

impl FileReading {
    /// Begins to read where a file was left, until the reading is dropped.
    pub(super) async fn begin(
        file: &Path,
        options: &ImportOptions,
        place: FilePlace,
    ) -> Result<Self, ReadError> {
        let (file, options) = (file.to_owned(), options.clone());
        let opened = tokio::task::spawn_blocking(move || open(&file, &options, place));
        // Who reads hostile files may panic; then the file is at fault.
        let (source, size) = opened.await.map_err(|_| ReadError::Failure(ImportFailure::Spreadsheet))??;
        let columns = source.columns();
        let (sender, chunks) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || read(source, &sender));
        Ok(Self { chunks, size, columns })
    }
}

fn open(path: &Path, options: &ImportOptions, place: FilePlace) -> Result<(Source<File>, i64), ReadError> {
    let (file, is_sheet) = match File::open(rows_file(path)) {
        Ok(rows) => (rows, true),
        Err(_) => (File::open(path).map_err(lost)?, false),
    };
    let size = i64::try_from(file.metadata().map_err(lost)?.len()).unwrap_or(i64::MAX);
    let source =
        if is_sheet { Source::open_sheet(file, options, place) } else { Source::open(file, options, place) };
    Ok((source.map_err(ReadError::Header)?, size))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn lost(error: io::Error) -> ReadError {
    tracing::warn!(%error, "the file of an import cannot be read");
    ReadError::Failure(ImportFailure::FileLost)
}

/// Where the rows of a spreadsheet are written.
fn rows_file(path: &Path) -> PathBuf {
    path.with_extension("rows")
}

/// Whether a file is a spreadsheet whose rows are still to be written.
pub(super) fn is_to_be_unpacked(path: &Path) -> Result<bool, ReadError> {
    let mut beginning = Vec::new();
    File::open(path).map_err(lost)?.take(4).read_to_end(&mut beginning).map_err(lost)?;
    Ok(spreadsheet::is_spreadsheet(&beginning) && !rows_file(path).exists())
}

/// Writes the rows of a spreadsheet, which takes a while.
pub(super) fn unpack(path: &Path) -> Result<(), ReadError> {
    let mut rows = NewFile::create(rows_file(path)).map_err(ReadError::Disk)?;
    let file = File::open(path).map_err(lost)?;
    spreadsheet::write_rows(file, rows.file(), SheetLimits::USUAL).map_err(|error| match error {
        SheetError::Failure(failure) => ReadError::Failure(failure),
        SheetError::Disk(error) => ReadError::Disk(error),
    })?;
    rows.finish().map(drop).map_err(ReadError::Disk)
}

fn read(mut source: Source<File>, sender: &mpsc::Sender<Result<Vec<ImportRow>, ImportFailure>>) {
    loop {
        let chunk = source.chunk();
        let is_last = chunk.as_ref().is_ok_and(Vec::is_empty) || chunk.is_err();
        // Nobody takes it when the turn is over.
        if sender.blocking_send(chunk).is_err() || is_last {
            return;
        }
    }
}
