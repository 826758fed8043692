//! The holiday calendars of partners and accounts.

use serde_json::json;

use super::{
    Row,
    Stranger::{NotFound, Own},
};
use crate::support::World;

/// A file of holidays.
const HOLIDAYS: &str = "date,name,kind\n2027-05-20,x,holiday\n2027-05-21,x,holiday\n";

/// Where the address is that a calendar follows.
const FEED: &str = "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/feed";
const PARTNER_FEED: &str = "/agent-api/holiday-calendar/{calendar_id}/feed";

pub(super) fn rows() -> Vec<Row> {
    let day = json!({"kind": "holiday", "name": "x"});
    let of_partner = vec![
        ("post", "/agent-api/holiday-calendar", Some(json!(HOLIDAYS)), Own),
        ("get", "/agent-api/holiday-calendar/{calendar_id}", None, NotFound),
        ("post", "/agent-api/holiday-calendar/{calendar_id}/import", Some(json!(HOLIDAYS)), NotFound),
        ("put", PARTNER_FEED, Some(json!({"url": "http://localhost:9/x.ics"})), NotFound),
        ("delete", PARTNER_FEED, None, NotFound),
        ("put", "/agent-api/holiday-calendar/{calendar_id}/day/{date}", Some(day.clone()), NotFound),
        ("delete", "/agent-api/holiday-calendar/{calendar_id}/day/{date}", None, NotFound),
        ("delete", "/agent-api/holiday-calendar/{calendar_id}", None, NotFound),
    ];
    let of_account = vec![
        ("post", EVENTS, Some(json!(EVENT)), NotFound),
        ("get", "/agent-api/user/{user_id}/holiday-calendar", None, NotFound),
        ("post", "/agent-api/user/{user_id}/holiday-calendar", Some(json!(HOLIDAYS)), NotFound),
        ("get", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", None, NotFound),
        (
            "post",
            "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/import",
            Some(json!(HOLIDAYS)),
            NotFound,
        ),
        ("put", FEED, Some(json!({"url": "http://localhost:9/x.ics"})), NotFound),
        ("delete", FEED, None, NotFound),
        ("put", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", Some(day), NotFound),
        ("delete", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}/day/{date}", None, NotFound),
        ("delete", "/agent-api/user/{user_id}/holiday-calendar/{calendar_id}", None, NotFound),
    ];
    [of_partner, of_account].concat()
}

const EVENTS: &str = "/agent-api/user/{user_id}/dial-time-group/{group_id}/exception/import";

/// A file with a timed event.
const EVENT: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270520T090000\r\nDTEND:20270520T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A path with a calendar of the partner's or the account's own, if it is about one.
pub(super) fn own(world: &World, (method, path): (&str, &str)) -> String {
    let abouts = ["/agent-api/user/{user_id}/holiday-calendar", "/agent-api/holiday-calendar"];
    if path.ends_with("/exception/import") {
        return format!("{path}?effect=add&from=2027-05-01");
    }
    let Some(about) = abouts.into_iter().find(|about| path.starts_with(about)) else {
        return path.replace("{calendar_id}", "CN");
    };
    if path == about {
        let query = if method == "post" { "?name=swept" } else { "" };
        return format!("{path}{query}");
    }
    let of = about.replace("{user_id}", &world.user);
    let made = world.client.upload(
        "POST",
        &format!("{of}?name=own"),
        &[("Content-Type", "text/csv")],
        HOLIDAYS.as_bytes(),
    );
    let id = made.data()["id"].as_str().unwrap();
    if [FEED, PARTNER_FEED].contains(&path) {
        // There is an address to take away. Nothing listens there.
        let url = json!({"url": "http://localhost:9/x.ics"});
        let set = world.client.put(&format!("{of}/{id}/feed"), &url);
        assert_eq!(set.status, 200, "{}", set.text);
    }
    path.replace("{calendar_id}", id).replace("{date}", "2027-05-20")
}
