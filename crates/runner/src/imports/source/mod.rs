//! Reads the rows of a file, from where it was left: CSV, whose cells are between commas, semicolons or tabs, and lines of JSON. Both may be
//! UTF-8, with or without a byte order mark, or GB18030.
//!
//! It reads from anything that can be read from the middle, knows no files, and holds one chunk at a time.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
};

use domain::{
    ColumnPlan, IMPORT_CHUNK, ImportFailure, ImportOptions, NewNumber, REFUSED_ROW_CHARACTERS, ROW_BYTES,
    RowRefusal, number_of_members,
};
use encoding_rs::{Encoding, GB18030, UTF_8};
use phone::Country;
use serde::{Deserialize, Serialize};

/// How much of a file is looked at to find out how it is written.
const SAMPLE: usize = 1_024 * 1_024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The byte between cells; `None`: lines of JSON.
    delimiter: Option<u8>,
    encoding: &'static Encoding,
    /// Whether lines end with a carriage return and a line feed.
    ends_with_two: bool,
    /// Where the first row or the header begins, in bytes.
    begin: u64,
}

/// Where the next row begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePlace {
    /// In bytes from the begin of the file; 0 before the header.
    pub byte: u64,
    /// The number of its line, counted from 1; 0 before the header.
    pub line: u64,
}

/// A row that was read.
#[derive(Debug)]
pub struct SourceRow {
    /// The number of its line.
    pub line: u64,
    /// The number it holds, or why it is not taken, with the beginning of the row as it stands in the file.
    pub read: Result<NewNumber, (RowRefusal, String)>,
}

impl Layout {
    /// Finds out how a file is written.
    pub(super) fn of(file: &mut (impl Read + Seek)) -> Result<Self, ImportFailure> {
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let mut sample = Vec::new();
        let most = u64::try_from(SAMPLE).unwrap_or(u64::MAX);
        let whole = file.take(most).read_to_end(&mut sample).map_err(|_| ImportFailure::FileLost)? < SAMPLE;
        let begin = if sample.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let sample = &sample[begin..];
        let text = sample.trim_ascii_start();
        if text.is_empty() {
            return Err(ImportFailure::NoRows);
        }
        let encoding = encoding(sample, whole).ok_or(ImportFailure::Encoding)?;
        let delimiter = if text.starts_with(b"{") { None } else { Some(delimiter(text)) };
        let first_end = text.iter().position(|byte| *byte == b'\n');
        let ends_with_two = first_end.is_some_and(|end| text[..end].ends_with(b"\r"));
        Ok(Self { delimiter, encoding, ends_with_two, begin: u64::try_from(begin).unwrap_or(0) })
    }
}

/// UTF-8 if it can be, else GB18030 if it can be. What is cut off at the end of a sample is not held against it.
fn encoding(sample: &[u8], whole: bool) -> Option<&'static Encoding> {
    let reads_as = |encoding: &'static Encoding| {
        let mut text =
            String::with_capacity(encoding.new_decoder().max_utf8_buffer_length(sample.len()).unwrap_or(0));
        let (result, ..) = encoding
            .new_decoder_without_bom_handling()
            .decode_to_string_without_replacement(sample, &mut text, whole);
        matches!(result, encoding_rs::DecoderResult::InputEmpty)
    };
    [UTF_8, GB18030].into_iter().find(|encoding| reads_as(encoding))
}

/// Of the bytes that may stand between cells, the one that is most frequent in the first line, outside of quotes. None of them is a part
/// of a character in GB18030.
fn delimiter(text: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            byte if !quoted => {
                counts.iter_mut().filter(|(one, _)| one == byte).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(byte, _)| *byte)
}

/// The rows of a file.
pub enum Source<F: Read + Seek> {
    /// Cells between delimiters.
    Cells(Cells<F>),
    /// Lines of JSON.
    Lines(JsonLines<F>),
}

impl<F: Read + Seek> Source<F> {
    /// Opens a file where it was left.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn open(mut file: F, options: &ImportOptions, place: FilePlace) -> Result<Self, ImportFailure> {
        let layout = Layout::of(&mut file)?;
        // The reader of cells believes that it is at the begin.
        file.seek(SeekFrom::Start(0)).map_err(|_| ImportFailure::FileLost)?;
        let country = Country::parse(&options.default_country).unwrap_or(Country::CHINA);
        match layout.delimiter {
            Some(delimiter) => {
                Ok(Self::Cells(Cells::open(file, layout, delimiter, options, country, place)?))
            }
            None => Ok(Self::Lines(JsonLines::open(file, layout, options.clone(), country, place)?)),
        }
    }

    /// The next rows, at most [`IMPORT_CHUNK`], and where the one after them begins. None are left when there are none.
    ///
    /// # Errors
    /// Why the file cannot be read on.
    pub fn chunk(&mut self) -> Result<(Vec<SourceRow>, FilePlace), ImportFailure> {
        let mut rows = Vec::new();
        while rows.len() < IMPORT_CHUNK {
            let row = match self {
                Self::Cells(cells) => cells.next()?,
                Self::Lines(lines) => lines.next()?,
            };
            match row {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        let place = match self {
            Self::Cells(cells) => cells.place(),
            Self::Lines(lines) => lines.place,
        };
        Ok((rows, place))
    }
}

/// Cells between delimiters, the first row naming the columns.
pub struct Cells<F: Read + Seek> {
    reader: csv::Reader<F>,
    plan: ColumnPlan,
    encoding: &'static Encoding,
    country: Country,
    /// How many lines the reader is behind at the begin of a row: it takes a line for ended at the first of its two last bytes, and counts it at
    /// the second.
    behind: u64,
    row: csv::ByteRecord,
}

impl<F: Read + Seek> Cells<F> {
    fn open(
        file: F,
        layout: Layout,
        delimiter: u8,
        options: &ImportOptions,
        country: Country,
        place: FilePlace,
    ) -> Result<Self, ImportFailure> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(file);
        seek(&mut reader, FilePlace { byte: layout.begin, line: 1 })?;
        let mut row = csv::ByteRecord::new();
        if !reader.read_byte_record(&mut row).map_err(|_| ImportFailure::FileLost)? {
            return Err(ImportFailure::NoRows);
        }
        let header: Option<Vec<String>> =
            row.iter().map(|cell| decoded(layout.encoding, cell).map(Cow::into_owned)).collect();
        let plan = ColumnPlan::of(&header.ok_or(ImportFailure::Encoding)?, options)?;
        if place.byte > 0 {
            seek(&mut reader, place)?;
        }
        let behind = u64::from(layout.ends_with_two);
        Ok(Self { reader, plan, encoding: layout.encoding, country, behind, row })
    }

    fn next(&mut self) -> Result<Option<SourceRow>, ImportFailure> {
        if !self.reader.read_byte_record(&mut self.row).map_err(|_| ImportFailure::FileLost)? {
            return Ok(None);
        }
        let line = self.row.position().map_or(0, csv::Position::line) + self.behind;
        let read = self.number().map_err(|refusal| (refusal, self.text()));
        Ok(Some(SourceRow { line, read }))
    }

    fn number(&self) -> Result<NewNumber, RowRefusal> {
        if self.row.as_slice().len() > ROW_BYTES {
            return Err(RowRefusal::TooLong);
        }
        let cells: Option<Vec<String>> =
            self.row.iter().map(|cell| decoded(self.encoding, cell).map(Cow::into_owned)).collect();
        self.plan.number(cells.ok_or(RowRefusal::Encoding)?, self.country)
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

fn seek<F: Read + Seek>(reader: &mut csv::Reader<F>, place: FilePlace) -> Result<(), ImportFailure> {
    let mut position = csv::Position::new();
    position.set_byte(place.byte).set_line(place.line);
    reader.seek(position).map_err(|_| ImportFailure::FileLost)
}

/// Lines of JSON, each an object.
pub struct JsonLines<F: Read + Seek> {
    reader: BufReader<F>,
    encoding: &'static Encoding,
    options: ImportOptions,
    country: Country,
    place: FilePlace,
}

impl<F: Read + Seek> JsonLines<F> {
    fn open(
        file: F,
        layout: Layout,
        options: ImportOptions,
        country: Country,
        place: FilePlace,
    ) -> Result<Self, ImportFailure> {
        let place = if place.byte > 0 { place } else { FilePlace { byte: layout.begin, line: 1 } };
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(place.byte)).map_err(|_| ImportFailure::FileLost)?;
        Ok(Self { reader, encoding: layout.encoding, options, country, place })
    }

    fn next(&mut self) -> Result<Option<SourceRow>, ImportFailure> {
        loop {
            let line = self.place.line;
            let Some((bytes, is_whole)) = self.line()? else { return Ok(None) };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let read = if is_whole { self.number(&bytes) } else { Err(RowRefusal::TooLong) };
            let read = read.map_err(|refusal| (refusal, beginning(&self.encoding.decode(&bytes).0)));
            return Ok(Some(SourceRow { line, read }));
        }
    }

    /// The next line, and whether it is whole: of a line that is too long only the beginning is held.
    fn line(&mut self) -> Result<Option<(Vec<u8>, bool)>, ImportFailure> {
        let (mut line, mut length) = (Vec::new(), 0);
        loop {
            let buffer = self.reader.fill_buf().map_err(|_| ImportFailure::FileLost)?;
            let (piece, ends) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (&buffer[..=end], true),
                None => (buffer, buffer.is_empty()),
            };
            let taken = piece.len();
            line.extend_from_slice(&piece[..taken.min(ROW_BYTES.saturating_sub(line.len()))]);
            self.reader.consume(taken);
            length += taken;
            if ends {
                break;
            }
        }
        self.place.byte += u64::try_from(length).unwrap_or(0);
        self.place.line += 1;
        Ok(if length == 0 { None } else { Some((line, length <= ROW_BYTES)) })
    }

    fn number(&self, line: &[u8]) -> Result<NewNumber, RowRefusal> {
        let text = decoded(self.encoding, line).ok_or(RowRefusal::Encoding)?;
        let members = serde_json::from_str(&text).map_err(|_| RowRefusal::Json)?;
        number_of_members(members, &self.options, self.country)
    }
}

/// A text, unless it holds what is no character.
fn decoded<'t>(encoding: &'static Encoding, bytes: &'t [u8]) -> Option<Cow<'t, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

fn beginning(text: &str) -> String {
    // PostgreSQL takes no text with a NUL.
    text.trim_end().chars().filter(|character| *character != '\0').take(REFUSED_ROW_CHARACTERS).collect()
}

#[cfg(test)]
mod tests;
