//! Files as they come, and those that cannot be read: each is told for what it is, and nothing of it is stored.

use std::{
    io::{Cursor, Read, Write},
    net::{Shutdown, TcpStream},
};

use rstest::rstest;
use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::importing::outcome;
use crate::support::{Database, World};

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="hidden" sheetId="2" state="hidden" r:id="rId2"/><sheet name="numbers" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#;
const PACKAGE: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const ROWS: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
    <row r="2"><c r="A2"><v>13800138000</v></c><c r="B2" t="s"><v>2</v></c></row>
    <row r="4"><c r="A4" t="str"><v>021-61234567</v></c></row><row r="5"><c r="B5" t="s"><v>2</v></c></row>
    <row r="6"><c r="A6"><v>13800138001</v></c><c r="D6"><v>1</v></c></row>"#;

/// An XLSX file with these rows, and texts that say they are so many.
fn spreadsheet(rows: &str, texts: u64) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let space = r#"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#;
    let sheet = format!("<worksheet {space}><sheetData>{rows}</sheetData></worksheet>");
    let shared = ["手机号", "姓名", "王芳"].map(|text| format!("<si><t>{text}</t></si>")).concat();
    let shared = format!("<sst {space} uniqueCount=\"{texts}\">{shared}</sst>");
    for (name, part) in [
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", &shared),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/worksheets/sheet2.xml", "<worksheet><sheetData></sheetData></worksheet>"),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(part.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A spreadsheet whose workbook is missing.
fn workbook_without_sheets() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in [("_rels/.rels", PACKAGE), ("xl/_rels/workbook.xml.rels", RELATIONS)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(part.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[rstest]
fn spreadsheets_are_read_with_the_numbers_of_their_rows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let import = world.imported(&task, "", &spreadsheet(ROWS, 3));
    assert_eq!(outcome(&import), ("finished", [4, 2, 0, 0, 2]), "{import}");
    assert_eq!(
        world.refused(&task, &import),
        [
            "5,number_empty,\"号码不能为空\",\",王芳\"",
            "6,columns,\"第4列有内容，但表头没有该列的列名\",\"13800138001,,,1\""
        ]
    );
    assert_eq!(world.phones(&task), ["021-61234567", "13800138000"]);
}

#[rstest]
fn other_encodings_and_forms_are_read() {
    let world = World::new(Database::Sqlite);
    let task = world.list();
    for (file, first) in [
        (b"\xef\xbb\xbfphone;name\r\n13800000001;a\r\n".to_vec(), "13800000001"),
        // GB18030: 手机号, tab, 姓名, and 王芳.
        (
            b"\xca\xd6\xbb\xfa\xba\xc5\t\xd0\xd5\xc3\xfb\n13800000002\t\xcd\xf5\xb7\xbc\n".to_vec(),
            "13800000002",
        ),
        (b"{\"phone\": \"13800000003\", \"vip\": true}\n".to_vec(), "13800000003"),
        (b"phone\n\"13800000004\"".to_vec(), "13800000004"),
    ] {
        let import = world.imported(&task, "", &file);
        assert_eq!(outcome(&import), ("finished", [1, 1, 0, 0, 0]), "{import}");
        assert_eq!(world.phones(&task)[0], first);
    }
    let name = world.client.get(&world.task_path(&task, "number/detail/13800000002")).data()["name"].clone();
    assert_eq!(name, "王芳");
    let us = world.imported(&task, "?default_country=US&phone_column=who", b"who,phone\n2125550100,x\n");
    assert_eq!((outcome(&us), &us["countries"]), (("finished", [1, 1, 0, 0, 0]), &json!({"US": 1})));
}

/// A text as Excel's "Unicode text" has it.
fn wide(text: &str) -> Vec<u8> {
    "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Lines are those that an editor shows.
#[rstest]
fn what_excel_writes_is_read(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = world.list();
    let text =
        "手机号\t姓名\r\n13800000001\t王芳😀\r\n110\tx\r\n13800000002\t\"a\r\nb\"\r\n13800000003\t李\r\n";
    let import = world.imported(&task, "", &wide(text));
    assert_eq!(outcome(&import), ("finished", [4, 2, 0, 0, 2]), "{import}");
    assert_eq!(import["header"], json!(["手机号", "姓名"]));
    let refused = world.refused(&task, &import);
    assert!(
        refused[0].starts_with("3,number_emergency,") && refused[1].starts_with("4,name,"),
        "{refused:?}"
    );
    let name = world.client.get(&world.task_path(&task, "number/detail/13800000001")).data()["name"].clone();
    assert_eq!(name, "王芳😀");
    // Half a character costs its own row alone.
    let mut broken = wide("phone\tname\n13800000004\ta\n13800000005\t");
    broken.extend(b"\0\xd8\n\0");
    let import = world.imported(&task, "", &broken);
    assert_eq!(outcome(&import), ("finished", [2, 1, 0, 0, 1]), "{import}");
    assert!(world.refused(&task, &import)[0].starts_with("3,encoding,"));
    let import = world.imported(&task, "", &wide("{\"phone\": \"13800000006\"}\n"));
    assert_eq!(outcome(&import), ("finished", [1, 1, 0, 0, 0]), "{import}");
    let told = "sep=;\r\nphone;name,more\r\n13800000007;a\r\n110;b\r\n";
    for (file, skipped) in [(told.as_bytes().to_vec(), 0), (wide(told), 1)] {
        let import = world.imported(&task, "", &file);
        assert_eq!(outcome(&import), ("finished", [2, 1 - skipped, 0, skipped, 1]), "{import}");
        assert_eq!(import["header"], json!(["phone", "name,more"]));
        assert!(world.refused(&task, &import).last().unwrap().starts_with("4,number_emergency,"));
    }
    // Longer than what is read at once, and left in the middle again and again.
    let rows: Vec<String> = (0..30_000).map(|end| format!("139{end:08}\t王芳\n")).collect();
    let import = world.imported(&task, "", &wide(&format!("phone\tname\n{}", rows.concat())));
    assert_eq!(outcome(&import), ("finished", [30_000, 30_000, 0, 0, 0]), "{import}");
    let nothing = world.imported(&task, "", b"\xff\xfe");
    assert_eq!(nothing["failure"], "no_rows");
}

#[rstest]
fn a_file_that_cannot_be_read_says_why() {
    let world = World::new(Database::Sqlite);
    let task = world.list();
    for (file, failure) in [
        (b"\n\n".to_vec(), "no_rows"),
        (b"name\na\n".to_vec(), "no_phone_column"),
        (b"phone,name,phone\n1,a,2\n".to_vec(), "column_twice"),
        (format!("phone{}\n", ",a".repeat(256)).into_bytes(), "too_many_columns"),
        (b"\"phone,name\n13800000001,b\n".to_vec(), "header_end"),
        (format!("\"phone,name\n{}", "13800000001,b\n".repeat(60_000)).into_bytes(), "header_end"),
        (b"13800000001,b\n13800000002,c\n".to_vec(), "no_header"),
        (b"<html><title>404</title></html>".to_vec(), "file_kind"),
        (b"[{\"phone\": \"13800000001\"}]".to_vec(), "file_kind"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "file_kind"),
        (b"phone,a,a\n13800000001,b,c\n".to_vec(), "column_twice"),
        (b"phone\n\xff\xfe\n".to_vec(), "encoding"),
        (b"PK\x03\x04 no archive".to_vec(), "spreadsheet"),
        (b"\xd0\xcf\x11\xe0 an older one".to_vec(), "spreadsheet"),
        (spreadsheet(ROWS, 1_000_000_000_000_000), "spreadsheet"),
        (spreadsheet("", 3), "empty_sheet"),
        (workbook_without_sheets(), "no_sheet"),
    ] {
        let import = world.imported(&task, "", &file);
        assert_eq!((&import["state"], &import["failure"]), (&json!("failed"), &json!(failure)));
        assert!(!import["failure_message"].as_str().unwrap().is_empty());
    }
    let named = world.imported(&task, "?name_column=%E5%AE%A2%E6%88%B7", b"phone,name\n13800000001,a\n");
    assert_eq!((&named["state"], &named["failure"]), (&json!("failed"), &json!("named_column")));
    let said = named["failure_message"].as_str().unwrap();
    assert_eq!(said, "文件中没有指定的列`客户`，请检查列名；文件的列有：`phone`、`name`");
    let twice = world.imported(&task, "", "手机号,Name,name\n13800000001,a,b\n".as_bytes());
    assert_eq!(twice["failure_message"], "表头中列名`name`重复，列名不能重复");
    assert_eq!(world.phones(&task).len(), 0);
}

#[rstest]
fn which_columns_there_are_and_what_they_are_taken_for_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let taken = world.imported(&task, "", "手机号,Name,城市\n13800000001,a,b\n".as_bytes());
    assert_eq!(
        (&taken["state"], &taken["columns"]),
        (&json!("finished"), &json!({"phone": "手机号", "name": "Name"}))
    );
    assert_eq!(taken["header"], json!(["手机号", "Name", "城市"]));
    let header_alone = world.imported(&task, "?dry_run=true", b"tel,a\n");
    assert_eq!(header_alone["columns"], json!({"phone": "tel"}), "{header_alone}");
    let lost = world.imported(&task, "", b"name,city\na,b\n");
    let said = lost["failure_message"].as_str().unwrap();
    for part in ["`name`、`city`", "phone、number", "phone_column=..."] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!((&lost["failure"], &lost["header"]), (&json!("no_phone_column"), &json!(["name", "city"])));
    // A file without a header has numbers in its first row: they are nobody's column, and shown to nobody.
    let bare = world.imported(&task, "", b"13800000001\n13800000002\n");
    assert_eq!((&bare["failure"], &bare["header"]), (&json!("no_header"), &json!(["***********"])));
    let query = "?phone_column=%E6%97%A0&name_column=name";
    let misspelt = world.imported(&task, query, "手机号,name\n13800000001,a\n".as_bytes());
    assert_eq!(
        (&misspelt["failure"], &misspelt["failure_message"]),
        (&json!("named_column"), &json!("文件中没有指定的列`无`，请检查列名；文件的列有：`手机号`、`name`"))
    );
    let lines = "\u{FEFF}{\"mobile\": \"13800000003\", \"姓名\": \"a\"}\n[]\n{\"mobile\": \"13800000004\", \"13800000004\": 1, \"tel\": 2}\n";
    let json = world.imported(&task, "?name_column=tel", lines.as_bytes());
    assert_eq!(outcome(&json), ("finished", [3, 2, 0, 0, 1]), "{json}");
    assert_eq!(
        (&json["header"], &json["columns"]),
        (&json!(["mobile", "姓名", "***********", "tel"]), &json!({"phone": "mobile", "name": "tel"}))
    );
    let sheet = world.imported(&task, "?dry_run=true", &spreadsheet(ROWS, 3));
    assert!(!sheet["columns"]["phone"].is_null(), "{sheet}");
}

#[rstest]
fn a_row_with_a_broken_byte_is_refused_and_the_others_are_no_mojibake() {
    let world = World::new(Database::Sqlite);
    let task = world.list();
    let mut file = "手机号,姓名\n13800000001,王芳\n13800000002,李".as_bytes().to_vec();
    file.extend(b"\xe5\n");
    for (marked, rows) in [(false, [2, 1, 0, 0, 1]), (true, [2, 0, 0, 1, 1])] {
        let file = if marked { [b"\xef\xbb\xbf", &file[..]].concat() } else { file.clone() };
        let import = world.imported(&task, "", &file);
        assert_eq!(outcome(&import), ("finished", rows));
        let refused = world.refused(&task, &import);
        assert!(refused.last().unwrap().starts_with("3,encoding,"), "{refused:?}");
    }
    let number = world.client.get(&world.task_path(&task, "number/detail/13800000001"));
    assert_eq!(number.data()["name"], "王芳");
}

/// Of the bytes that were promised some never come.
#[rstest]
fn a_file_that_is_cut_off_is_told_so_and_nothing_of_it_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data");
    let world = World::with(Database::Sqlite, &["--data-folder", place.to_str().unwrap()]);
    let task = world.list();
    let token = world.client.token();
    let answer = |path: &str, headers: &str, sent: &str| {
        let mut stream = TcpStream::connect(world.server.address()).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{headers}\r\n\r\n{sent}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let import = world.task_path(&task, "number-import");
    for headers in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let sent =
            if headers.starts_with('T') { "ff\r\nphone\n13800000001\n" } else { "phone\n13800000001\n" };
        let answer = answer(&import, headers, sent);
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("上传中断"), "{answer}");
    }
    let json = "Content-Type: application/json\r\nContent-Length: 1000";
    let answer = answer(&world.task_path(&task, "number"), json, "{\"data\": [");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("上传中断"), "{answer}");
    assert_eq!(world.client.get(&import).body["meta"]["total"], 0);
    assert_eq!(std::fs::read_dir(place.join("imports")).unwrap().count(), 0);
}

#[rstest]
fn a_file_is_refused_before_it_comes_when_it_is_too_large_or_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data");
    let options = ["--import-limit", "1000", "--data-folder", place.to_str().unwrap()];
    let world = World::with(Database::Sqlite, &options);
    let task = world.list();
    let path = world.task_path(&task, "number-import");
    let token = world.client.token();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 2147483648\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    let mut stream = TcpStream::connect(world.server.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 400];
    let length = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let large = world.import(&task, "", "phone\n".repeat(200).as_bytes());
    assert_eq!((large.status, large.faulty_fields()), (413, vec!["file"]), "{}", large.text);
    assert_eq!(world.import(&task, "", b"").faults(), [("file", "empty")]);
    let form =
        world.client.upload("POST", &path, &[("Content-Type", "multipart/form-data; boundary=x")], b"--x");
    assert_eq!((form.status, form.body["message"].as_str().unwrap().contains("multipart")), (415, true));
    let query = "?default_country=XX&duplicates=maybe&phone_column=a&name_column=a&dry_run=x";
    assert_eq!(
        world.import(&task, query, b"phone\n").faults(),
        [
            ("default_country", "number_unknown_country"),
            ("duplicates", "one_of"),
            ("dry_run", "one_of"),
            ("name_column", "repeated")
        ]
    );
    let misspelt = "?dry-run=true&dry_run[a]=true&duplicate=replace";
    let refused = world.import(&task, misspelt, b"phone\n13800000001\n");
    assert_eq!(refused.status, 422);
    let fields: std::collections::BTreeSet<&str> = refused.faulty_fields().into_iter().collect();
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["dry-run", "dry_run[a]", "duplicate"]);
    let files = std::fs::read_dir(place.join("imports")).unwrap().count();
    assert_eq!(files, 0, "nothing of them is left");
}
