//! Reads a file beside the one who writes what is read: reading numbers takes as long as writing them.

use std::{
    fs::File,
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use domain::{FilePlace, ImportFailure, ImportOptions, ImportRow, TextEncoding, Utf16Text};
use store::NewFile;
use tokio::sync::mpsc;

use super::{
    source::{FileShape, OpenFailure, Source},
    spreadsheet::{self, SheetError, SheetLimits},
};

/// How many chunks are read ahead.
const AHEAD: usize = 2;

/// How much of a file in UTF-16 is read at once.
const PIECE: usize = 64 * 1_024;

/// What is read of a file, chunk by chunk; an empty one is the last.
pub(super) struct FileReading {
    pub(super) chunks: mpsc::Receiver<Result<Vec<ImportRow>, ImportFailure>>,
    /// How large the file is that is read.
    pub(super) size: i64,
    /// What is seen of it.
    pub(super) shape: FileShape,
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
        let (source, size, shape) =
            opened.await.map_err(|_| ReadError::Failure(ImportFailure::Spreadsheet))??;
        let (sender, chunks) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || read(source, &sender));
        Ok(Self { chunks, size, shape })
    }
}

fn open(
    path: &Path,
    options: &ImportOptions,
    place: FilePlace,
) -> Result<(Source<File>, i64, FileShape), ReadError> {
    let packing = packing(path)?;
    let read = if packing.is_some() { rows_file(path) } else { path.to_owned() };
    let file = File::open(read).map_err(lost)?;
    let size = i64::try_from(file.metadata().map_err(lost)?.len()).unwrap_or(i64::MAX);
    let source = match packing {
        Some(Packing::Spreadsheet) => Source::open_sheet(file, options, place),
        Some(Packing::Utf16(_)) | None => Source::open(file, options, place),
    };
    let told = |mut shape: FileShape| {
        if matches!(packing, Some(Packing::Utf16(_))) {
            shape.encoding = Some(TextEncoding::Utf16);
        }
        shape
    };
    let source = source.map_err(|OpenFailure { failure, shape }| {
        ReadError::Header(OpenFailure { failure, shape: told(shape) })
    })?;
    let shape = told(source.shape());
    Ok((source, size, shape))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn lost(error: io::Error) -> ReadError {
    tracing::warn!(%error, "the file of an import cannot be read");
    ReadError::Failure(ImportFailure::FileLost)
}

/// How a file is written whose rows cannot be read from the middle: they are written beside it first.
enum Packing {
    Spreadsheet,
    Utf16(Utf16Text),
}

/// How a file is written, if its rows have to be written beside it.
fn packing(path: &Path) -> Result<Option<Packing>, ReadError> {
    let mut beginning = Vec::new();
    File::open(path).map_err(lost)?.take(4).read_to_end(&mut beginning).map_err(lost)?;
    if spreadsheet::is_spreadsheet(&beginning) {
        return Ok(Some(Packing::Spreadsheet));
    }
    Ok(Utf16Text::of(&beginning).map(Packing::Utf16))
}

/// Where the rows of a file are written that cannot be read from the middle.
fn rows_file(path: &Path) -> PathBuf {
    path.with_extension("rows")
}

/// Whether the rows of a file are still to be written beside it.
pub(super) fn is_to_be_unpacked(path: &Path) -> Result<bool, ReadError> {
    Ok(packing(path)?.is_some() && !rows_file(path).exists())
}

/// Writes the rows of a file beside it, which takes a while.
pub(super) fn unpack(path: &Path) -> Result<(), ReadError> {
    let Some(packing) = packing(path)? else { return Ok(()) };
    let mut rows = NewFile::create(rows_file(path)).map_err(ReadError::Disk)?;
    let file = File::open(path).map_err(lost)?;
    match packing {
        Packing::Spreadsheet => {
            let written = spreadsheet::write_rows(file, rows.file(), SheetLimits::USUAL);
            written.map_err(|error| match error {
                SheetError::Failure(failure) => ReadError::Failure(failure),
                SheetError::Disk(error) => ReadError::Disk(error),
            })?;
        }
        Packing::Utf16(text) => write_utf_8(file, text, rows.file())?,
    }
    rows.finish().map(drop).map_err(ReadError::Disk)
}

fn write_utf_8(mut file: File, mut text: Utf16Text, mut rows: impl Write) -> Result<(), ReadError> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece).map_err(lost)?;
        rows.write_all(&text.utf_8(&piece[..read], read == 0)).map_err(ReadError::Disk)?;
        if read == 0 {
            return Ok(());
        }
    }
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
