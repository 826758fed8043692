//! Rows of files that cannot be taken, each told for what it is, and what is asked for beside a file.

use rstest::rstest;
use serde_json::json;

use super::{
    importing::{ended, outcome},
    phones_from,
};
use crate::support::{Database, World, run};

#[rstest]
fn one_broken_byte_costs_its_own_row_of_a_long_list(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let rows = format!("phone,name\n{},b\n", phones_from(0, 1_000).join(",a\n"));
    for broken in [&b"13900000000,b\xff\n"[..], b"13900000000,\xe9\n", b"13900000000,b\0\n"] {
        let import = world.imported(&task, "?dry_run=true", &[rows.as_bytes(), broken].concat());
        assert_eq!(outcome(&import), ("finished", [1_001, 1_000, 0, 0, 1]), "{import}");
        let refused = world.refused(&task, &import);
        assert!(refused[0].starts_with("1002,encoding,"), "{refused:?}");
    }
    let marked = world.imported(&task, "", b"phone,name\n13800000001,a\n13800000002,\xff\xfea\n");
    assert!(world.refused(&task, &marked)[0].ends_with(",\"13800000002,\u{FFFD}\u{FFFD}a\""), "{marked}");
    let nul = world.imported(&task, "", b"phone,a\n13800000003,b\n13800000004,\0\n13800000005,c\n");
    assert_eq!(outcome(&nul), ("finished", [3, 2, 0, 0, 1]), "{nul}");
    let binary = world.imported(&task, "", b"phone\n\0\x01\n\0\x02\n13800000004\n");
    assert_eq!(binary["failure"], "file_kind");
}

#[rstest]
fn lines_are_counted_as_an_editor_shows_them_in_both_kinds_of_import() {
    let world = World::new(Database::Sqlite);
    let task = world.list();
    for end in ["\n", "\r\n", "\r"] {
        let text = "phone,name\n\n110,a\n\n\n119,\"b\"\n13800000001,\"c\nd\"\n\n12,e\n".replace('\n', end);
        let import = world.imported(&task, "", text.as_bytes());
        let told = |line: &String| line.split(',').take(2).collect::<Vec<_>>().join(" ");
        let refused: Vec<String> = world.refused(&task, &import).iter().map(told).collect();
        assert_eq!(
            refused
                .iter()
                .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
                .collect::<Vec<_>>(),
            ["3 number_emergency", "6 number_emergency", "7 name", "10 number_not_possible"],
            "{end:?}"
        );
        let stops = world.client.upload(
            "POST",
            &world.path("/do-not-call/import"),
            &[("Content-Type", "text/csv")],
            text.replace(",\"c", ",\"").replace("13800000001", "1").as_bytes(),
        );
        let lines: Vec<_> = stops.data()["refusals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|refusal| refusal["line"].clone())
            .collect();
        assert_eq!(lines, [3, 6, 7, 10], "{end:?}: {}", stops.text);
    }
}

#[rstest]
fn a_column_without_a_name_holds_nothing_or_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let file =
        b"phone,name,\n13800000001,a,\n13800000002,x,y\n13800000003,b\n13800000004,c,,,\n13800000005,d,,z\n";
    let import = world.imported(&task, "", file);
    assert_eq!(outcome(&import), ("finished", [5, 3, 0, 0, 2]), "{import}");
    assert_eq!(
        world.refused(&task, &import),
        [
            "3,columns,\"第3列有内容，但表头没有该列的列名\",\"13800000002,x,y\"",
            "6,columns,\"第4列有内容，但表头没有该列的列名\",\"13800000005,d,,z\"",
        ]
    );
    assert_eq!(world.phones(&task), ["13800000004", "13800000003", "13800000001"]);
}

#[rstest]
fn nothing_that_is_asked_for_beside_a_file_may_be_empty() {
    let world = World::new(Database::Sqlite);
    let task = world.list();
    let file = b"phone\n13800000001\n";
    for name in ["dry_run", "duplicates", "default_country", "phone_column", "name_column", "file_name"] {
        for query in [format!("?{name}="), format!("?{name}"), format!("?{name}=&{name}=")] {
            assert_eq!(world.import(&task, &query, file).faults(), [(name, "empty")], "{query}");
        }
    }
    assert_eq!(world.client.get(&world.task_path(&task, "number-import")).body["meta"]["total"], 0);
    // So it is wherever a word decides whether something is written, or how much.
    let group = world.group("a");
    for (method, path, name) in [
        ("DELETE", "?with_everything=".to_owned(), "with_everything"),
        ("DELETE", format!("/dial-time-group/{group}/override?restore="), "restore"),
    ] {
        let refused = world.client.upload(method, &world.path(&path), &[], b"");
        assert_eq!(
            (refused.status, refused.faults()),
            (422, vec![(name, "empty")]),
            "{path}: {}",
            refused.text
        );
    }
}

#[rstest]
fn an_import_that_had_ended_is_not_told_to_be_cancelled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let id = world.import(&task, "", b"phone\n13800000001\n").data()["id"].clone();
    let path = world.task_path(&task, &format!("number-import/{}", id.as_str().unwrap()));
    let import = ended(&world.client, &path);
    let cancelled = world.client.post(&format!("{path}/cancel"), &json!({}));
    assert_eq!(
        (cancelled.status, cancelled.message(), &cancelled.data()["state"]),
        (200, "号码导入此前已结束，未作更改", &json!("finished"))
    );
    assert_eq!(cancelled.data(), &import);
}

#[rstest]
fn names_of_the_west_are_no_chinese_and_the_encoding_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let name = |phone: &str| {
        let number = world.client.get(&world.task_path(&task, &format!("number/detail/{phone}")));
        number.data()["name"].clone()
    };
    let western = b"phone,name\n13800000001,M\xfcller\n13800000002,J\xe4ger\n13800000003,Gro\xdf\n";
    let import = world.imported(&task, "", western);
    assert_eq!((&import["encoding"], outcome(&import).0), (&json!("windows-1252"), "finished"), "{import}");
    assert_eq!(["13800000001", "13800000002", "13800000003"].map(name), ["Müller", "Jäger", "Groß"]);
    let chinese = b"phone,name\n13800000004,\xcd\xf5\xb7\xbc\n";
    for (query, file, encoding) in [
        ("", &chinese[..], json!("gb18030")),
        ("?encoding=big5", chinese, json!("big5")),
        ("?encoding=gb18030", western, json!("gb18030")),
        ("?encoding=gb18030", b"\xef\xbb\xbfphone\n13800000004\n", json!("utf-8")),
        ("", b"{\"phone\": \"13800000004\"}\n", json!("utf-8")),
        ("", b"\xff\xfep\0h\0o\0n\0e\0\n\x001\0", json!("utf-16")),
        ("", b"name\nM\xfcller\n", json!("windows-1252")),
    ] {
        let query =
            format!("{}dry_run=true", if query.is_empty() { "?".to_owned() } else { format!("{query}&") });
        assert_eq!(world.imported(&task, &query, file)["encoding"], encoding, "{query}");
    }
    for query in ["?encoding=latin", "?encoding=utf-16", "?encoding="] {
        assert_eq!(world.import(&task, query, western).faulty_fields(), ["encoding"], "{query}");
    }
}

#[rstest]
fn the_command_line_says_what_it_does_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    std::fs::write(&file, b"phone,name\n13800000001,M\xfcller\n").unwrap();
    let arguments = ["numbers", "import", file.to_str().unwrap(), "--task", &task];
    let nowhere = folder.path().join("missing/refused.csv");
    let refused =
        run(&world.database.url, &[&arguments[..], &["--refused", nowhere.to_str().unwrap()]].concat());
    assert!(!refused.is_good() && refused.error.contains("cannot write"), "{refused:?}");
    assert_eq!(world.phones(&task).len(), 0, "nothing was imported");
    let kept = folder.path().join("refused.csv");
    std::fs::write(&kept, "something longer than what comes in its place: ".repeat(9)).unwrap();
    let asked = ["--encoding", "windows-1252", "--refused", kept.to_str().unwrap()];
    let done = run(&world.database.url, &[&arguments[..], &asked].concat());
    assert!(done.is_good(), "{done:?}");
    let is_progress = |line: &str| line.contains(" rows/s ");
    assert!(done.error.lines().all(is_progress), "neither a notice nor a line of the log: {}", done.error);
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "\u{FEFF}line,reason,message,row\r\n");
    let unknown = run(&world.database.url, &[&arguments[..], &["--encoding", "latin"]].concat());
    assert!(!unknown.is_good() && unknown.error.contains("windows-1252"), "{unknown:?}");
}
