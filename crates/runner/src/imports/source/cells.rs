//! Cells between delimiters, the first row naming the columns.

use std::{
    borrow::Cow,
    io::{self, Read, Seek, SeekFrom},
};

use domain::{
    ColumnPlan, FilePlace, ImportFailure, ImportOptions, ImportRow, LineCount, ROW_BYTES, RowRefusal,
};
use encoding_rs::Encoding;
use phone::ListCountries;

use super::{Layout, OpenFailure, RowRead, beginning, decoded, plan, shown};

/// How much is read of a row that is too long, to look for its end.
const PIECE: usize = 64 * 1_024;

/// A file of which only so much is read until more is allowed: a quote that is never closed makes one row of all that follows. It remembers the row
/// as it stands in the file, to see where in it lines end.
struct Rationed<F> {
    file: F,
    left: usize,
    /// What was read, from where the row begins or a little before.
    seen: Vec<u8>,
    /// Where in the file that begins.
    seen_at: u64,
    /// What stands before is needed no more.
    needed: u64,
}

impl<F> Rationed<F> {
    const fn new(file: F) -> Self {
        Self { file, left: 2 * ROW_BYTES, seen: Vec::new(), seen_at: 0, needed: 0 }
    }

    /// Allows the next row, which begins there.
    const fn allow(&mut self, begin: u64) {
        self.left = 2 * ROW_BYTES;
        self.needed = begin;
    }

    /// What was read from a place on that is needed.
    fn seen_from(&self, begin: u64) -> &[u8] {
        let passed = usize::try_from(begin.saturating_sub(self.seen_at)).unwrap_or(usize::MAX);
        self.seen.get(passed..).unwrap_or_default()
    }
}

impl<F: Read> Read for Rationed<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        let kept = self.seen_from(self.needed).len();
        let passed = self.seen.len() - kept;
        self.seen.drain(..passed);
        self.seen_at += u64::try_from(passed).unwrap_or(0);
        self.seen.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

impl<F: Seek> Seek for Rationed<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.file.seek(to)?;
        self.seen.clear();
        (self.seen_at, self.needed) = (at, at);
        Ok(at)
    }
}

/// Cells between delimiters.
pub(crate) struct Cells<F: Read + Seek> {
    reader: csv::Reader<Rationed<F>>,
    plan: ColumnPlan,
    encoding: &'static Encoding,
    countries: ListCountries,
    delimiter: u8,
    lines: LineCount,
    row: csv::ByteRecord,
    /// How long the file is, in bytes.
    length: u64,
}

impl<F: Read + Seek> Cells<F> {
    pub(super) fn open(
        mut file: F,
        layout: Layout,
        delimiter: u8,
        options: &ImportOptions,
        countries: ListCountries,
        place: FilePlace,
    ) -> Result<Self, OpenFailure> {
        let length = file.seek(SeekFrom::End(0)).map_err(|_| ImportFailure::FileLost)?;
        let after_return = place.byte > 0 && byte_before(&mut file, place.byte)? == b'\r';
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Rationed::new(file));
        seek(&mut reader, layout.begin.byte)?;
        let mut row = csv::ByteRecord::new();
        let is_there = reader.read_byte_record(&mut row).map_err(|error| header_end(&error))?;
        if !is_there {
            return Err(ImportFailure::NoRows.into());
        }
        let header: Option<Vec<String>> =
            row.iter().map(|cell| decoded(layout.encoding, cell).map(Cow::into_owned)).collect();
        let header = header.ok_or(ImportFailure::Encoding)?;
        let plan = plan(&header, options).map_err(|refused| {
            // A quote that is not closed makes a header of the whole file.
            let is_all = reader.position().byte() >= length;
            let is_open = is_all && header.iter().any(|name| name.trim().contains(['\r', '\n']));
            if is_open { ImportFailure::HeaderEnd.into() } else { refused }
        })?;
        let mut lines = LineCount::at(layout.begin.line, false);
        if place.byte > 0 {
            lines = LineCount::at(place.line, after_return);
            seek(&mut reader, place.byte)?;
        } else {
            lines.pass(read_from(&reader, layout.begin.byte));
        }
        Ok(Self { reader, plan, encoding: layout.encoding, countries, delimiter, lines, row, length })
    }

    pub(super) const fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    pub(super) const fn plan(&self) -> &ColumnPlan {
        &self.plan
    }

    pub(super) fn next(&mut self) -> Result<Option<ImportRow>, ImportFailure> {
        loop {
            let begin = self.reader.position().byte();
            self.reader.get_mut().allow(begin);
            let is_whole = match self.reader.read_byte_record(&mut self.row) {
                Ok(false) => return Ok(None),
                Ok(true) => true,
                Err(error) if is_too_long(&error) => false,
                Err(_) => return Err(ImportFailure::FileLost),
            };
            let read = if is_whole {
                read_from(&self.reader, begin)
            } else {
                self.reader.get_ref().seen_from(begin)
            };
            // Lines that are empty are no rows.
            let ends = self.lines.pass_ends(read);
            let begin = begin + u64::try_from(ends).unwrap_or(0);
            if ends == read.len() {
                seek_raw(&mut self.reader, begin)?;
                continue;
            }
            let row = &read[ends..];
            let is_last = self.reader.position().byte() >= self.length;
            if !is_whole || is_last && is_quote_open(row, self.delimiter) {
                return self.pass_over_line(begin).map(Some);
            }
            let line = self.lines.line();
            self.lines.pass(row);
            return Ok(Some(ImportRow { line, text: self.text(), read: self.number(), next: self.place() }));
        }
    }

    /// Refuses the line that begins there, of a row that does not end in time or only with the file, and goes on with the line after it.
    fn pass_over_line(&mut self, begin: u64) -> Result<ImportRow, ImportFailure> {
        let lost = |_| ImportFailure::FileLost;
        let file = &mut self.reader.get_mut().file;
        file.seek(SeekFrom::Start(begin)).map_err(lost)?;
        let (mut piece, mut first, mut length) = (vec![0; PIECE], Vec::new(), 0);
        let line = self.lines.line();
        loop {
            let read = file.read(&mut piece).map_err(lost)?;
            let end = piece[..read].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let taken = end.map_or(read, |end| end + 1);
            if first.is_empty() {
                first.extend_from_slice(&piece[..taken]);
            }
            length += taken;
            self.lines.pass(&piece[end.unwrap_or(taken)..taken]);
            if end.is_some() || read == 0 {
                break;
            }
        }
        seek_raw(&mut self.reader, begin + u64::try_from(length).unwrap_or(0))?;
        let text = beginning(&shown(self.encoding, &first));
        let refusal = if length > ROW_BYTES { RowRefusal::TooLong } else { RowRefusal::Quote };
        Ok(ImportRow { line, text, read: Err(refusal), next: self.place() })
    }

    fn number(&self) -> RowRead {
        if self.row.as_slice().len() > ROW_BYTES {
            return Err(RowRefusal::TooLong);
        }
        let cells: Option<Vec<String>> =
            self.row.iter().map(|cell| decoded(self.encoding, cell).map(Cow::into_owned)).collect();
        self.plan.number(cells.ok_or(RowRefusal::Encoding)?, self.countries)
    }

    /// The beginning of the row, with commas between its cells.
    fn text(&self) -> String {
        let cells: Vec<Cow<'_, str>> = self.row.iter().map(|cell| shown(self.encoding, cell)).collect();
        beginning(&cells.join(","))
    }

    fn place(&self) -> FilePlace {
        FilePlace { byte: self.reader.position().byte(), line: self.lines.line() }
    }
}

/// What the reader took of a file from a place on.
fn read_from<F: Read + Seek>(reader: &csv::Reader<Rationed<F>>, begin: u64) -> &[u8] {
    let seen = reader.get_ref().seen_from(begin);
    let taken = usize::try_from(reader.position().byte().saturating_sub(begin)).unwrap_or(usize::MAX);
    &seen[..taken.min(seen.len())]
}

fn byte_before(file: &mut (impl Read + Seek), place: u64) -> Result<u8, ImportFailure> {
    let mut byte = [0];
    let read = file.seek(SeekFrom::Start(place - 1)).and_then(|_| file.read_exact(&mut byte));
    read.map(|()| byte[0]).map_err(|_| ImportFailure::FileLost)
}

/// Whether a row ends within a quote.
fn is_quote_open(row: &[u8], delimiter: u8) -> bool {
    let (mut begins_cell, mut is_open) = (true, false);
    let mut bytes = row.iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if begins_cell => is_open = true,
            b'"' if is_open && bytes.next_if_eq(&&b'"').is_none() => is_open = false,
            _ => {}
        }
        begins_cell = !is_open && *byte == delimiter;
    }
    is_open
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge)
}

fn header_end(error: &csv::Error) -> ImportFailure {
    if is_too_long(error) { ImportFailure::HeaderEnd } else { ImportFailure::FileLost }
}

fn seek<F: Read + Seek>(reader: &mut csv::Reader<Rationed<F>>, byte: u64) -> Result<(), ImportFailure> {
    let mut position = csv::Position::new();
    position.set_byte(byte);
    // The reader reads the header before it goes there.
    reader.seek(position).map_err(|error| header_end(&error))
}

/// Goes to a place, also where the reader believes to be there.
fn seek_raw<F: Read + Seek>(reader: &mut csv::Reader<Rationed<F>>, byte: u64) -> Result<(), ImportFailure> {
    let mut position = csv::Position::new();
    position.set_byte(byte);
    reader.seek_raw(SeekFrom::Start(byte), position).map_err(|_| ImportFailure::FileLost)
}
