//! Panels and dialogs keep the form in which they are drawn, at every width: nothing is cut, and nothing stands out of line.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
    setup::{save_group, started_task},
};
use crate::support::{Database, World, always};

/// The left edges of what a selector names, each once.
fn left_edges(browser: &Browser, selector: &str) -> Vec<Value> {
    let script = "const edges = [...document.querySelectorAll(arguments[0])].map(one => Math.round(one.getBoundingClientRect().left));
        return [...new Set(edges)]";
    browser.script(script, &[json!(selector)]).as_array().unwrap().clone()
}

/// Holds that no heading of a panel is cut, nor what stands beside it.
#[track_caller]
fn nothing_is_cut(browser: &Browser, place: &str) {
    let script = "return [...document.querySelectorAll('.panel > header *, .part > header *, dialog h2, .shares span')]
        .filter(one => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
        .map(one => one.textContent.trim())";
    assert_eq!(browser.script(script, &[]), json!([]), "{place}");
}

#[rstest]
fn panels_of_a_group_are_in_line(
    #[values(Language::Chinese, Language::English)] language: Language,
    #[values(1440, 1024, 390)] width: u64,
) {
    let world = World::new(Database::Sqlite);
    let id = save_group(&world, "work", &always());
    let person = Person::sign_in(&world, Look { language, theme: Theme::Light, width: Width::Wide });
    let browser = &person.browser;
    browser.resize(width);
    person.go(&format!("/groups/{id}"));
    browser.wait_for(".ceilings .set-partner");
    nothing_is_cut(browser, "a group");
    // As far from the left as what stands above: one beside the other where there is room, else each at the edge.
    let buttons = left_edges(browser, ".ceilings .body .button");
    let text = left_edges(browser, ".ceilings h2");
    assert_eq!(buttons[0], text[0]);
    browser.click("exception-list header .button");
    let zone = if language == Language::Chinese {
        "时间均为 Asia/Shanghai 时间。"
    } else {
        "Times are in Asia/Shanghai."
    };
    browser.wait_for_text("section:has(> exception-list) footer", zone);
    nothing_is_cut(browser, "an exception");
    // The two dates of an exception are one range.
    let tops = "return ['begin_date', 'end_date'].map(name => document.querySelector(`.exceptions [name=${name}]`).getBoundingClientRect().top)";
    let tops = browser.script(tops, &[]);
    assert_eq!(tops[0], tops[1]);
}

#[rstest]
fn what_an_edit_of_many_means_stands_in_one_column_by_name(
    #[values(Width::Wide, Width::Phone)] width: Width,
) {
    let world = World::at(Database::Sqlite, "2027-05-10T10:00:00+08:00");
    let noons = json!([{"week": 1, "times": [{"begin_time": "11:00", "end_time": "12:00"}, {"begin_time": "13:00", "end_time": "14:00"}]}]);
    for (name, windows) in [("day", always()), ("noons", noons)] {
        started_task(&world, &format!("task of {name}"), save_group(&world, name, &windows));
    }
    let person = Person::sign_in(&world, Look { width, ..Look::default() });
    let browser = &person.browser;
    person.go("/tasks");
    browser.click("thead input");
    browser.click(".bulk .pause");
    browser.wait_for_text("dialog .facts", "noons");
    browser.wait_for_text("dialog .facts", "今天 13:00–14:00");
    assert_eq!(left_edges(browser, "dialog .facts dt").len(), 1);
    assert_eq!(left_edges(browser, "dialog .facts dd").len(), 1);
    nothing_is_cut(browser, "a pause of several");
}

#[test]
fn what_is_written_in_a_plot_is_about_as_large_as_what_stands_around_it() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    // As wide as a page can be, in place of the page.
    let draw = "document.body.replaceChildren();
        const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        svg.setAttribute('class', 'plot');
        svg.setAttribute('viewBox', '0 0 288 104');
        document.body.append(svg);
        return svg.getBoundingClientRect().width / 288";
    browser.resize(1440);
    let scale = browser.script(draw, &[]).as_f64().unwrap();
    assert!(scale < 1.5, "{scale}");
}

#[test]
fn a_group_is_chosen_by_a_name_that_has_room_on_a_phone() {
    let world = World::new(Database::Sqlite);
    let (day, _) =
        (save_group(&world, "全天拨打（演示）", &always()), save_group(&world, "周末", &json!([])));
    started_task(&world, "calls", day);
    let person = Person::sign_in(&world, Look { width: Width::Phone, ..Look::default() });
    let browser = &person.browser;
    person.go("/tasks");
    browser.click("thead input");
    browser.click(".bulk .move");
    browser.wait_for(".option");
    let lines = "return Math.max(...[...document.querySelectorAll('.option > span')].map(one => one.getClientRects().length === 0 ? 99 : Math.round(one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))))";
    assert_eq!(browser.script(lines, &[]), json!(1));
}
