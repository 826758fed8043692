//! The list of groups: what it shows of each, that it follows what happens, search, pages, and deleting.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Browser, Language, Look},
    person::Person,
    setup::save_group,
};
use crate::support::{Database, World, always, task};

/// A week with the same windows on every day.
fn daily(times: &Value) -> Value {
    (0..7).map(|week| json!({"week": week, "times": times})).collect()
}

fn edit(world: &World, id: i64, name: &str, content: &Value) {
    let path = world.path(&format!("/dial-time-group/{id}"));
    world.client.put(&path, &json!({"name": name, "content": content})).data();
}

/// What names a group's row.
fn row(id: i64) -> String {
    format!("tr[data-group='{id}']")
}

fn week_in_words(browser: &Browser, id: i64) -> String {
    browser.attribute(&format!("{} .strip", row(id)), "aria-label").unwrap()
}

#[track_caller]
fn press_delete(browser: &Browser, name: &str) {
    browser.click(&format!("button[aria-label='删除 {name}']"));
    browser.wait_for_text("dialog h2", name);
}

#[test]
fn each_group_is_shown_with_its_week_its_tasks_and_whether_it_is_open() {
    let world = World::new(Database::Sqlite);
    let (open, never) = (save_group(&world, "open", &always()), save_group(&world, "never", &json!([])));
    let mondays = world.group("mondays");
    let path = world.path(&format!("/dial-time-group/{mondays}"));
    world.client.put(&path, &json!({"name": "mondays", "is_default": true, "skip_holiday": true})).data();
    let (_first, _second, _other) = (world.task(mondays), world.new_task(mondays), world.task(open));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    for id in [open, never, mondays] {
        browser.wait_for(&format!("{} .state", row(id)));
    }
    assert_eq!(week_in_words(browser, open), "周一、周二、周三、周四、周五、周六、周日 00:00–24:00");
    assert_eq!(week_in_words(browser, never), "没有可呼叫的时间");
    assert_eq!(week_in_words(browser, mondays), "周一 08:00–20:00");
    let drawn = |id| {
        let count = "return document.querySelectorAll(arguments[0]).length";
        browser.script(count, &[json!(format!("{} .strip .open", row(id)))])
    };
    assert_eq!([drawn(open), drawn(never), drawn(mondays)], [7, 0, 1]);
    assert_eq!(browser.texts(".tag"), ["默认"]);
    assert_eq!(browser.texts(&format!("{} .tag", row(mondays))).len(), 1);
    assert_eq!(task_counts(browser, &[open, never, mondays]), ["1 个任务", "0 个任务", "2 个任务"]);
    let about = browser.script(
        "return document.querySelector(arguments[0]).textContent.replaceAll(/\\s+/g, ' ')",
        &[json!(row(mondays))],
    );
    for what in [mondays.to_string().as_str(), "Asia/Shanghai", "跳过 CN"] {
        assert!(about.as_str().unwrap().contains(what), "{about}");
    }

    let now = |id| browser.text(&format!("{} .current", row(id))).replace('\n', " ");
    assert_eq!((now(open).as_str(), now(never).as_str()), ("可呼叫 一直可呼叫", "已关闭 不会再开放"));
    // Why is said in the API's own words.
    let decided =
        |id| world.client.get(&world.path(&format!("/dial-time-group/{id}/decision"))).data().clone();
    for id in [open, never] {
        assert_eq!(
            browser.text(&format!("{} .why", row(id))),
            decided(id)["reason"]["detail"].as_str().unwrap()
        );
    }
}

#[test]
fn the_next_change_is_told_as_people_say_it_and_tomorrow_becomes_today() {
    let world = World::at(Database::Sqlite, "2027-05-12T10:00:00+08:00");
    let mondays = world.group("mondays");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let shows = |state: &str, change: &str| {
        browser.wait_for_text(&format!("{} .chip", row(mondays)), state);
        // It names its zone.
        browser.wait_for_text(&format!("{} .until", row(mondays)), &format!("{change}（Asia/Shanghai，"));
    };
    shows("已关闭", "周一 08:00 开放");
    // What carries no offset is on the server's clock.
    person.go("/audit");
    browser.wait_for_text("tbody time", "今天 10:00:");
    person.go("/groups");
    let at = |now: &str| {
        world.server.set_clock(now);
        person.go("/tasks");
        person.go("/groups");
    };
    at("2027-05-16T23:50:00+08:00");
    shows("已关闭", "明天 08:00 开放");
    // Nothing happens at midnight, and nothing is asked.
    let learn = "return import('/console/clock.js').then(clock => clock.learnTime(arguments[0], Date.now()))";
    browser.script(learn, &[json!("2027-05-17T00:00:01+08:00")]);
    shows("已关闭", "今天 08:00 开放");
    at("2027-05-17T07:00:00+08:00");
    shows("稍后", "08:00 开放");
    at("2027-05-17T10:00:00+08:00");
    shows("可呼叫", "至 20:00");
}

/// How many tasks use each of these groups, in words.
fn task_counts(browser: &Browser, ids: &[i64]) -> Vec<String> {
    let words = |id: &i64| browser.attribute(&format!("{} .task-count", row(*id)), "aria-label").unwrap();
    ids.iter().map(words).collect()
}

#[test]
fn the_time_until_a_change_is_counted_down_as_a_duration() {
    let world = World::new(Database::Sqlite);
    let id = save_group(&world, "work", &daily(&json!([{"begin_time": "00:00", "end_time": "12:00"}])));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let left = || browser.text(&format!("{} time-left", row(id)));
    let set = |seconds: u32| {
        let set = "const left = document.querySelector('time-left');
            left.until = new Date(Date.now() + arguments[0] * 1000).toISOString();
            left.tick();";
        browser.wait_for("time-left");
        browser.script(set, &[json!(seconds)]);
    };
    for (seconds, shown) in [
        (2 * 86_400 + 3 * 3600 + 59, "2 天 3 小时后"),
        (2 * 3600 + 5 * 60 + 30, "2 小时 5 分后"),
        (86_400 - 30, "23 小时 59 分后"),
    ] {
        set(seconds);
        browser.wait_until(shown, || left().contains(&format!("，{shown}")));
    }
    set(75);
    for second in [14, 13] {
        browser.wait_until("seconds pass", || left().contains(&format!("1 分 {second} 秒后")));
    }
    set(10);
    browser.wait_until("seconds pass", || left().contains("，8 秒后"));
}

#[test]
fn when_the_time_has_come_the_server_is_asked_again() {
    let world = World::new(Database::Sqlite);
    let id = world.group("mondays");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.wait_for("time-left");
    let asked = || {
        let count = "return performance.getEntriesByType('resource').filter(({name}) => name.includes('/decisions')).length";
        browser.script(count, &[]).as_u64().unwrap()
    };
    browser.wait_until("the feed is heard", || {
        browser.script("return document.querySelector('groups-page').feed.live", &[]) == true
    });
    // What the feed's beginning made it ask again is answered.
    edit(
        &world,
        id,
        "mondays again",
        &json!([{"week": 2, "times": [{"begin_time": "08:00", "end_time": "20:00"}]}]),
    );
    browser.wait_until("the edit is shown", || week_in_words(browser, id) == "周二 08:00–20:00");
    let before = asked();
    browser
        .script("document.querySelector('time-left').until = new Date(Date.now() - 1000).toISOString()", &[]);
    browser.wait_until("it asks again", || asked() > before);
    browser.wait_for(&format!("{} .state", row(id)));
}

#[test]
fn what_others_change_shows_by_itself() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    edit(&world, id, "work", &json!([]));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.script("window.notReloaded = true", &[]);
    browser.wait_for_text(&format!("{} .state", row(id)), "已关闭");
    edit(&world, id, "renamed", &always());
    browser.wait_for_text(&format!("{} .name", row(id)), "renamed");
    browser.wait_for_text(&format!("{} .state", row(id)), "可呼叫");
    assert!(week_in_words(browser, id).contains("00:00–24:00"));
    let task = world.task(id);
    browser.wait_until("a task is counted", || task_counts(browser, &[id]) == ["1 个任务"]);
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    browser.wait_until("none is counted", || task_counts(browser, &[id]) == ["0 个任务"]);
    let other = save_group(&world, "another", &always());
    browser.wait_for(&row(other));
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    browser.wait_gone(&row(id));
    assert_eq!(browser.script("return window.notReloaded", &[]), true);
}

#[test]
fn groups_are_paged_and_searched_by_name() {
    let world = World::new(Database::Sqlite);
    for number in 1..=45 {
        world.group(&format!("g{number:02}"));
    }
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let names = || browser.texts(".groups .name");
    browser.wait_for_text(".pager", "第 1 / 3 页，共 45 项");
    let mut seen = names();
    assert_eq!(seen.len(), 20);
    assert!(browser.has(".pager button:first-child:disabled"));
    for (page, count) in [(2, 20), (3, 5)] {
        browser.click(".pager button:last-child");
        browser.wait_for_text(".pager", &format!("第 {page} / 3 页"));
        assert_eq!(names().len(), count);
        seen.extend(names());
    }
    assert!(browser.has(".pager button:last-child:disabled"));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45, "{seen:?}");
    browser.click(".pager button:first-child");
    browser.wait_for_text(".pager", "第 2 / 3 页");
    // Whoever comes back finds it as it was.
    browser.click(".groups tbody tr:first-child .name");
    browser.wait_for("week-grid");
    browser.back();
    browser.wait_for_text(".pager", "第 2 / 3 页");

    browser.fill("main input[type=search]", "g1");
    browser.wait_gone(".pager");
    assert_eq!(names().len(), 10);
    browser.click(".groups tbody tr:first-child .name");
    browser.wait_for("week-grid");
    browser.back();
    browser.wait_until("the search is there again", || names().len() == 10);
    assert_eq!(browser.value("main input[type=search]"), "g1");
    person.choose("en");
    browser.wait_for_text("h1", "Dial time groups");
    browser.wait_until("also in another language", || names().len() == 10);
    person.choose("zh-CN");
    person.visit("groups");
    browser.wait_for_text(".pager", "第 1 / 3 页，共 45 项");
    browser.fill("main input[type=search]", "nothing");
    browser.wait_for_text(".empty", "没有找到呼叫时间组");
    browser.fill("main input[type=search]", "");
    browser.wait_for_text(".pager", "第 1 / 3 页，共 45 项");
}

#[test]
fn an_answer_that_comes_late_does_not_replace_a_later_one() {
    let world = World::new(Database::Sqlite);
    for name in ["g10", "g11", "g12"] {
        world.group(name);
    }
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let watch = "[window.asked, window.answered] = [[], []];
        const ask = window.fetch;
        window.fetch = (address, ...rest) => {
            window.asked.push(String(address));
            return ask(address, ...rest).finally(() => window.answered.push(String(address)));
        };";
    browser.script(watch, &[]);
    let has = |list: &str| {
        let has = format!("return window.{list}.some(address => address.includes('name=g1&'))");
        browser.script(&has, &[]) == true
    };
    browser.hold_requests("*name=g1&*");
    browser.fill("main input[type=search]", "g1");
    browser.wait_until("the first is sought", || has("asked"));
    browser.fill("main input[type=search]", "g12");
    browser.wait_until("what is sought last is found", || browser.texts(".groups .name") == ["g12"]);
    browser.release_requests();
    browser.wait_until("the late answer has come or was given up", || has("answered"));
    browser.script("return new Promise(done => setTimeout(done, 200))", &[]);
    assert_eq!(browser.texts(".groups .name"), ["g12"]);
}

#[test]
fn a_group_that_nothing_uses_is_deleted() {
    let world = World::new(Database::Sqlite);
    let id = world.group("free");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    press_delete(browser, "free");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group/{id}"))).status, 200);
    press_delete(browser, "free");
    browser.click("dialog .danger");
    browser.wait_for_text("notice-line", "已删除 free");
    browser.wait_gone(&row(id));
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group/{id}"))).status, 404);
}

#[test]
fn a_group_in_use_names_its_tasks_and_is_replaced_by_another() {
    let world = World::new(Database::Sqlite);
    let used = world.group("used");
    for number in 1..=12 {
        let mut body = task(used);
        body["name"] = json!(format!("task {number}"));
        world.client.post(&world.new_path("/task"), &body).data();
    }
    for number in 1..=9 {
        world.group(&format!("other {number}"));
    }
    let by = world.group("instead");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    press_delete(browser, "used");
    browser.wait_for_text("dialog [role=alert]", "12");
    let named = browser.texts("dialog .named-tasks li");
    assert_eq!(named.len(), 11);
    assert!(
        named[..10].iter().all(|text| text.starts_with("task ") && text.ends_with("暂停中")),
        "{named:?}"
    );
    assert!(named[10].contains('2'), "{named:?}");
    let link = browser.attribute("dialog a", "href").unwrap();
    assert!(link.ends_with(&format!("/tasks?group={used}")), "{link}");
    assert!(browser.has("dialog .danger:disabled"), "there is nothing to replace it by yet");
    browser.wait_for_text("dialog .pager", "第 1 / 2 页");
    assert!(!browser.texts("dialog .option").contains(&"used".to_owned()));
    browser.fill("dialog input[type=search]", "inst");
    browser.wait_gone("dialog .pager");
    browser.wait_until("it is found", || browser.texts("dialog .option") == ["instead"]);
    browser.click("dialog .option input");
    browser.wait_for_text("dialog .danger", "instead");
    browser.click("dialog .danger");
    browser.wait_for_text("notice-line", "instead");
    browser.wait_gone(&row(used));
    browser.wait_until("all are counted", || task_counts(browser, &[by]) == ["12 个任务"]);
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group/{used}"))).status, 404);
    let moved = world.client.get(&world.path(&format!("/dial-time-group/{by}/task?per_page=100")));
    assert_eq!(moved.data().as_array().unwrap().len(), 12);
}

#[test]
fn a_group_that_comes_into_use_meanwhile_is_not_deleted_either() {
    let world = World::new(Database::Sqlite);
    let used = world.group("used");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    press_delete(browser, "used");
    world.task(used);
    browser.click("dialog .danger");
    browser.wait_for_text("dialog .named-tasks li", "task");
    assert!(browser.has("dialog .danger:disabled"));
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group/{used}"))).status, 200);
    person.expect_refusal(&format!("/dial-time-group/{used}"), 409);
}

#[test]
fn a_group_that_someone_else_changed_meanwhile_is_not_deleted() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    press_delete(browser, "work");
    edit(&world, id, "renamed", &always());
    browser.click("dialog .danger");
    browser.wait_for_text("notice-line .bad", "数据已被修改，请刷新后重试");
    browser.wait_gone("dialog");
    assert_eq!(world.client.get(&world.path(&format!("/dial-time-group/{id}"))).data()["name"], "renamed");
    // Having seen what it is now, they may.
    browser.wait_for_text(&format!("{} .name", row(id)), "renamed");
    press_delete(browser, "renamed");
    browser.click("dialog .danger");
    browser.wait_gone(&row(id));
    person.expect_refusal(&format!("/dial-time-group/{id}"), 412);
}

#[test]
fn a_second_click_on_the_dialogs_button_deletes_nothing_else_and_the_focus_is_not_lost() {
    let world = World::new(Database::Sqlite);
    let ids: Vec<i64> = (1..=9).map(|number| world.group(&format!("g{number}"))).collect();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    press_delete(browser, "g9");
    browser.click_again_and_again("dialog .danger", 3);
    browser.wait_for_text("notice-line [role=status]", "已删除 g9");
    // It stays in its place for a moment, and takes no clicks.
    assert!(browser.has(&format!("{}[inert]", row(ids[8]))) || !browser.has(&row(ids[8])));
    browser.wait_gone(&row(ids[8]));
    assert!(!browser.has("dialog"), "nothing else was clicked");
    assert!(browser.url().ends_with("/groups"), "nothing else was clicked");
    assert_eq!(world.client.get(&world.path("/dial-time-group")).body["meta"]["total"], 8);
    // By keyboard the focus is not lost with the row.
    browser.script("document.querySelector(`[aria-label='删除 g8']`).focus()", &[]);
    browser.keys(Key::Enter);
    browser.tab_to("dialog .danger", 3);
    browser.keys(Key::Enter);
    browser.wait_gone(&row(ids[7]));
    browser.wait_until("the focus is on the heading", || browser.has_focus("main h1"));
}

#[test]
fn the_focus_is_kept_over_loading_turning_and_coming_back() {
    let world = World::new(Database::Sqlite);
    for number in 10..35 {
        world.group(&format!("g{number}"));
    }
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let focus = |selector: &str| {
        browser.wait_for(selector);
        browser.script("document.querySelector(arguments[0]).focus()", &[json!(selector)]);
    };
    let next = ".pager button:last-child";
    focus(next);
    browser.keys(Key::Enter);
    browser.wait_for_text(".pager", "第 2 / 2 页");
    browser.wait_until("the other button has it, for this one has no more to do", || {
        browser.has_focus(".pager button:first-child")
    });
    let link = ".groups tbody tr:nth-child(3) .name";
    let name = browser.text(link);
    focus(link);
    browser.keys(Key::Enter);
    browser.wait_for("week-grid");
    browser.wait_until("what is new begins with its heading", || browser.has_focus("main h1"));
    browser.back();
    browser.wait_until("whoever comes back is where they were", || browser.has_focus(link));
    assert_eq!(browser.text(link), name);
    // What others do has the list read again.
    world.open_group();
    browser.wait_for_text(".pager", "共 26 项");
    assert!(browser.has_focus(".name"));
    browser.script("history.forward()", &[]);
    browser.wait_for("week-grid");
    browser.wait_until("forward as well", || browser.has_focus("main h1"));
}

#[test]
fn tasks_are_counted_in_words_that_fit_the_number() {
    let world = World::new(Database::Sqlite);
    let (one, five) = (world.group("one"), world.group("five"));
    world.task(one);
    for _ in 0..5 {
        world.task(five);
    }
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    assert_eq!(task_counts(&person.browser, &[one, five]), ["1 task", "5 tasks"]);
    person.browser.click("button[aria-label='Delete five']");
    person.browser.wait_for_text("dialog [role=alert]", "5 tasks use this dial time group");
}
