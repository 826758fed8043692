//! A person at the console of a world's server.

use serde_json::json;

use super::browser::{Browser, Look};
use crate::support::World;

/// Someone with a browser, signed in with the world's token, who acts for its user.
pub(crate) struct Person<'w> {
    pub(crate) world: &'w World,
    pub(crate) browser: Browser,
}

impl<'w> Person<'w> {
    /// Signs in and looks at the groups. The page finds the token where it keeps one that it shall remember; typing it takes longer than
    /// most of what is tried after that.
    #[track_caller]
    pub(crate) fn sign_in(world: &'w World, look: Look) -> Self {
        let person = Self { world, browser: Browser::start(look) };
        let remember = format!("localStorage.setItem('dialtime.token', {})", json!(world.client.token()));
        let groups = format!("{}/console/#/user/{}/groups", world.server.base, world.user);
        person.browser.open_after(&remember, &groups);
        let loading = "return !document.querySelector('groups-page') || document.querySelector('groups-page .bones') !== null";
        person.browser.wait_until("the groups are there", || person.browser.script(loading, &[]) == false);
        // Nobody asked for that.
        person.browser.script("localStorage.clear()", &[]);
        person
    }

    /// Opens the page and does not sign in yet.
    #[track_caller]
    pub(crate) fn arrive(world: &'w World, look: Look) -> Self {
        let browser = Browser::start(look);
        browser.open(&format!("{}/console/", world.server.base));
        browser.wait_for("input[name=token]");
        Self { world, browser }
    }

    #[track_caller]
    pub(crate) fn give_token(&self, token: &str) {
        self.browser.fill("input[name=token]", token);
        self.browser.click("form button[type=submit]");
    }

    /// Opens the menu, unless it is open.
    #[track_caller]
    fn open_menu(&self) {
        if !self.browser.has("#menu") {
            self.browser.click(".side-foot button");
            self.browser.wait_for("#menu");
        }
    }

    /// Chooses the language or the theme by its tag, in the menu or at the sign-in.
    #[track_caller]
    pub(crate) fn choose(&self, tag: &str) {
        if !self.browser.has("look-choices") {
            self.open_menu();
        }
        self.browser.click(&format!("look-choices button[value='{tag}']"));
    }

    #[track_caller]
    pub(crate) fn sign_out(&self) {
        self.open_menu();
        self.browser.click("#menu .sign-out");
    }

    /// Follows a link of the sidebar.
    #[track_caller]
    pub(crate) fn visit(&self, page: &str) {
        self.browser.click(&format!(".side .nav a[href$='/{page}']"));
    }

    /// Lets the browser note that a request was refused, as the scenario has it: its path ends so, and this is the status.
    pub(crate) fn expect_refusal(&self, path: &str, status: u16) {
        let complaint =
            format!("{path} - Failed to load resource: the server responded with a status of {status}");
        self.browser.expect_complaint(&complaint);
    }

    /// Goes to a page of the user's account, such as `/groups/428`, by its address.
    #[track_caller]
    pub(crate) fn go(&self, page: &str) {
        let address = format!("#/user/{}{page}", self.world.user);
        self.browser.script("location.hash = arguments[0]", &[address.into()]);
    }
}
