//! The events: what happened before, what happens now, and that nothing is lost or told twice when the server was away.

use std::process::Command;

use serde_json::json;

use super::{
    browser::{Browser, Language, Look},
    person::Person,
};
use crate::support::{Client, Database, Program, ProgramWorld, World};

fn switch(client: &Client, world: &World, what: &str, task: &str) {
    client.put(&world.new_path(&format!("/task_{what}/{task}")), &json!({})).data();
}

/// The ids of the events as they are shown, the first first.
fn shown(browser: &Browser) -> Vec<i64> {
    let ids =
        "return [...document.querySelectorAll('tr[data-event]')].map(({dataset}) => Number(dataset.event))";
    browser.script(ids, &[]).as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

/// Waits until exactly these events are shown, the newest first.
#[track_caller]
fn expect_events(browser: &Browser, from: i64, to: i64) {
    let expected: Vec<i64> = (to..=from).rev().collect();
    browser.wait_until(&format!("events {from} to {to} are shown"), || shown(browser) == expected);
}

#[track_caller]
fn open(person: &Person<'_>) {
    person.go("/events");
    person.browser.wait_for_text(".feed", "实时");
}

#[test]
fn what_happened_is_told_in_words_and_what_happens_comes_by_itself() {
    let world = World::new(Database::Sqlite);
    let group = world.open_group();
    let task = world.task(group);
    switch(&world.client, &world, "start", &task);
    // As if the server had been away when the group opened.
    world.database.execute_now("UPDATE events SET due_at = due_at - 3600000000000 WHERE number = 1");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    open(&person);
    expect_events(browser, 3, 1);
    let told = |id: i64, part: &str| browser.text(&format!("tr[data-event='{id}'] {part}"));
    assert_eq!([3, 2, 1].map(|id| told(id, ".chip")), ["任务开始拨打", "任务创建", "时间组开放"]);
    assert_eq!([3, 2, 1].map(|id| told(id, ".tag")), ["人工", "编辑", "编辑"]);
    browser.wait_for_text("tr[data-event='3'] a", "任务 task");
    assert_eq!(browser.texts(".late").len(), 1);
    assert!(told(1, ".late").starts_with("延迟至 ") && told(1, ".late").ends_with(" UTC+08:00"));
    assert!(told(1, "time").ends_with(" UTC+08:00"), "every time names its zone");

    browser.script("window.notReloaded = true", &[]);
    switch(&world.client, &world, "stop", &task);
    expect_events(browser, 4, 1);
    assert_eq!((told(4, ".chip"), told(4, ".tag")), ("任务暂停".into(), "人工".into()));
    let path = world.path(&format!("/dial-time-group/{group}"));
    world.client.put(&path, &json!({"name": "renamed", "content": []})).data();
    expect_events(browser, 6, 1);
    browser.wait_for_text("tr[data-event='3'] a:last-child", "renamed");
    assert_eq!([6, 5].map(|id| told(id, ".chip")), ["时间组关闭", "时间组修改"]);
    assert_eq!(browser.script("return window.notReloaded", &[]), true);

    browser.click("tr[data-event='4'] a");
    browser.wait_for(&format!("main[data-task='{task}']"));
    assert!(browser.url().ends_with(&format!("/tasks/{task}")));
    browser.back();
    browser.click("tr[data-event='4'] a:last-child");
    browser.wait_for_text("h1", "renamed");
    assert!(browser.url().ends_with(&format!("/groups/{group}")));
    // A task that is gone is still named by what happened to it.
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    open(&person);
    browser.click("tr[data-event='4'] a");
    browser.wait_for_text("h1", "任务不存在");
    person.expect_refusal(&format!("/task/{task}/edit"), 404);
}

/// What is not the account's group or task: a closure, a ceiling, a calendar, a file of numbers, a stop.
#[test]
fn what_events_are_about_is_called_by_its_name() {
    let world = World::new(Database::Sqlite);
    let group = world.group("law");
    // Its opening is told, too.
    world.open_group();
    let body = json!({"name": "team day", "begin": "2199-01-01 12:00:00", "end": "2199-01-01 18:00:00"});
    let closure = world.client.post(&world.path("/closure"), &body).data()["id"].clone();
    world.client.put(&world.path("/ceiling"), &json!({"dial_time_id": group})).data();
    let kind = [("Content-Type", "text/csv")];
    let file = "date,name,kind\n2199-05-20,x,holiday\n";
    let path = world.path("/holiday-calendar?name=Company");
    let calendar = world.client.upload("POST", &path, &kind, file.as_bytes()).data()["id"].clone();
    world.client.post("/agent-api/stop-dialing", &json!({"level": "partner", "reason": "drill"})).data();
    let said = |field: &str, value: &str| {
        format!("UPDATE events SET {field} = '{value}' WHERE number = (SELECT MIN(number) FROM events)")
    };
    // As if the calendar ended soon.
    let horizon = json!({"holiday_calendar": calendar, "known_until": "2199-05-20"});
    world.database.execute_now(&said("kind", "holidays.near_horizon"));
    world.database.execute_now(&said("detail", &horizon.to_string()));
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.go("/events");
    let link = |part: &str| format!(".about a[href*='{part}']");
    let calendar = calendar.as_str().unwrap();
    browser.wait_for_text(&link(&format!("/calendars/{calendar}")), "holiday calendar Company");
    assert_eq!(browser.attribute(&link("/calendars/"), "title").as_deref(), Some(calendar));
    browser.wait_for_text(".about", "known until 2199-05-20");
    let about = browser.texts(".about").join(" ").replace('\n', " ");
    for said in [
        "closure team day Tue, 1 Jan 2199 12:00–18:00, this account, token",
        "ceiling law set, this account, token",
        "token: drill",
    ] {
        assert!(about.contains(said), "{said}: {about}");
    }
    let titles = "return [...document.querySelectorAll('.about a')].map(({ title }) => title)";
    assert!(browser.script(titles, &[]).as_array().unwrap().contains(&closure));
    browser.check_accessibility("events");
    browser.screenshot("events");
}

#[test]
fn older_events_come_by_the_button() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.closed_group("group"));
    for _ in 0..60 {
        switch(&world.client, &world, "start", &task);
        switch(&world.client, &world, "stop", &task);
    }
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    open(&person);
    expect_events(browser, 121, 72);
    browser.click(".older");
    expect_events(browser, 121, 22);
    switch(&world.client, &world, "start", &task);
    expect_events(browser, 122, 22);
    browser.click(".older");
    expect_events(browser, 122, 1);
    browser.wait_gone(".older");
    // The server keeps them for a while only.
    world.database.execute_now("DELETE FROM events WHERE number <= 30");
    person.go("/groups");
    open(&person);
    expect_events(browser, 122, 73);
    browser.click(".older");
    expect_events(browser, 122, 31);
    browser.click(".older");
    browser.wait_gone(".older");
    expect_events(browser, 122, 31);
}

#[test]
fn nothing_is_lost_or_told_twice_when_the_server_was_away() {
    let world = ProgramWorld::new(Database::Sqlite);
    let task = world.task(world.closed_group("group"));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    open(&person);
    expect_events(browser, 1, 1);
    let mut newest = 1;
    let mut server = None;
    for _ in 0..2 {
        let process = server.as_ref().unwrap_or(&world.server).process_id();
        assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
        browser.wait_for_text(".feed", "未连接");
        browser.wait_for_text(".away", "可能已过时");
        // The old one is waited for, so that its place is free.
        drop(server.take());
        let listen = world.server.address().to_string();
        let again = Program::start_at(&listen, &world.database.url, &[]);
        for what in ["start", "stop", "start", "stop"] {
            switch(&world.client, &world, what, &task);
        }
        server = Some(again);
        newest += 4;
        browser.wait_for_text(".feed", "实时");
        browser.wait_until("all is well", || browser.text(".away").is_empty());
        expect_events(browser, newest, 1);
        switch(&world.client, &world, "start", &task);
        switch(&world.client, &world, "stop", &task);
        newest += 2;
        expect_events(browser, newest, 1);
    }
    browser.expect_complaint("ERR_");
}

#[test]
fn a_page_that_is_not_seen_asks_for_nothing_and_has_caught_up_once_it_is() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.closed_group("group"));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    open(&person);
    switch(&world.client, &world, "start", &task);
    expect_events(browser, 2, 1);
    browser.be_seen(false);
    browser.wait_for_text(".feed", "未连接");
    for _ in 0..40 {
        switch(&world.client, &world, "stop", &task);
        switch(&world.client, &world, "start", &task);
    }
    assert_eq!(shown(browser), [2, 1], "nobody looks");
    browser.be_seen(true);
    browser.wait_for_text(".feed", "实时");
    switch(&world.client, &world, "stop", &task);
    browser.wait_until("the newest is shown", || shown(browser).first() == Some(&83));
    let oldest = *shown(browser).last().unwrap();
    assert!(oldest > 2, "what came first is some pages away");
    expect_events(browser, 83, oldest);
    browser.click(".older");
    expect_events(browser, 83, 1);
}
