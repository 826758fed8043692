//! Files as they come, and what is read of them.

use std::{collections::BTreeMap, fmt::Write as _, io::Cursor};

use domain::{ImportDuplicates, ROW_BYTES};
use encoding_rs::GB18030;
use proptest::prelude::*;

use super::*;

fn options() -> ImportOptions {
    ImportOptions {
        columns: BTreeMap::new(),
        default_country: "CN".to_owned(),
        server_country: None,
        duplicates: ImportDuplicates::Skip,
        dry_run: false,
        encoding: None,
        file_name: None,
    }
}

/// Each row as `line e164 name`, or `line code text`.
fn read(bytes: &[u8]) -> Result<Vec<String>, ImportFailure> {
    let opened = Source::open(Cursor::new(bytes.to_vec()), &options(), FilePlace::default());
    let mut source = opened.map_err(|refused| refused.failure)?;
    Ok(source.chunk()?.iter().map(told).collect())
}

fn told(row: &ImportRow) -> String {
    match &row.read {
        Ok(number) => {
            let name = number.details.name.as_deref().unwrap_or("-");
            format!("{} {} {name}", row.line, number.phone.e164())
        }
        Err(refusal) => format!("{} {} {}", row.line, refusal.code(), row.text),
    }
}

const GOOD: [&str; 2] = ["2 8613800138000 王芳", "3 862161234567 -"];

#[test]
fn cells_may_be_between_commas_semicolons_and_tabs_and_be_quoted() {
    for text in [
        "手机号,姓名\n13800138000,王芳\n021-61234567,\n",
        "手机号;姓名\r\n13800138000;王芳\r\n021-61234567;",
        "手机号\t姓名\n13800138000\t\"王芳\"\n021-61234567\t\n\n",
        "\u{FEFF}手机号,姓名\n\"13800138000\",王芳\n021-61234567,\"\"\n",
    ] {
        assert_eq!(read(text.as_bytes()).unwrap(), GOOD, "{text}");
        let gb18030 = GB18030.encode(text.trim_start_matches('\u{FEFF}')).0.into_owned();
        assert_eq!(read(&gb18030).unwrap(), GOOD, "GB18030 {text}");
    }
    let quoted = "phone,name\n13800138000,\"a, \"\"b\"\"\nc\"\n13800138001,d\n";
    assert_eq!(read(quoted.as_bytes()).unwrap(), ["2 name 13800138000,a, \"b\"\nc", "4 8613800138001 d"]);
}

#[test]
fn a_file_may_say_what_stands_between_its_cells() {
    for text in [
        "sep=;\n手机号;姓名,a\n13800138000;王芳\n021-61234567;\n",
        "\u{FEFF}SEP=,\r\n手机号,\"a;b;c\"\r\n13800138000,王芳\r\n021-61234567,\r\n",
        "\"sep=\t\"\n手机号\t姓名\n13800138000\t王芳\n021-61234567\t\n",
        "sep=|\n手机号|姓名\n13800138000|王芳\n021-61234567|\n",
    ] {
        let read = read(text.as_bytes()).unwrap();
        let lines: Vec<&str> = read.iter().map(|row| row.rsplit_once(' ').unwrap().0).collect();
        assert_eq!(lines, ["3 8613800138000", "4 862161234567"], "{text}");
    }
    assert_eq!(read(b"sep=;\n").unwrap_err(), ImportFailure::NoRows);
    assert_eq!(read(b"sep=;\r\n\r\n\r\nphone;a\r\n1;b\r\n").unwrap(), ["5 number_too_short 1,b"]);
}

#[test]
fn lines_of_json_are_read_by_the_names_of_their_members() {
    let text = "{\"phone\": \"13800138000\", \"姓名\": \"王芳\"}\n\n{\"mobile\": 2161234567}\n[1]\n{\"phone\"\n{\"name\": \"x\"}\n\
                {\"phone\":1,\"phone\":2}";
    let expected = [
        "1 8613800138000 王芳",
        "3 862161234567 -",
        "4 json [1]",
        "5 json {\"phone\"",
        "6 number_empty {\"name\": \"x\"}",
        "7 repeated {\"phone\":1,\"phone\":2}",
    ];
    assert_eq!(read(text.as_bytes()).unwrap(), expected);
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_line_and_the_others_are_read() {
    let mut bytes =
        b"phone,name\n13800138000,a\n110,b\n13800138001,c,d\n13800138002\n,e\n13800138003,".to_vec();
    bytes.extend(b"x\n");
    let expected = [
        "2 8613800138000 a",
        "3 number_emergency 110,b",
        "4 columns 13800138001,c,d",
        "5 columns 13800138002",
        "6 number_empty ,e",
        "7 8613800138003 x",
    ];
    assert_eq!(read(&bytes).unwrap(), expected);
    // A name that is cut off in the middle of a character: the others are no mojibake.
    let broken = ["phone,name\n13800138000,王芳\n13800138001,".as_bytes(), b"\xe6\x9d\n"].concat();
    let expected = ["2 8613800138000 王芳", "3 encoding 13800138001,\u{FFFD}"];
    assert_eq!(read(&broken).unwrap(), expected);
    let marked = [BYTE_ORDER_MARK, b"phone,name\n13800138001,\xcd\xf5\n13800138000,a\n"].concat();
    assert_eq!(read(&marked).unwrap()[1], "3 8613800138000 a");
    // A byte that is no character, far behind what is looked at to find out the encoding.
    let mut late = b"phone,name\n".to_vec();
    for end in 0..70_000 {
        late.extend(format!("138{end:08},good\n").bytes());
    }
    late.extend(b"13900139000,\xff\n13900139001,good\n");
    let mut source = Source::open(Cursor::new(late), &options(), FilePlace::default()).unwrap();
    let mut refused = Vec::new();
    let mut rows = 0;
    loop {
        let chunk = source.chunk().unwrap();
        if chunk.is_empty() {
            break;
        }
        rows += chunk.len();
        refused.extend(chunk.iter().filter(|row| row.read.is_err()).map(|row| row.line));
    }
    assert_eq!((rows, refused), (70_002, vec![70_002]));
}

#[test]
fn a_broken_byte_costs_its_own_row_whatever_the_others_are() {
    for (kind, rest) in [("ASCII", "b"), ("Chinese", "李")] {
        for (broken, told) in [(&b"b\xff"[..], "b\u{FFFD}"), (b"\xe9", "\u{FFFD}"), (b"b\0", "b")] {
            let bytes = [
                format!("phone,name\n13800138000,{rest}\n13800138001,").as_bytes(),
                broken,
                b"\n13800138002,c\n",
            ]
            .concat();
            let expected = [
                format!("2 8613800138000 {rest}"),
                format!("3 encoding 13800138001,{told}"),
                "4 8613800138002 c".to_owned(),
            ];
            assert_eq!(read(&bytes).unwrap(), expected, "{kind} {broken:?}");
        }
    }
    let json = b"{\"phone\": \"13800138000\"}\n{\"phone\": \"13800138001\", \"a\": \"\0\"}\n{\"phone\": \"13800138002\"}\n";
    assert_eq!(read(json).unwrap()[1], "2 encoding {\"phone\": \"13800138001\", \"a\": \"\"}");
    // What is of another kind altogether is refused whole.
    for bytes in [&b"phone\0\n1\n2\n3\n"[..], b"phone\n1\0\n2\0\n3\n", b"p\0h\0o\0n\0e\0\n\x001\0"] {
        assert_eq!(read(bytes).unwrap_err(), ImportFailure::FileKind, "{bytes:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    for (bytes, failure) in [
        (&b""[..], ImportFailure::NoRows),
        (b" \n\r\n", ImportFailure::NoRows),
        (b"\xef\xbb\xbf", ImportFailure::NoRows),
        (b"name,city\na,b\n", ImportFailure::NoPhoneColumn),
        (b"phone\n\xff\xff\n", ImportFailure::Encoding),
        (b"<!doctype html>\n<title>404</title>", ImportFailure::FileKind),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ImportFailure::FileKind),
        (b"%PDF-1.7\n", ImportFailure::FileKind),
        (b"[\n  {\"phone\": \"13800138000\"}\n]", ImportFailure::FileKind),
        (b"[\"13800138000\"]", ImportFailure::FileKind),
        (b"phone,name,phone\n1,a,2\n", ImportFailure::ColumnTwice),
        (b"13800138000,a\n13800138001,b\n", ImportFailure::NoHeader),
        (b"\"phone,name\n13800138000,a\n13800138001,b\n", ImportFailure::HeaderEnd),
    ] {
        assert_eq!(read(bytes).unwrap_err(), failure, "{bytes:?}");
    }
}

#[test]
fn a_quote_that_is_not_closed_costs_its_own_line_alone() {
    let mut text = "phone,name\n13800138000,\"a\n".to_owned();
    for end in 0..60_000 {
        writeln!(text, "139{end:08},b").unwrap();
    }
    text += "13800138001,\"c\n13800138002,d\n";
    let mut source = Source::open(Cursor::new(text.into_bytes()), &options(), FilePlace::default()).unwrap();
    let (mut good, mut refused) = (0, Vec::new());
    loop {
        let chunk = source.chunk().unwrap();
        if chunk.is_empty() {
            break;
        }
        good += chunk.iter().filter(|row| row.read.is_ok()).count();
        refused.extend(chunk.iter().filter(|row| row.read.is_err()).map(told));
    }
    let expected = ["2 quote 13800138000,\"a", "60003 quote 13800138001,\"c"];
    assert_eq!((good, refused), (60_001, expected.map(str::to_owned).to_vec()));
}

#[test]
fn rows_of_a_spreadsheet_end_with_their_last_cell() {
    let text =
        "[1,[\"手机号\",\"姓名\"]]\n[3,[\"13800138000\"]]\n[4,null]\n[5,[\"13800138001\",\"a\",\"b\"]]\n";
    let mut source = Source::open_sheet(Cursor::new(text), &options(), FilePlace::default()).unwrap();
    let rows: Vec<String> = source.chunk().unwrap().iter().map(told).collect();
    assert_eq!(rows, ["3 8613800138000 -", "4 too_long ", "5 columns 13800138001,a,b"]);
}

#[test]
fn empty_lines_are_no_rows_and_are_counted() {
    for (text, rows) in [
        ("phone,name\n\n110,a\n", &["3 number_emergency 110,a"][..]),
        (
            "phone,name\n13800138000,a\n\n13800138001,b,c\n",
            &["2 8613800138000 a", "4 columns 13800138001,b,c"],
        ),
        ("\nphone,name\n\n110,a\n\n\n119,b\n", &["4 number_emergency 110,a", "7 number_emergency 119,b"]),
        // A quote that ends is none that does not, also where it ends the file.
        ("phone,name\n110,\"a\nb\"\n", &["2 number_emergency 110,a\nb"]),
        ("phone,city\n\n13800138000,\"a\n13800138001,b\n", &["3 quote 13800138000,\"a", "4 8613800138001 -"]),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let rows: Vec<String> = rows.iter().map(|row| row.replace('\n', end)).collect();
            assert_eq!(read(text.replace('\n', end).as_bytes()).unwrap(), rows, "{text:?} {end:?}");
        }
    }
    assert_eq!(read(b"sep=;\rphone;name\r110;a\r").unwrap(), ["3 number_emergency 110,a"]);
    // More of them than a row may have bytes.
    let text = format!("phone\n{}110\n", "\r\n".repeat(ROW_BYTES * 3));
    assert_eq!(read(text.as_bytes()).unwrap(), [format!("{} number_emergency 110", ROW_BYTES * 3 + 2)]);
}

/// The line in which a text stands first, as an editor shows it.
fn line_of(text: &str, part: &str) -> usize {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    1 + lines.split('\n').position(|line| line.contains(part)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// A file that is left after any row and opened again goes on with the next one.
    #[test]
    fn reading_goes_on_where_it_was_left(
        names in prop::collection::vec("[a-z\u{4e00}-\u{4e10} ]{0,6}", 1..30),
        left_after in 0_usize..30,
        is_json in any::<bool>(),
    ) {
        let mut text = if is_json { String::new() } else { "phone,name\n".to_owned() };
        for (end, name) in names.iter().enumerate() {
            if is_json {
                writeln!(text, "{{\"phone\": \"138{end:08}\", \"name\": \"{name}\"}}").unwrap();
            } else {
                writeln!(text, "138{end:08},\"{name}\"").unwrap();
            }
        }
        let all = read(text.as_bytes()).unwrap();
        let file = || Cursor::new(text.clone().into_bytes());
        let left_after = left_after.min(names.len());
        let mut seen = Vec::new();
        let mut place = FilePlace::default();
        let mut first = Source::open(file(), &options(), place).unwrap();
        for _ in 0..left_after {
            let row = first.next().unwrap().unwrap();
            place = row.next;
            seen.push(told(&row));
        }
        let mut second = Source::open(file(), &options(), place).unwrap();
        seen.extend(second.chunk().unwrap().iter().map(told));
        prop_assert_eq!(seen, all);
    }

    /// Whatever the lines are and end with, each row is told with the one in which it begins, also after it was left.
    #[test]
    fn lines_are_those_that_an_editor_shows(
        lines in prop::collection::vec((0..6_usize, 0..3_usize), 1..40),
        told in any::<bool>(),
    ) {
        let mut text = if told { "sep=,\r\nphone,name\r".to_owned() } else { "phone,name\n".to_owned() };
        let mut phones = Vec::new();
        for (row, (kind, end)) in lines.iter().enumerate() {
            let (phone, end) = (format!("138{row:08}"), ["\n", "\r\n", "\r"][*end]);
            match kind {
                0 => {}
                1 => write!(text, "{phone},good").unwrap(),
                2 => write!(text, "{phone},a,b").unwrap(),
                3 => write!(text, "1{phone},a").unwrap(),
                4 => write!(text, "{phone},\"a{end}{end}b\"").unwrap(),
                _ => write!(text, "{phone},\"a\"\"b\"").unwrap(),
            }
            text += end;
            phones.extend((*kind > 0).then_some(phone));
        }
        let file = || Cursor::new(text.clone().into_bytes());
        let expected: Vec<u64> = phones.iter().map(|phone| u64::try_from(line_of(&text, phone)).unwrap()).collect();
        let whole = Source::open(file(), &options(), FilePlace::default()).unwrap().chunk().unwrap();
        prop_assert_eq!(whole.iter().map(|row| row.line).collect::<Vec<_>>(), &expected[..], "{:?}", &text);
        for (left_after, row) in whole.iter().enumerate() {
            let rest = Source::open(file(), &options(), row.next).unwrap().chunk().unwrap();
            let told = |rows: &[ImportRow]| rows.iter().map(self::told).collect::<Vec<_>>();
            prop_assert_eq!(told(&rest), told(&whole[left_after + 1..]), "{:?}", &text);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"phone,name\n", bytes.as_slice()].concat());
        let _ = read(&[b"{", bytes.as_slice()].concat());
    }
}
