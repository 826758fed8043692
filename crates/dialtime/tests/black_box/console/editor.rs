//! Editing a group: the brush by mouse, finger and keyboard, exact times, the look before saving, and what someone else saves meanwhile.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Look, Point, Width},
    person::Person,
};
use crate::support::{Database, Reply, World, always, group};

/// Columns of the week, as people read it.
const MONDAY: usize = 0;
const WEDNESDAY: usize = 2;
const THURSDAY: usize = 3;
const FRIDAY: usize = 4;
const SATURDAY: usize = 5;
const SUNDAY: usize = 6;

/// For how long a finger rests before it is drawn along: longer than the page asks for.
const HOLD: Duration = Duration::from_millis(600);

const SAVE: &str = ".bar .primary";
const CONFIRM: &str = "dialog .primary";

impl Person<'_> {
    /// Opens a group, with the whole week in sight.
    #[track_caller]
    fn edit(&self, id: i64) {
        self.go(&format!("/groups/{id}"));
        self.browser.wait_for("week-grid .days");
        self.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'start'})", &[]);
    }

    /// The place in the picture of a time of a day.
    #[track_caller]
    fn at(&self, column: usize, hours: f64) -> Point {
        let column = u32::try_from(column).unwrap();
        self.browser.point_in(".days", (f64::from(column) + 0.5) / 7.0, hours / 24.0)
    }

    #[track_caller]
    fn drag_from(&self, from: (usize, f64), to: (usize, f64)) {
        self.browser.drag(&[self.at(from.0, from.1), self.at(to.0, to.1)]);
    }

    /// The exact times beside the picture, Monday first: `08:00-20:00 20:30-22:00`.
    #[track_caller]
    fn times(&self) -> Vec<String> {
        const TIMES: &str = "return [...document.querySelectorAll('week-times li')].map(day =>
            [...day.querySelectorAll('.times')].map(times =>
                [...times.querySelectorAll('input')].map(field => field.value).join('-')).join(' '))";
        let times = self.browser.script(TIMES, &[]);
        times.as_array().unwrap().iter().map(|day| day.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the days have these times, those that are not named none.
    #[track_caller]
    fn expect_times(&self, expected: &[(usize, &str)]) {
        let mut week = vec![String::new(); 7];
        for (column, times) in expected {
            (*times).clone_into(&mut week[*column]);
        }
        let mut seen = Vec::new();
        let waiting = format!("the week is {week:?}");
        self.browser.wait_until(&waiting, || {
            seen = self.times();
            seen == week
        });
    }

    /// Looks and saves, and waits until that is done.
    #[track_caller]
    fn save(&self) {
        self.browser.click(SAVE);
        self.browser.wait_for("dialog h3");
        self.browser.click(CONFIRM);
        self.browser.wait_gone("dialog");
        self.browser.wait_for_text(".notice", "已保存");
    }

    #[track_caller]
    fn stored(&self, id: i64) -> Value {
        self.world.client.get(&self.world.path(&format!("/dial-time-group/{id}"))).data().clone()
    }
}

/// Someone else changes a group.
#[track_caller]
fn change(world: &World, id: i64, body: &Value) -> Reply {
    let reply = world.client.put(&world.path(&format!("/dial-time-group/{id}")), body);
    reply.data();
    reply
}

fn window(begin_time: &str, end_time: &str) -> Value {
    json!({"begin_time": begin_time, "end_time": end_time})
}

/// Saves a group with this content.
#[track_caller]
fn group_of(world: &World, content: &Value) -> i64 {
    let mut body = group("work");
    body["content"] = content.clone();
    world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
}

#[test]
fn the_mouse_paints_moves_resizes_and_erases() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
    // Over several days at once, in whole quarters.
    person.drag_from((THURSDAY, 9.05), (SATURDAY, 11.9));
    let painted = "09:00-12:00";
    let monday = (MONDAY, "08:00-20:00");
    person.expect_times(&[monday, (THURSDAY, painted), (FRIDAY, painted), (SATURDAY, painted)]);
    // What is painted over grows.
    person.drag_from((FRIDAY, 13.9), (FRIDAY, 11.1));
    person.expect_times(&[monday, (THURSDAY, painted), (FRIDAY, "09:00-14:00"), (SATURDAY, painted)]);
    // By its middle a window is moved, to another day and hour.
    person.drag_from((THURSDAY, 10.5), (WEDNESDAY, 12.5));
    person.expect_times(&[monday, (WEDNESDAY, "11:00-14:00"), (FRIDAY, "09:00-14:00"), (SATURDAY, painted)]);
    // By its edges it is made longer or shorter.
    person.drag_from((SATURDAY, 11.9), (SATURDAY, 17.0));
    person.drag_from((SATURDAY, 9.1), (SATURDAY, 10.25));
    person.expect_times(&[
        monday,
        (WEDNESDAY, "11:00-14:00"),
        (FRIDAY, "09:00-14:00"),
        (SATURDAY, "10:15-17:00"),
    ]);
    // Cut in two, and cut away.
    person.browser.click("input[value=erase]");
    person.drag_from((MONDAY, 12.05), (MONDAY, 12.9));
    person.drag_from((WEDNESDAY, 0.1), (FRIDAY, 23.9));
    person.expect_times(&[(MONDAY, "08:00-12:00 13:00-20:00"), (SATURDAY, "10:15-17:00")]);
    person.save();
    assert_eq!(
        person.stored(id)["content"],
        json!([
            {"week": 1, "times": [window("08:00", "12:00"), window("13:00", "20:00")]},
            {"week": 6, "times": [window("10:15", "17:00")]},
        ])
    );
    person.browser.assert_no_complaints();
}

#[test]
fn a_window_is_pulled_over_midnight_and_drawn_on_both_days() {
    let world = World::new(Database::Sqlite);
    let content = json!([{"week": 5, "times": [window("22:00", "06:00")]}]);
    let id = group_of(&world, &content);
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let pieces = || {
        let script = "return [...document.querySelectorAll('week-grid .piece')].map(piece => {
            const style = getComputedStyle(piece);
            return ['--column', '--from', '--to'].map(name => Number(style.getPropertyValue(name)));
        })";
        person.browser.script(script, &[])
    };
    assert_eq!(pieces(), json!([[FRIDAY, 1320, 1440], [SATURDAY, 0, 360]]));
    assert_eq!(
        person.browser.attribute(".piece[tabindex]", "aria-label").unwrap(),
        "周五 22:00–06:00（次日）"
    );
    // Its end is pulled where it lies: on Saturday.
    person.drag_from((SATURDAY, 5.9), (SATURDAY, 3.0));
    person.expect_times(&[(FRIDAY, "22:00-03:00")]);
    // Sunday's runs into Monday, round the end of the week.
    person.drag_from((SUNDAY, 23.05), (SUNDAY, 23.9));
    person.drag_from((SUNDAY, 23.9), (MONDAY, 2.0));
    person.expect_times(&[(FRIDAY, "22:00-03:00"), (SUNDAY, "23:00-02:00")]);
    person.browser.wait_until("it is drawn on Monday", || pieces()[3] == json!([MONDAY, 0, 120]));
    // To midnight and no further.
    person.drag_from((MONDAY, 1.9), (SUNDAY, 23.99));
    person.expect_times(&[(FRIDAY, "22:00-03:00"), (SUNDAY, "23:00-24:00")]);
    person.save();
    assert_eq!(
        person.stored(id)["content"],
        json!([{"week": 5, "times": [window("22:00", "03:00")]}, {"week": 0, "times": [window("23:00", "24:00")]}])
    );
}

#[test]
fn a_finger_paints_and_the_page_stays_where_it_is() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    person.edit(id);
    let scrolled = || person.browser.script("return scrollY", &[]);
    let before = scrolled();
    person.browser.touch_drag(HOLD, &[person.at(WEDNESDAY, 9.1), person.at(FRIDAY, 11.9)]);
    let painted = "09:00-12:00";
    let monday = (MONDAY, "08:00-20:00");
    person.expect_times(&[monday, (WEDNESDAY, painted), (THURSDAY, painted), (FRIDAY, painted)]);
    person.browser.touch_drag(HOLD, &[person.at(THURSDAY, 10.5), person.at(SATURDAY, 14.5)]);
    person.expect_times(&[monday, (WEDNESDAY, painted), (FRIDAY, painted), (SATURDAY, "13:00-16:00")]);
    // Browsers take a tap that comes at once after a swipe for the end of the swipe.
    person.browser.wait_until("the eraser is taken", || {
        person.browser.tap("label:has(input[value=erase])");
        person.browser.has("input[value=erase]:checked")
    });
    person.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'start'})", &[]);
    person.browser.touch_drag(HOLD, &[person.at(MONDAY, 0.1), person.at(FRIDAY, 23.8)]);
    person.expect_times(&[(SATURDAY, "13:00-16:00")]);
    assert_eq!(scrolled(), before);
}

#[test]
fn a_finger_that_swipes_turns_the_page_and_one_that_taps_paints_a_quarter() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    person.edit(id);
    let browser = &person.browser;
    let before = browser.script("return scrollY", &[]).as_f64().unwrap();
    // Over a window too, which it must not take along.
    browser.touch_drag(Duration::ZERO, &[person.at(MONDAY, 12.0), person.at(MONDAY, 6.0)]);
    let place = || browser.script("return scrollY", &[]).as_f64().unwrap();
    browser.wait_until("the page has turned", || place() > before + 20.0);
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
    browser.wait_until("the page is still", || {
        let earlier = place();
        std::thread::sleep(HOLD);
        place().total_cmp(&earlier).is_eq()
    });
    browser.touch_drag(Duration::ZERO, &[person.at(FRIDAY, 12.1)]);
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "12:00-12:15")]);
}

#[test]
fn a_drag_is_given_up() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let give_up = "const [grid, [from, to]] = [document.querySelector('.week'), arguments];
        const point = (kind, {x, y}) => grid.dispatchEvent(new PointerEvent(kind,
            {clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', bubbles: true}));
        grid.setPointerCapture = () => {};
        point('pointerdown', from);
        point('pointermove', to);
        grid.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}));
        point('pointerup', to);";
    let [from, to] =
        [person.at(FRIDAY, 9.1), person.at(FRIDAY, 11.9)].map(|at| json!({"x": at.x, "y": at.y}));
    person.browser.script(give_up, &[from, to]);
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
    assert!(person.browser.has(".bar .primary:disabled"));
}

#[test]
fn the_keyboard_alone_paints_and_saves() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let browser = &person.browser;
    browser.tab_to(".week", 40);
    browser.keys(Key::Right + Key::Home);
    browser.chord(&[Key::Shift], Key::Right);
    browser.chord(&[Key::Shift], Key::PageDown);
    browser.chord(&[Key::Shift], Key::Down);
    browser.wait_for_text("week-grid [role=status]", "周二至周三 00:00–01:15，不可呼叫");
    browser.keys(Key::Enter);
    let (monday, wednesday) = ((MONDAY, "08:00-20:00"), (WEDNESDAY, "00:00-01:15"));
    person.expect_times(&[monday, (1, "00:00-01:15"), wednesday]);
    browser.keys(Key::Left + Key::Up);
    browser.chord(&[Key::Shift], Key::End);
    browser.keys(Key::Delete);
    person.expect_times(&[monday, (1, "00:00-01:00"), wednesday]);

    // A window has the focus: it is moved, its edges too, and it keeps the focus where it goes.
    browser.tab_to(".piece[aria-label^='周三']", 5);
    browser.keys(Key::Right + Key::PageDown);
    browser.chord(&[Key::Shift], Key::Down);
    browser.chord(&[Key::Alt], Key::Down);
    person.expect_times(&[monday, (1, "00:00-01:00"), (THURSDAY, "01:15-02:30")]);
    assert!(browser.has_focus(".piece[aria-label='周四 01:15–02:30']"));
    browser.keys(Key::Delete);
    person.expect_times(&[monday, (1, "00:00-01:00")]);
    assert!(browser.has_focus(".week"), "the focus is not lost with the window");

    browser.tab_to(SAVE, 60);
    browser.keys(Key::Enter);
    browser.wait_for("dialog .no-effect");
    browser.tab_to(CONFIRM, 3);
    browser.keys(Key::Enter);
    browser.wait_for_text(".notice", "已保存");
    let tuesday = json!({"week": 2, "times": [window("00:00", "01:00")]});
    assert_eq!(person.stored(id)["content"][1], tuesday);
}

#[test]
fn every_step_can_be_undone_and_done_again() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let (undo, redo) = (".bar button:nth-child(1)", ".bar button:nth-child(2)");
    assert!(
        person.browser.has(&format!("{undo}:disabled")) && person.browser.has(&format!("{SAVE}:disabled"))
    );
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    person.browser.fill("input[name=name]", "another name");
    person.browser.click("input[name=is_default]");
    person.browser.click(undo);
    person.browser.click(undo);
    assert_eq!(person.browser.value("input[name=name]"), "work");
    person.browser.script("document.querySelector('.week').focus()", &[]);
    person.browser.chord(&[Key::Control], 'z');
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
    assert!(person.browser.has(&format!("{SAVE}:disabled")), "nothing is left to be saved");
    person.browser.chord(&[Key::Control], 'y');
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    person.browser.click(redo);
    person.browser.click(redo);
    assert_eq!(person.browser.value("input[name=name]"), "another name");
    assert!(
        person.browser.has("input[name=is_default]:checked")
            && person.browser.has(&format!("{redo}:disabled"))
    );
}

#[test]
fn exact_times_are_written_and_a_day_is_copied_to_others() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.browser.fill("[aria-label='周一 第 1 段开始']", "8:07");
    person.browser.click("[aria-label='为周一添加时间段']");
    person.browser.fill("[aria-label='周一 第 2 段结束']", "24:00");
    person.expect_times(&[(MONDAY, "08:07-20:00 21:00-24:00")]);
    person.browser.click("[aria-label='复制到… 周一']");
    person.browser.wait_for("dialog[open]");
    assert_eq!(person.browser.script("return document.querySelectorAll('dialog :checked').length", &[]), 4);
    person.browser.click("dialog input[name='6']");
    person.browser.click(CONFIRM);
    let day = "08:07-20:00 21:00-24:00";
    person.expect_times(&[
        (MONDAY, day),
        (1, day),
        (WEDNESDAY, day),
        (THURSDAY, day),
        (FRIDAY, day),
        (SATURDAY, day),
    ]);
    person.browser.click("[aria-label='删除周六 08:07–20:00']");
    person.save();
    let stored = person.stored(id)["content"].clone();
    let week =
        |number: u8| stored.as_array().unwrap().iter().find(|day| day["week"] == number).unwrap().clone();
    assert_eq!(week(4)["times"], json!([window("08:07", "20:00"), window("21:00", "24:00")]));
    assert_eq!(week(6)["times"], json!([window("21:00", "24:00")]));
}

#[test]
fn a_new_group_is_made_with_all_it_can_have() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    person.browser.click(".title .primary");
    person.browser.wait_for("input[name=name]");
    person.browser.fill("input[name=name]", "the coast");
    person.browser.fill("input[name=timezone]", "America/New_York");
    person.browser.click("input[name=is_default]");
    person.browser.select("select[name=makeup_policy]", "as_workday");
    person.browser.select("select[name=beyond_horizon]", "closed");
    person.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'start'})", &[]);
    person.drag_from((MONDAY, 9.1), (FRIDAY, 16.9));
    person.browser.click("exception-list > button");
    person.browser.fill("[aria-label='第 1 项例外的名称']", "年会");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "12-31");
    person.browser.fill("[aria-label='第 1 项例外的末日']", "12-31");
    person.browser.click("[aria-label='为年会添加时间段']");
    person.browser.fill("[aria-label='年会 第 1 段结束']", "12:00");
    person.save();
    person.browser.wait_for_text("h1", "the coast");
    let listed = world.client.get(&world.path("/dial-time-group"));
    let made = &listed.data()[0];
    let times = [window("09:00", "17:00")];
    let content: Value = (1..=5).map(|week| json!({"week": week, "times": times})).collect();
    for (field, value) in [
        ("name", json!("the coast")),
        ("timezone", json!("America/New_York")),
        ("is_default", json!(true)),
        ("skip_holiday", json!(true)),
        ("makeup_policy", json!("as_workday")),
        ("beyond_horizon", json!("closed")),
        ("content", content),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let exception = json!({"name": "年会", "begin_date": "12-31", "end_date": "12-31", "times": [window("09:00", "12:00")]});
    assert_eq!(made["exceptions"], json!([exception]));
    let id = made["id"].as_i64().unwrap();
    assert!(person.browser.url().ends_with(&format!("/groups/{id}")));
}

#[test]
fn faults_are_told_at_their_fields_and_nothing_is_stored() {
    let world = World::new(Database::Sqlite);
    let content = json!([{"week": 1, "times": [window("08:00", "12:00")]}, {"week": 3, "times": [window("08:00", "12:00")]}]);
    let id = group_of(&world, &content);
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.browser.fill("[aria-label='周三 第 1 段结束']", "25:00");
    person.browser.fill("input[name=timezone]", "EST");
    person.browser.click("exception-list > button");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "2026-02-30");
    person.browser.expect_complaint("422");
    person.browser.click(SAVE);
    person.browser.wait_for_text("[role=alert]", "尚未保存");
    person.browser.wait_gone("dialog");
    let message_at = |field: &str| {
        assert_eq!(person.browser.attribute(field, "aria-invalid").as_deref(), Some("true"), "{field}");
        let line = person.browser.attribute(field, "aria-describedby").unwrap();
        person.browser.text(&format!("#{line}"))
    };
    assert_eq!(message_at("[aria-label='周三 第 1 段结束']"), "时间必须在00:00到24:00之间");
    assert!(message_at("input[name=timezone]").contains("不能为缩写"));
    assert_eq!(message_at("[aria-label='第 1 项例外的首日']"), "日期不存在");
    person
        .browser
        .wait_until("the first fault has the focus", || person.browser.has_focus("input[name=timezone]"));
    assert!(!person.browser.has("[aria-label^='周一'][aria-invalid]"));
    assert_eq!(person.stored(id)["version"], 1);
    // Mended, it is saved.
    person.browser.fill("input[name=timezone]", "Asia/Tokyo");
    person.browser.fill("[aria-label='周三 第 1 段结束']", "13:00");
    person.browser.fill("[aria-label='第 1 项例外的首日']", "2026-02-28");
    person.browser.fill("[aria-label='第 1 项例外的末日']", "2026-02-28");
    person.save();
    assert!(!person.browser.has("[aria-invalid]"));
    assert_eq!(person.stored(id)["timezone"], "Asia/Tokyo");
}

#[rstest]
#[case::stops(true)]
#[case::starts(false)]
fn before_saving_it_says_what_changes_and_which_tasks_would_stop_or_start(#[case] open: bool) {
    let world = World::new(Database::Sqlite);
    let id = group_of(&world, &if open { always() } else { json!([]) });
    let task = world.new_task(id);
    world.client.put(&world.new_path(&format!("/task_start/{task}")), &json!({})).data();
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    if open {
        person.browser.click("input[value=erase]");
    }
    person.drag_from((MONDAY, 0.1), (SUNDAY, 23.9));
    person.browser.click(SAVE);
    let (change, count, kind) = if open {
        ("删除 周日 00:00–24:00", "1 个任务将停止拨打", ".stopping")
    } else {
        ("新增 周日 00:00–24:00", "1 个任务将开始拨打", ".starting")
    };
    person.browser.wait_for_text(kind, count);
    person.browser.wait_for_text(kind, "task");
    let changes = person.browser.texts("dialog .changes li");
    assert_eq!((changes.len(), changes[6].contains(change)), (7, true), "{changes:?}");
    // It was only a look.
    assert_eq!(person.stored(id)["version"], 1);
    person.browser.click("dialog .actions button:not(.primary)");
    person.browser.wait_gone("dialog");
    assert_eq!(person.stored(id)["version"], 1);
    person.save();
    let stored = person.stored(id);
    assert_eq!((&stored["version"], stored["content"] == json!([])), (&json!(2), open));
}

#[test]
fn what_someone_else_saves_meanwhile_is_shown_and_not_overwritten() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    // Nothing is edited yet: the page simply follows.
    change(&world, id, &json!({"name": "followed"}));
    person.browser.wait_for_text("h1", "followed");
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    let monday = json!({"week": 1, "times": [window("08:00", "20:00")]});
    let theirs = json!({"week": 3, "times": [window("09:00", "11:00")]});
    let party = json!({"name": "party", "begin_date": "2026-12-31", "end_date": "2026-12-31", "times": []});
    let whole = json!({
        "name": "theirs", "skip_holiday": true, "content": [monday, theirs], "exceptions": [party],
    });
    change(&world, id, &whole);
    person.browser.wait_for_text(".banner h2", "第 3 版");
    let told = person.browser.texts(".banner .changes li").join("\n");
    for what in ["followed → theirs", "跳过法定节假日", "周三 09:00–11:00", "party 2026-12-31 全天不可呼叫"]
    {
        assert!(told.contains(what), "{told}");
    }
    // It cannot be saved before a choice.
    person.browser.click(SAVE);
    person.browser.wait_for_text("dialog .warning", "新的版本");
    assert!(person.browser.has(&format!("{CONFIRM}:disabled")));
    person.browser.click("dialog .actions button:not(.primary)");
    person.browser.click(".banner .primary");
    person.browser.wait_gone(".banner");
    assert_eq!(person.browser.value("input[name=name]"), "theirs");
    person.save();
    let stored = person.stored(id);
    assert_eq!(
        (&stored["name"], &stored["skip_holiday"], &stored["version"]),
        (&json!("theirs"), &json!(true), &json!(4))
    );
    let mine = json!({"week": 5, "times": [window("09:00", "10:00")]});
    assert_eq!((&stored["content"], &stored["exceptions"][0]), (&json!([monday, theirs, mine]), &party));
}

#[test]
fn a_save_that_comes_too_late_is_refused_and_the_newer_version_shown() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    // The page hears of nothing: only the server can know.
    person.browser.hold_requests("*/events*");
    person.browser.script("location.hash = '#/'", &[]);
    person.browser.wait_for(".accounts a");
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    person.browser.click(SAVE);
    person.browser.wait_for("dialog .no-effect");
    change(&world, id, &json!({"name": "theirs", "content": []}));
    person.browser.expect_complaint("412");
    person.browser.click(CONFIRM);
    person.browser.wait_for_text(".banner h2", "第 2 版");
    assert_eq!(person.stored(id)["content"], json!([]));
    person.browser.click(".banner .actions button:not(.primary)");
    person.expect_times(&[]);
    assert_eq!(person.browser.value("input[name=name]"), "theirs");
    person.browser.release_requests();
}

#[test]
fn edits_are_not_lost_by_leaving() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    let here = person.browser.url();
    person.browser.click("header nav a:nth-child(2)");
    person.browser.wait_for("dialog[open]");
    person.browser.click(CONFIRM);
    person.browser.wait_gone("dialog");
    assert_eq!(person.browser.url(), here);
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    // Nor by another language.
    person.browser.select("header select", "en");
    person.browser.wait_for_text("h2", "Weekly windows");
    person.browser.wait_for_text("week-times h3", "Friday");
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    person.browser.click("header nav a:nth-child(2)");
    person.browser.click("dialog .danger");
    person.browser.wait_for_text("h1", "Tasks");
    // Nor by signing out.
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    person.browser.click(".header-tools button");
    person.browser.click(CONFIRM);
    person.browser.wait_gone("dialog");
    person.expect_times(&[(MONDAY, "08:00-20:00"), (FRIDAY, "09:00-10:00")]);
    person.browser.click(".header-tools button");
    person.browser.click("dialog .danger");
    person.browser.wait_for("input[name=token]");
    person.give_token(world.client.token());
    // Without edits nobody asks.
    person.browser.wait_for_text("h1", "work");
    person.browser.click("header nav a:nth-child(2)");
    person.browser.wait_for_text("h1", "Tasks");
}

#[test]
fn a_group_that_is_gone_is_told() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    person.browser.expect_complaint("404");
    person.browser.expect_complaint("422");
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    person.browser.wait_for_text("h1", "不存在");
    for page in ["/groups/999999", "/groups/999999/calendar", "/groups/abc", "/groups/-1/calendar"] {
        person.go("/groups");
        person.browser.wait_for_text("h1", "呼叫时间组");
        person.go(page);
        person.browser.wait_for_text("h1", "不存在");
    }
    let other = world.group("other");
    person.go(&format!("/groups/{other}/calendar"));
    person.browser.wait_for_text("h1", "other");
    world.client.delete(&world.path(&format!("/dial-time-group/{other}"))).data();
    person.browser.wait_for_text("h1", "不存在");
}

#[test]
fn edits_of_a_group_that_someone_else_deleted_can_become_a_new_one() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    browser.expect_complaint("404");
    world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).data();
    browser.wait_for_text(".banner", "其他人已删除");
    browser.click(SAVE);
    browser.wait_for("dialog h3");
    browser.click(CONFIRM);
    browser.wait_for_text(".notice", "已保存");
    browser.wait_gone(".banner");
    let groups = world.client.get(&world.path("/dial-time-group"));
    let saved = &groups.data()[0];
    assert_eq!((&saved["name"], saved["content"].as_array().unwrap().len()), (&json!("work"), 2));
    assert!(browser.url().ends_with(&format!("/groups/{}", saved["id"])));
}

#[test]
fn times_are_taken_as_people_type_them_and_what_is_none_is_marked_at_once() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    let begin = "week-times li:nth-child(1) input";
    for (typed, taken) in [("9", "09:00"), ("0815", "08:15"), (" 7:30 ", "07:30"), ("９：４５", "09:45")]
    {
        browser.fill(begin, typed);
        browser.keys(Key::Tab);
        browser.wait_until(taken, || browser.value(begin) == taken);
    }
    for none in ["25:00", "9:5", "noon"] {
        browser.fill(begin, none);
        browser.keys(Key::Tab);
        browser.wait_for_text("week-times .fault", "不是 00:00 至 24:00 的时间");
        assert_eq!(
            (browser.value(begin), browser.attribute(begin, "aria-invalid").as_deref()),
            (none.into(), Some("true"))
        );
        browser.fill(begin, "10:00");
        browser.keys(Key::Tab);
        browser.wait_gone("week-times .fault");
    }
    assert!(!browser.has(".banner.bad"), "nothing was refused");
}

#[test]
fn a_fault_is_told_until_its_field_has_changed() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    browser.fill("input[name=timezone]", "Mars/Base");
    browser.fill("week-times li:nth-child(1) input", "25:00");
    browser.expect_complaint("422");
    browser.click(SAVE);
    browser.wait_until("both faults are told", || browser.texts(".fault").len() == 2);
    browser.fill("week-times li:nth-child(1) input", "09:00");
    browser.keys(Key::Tab);
    browser.wait_until("the other stays", || browser.texts(".fault").len() == 1);
    assert!(browser.has(".banner.bad"));
    browser.fill("input[name=timezone]", "Europe/Paris");
    browser.keys(Key::Tab);
    browser.wait_gone(".banner.bad");
    assert!(!browser.has(".fault") && !browser.has("[aria-invalid]"));
}

#[test]
fn a_group_that_could_not_be_had_comes_when_the_server_is_there_again() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    browser.offline(true);
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".notice.bad");
    assert_eq!(browser.text("main .quiet"), "正在载入…");
    browser.offline(false);
    browser.be_seen(false);
    browser.be_seen(true);
    browser.wait_for_text("h1", "work");
    browser.expect_complaint("ERR_INTERNET_DISCONNECTED");
}

/// Today in a zone.
fn today_in(zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    zone.to_datetime(crate::events::now()).date().to_string()
}

#[test]
fn a_new_exception_is_today_where_the_group_is_and_what_is_past_is_told() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // Whatever time it is, it is another day in one of them than in the other, and than at Greenwich.
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        change(&world, id, &json!({"name": "work", "timezone": zone, "exceptions": []}));
        person.go("/groups");
        browser.wait_for(".groups");
        person.edit(id);
        let before = today_in(zone);
        browser.click("exception-list > button");
        let first = browser.value("[aria-label='第 1 项例外的首日']");
        assert!([before, today_in(zone)].contains(&first), "{first} is not today in {zone}");
        assert_eq!(browser.value("[aria-label='第 1 项例外的末日']"), first);
        browser.wait_for_text("section:has(exception-list) > .quiet", &format!("时间均为 {zone} 时间"));
        assert!(!browser.has(".past"));
        browser.fill("[aria-label='第 1 项例外的首日']", "2020-02-03");
        browser.keys(Key::Tab);
        browser.wait_for_text(".past", "这些日期已过去");
        browser.fill("[aria-label='第 1 项例外的末日']", "2199-02-03");
        browser.keys(Key::Tab);
        browser.wait_for_text(".past", "首日已过去");
        browser.fill("[aria-label='第 1 项例外的首日']", "02-03");
        browser.keys(Key::Tab);
        browser.wait_gone(".past");
        browser.click(".bar button:first-child");
        browser.click("header nav a:first-child");
        browser.click("dialog .danger");
        browser.wait_gone("dialog");
    }
    // Of a new group nobody has named the zone yet: it is the server's.
    person.go("/groups/new");
    browser.wait_for_text("section:has(exception-list) > .quiet", "时间均为 Asia/Shanghai 时间");
}

#[test]
fn a_second_click_removes_no_other_exception_or_window() {
    let world = World::new(Database::Sqlite);
    let content = json!([{"week": 1, "times": [window("08:00", "09:00"), window("10:00", "11:00"), window("12:00", "13:00")]}]);
    let id = group_of(&world, &content);
    let days: Value = (1..=4)
        .map(|day| json!({"name": format!("e{day}"), "begin_date": format!("2199-01-0{day}"), "times": []}))
        .collect();
    change(&world, id, &json!({"name": "work", "exceptions": days}));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    browser.click_again_and_again("[aria-label='删除 e1']", 3);
    browser.wait_gone("[aria-label='删除 e1']");
    assert_eq!(browser.texts(".exceptions > li").len(), 3);
    assert!(browser.has_focus("exception-list > button"));
    browser.click_again_and_again("[aria-label='删除周一 08:00–09:00']", 3);
    person.expect_times(&[(MONDAY, "10:00-11:00 12:00-13:00")]);
    assert!(browser.has_focus("[aria-label='为周一添加时间段']"));
}

#[test]
fn a_double_click_on_a_group_paints_nothing_in_it() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // The link lies where the week will be.
    browser.script("document.querySelector('.groups').style.marginTop = '500px'", &[]);
    browser.click_again_and_again(&format!("li[data-group='{id}'] h2 a"), 3);
    browser.wait_for("week-grid");
    browser.wait_for(".bar .primary:disabled");
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
}

#[test]
fn what_someone_else_saves_is_in_sight_wherever_one_is_and_the_focus_stays() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    for width in [Width::Wide, Width::Phone] {
        let person = Person::sign_in(&world, Look { width, ..Look::default() });
        let browser = &person.browser;
        person.edit(id);
        browser.click("exception-list > button");
        browser.fill("[aria-label='第 1 项例外的名称']", "party");
        browser.script("scrollTo(0, document.documentElement.scrollHeight)", &[]);
        change(&world, id, &json!({"name": "theirs"}));
        browser.wait_for(".banner");
        let seen =
            "const { top, bottom } = document.querySelector('.banner .primary').getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;";
        browser.wait_until("the choice is in sight", || browser.script(seen, &[]) == true);
        assert!(browser.has_focus("[aria-label='第 1 项例外的名称']"));
        browser.screenshot("newer-version-far-down");
        browser.click(".banner .primary");
        browser.wait_gone(".banner");
        browser.wait_until("the focus is not lost", || browser.has_focus("main h1"));
        change(&world, id, &json!({"name": "work"}));
    }
}

#[test]
fn the_focus_stays_near_what_was_saved_and_goes_to_the_choice_when_it_was_too_late() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.edit(id);
    browser.fill("input[name=name]", "mine");
    person.save();
    browser.wait_until("the focus is on the bar", || browser.has_focus(".bar"));
    browser.wait_for_text("notice-line [role=status]", "已保存 mine");
    // A field keeps it when someone else's version is shown.
    browser.script("document.querySelector('week-times input').focus()", &[]);
    change(&world, id, &json!({"name": "theirs"}));
    browser.wait_for_text("h1", "theirs");
    assert!(browser.has_focus("week-times li:first-child input"));
    // The page hears of nothing: only the server can know.
    browser.hold_requests("*/events*");
    browser.script("location.hash = '#/'", &[]);
    browser.wait_for(".accounts a");
    person.edit(id);
    person.drag_from((FRIDAY, 9.1), (FRIDAY, 9.9));
    browser.click(SAVE);
    browser.wait_for("dialog .no-effect");
    change(&world, id, &json!({"name": "again"}));
    browser.expect_complaint("412");
    browser.click(CONFIRM);
    browser.wait_until("the choice has the focus", || browser.has_focus(".banner"));
    browser.release_requests();
}
