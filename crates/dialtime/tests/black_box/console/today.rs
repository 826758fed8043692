//! Today: what runs now, what changes next, what needs attention; and a task with the layers that decide.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
    setup::{save_group, save_group_with, start_task},
};
use crate::support::{Database, World, always, task};

fn new_task(world: &World, name: &str, group: i64, more: &Value) -> String {
    let mut body = task(group);
    body["name"] = json!(name);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.client.post(&world.new_path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned()
}

/// The number in a counter.
fn counter(browser: &Browser, name: &str) -> String {
    browser.text(&format!("[data-counter={name}] b"))
}

#[test]
fn today_says_what_runs_and_what_needs_attention_and_follows_what_happens() {
    let world = World::new(Database::Sqlite);
    let open = save_group(&world, "open", &always());
    let never = save_group(&world, "never", &json!([]));
    let unused = save_group(&world, "unused", &always());
    let runs = new_task(&world, "runs", open, &json!({}));
    start_task(&world, &runs);
    start_task(&world, &new_task(&world, "waits", never, &json!({})));
    new_task(&world, "paused", open, &json!({}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("today");
    browser.wait_for(&format!(".line[data-group='{never}']"));
    assert_eq!(["running", "waiting", "paused"].map(|name| counter(browser, name)), ["1", "1", "1"]);
    assert!(!browser.has(&format!(".line[data-group='{unused}']")), "no task uses it");
    let said = |id: i64| browser.text(&format!(".line[data-group='{id}']")).replace('\n', " ");
    browser.wait_until("the windows are drawn", || browser.has(&format!(".line[data-group='{open}'] .win")));
    assert!(said(open).contains("1 执行，1 暂停") & said(open).contains("一直可呼叫"), "{}", said(open));
    assert!(said(never).contains("1 等待") & said(never).contains("不会再开放"), "{}", said(never));
    assert_eq!(browser.texts(".board .section"), ["现在可呼叫\n1", "今天不再开放\n1"]);
    browser.wait_for_text(".todo", "“never”不会再开放，但有任务在用");
    browser.wait_for_text(".legend", "时间均为 Asia/Shanghai 时间");
    // What happens shows by itself.
    let path = world.path(&format!("/dial-time-group/{never}"));
    world.client.put(&path, &json!({"name": "never", "content": always()})).data();
    browser.wait_until("both run", || counter(browser, "running") == "2");
    browser.wait_gone(".todo");
    assert_eq!(browser.texts(".board .section"), ["现在可呼叫\n2"]);
    browser.click(&format!(".line[data-group='{open}']"));
    browser.wait_for_text("h1", "open");
}

#[test]
fn a_day_lies_on_the_clock_of_the_server_wherever_the_group_is() {
    let world = World::new(Database::Sqlite);
    // From midnight to three in Tokyo is from eleven in the evening before to two in Shanghai.
    let times = json!([{"begin_time": "00:00", "end_time": "03:00"}]);
    let content: Value = (0..7).map(|week| json!({"week": week, "times": times})).collect();
    let tokyo = save_group_with(&world, "tokyo", &json!({"content": content, "timezone": "Asia/Tokyo"}));
    new_task(&world, "night", tokyo, &json!({}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("today");
    browser.wait_for(&format!(".line[data-group='{tokyo}'] .win"));
    let drawn = "return [...document.querySelectorAll('.line .win')].map(({ title }) => title)";
    assert_eq!(browser.script(drawn, &[]), json!(["00:00–02:00", "23:00–24:00"]));
    browser.wait_for_text(".line .tag", "Tokyo +1");
    assert_eq!(browser.attribute(".line .tag", "title").as_deref(), Some("Asia/Tokyo"));
}

/// The pieces of a line of the layers of a task.
fn pieces(browser: &Browser, line: &str) -> Value {
    let drawn = "return [...document.querySelectorAll(arguments[0])].map(({ title, className }) => className.includes('shut') ? `(${title})` : title)";
    browser.script(drawn, &[json!(format!("{line} .win"))])
}

fn layer(browser: &Browser, name: &str) -> Value {
    pieces(browser, &format!(".layers [data-layer={name}]"))
}

fn result(browser: &Browser) -> Value {
    pieces(browser, ".layers .sum")
}

#[test]
fn a_task_says_why_it_does_not_dial_and_when_it_would() {
    let world = World::new(Database::Sqlite);
    let times = json!([{"begin_time": "08:00", "end_time": "20:00"}]);
    let mondays = save_group(&world, "mondays", &json!([{"week": 1, "times": times}]));
    let extras = json!({
        "start_time": "2024-11-01 00:00:00", "stop_time": "2124-05-08 18:30:00",
        "holiday": [{"start": "2124-05-08 12:00", "end": "2124-05-08 13:30"}],
    });
    let id = new_task(&world, "batch", mondays, &json!({"task_extras": extras}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{id}"));
    browser.wait_for_text(".verdict", "现在不能拨打");
    browser.wait_for_text(".layers .decides", "任务开关与起止");
    browser.click("button[aria-label='启动 batch']");
    browser.wait_for("button[aria-label='暂停 batch']");
    // A Monday a hundred years from now: its own rest and its own end are layers as well.
    browser.fill("input[name=moment]", "2124-05-08 12:30");
    browser.click(".verdict button[type=submit]");
    browser.wait_for_text(".verdict", "2124年5月8日周一 12:30 不能拨打");
    browser.wait_for_text(".layers .decides", "任务休息");
    assert_eq!(layer(browser, "switch"), json!(["00:00–18:30"]));
    assert_eq!(layer(browser, "rest"), json!(["00:00–12:00", "13:30–24:00", "(12:00–13:30)"]));
    assert_eq!(layer(browser, "group"), json!(["08:00–20:00"]));
    assert_eq!(result(browser), json!(["08:00–12:00", "13:30–18:30"]));
    browser.wait_for_text(".layers .sum", "当天可呼叫 9 小时");
    browser.fill("input[name=moment]", "2124-05-08 14:00");
    browser.click(".verdict button[type=submit]");
    browser.wait_for_text(".verdict", "可以拨打");
    // What closes it next is named.
    browser.wait_for_text(".layers .decides[data-layer=switch]", "18:30 关闭，已启动");
    browser.fill("input[name=moment]", "2124-02-30 14:00");
    browser.click(".verdict button[type=submit]");
    browser.wait_for_text(".verdict .fault", "存在的日期");
    browser.click("button[aria-label='为 batch 换时间组']");
    browser.wait_for("dialog .actions");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
}

#[test]
fn a_holiday_is_a_layer_of_its_own() {
    let world = World::new(Database::Sqlite);
    let times = json!([{"begin_time": "08:00", "end_time": "20:00"}]);
    let content: Value = (0..7).map(|week| json!({"week": week, "times": times})).collect();
    let daily = save_group_with(&world, "daily", &json!({"content": content, "skip_holiday": true}));
    let id = new_task(&world, "batch", daily, &json!({}));
    start_task(&world, &id);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{id}"));
    browser.wait_for(".verdict b");
    let ask = |moment: &str| {
        browser.fill("input[name=moment]", moment);
        browser.click(".verdict button[type=submit]");
    };
    // The first of October: the group would be open, and the holiday shuts it.
    ask("2026-10-01 10:00");
    browser.wait_for_text(".layers .decides[data-layer=holiday]", "国庆节");
    assert_eq!(layer(browser, "group"), json!(["08:00–20:00"]));
    assert_eq!(layer(browser, "holiday"), json!(["(00:00–24:00)"]));
    assert_eq!(result(browser), json!([]));
    browser.wait_for_text(".layers .sum", "当天可呼叫 0 小时");
    // A day like every other.
    ask("2026-10-15 10:00");
    browser.wait_for_text(".layers [data-layer=holiday]", "当天不是节假日");
    assert_eq!(result(browser), json!(["08:00–20:00"]));
    browser.wait_for_text(".layers .decides[data-layer=group]", "20:00 关闭");
}

#[rstest]
fn when_a_group_opens_next_is_said_whole_beside_its_windows(
    #[values(Language::Chinese, Language::English)] language: Language,
) {
    // After the windows of a Monday there are four hours left, and more to say than fits there.
    let world = World::at(Database::Sqlite, "2026-11-30T21:12:00+08:00");
    world.task(world.group("Mondays"));
    let person = Person::sign_in(&world, Look { language, ..Look::default() });
    person.go("/today");
    person.browser.wait_for(".board .edge");
    let sticks_out = "
        const edge = document.querySelector('.board .edge');
        const [own, track] = [edge, edge.closest('.track')].map((element) => element.getBoundingClientRect());
        return [edge.scrollWidth > edge.clientWidth, own.left < track.left, own.right > track.right];";
    assert_eq!(person.browser.script(sticks_out, &[]), json!([false, false, false]));
}

#[test]
fn the_time_it_is_stays_on_the_axis_at_the_end_of_the_day() {
    let world = World::at(Database::Sqlite, "2026-06-10T23:57:00+08:00");
    let task = world.new_task(world.open_group());
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text(".hours .now b", "23:5");
    let sticks_out = "
        const right = (selector) => document.querySelector(selector).getBoundingClientRect().right;
        return right('.hours .now b') - right('.layers .hours');";
    assert!(browser.script(sticks_out, &[]).as_f64().unwrap() < 3.0);
}

/// Texts that lie where the line of the time lies, which would be drawn across them.
const CROSSED: &str = "
    const box = (element) => element.getBoundingClientRect();
    const level = (element) => Number(getComputedStyle(element).zIndex) || 0;
    const hasGround = (element) => !/, 0\\)$|transparent/.test(getComputedStyle(element).backgroundColor);
    const texts = [...document.querySelectorAll('.track .edge, .days .win, .hours > span')].filter((one) => one.innerText.trim() && box(one).width > 0);
    return [...document.querySelectorAll('.now')].flatMap((line) => texts.filter((text) => {
        const [one, other] = [box(line), box(text)];
        const meet = one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
        return meet && !(hasGround(text) && level(text) > level(line));
    })).map((text) => text.innerText);";

/// How many texts lie across it at all.
const MET: &str = "
    const box = (element) => element.getBoundingClientRect();
    const line = box(document.querySelector('.track .now'));
    return [...document.querySelectorAll('.track .edge')].filter((text) => box(text).left < line.right && line.left < box(text).right).length;";

#[rstest]
#[case(Language::Chinese, Theme::Light)]
#[case(Language::English, Theme::Dark)]
fn the_line_of_the_time_that_it_is_crosses_no_text(#[case] language: Language, #[case] theme: Theme) {
    let world = World::at(Database::Sqlite, "2026-06-10T12:20:00+08:00");
    let day = |begin: &str, end: &str| {
        let times = json!([{"begin_time": begin, "end_time": end}]);
        (0..7).map(|week| json!({"week": week, "times": times})).collect::<Value>()
    };
    let mut first = 0;
    for (name, content) in [
        ("morning", day("08:00", "11:00")),
        ("evening", day("14:00", "23:30")),
        ("noon", day("09:00", "12:30")),
        ("always", always()),
        ("never", json!([])),
    ] {
        first = save_group(&world, name, &content);
        start_task(&world, &new_task(&world, name, first, &json!({})));
    }
    let person = Person::sign_in(&world, Look { language, theme, ..Look::default() });
    let browser = &person.browser;
    person.visit("today");
    for width in [1280, 1700, 390] {
        browser.resize(width);
        browser.wait_for(".board .line .now");
        browser.wait_for(".board .line .win");
        if width == 1280 {
            assert!(browser.script(MET, &[]).as_i64().unwrap() > 0, "this test shows nothing");
        }
        assert_eq!(browser.script(CROSSED, &[]), json!([]), "{width}");
    }
    browser.screenshot("today-now");
    browser.resize(1280);
    person.go(&format!("/groups/{}", first - 1));
    browser.wait_for(".week .days .now");
    assert_eq!(browser.script(CROSSED, &[]), json!([]));
    browser.screenshot("week-now");
}
