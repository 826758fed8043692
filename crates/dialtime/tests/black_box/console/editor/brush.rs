//! The brush: windows painted by mouse, finger and keyboard, and steps undone.

use std::time::Duration;

use serde_json::json;
use thirtyfour::Key;

use super::{FRIDAY, HOLD, MONDAY, SATURDAY, SAVE, SUNDAY, THURSDAY, WEDNESDAY, window};
use crate::{
    console::{
        browser::{Look, Width},
        person::Person,
        setup::save_group,
    },
    support::{Database, World},
};

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
    person.take("erase");
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
    let id = save_group(&world, "work", &content);
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let pieces = || {
        let script = "return [...document.querySelectorAll('week-grid .piece')].map(piece => {
            const style = getComputedStyle(piece);
            return ['--row', '--from', '--to'].map(name => Number(style.getPropertyValue(name)));
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
        person.browser.tap("button[value=erase]");
        person.browser.has("button[value=erase][aria-pressed=true]")
    });
    person.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'center'})", &[]);
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
    browser.touch_drag(Duration::ZERO, &[person.at(SUNDAY, 12.0), person.at(MONDAY, 12.0)]);
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
    assert!(person.browser.has(&format!("{SAVE}:disabled")));
}

#[test]
fn the_keyboard_alone_paints_and_saves() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    person.edit(id);
    let browser = &person.browser;
    browser.tab_to(".week", 40);
    browser.keys(Key::Down + Key::Home);
    browser.chord(&[Key::Shift], Key::Down);
    browser.chord(&[Key::Shift], Key::PageDown);
    browser.chord(&[Key::Shift], Key::Right);
    browser.wait_for_text("week-grid [role=status]", "周二至周三 00:00–01:15，不可呼叫");
    browser.keys(Key::Enter);
    let (monday, wednesday) = ((MONDAY, "08:00-20:00"), (WEDNESDAY, "00:00-01:15"));
    person.expect_times(&[monday, (1, "00:00-01:15"), wednesday]);
    browser.keys(Key::Up + Key::Left);
    browser.chord(&[Key::Shift], Key::End);
    browser.keys(Key::Delete);
    person.expect_times(&[monday, (1, "00:00-01:00"), wednesday]);

    // A window has the focus: it is moved, its edges too, and it keeps the focus where it goes.
    browser.tab_to(".piece[aria-label^='周三']", 5);
    browser.keys(Key::Down + Key::PageDown);
    browser.chord(&[Key::Shift], Key::Right);
    browser.chord(&[Key::Alt], Key::Right);
    person.expect_times(&[monday, (1, "00:00-01:00"), (THURSDAY, "01:15-02:30")]);
    assert!(browser.has_focus(".piece[aria-label='周四 01:15–02:30']"));
    browser.keys(Key::Delete);
    person.expect_times(&[monday, (1, "00:00-01:00")]);
    assert!(browser.has_focus(".week"), "the focus is not lost with the window");

    browser.wait_for(".effects .no-effect");
    browser.tab_to(SAVE, 60);
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
    let (undo, redo) = ("[aria-label=撤销]", "[aria-label=重做]");
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
fn a_double_click_on_a_group_paints_nothing_in_it() {
    let world = World::new(Database::Sqlite);
    let id = world.group("work");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    // The link lies where the week will be.
    browser.script("document.querySelector('.groups').style.marginTop = '150px'", &[]);
    browser.click_again_and_again(&format!("tr[data-group='{id}'] .name"), 3);
    browser.wait_for("week-grid");
    browser.wait_for(&format!("{SAVE}:disabled"));
    person.expect_times(&[(MONDAY, "08:00-20:00")]);
}
