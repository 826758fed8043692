//! Reads the rows of a file, from where it was left: CSV, whose cells are between commas, semicolons or tabs, lines of JSON, and the rows
//! of a spreadsheet as [`super::spreadsheet`] writes them. The first two may be UTF-8, with or without a byte order mark, or in one of the
//! encodings that [`domain::text_encoding`] knows; of UTF-16 the reader makes UTF-8 first.
//!
//! It reads from anything that can be read from the middle, knows no files, and holds one chunk at a time, whose size is bounded
//! whatever the file holds.

mod cells;
mod lines;

use std::{
    borrow::Cow,
    io::{Read, Seek, SeekFrom},
};

use domain::{
    ColumnPlan, FileColumn, FilePlace, IMPORT_CHUNK, ImportFailure, ImportOptions, ImportRow, NewNumber,
    REFUSED_ROW_CHARACTERS, RowRefusal, TextEncoding,
};
use encoding_rs::{Encoding, UTF_8};

pub(super) use self::lines::SheetRow;
use self::{
    cells::Cells,
    lines::{JsonLines, SheetRows},
};

/// How much of a file is looked at to find out how it is written.
const SAMPLE: usize = 1_024 * 1_024;

/// How much of a file a chunk is of, beside its last row.
const CHUNK_BYTES: u64 = 2 * 1_024 * 1_024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The byte between cells; `None`: lines of JSON.
    delimiter: Option<u8>,
    encoding: &'static Encoding,
    /// Where the first row or the header begins.
    begin: FilePlace,
}

impl Layout {
    /// Finds out how a file is written, but for the encoding where that is told.
    fn of(file: &mut (impl Read + Seek), told: Option<TextEncoding>) -> Result<Self, ImportFailure> {
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let mut sample = Vec::new();
        let most = u64::try_from(SAMPLE).unwrap_or(u64::MAX);
        let whole = file.take(most).read_to_end(&mut sample).map_err(|_| ImportFailure::FileLost)? < SAMPLE;
        let begin = if sample.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let text = sample[begin..].trim_ascii_start();
        if text.is_empty() {
            return Err(ImportFailure::NoRows);
        }
        expect_rows(text)?;
        // What a byte order mark says is so.
        let told = told.filter(|_| begin == 0).map(TextEncoding::encoding);
        let encoding =
            told.or_else(|| domain::text_encoding(&sample, whole)).ok_or(ImportFailure::Encoding)?;
        let told = domain::delimiter_line(&sample[begin..], encoding == UTF_8);
        let (delimiter, begin, line) = match told {
            Some((delimiter, length)) => (Some(delimiter), begin + length, 2),
            None if text.starts_with(b"{") => (None, begin, 1),
            None => (Some(domain::delimiter(text)), begin, 1),
        };
        let begin = FilePlace { byte: u64::try_from(begin).unwrap_or(0), line };
        Ok(Self { delimiter, encoding, begin })
    }
}

/// What is seen of a file before its rows are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileShape {
    /// Its columns, each with what it was taken for; of lines of JSON the members of the first of them.
    pub(crate) columns: Vec<FileColumn>,
    /// What its text is read in; a spreadsheet has none.
    pub(crate) encoding: Option<TextEncoding>,
}

/// Why a file cannot be read from its beginning on, and what was seen of it until then.
#[derive(Debug)]
pub(crate) struct OpenFailure {
    pub(crate) failure: ImportFailure,
    pub(crate) shape: FileShape,
}

impl From<ImportFailure> for OpenFailure {
    fn from(failure: ImportFailure) -> Self {
        Self { failure, shape: FileShape::default() }
    }
}

/// What the columns of a header hold.
fn plan(header: &[String], options: &ImportOptions) -> Result<ColumnPlan, OpenFailure> {
    let columns = || FileColumn::unknown(header);
    let refused = |failure| OpenFailure { failure, shape: FileShape { columns: columns(), encoding: None } };
    ColumnPlan::of(header, options).map_err(refused)
}

/// Refuses what is known to be no rows: a page, an array of JSON, a picture, an archive. Else it would be told that a column is missing.
fn expect_rows(text: &[u8]) -> Result<(), ImportFailure> {
    let after_bracket = text.strip_prefix(b"[").and_then(|rest| rest.trim_ascii_start().first());
    let is_array = after_bracket.is_some_and(|byte| matches!(byte, b'{' | b'[' | b']' | b'"' | b'0'..=b'9'));
    let is_page = text.starts_with(b"<") || text.starts_with(b"%PDF");
    if is_page || is_array || is_binary(text) { Err(ImportFailure::FileKind) } else { Ok(()) }
}

/// Whether it is no text: a NUL stands in its first line, or what no text holds in every second one. One such line among others is a broken row.
fn is_binary(text: &[u8]) -> bool {
    let is_of_text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t'..=b'\r' | 0x7f);
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let begins_so = lines.next().is_some_and(|first| first.contains(&0));
    let (strange, all) = lines.fold((0_usize, 1_usize), |(strange, all), line| {
        (strange + usize::from(!line.iter().all(is_of_text)), all + 1)
    });
    begins_so || strange * 2 >= all && strange > 0
}

/// The rows of a file.
pub(crate) enum Source<F: Read + Seek> {
    /// Cells between delimiters.
    Cells(Cells<F>),
    /// Lines of JSON.
    Lines(JsonLines<F>),
    /// Rows of a spreadsheet.
    Sheet(SheetRows<F>),
}

impl<F: Read + Seek> Source<F> {
    /// Opens a file where it was left.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub(crate) fn open(mut file: F, options: &ImportOptions, place: FilePlace) -> Result<Self, OpenFailure> {
        let layout = Layout::of(&mut file, options.encoding)?;
        // The reader of cells believes that it is at the begin.
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let countries = options.countries();
        let opened = if let Some(delimiter) = layout.delimiter {
            Cells::open(file, layout, delimiter, options, countries, place).map(Self::Cells)
        } else {
            let lines = JsonLines::open(file, layout, options.clone(), countries, place);
            lines.map(Self::Lines).map_err(Into::into)
        };
        opened.map_err(|mut refused| {
            refused.shape.encoding = TextEncoding::of(layout.encoding);
            refused
        })
    }

    /// Opens the rows of a spreadsheet where they were left.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) fn open_sheet(
        file: F,
        options: &ImportOptions,
        place: FilePlace,
    ) -> Result<Self, OpenFailure> {
        Ok(Self::Sheet(SheetRows::open(file, options, options.countries(), place)?))
    }

    /// What is seen of the file.
    pub(crate) fn shape(&self) -> FileShape {
        let (columns, encoding) = match self {
            Self::Cells(cells) => (cells.plan().columns(), Some(cells.encoding())),
            Self::Lines(lines) => (lines.columns(), Some(lines.encoding())),
            Self::Sheet(rows) => (rows.plan().columns(), None),
        };
        FileShape { columns, encoding: encoding.and_then(TextEncoding::of) }
    }

    /// The next rows, at most [`IMPORT_CHUNK`]; none when none are left.
    ///
    /// # Errors
    /// Why the file cannot be read on.
    pub(crate) fn chunk(&mut self) -> Result<Vec<ImportRow>, ImportFailure> {
        let mut rows: Vec<ImportRow> = Vec::new();
        let mut begin = None;
        while rows.len() < IMPORT_CHUNK {
            let Some(row) = self.next()? else { break };
            let begin = *begin.get_or_insert(row.next.byte);
            let is_last = row.next.byte - begin > CHUNK_BYTES;
            rows.push(row);
            if is_last {
                break;
            }
        }
        Ok(rows)
    }

    fn next(&mut self) -> Result<Option<ImportRow>, ImportFailure> {
        match self {
            Self::Cells(cells) => cells.next(),
            Self::Lines(lines) => lines.next(),
            Self::Sheet(rows) => rows.next(),
        }
    }
}

/// A text, unless it holds what is no character. A NUL is none either: PostgreSQL takes no text with one.
fn decoded<'t>(encoding: &'static Encoding, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).filter(|text| !text.contains('\0'))
}

/// A text to be shown: what is no character in it is U+FFFD.
fn shown<'t>(encoding: &'static Encoding, bytes: &'t [u8]) -> Cow<'t, str> {
    encoding.decode_without_bom_handling(bytes).0
}

fn beginning(text: &str) -> String {
    // PostgreSQL takes no text with a NUL.
    text.trim_end().chars().filter(|character| *character != '\0').take(REFUSED_ROW_CHARACTERS).collect()
}

/// What a row holds.
type RowRead = Result<NewNumber, RowRefusal>;

#[cfg(test)]
mod tests;
