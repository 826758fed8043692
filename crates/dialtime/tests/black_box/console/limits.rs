//! How much the page asks for and shows: little at first, and never all of a large account.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use super::{
    browser::{Browser, Look},
    person::Person,
};
use crate::support::{Database, World, always};

/// Over the wire, with headers: all that is needed to use the page.
const LARGEST_PAGE: usize = 221_000;

/// The largest answer that a list may ask for, and the most elements that a page may be made of.
const LARGEST_ANSWER: u64 = 200_000;
const MOST_ELEMENTS: u64 = 6_000;

/// The bytes of an answer, as a browser that has nothing yet is sent it. Browsers themselves tell headers by a rule of thumb only.
fn answer_size(world: &World, address: &str) -> usize {
    let path = address.strip_prefix(&world.server.base).unwrap();
    let mut stream = TcpStream::connect(world.server.address()).unwrap();
    let ask = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{path}");
    answer.len()
}

#[test]
fn the_first_page_is_small() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let addresses = "return ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind)).map(({name}) => name)";
    let addresses = person.browser.script(addresses, &[]);
    let addresses: Vec<&str> =
        addresses.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(addresses.len() > 40, "{addresses:?}");
    let bytes: usize = addresses.iter().map(|address| answer_size(&world, address)).sum();
    assert!(bytes < LARGEST_PAGE, "{bytes} bytes");
    // Nothing is loaded later.
    let loaded = || {
        let count = "return performance.getEntriesByType('resource').filter(({name}) => name.includes('/console/')).length";
        person.browser.script(count, &[])
    };
    let before = loaded();
    person.give_token(world.client.token());
    person.browser.wait_for(".accounts a");
    person.go("/groups");
    person.browser.wait_for_text(".empty", "还没有呼叫时间组");
    assert_eq!(loaded(), before);
}

#[test]
fn the_page_is_painted_before_the_api_has_answered() {
    let world = World::new(Database::Sqlite);
    world.group("work");
    let person = Person::arrive(&world, Look::default());
    person.browser.click("input[name=remember]");
    person.give_token(world.client.token());
    person.browser.wait_for(".accounts a");
    person.go("/groups");
    person.browser.wait_for(".groups .state");
    person.browser.hold_requests("*/agent-api/*");
    person.browser.reload();
    person.browser.wait_for_text("h1", "呼叫时间组");
    person.browser.wait_for(".side .nav a[aria-current]");
    person.browser.wait_until("it is painted", || person.browser.first_contentful_paint().is_some());
    assert!(!person.browser.has(".groups tbody tr"), "the API has not answered yet");
    person.browser.release_requests();
    person.browser.wait_for_text(".groups .name", "work");
}

/// 1,000 groups, and 100,000 tasks that use them, all switched on; one group has a fiftieth of them.
fn large_world() -> (World, i64) {
    // A Wednesday: the groups are open on Mondays, and what opens must have been closed.
    let world = World::at(Database::Sqlite, "2027-05-12T10:00:00+08:00");
    let id = world.group("group 0");
    let task = world.new_task(id);
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let database = &world.database;
    let columns =
        |table: &str| database.texts_in_order(&format!("SELECT name FROM pragma_table_info('{table}')"));
    let copies = |table: &str, count: u32, change: &dyn Fn(&str) -> Option<&'static str>| {
        let columns = columns(table);
        let values = columns.iter().map(|name| change(name).unwrap_or(name)).collect::<Vec<_>>().join(", ");
        format!(
            "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {count}) \
             INSERT INTO {table} ({}) SELECT {values} FROM {table}, numbers;",
            columns.join(", ")
        )
    };
    database.execute_now(&copies("dial_time_groups", 999, &|name| match name {
        "id" => Some("id + number"),
        "name" => Some("'group ' || number"),
        _ => None,
    }));
    database.execute_now(&copies("tasks", 99_999, &|name| match name {
        "id" => Some("randomblob(16)"),
        "name" => Some("'task ' || number"),
        "dial_time_id" => {
            Some("CASE WHEN number % 50 = 0 THEN dial_time_id ELSE dial_time_id + number % 1000 END")
        }
        _ => None,
    }));
    (world, id)
}

/// Nothing that was asked for since the last look is large, nor is what is shown.
#[track_caller]
fn look_at(browser: &Browser, what: &str) {
    const LARGEST: &str = "const sizes = performance.getEntriesByType('resource').map(({name, encodedBodySize}) => [encodedBodySize, name]);
        performance.clearResourceTimings();
        return [sizes.sort(([one], [other]) => other - one)[0] ?? [0, ''], document.querySelectorAll('*').length]";
    let seen = browser.script(LARGEST, &[]);
    assert!(seen[0][0].as_u64().unwrap() < LARGEST_ANSWER, "{what} asks for too much at once: {seen}");
    assert!(seen[1].as_u64().unwrap() < MOST_ELEMENTS, "{what} shows too much at once: {seen}");
}

#[test]
fn a_large_account_is_shown_page_by_page() {
    let (world, id) = large_world();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.wait_for_text(".pager", "第 1 / 50 页，共 1000 项");
    browser.wait_until("twenty say their state", || browser.texts(".groups .state").len() == 20);
    look_at(browser, "the list of groups");
    browser.click(".pager button:last-child");
    browser.wait_for_text(".pager", "第 2 / 50 页");
    browser.fill("main input[type=search]", "group 0");
    browser.wait_for_text(".groups .task-count", "2000");
    person.go("/tasks");
    browser.wait_for_text(".pager", "第 1 / 5000 页，共 100000 项");
    browser.click(".filters button[value='3']");
    browser.wait_until("twenty say their change", || browser.texts(".tasks .until").len() == 20);
    look_at(browser, "the list of tasks");
    browser.click(".tasks .row-tools button:last-child");
    browser.wait_for("dialog .option");
    look_at(browser, "the choice of a group");
    browser.click("dialog .actions button:first-child");

    // Thousands of tasks begin to dial at once, and the feed tells of each.
    person.go("/events");
    browser.wait_for_text(".feed", "实时");
    let open = json!({"name": "group 0", "content": always()});
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &open).data();
    let newest = || -> Value { world.client.get(&world.path("/events?limit=1")).data()["newest"].clone() };
    browser.wait_for_text("tr[data-event]:first-child", &format!("#{}", newest()));
    assert!(newest().as_i64().unwrap() > 2_000);
    look_at(browser, "the feed");
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".piece");
    look_at(browser, "a group");
    browser.assert_no_complaints();
}
