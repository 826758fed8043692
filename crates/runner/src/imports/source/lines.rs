//! Lines, each a row: JSON objects, or the rows of a spreadsheet.

use std::{
    fmt,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
};

use domain::{
    ColumnPlan, FileColumn, FilePlace, ImportFailure, ImportOptions, ImportRow, ROW_BYTES, RowRefusal,
    columns_of_members, number_of_members,
};
use encoding_rs::Encoding;
use phone::ListCountries;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Layout, OpenFailure, RowRead, beginning, decoded, plan, shown};

/// The lines of a file.
struct FileLines<F: Read + Seek> {
    reader: BufReader<F>,
    place: FilePlace,
    /// How much is held of a line.
    most: usize,
}

/// A line with its number, and whether it is whole.
struct FileLine {
    number: u64,
    bytes: Vec<u8>,
    is_whole: bool,
}

impl<F: Read + Seek> FileLines<F> {
    fn open(file: F, place: FilePlace, most: usize) -> Result<Self, ImportFailure> {
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(place.byte)).map_err(|_| ImportFailure::FileLost)?;
        Ok(Self { reader, place, most })
    }

    fn go_to(&mut self, place: FilePlace) -> Result<(), ImportFailure> {
        self.reader.seek(SeekFrom::Start(place.byte)).map_err(|_| ImportFailure::FileLost)?;
        self.place = place;
        Ok(())
    }

    /// The next line that says something: of one that is too long only the beginning is held.
    fn next(&mut self) -> Result<Option<FileLine>, ImportFailure> {
        loop {
            let (mut bytes, mut length, mut ends) = (Vec::new(), 0, false);
            while !ends {
                let buffer = self.reader.fill_buf().map_err(|_| ImportFailure::FileLost)?;
                let piece = match buffer.iter().position(|byte| *byte == b'\n') {
                    Some(end) => &buffer[..=end],
                    None => buffer,
                };
                ends = piece.ends_with(b"\n") || piece.is_empty();
                let taken = piece.len();
                bytes.extend_from_slice(&piece[..taken.min(self.most.saturating_sub(bytes.len()))]);
                self.reader.consume(taken);
                length += taken;
            }
            if length == 0 {
                return Ok(None);
            }
            let number = self.place.line;
            self.place.byte += u64::try_from(length).unwrap_or(0);
            self.place.line += 1;
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(FileLine { number, bytes, is_whole: length <= self.most }));
            }
        }
    }
}

/// Of how many lines of JSON the members are told as the file's columns.
const LINES_TOLD: usize = 10;

/// Lines of JSON, each an object.
pub(crate) struct JsonLines<F: Read + Seek> {
    lines: FileLines<F>,
    columns: Vec<FileColumn>,
    encoding: &'static Encoding,
    options: ImportOptions,
    countries: ListCountries,
}

impl<F: Read + Seek> JsonLines<F> {
    pub(super) fn open(
        file: F,
        layout: Layout,
        options: ImportOptions,
        countries: ListCountries,
        place: FilePlace,
    ) -> Result<Self, ImportFailure> {
        let mut lines = FileLines::open(file, layout.begin, ROW_BYTES)?;
        let mut names = Vec::new();
        for _ in 0..LINES_TOLD {
            let Some(line) = lines.next()? else { break };
            let text = decoded(layout.encoding, &line.bytes).filter(|_| line.is_whole);
            let object = text.and_then(|text| serde_json::from_str::<ObjectMembers>(&text).ok());
            names.extend(
                object.into_iter().flat_map(|object| object.members.into_iter().map(|(name, _)| name)),
            );
        }
        let columns = columns_of_members(names.iter().map(String::as_str), &options);
        lines.go_to(if place.byte > 0 { place } else { layout.begin })?;
        Ok(Self { lines, columns, encoding: layout.encoding, options, countries })
    }

    pub(super) const fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    pub(super) fn columns(&self) -> Vec<FileColumn> {
        self.columns.clone()
    }

    pub(super) fn next(&mut self) -> Result<Option<ImportRow>, ImportFailure> {
        let Some(line) = self.lines.next()? else { return Ok(None) };
        let read = if line.is_whole { self.number(&line.bytes) } else { Err(RowRefusal::TooLong) };
        let text = beginning(&shown(self.encoding, &line.bytes));
        Ok(Some(ImportRow { line: line.number, text, read, next: self.lines.place }))
    }

    fn number(&self, line: &[u8]) -> RowRead {
        let text = decoded(self.encoding, line).ok_or(RowRefusal::Encoding)?;
        let ObjectMembers { members, is_repeated } =
            serde_json::from_str(&text).map_err(|_| RowRefusal::Json)?;
        if is_repeated {
            return Err(RowRefusal::Repeated);
        }
        number_of_members(members, &self.options, self.countries)
    }
}

/// The members of an object, and whether one of them stands in it twice: programs differ in which of the two they take.
struct ObjectMembers {
    members: Map<String, Value>,
    is_repeated: bool,
}

impl<'de> Deserialize<'de> for ObjectMembers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = ObjectMembers;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ObjectMembers, A::Error> {
        let (mut members, mut is_repeated) = (Map::new(), false);
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            is_repeated |= members.insert(name, value).is_some();
        }
        Ok(ObjectMembers { members, is_repeated })
    }
}

/// A row of a spreadsheet as it is written: its number, and its cells unless they are too long.
pub(crate) type SheetRow = (u64, Option<Vec<String>>);

/// The rows of a spreadsheet, each a JSON array in a line; the first names the columns.
pub(crate) struct SheetRows<F: Read + Seek> {
    lines: FileLines<F>,
    plan: ColumnPlan,
    countries: ListCountries,
}

impl<F: Read + Seek> SheetRows<F> {
    pub(super) fn open(
        file: F,
        options: &ImportOptions,
        countries: ListCountries,
        place: FilePlace,
    ) -> Result<Self, OpenFailure> {
        // A character of a cell may take six in JSON.
        let mut lines = FileLines::open(file, FilePlace { byte: 0, line: 1 }, 8 * ROW_BYTES)?;
        let header = lines.next()?.ok_or(ImportFailure::NoRows)?;
        let (_, header) = row(&header.bytes).ok_or(ImportFailure::FileLost)?;
        let plan = plan(&header.ok_or(ImportFailure::HeaderEnd)?, options)?;
        if place.byte > 0 {
            lines.go_to(place)?;
        }
        Ok(Self { lines, plan, countries })
    }

    pub(super) const fn plan(&self) -> &ColumnPlan {
        &self.plan
    }

    pub(super) fn next(&mut self) -> Result<Option<ImportRow>, ImportFailure> {
        let Some(line) = self.lines.next()? else { return Ok(None) };
        let (number, cells) = row(&line.bytes).ok_or(ImportFailure::FileLost)?;
        let (text, read) = match cells {
            None => (String::new(), Err(RowRefusal::TooLong)),
            Some(mut cells) => {
                // A row ends with its last cell that holds something.
                let columns = self.plan.len().max(cells.len());
                cells.resize(columns, String::new());
                (beginning(&cells.join(",")), self.plan.number(cells, self.countries))
            }
        };
        Ok(Some(ImportRow { line: number, text, read, next: self.lines.place }))
    }
}

fn row(line: &[u8]) -> Option<SheetRow> {
    serde_json::from_slice(line).ok()
}
