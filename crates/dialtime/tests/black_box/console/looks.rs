//! Every page in every look: nobody is shut out, nothing sticks out, and pictures of it for people to look at.

use rstest::rstest;
use serde_json::json;
use test_support::Program;
use thirtyfour::Key;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
};
use crate::{
    punctuation::half_width_marks,
    support::{Database, World, dialtime, program, register},
};

/// A world with something of everything to see.
fn full_world() -> World {
    let world = World::with(Database::Sqlite, &["--webhooks-to-private"]);
    let night = json!({
        "name": "夜班 night shift", "is_default": true, "skip_holiday": true, "timezone": "America/New_York",
        "content": [
            {"week": 5, "times": [{"begin_time": "22:00", "end_time": "06:00"}]},
            {"week": 6, "times": [{"begin_time": "23:45", "end_time": "00:30"}, {"begin_time": "08:07", "end_time": "08:20"}]},
        ],
        "exceptions": [{"name": "年会", "begin_date": "12-31", "times": [{"begin_time": "09:00", "end_time": "12:00"}]}],
    });
    world.client.post(&world.path("/dial-time-group"), &night).data();
    world.group("工作日 workdays");
    let open = world.open_group();
    let running = world.new_task(open);
    world.client.put(&world.new_path(&format!("/task_start/{running}")), &json!({})).data();
    let waiting = world.task(world.group("周一 Mondays"));
    world.client.put(&world.new_path(&format!("/task_start/{waiting}")), &json!({})).data();
    world.task(open);
    register(&world.client, &format!("/agent-api/user/{}/subset_users", world.user));
    let line = json!({"name": "东区电信 East Telecom 1", "kind": "simulated", "channels": 4, "cps": 2});
    let line = world.client.post("/agent-api/line", &line).data()["id"].as_str().unwrap().to_owned();
    let share = format!("/agent-api/new/user/{}/line/{line}", world.user);
    world.client.post(&share, &json!({"line_concurrency": 2})).data();
    let script = json!({"name": "还款提醒 reminder", "steps": [{"action": "hang_up"}]});
    world.client.post(&world.path("/script"), &script).data();
    // Nobody listens there: its deliveries are tried again.
    let webhook = json!({"url": "http://127.0.0.1:1/", "events": ["task.running", "task.waiting"]});
    let webhook =
        world.client.post(&world.path("/webhook"), &webhook).data()["id"].as_str().unwrap().to_owned();
    world.client.post(&world.path(&format!("/webhook/{webhook}/test")), &json!({})).data();
    world
}

/// What reaches over an edge: of the window, of a dialog, or of what it stands in; but for what can be scrolled or is cut off on purpose.
/// And times that are broken into lines.
const STICKING_OUT: &str = "
    const out = [...document.querySelectorAll('body *')].filter((element) => {
        if (element.closest('.visually-hidden, .scroll *, svg, option, .skip, .hours, [popover], .cut, .weeks, .days')) return false;
        const { right, width } = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        const overflows = style.display !== 'inline' && style.overflowX === 'visible' && element.scrollWidth > element.clientWidth + 1;
        return width > 0 && (right > innerWidth + 1 || (overflows && element.clientWidth > 0));
    });
    const dialogs = [...document.querySelectorAll('html, dialog, main')].filter((element) => element.scrollWidth > element.clientWidth);
    const broken = [...document.querySelectorAll('.hours span, time')].filter((element) =>
        element.offsetHeight > 2 * parseFloat(getComputedStyle(element).fontSize));
    return [...out, ...dialogs, ...broken].map((element) => element.outerHTML.slice(0, 200));";

/// Looks at what is shown.
#[track_caller]
fn look_at(browser: &Browser, name: &str) {
    browser.check_accessibility(name);
    let out = browser.script(STICKING_OUT, &[]);
    assert_eq!(out, json!([]), "{name} sticks out");
    if browser.attribute("html", "lang").as_deref() == Some("zh-CN") {
        let text = browser.script("return document.body.innerText", &[]);
        assert_eq!(half_width_marks(text.as_str().unwrap()), [""; 0], "{name}");
    }
    browser.screenshot(name);
}

/// Any two of language, theme and width meet in every way.
#[rstest]
#[case(Language::Chinese, Theme::Light, Width::Wide)]
#[case(Language::English, Theme::Dark, Width::Wide)]
#[case(Language::Chinese, Theme::Dark, Width::Phone)]
#[case(Language::English, Theme::Light, Width::Phone)]
fn every_page_is_open_to_everyone_in_every_look(
    #[case] language: Language,
    #[case] theme: Theme,
    #[case] width: Width,
) {
    let world = full_world();
    let person = Person::arrive(&world, Look { language, theme, width });
    let browser = &person.browser;
    browser.expect_complaint("401");
    person.give_token("wrong");
    browser.wait_for("[role=alert]");
    look_at(browser, "sign-in");
    person.give_token(world.client.token());
    browser.click(".accounts button");
    browser.wait_for(".sub-users .accounts a");
    look_at(browser, "accounts");

    look_at_today(&person);
    look_at_groups(&person);
    edit(&person);
    look_at_history(&person);
    look_at_the_rest(&person);
}

/// What floats over the page, too.
#[track_caller]
fn look_at_today(person: &Person<'_>) {
    let browser = &person.browser;
    person.go("/today");
    browser.wait_until("each group has its line", || browser.texts(".board .line").len() == 2);
    look_at(browser, "today");
    browser.click(".find");
    browser.wait_for(".palette .hit");
    look_at(browser, "palette");
    browser.keys(Key::Escape);
    browser.wait_gone("dialog");
    let menu = if browser.has(".side-foot") { ".side-foot button" } else { ".more" };
    browser.click(menu);
    browser.wait_for("#menu");
    look_at(browser, "menu");
    browser.keys(Key::Escape);
    browser.wait_gone("#menu");
}

#[track_caller]
fn look_at_groups(person: &Person<'_>) {
    let browser = &person.browser;
    person.go("/groups");
    browser.wait_until("every group says its state", || browser.texts(".groups .state").len() == 4);
    look_at(browser, "groups");
    browser.click(".groups tbody tr:nth-child(3) button");
    browser.wait_for("dialog[open]");
    look_at(browser, "delete");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click(".groups tbody tr:nth-child(1) button");
    browser.wait_for("dialog .option");
    look_at(browser, "delete-in-use");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
}

/// A version that differs, and the log.
#[track_caller]
fn look_at_history(person: &Person<'_>) {
    let browser = &person.browser;
    person.go("/groups/1/versions");
    browser.wait_for("tr[data-version]");
    look_at(browser, "group-versions");
    person.go("/audit");
    browser.wait_for("tr[data-change]");
    look_at(browser, "audit-log");
}

#[track_caller]
fn look_at_the_rest(person: &Person<'_>) {
    let browser = &person.browser;
    person.go("/groups/1/calendar");
    browser.wait_for(".answer");
    look_at(browser, "calendar");
    person.go("/tasks");
    browser.wait_until("every task says its change", || browser.texts(".tasks .until").len() == 2);
    look_at(browser, "tasks");
    browser.click(".tasks tbody tr:first-child .row-tools button:last-child");
    browser.wait_for("dialog .option");
    look_at(browser, "change-group");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click(".tasks tbody tr:nth-child(2) .name");
    browser.wait_for(".layers");
    look_at(browser, "task");
    person.go("/events");
    browser.wait_for("tr[data-event]");
    look_at(browser, "events");
    person.go("/lines");
    browser.wait_for("tr[data-line]");
    look_at(browser, "lines");
    browser.click("tr[data-line] .name");
    browser.wait_for("line-shares [data-share]");
    look_at(browser, "line");
    person.go("/scripts");
    browser.wait_for("tr[data-script]");
    look_at(browser, "scripts");
    browser.click("tr[data-script] .name");
    browser.wait_for("step-list [data-step]");
    look_at(browser, "script");
    person.go("/webhooks");
    browser.wait_for("tbody tr");
    look_at(browser, "webhooks");
    browser.click(".head .primary");
    browser.wait_for("dialog[open]");
    look_at(browser, "new-webhook");
}

/// Through the editor: all its parts, what is wrong, and the look before saving.
#[track_caller]
fn edit(person: &Person<'_>) {
    let browser = &person.browser;
    person.go("/groups/1");
    browser.wait_for(".piece");
    browser.wait_for(".weeks");
    look_at(browser, "group");
    browser.click(".piece[tabindex]");
    browser.wait_for(".popover");
    look_at(browser, "window");
    browser.click(".popover .row button:first-child:not(.push)");
    browser.wait_for("dialog[open]");
    look_at(browser, "copy-day");
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    browser.wait_for(".effects .no-effect");
    look_at(browser, "before-saving");
    browser.click("details summary");
    browser.click("button[value=write]");
    browser.click("group-settings header button");
    look_at(browser, "group-written");
    let update = json!({"name": "夜班 night shift", "skip_holiday": false});
    person.world.client.put(&person.world.path("/dial-time-group/1"), &update).data();
    browser.wait_for(".banner");
    look_at(browser, "newer-version");
    browser.click(".banner .primary");
    browser.expect_complaint("422");
    browser.fill("week-times li:nth-child(5) input", "25:00");
    browser.click(".savebar .primary");
    browser.wait_for(".banner.bad");
    look_at(browser, "faults");
    person.visit("today");
    browser.wait_for("dialog[open]");
    look_at(browser, "leave");
    browser.click("dialog .danger");
    browser.wait_gone("dialog");
}

/// The pictures in the READMEs are these; CONTRIBUTING.md says how they get there.
#[rstest]
fn the_demo_is_worth_a_picture(#[values(Language::Chinese, Language::English)] language: Language) {
    let demo = Program::start(&mut program("", &["demo", "--listen", "127.0.0.1:0"]));
    let line = demo.line(&["/console/"]);
    let console = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let browser = Browser::start(Look { language, ..Look::default() });
    browser.open(console);
    browser.fill("input[name=token]", "YOUR_TOKEN");
    browser.click("form button[type=submit]");
    browser.click(".accounts a");
    browser.click(".side .nav a[href$='/groups']");
    browser.wait_until("all groups say their state", || browser.texts(".groups .state").len() == 3);
    browser.screenshot("demo-groups");
    // The first is always open, which is no picture.
    browser.click(".groups tbody tr:nth-child(2) .name");
    browser.wait_for(".weeks");
    browser.screenshot("demo-group");
    browser.assert_no_complaints();
}

/// Of what a new account has: nothing.
#[test]
fn an_empty_account_says_so_everywhere() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look { language: Language::English, ..Look::default() });
    person.give_token(world.client.token());
    person.browser.wait_for(".accounts a");
    for (page, text) in [
        ("/today", "No task uses a dial time group"),
        ("/groups", "There is no dial time group yet."),
        ("/tasks", "Tasks are made over the API"),
        ("/records", "No record."),
        ("/events", "There is no event yet."),
        ("/webhooks", "There is no webhook yet."),
    ] {
        person.go(page);
        person.browser.wait_for_text(".empty", text);
        person.browser.check_accessibility(page);
    }
    person.browser.assert_no_complaints();
}

#[test]
fn a_partner_without_users_is_told_how_there_come_to_be_some() {
    let world = World::new(Database::Sqlite);
    let url = &world.database.url;
    let partner = dialtime(url, &["partner", "create", "new"]);
    let token = dialtime(url, &["token", "create", "--partner", partner.trim()]);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(token.trim());
    browser.wait_for_text(".empty", "还没有用户。");
    browser.wait_for_text(".empty", "dialtime user create");
    browser.check_accessibility("no user yet");
    browser.fill("main input[type=search]", "Ann");
    browser.wait_for_text(".empty", "没有找到账户。");
}

/// A world of long names, and the ids of two groups and a task of the first in it.
fn world_of_long_names(name: &str) -> (World, [i64; 2], String) {
    let world = World::with(Database::Sqlite, &["--webhooks-to-private"]);
    let id = world.group(name);
    let exception =
        json!({"name": "M".repeat(100), "begin_date": "2020-01-01", "end_date": "2199-01-01", "times": []});
    let update = json!({"name": name, "is_default": true, "exceptions": [exception]});
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &update).data();
    let mut task = crate::support::task(id);
    task["name"] = json!(name);
    let task = world.client.post(&world.new_path("/task"), &task).data()["uuid"].as_str().unwrap().to_owned();
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let other = world.group(&"V".repeat(64));
    let webhook = json!({"url": format!("http://127.0.0.1:1/{}", "u".repeat(200))});
    world.client.post(&world.path("/webhook"), &webhook).data();
    (world, [id, other], task)
}

/// The first day says its month: in the last column there is nothing beside it that it could reach into.
#[rstest]
fn four_weeks_from_a_sunday_fit_a_phone(#[values(Language::Chinese, Language::English)] language: Language) {
    let world = World::at(Database::Sqlite, "2026-11-29T12:00:00+08:00");
    let id = world.group("group");
    let person = Person::sign_in(&world, Look { language, width: Width::Phone, ..Look::default() });
    person.go(&format!("/groups/{id}"));
    person.browser.wait_for(".weeks .cell");
    look_at(&person.browser, "weeks-from-sunday");
}

/// Names may be long and have nowhere to break.
#[rstest]
fn a_name_that_cannot_be_broken_sticks_out_nowhere(#[values(Width::Wide, Width::Phone)] width: Width) {
    let name = "W".repeat(64);
    let (world, [id, other], task) = world_of_long_names(&name);
    let person = Person::sign_in(&world, Look { width, ..Look::default() });
    let browser = &person.browser;
    browser.wait_for(".groups .why");
    look_at(browser, "long-groups");
    browser.click(&format!("tr[data-group='{id}'] button"));
    browser.click("dialog .option input");
    browser.wait_for(".danger:enabled");
    look_at(browser, "long-delete");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    person.go("/tasks");
    browser.wait_for(".tasks .why");
    look_at(browser, "long-tasks");
    browser.click(&format!("tr[data-task='{task}'] .row-tools button:last-child"));
    browser.wait_for("dialog .option");
    look_at(browser, "long-change-group");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click(&format!("button[aria-label='暂停 {name}']"));
    browser.wait_for(".notice");
    look_at(browser, "long-notice");
    person.go(&format!("/tasks/{task}"));
    browser.wait_for(".layers");
    look_at(browser, "long-task");
    person.go("/today");
    browser.wait_for(".board .line");
    look_at(browser, "long-today");
    person.go("/events");
    browser.wait_for_text(".happened a:last-child", "WWW");
    look_at(browser, "long-events");
    person.go("/webhooks");
    browser.wait_for(".webhook");
    look_at(browser, "long-webhooks");
    person.go(&format!("/groups/{id}/calendar"));
    browser.wait_for(".answer");
    look_at(browser, "long-calendar");
    browser.fill("input[name=time]", "23:59");
    browser.click(".question button");
    browser.wait_for_text(".answer", "23:59");
    look_at(browser, "long-calendar-last-minute");
    person.go(&format!("/groups/{other}"));
    browser.wait_for(".piece");
    look_at_the_editor(&person, id);
}

/// Until somebody else changes the group meanwhile.
#[track_caller]
fn look_at_the_editor(person: &Person<'_>, id: i64) {
    let (browser, world) = (&person.browser, person.world);
    person.go(&format!("/groups/{id}"));
    browser.wait_for_text("h1", "WWW");
    browser.click("group-settings header button");
    browser.fill("input[name=name]", &"X".repeat(64));
    browser.keys(Key::Tab);
    browser.wait_for(".effects .no-effect");
    look_at(browser, "long-before-saving");
    world.client.put(&world.path(&format!("/dial-time-group/{id}")), &json!({"name": "Y".repeat(64)})).data();
    browser.wait_for(".banner");
    look_at(browser, "long-editor");
}
