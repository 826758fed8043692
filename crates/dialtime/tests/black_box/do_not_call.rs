//! Numbers that must not be called: added, listed, looked up, deleted and imported.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World};

fn add(world: &World, entries: &Value) -> Reply {
    world.client.post(&world.path("/do-not-call"), &json!({"data": entries}))
}

fn import(world: &World, query: &str, file: &str) -> Reply {
    let path = world.path(&format!("/do-not-call/import{query}"));
    world.client.send("POST", &path, &[("Content-Type", "text/csv")], Some(file))
}

fn listed(world: &World, query: &str) -> Vec<Value> {
    world.client.get(&world.path(&format!("/do-not-call{query}"))).column("phone")
}

#[rstest]
fn entries_are_added_listed_looked_up_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let added = add(
        &world,
        &json!([
            {"phone": "138-0000-1234", "reason": "客户要求", "source": "crm"},
            {"phone": 13_800_001_235_i64, "until": "2026-06-10 10:00:00"},
            {"phone": "+44 20 7183 8750", "until": "2026-06-11", "reason": ""},
        ]),
    );
    assert_eq!(
        (added.message(), added.data()),
        ("添加黑名单成功", &json!({"added": 3, "changed": 0, "erased": 0}))
    );
    let detail = world.client.get(&world.path("/do-not-call/13800001234"));
    // The server's clock goes on from nine o'clock.
    let created_at = detail.data()["created_at"].as_str().unwrap();
    assert!(("2026-06-10 09:00:00".."2026-06-10 09:05:00").contains(&created_at), "{created_at}");
    let expected = json!({"phone": "+8613800001234", "reason": "客户要求", "source": "crm", "until": null,
                          "in_force": true, "created_at": created_at});
    assert_eq!(detail.data(), &expected);
    let until = world.client.get(&world.path("/do-not-call/00442071838750")).data()["until"].clone();
    assert_eq!(until, "2026-06-12 00:00:00", "a date is included");
    world.server.set_clock("2026-06-10T10:00:00+08:00");
    assert_eq!(listed(&world, "?in_force=true"), ["+8613800001234", "+442071838750"]);
    assert_eq!(world.client.get(&world.path("/do-not-call/13800001235")).data()["in_force"], false);
    // What was read can be sent back, and takes the place of what was there.
    let again = add(&world, &json!([expected, {"phone": "13800001235_a1b2"}]));
    assert_eq!(again.data(), &json!({"added": 0, "changed": 2, "erased": 0}));
    assert_eq!(listed(&world, "?in_force=true").len(), 3);
    let page = world.client.get(&world.path("/do-not-call?per_page=1&page=2"));
    assert_eq!((page.data().as_array().unwrap().len(), &page.body["meta"]["total"]), (1, &json!(3)));
    assert_eq!(listed(&world, "?keyword=1234"), ["+8613800001234"]);
    assert_eq!(listed(&world, "?keyword=%E5%AE%A2%E6%88%B7&source=crm"), ["+8613800001234"]);
    let path = world.path("/do-not-call/%2B8613800001234");
    assert_eq!(world.client.delete(&path).message(), "删除成功");
    assert_eq!((world.client.delete(&path).status, world.client.get(&path).status), (404, 404));
    // A sub-user has its own.
    let own = world.path(&format!("/do-not-call?sub_user_id={}", world.sub_user));
    assert_eq!(world.client.get(&own).body["meta"]["total"], 0);
    world.client.post(&own, &json!({"data": [{"phone": "13800009999"}]})).data();
    assert_eq!(world.client.get(&own).body["meta"]["total"], 1);
    assert_eq!(world.client.get(&world.path("/do-not-call/13800009999")).status, 404);
}

#[rstest]
fn everything_that_is_wrong_with_entries_is_told_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let bad = json!([
        {"phone": "110"}, {"phone": ""}, {}, "13800001234", {"phone": "13800001234", "untill": "2026-01-01"},
        {"phone": "+86 138 0000 1234"}, {"phone": "13800001234"}, {"phone": "13800001235", "until": "soon", "reason": "x".repeat(201),
         "source": "a\u{7}"},
    ]);
    let refused = add(&world, &bad);
    assert_eq!(
        refused.faults(),
        [
            ("data[0].phone", "number_emergency"),
            ("data[1].phone", "number_empty"),
            ("data[2].phone", "required"),
            ("data[3]", "type"),
            ("data[4].untill", "unknown_field"),
            ("data[6].phone", "repeated"),
            ("data[7].reason", "too_long"),
            ("data[7].source", "control_character"),
            ("data[7].until", "date_time"),
        ]
    );
    assert_eq!(add(&world, &json!([])).faults(), [("data", "empty")]);
    assert_eq!(world.client.post(&world.path("/do-not-call"), &json!({})).faults(), [("data", "required")]);
    let many: Vec<Value> = (0..1_001).map(|number| json!({"phone": format!("1380000{number:04}")})).collect();
    assert_eq!(add(&world, &json!(many)).faults(), [("data", "too_many")]);
    assert_eq!(add(&world, &json!(many[..1_000])).data()["added"], 1_000);
    assert_eq!(world.client.get(&world.path("/do-not-call/95588")).faults(), [("phone", "number_service")]);
}

#[rstest]
fn a_file_is_imported_and_each_bad_row_is_named(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let file = "\u{feff}备注;手机号;有效期;客户\r\n投诉;13800001234;;a\r\n;138;;\r\n;13800001235;2026-07-01;b\r\n\r\n\
                ;13800001235;never;b\r\n;13800001236;;c;d\r\n\"多\r\n行\";13800001237;;\r\n;;;x\r\n;+86 13800001234;;\r\n";
    let imported = import(&world, "?reason=%E5%90%8D%E5%8D%95&source=june", file);
    assert_eq!(imported.message(), "导入黑名单成功");
    let data = imported.data();
    let figures =
        ["rows", "added", "changed", "repeated", "refused"].map(|name| data[name].as_i64().unwrap());
    assert_eq!(figures, [8, 2, 0, 1, 5]);
    let refusals: Vec<_> = data["refusals"].as_array().unwrap().iter().collect();
    let told = refusals.iter().map(|row| {
        (row["line"].as_i64().unwrap(), row["field"].as_str().unwrap(), row["rule"].as_str().unwrap())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (3, "phone", "number_service"),
            (6, "until", "date_time"),
            (7, "row", "too_many_cells"),
            (8, "reason", "control_character"),
            (10, "phone", "required"),
        ]
    );
    assert!(refusals.iter().all(|row| !row["message"].as_str().unwrap().is_empty()));
    let first = world.client.get(&world.path("/do-not-call/13800001234"));
    assert_eq!((&first.data()["reason"], &first.data()["source"]), (&json!("名单"), &json!("june")));
    let second = world.client.get(&world.path("/do-not-call/13800001235"));
    assert_eq!(second.data()["until"], "2026-07-02 00:00:00");
    // The same file again changes what is there; a file without a header is a list of numbers.
    assert_eq!(import(&world, "", file).data()["changed"], 2);
    let british = import(&world, "?default_country=GB", "2070313000\n");
    assert_eq!(british.data()["added"], 1);
    assert_eq!(world.client.get(&world.path("/do-not-call/+442070313000")).status, 200);
    let bare = import(&world, "", "13800001234\n13800001299\nx\n");
    assert_eq!((&bare.data()["added"], &bare.data()["changed"]), (&json!(1), &json!(1)));
    assert_eq!(bare.data()["refusals"][0]["line"], 3);
    assert_eq!(world.client.get(&world.path("/do-not-call/13800001299")).data()["source"], "import");
}

#[rstest]
fn a_file_that_cannot_be_imported_is_refused_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    assert_eq!(import(&world, "", "").faults(), [("file", "empty")]);
    assert_eq!(import(&world, "", "\n,\n").faults(), [("file", "empty")]);
    assert_eq!(
        import(&world, "?default_contry=GB&default_country=XX&reason[a]=b", "2070313000").faults(),
        [("default_contry", "unknown_field"), ("reason[a]", "unknown_field")]
    );
    assert_eq!(
        import(&world, "?default_country=XX", "2070313000").faults(),
        [("default_country", "number_unknown_country")]
    );
    assert_eq!(import(&world, "?dry_run=true", "2070313000").faults(), [("dry_run", "unknown_field")]);
    assert_eq!(import(&world, "", "name,reason\nx,y\n").faults(), [("phone", "required")]);
    assert_eq!(
        import(&world, &format!("?source={}", "x".repeat(65)), "13800001234").faults(),
        [("source", "too_long")]
    );
    let long = "13800001234\n".repeat(100_001);
    assert_eq!(import(&world, "", &long).faults(), [("file", "too_many")]);
    let path = world.path("/do-not-call/import");
    let json = world.client.send("POST", &path, &[("Content-Type", "application/json")], Some("{}"));
    assert_eq!(json.status, 415);
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    assert_eq!(import(&world, "", &large).status, 413);
    assert_eq!(world.client.get(&world.path("/do-not-call")).body["meta"]["total"], 0, "nothing was taken");
}

#[rstest]
fn an_end_that_is_over_is_refused(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let ends = [
        "2026-06-09",
        "2026-06-10 08:59:59",
        "2026-06-10 09:00:00",
        "1970-01-01",
        "2026-06-10",
        "2026-06-10 10:00:00",
    ];
    let entries: Vec<_> = ends
        .iter()
        .enumerate()
        .map(|(index, until)| json!({"phone": format!("1380000123{index}"), "until": until}))
        .collect();
    let refused = add(&world, &json!(entries));
    let faults: Vec<_> = (0..4).map(|index| (format!("data[{index}].until"), "past")).collect();
    assert_eq!(
        refused.faults(),
        faults.iter().map(|(field, rule)| (field.as_str(), *rule)).collect::<Vec<_>>()
    );
    assert!(listed(&world, "").is_empty(), "one that is faulty refuses all");

    let rows: Vec<_> =
        ends.iter().enumerate().map(|(index, until)| format!("1380000123{index},{until}\n")).collect();
    let imported = import(&world, "", &format!("phone,until\n{}", rows.concat()));
    let refusals = imported.data()["refusals"].as_array().unwrap();
    let told: Vec<_> = refusals.iter().map(|row| (&row["line"], &row["field"], &row["rule"])).collect();
    let (until, past) = (json!("until"), json!("past"));
    assert_eq!(
        told,
        (2..6)
            .map(Value::from)
            .collect::<Vec<_>>()
            .iter()
            .map(|line| (line, &until, &past))
            .collect::<Vec<_>>()
    );
    assert_eq!(refusals[0]["message"], "该时间已过去，必须晚于现在");
    assert_eq!((&imported.data()["added"], listed(&world, "?in_force=true").len()), (&json!(2), 2));

    // So is what was read and is over by now: sent back it would bar nobody.
    world.server.set_clock("2026-06-10T10:00:00+08:00");
    let read = world.client.get(&world.path("/do-not-call/13800001235")).data().clone();
    assert_eq!(read["in_force"], false);
    assert_eq!(add(&world, &json!([read])).faults(), [("data[0].until", "past")]);
}

#[rstest]
fn who_sees_numbers_masked_cannot_look_for_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    add(&world, &json!([{"phone": "13800001234"}])).data();
    let masked = world.token(&["--numbers", "masked"]);
    let list = masked.get(&world.path("/do-not-call"));
    assert_eq!(list.column("phone"), ["+86*******1234"]);
    for path in ["/do-not-call?keyword=1234", "/do-not-call/13800001234"] {
        assert_eq!(masked.get(&world.path(path)).status, 403, "{path}");
    }
    assert_eq!(masked.delete(&world.path("/do-not-call/13800001234")).status, 403);
    // What it added would tell, too, whether it was there.
    for phone in ["13800001234", "13800001235"] {
        let entries = json!({"data": [{"phone": phone}]});
        assert_eq!(masked.post(&world.path("/do-not-call"), &entries).status, 403);
    }
    assert_eq!(world.client.get(&world.path("/do-not-call")).body["meta"]["total"], 1);
}

#[rstest]
fn what_is_left_of_an_erased_number_stays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let entry = world.path("/do-not-call/13800001234");
    let erase = |suppress: bool| {
        let body = json!({"phone": "13800001234", "suppress": suppress});
        world.client.post(&world.path("/erase-number"), &body).data();
    };
    erase(true);
    let left = world.client.get(&entry).data().clone();
    assert_eq!(
        (&left["source"], &left["reason"], &left["until"]),
        (&json!("erasure"), &json!(null), &json!(null))
    );
    for again in [
        json!({"phone": "13800001234", "until": "2026-06-11"}),
        json!({"phone": "13800001234", "reason": "a", "source": "crm"}),
        left.clone(),
    ] {
        let added = add(&world, &json!([again, {"phone": "13800001235"}]));
        assert_eq!(added.data()["erased"], 1, "{again}");
        assert_eq!(world.client.get(&entry).data(), &left, "{again}");
    }
    let imported =
        import(&world, "?reason=a", "phone,until\n13800001234,2026-06-11\n13800001235,\n13800001236,\n");
    let counts =
        ["added", "changed", "erased", "refused"].map(|name| imported.data()[name].as_i64().unwrap());
    assert_eq!((counts, world.client.get(&entry).data()), ([1, 1, 1, 0], &left));
    let refused = world.client.delete(&entry);
    assert_eq!((refused.status, refused.code()), (409, 8110));
    assert!(refused.text.contains("erase-number"), "{}", refused.text);
    assert_eq!(listed(&world, "?in_force=true").len(), 3);
    // An end of its own makes it an entry like others, whatever it calls its source.
    add(&world, &json!([{"phone": "13800001237", "source": "erasure", "until": "2026-06-11"}])).data();
    assert_eq!(world.client.delete(&world.path("/do-not-call/13800001237")).status, 200);
    erase(false);
    assert_eq!(world.client.get(&entry).status, 404);
    assert_eq!(add(&world, &json!([{"phone": "13800001234", "reason": "a"}])).data()["added"], 1);
    assert_eq!(world.client.delete(&entry).status, 200);
}

/// Whoever comes first, the entry of the erased number is there afterwards.
#[rstest]
fn an_entry_that_is_added_while_its_number_is_erased_never_takes_its_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for round in 0..20 {
        let phone = format!("138000{round:05}");
        let entry = world.path(&format!("/do-not-call/{phone}"));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                world.client.post(&world.path("/erase-number"), &json!({"phone": phone})).data().clone()
            });
            scope.spawn(|| add(&world, &json!([{"phone": phone, "reason": "a"}])).data().clone());
            scope.spawn(|| world.client.delete(&entry));
        });
        let left = world.client.get(&entry).data().clone();
        assert_eq!((&left["source"], &left["reason"]), (&json!("erasure"), &json!(null)));
    }
}
