//! Planned closures: planned in few clicks with whom they hit, listed while they hold, come and are over, and revoked.

use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    clicks::Clicks,
    person::Person,
};
use crate::support::{Database, World, group};

/// All that have not ended.
fn ahead(world: &World) -> Vec<Value> {
    world.client.get(&world.path("/closure")).data().as_array().unwrap().clone()
}

fn plan(world: &World, closures: &str, name: &str, begin: &str) {
    let body = json!({"name": name, "begin": begin, "end": "2199-01-01 00:00:00"});
    world.client.post(closures, &body).data();
}

/// Lets what was planned be over.
fn end(world: &World, name: &str) {
    let past = "begin_at = 1700000000000000, end_at = 1700003600000000, created_at = 1600000000000000";
    world.database.execute_now(&format!("UPDATE closures SET {past} WHERE name = '{name}'"));
}

#[test]
fn closing_everything_tomorrow_afternoon_takes_eight_clicks_at_most() {
    let world = World::new(Database::Sqlite);
    let open = world.open_group();
    let (_one, _other) = (world.task(open), world.new_task(open));
    let mut never = group("never");
    never["content"] = json!([]);
    world.client.post(&world.path("/dial-time-group"), &never).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("today");
    browser.wait_for(".head .plan");
    let clicks = Clicks::count(browser);
    clicks.click(".head .plan");
    clicks.click("plan-closure button[value=tomorrowAfternoon]");
    // Whom it hits is known before it is saved: groups that would be open then, and their tasks.
    browser.wait_for_text(".hits", "1 个时间组本可呼叫，2 个任务在用");
    browser.check_accessibility("the plan of a closure");
    browser.screenshot("closure-plan");
    clicks.write("plan-closure input[name=name]", "团建");
    clicks.click("plan-closure button[type=submit]");
    browser.wait_for_text("notice-line", "已安排停呼“团建”");
    assert!(clicks.made() <= 8, "{} clicks", clicks.made());
    let planned = ahead(&world);
    let times = |name: &str| planned[0][name].as_str().unwrap().split_once(' ').unwrap();
    let ((begin_day, begin), (end_day, end)) = (times("begin"), times("end"));
    assert_eq!((planned.len(), begin, end, begin_day), (1, "12:00:00", "18:00:00", end_day));
    // It is decided by what was planned.
    let at = format!("{begin_day}T12:00:00%2B08:00");
    let path = world.path(&format!("/dial-time-group/{open}/decision?at={at}"));
    let decision = world.client.get(&path).data().clone();
    assert_eq!((&decision["allowed"], &decision["reason"]["name"]), (&json!(false), &json!("团建")));
    browser.wait_for_text("tr[data-state=coming]", "团建");
    browser.wait_for_text("tr[data-state=coming]", "本账户");
}

#[test]
fn what_holds_comes_and_is_over_is_listed_and_ones_own_is_revoked() {
    let world = World::new(Database::Sqlite);
    world.task(world.open_group());
    let own = world.path("/closure");
    plan(&world, &own, "over", "2020-01-01 00:00:00");
    plan(&world, &own, "now", "2020-01-01 00:00:00");
    plan(&world, "/agent-api/closure", "coming", "2198-01-01 00:00:00");
    end(&world, "over");
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser: &Browser = &person.browser;
    person.go("/closures");
    for (state, name, covers) in [
        ("now", "now", "this account"),
        ("coming", "coming", "the whole partner"),
        ("past", "over", "this account"),
    ] {
        let row = format!("tr[data-state={state}]");
        browser.wait_for_text(&row, name);
        assert!(browser.text(&row).contains(covers), "{}", browser.text(&row));
    }
    browser.wait_for_text("closures-page", "this account's 1 group and 1 task. Those of its sub-users");
    assert!(!browser.has("tr[data-state=past] button"));
    browser.check_accessibility("closures");
    browser.screenshot("closures");
    browser.assert_it_fits();
    // What is no time is said where it stands.
    browser.click(".head .plan");
    browser.fill("plan-closure input[name=name]", "x");
    browser.fill("plan-closure input[name=end]", "2020-01-01 00:00");
    browser.expect_complaint("422");
    browser.click("plan-closure button[type=submit]");
    browser.wait_for("plan-closure input[name=end][aria-invalid=true]");
    for state in ["now", "coming"] {
        browser.click(&format!("tr[data-state={state}] button"));
        browser.wait_for_text("dialog h2", "Revoke");
        browser.click("dialog .primary");
        browser.wait_gone(&format!("tr[data-state={state}]"));
    }
    assert_eq!(ahead(&world), Vec::<Value>::new());
    // The kill switch stands beside it.
    browser.click(".head .danger");
    browser.wait_for_text("dialog h2", "Stop dialing now?");
}

#[test]
fn a_token_that_only_reads_sees_closures_and_plans_none() {
    let world = World::new(Database::Sqlite);
    plan(&world, &world.path("/closure"), "年会", "2020-01-01 00:00:00");
    let person = Person::arrive(&world, Look::default());
    person.give_token(world.token(&["--scope", "read"]).token());
    let browser = &person.browser;
    browser.wait_for(".accounts a");
    person.go("/closures?plan=1");
    browser.wait_for_text("tr[data-state=now]", "停呼中");
    assert!(
        !browser.has(".head .plan")
            && !browser.has("plan-closure")
            && !browser.has("tr[data-closure] button")
    );
    // Who looks at the day is told.
    person.visit("today");
    browser.wait_for_text(".closed-today", "停呼：年会。2020年1月1日周三 00:00至2199年1月1日周二 00:00");
    assert!(!browser.has(".head .plan"));
}

#[test]
fn all_that_closes_a_group_is_named() {
    let world = World::new(Database::Sqlite);
    world.open_group();
    plan(&world, &world.path("/closure"), "年会", "2020-01-01 00:00:00");
    plan(&world, "/agent-api/closure", "盘点", "2020-01-01 00:00:00");
    let person = Person::sign_in(&world, Look::default());
    person.go("/groups");
    person.browser.wait_for_text(".groups .why", "同时关闭它的还有：");
    let why = person.browser.text(".groups .why");
    assert!(why.contains("年会") && why.contains("盘点"), "{why}");
}
