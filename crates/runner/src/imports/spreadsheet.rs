//! Spreadsheets: the first sheet of an XLSX file that is not hidden is written out row by row, so that it is read from wherever it was left
//! as any other file is.
//!
//! A small file may unpack to a very large one. So all of it is unpacked once and thrown away, to see how much it is, before anything is
//! held; and what is written is bounded, for a sheet may name one long text a million times.

mod markup;

use std::{
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    str,
};

use calamine::{Cell, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use domain::{ImportFailure, MOST_COLUMNS, ROW_BYTES};
use zip::ZipArchive;

use self::markup::Markup;
use super::source::SheetRow;

/// How large a spreadsheet may be.
#[derive(Clone, Copy)]
pub(super) struct SheetLimits {
    /// The most bytes when it is unpacked, and of the rows that are written of it.
    unpacked: u64,
    /// The most bytes of the one part of it that is held in memory: the texts that several cells have.
    texts: u64,
}

impl SheetLimits {
    /// The usual ones.
    pub(super) const USUAL: Self = Self { unpacked: 1_024 * 1_024 * 1_024, texts: 256 * 1_024 * 1_024 };
}

/// The most parts of a file; those of a usual one are ten.
const MOST_PARTS: usize = 10_000;
/// The most rows of a sheet.
const MOST_ROWS: u64 = 1_048_576;
/// The fewest bytes that a shared text takes, `<si/>`.
const SHORTEST_TEXT: u64 = 5;
/// How much is unpacked at once.
const PIECE: usize = 64 * 1_024;

/// Why a sheet could not be written out.
#[derive(Debug)]
pub(super) enum SheetError {
    /// The file is at fault.
    Failure(ImportFailure),
    /// The disk is.
    Disk(io::Error),
}

impl From<ImportFailure> for SheetError {
    fn from(failure: ImportFailure) -> Self {
        Self::Failure(failure)
    }
}

/// Whether a file that begins so is a spreadsheet, or an archive that is taken for one.
pub(super) fn is_spreadsheet(beginning: &[u8]) -> bool {
    // The second is what older spreadsheets begin with, and those that are encrypted: they are refused by name.
    beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"\xd0\xcf\x11\xe0")
}

/// Writes the rows of a spreadsheet.
pub(super) fn write_rows(
    mut file: impl Read + Seek,
    rows: impl Write,
    limits: SheetLimits,
) -> Result<(), SheetError> {
    check_size(&mut file, limits)?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(unreadable)?;
    let sheets = book.sheets_metadata();
    let sheet = sheets
        .iter()
        .find(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .ok_or(ImportFailure::NoSheet)?;
    let name = sheet.name.clone();
    let mut cells = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut writer = RowWriter::new(rows, limits.unpacked);
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        writer.add(&cell)?;
    }
    writer.finish()
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn unreadable(error: calamine::XlsxError) -> SheetError {
    tracing::debug!(%error, "a spreadsheet cannot be read");
    SheetError::Failure(ImportFailure::Spreadsheet)
}

/// Unpacks all parts of a file, and refuses it when they are too large or say that they hold what they do not.
fn check_size(file: &mut (impl Read + Seek), limits: SheetLimits) -> Result<(), ImportFailure> {
    let mut archive = ZipArchive::new(file).map_err(|_| ImportFailure::Spreadsheet)?;
    if archive.len() > MOST_PARTS {
        return Err(ImportFailure::TooLarge);
    }
    let mut left = limits.unpacked;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| ImportFailure::Spreadsheet)?;
        let name = part.name().map_err(|_| ImportFailure::Spreadsheet)?.to_ascii_lowercase();
        let kind = match () {
            () if name.ends_with("sharedstrings.xml") => SheetPart::Texts,
            () if name.ends_with("xml") || name.ends_with("rels") => SheetPart::Xml,
            () => SheetPart::Other,
        };
        let most = if kind == SheetPart::Texts { left.min(limits.texts) } else { left };
        left -= part_size(&mut part, most, kind)?;
    }
    Ok(())
}

/// What is looked for in a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SheetPart {
    /// The texts that several cells have.
    Texts,
    Xml,
    Other,
}

/// How large a part is.
fn part_size(part: &mut impl Read, most: u64, kind: SheetPart) -> Result<u64, ImportFailure> {
    let (mut size, mut announced) = (0, 0);
    let (mut piece, mut held) = (vec![0; PIECE], 0);
    let mut markup = Markup::default();
    loop {
        let read = part.read(&mut piece[held..]).map_err(|_| ImportFailure::Spreadsheet)?;
        if read == 0 {
            break;
        }
        if kind != SheetPart::Other && !markup.is_short(&piece[held..held + read]) {
            // No usual one has a document type.
            let is_usual = !markup.is_document_type();
            return Err(if is_usual { ImportFailure::TooLarge } else { ImportFailure::Spreadsheet });
        }
        if size == 0 && kind != SheetPart::Other && is_wide(&piece[..read]) {
            return Err(ImportFailure::Spreadsheet);
        }
        size += u64::try_from(read).unwrap_or(u64::MAX);
        if size > most {
            return Err(ImportFailure::TooLarge);
        }
        if kind == SheetPart::Texts {
            let end = held + read;
            announced = announced.max(announced_texts(&piece[..end]));
            // What is looked for may stand across two pieces.
            let begin = end.saturating_sub(ANNOUNCEMENT_BYTES);
            piece.copy_within(begin..end, 0);
            held = end - begin;
        }
    }
    // Room is made for as many texts as are announced.
    if announced > size / SHORTEST_TEXT { Err(ImportFailure::Spreadsheet) } else { Ok(size) }
}

/// Whether a part is written in characters of two bytes, in which nothing that is looked for would be found.
fn is_wide(beginning: &[u8]) -> bool {
    beginning.iter().take(4).any(|byte| [0, 0xfe, 0xff].contains(byte))
}

const ANNOUNCEMENT: &[u8] = b"uniqueCount";
/// An announcement with its number.
const ANNOUNCEMENT_BYTES: usize = 64;

/// How many texts are said to follow, where that is said.
fn announced_texts(piece: &[u8]) -> u64 {
    let places = piece.windows(ANNOUNCEMENT.len()).enumerate().filter(|(_, window)| *window == ANNOUNCEMENT);
    let announced = |(place, _): (usize, &[u8])| {
        let rest = &piece[place + ANNOUNCEMENT.len()..];
        let begin = rest.iter().take(8).position(u8::is_ascii_digit)?;
        let digits: Vec<u8> = rest[begin..].iter().copied().take_while(u8::is_ascii_digit).take(20).collect();
        Some(str::from_utf8(&digits).ok()?.parse().unwrap_or(u64::MAX))
    };
    places.filter_map(announced).max().unwrap_or(0)
}

/// Gathers the cells of a row and writes it.
struct RowWriter<W: Write> {
    rows: BufWriter<W>,
    /// Counted from 1.
    number: u64,
    cells: Vec<String>,
    bytes: usize,
    /// Whether any cell holds something, be it an error.
    is_row: bool,
    written: u64,
    most: u64,
}

impl<W: Write> RowWriter<W> {
    fn new(rows: W, most: u64) -> Self {
        let rows = BufWriter::new(rows);
        Self { rows, number: 0, cells: Vec::new(), bytes: 0, is_row: false, written: 0, most }
    }

    fn add(&mut self, cell: &Cell<DataRef<'_>>) -> Result<(), SheetError> {
        let (row, column) = cell.get_position();
        let number = u64::from(row) + 1;
        if number > MOST_ROWS {
            return Err(ImportFailure::Spreadsheet.into());
        }
        if number != self.number {
            self.write()?;
            self.number = number;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let text = text(cell.get_value());
        self.is_row |= !text.is_empty() || matches!(cell.get_value(), DataRef::Error(_));
        if text.is_empty() {
            return Ok(());
        }
        self.bytes += text.len();
        if column > MOST_COLUMNS {
            self.bytes = usize::MAX / 2;
        }
        if self.bytes <= ROW_BYTES {
            if column >= self.cells.len() {
                self.cells.resize(column + 1, String::new());
            }
            self.cells[column] = text;
        }
        Ok(())
    }

    /// Writes the row that is gathered, if it holds anything.
    fn write(&mut self) -> Result<(), SheetError> {
        let (cells, bytes) = (std::mem::take(&mut self.cells), std::mem::take(&mut self.bytes));
        if !std::mem::take(&mut self.is_row) {
            return Ok(());
        }
        let row: SheetRow = (self.number, (bytes <= ROW_BYTES).then_some(cells));
        let mut line = serde_json::to_vec(&row).map_err(|error| SheetError::Disk(error.into()))?;
        line.push(b'\n');
        self.written += u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.written > self.most {
            return Err(ImportFailure::TooLarge.into());
        }
        self.rows.write_all(&line).map_err(SheetError::Disk)
    }

    fn finish(mut self) -> Result<(), SheetError> {
        self.write()?;
        if self.written == 0 {
            return Err(ImportFailure::EmptySheet.into());
        }
        self.rows.flush().map_err(SheetError::Disk)
    }
}

/// What a cell shows, as far as a number or a name needs it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(instant) => date(instant),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn date(instant: &ExcelDateTime) -> String {
    if !instant.is_datetime() {
        return instant.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    const LIMITS: SheetLimits = SheetLimits { unpacked: 100_000, texts: 2_000 };

    /// A book with this sheet and these texts, and another part.
    fn rows(sheet: &str, texts: &str, other: &[u8]) -> Result<String, SheetError> {
        let relations = |target: &str, kind: &str| {
            format!(
                r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"#
            )
        };
        let book = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, part) in [
            ("_rels/.rels", relations("xl/workbook.xml", "officeDocument").as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", relations("worksheets/sheet1.xml", "worksheet").as_bytes()),
            ("xl/SharedStrings.xml", texts.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/media/image1.png", other),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(part).unwrap();
        }
        let mut rows = Vec::new();
        write_rows(zip.finish().unwrap(), &mut rows, LIMITS)?;
        Ok(String::from_utf8(rows).unwrap())
    }

    fn texts(count: u64, text: &str) -> String {
        format!(r#"<sst uniqueCount="{count}"><si><t>{text}</t></si></sst>"#)
    }

    fn failure(result: Result<String, SheetError>) -> ImportFailure {
        match result {
            Err(SheetError::Failure(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }

    const ROW: &str = r#"<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2"><v>13800138000</v></c><c r="D2" t="b"><v>1</v></c></row>"#;

    #[test]
    fn rows_are_written_with_their_numbers() {
        assert_eq!(
            rows(ROW, &texts(1, "a\"b"), b"").unwrap(),
            "[2,[\"a\\\"b\",\"\",\"13800138000\",\"true\"]]\n"
        );
        assert_eq!(failure(rows("", &texts(1, "a"), b"")), ImportFailure::EmptySheet);
        let typed = format!("<!DOCTYPE sst>{}", texts(1, "a"));
        assert_eq!(failure(rows(ROW, &typed, b"")), ImportFailure::Spreadsheet);
    }

    #[test]
    fn a_small_file_that_is_large_unpacked_is_refused() {
        assert_eq!(failure(rows(ROW, &texts(1, "a"), &vec![0; 200_000])), ImportFailure::TooLarge);
        assert_eq!(failure(rows(ROW, &texts(1, &"a".repeat(3_000)), b"")), ImportFailure::TooLarge);
        let rows_of = |row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
        let many = (1..200).map(rows_of).collect::<Vec<_>>().concat();
        assert_eq!(failure(rows(&many, &texts(1, &"a".repeat(1_500)), b"")), ImportFailure::TooLarge);
    }

    #[test]
    fn texts_that_are_announced_and_not_there_are_refused() {
        for count in [1_000_000_000_000_000, u64::MAX] {
            assert_eq!(failure(rows(ROW, &texts(count, "a"), b"")), ImportFailure::Spreadsheet);
        }
        // Across two pieces.
        let padded = format!("{}{}", " ".repeat(PIECE - 18), texts(1_000_000, "a"));
        let size = part_size(&mut padded.as_bytes(), 1_000_000, SheetPart::Texts);
        assert_eq!(size, Err(ImportFailure::Spreadsheet));
        let wide: Vec<u8> = texts(1, "a").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(part_size(&mut &wide[..], 10_000, SheetPart::Texts), Err(ImportFailure::Spreadsheet));
    }

    #[test]
    fn a_row_of_an_error_is_one_and_there_are_so_many_rows() {
        let error = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="B2" t="e"><v>#REF!</v></c></row>"#;
        assert_eq!(rows(error, &texts(1, "a"), b"").unwrap(), "[1,[\"a\"]]\n[2,[]]\n");
        let far = |row: u64| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#);
        assert_eq!(rows(&far(MOST_ROWS), &texts(1, "a"), b"").unwrap(), "[1048576,[\"1\"]]\n");
        for row in [MOST_ROWS + 1, u64::from(u32::MAX)] {
            assert_eq!(failure(rows(&far(row), &texts(1, "a"), b"")), ImportFailure::Spreadsheet, "{row}");
        }
    }

    #[test]
    fn a_row_that_is_too_long_is_written_without_its_cells() {
        let far = r#"<row r="1"><c r="ZZ1"><v>1</v></c></row>"#;
        assert_eq!(rows(far, &texts(1, "a"), b"").unwrap(), "[1,null]\n");
    }
}
