//! Cells between delimiters, the first row naming the columns.

use std::{
    borrow::Cow,
    io::{self, Read, Seek, SeekFrom},
};

use domain::{ColumnPlan, FilePlace, ImportFailure, ImportOptions, ImportRow, ROW_BYTES, RowRefusal};
use encoding_rs::Encoding;
use phone::ListCountries;

use super::{Layout, OpenFailure, RowRead, beginning, decoded, plan};

/// How much is read of a row that is too long, to look for its end.
const PIECE: usize = 64 * 1_024;

/// A file of which only so much is read until more is allowed: a quote that is never closed makes one row of all that follows.
struct Rationed<F> {
    file: F,
    left: usize,
}

impl<F: Read> Read for Rationed<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl<F: Seek> Seek for Rationed<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Cells between delimiters.
pub(crate) struct Cells<F: Read + Seek> {
    reader: csv::Reader<Rationed<F>>,
    plan: ColumnPlan,
    encoding: &'static Encoding,
    countries: ListCountries,
    /// How many lines the reader is behind at the begin of a row: it takes a line for ended at the first of its two last bytes, and counts it at
    /// the second.
    behind: u64,
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
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Rationed { file, left: 2 * ROW_BYTES });
        seek(&mut reader, layout.begin)?;
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
            let is_open = is_all && header.iter().any(|name| name.trim().contains('\n'));
            if is_open { ImportFailure::HeaderEnd.into() } else { refused }
        })?;
        if place.byte > 0 {
            seek(&mut reader, place)?;
        }
        let behind = u64::from(layout.ends_with_two);
        Ok(Self { reader, plan, encoding: layout.encoding, countries, behind, row, length })
    }

    pub(super) const fn plan(&self) -> &ColumnPlan {
        &self.plan
    }

    pub(super) fn next(&mut self) -> Result<Option<ImportRow>, ImportFailure> {
        let begin = self.place();
        self.reader.get_mut().left = 2 * ROW_BYTES;
        match self.reader.read_byte_record(&mut self.row) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let line = self.row.position().map_or(0, csv::Position::line) + self.behind;
                let (read, next) = (self.number(), self.place());
                let is_rest = next.byte >= self.length && next.line > begin.line + 1;
                if read.is_err() && is_rest {
                    return self.pass_over_line(begin).map(Some);
                }
                Ok(Some(ImportRow { line, text: self.text(), read, next }))
            }
            Err(error) if is_too_long(&error) => self.pass_over_line(begin).map(Some),
            Err(_) => Err(ImportFailure::FileLost),
        }
    }

    /// Refuses the line that begins there, of a row that does not end in time or only with the file, and goes on with the line after it.
    fn pass_over_line(&mut self, begin: FilePlace) -> Result<ImportRow, ImportFailure> {
        let lost = |_| ImportFailure::FileLost;
        let file = &mut self.reader.get_mut().file;
        file.seek(SeekFrom::Start(begin.byte)).map_err(lost)?;
        let (mut piece, mut first, mut length) = (vec![0; PIECE], Vec::new(), 0);
        // At the begin may stand the second of the two bytes that end the line before.
        let (mut is_inside, mut ends) = (false, false);
        while !ends {
            let read = file.read(&mut piece).map_err(lost)?;
            if read == 0 {
                break;
            }
            let starts =
                if is_inside { 0 } else { piece[..read].iter().take_while(|byte| is_end(**byte)).count() };
            let end = piece[starts..read].iter().position(|byte| *byte == b'\n');
            ends = end.is_some();
            let taken = end.map_or(read, |end| starts + end + 1);
            if first.is_empty() {
                first.extend_from_slice(&piece[starts..taken]);
            }
            length += taken;
            is_inside = true;
        }
        let next = FilePlace { byte: begin.byte + u64::try_from(length).unwrap_or(0), line: begin.line + 1 };
        let mut position = csv::Position::new();
        position.set_byte(next.byte).set_line(next.line);
        self.reader.seek_raw(SeekFrom::Start(next.byte), position).map_err(lost_csv)?;
        let text = beginning(&self.encoding.decode(&first).0);
        let refusal = if length > ROW_BYTES { RowRefusal::TooLong } else { RowRefusal::Quote };
        Ok(ImportRow { line: begin.line + self.behind, text, read: Err(refusal), next })
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
        let cells: Vec<Cow<'_, str>> = self.row.iter().map(|cell| self.encoding.decode(cell).0).collect();
        beginning(&cells.join(","))
    }

    fn place(&self) -> FilePlace {
        let position = self.reader.position();
        FilePlace { byte: position.byte(), line: position.line() }
    }
}

const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge)
}

fn header_end(error: &csv::Error) -> ImportFailure {
    if is_too_long(error) { ImportFailure::HeaderEnd } else { ImportFailure::FileLost }
}

fn lost_csv(_: csv::Error) -> ImportFailure {
    ImportFailure::FileLost
}

fn seek<F: Read + Seek>(
    reader: &mut csv::Reader<Rationed<F>>,
    place: FilePlace,
) -> Result<(), ImportFailure> {
    let mut position = csv::Position::new();
    position.set_byte(place.byte).set_line(place.line);
    // The reader reads the header before it goes there.
    reader.seek(position).map_err(|error| header_end(&error))
}
