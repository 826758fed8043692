//! The console: its files, as any client gets them, and the page, in a real browser.
//!
//! A test of the page starts a [`World`] and a [`Browser`] that looks at it, and tells what a person does there and sees. Where the look
//! of the page matters it takes pictures, for people to look at when they change the page (CONTRIBUTING.md says where they are).

mod browser;
mod files;
mod harness;

use rstest::rstest;

use self::browser::{Browser, Language, Look, Theme, Width};
use crate::support::{Database, World};

#[rstest]
#[case::at_a_desk(Look::default())]
#[case::in_the_hand_at_night(Look { language: Language::English, theme: Theme::Dark, width: Width::Phone })]
fn the_page_opens_for_everyone_and_without_complaints(#[case] look: Look) {
    let world = World::new(Database::Sqlite);
    let browser = Browser::start(look);
    browser.open(&format!("{}/", world.server.base));
    browser.wait_for_text("h1", "Dialtime");
    assert_eq!(browser.url(), format!("{}/console/", world.server.base));
    browser.check_accessibility("the first page");
    browser.screenshot("first-page");
    browser.assert_no_complaints();
}
