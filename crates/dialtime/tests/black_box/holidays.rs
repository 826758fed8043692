//! Holiday calendars: shown by the API and at the command line, imported while servers run. Days are of years that no
//! test's today can reach.

use std::{collections::BTreeSet, path::PathBuf};

use domain::Clock;
use insta::assert_json_snapshot;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::SetClock;

use crate::support::{Client, Database, OwnDatabase, Program, World, dialtime, run};

const CALENDARS: &str = "/agent-api/holiday-calendar";

/// For files that have fewer days than a year of China's usually has.
const FEW: [&str; 1] = ["--allow-fewer-days"];

/// China's calendar of 2027 as a file could have it, with a day of the year before.
fn next_year() -> Value {
    let day = |date: &str, kind: &str| json!({"date": date, "kind": kind, "name": "元旦"});
    let mut worked = day("2027-01-03", "makeup_workday");
    worked["stands_for"] = json!(5);
    json!({
        "id": "CN", "known_until": "2027-12-31",
        "notices": [{"id": "2027", "address": "https://www.gov.cn/2027"}],
        "days": [day("2026-12-31", "holiday"), day("2027-01-01", "holiday"), worked],
    })
}

/// A calendar with one day in each of these years.
fn years(id: &str, numbers: std::ops::RangeInclusive<i32>) -> Value {
    let day = |year| json!({"date": format!("{year}-05-01"), "kind": "holiday", "name": "x"});
    let known_until = format!("{}-12-31", numbers.end());
    json!({"id": id, "known_until": known_until, "days": numbers.map(day).collect::<Value>()})
}

/// `VEVENT`s in their calendar.
fn icalendar(events: &[&str]) -> String {
    let events = events.iter().map(|lines| format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n"));
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.collect::<String>())
}

/// Files that go with the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// What `dialtime holidays import` says of a text, and whether it was good.
pub(crate) fn import(url: &str, name: &str, text: impl AsRef<[u8]>, arguments: &[&str]) -> (bool, String) {
    let files = Files::new();
    let file = files.write(name, text);
    holidays(url, &[&["import", file.to_str().unwrap()], arguments].concat())
}

/// An import that must be good.
#[track_caller]
fn imported(url: &str, name: &str, text: impl AsRef<[u8]>, arguments: &[&str]) -> String {
    let (good, said) = import(url, name, text, arguments);
    assert!(good, "{said}");
    said
}

fn dates(calendar: &Value) -> Vec<&str> {
    calendar["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect()
}

fn of_year(client: &Client, id: &str, year: i32) -> Value {
    client.get(&format!("{CALENDARS}/{id}?year={year}")).data().clone()
}

#[rstest]
fn an_imported_year_shows_on_the_very_next_request(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let other_server = (database == Database::Postgres).then(|| Program::start(&world.database.url, &[]));
    let other = other_server.as_ref().map(|server| world.client.at(&server.base));
    for client in std::iter::once(&world.client).chain(&other) {
        let before = of_year(client, "CN", 2027);
        assert_eq!((&before["source"], dates(&before).len()), (&json!("built_in"), 0));
    }
    let said = imported(&world.database.url, "cn.json", next_year().to_string(), &FEW);
    assert!(
        said.contains("CN 2027: added 3 days") && said.contains("CN is known until 2027-12-31"),
        "{said}"
    );
    let after = of_year(&world.client, "CN", 2027);
    let mut steady = after.clone();
    steady["near_horizon"] = json!("[depends on today]");
    assert_json_snapshot!("imported_year", steady);
    if let Some(other) = &other {
        assert_eq!(of_year(other, "CN", 2027), after, "another node");
    }
    // The day before the year was added, and took nothing away.
    let year_before = of_year(&world.client, "CN", 2026);
    assert!(dates(&year_before).contains(&"2026-12-31") && dates(&year_before).contains(&"2026-10-01"));
    let list = world.client.get(CALENDARS);
    assert_eq!(list.data().as_array().unwrap().len(), 1);
    assert_eq!(list.data()[0], *world.client.get(&format!("{CALENDARS}/CN")).data());
}

#[rstest]
fn a_file_that_would_take_a_years_holidays_away_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    let mut file = next_year();
    file.as_object_mut().unwrap().remove("known_until");
    let (good, said) = import(url, "cn.json", file.to_string(), &[]);
    // Which of the two years it is of, only a person can tell.
    assert!(
        !good && said.contains("--known-until 2027-12-31") && said.contains("--known-until 2026-12-31"),
        "{said}"
    );
    let of_2026 = ["--known-until", "2026-12-31"];
    let (good, said) = import(url, "cn.json", file.to_string(), &of_2026);
    assert!(!good && said.contains("of CN 2026 33 days are known, and it would have 1 day"), "{said}");
    assert!(dates(&of_year(&world.client, "CN", 2026)).contains(&"2026-10-01"));
    let (good, said) =
        import(url, "cn.json", file.to_string(), &[&of_2026[..], &["--allow-fewer-days"]].concat());
    assert!(good && said.contains("CN 2026: replaced by 7 days: 1 day off, 6 make-up workdays"), "{said}");
}

#[test]
fn a_few_days_do_not_make_a_year_known() {
    let world = World::new(Database::Sqlite);
    let url = &world.database.url;
    let (good, said) = import(url, "cn.json", next_year().to_string(), &[]);
    assert!(
        !good && said.contains("CN 2027 would have 1 day off, and other years of CN usually have"),
        "{said}"
    );
    assert_eq!(of_year(&world.client, "CN", 2027)["known_until"], "2026-12-31");
    // It is only the beginning of the year that it knows.
    imported(url, "cn.json", next_year().to_string(), &["--known-until", "2027-01-01"]);
    assert_eq!(of_year(&world.client, "CN", 2027)["known_until"], "2027-01-01");
    // A calendar of its own may have few days, as long as its years are alike.
    imported(url, "own.json", years("OFFICE", 2026..=2027).to_string(), &[]);
    let mut larger = years("LARGE", 2026..=2027);
    let days = larger["days"].as_array_mut().unwrap();
    days.extend(
        (1..9).map(|day| json!({"date": format!("2027-03-{day:02}"), "kind": "holiday", "name": "x"})),
    );
    let (good, said) = import(url, "own.json", larger.to_string(), &[]);
    assert!(!good && said.contains("LARGE 2026 would have 1 day off"), "{said}");
}

#[test]
fn the_samples_of_the_readmes_do_not_pretend_to_know_a_year_of_china() {
    let world = World::new(Database::Sqlite);
    for readme in [include_str!("../../../../README.md"), include_str!("../../../../README.zh-CN.md")] {
        let samples = readme.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
        let sample = samples.filter(|sample| sample.contains("\"kind\": \"holiday\"")).collect::<Vec<_>>();
        assert_eq!(sample.len(), 1);
        imported(&world.database.url, "sample.json", sample[0], &[]);
    }
    assert_eq!(of_year(&world.client, "CN", 2027)["known_until"], "2026-12-31");
}

/// What `dialtime holidays` says of arguments, and whether it was good.
fn holidays(url: &str, arguments: &[&str]) -> (bool, String) {
    let ended = run(url, &[&["holidays"], arguments].concat());
    (ended.is_good(), ended.said())
}

#[rstest]
fn an_import_is_taken_away_and_taken_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    let known_until = || of_year(&world.client, "CN", 2027)["known_until"].clone();
    let (good, said) = holidays(url, &["undo"]);
    assert!(!good && said.contains("there is no import or removal to take back"), "{said}");
    let (good, said) = holidays(url, &["remove", "CN", "2026"]);
    assert!(!good && said.contains("CN 2026 was not imported"), "{said}");
    imported(url, "1.json", next_year().to_string(), &FEW);
    imported(url, "2.json", years("CN", 2026..=2028).to_string(), &[FEW[0], "--drop-makeup-workdays"]);
    assert_eq!(known_until(), "2028-12-31");
    let (good, said) = holidays(url, &["remove", "CN", "2027"]);
    assert!(good && said.contains("CN 2027: removed") && said.contains("CN 2028 lies after a gap"), "{said}");
    assert_eq!((known_until(), dates(&of_year(&world.client, "CN", 2027)).len()), (json!("2026-12-31"), 0));
    let (good, said) = holidays(url, &["remove", "CN"]);
    assert!(good && said.contains("CN 2026: as it comes with the program"), "{said}");
    assert_eq!(dates(&of_year(&world.client, "CN", 2026)).len(), 39);
    assert_eq!(of_year(&world.client, "CN", 2026)["source"], "built_in");
    // Back, step by step: both removals, then both imports.
    for (known, days) in [("2026-12-31", 0), ("2028-12-31", 1), ("2027-12-31", 2), ("2026-12-31", 0)] {
        let (good, said) = holidays(url, &["undo"]);
        assert!(good && said.contains(&format!("CN is known until {known}")), "{said}");
        assert_eq!((known_until(), dates(&of_year(&world.client, "CN", 2027)).len()), (json!(known), days));
    }
    assert!(!holidays(url, &["undo"]).0);
    let actions =
        "SELECT action FROM audit WHERE subject = 'holiday_year' AND subject_id = 'CN 2027' ORDER BY id";
    let actions = world.database.texts_in_order(actions);
    assert_eq!(actions, ["create", "update", "delete", "create", "update", "delete"]);
}

#[rstest]
fn a_calendar_that_groups_follow_does_not_vanish(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    imported(url, "a.json", years("OFFICE", 2026..=2027).to_string(), &[]);
    let mut body = crate::support::group("followers");
    body["holiday_calendar"] = json!("OFFICE");
    let id = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    for arguments in [&["remove", "OFFICE"][..], &["undo"]] {
        let (good, said) = holidays(url, arguments);
        let named = format!("group {id} (followers) of account {}", world.user);
        assert!(!good && said.contains("nothing was removed") && said.contains(&named), "{said}");
    }
    // A year of it may go: something is left.
    assert!(holidays(url, &["remove", "OFFICE", "2027"]).0);
    assert_eq!(world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).status, 200);
    let (good, said) = holidays(url, &["remove", "OFFICE"]);
    assert!(good && said.contains("OFFICE is gone"), "{said}");
    assert_eq!(world.client.get(&format!("{CALENDARS}/OFFICE")).status, 404);
    assert_eq!(
        world.client.post(&world.path("/dial-time-group"), &body).faults(),
        [("holiday_calendar", "unknown")]
    );
}

#[rstest]
fn a_removal_is_told_as_an_import_is(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let url = &world.database.url;
    // Two days, for the first may end while the test runs.
    let days = [0, 1].map(|later| json!({"date": day_in_utc(later), "kind": "holiday", "name": "x"}));
    let years = BTreeSet::from([0, 1].map(|later| day_in_utc(later)[..4].to_owned()));
    let known_until = format!("{}-12-31", years.last().unwrap());
    let file = json!({"id": "OFFICE", "known_until": known_until, "days": days});
    imported(url, "a.json", file.to_string(), &[]);
    let mut body = json!({"name": "always", "content": crate::support::always(), "is_default": false,
                          "skip_holiday": true, "holiday_calendar": "OFFICE", "timezone": "UTC"});
    let id = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    body["name"] = json!("keeps the calendar there");
    let allowed = || {
        world.client.get(&world.path(&format!("/dial-time-group/{id}/decision"))).data()["allowed"].clone()
    };
    let other = json!({"id": "OFFICE", "known_until": "2199-12-31",
                       "days": [{"date": "2199-05-01", "kind": "holiday", "name": "x"}]});
    imported(url, "b.json", other.to_string(), &[]);
    assert_eq!(allowed(), false);
    assert!(years.iter().all(|year| holidays(url, &["remove", "OFFICE", year]).0));
    assert_eq!(allowed(), true);
    let opened = |_| {
        let events = world.client.get(&world.path("/events?limit=1000"));
        let told =
            events.data()["events"].as_array().unwrap().iter().any(|event| event["type"] == "group.opened");
        if !told {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        told
    };
    assert!((0..600).any(opened), "the running server tells that the group has opened");
}

/// The date in UTC, so many days later than today: commands have the machine's clock.
fn day_in_utc(later: i64) -> String {
    let day = SetClock::real().now() + SignedDuration::from_hours(24 * later);
    day.strftime("%Y-%m-%d").to_string()
}

#[rstest]
fn an_icalendar_file_is_imported(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let url = &world.database.url;
    let text = icalendar(&[
        "DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\nSUMMARY:元旦",
        "DTSTART;VALUE=DATE:20270103\r\nSUMMARY:元旦(班)",
        "DTSTART;VALUE=DATE:20280101\r\nSUMMARY:元旦",
        "DTSTART;VALUE=DATE:20281001\r\nSUMMARY:国庆节",
    ]);
    imported(url, "cn.ics", &text, &FEW);
    let year = of_year(&world.client, "CN", 2027);
    let kinds: Vec<&Value> = year["days"].as_array().unwrap().iter().map(|day| &day["kind"]).collect();
    assert_eq!(dates(&year), ["2027-01-01", "2027-01-02", "2027-01-03"]);
    assert_eq!(kinds, [&json!("holiday"), &json!("holiday"), &json!("makeup_workday")]);
    assert_eq!(year["known_until"], "2028-12-31");
    assert_eq!(year["imported_years"], json!([2027, 2028]));
    // Another calendar, known by the option until a day of its last year; days after it are left out.
    imported(url, "any name", &text, &["--calendar", "XX", "--known-until", "2028-06-30"]);
    let other = world.client.get(&format!("{CALENDARS}/XX"));
    assert_eq!(other.data()["known_until"], "2028-06-30");
    assert_eq!(other.data()["source"], "imported");
    assert_eq!(dates(other.data()), ["2027-01-01", "2027-01-02", "2027-01-03", "2028-01-01"]);
    assert_eq!(world.client.get(CALENDARS).column("id"), [json!("CN"), json!("XX")]);
}

#[rstest]
fn a_year_imported_again_replaces_the_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    imported(url, "1.json", next_year().to_string(), &FEW);
    let said =
        imported(url, "2.json", years("CN", 2027..=2028).to_string(), &[FEW[0], "--drop-makeup-workdays"]);
    assert!(said.contains("CN 2027: replaced by 1 day") && said.contains("CN 2028: added 1 day"), "{said}");
    let year = of_year(&world.client, "CN", 2027);
    assert_eq!((dates(&year), &year["notices"]), (vec!["2027-05-01"], &json!([])));
    // A built-in year can be corrected, too.
    imported(url, "3.json", years("CN", 2025..=2025).to_string(), &[FEW[0], "--drop-makeup-workdays"]);
    assert_eq!(dates(&of_year(&world.client, "CN", 2025)), ["2025-05-01"]);
    assert_eq!(of_year(&world.client, "CN", 2026)["known_until"], "2028-12-31");
}

#[rstest]
fn a_year_after_a_gap_is_kept_and_said_to_be_unjoined(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let said = imported(&world.database.url, "x.json", years("CN", 2028..=2028).to_string(), &FEW);
    assert!(said.contains("import 2027 too"), "{said}");
    let year = of_year(&world.client, "CN", 2028);
    assert_eq!((dates(&year), &year["known_until"]), (vec!["2028-05-01"], &json!("2026-12-31")));
    imported(&world.database.url, "x.json", years("CN", 2027..=2027).to_string(), &FEW);
    assert_eq!(of_year(&world.client, "CN", 2028)["known_until"], "2028-12-31");
}

/// Its name, what it holds, and a part of what is said of it.
type BadFile = (&'static str, String, &'static str);

fn bad_json_files() -> Vec<(String, &'static str)> {
    let change = |member: &str, value: Value| {
        let mut file = next_year();
        file[member] = value;
        file.to_string()
    };
    let day = |date: &str| json!({"date": date, "kind": "holiday", "name": "x"});
    vec![
        (String::new(), "it is empty"),
        (" \n".to_owned(), "it is empty"),
        ("{".to_owned(), "EOF"),
        (next_year().to_string() + "}", "trailing"),
        (format!("[{}]", next_year()), "not a list"),
        ("null".to_owned(), "invalid type"),
        (json!({"id": "CN", "known_until": "2027-12-31"}).to_string(), "days"),
        (change("days", json!([])), "at least one day"),
        (change("id", json!("C N")), "id: must be 1 to 32 letters"),
        (change("known_until", json!("2027")), "known_until: must be a date"),
        (change("known_until", json!("2028-12-31")), "known_until: must lie in the last year"),
        (change("known_until", json!("2026-12-31")), "days[1].date: must not be after known_until"),
        (change("days", json!([day("2027-05-01"), day("2027-05-01")])), "days[1].date: must not name"),
        (change("days", json!([day("2027-05-01"), day("2027-02-29")])), "days[1].date: must be a day"),
        (change("days", json!([day("2027-5-1")])), "days[0].date: must be a date of the form"),
        (change("days", json!([{"date": "2027-05-01", "kind": "day", "name": "x"}])), "days[0].kind"),
        (change("days", json!([{"date": "2027-05-01", "kind": "holiday"}])), "days[0]: missing field"),
        (
            change("days", json!([{"date": "2027-05-01", "kind": "holiday", "name": "x", "stands_for": 1}])),
            "days[0].stands_for: must not be given for a holiday",
        ),
        (
            change("days", json!([{"date": "2027-05-01", "kind": "holiday", "name": "长".repeat(101)}])),
            "days[0].name",
        ),
    ]
}

fn bad_icalendar_files() -> Vec<BadFile> {
    let event = |lines: &str| icalendar(&["DTSTART:20270501\r\nSUMMARY:劳动节", lines]);
    let first_week = icalendar(&["DTSTART:20261001", "DTSTART:20270101"]);
    vec![
        ("a.json", icalendar(&[]), "no events"),
        ("a.ics", event("DTSTART:20271001\r\nRRULE:FREQ=DAILY"), "event 2 (), 2027-10-01: it repeats"),
        ("a.ics", event("DTSTART:20271001T090000"), "event 2 (), 2027-10-01: it begins or ends within a day"),
        (
            "a.ics",
            event("DTSTART:20271001\r\nSUMMARY:值班"),
            "--unclear day-off, makeup-workday, observance or leave-out",
        ),
        ("a.csv", "date,name,kind\n1/2/2027,x,holiday".to_owned(), "line 2: the date must be"),
        ("a.csv", "2027-01-02,x,holiday".to_owned(), "names its columns"),
        ("a.ics", event("DTSTART:99990501"), "date: must be a date from 1970-01-01"),
        ("a.ics", event("").replace("END:VCALENDAR", ""), "not an iCalendar file"),
        ("a.ics", first_week, "--known-until 2026-12-31"),
    ]
}

#[rstest]
fn a_bad_file_changes_nothing_and_says_what_is_wrong(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    let calendars = world.client.get(CALENDARS).text;
    let json = bad_json_files().into_iter().map(|(text, told)| ("a.json", text, told));
    for (name, text, told) in json.chain(bad_icalendar_files()) {
        let (good, said) = import(url, name, &text, &[]);
        assert!(
            !good && said.contains("nothing was imported") && said.contains(told),
            "{told}: {text}\n{said}"
        );
    }
    assert!(!import(url, "a.json", b"\xff\xfe", &[]).0);
    assert!(!import(url, "a.json", next_year().to_string(), &["--calendar", ""]).0);
    assert!(!import(url, "a.json", next_year().to_string(), &["--known-until", "2027-2-30"]).0);
    assert!(!import(url, "a.json", next_year().to_string(), &["--known-until", "2020-01-01"]).0);
    assert!(!holidays(url, &["import", "/nowhere/file.json"]).0);
    assert_eq!(world.client.get(CALENDARS).text, calendars);
    assert_eq!(
        world.database.texts_in_order("SELECT calendar_id FROM holiday_imports"),
        Vec::<String>::new()
    );
    assert_eq!(world.database.texts_in_order("SELECT subject FROM audit"), Vec::<String>::new());
}

#[rstest]
fn an_import_is_shown_before_it_is_done(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let url = &world.database.url;
    let calendars = world.client.get(CALENDARS).text;
    let off = ["20260101", "20261001", "20261002"].map(|date| format!("DTSTART:{date}\r\nSUMMARY:假期"));
    let half = "DTSTART:20261231T000000\r\nDTEND:20261231T120000\r\nSUMMARY:上午上班".to_owned();
    let named = "DTSTART:20260308\r\nSUMMARY:妇女节\r\nCATEGORIES:Observance".to_owned();
    let later = "DTSTART:20270101\r\nSUMMARY:元旦".to_owned();
    let events: Vec<String> = off.into_iter().chain([half, named, later]).collect();
    let text = icalendar(&events.iter().map(String::as_str).collect::<Vec<_>>());
    let known = ["--known-until", "2026-12-31", "--allow-fewer-days"];
    let said = imported(url, "cn.ics", &text, &[&known[..], &["--dry-run"]].concat());
    for part in [
        "CN 2026: replaced by 11 days: 3 days off, 6 make-up workdays, 1 half day, 1 observance",
        "6 make-up workdays of years that the file has none of stay as they are; --drop-makeup-workdays takes them away",
        "  event 6 (元旦), 2027-01-01: it lies after the date to which the file is complete",
        "changes: 35",
        "  - 2026-01-02  Friday     day off, moved",
        "  + 2026-12-31  Thursday   half day 00:00-12:00  上午上班",
        "  ~ 2026-10-01  Thursday   day off          假期  (was: day off  国庆节)",
        "nothing was stored",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(world.client.get(CALENDARS).text, calendars);
    imported(url, "cn.ics", &text, &known);
    let year = of_year(&world.client, "CN", 2026);
    assert_eq!(dates(&year).len(), 11);
    let half_day = &year["days"].as_array().unwrap()[10];
    assert_eq!((&half_day["kind"], &half_day["times"][0]["end_time"]), (&json!("half_day"), &json!("12:00")));
    let said = imported(url, "cn.ics", &text, &[&known[..], &["--drop-makeup-workdays"]].concat());
    assert!(
        said.contains("changes: 6") && said.contains("  - 2026-10-10  Saturday   make-up workday"),
        "{said}"
    );
    assert_eq!(dates(&of_year(&world.client, "CN", 2026)).len(), 5);
}

#[test]
fn files_have_bounds() {
    let database = OwnDatabase::empty(Database::Sqlite);
    let url = &database.url;
    let largest = 1024 * 1024;
    let text = next_year().to_string();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    dialtime(url, &["migrate"]);
    imported(url, "a.json", padded(largest), &FEW);
    assert!(import(url, "a.json", padded(largest + 1), &[]).1.contains("more than 1048576 bytes"));
    let events: String = (0..8_000).map(|_| "BEGIN:VEVENT\r\nEND:VEVENT\r\n").collect();
    let (good, said) = import(url, "a.ics", format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR"), &[]);
    assert!(!good && said.contains("event 1 (): DTSTART is missing"), "{said}");
    let deep = "BEGIN:VEVENT\n".repeat(50_000);
    assert!(import(url, "a.ics", deep, &[]).1.contains("deep"));
    // An empty database that no good file came to is not even made.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.db");
    assert!(!import(&format!("sqlite:{}", file.display()), "a.json", "{", &[]).0 && !file.exists());
}

#[rstest]
fn a_year_is_asked_for_by_its_number(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let year = of_year(&world.client, "CN", 2026);
    assert_eq!(dates(&year).len(), 39);
    let national_day = json!({
        "date": "2026-10-10", "kind": "makeup_workday", "name": "国庆节", "stands_for": null, "notice": "2026",
        "times": [],
    });
    assert!(year["days"].as_array().unwrap().contains(&national_day));
    let notice = json!([{
        "id": "2026", "address": "https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm",
    }]);
    assert_eq!(year["notices"], notice);
    assert_eq!(year["years"], (2004..=2026).collect::<Value>());
    assert_eq!(of_year(&world.client, "CN", 2009)["days"][2]["stands_for"], Value::Null);
    assert_eq!(of_year(&world.client, "CN", 2009)["days"][3]["stands_for"], 5);
    let all = world.client.get(&format!("{CALENDARS}/CN"));
    assert_eq!(all.message(), "返回节假日日历成功");
    assert!(dates(all.data()).len() > 600 && all.data()["notices"].as_array().unwrap().len() > 23);
    assert_eq!(world.client.get(CALENDARS).message(), "返回节假日日历列表成功");
    assert_eq!(dates(&world.client.get(&format!("{CALENDARS}?year=2026")).data()[0]).len(), 39);
    for bad in ["0", "1969", "2201", "x", "-2026", "2026.5", "99999999999"] {
        for path in [CALENDARS.to_owned(), format!("{CALENDARS}/CN")] {
            assert_eq!(world.client.get(&format!("{path}?year={bad}")).faults(), [("year", "out_of_range")]);
        }
    }
    assert_eq!(dates(&of_year(&world.client, "CN", 2200)), Vec::<&str>::new());
    for unknown in ["XX", "cn", "%00", "%FF", "C%20N"] {
        assert_eq!(world.client.get(&format!("{CALENDARS}/{unknown}")).status, 404, "{unknown}");
    }
}

#[rstest]
fn a_near_horizon_is_told_with_what_to_do(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let url = &world.database.url;
    imported(url, "far.json", years("CN", 2027..=2199).to_string(), &FEW);
    let line = |id: &str| {
        let said = dialtime(url, &["doctor"]);
        said.lines().find(|line| line.contains(&format!("holidays: {id} "))).unwrap().to_owned()
    };
    let horizon = |id: &str| {
        let ready = world.client.get("/readyz");
        let holidays = ready.data()["holidays"].as_array().unwrap().clone();
        holidays.into_iter().find(|calendar| calendar["id"] == id).unwrap()
    };
    assert_eq!(horizon("CN"), json!({"id": "CN", "known_until": "2199-12-31", "near_horizon": false}));
    assert!(line("CN").starts_with("ok ") && line("CN").contains("2199-12-31"), "{}", line("CN"));
    imported(url, "near.json", years("XX", 2020..=2020).to_string(), &[]);
    assert_eq!(horizon("XX"), json!({"id": "XX", "known_until": "2020-12-31", "near_horizon": true}));
    let told = line("XX");
    assert!(told.starts_with("warning") && told.contains("dialtime holidays import FILE"), "{told}");
    assert_eq!(of_year(&world.client, "XX", 2020)["near_horizon"], true);
    assert_eq!(of_year(&world.client, "CN", 2020)["near_horizon"], false);
}

#[rstest]
fn calendars_are_listed_and_shown_at_the_command_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let database = OwnDatabase::empty(database);
    let url = &database.url;
    dialtime(url, &["migrate"]);
    let listed = dialtime(url, &["holidays", "list"]);
    assert!(listed.starts_with("CN  known until 2026-12-31  23 years  built-in"), "{listed}");
    let shown = dialtime(url, &["holidays", "show", "CN", "2026"]);
    assert!(shown.starts_with("CN 2026: 39 days, known until 2026-12-31\n"), "{shown}");
    assert!(shown.contains("2026-10-10  Saturday   make-up workday  国庆节  notice 2026\n"), "{shown}");
    assert!(shown.contains("notice 2026  https://www.gov.cn/"), "{shown}");
    assert_eq!(shown.lines().count(), 1 + 39 + 1);
    imported(url, "a.json", next_year().to_string(), &FEW);
    imported(url, "b.json", years("XX", 2027..=2027).to_string(), &[]);
    let listed = dialtime(url, &["holidays", "list"]);
    assert!(listed.contains("CN  known until 2027-12-31  24 years  built-in, imported: 2027"), "{listed}");
    assert!(listed.contains("XX  known until 2027-12-31  1 year  imported"), "{listed}");
    let shown = dialtime(url, &["holidays", "show", "CN", "2027"]);
    assert!(
        shown.contains("2027-01-03  Sunday     make-up workday  元旦  stands for Friday  notice 2027"),
        "{shown}"
    );
    let (good, said) = holidays(url, &["show", "YY"]);
    assert!(!good && said.contains("there is CN, XX"), "{said}");
}
