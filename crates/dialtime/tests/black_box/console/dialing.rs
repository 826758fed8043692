//! What is dialed: the page of a task that has numbers, with how far it is and why nothing or no more is dialed; and Today.

use serde_json::json;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
};
use crate::{
    dialing,
    support::{Database, World},
};

/// What a figure of the strip says.
fn figure(browser: &Browser, name: &str) -> String {
    browser.text(&format!("[data-counter={name}]")).replace('\n', " ")
}

#[test]
fn a_list_is_followed_from_its_first_call_to_its_last() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, world.open_group(), 25);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text("[data-counter=progress]", "0 / 25");
    assert_eq!(figure(browser, "progress"), "进度 0.0% 0 / 25");
    assert_eq!(figure(browser, "calls"), "通话中 0 / 5 并发");
    browser.wait_for_text(".shares", "等待首呼");
    browser.wait_for_text(&format!("[data-line='{line}']"), "0 / 20 并发");
    browser.wait_for_text(&format!("[data-line='{line}']"), "模拟");
    browser.wait_for_text(".layers .decides[data-layer=switch]", "暂停中");
    // One click, and everything follows by itself.
    browser.script("window.notReloaded = true", &[]);
    browser.click("button[aria-label='启动 list']");
    browser.wait_for("tr[data-call] .chip .live");
    browser.wait_for("tr[data-record]");
    browser.wait_for_text(".shares", "呼叫成功");
    browser.wait_for(".plot[role=img]");
    browser.wait_for_text("[data-limit]", "为什么不更快：");
    browser.check_accessibility("a task that dials");
    browser.screenshot("task-dialing");
    browser.wait_for_text("[data-counter=progress]", "25 / 25");
    assert_eq!(figure(browser, "answered"), "接通率 100.0% 近两小时");
    browser.wait_for_text(".hindrance", "号码已全部呼叫完毕");
    browser.wait_for_text("section:has(#calls-title) header a", "全部 25 条");
    assert_eq!(browser.script("return window.notReloaded", &[]), json!(true));
}

#[test]
fn numbers_are_called_again_by_their_status() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "busy");
    let task = dialing::task(&world, &line, world.open_group(), 4);
    dialing::start(&world, &task);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text("[data-counter=progress]", "4 / 4");
    browser.click("section:has(#states-title) header button");
    browser.wait_for_text("dialog:modal .checks", "4");
    browser.check_accessibility("numbers to call again");
    browser.click("dialog input[value='8']");
    browser.wait_for_text("dialog .primary", "重呼 4 个号码");
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    browser.wait_for_text("section:has(#calls-title) header a", "全部 8 条");
}

#[test]
fn why_a_task_dials_nothing_stands_beside_the_answer() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, world.open_group(), 3);
    world.client.post("/agent-api/stop-dialing", &json!({"level": "line", "line_id": line})).data();
    dialing::start(&world, &task);
    let look = Look { language: Language::Chinese, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text(".verdict", "现在可以拨打");
    browser.wait_for_text(".verdict .hindrance", "没有在拨：该线路自");
    browser.wait_for_text(".layers [data-layer=stop]", "line");
    browser.wait_for_text(&format!("[data-line='{line}']"), "线路已紧急停止呼叫");
    browser.check_accessibility("a task that dials nothing, on a phone");
    browser.screenshot("task-hindered");
    // It goes on by itself when that is over.
    world.client.post("/agent-api/resume-dialing", &json!({"level": "line", "line_id": line})).data();
    browser.wait_for_text("[data-counter=progress]", "3 / 3");
}

#[test]
fn a_token_that_only_reads_sees_no_button_that_changes_a_task() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, world.open_group(), 3);
    let person = Person::arrive(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.wait_for(".accounts a");
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text("[data-counter=progress]", "0 / 3");
    browser.wait_for("tr[data-number]");
    for button in ["button[aria-label='Start list']", ".head .tools", "task-numbers header button"] {
        assert!(!browser.has(button), "{button}");
    }
}

/// Today: what was dialed stands in its window, and what is wrong is one click from why.
#[test]
fn today_shows_what_was_dialed_and_who_waits_for_somebody() {
    let world = World::new(Database::Sqlite);
    let group = world.open_group();
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, group, 12);
    let lost = dialing::task(&world, "dc53e7e7-3a68-40ae-adfe-63fc00e401d3", group, 2);
    dialing::start(&world, &task);
    dialing::start(&world, &lost);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // What runs, what is dialed and what is wrong: nothing to press.
    person.go("/today");
    browser.wait_for_text("[data-counter=tries]", "12");
    browser.wait_for_text("[data-counter=left]", "2");
    assert_eq!(figure(browser, "running"), "执行中 2 个任务");
    assert_eq!(figure(browser, "answered"), "今日接通率 100.0%");
    browser.wait_for(&format!(".line[data-group='{group}'] .win .made rect"));
    browser.wait_until("both plots are there", || browser.texts(".plots .plot").len() == 2);
    browser.wait_for_text(".todo", "“list”没有在拨");
    browser.wait_for_text(".todo", "任务没有可用线路");
    browser.check_accessibility("today while it dials");
    browser.screenshot("today-dialing");
    // The day before and the day after, and back.
    browser.wait_for(".head .quiet");
    browser.click(".segments button[aria-label='后一天']");
    browser.wait_for_text(".board", "00:00–24:00");
    browser.wait_gone(".head .quiet");
    assert!(
        !browser.has("[data-counter=tries]") && !browser.has(".board .now"),
        "nothing was dialed tomorrow"
    );
    browser.check_accessibility("another day");
    browser.screenshot("another-day");
    browser.click(".segments button[aria-label='前一天']");
    browser.wait_for_text("[data-counter=tries]", "12");
    assert_eq!(browser.text(".head h1"), "今日");
    // Why does it not dial: one click.
    browser.click(".todo a");
    browser.wait_for(&format!("main[data-task='{lost}']"));
    browser.wait_for_text(".verdict .hindrance", "没有在拨：任务没有可用线路");
    browser.wait_for_text("[data-limit=no_line]", "为什么不拨：");
}

/// What keeps tasks from dialing is counted whole, though the first are named alone; and their list says it of each.
#[test]
fn every_task_that_dials_nothing_is_counted_and_says_so_in_the_list() {
    let world = World::new(Database::Sqlite);
    let group = world.open_group();
    let done = dialing::task(&world, &dialing::line(&world, "answered"), group, 1);
    dialing::start(&world, &done);
    let lost: Vec<String> = (0..7)
        .map(|_| dialing::task(&world, "dc53e7e7-3a68-40ae-adfe-63fc00e401d3", group, 2))
        .inspect(|task| dialing::start(&world, task))
        .collect();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/today");
    browser.wait_for_text(".todo", "还有 2 个这样的任务");
    assert_eq!(browser.text("section:has(#todo-title) .chip"), "7");
    assert_eq!(browser.texts(".todo li").len(), 6);
    browser.check_accessibility("more tasks in trouble than are named");
    browser.screenshot("today-troubles");
    browser.click(".todo li:last-child a");
    let row = |id: &str| format!("tr[data-task='{id}']");
    browser.wait_for_text(&format!("{} .hindrance", row(&done)), "号码已全部呼叫完毕");
    for id in &lost {
        browser.wait_for_text(&format!("{} .hindrance", row(id)), "没有在拨：任务没有可用线路");
        assert!(browser.has(&format!("{} .state .hollow", row(id))), "it does not look as if it dialed");
    }
    browser.check_accessibility("tasks that dial nothing");
    browser.screenshot("tasks-hindered");
}

/// The reasons that need somebody: all that keep a task from dialing and are not said elsewhere.
#[test]
fn bots_that_take_no_call_need_somebody_and_those_that_have_some_do_not() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let troubled = |code: &str, talking: u32| {
        let script = "return import('/console/task-troubles.js').then(({ taskTroubles }) => {
            const progress = { lines: [], forecast: [], calls: { ringing: 0, talking: arguments[1] }, reason: { code: arguments[0] } };
            return taskTroubles([{ task_id: '', name: '', progress }], '2026-06-10').tasks.length })";
        person.browser.script(script, &[json!(code), json!(talking)]) == json!(1)
    };
    for code in
        ["bot_down", "bot_busy", "clock", "held", "no_script", "prefix", "route_full", "transfer_line"]
    {
        assert!(troubled(code, 0), "{code}");
    }
    for code in ["closing", "finished", "line_down", "line_full", "no_numbers", "number_due", "paused"] {
        assert!(!troubled(code, 0), "{code}");
    }
    assert!(!troubled("bot_busy", 1) && !troubled("route_full", 1));
}

#[test]
fn everything_is_stopped_in_two_clicks_while_it_dials() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, world.open_group(), 500);
    dialing::start(&world, &task);
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go("/today");
    browser.wait_until("something is dialed", || {
        browser.has("[data-counter=tries]") && !figure(browser, "tries").contains(" 0 ")
    });
    browser.check_accessibility("today while it dials, on a phone");
    browser.screenshot("today-dialing-phone");
    browser.assert_it_fits();
    browser.click(".head .button.danger");
    browser.fill("dialog input[name=reason]", "complaints");
    browser.click("dialog button[type=submit]");
    browser.wait_for("stop-banner .banner");
    browser.wait_until("nothing is called any more", || figure(browser, "calls").starts_with("In calls 0"));
    // Nor is it on the task's page, which says so first.
    person.go(&format!("/tasks/{task}"));
    browser.wait_for(".layers .decides[data-layer=stop]");
    browser.wait_for_text("[data-counter=rate]", "Rate");
}

/// Prove that a call was allowed: one click.
#[test]
fn a_record_proves_that_its_call_was_allowed() {
    let world = World::new(Database::Sqlite);
    let line = dialing::line(&world, "answered");
    let task = dialing::task(&world, &line, world.open_group(), 1);
    dialing::start(&world, &task);
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for("tr[data-record]");
    browser.click("tr[data-record] td a");
    browser.wait_for_text("section:has(#proof-title)", "按当时的依据重新判定：可以呼叫，与当时一致");
    browser.wait_for_text("section:has(#proof-title) .facts", "时间组“always”第 1 版");
    browser.wait_for_text("section:has(#proof-title) .facts", "每周时间段");
    browser.wait_for_text(".events", "INVITE，line");
    browser.click("section:has(#proof-title) button");
    browser.wait_for_text("notice-line", "与当时一致");
    browser.check_accessibility("a record with its evidence, on a phone");
    browser.screenshot("record-evidence");
    browser.assert_it_fits();
}
