//! Single days of holiday calendars, and files of earlier years: how far a calendar is known stays, and whatever was set can be removed.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, Reply, World, run};

const CSV: [(&str, &str); 1] = [("Content-Type", "text/csv")];

/// Makes a calendar of the world's user of these days, each with its kind; gives its path.
fn made(world: &World, days: &[(&str, &str)]) -> String {
    let path = world.path("/holiday-calendar?name=Company");
    let made = world.client.upload("POST", &path, &CSV, file(days).as_bytes());
    world.path(&format!("/holiday-calendar/{}", made.data()["id"].as_str().unwrap()))
}

fn file(days: &[(&str, &str)]) -> String {
    let rows: Vec<String> = days.iter().map(|(date, kind)| format!("{date},x,{kind}\n")).collect();
    format!("date,name,kind\n{}", rows.concat())
}

fn import(world: &World, calendar: &str, query: &str, days: &[(&str, &str)]) -> Reply {
    world.client.upload("POST", &format!("{calendar}/import{query}"), &CSV, file(days).as_bytes())
}

/// How far a calendar is known, and its dates.
fn known(calendar: &Value) -> (&str, Vec<&str>) {
    let days = calendar["days"].as_array().unwrap();
    let dates = days.iter().map(|day| day["date"].as_str().unwrap());
    (calendar["known_until"].as_str().unwrap(), dates.collect())
}

#[rstest]
fn a_day_of_whatever_year_moves_no_horizon_and_can_be_removed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let calendar = made(&world, &[("2026-12-26", "holiday"), ("2027-05-20", "holiday")]);
    let day = |date: &str| format!("{calendar}/day/{date}");
    let off = json!({"kind": "holiday", "name": "x"});
    for date in ["2025-12-24", "2026-11-29", "2026-12-27", "1999-01-01"] {
        world.client.put(&day(date), &off).data();
        let set = world.client.get(&calendar).data().clone();
        assert_eq!((known(&set).0, known(&set).1.contains(&date)), ("2027-12-31", true), "{date}");
        world.client.delete(&day("2027-05-20")).data();
        world.client.put(&day("2027-05-20"), &off).data();
        world.client.delete(&day(date)).data();
        let removed = world.client.get(&calendar).data().clone();
        assert_eq!(known(&removed), ("2027-12-31", vec!["2026-12-26", "2027-05-20"]), "{date}");
    }
    // Without any day it is known to have none.
    for date in ["2026-12-26", "2027-05-20"] {
        world.client.delete(&day(date)).data();
    }
    assert_eq!(known(world.client.get(&calendar).data()), ("2027-12-31", vec![]));
    world.client.put(&day("2027-05-20"), &off).data();
    assert_eq!(known(world.client.get(&calendar).data()), ("2027-12-31", vec!["2027-05-20"]));
    assert_eq!(world.client.put(&day("2028-01-01"), &off).faults(), [("date", "after_known_until")]);
    assert_eq!(world.client.put(&day("1969-12-31"), &off).faults(), [("date", "date_out_of_range")]);
}

#[rstest]
fn a_file_of_an_earlier_year_takes_nothing_away_of_what_is_known(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let calendar = made(&world, &[("2027-05-20", "holiday")]);
    for query in ["?dry_run=true", ""] {
        let imported = import(&world, &calendar, query, &[("2025-05-20", "holiday")]);
        assert_eq!(imported.data()["known_until"], "2027-12-31", "{}", imported.text);
        assert_eq!(imported.data()["years"], json!([2025, 2026]));
    }
    let detail = world.client.get(&calendar).data().clone();
    assert_eq!(known(&detail), ("2027-12-31", vec!["2025-05-20", "2027-05-20"]));
    // A later year is known when none is missing before it.
    for (year, until) in [(2029, "2027-12-31"), (2028, "2029-12-31")] {
        let date = format!("{year}-05-20");
        let imported = import(&world, &calendar, "", &[(&date, "holiday")]);
        assert_eq!(imported.data()["known_until"], until);
        assert_eq!(known(world.client.get(&calendar).data()).0, until);
    }
}

#[test]
fn the_command_line_sets_and_removes_days_of_any_year() {
    let world = World::new(Database::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("office.csv");
    std::fs::write(&path, file(&[("2027-05-20", "holiday")])).unwrap();
    let holidays = |arguments: &[&str]| run(&world.database.url, &[&["holidays"], arguments].concat());
    let done = |arguments: &[&str]| {
        let ended = holidays(arguments);
        assert!(ended.is_good(), "{arguments:?}: {}", ended.said());
        ended.said()
    };
    done(&["import", path.to_str().unwrap(), "--calendar", "OF"]);
    done(&["set-day", "OF", "2025-12-24", "half_day", "x", "--open", "09:00-12:00"]);
    assert!(done(&["show", "OF"]).contains("2 days, known until 2027-12-31"));
    done(&["remove-day", "OF", "2027-05-20"]);
    done(&["remove-day", "OF", "2025-12-24"]);
    assert!(done(&["show", "OF"]).contains("0 days, known until 2027-12-31"));
    // What came with the year after goes as well.
    std::fs::write(
        &path,
        file(&[("2026-12-31", "holiday"), ("2027-01-01", "holiday"), ("2027-05-20", "holiday")]),
    )
    .unwrap();
    done(&["import", path.to_str().unwrap(), "--calendar", "CN", "--allow-fewer-days"]);
    done(&["remove-day", "CN", "2026-12-31"]);
    assert!(!done(&["show", "CN"]).contains("2026-12-31"));
    let told = done(&[
        "import",
        path.to_str().unwrap(),
        "--calendar",
        "CN",
        "--allow-fewer-days",
        "--unclear",
        "day_off",
    ]);
    assert!(told.contains("2026-12-31"), "{told}");
}

#[rstest]
fn make_up_workdays_that_stay_do_not_make_a_file_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let off = ["05-03", "05-04", "05-05", "05-06", "05-07", "10-01", "10-04", "10-05"];
    let worked = ["05-08", "05-09", "05-15", "05-16", "10-09", "10-10", "10-16"];
    let dates = |days: &[&str]| days.iter().map(|day| format!("2027-{day}")).collect::<Vec<_>>();
    let (off, worked) = (dates(&off), dates(&worked));
    let off: Vec<_> = off.iter().map(|date| (date.as_str(), "holiday")).collect();
    let worked: Vec<_> = worked.iter().map(|date| (date.as_str(), "makeup_workday")).collect();
    let calendar = made(&world, &[off.clone(), worked.clone()].concat());
    let named: Vec<_> = off[1..].iter().map(|(date, _)| (*date, "observance")).collect();
    for file in [vec![off[0]], [vec![off[0]], worked.clone()].concat(), [vec![off[0]], named].concat()] {
        for query in ["", "?drop_makeup_workdays=true"] {
            let refused = import(&world, &calendar, query, &file);
            assert_eq!(refused.faults(), [("2027", "fewer_days")], "{file:?} {query}");
        }
    }
    // Each half of two files stands for itself.
    for file in [&off, &worked] {
        let taken = import(&world, &calendar, "", file);
        assert_eq!((&taken.data()["days_off"], &taken.data()["makeup_workdays"]), (&json!(8), &json!(7)));
    }
    let fewer = import(&world, &calendar, "?allow_fewer_days=true", &off[..1]);
    assert_eq!((&fewer.data()["days_off"], &fewer.data()["makeup_workdays"]), (&json!(1), &json!(7)));
}
