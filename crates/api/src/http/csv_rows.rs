//! The rows of a CSV file that is in memory: commas, semicolons or tabs between its cells, or what its first line says (`sep=;`); UTF-8 with or
//! without a byte order mark, UTF-16 with one, GB18030, Big5 or `Shift_JIS`. One row that cannot be read hides no other.

use std::{borrow::Cow, io::Cursor};

use domain::{LineCount, Utf16Text};
use encoding_rs::{Encoding, UTF_8};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CsvRow {
    /// The line it begins in, counted from 1.
    pub(crate) line: usize,
    /// `None`: it is not in the file's encoding.
    pub(crate) cells: Option<Vec<String>>,
}

/// The rows of a file, but for those whose cells are all empty.
pub(crate) struct CsvRows<'f> {
    reader: csv::Reader<Cursor<Cow<'f, [u8]>>>,
    encoding: &'static Encoding,
    /// Where the reader began.
    begin: usize,
    /// Up to which byte lines were counted.
    counted: usize,
    lines: LineCount,
}

impl<'f> CsvRows<'f> {
    pub(crate) fn new(bytes: &'f [u8]) -> Self {
        let bytes = match Utf16Text::of(bytes) {
            Some(mut text) => Cow::Owned(text.utf_8(bytes, true)),
            None => Cow::Borrowed(bytes),
        };
        let encoding = domain::text_encoding(&bytes, true).unwrap_or(UTF_8);
        let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let text = &bytes[mark..];
        let told = domain::delimiter_line(text, encoding == UTF_8);
        let (delimiter, length) = told.unwrap_or_else(|| (domain::delimiter(text.trim_ascii_start()), 0));
        let begin = mark + length;
        let mut file = Cursor::new(bytes);
        file.set_position(u64::try_from(begin).unwrap_or(0));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(file);
        let lines = LineCount::at(1 + u64::from(told.is_some()), false);
        Self { reader, encoding, begin, counted: begin, lines }
    }

    /// The line of a row that begins at a byte; ends of lines before it are passed over.
    fn line(&mut self, byte: usize) -> usize {
        let bytes = self.reader.get_ref().get_ref();
        let byte = self.begin + byte;
        self.lines.pass(bytes.get(self.counted..byte).unwrap_or_default());
        self.counted = byte + self.lines.pass_ends(bytes.get(byte..).unwrap_or_default());
        usize::try_from(self.lines.line()).unwrap_or(usize::MAX)
    }
}

impl Iterator for CsvRows<'_> {
    type Item = CsvRow;

    fn next(&mut self) -> Option<CsvRow> {
        let mut record = csv::ByteRecord::new();
        loop {
            // Bytes in memory can always be read.
            if !self.reader.read_byte_record(&mut record).unwrap_or(false) {
                return None;
            }
            if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                break;
            }
        }
        let byte = record.position().map_or(0, csv::Position::byte);
        let line = self.line(usize::try_from(byte).unwrap_or(usize::MAX));
        let cell =
            |cell| self.encoding.decode_without_bom_handling_and_without_replacement(cell).map(Into::into);
        Some(CsvRow { line, cells: record.iter().map(cell).collect() })
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(usize, Option<Vec<String>>)> {
        CsvRows::new(bytes).map(|row| (row.line, row.cells)).collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Option<Vec<String>>) {
        (line, Some(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"1", "2\",3", ",", "4,5", ""].join(end);
            let quoted = ["1", "2"].join(end);
            let expected = [row(1, &["a", "b"]), row(3, &[&quoted, "3"]), row(6, &["4", "5"])];
            assert_eq!(rows(text.as_bytes()), expected, "{end:?}");
        }
    }

    #[test]
    fn a_file_may_be_written_in_several_ways() {
        let expected = [row(1, &["号码", "原因"]), row(2, &["1", "a,b"])];
        for between in [',', ';', '\t'] {
            let text = format!("号码{between}原因\n1{between}\"a,b\"");
            let marked = [BYTE_ORDER_MARK, text.as_bytes()].concat();
            let gb = GB18030.encode(&text).0;
            for bytes in [text.as_bytes(), &marked, &gb] {
                assert_eq!(rows(bytes), expected, "{between}");
            }
        }
    }

    #[test]
    fn what_excel_writes_is_read() {
        let text = "sep=;\r\nphone;näme\r\n\r\n1;a,b\r\n";
        let expected = [row(2, &["phone", "näme"]), row(4, &["1", "a,b"])];
        let wide: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &[BYTE_ORDER_MARK, text.as_bytes()].concat(), &wide] {
            assert_eq!(rows(bytes), expected, "{bytes:?}");
        }
        let broken = b"\xff\xfe1\0\t\0\0\xd8\n\x002\0\t\0a\0";
        assert_eq!(rows(broken), [(1, None), row(2, &["2", "a"])]);
    }

    #[test]
    fn a_row_in_no_encoding_hides_no_other() {
        assert_eq!(
            rows(b"phone,reason\n1,\xff\xff\n2,\xe5\xae\xa2"),
            [row(1, &["phone", "reason"]), (2, None), row(3, &["2", "客"])]
        );
        let names = [BYTE_ORDER_MARK, "1\t王芳\n".as_bytes(), b"2\t\xe5\x90\n"].concat();
        assert_eq!(rows(&names), [row(1, &["1", "王芳"]), (2, None)]);
        assert_eq!((rows(b""), rows(b"\n\n,,\n")), (Vec::new(), Vec::new()));
    }
}
