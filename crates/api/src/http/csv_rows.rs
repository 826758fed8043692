//! The rows of a CSV file that is in memory: commas, semicolons or tabs between its cells, UTF-8 with or without a byte order mark, or
//! GB18030. One row that cannot be read hides no other.

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
    bytes: &'f [u8],
    reader: csv::Reader<&'f [u8]>,
    encoding: &'static Encoding,
    /// Up to which byte lines were counted, and how many there were.
    counted: (usize, usize),
}

impl<'f> CsvRows<'f> {
    pub(crate) fn new(bytes: &'f [u8]) -> Self {
        let encoding = domain::text_encoding(bytes, true).unwrap_or(UTF_8);
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let reader = csv::ReaderBuilder::new()
            .delimiter(domain::delimiter(bytes.trim_ascii_start()))
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        Self { bytes, reader, encoding, counted: (0, 0) }
    }

    /// The line of a row that begins at a byte; ends of lines before it are passed over.
    fn line(&mut self, byte: usize) -> usize {
        let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let begin = byte + self.bytes.get(byte..).unwrap_or_default().iter().take_while(blank).count();
        let (from, lines) = self.counted;
        let passed = self.bytes.get(from..begin).unwrap_or_default();
        let lines = lines + passed.split(|byte| *byte == b'\n').count() - 1;
        self.counted = (begin.max(from), lines);
        lines + 1
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
        for end in ["\n", "\r\n"] {
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
