//! What the other tests rely on: that what a person does reaches a page, and that nothing wrong is overlooked.

use std::path::Path;

use rstest::rstest;
use serde_json::json;
use thirtyfour::Key;

use super::browser::{Browser, Language, Look, Theme, Width};
use crate::support::{Database, World};

/// A page that tells in `#said` what was done to it.
fn trial() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/black_box/console/harness.html");
    format!("file://{}", file.display())
}

fn look_at_trial(look: Look) -> Browser {
    let browser = Browser::start(look);
    browser.open(&trial());
    browser
}

#[test]
fn what_a_person_does_reaches_the_page() {
    let browser = look_at_trial(Look::default());
    assert!(!browser.has("#late"), "it is hidden at first");
    browser.click("#late");
    browser.click("#button");
    browser.wait_for_text("#said", "pressed");
    browser.fill("#text", "new text");
    assert_eq!(browser.value("#text"), "new text");
    browser.fill("#text", "");
    assert_eq!(browser.value("#text"), "");
    browser.keys("typed");
    assert_eq!(browser.value("#text"), "typed");
    browser.chord(&[Key::Control], 'z');
    browser.keys(Key::Escape);
    browser.fill("#time", "22:05");
    browser.select("#choice", "a \"b\"");
    assert_eq!(browser.text("#said"), "pressed undo escape time:22:05 chose:a \"b\"");
    assert_eq!(browser.attribute("#time", "type").as_deref(), Some("time"));
    assert_eq!(browser.attribute("#time", "title"), None);
    assert_eq!(browser.texts("h1, #far"), ["Trial", "Far below"]);
    assert_eq!(browser.texts("h6"), [""; 0]);

    browser.click("#late");
    assert_eq!(browser.tab_to("#text", 5), 2);
    assert!(browser.has_focus("input"));
    browser.chord(&[Key::Shift], Key::Tab);
    assert!(browser.has_focus("#button"));

    browser.script("setTimeout(() => document.querySelector(arguments[0]).remove(), 100)", &[json!("#late")]);
    browser.wait_gone("#late");
    assert_eq!(
        browser.script("return Promise.resolve([arguments[0] + 1, null])", &[json!(1)]),
        json!([2, null])
    );
    browser.reload();
    browser.wait_for("#late");
    browser.open("about:blank");
    browser.back();
    assert_eq!(browser.url(), trial());
}

#[test]
fn a_mouse_is_dragged() {
    let browser = look_at_trial(Look::default());
    let (left, right) = (browser.point_in("#place", 0.1, 0.5), browser.point_in("#place", 0.9, 0.5));
    browser.hold(&[left, right]);
    assert_eq!(browser.text("#said"), "mouse:down mouse:move");
    browser.drag(&[left, right, left]);
    assert_eq!(browser.text("#said"), "mouse:down mouse:move mouse:down mouse:move mouse:up");
    browser.point_in("#far", 0.5, 0.5);
    assert_eq!(browser.script("return scrollY > 0", &[]), json!(true));
}

#[test]
fn a_phone_is_touched() {
    let browser = look_at_trial(Look { width: Width::Phone, ..Look::default() });
    browser.tap("#button");
    browser.wait_for_text("#said", "pressed");
    browser.touch_drag(
        std::time::Duration::ZERO,
        &[browser.point_in("#place", 0.1, 0.5), browser.point_in("#place", 0.9, 0.5)],
    );
    browser.wait_for_text("#said", "pressed touch:down touch:move touch:up");
    let touch = "return [innerWidth, innerHeight, matchMedia('(pointer: coarse)').matches]";
    assert_eq!(browser.script(touch, &[]), json!([390, 844, true]));
}

#[rstest]
#[case(Language::Chinese, Theme::Light, "zh-CN", "zh-light-wide")]
#[case(Language::English, Theme::Dark, "en-US", "en-dark-wide")]
fn the_page_sees_the_look(
    #[case] language: Language,
    #[case] theme: Theme,
    #[case] locale: &str,
    #[case] name: &str,
) {
    let world = World::new(Database::Sqlite);
    let browser = Browser::start(Look { language, theme, width: Width::Wide });
    browser.open(&format!("{}/console/", world.server.base));
    let seen = "const format = Intl.DateTimeFormat().resolvedOptions();
        const dark = matchMedia('(prefers-color-scheme: dark)').matches;
        return [navigator.language, format.locale, format.timeZone, dark, innerWidth, innerHeight];";
    let dark = theme == Theme::Dark;
    assert_eq!(browser.script(seen, &[]), json!([locale, locale, "Asia/Shanghai", dark, 1280, 900]));
    browser.timezone("Europe/Berlin");
    assert_eq!(browser.script(seen, &[])[2], "Europe/Berlin");

    browser.script("document.body.style.minHeight = '2000px'", &[]);
    let file = browser.screenshot("harness");
    assert!(file.ends_with(format!("harness-{name}.png")));
    let picture = std::fs::read(&file).unwrap();
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((&picture[1..4], number(16)), (&b"PNG"[..], 1280));
    assert!(number(20) >= 2000, "it is the whole page");
}

#[test]
fn the_network_is_measured_held_and_cut() {
    let world = World::new(Database::Sqlite);
    let browser = Browser::start(Look::default());
    browser.open(&format!("{}/console/", world.server.base));
    browser.wait_until("something is shown", || browser.first_contentful_paint().is_some());

    let ask = "const tell = answer => { document.querySelector('h1').textContent = answer; };
        tell('asking');
        fetch('/healthz').then(response => tell(response.status), () => tell('failed'));";
    browser.hold_requests("*/healthz");
    browser.script(ask, &[]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(browser.text("h1"), "asking");
    browser.release_requests();
    browser.wait_for_text("h1", "200");

    browser.offline(true);
    browser.script(ask, &[]);
    browser.wait_for_text("h1", "failed");
    browser.offline(false);
    browser.script(ask, &[]);
    browser.wait_for_text("h1", "200");
    browser.expect_complaint("ERR_INTERNET_DISCONNECTED");
}

#[test]
#[should_panic(expected = "image-alt: Images must have alternative text")]
fn who_is_shut_out_is_told() {
    let browser = look_at_trial(Look::default());
    browser.check_accessibility("a page that everyone can use");
    browser.script("document.querySelector('main').append(new Image())", &[]);
    browser.check_accessibility("a page with a picture without words");
}

#[test]
fn complaints_are_heard_and_may_be_expected() {
    let browser = look_at_trial(Look::default());
    browser.script("console.info('fine'); console.warn('odd'); console.error('bad')", &[]);
    let complaints = browser.complaints();
    assert!(complaints.len() == 2 && complaints[0].contains("odd") && complaints[1].contains("bad"));
    browser.expect_complaint("odd");
    assert_eq!(browser.complaints().len(), 1);
    browser.expect_complaint("bad");
    browser.assert_no_complaints();
}

#[test]
#[should_panic(expected = "Trusted")]
fn what_the_policy_forbids_fails_a_test_that_does_not_look() {
    let world = World::new(Database::Sqlite);
    let browser = Browser::start(Look::default());
    browser.open(&format!("{}/console/", world.server.base));
    browser.script("try { document.body.innerHTML = '<p>' } catch {}", &[]);
}

#[test]
fn no_browser_outlives_its_test() {
    let alive = |process: u64| Path::new(&format!("/proc/{process}/exe")).exists();
    let (tell, told) = std::sync::mpsc::channel();
    let failed = std::thread::spawn(move || {
        let browser = Browser::start(Look::default());
        tell.send(browser.process_id()).unwrap();
        panic!("as a failed test does");
    });
    let process = told.recv().unwrap();
    assert!(failed.join().is_err());
    assert!(!alive(process));
}
