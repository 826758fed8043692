//! The kill switch: everything is stopped in two clicks, every page says so, and who may resumes it.

use serde_json::json;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
    setup::started_task,
};
use crate::support::{Database, World, dialtime, register};

/// A running task in a group that is always open; the task and the group.
fn running(world: &World) -> (String, i64) {
    let group = world.open_group();
    (started_task(world, "task", group), group)
}

fn decision(world: &World, task: &str) -> serde_json::Value {
    world.client.get(&world.path(&format!("/task/{task}/decision"))).data()["reason"]["rule"].clone()
}

const BANNER: &str = "stop-banner .banner";

#[test]
fn a_person_stops_everything_and_resumes_it() {
    let world = World::new(Database::Sqlite);
    let (task, group) = running(&world);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("today");
    browser.wait_for(&format!(".line[data-group='{group}'] .win"));
    assert!(!browser.has(BANNER));
    browser.click(".head .button.danger");
    browser.wait_for_text("dialog", "将停止的任务：1 个");
    browser.check_accessibility("the question what to stop");
    // Without a reason nothing is stopped.
    browser.click("dialog button[type=submit]");
    assert!(browser.has("dialog[open]") && decision(&world, &task) == "weekly");
    browser.fill("dialog input[name=reason]", "投诉太多");
    browser.click("dialog button[type=submit]");
    browser.wait_gone("dialog");
    browser.wait_for_text(BANNER, "account 紧急停呼已开启");
    browser.wait_for_text(BANNER, "投诉太多");
    browser.wait_for_text(BANNER, "token，自 ");
    assert_eq!(decision(&world, &task), "stopped");
    browser.wait_for_text(&format!(".line[data-group='{group}']"), "紧急停呼中");
    browser.wait_gone(&format!(".line[data-group='{group}'] .win"));
    assert!(!browser.has(".todo"), "the banner says it, and nothing else");
    browser.check_accessibility("today while it is stopped");
    browser.screenshot("stopped-today");
    // On every page.
    for page in ["groups", "tasks", "records", "events", "webhooks"] {
        person.visit(page);
        browser.wait_for(BANNER);
    }
    person.go(&format!("/groups/{group}"));
    browser.wait_for(BANNER);
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text(".layers .decides", "紧急停呼");
    browser.screenshot("stopped-task");
    // Without an account, too.
    browser.script("location.hash = '#/'", &[]);
    browser.wait_for(".accounts a");
    browser.wait_for_text(BANNER, "投诉太多");
    person.go("/today");
    // And back.
    browser.wait_for(BANNER);
    browser.click("stop-banner button");
    browser.wait_for_text("dialog", "恢复呼叫？");
    browser.check_accessibility("the question whether to resume");
    browser.click("dialog .button.primary");
    browser.wait_gone(BANNER);
    assert_eq!(decision(&world, &task), "weekly");
}

#[test]
fn what_the_operator_stops_shows_by_itself_and_is_the_operators_to_resume() {
    let world = World::new(Database::Sqlite);
    running(&world);
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    browser.wait_for(".feed.open");
    dialtime(&world.database.url, &["stop-dialing", "--reason", "fire drill"]);
    browser.wait_for_text(BANNER, "The whole installation is stopped");
    browser.wait_for_text(BANNER, "By the operator");
    browser.wait_for_text(BANNER, "dialtime resume-dialing");
    assert!(!browser.has("stop-banner button"));
    browser.check_accessibility("the operator's stop on a phone");
    browser.screenshot("stopped-phone");
    // Beside it one of the partner, and one of another user, which is nobody's business here.
    world.client.post("/agent-api/stop-dialing", &json!({"level": "partner"})).data();
    let other = register(&world.client, "/users");
    world.client.post("/agent-api/stop-dialing", &json!({"level": "account", "user_id": other})).data();
    browser.wait_until("there are two", || browser.texts(BANNER).len() == 2);
    dialtime(&world.database.url, &["resume-dialing"]);
    browser.wait_until("there is one", || browser.texts(BANNER).len() == 1);
    assert!(browser.text(BANNER).contains("All dialing of"), "{}", browser.text(BANNER));
}

#[test]
fn a_token_that_only_reads_is_told_and_offered_nothing() {
    let world = World::new(Database::Sqlite);
    let (_, group) = running(&world);
    world
        .client
        .post("/agent-api/stop-dialing", &json!({"level": "account", "user_id": world.user, "reason": "x"}))
        .data();
    let person = Person::arrive(&world, Look::default());
    let browser: &Browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.wait_for(".accounts a");
    person.go("/today");
    browser.wait_for(&format!(".line[data-group='{group}']"));
    browser.wait_for_text(BANNER, "您的令牌不能恢复");
    assert!(!browser.has("stop-banner button") && !browser.has(".head .button.danger"));
}
