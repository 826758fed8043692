//! The keyboard alone: every control of every page is reached by Tab and seen when it is, and dialogs hold the focus and give it back.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Browser, Language, Look},
    person::Person,
    setup::{save_group, started_task},
};
use crate::support::{Database, World, always};

/// More controls than any page of these has.
const MOST: usize = 160;

/// Begins a walk at the top of the page.
const BEGIN: &str = "
    [window.walked, window.last] = [new Set(), null];
    document.querySelector('.skip').focus();";

/// What is wrong with what has the focus: null where nothing is, `end` where the walk is over.
const STEP: &str = "
    const focused = document.activeElement;
    // A field of a date is walked through part by part.
    if (focused === window.last) return null;
    if (focused === document.body || window.walked.has(focused)) return 'end';
    window.walked.add((window.last = focused));
    const name = focused.outerHTML.slice(0, 160);
    const around = [focused, focused.parentElement, focused.parentElement.parentElement];
    const isMarked = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    };
    const marked = around.filter(isMarked).map((element) => element.getBoundingClientRect()).find(({ width, height }) => width > 2 && height > 2);
    if (!marked) return `not marked: ${name}`;
    const { top, bottom, left, right } = marked;
    if (bottom < 0 || top > innerHeight || right < 0 || left > innerWidth) return `out of sight: ${name}`;
    const { x, y } = { x: Math.max(left, 0) + Math.min(right - left, 8) / 2, y: (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2 };
    const seen = document.elementFromPoint(x, y);
    const covers = seen?.closest('.savebar, .bulk, .top, notice-line');
    return covers && !covers.contains(focused) ? `covered by ${covers.className}: ${name}` : null;";

/// Controls in what is asked for that are to be seen and were not walked over; of radio buttons one stands for its group.
const LEFT: &str = "
    const all = [...document.querySelector(arguments[0]).querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')];
    const isControl = (element) => element.tabIndex >= 0 && !element.disabled && !element.closest('[inert]') && element.type !== 'radio' && element.checkVisibility({ visibilityProperty: true });
    return all.filter((element) => isControl(element) && !window.walked.has(element)).map((element) => element.outerHTML.slice(0, 160));";

/// Walks once around what is shown.
fn walk(browser: &Browser, page: &str) -> Vec<String> {
    browser.keys(Key::Tab);
    browser.script(BEGIN, &[]);
    let mut faults = Vec::new();
    for pressed in 0.. {
        assert!(pressed < MOST, "{page}: Tab finds no end");
        match browser.script(STEP, &[]).as_str() {
            Some("end") => break,
            Some(fault) => faults.push(format!("{page}: {fault}")),
            None => {}
        }
        browser.keys(Key::Tab);
    }
    let left = not_reached(browser, "body").into_iter();
    faults.extend(left.map(|one| format!("{page}: not reached: {one}")));
    faults
}

/// The controls in `within` that the walk did not come to.
fn not_reached(browser: &Browser, within: &str) -> Vec<String> {
    serde_json::from_value(browser.script(LEFT, &[json!(within)])).unwrap()
}

/// Something on every page.
struct Things {
    group: i64,
    task: String,
    calendar: String,
    line: String,
}

fn things(world: &World) -> Things {
    let group = save_group(world, "work", &always());
    world.client.put(&world.path(&format!("/dial-time-group/{group}")), &json!({"name": "renamed"})).data();
    let task = started_task(world, "calls", group);
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let kind = [("Content-Type", "text/csv")];
    let file = "date,name,kind\n2199-05-20,x,holiday\n";
    let path = world.path("/holiday-calendar?name=Company");
    let calendar = id(world.client.upload("POST", &path, &kind, file.as_bytes()).data());
    let line = json!({"name": "East", "kind": "simulated", "channels": 4, "cps": 2});
    let line = id(world.client.post("/agent-api/line", &line).data());
    let webhook = json!({"url": "https://example.com/", "events": ["task.running"]});
    world.client.post(&world.path("/webhook"), &webhook).data();
    let closure = json!({"name": "fair", "begin": "2199-01-01 12:00:00", "end": "2199-01-01 18:00:00"});
    world.client.post(&world.path("/closure"), &closure).data();
    Things { group, task, calendar, line }
}

#[test]
fn every_control_is_reached_by_tab_and_seen_when_it_is() {
    let world = World::new(Database::Sqlite);
    let things = things(&world);
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    let Things { group, task, calendar, line } = &things;
    let mut faults = Vec::new();
    for (page, shown) in [
        ("/today".to_owned(), ".board .line .win"),
        ("/groups".to_owned(), ".groups .state"),
        (format!("/groups/{group}"), ".weeks"),
        (format!("/groups/{group}/calendar"), ".answer"),
        (format!("/groups/{group}/versions"), ".difference .changes"),
        ("/tasks".to_owned(), ".tasks .until"),
        (format!("/tasks/{task}"), ".layers"),
        (format!("/tasks/{task}/import"), ".drop"),
        ("/records".to_owned(), ".filters"),
        ("/calls".to_owned(), "calls-page main"),
        ("/closures".to_owned(), "[data-closure]"),
        ("/calendars".to_owned(), "tr[data-calendar]"),
        (format!("/calendars/{calendar}?year=2199"), "tr[data-day]"),
        ("/lines".to_owned(), "tr[data-line]"),
        (format!("/lines/{line}"), "line-shares"),
        ("/scripts".to_owned(), "prompt-list .empty"),
        ("/scripts/new".to_owned(), "step-list"),
        ("/events".to_owned(), "tr[data-event]"),
        ("/audit".to_owned(), "tr[data-change]"),
        ("/webhooks".to_owned(), "[data-webhook]"),
    ] {
        person.go(&page);
        browser.wait_for(shown);
        faults.extend(walk(browser, &page));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Opens a dialog by the keyboard, walks around in it, and leaves it.
#[track_caller]
fn in_and_out(browser: &Browser, opener: &str) {
    browser.wait_for(opener);
    browser.script("document.querySelector(arguments[0]).focus()", &[json!(opener)]);
    browser.keys(Key::Enter);
    browser.wait_for("dialog[open]");
    browser.wait_until(&format!("{opener}: the focus is in the dialog"), || {
        browser.has_focus("dialog[open], dialog[open] *")
    });
    browser.script("window.walked = new Set([document.activeElement])", &[]);
    let mut inside = 0;
    for _ in 0..60 {
        browser.keys(Key::Tab);
        // From the last control the browser's own come next, as one.
        assert!(
            browser.has_focus("body, dialog[open], dialog[open] *"),
            "{opener}: the focus leaves the dialog"
        );
        inside += usize::from(browser.has_focus("dialog[open] *"));
        browser.script("window.walked.add(document.activeElement)", &[]);
    }
    assert!(inside > 20, "{opener}: nothing to walk on");
    assert_eq!(not_reached(browser, "dialog[open]"), [""; 0], "{opener}: not reached");
    browser.check_accessibility(opener);
    browser.keys(Key::Escape);
    browser.wait_gone("dialog");
    browser.wait_until(&format!("{opener} has the focus again"), || browser.has_focus(opener));
}

#[test]
fn dialogs_hold_the_focus_and_give_it_back() {
    let world = World::new(Database::Sqlite);
    let things = things(&world);
    let unused = save_group(&world, "unused", &json!([]));
    let person = Person::sign_in(&world, Look { language: Language::English, ..Look::default() });
    let browser = &person.browser;
    let Things { group, task, calendar, .. } = &things;
    person.go("/today");
    in_and_out(browser, ".head .tools .danger");
    person.go("/groups");
    in_and_out(browser, &format!("tr[data-group='{unused}'] button"));
    browser.click(&format!("tr[data-group='{unused}'] input"));
    in_and_out(browser, ".bulk .exception");
    in_and_out(browser, ".bulk .delete");
    person.go(&format!("/groups/{group}"));
    in_and_out(browser, ".ceilings .set-account");
    person.go("/tasks");
    in_and_out(browser, ".tasks .row-tools button:last-child");
    browser.click(".tasks tbody input");
    in_and_out(browser, ".bulk .pause");
    in_and_out(browser, ".bulk .move");
    person.go(&format!("/tasks/{task}"));
    browser.wait_for(".layers");
    person.go("/closures");
    in_and_out(browser, "[data-closure] button");
    person.go(&format!("/calendars/{calendar}?year=2199"));
    in_and_out(browser, ".head .delete");
    person.go("/webhooks");
    in_and_out(browser, ".head .primary");
    browser.assert_no_complaints();
}
