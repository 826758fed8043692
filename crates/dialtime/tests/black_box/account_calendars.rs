//! The holiday calendars of accounts, over the API.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, Reply, World, group};

const FILE: &str = "date,name,kind\n2027-05-20,司庆,放假\n2027-05-23,司庆,补班\n2027-12-31,x,observance\n";

fn send(client: &Client, path: &str, file: &str) -> Reply {
    client.upload("POST", path, &[("Content-Type", "text/csv"), ("Accept-Language", "en")], file.as_bytes())
}

/// Makes a calendar of the world's user; gives its id.
pub(crate) fn made(world: &World) -> String {
    made_at(world, &world.path("/holiday-calendar"))
}

/// The same of whoever has the calendars at this path.
pub(crate) fn made_at(world: &World, path: &str) -> String {
    let made = send(&world.client, &format!("{path}?name=Company"), FILE);
    assert_eq!((made.status, made.data()["stored"].clone()), (200, json!(true)), "{}", made.text);
    made.data()["id"].as_str().unwrap().to_owned()
}

fn ids(reply: &Reply) -> Vec<String> {
    reply.column("id").iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[rstest]
fn a_calendar_is_shown_then_made_followed_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2027-05-20T10:00:00+08:00");
    let all = world.path("/holiday-calendar");
    let shown = send(&world.client, &format!("{all}?name=Company&dry_run=true"), FILE);
    let told = shown.data();
    assert_eq!(
        (told["stored"].clone(), told["id"].clone(), told["changes_total"].clone()),
        (json!(false), Value::Null, json!(3))
    );
    assert_eq!(
        (told["days_off"].clone(), told["makeup_workdays"].clone(), told["observances"].clone()),
        (json!(1), json!(1), json!(1))
    );
    assert_eq!(ids(&world.client.get(&all)), ["CN"]);

    let id = made(&world);
    let one = format!("{all}/{id}");
    let detail = world.client.get(&format!("{one}?year=2027"));
    assert_eq!(
        (detail.data()["name"].clone(), detail.data()["account_id"].clone()),
        (json!("Company"), json!(world.user))
    );
    assert_eq!(detail.data()["days"].as_array().unwrap().len(), 3);
    assert_eq!(ids(&world.client.get(&all)).len(), 2);
    // It is nobody else's, and not the installation's.
    assert_eq!(ids(&world.client.get("/agent-api/holiday-calendar")), ["CN"]);
    assert_eq!(world.client.get(&format!("/agent-api/holiday-calendar/{id}")).status, 404);
}

#[rstest]
fn a_calendar_that_groups_follow_is_not_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2027-05-20T10:00:00+08:00");
    let id = made(&world);
    let one = world.path(&format!("/holiday-calendar/{id}"));
    let mut body = group("follows");
    body["skip_holiday"] = json!(true);
    body["holiday_calendar"] = json!(id);
    body["content"] = crate::support::always();
    let made = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    let decision = world.client.get(&world.path(&format!("/dial-time-group/{made}/decision"))).data().clone();
    assert_eq!(
        (decision["allowed"].clone(), decision["reason"]["name"].clone()),
        (json!(false), json!("司庆"))
    );
    let (other, stranger) = world.stranger();
    let elsewhere = other.post(&format!("/agent-api/user/{stranger}/dial-time-group"), &body);
    assert_eq!(elsewhere.faults(), [("holiday_calendar", "unknown")]);
    let preview = json!({"group": body});
    let previewed = other.post(&format!("/agent-api/user/{stranger}/dial-time-group/preview"), &preview);
    assert_ne!(previewed.status, 200, "{}", previewed.text);

    let refused = world.client.delete(&one);
    assert_eq!((refused.status, refused.code()), (409, 8108));
    assert_eq!(refused.body["data"], json!([{"id": made, "name": "follows", "account_id": world.user}]));
    assert_eq!(world.client.delete(&world.path(&format!("/dial-time-group/{made}"))).status, 200);
    assert_eq!(world.client.delete(&one).status, 200);
    assert_eq!((world.client.get(&one).status, world.client.delete(&one).status), (404, 404));
    assert_eq!(
        world.client.post(&world.path("/dial-time-group"), &body).faults(),
        [("holiday_calendar", "unknown")]
    );
}

#[rstest]
fn days_are_edited_one_by_one(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let one = world.path(&format!("/holiday-calendar/{}", made(&world)));
    let day = |date: &str| format!("{one}/day/{date}");
    let half =
        json!({"kind": "half_day", "name": "年会", "times": [{"begin_time": "9:00", "end_time": "12:00"}]});
    let set = world.client.put(&day("2027-12-30"), &half);
    let days = set.data()["days"].as_array().unwrap().clone();
    assert_eq!((days.len(), days[2]["times"][0]["begin_time"].clone()), (4, json!("09:00")));
    let other = json!({"kind": "holiday", "name": "年会"});
    assert_eq!(world.client.put(&day("2027-12-30"), &other).data()["days"][2]["kind"], "holiday");
    assert_eq!(world.client.delete(&day("2027-12-30")).data()["days"].as_array().unwrap().len(), 3);
    assert_eq!(world.client.delete(&day("2027-12-30")).status, 404);
    let no_times = json!({"kind": "half_day", "name": "x"});
    assert_eq!(
        world.client.put(&day("2027-12-30"), &no_times).faults(),
        [("times", "half_day_without_times")]
    );
    assert_eq!(world.client.put(&day("2028-01-01"), &other).faults(), [("date", "after_known_until")]);
    assert_eq!(world.client.put(&day("2027-02-30"), &other).faults(), [("date", "date_format")]);
    assert_eq!(
        world.client.put(&day("2027-01-01"), &json!({})).faults(),
        [("kind", "required"), ("name", "required")]
    );
    // Calendars of the installation are not the account's.
    let of_china = world.path("/holiday-calendar/CN/day/2027-12-30");
    assert_eq!(world.client.put(&of_china, &other).status, 404);
}

#[rstest]
fn an_import_is_refused_where_it_is_not_understood(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let import = |query: &str, id: &str, file: &str| {
        send(&world.client, &world.path(&format!("/holiday-calendar/{id}/import{query}")), file)
    };
    let id = made(&world);
    for (file, faults) in [
        ("", vec![("file", "no_holidays")]),
        ("x", vec![("file", "unreadable")]),
        ("date,name\n1/2/2027,x\n", vec![("line 2", "unreadable")]),
        ("date,name\n2027-02-06,值班\n", vec![("line 2", "not_understood")]),
        ("date,name\n2027-02-06,放假\n2027-02-06,补班\n", vec![("line 3", "contradiction")]),
        ("date,name\n2026-10-01,x\n2027-01-01,x\n", vec![("known_until", "known_until_needed")]),
    ] {
        assert_eq!(import("", &id, file).faults(), faults, "{file}");
    }
    let file = "date,name,kind\n2027-05-20,司庆,放假\n2027-06-01,x,放假\n2027-06-02,值班,\n";
    let shown = import("?unclear=leave_out&dry_run=true", &id, file);
    assert_eq!(
        (shown.data()["left_out_total"].clone(), shown.data()["kept"][0]["date"].clone()),
        (json!(1), json!("2027-05-23"))
    );
    assert_eq!(shown.data()["left_out"][0]["reason"], "not_understood");
    let done = import("?unclear=leave_out&drop_makeup_workdays=true", &id, file);
    let dates: Vec<Value> = done.data()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["after"]["date"].clone())
        .collect();
    assert_eq!(dates, [Value::Null, json!("2027-06-01"), Value::Null]);
    assert_eq!(import("", "CN", FILE).status, 404);
    assert_eq!(import("?unclear=x", &id, FILE).faults(), [("unclear", "one_of")]);
}

/// Fixed holidays that come back every year, and one of 2027 whose date changes.
pub(crate) const REPEATED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20270326\r\nSUMMARY:Good Friday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn years_of_which_a_file_has_repeating_days_alone_are_told() {
    let world = World::at(Database::Sqlite, "2027-05-20T10:00:00+08:00");
    let shown = |query: &str| {
        let path = world.path(&format!("/holiday-calendar?name=Fixed&dry_run=true{query}"));
        let shown = send(&world.client, &path, REPEATED);
        [
            shown.data()["years"].clone(),
            shown.data()["only_repeated"].clone(),
            shown.data()["known_until"].clone(),
        ]
    };
    assert_eq!(shown(""), [json!([2027, 2028]), json!([2028]), json!("2028-12-31")]);
    assert_eq!(shown("&known_until=2027-12-31"), [json!([2027]), json!([]), json!("2027-12-31")]);
}

#[test]
fn a_sub_user_follows_its_users_calendars_and_changes_its_own() {
    let world = World::new(Database::Sqlite);
    let (id, sub) = (made(&world), format!("?sub_user_id={}", world.sub_user));
    let seen = world.client.get(&world.path(&format!("/holiday-calendar{sub}")));
    assert!(ids(&seen).contains(&id), "{}", seen.text);
    let mut body = group("of the sub-user");
    body["holiday_calendar"] = json!(id);
    assert_eq!(world.client.post(&world.path(&format!("/dial-time-group{sub}")), &body).status, 200);
    let edit = world.path(&format!("/holiday-calendar/{id}/day/2027-06-01{sub}"));
    assert_eq!(world.client.put(&edit, &json!({"kind": "holiday", "name": "x"})).status, 404);
    assert_eq!(world.client.delete(&world.path(&format!("/holiday-calendar/{id}"))).code(), 8108);
    // What an account changes the operator does not take back.
    assert!(!crate::support::run(&world.database.url, &["holidays", "undo"]).is_good());
}

/// Makes a calendar of the world's partner; gives its path.
fn made_by_partner(world: &World, name: &str) -> String {
    let made = send(&world.client, &format!("/agent-api/holiday-calendar?name={name}"), FILE);
    assert_eq!((made.status, made.data()["stored"].clone()), (200, json!(true)), "{}", made.text);
    format!("/agent-api/holiday-calendar/{}", made.data()["id"].as_str().unwrap())
}

#[rstest]
fn a_partners_calendar_is_for_all_its_accounts_and_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2027-05-20T10:00:00+08:00");
    let of_partner = made_by_partner(&world, "Company");
    let detail = world.client.get(&of_partner).data().clone();
    assert_eq!(
        (&detail["level"], &detail["name"], &detail["account_id"]),
        (&json!("partner"), &json!("Company"), &Value::Null)
    );
    let id = detail["id"].as_str().unwrap().to_owned();
    // An account's of the same name is another calendar: groups name ids.
    let of_user = made(&world);
    assert_ne!(of_user, id);
    let sub_user = format!("?sub_user_id={}", world.sub_user);
    for query in ["", sub_user.as_str()] {
        let seen = world.client.get(&world.path(&format!("/holiday-calendar{query}")));
        assert!(ids(&seen).contains(&id) && ids(&seen).contains(&of_user), "{}", seen.text);
    }
    assert_eq!(ids(&world.client.get("/agent-api/holiday-calendar")).len(), 2, "CN and its own");
    let mut body = group("follows");
    body["skip_holiday"] = json!(true);
    body["holiday_calendars"] = json!(["CN", id]);
    body["content"] = crate::support::always();
    let groups = ["", sub_user.as_str()].map(|query| {
        let made =
            world.client.post(&world.path(&format!("/dial-time-group{query}")), &body).data()["id"].clone();
        let path = world.path(&format!("/dial-time-group/{made}"));
        let decision = world.client.get(&format!("{path}/decision{query}")).data().clone();
        assert_eq!((&decision["allowed"], &decision["reason"]["name"]), (&json!(false), &json!("司庆")));
        format!("{path}{query}")
    });
    is_nobody_elses(&world, &of_partner, &body);
    // It stays while groups follow it, whichever accounts have them.
    let refused = world.client.delete(&of_partner);
    assert_eq!(
        (refused.status, refused.code(), refused.body["data"].as_array().unwrap().len()),
        (409, 8108, 2)
    );
    for group in groups {
        world.client.delete(&group).data();
    }
    assert_eq!(world.client.delete(&of_partner).status, 200);
    assert_eq!(world.client.get(&of_partner).status, 404);
}

fn is_nobody_elses(world: &World, of_partner: &str, body: &Value) {
    // It is not the account's to change, and not there for others.
    let id = of_partner.rsplit('/').next().unwrap();
    let edit = world.path(&format!("/holiday-calendar/{id}/day/2027-06-01"));
    assert_eq!(world.client.put(&edit, &json!({"kind": "holiday", "name": "x"})).status, 404);
    let (other, stranger) = world.stranger();
    assert_eq!(other.get(of_partner).status, 404);
    assert_eq!(other.delete(of_partner).status, 404);
    let elsewhere = other.post(&format!("/agent-api/user/{stranger}/dial-time-group"), body);
    assert_eq!(elsewhere.status, 422, "{}", elsewhere.text);
}

#[rstest]
fn a_partner_edits_its_calendar_day_by_day_and_imports_into_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let of_partner = made_by_partner(&world, "Company");
    let day = format!("{of_partner}/day/2027-06-01");
    let set = world.client.put(&day, &json!({"kind": "holiday", "name": "x"}));
    assert_eq!(set.data()["days"].as_array().unwrap().len(), 4);
    assert_eq!(world.client.delete(&day).data()["days"].as_array().unwrap().len(), 3);
    let shown = send(
        &world.client,
        &format!("{of_partner}/import?dry_run=true"),
        "date,name,kind\n2027-05-20,x,放假\n2027-06-01,x,放假\n",
    );
    assert_eq!((&shown.data()["stored"], &shown.data()["days_off"]), (&json!(false), &json!(2)));
    let url = json!({"url": "http://localhost:9/x.ics"});
    assert_eq!(world.client.put(&format!("{of_partner}/feed"), &url).status, 200);
    assert_eq!(world.client.get(&of_partner).data()["feed"]["url"], url["url"]);
    assert_eq!(world.client.delete(&format!("{of_partner}/feed")).status, 200);
    // Those of the installation are the operator's.
    assert_eq!(world.client.delete("/agent-api/holiday-calendar/CN").status, 404);
}

/// Whose a calendar is would not know of what the command line does to it.
#[rstest]
fn the_command_line_leaves_alone_what_is_not_the_installations(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let of_account = made(&world);
    let of_partner = made_by_partner(&world, "x");
    let of_partner = of_partner.rsplit('/').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.csv");
    std::fs::write(&file, FILE).unwrap();
    let file = file.to_str().unwrap();
    for id in [of_account.as_str(), of_partner] {
        let before = world.client.get(&world.path(&format!("/holiday-calendar/{id}"))).data().clone();
        for arguments in [
            &["import", file, "--calendar", id][..],
            &["import", file, "--calendar", id, "--dry-run"],
            &["remove", id],
            &["remove", id, "2027"],
            &["set-day", id, "2027-06-01", "--name", "x"],
            &["follow", id, "https://example.com/x.ics"],
        ] {
            let ended = crate::support::run(&world.database.url, &[&["holidays"], arguments].concat());
            assert!(!ended.is_good(), "{arguments:?}: {}", ended.said());
            let is_said = matches!(arguments[0], "set-day" | "follow")
                || ended.said().contains("belongs to a partner or an account");
            assert!(is_said, "{arguments:?}: {}", ended.said());
        }
        assert_eq!(world.client.get(&world.path(&format!("/holiday-calendar/{id}"))).data(), &before);
    }
}

/// The address may have a secret in it, which is the partner's.
#[rstest]
fn who_is_limited_to_a_user_does_not_see_the_address_of_a_partners_calendar(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let of_partner = made_by_partner(&world, "Company");
    let url = json!({"url": "http://localhost:9/of-the-partner.ics"});
    world.client.put(&format!("{of_partner}/feed"), &url).data();
    let id = of_partner.rsplit('/').next().unwrap();
    let of_user = world.path(&format!("/holiday-calendar/{id}"));
    let paths = [
        "/agent-api/holiday-calendar".to_owned(),
        of_partner.clone(),
        world.path("/holiday-calendar"),
        of_user.clone(),
        format!("{of_user}?sub_user_id={}", world.sub_user),
        world.path("/audit"),
        world.path("/events"),
    ];
    let limited = world.token(&["--user", &world.user]);
    for path in &paths {
        let seen = limited.get(path);
        assert_eq!(seen.status, 200, "{path}");
        assert!(!seen.text.contains("of-the-partner"), "{path}: {}", seen.text);
    }
    // It is there, and neither set nor taken away by who is limited.
    assert_eq!(limited.get(&of_partner).data()["feed"], Value::Null);
    assert_ne!(limited.put(&format!("{of_partner}/feed"), &url).status, 200);
    assert_ne!(limited.delete(&format!("{of_partner}/feed")).status, 200);
    assert_eq!(world.client.get(&of_partner).data()["feed"]["url"], url["url"]);
}

#[rstest]
fn what_a_partner_does_to_its_calendars_is_in_the_log(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let of_partner = made_by_partner(&world, "Company");
    let id = of_partner.rsplit('/').next().unwrap();
    world
        .client
        .put(&format!("{of_partner}/day/2027-06-01"), &json!({"kind": "holiday", "name": "x"}))
        .data();
    world.client.put(&format!("{of_partner}/feed"), &json!({"url": "http://localhost:9/x.ics"})).data();
    world.client.delete(&format!("{of_partner}/feed")).data();
    world.client.delete(&of_partner).data();
    let log = format!(
        "SELECT action || ' ' || subject || ' ' || substr(actor, 1, 5) FROM audit WHERE subject_id LIKE '{id}%' ORDER BY id"
    );
    let expected = [
        "create holiday_year token",
        "update holiday_year token",
        "create calendar_feed token",
        "delete calendar_feed token",
        "delete holiday_year token",
    ];
    assert_eq!(world.database.texts_in_order(&log), expected);
}

/// What is wrong is said of what was sent.
#[test]
fn refusals_of_files_and_addresses_say_what_is_wrong() {
    let world = World::new(Database::Sqlite);
    let headers = [("Accept-Language", "en"), ("Content-Type", "application/octet-stream")];
    let refusal = |file: &[u8]| {
        let path = world.path("/holiday-calendar?name=x");
        let reply = world.client.upload("POST", &path, &headers, file);
        assert_eq!(reply.status, 422, "{}", reply.text);
        let faults = reply.body["data"].as_array().unwrap().iter();
        faults
            .map(|fault| ["field", "rule", "message"].map(|part| fault[part].as_str().unwrap().to_owned()))
            .map(|[field, rule, message]| format!("{field} {rule}: {message}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(refusal(b""), ["file no_holidays: is empty"]);
    assert_eq!(refusal(b" \n"), ["file no_holidays: is empty"]);
    let binary = refusal(b"\xff\xff");
    assert!(binary[0].starts_with("file encoding: ") && binary[0].contains("Big5"), "{binary:?}");
    assert_eq!(refusal(b"{\"url\": 5}"), ["url type: must be text"]);
    assert_eq!(refusal(b"{\"url\": null}"), ["url required: must be given"]);
    let faults = refusal(br#"{"url": "https://example.com/x.ics", "unclear": "x", "name": "y"}"#);
    let fields: Vec<&str> = faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
    assert_eq!(fields, ["unclear one_of", "name unknown_field"]);
    let mut group = group("g");
    group["holiday_calendars"] = json!([]);
    let reply = world.client.post(&world.path("/dial-time-group"), &group);
    assert_eq!(reply.faults(), [("holiday_calendars", "empty")]);
}
