//! What people come for, and how many clicks it takes; that every page fits every window; and the palette.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Browser, Language, Look},
    clicks::Clicks,
    person::Person,
    setup::{save_group, stored_group},
};
use crate::support::{Database, World, group};

/// Every day from eight to eight.
fn daily(world: &World) -> i64 {
    let times = json!([{"begin_time": "08:00", "end_time": "20:00"}]);
    let week: Value = (0..7).map(|week| json!({"week": week, "times": times})).collect();
    save_group(world, "work", &week)
}

#[test]
fn what_people_come_for_takes_few_clicks() {
    let world = World::new(Database::Sqlite);
    let id = daily(&world);
    let task = world.new_task(id);
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // What runs now and what closes next: nothing to press.
    person.go("/today");
    browser.wait_for("[data-counter=running] b");
    browser.wait_for("[data-counter=next] b");
    // Why does this task not dial, and would it on Saturday at nine?
    let clicks = Clicks::count(browser);
    clicks.click(if browser.text("[data-counter=running] b") == "1" {
        "[data-counter=running]"
    } else {
        "[data-counter=waiting]"
    });
    clicks.click(&format!("tasks-page a[href$='/tasks/{task}']"));
    browser.wait_for(".verdict b");
    clicks.write("input[name=moment]", "2124-05-13 09:00");
    clicks.click(".verdict button[type=submit]");
    browser.wait_for_text(".verdict", "2124年5月13日周六 09:00");
    assert!(clicks.made() <= 5, "{} clicks", clicks.made());

    // Close one hour earlier on Thursdays: press the window, type, save; what it means stands beside it.
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".piece[aria-label^='周四']");
    let clicks = Clicks::count(browser);
    clicks.click(".piece[aria-label^='周四']");
    clicks.write(".popover input[aria-label='周四 结束']", "19:00");
    browser.keys(Key::Tab);
    browser.wait_for_text(".effects .changes", "删除 周四 19:00–20:00");
    browser.wait_for(".effects [aria-busy=false]");
    clicks.click(".savebar .primary");
    browser.wait_for_text(".notice", "已保存");
    assert!(clicks.made() <= 5, "{} clicks", clicks.made());
    assert_eq!(
        stored_group(&world, id)["content"][4]["times"],
        json!([{"begin_time": "08:00", "end_time": "19:00"}])
    );

    // Dark, and another language.
    let clicks = Clicks::count(browser);
    clicks.click(".side-foot button");
    clicks.click("look-choices button[value=dark]");
    assert_eq!(clicks.made(), 2);
}

/// What is wrong is said where it stands, and nothing is stored.
fn send_a_day_that_does_not_exist(browser: &Browser) {
    browser.click("thead input");
    browser.click(".bulk .exception");
    browser.fill("dialog input[name=name]", "年会");
    browser.fill("dialog input[name=begin_date]", "2199-02-30");
    browser.click("dialog .primary");
    browser.wait_for("dialog input[name=begin_date][aria-invalid=true]");
    browser.expect_complaint("422");
    browser.click("dialog .actions button:first-child");
    browser.click(".bulk .square");
    browser.wait_gone(".bulk");
}

#[test]
fn the_same_exception_for_ten_groups_takes_few_clicks_and_is_undone_with_one() {
    let world = World::new(Database::Sqlite);
    let ids: Vec<i64> = (1..=10).map(|number| world.group(&format!("g{number}"))).collect();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    send_a_day_that_does_not_exist(browser);
    let clicks = Clicks::count(browser);
    for id in &ids {
        clicks.click(&format!("tr[data-group='{id}'] input"));
    }
    browser.wait_for_text(".bulk", "已选 10 项");
    clicks.click(".bulk .exception");
    clicks.write("dialog input[name=name]", "年会");
    clicks.write("dialog input[name=begin_date]", "2199-12-31");
    clicks.write("dialog input[name=begin_time]", "9");
    clicks.write("dialog input[name=end_time]", "12");
    browser.wait_for(".bulk-effects[aria-busy=false]");
    clicks.click("dialog .primary");
    browser.wait_for_text("notice-line", "已为 10 个时间组加例外“年会”");
    // Beside the twelve, one into each field but the first, and what takes the date away that stands there.
    assert!(clicks.made() <= 12 + 4, "{} clicks", clicks.made());
    let times = [json!({"begin_time": "09:00", "end_time": "12:00"})];
    let stored = |id: i64| stored_group(&world, id);
    for id in &ids {
        let exceptions = stored(*id)["exceptions"].clone();
        assert_eq!(exceptions.as_array().unwrap().len(), 1, "{id}");
        assert_eq!((&exceptions[0]["name"], &exceptions[0]["times"]), (&json!("年会"), &json!(times)));
    }
    // The way back is offered where it was done; what someone has changed since stays as it is.
    browser.wait_for_text(".bulk", "例外“年会”：10 个时间组");
    browser.check_accessibility("what was done to several groups");
    browser.screenshot("undo");
    world.client.put(&world.path(&format!("/dial-time-group/{}", ids[3])), &json!({"name": "mine"})).data();
    browser.expect_complaint("412");
    browser.click(".bulk .undo");
    browser.wait_for_text("notice-line", "已撤销 9 项改动");
    browser.wait_for_text(".bulk", "之后又被改过，保持原样：g4");
    for (number, id) in (1..).zip(&ids) {
        let (name, exceptions) = if number == 4 { ("mine".to_owned(), 1) } else { (format!("g{number}"), 0) };
        let left = stored(*id)["exceptions"].as_array().unwrap().len();
        assert_eq!((left, stored(*id)["name"].as_str()), (exceptions, Some(name.as_str())));
    }
    browser.click(".bulk .button");
    browser.wait_gone(".bulk");
    browser.assert_no_complaints();
}

#[test]
fn a_lunch_break_on_all_five_workdays_takes_ten_clicks_at_most() {
    let world = World::new(Database::Sqlite);
    let id = daily(&world);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let times = |id: i64, week: usize| {
        let stored = stored_group(&world, id);
        stored["content"].as_array().unwrap().iter().find(|day| day["week"] == week).unwrap()["times"].clone()
    };
    let break_from = |begin: &str, end: &str| json!([{"begin_time": "08:00", "end_time": begin}, {"begin_time": end, "end_time": "20:00"}]);
    // With the mouse, from the list of groups on: erase, draw over the hours of all five days, save.
    let clicks = Clicks::count(browser);
    clicks.click(&format!("tr[data-group='{id}'] .name"));
    clicks.click(".week-panel button[value=erase]");
    let at = |row: u32, hours: f64| browser.point_in(".days", hours / 24.0, (f64::from(row) + 0.5) / 7.0);
    clicks.drag(&[at(0, 12.1), at(4, 13.4)]);
    browser.wait_for_text(".effects .changes", "删除 周五 12:00–13:30");
    browser.wait_for(".effects [aria-busy=false]");
    // What it means is said of later, too: which days, and whose calls.
    browser.wait_for_text(".effects", "天不同，列出前 5 天。");
    browser.screenshot("lunch");
    clicks.click(".savebar .primary");
    browser.wait_for_text(".notice", "已保存");
    assert!(clicks.made() <= 10, "{} clicks", clicks.made());
    assert!((1..=5).all(|week| times(id, week) == break_from("12:00", "13:30")));
    assert_eq!(times(id, 6).as_array().unwrap().len(), 1);

    // To the minute, written out: one day, which the other workdays are copied from.
    let id = daily(&world);
    person.go(&format!("/groups/{id}"));
    browser.wait_for_text(".head", &format!("编号 {id}"));
    let clicks = Clicks::count(browser);
    clicks.click(".week-panel button[value=write]");
    clicks.click("week-times li:first-child button[aria-label='为周一添加时间段']");
    let field = |edge: &str| format!("week-times input[aria-label='周一 第 {edge}']");
    clicks.write(&field("1 段结束"), "11:50");
    clicks.walk_and_write(&field("2 段开始"), "13:20");
    clicks.walk_and_write(&field("2 段结束"), "20:00");
    clicks.click("week-times li:first-child .row-tools button:last-child");
    clicks.click("dialog .primary");
    browser.wait_for_text(".effects .changes", "删除 周五 11:50–13:20");
    browser.wait_for(".effects [aria-busy=false]");
    clicks.click(".savebar .primary");
    browser.wait_until("it is saved", || times(id, 5) == break_from("11:50", "13:20"));
    assert!(clicks.made() <= 10, "{} clicks", clicks.made());
    assert!((1..=5).all(|week| times(id, week) == break_from("11:50", "13:20")));
}

#[test]
fn duplicating_a_group_takes_three_clicks_at_most() {
    let world = World::new(Database::Sqlite);
    let mut body = group("work");
    let windows = json!([{"week": 1, "times": [{"begin_time": "08:00", "end_time": "14:00"}]}]);
    body["seasons"] =
        json!([{"name": "summer", "begin_date": "06-01", "end_date": "08-31", "content": windows}]);
    body["exceptions"] = json!([{"name": "fair", "begin_date": "2199-12-31", "times": []}]);
    body["holiday_windows"] = json!([{"begin_time": "10:00", "end_time": "12:00"}]);
    (body["holiday_policy"], body["is_default"]) = (json!("own_windows"), json!(true));
    let id = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].clone();
    let path = |id: &Value| world.path(&format!("/dial-time-group/{id}"));
    let first = world.client.get(&path(&id)).data().clone();
    for (language, label, name) in
        [(Language::Chinese, "复制 work", "work 副本"), (Language::English, "Duplicate work", "Copy of work")]
    {
        let person = Person::sign_in(&world, Look { language, ..Look::default() });
        let browser = &person.browser;
        let clicks = Clicks::count(browser);
        clicks.click(&format!("a[aria-label='{label}']"));
        browser.wait_until("it has a name", || browser.value("group-settings input[name=name]") == name);
        clicks.click(".savebar .primary");
        if browser.has(".effects [aria-busy=true]") {
            browser.wait_for(".effects [aria-busy=false]");
        }
        browser.wait_for_text("h1", name);
        assert!(clicks.made() <= 3, "{} clicks", clicks.made());
        let groups = world.client.get(&world.path("/dial-time-group")).data().as_array().unwrap().clone();
        let copy = groups.iter().find(|group| group["name"] == name).unwrap();
        for field in
            ["content", "seasons", "exceptions", "holiday_windows", "holiday_policy", "holiday_calendars"]
        {
            assert_eq!(copy[field], first[field], "{field}");
        }
        assert_eq!(copy["is_default"], false);
    }
    assert_eq!(world.client.get(&path(&id)).data()["version"], first["version"]);
}

#[test]
fn the_palette_finds_by_name_and_does_what_it_is_told_by_keyboard_alone() {
    let world = World::new(Database::Sqlite);
    let id = world.open_group();
    world.group("workdays");
    let task = world.new_task(id);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    let open = || {
        browser.chord(&[Key::Control], 'k');
        browser.wait_until("the palette has the focus", || browser.has_focus("find-palette input"));
    };
    open();
    browser.keys("workd");
    browser.wait_until("the group is found", || browser.texts(".palette .hit").len() == 1);
    browser.keys(Key::Enter);
    browser.wait_for_text("h1", "workdays");
    open();
    browser.keys("启动 task");
    browser.wait_for_text(".palette .hit[aria-selected=true]", "启动 task");
    browser.keys(Key::Enter);
    browser.wait_for_text("notice-line", "已启动 task");
    let status =
        || world.client.get(&world.new_path(&format!("/task/{task}/edit"))).data()["status"].as_i64();
    assert_eq!(status(), Some(2));
    open();
    browser.keys("task");
    browser.wait_for_text(".palette .hit", "执行中");
    browser.keys(Key::Down + Key::Up);
    browser.wait_for(".palette .hit[aria-selected=true]");
    browser.keys(Key::Enter);
    browser.wait_for(&format!("main[data-task='{task}']"));
    open();
    browser.keys("nothing of that name");
    browser.wait_for_text(".palette", "没有找到");
    browser.keys(Key::Escape);
    browser.wait_gone("dialog");
    browser.wait_for_text("h1", "task");
}

#[test]
fn no_page_scrolls_to_the_side_in_any_window() {
    let world = World::new(Database::Sqlite);
    let id = daily(&world);
    let task = world.new_task(id);
    world.record(&task);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    for (page, sign) in [
        ("/today".to_owned(), ".board .line"),
        ("/groups".to_owned(), ".groups .state"),
        (format!("/groups/{id}"), ".weeks"),
        (format!("/groups/{id}/calendar"), ".answer"),
        (format!("/groups/{id}/versions"), "tr[data-version]"),
        ("/tasks".to_owned(), ".tasks .state"),
        (format!("/tasks/{task}"), ".layers"),
        ("/records".to_owned(), "tr[data-record]"),
        ("/closures?plan=1".to_owned(), "plan-closure form"),
        ("/events".to_owned(), "tr[data-event]"),
        ("/audit".to_owned(), "tr[data-change]"),
        ("/webhooks".to_owned(), "webhooks-page .empty"),
    ] {
        person.go(&page);
        browser.wait_for(sign);
        for width in [360, 720, 1080, 1440] {
            browser.resize(width);
            browser.assert_it_fits();
            // On a phone the tabs are there instead of the sidebar.
            assert_eq!(browser.has(".side .more"), width < 720, "{page} at {width}");
        }
    }
}
