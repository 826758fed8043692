//! Clicks and key presses that are counted: what people come for takes few of them.

use std::cell::Cell;

use serde_json::json;
use thirtyfour::Key;

use super::browser::{Browser, Point};

/// Counts, in the page, what the browser itself says that a person pressed: a mouse or a finger, and keys that write nothing, such as Tab. What a script
/// does to the page is no such event, and what is pressed counts whether a test means to or not.
const COUNT: &str = "
    if (window.presses === undefined) {
        const silent = ['Shift', 'Control', 'Alt', 'Meta', 'Process', 'Unidentified'];
        addEventListener('pointerdown', event => { window.presses += event.isTrusted ? 1 : 0; }, true);
        addEventListener('keydown', event => {
            const writes = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
            window.presses += event.isTrusted && !writes && !silent.includes(event.key) ? 1 : 0;
        }, true);
    }
    window.presses = 0;";

/// A person whose clicks are counted, from now on and as long as the page is not loaded again.
pub(super) struct Clicks<'b> {
    browser: &'b Browser,
    /// A list of choices is the browser's own, which the page does not see pressed.
    chosen: Cell<u64>,
}

impl<'b> Clicks<'b> {
    #[track_caller]
    pub(super) fn count(browser: &'b Browser) -> Self {
        browser.script(COUNT, &[]);
        Self { browser, chosen: Cell::new(0) }
    }

    /// How many there were.
    #[track_caller]
    pub(super) fn made(&self) -> u64 {
        let pressed = self.browser.script("return window.presses", &[]);
        pressed.as_u64().expect("the page was not loaded again") + self.chosen.get()
    }

    #[track_caller]
    pub(super) fn click(&self, selector: &str) {
        self.browser.click(selector);
    }

    /// Draws with the mouse.
    #[track_caller]
    pub(super) fn drag(&self, way: &[Point]) {
        self.browser.drag(way);
    }

    /// Writes into a field, in place of what is there; clicks it first, unless the focus is there.
    #[track_caller]
    pub(super) fn write(&self, selector: &str, text: &str) {
        self.browser.wait_for(selector);
        if !self.browser.has_focus(selector) {
            self.browser.click(selector);
        }
        if !self.browser.value(selector).is_empty() {
            self.browser.chord(&[Key::Control], 'a');
        }
        self.browser.keys(text);
    }

    /// Walks by Tab to a field that is near, which takes what is there, and writes in place of it.
    #[track_caller]
    pub(super) fn walk_and_write(&self, selector: &str, text: &str) {
        self.browser.tab_to(selector, 3);
        self.browser.keys(text);
    }

    /// Opens a list of choices and takes one.
    #[track_caller]
    pub(super) fn choose(&self, selector: &str, value: &str) {
        let before = self.made();
        self.browser.select(selector, value);
        let seen = self.made() - before;
        self.chosen.set(self.chosen.get() + 2_u64.saturating_sub(seen));
    }
}

#[test]
fn what_is_pressed_is_counted_and_what_a_script_does_is_not() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/black_box/console/harness.html");
    let browser = Browser::start(super::browser::Look::default());
    browser.open(&format!("file://{}", file.display()));
    let clicks = Clicks::count(&browser);
    clicks.click("#button");
    assert_eq!(clicks.made(), 1);
    browser.script("document.querySelector('#button').click()", &[]);
    browser.script("document.querySelector(arguments[0]).focus()", &[json!("#button")]);
    assert_eq!(clicks.made(), 1, "a script is nobody");
    clicks.write("#text", "new text");
    assert_eq!(
        (browser.value("#text").as_str(), clicks.made()),
        ("new text", 3),
        "Control and A take what is there"
    );
    browser.keys(Key::Tab);
    browser.chord(&[Key::Shift], Key::Tab);
    assert_eq!(clicks.made(), 5);
    clicks.choose("#choice", "a \"b\"");
    assert_eq!(clicks.made(), 7);
    clicks.drag(&[browser.point_in("#place", 0.1, 0.5), browser.point_in("#place", 0.9, 0.5)]);
    assert_eq!(clicks.made(), 8);
}
