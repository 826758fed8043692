//! Clicks that are counted: what people come for takes few of them.

use super::browser::Browser;

/// Clicks, and counts them.
pub(super) struct Clicks<'b> {
    pub(super) browser: &'b Browser,
    pub(super) made: usize,
}

impl Clicks<'_> {
    #[track_caller]
    pub(super) fn click(&mut self, selector: &str) {
        self.browser.click(selector);
        self.made += 1;
    }
}
