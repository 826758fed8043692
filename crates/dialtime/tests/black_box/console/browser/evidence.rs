//! What there is to see of a browser, for tests and for people: pictures, axe's rules, and what the browser complained of.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Browser, SET_WINDOW};

const AXE: &str = include_str!("../axe/axe.min.js");

impl Browser {
    /// The whole page as a picture, also what is out of sight; gives the file: `{name}-{language}-{theme}-{width}.png` in the folder
    /// `DIALTIME_SCREENSHOTS`, which is `target/screenshots` when nothing is said.
    #[track_caller]
    pub(crate) fn screenshot(&self, name: &str) -> PathBuf {
        self.settle();
        self.try_screenshot(name).unwrap_or_else(|error| self.give_up(&format!("takes a picture: {error}")))
    }

    /// Nothing of the page lies beside its window: it scrolls up and down only.
    #[track_caller]
    pub(crate) fn assert_it_fits(&self) {
        let sizes = "return [location.hash, innerWidth, document.documentElement.scrollWidth - innerWidth]";
        let sizes = self.script(sizes, &[]);
        assert!(
            sizes[2].as_i64().unwrap() <= 0,
            "{} in {} pixels is {} too wide",
            sizes[0],
            sizes[1],
            sizes[2]
        );
    }

    /// Holds the page, as it is now, against all rules of axe, those on good practice included.
    #[track_caller]
    pub(crate) fn check_accessibility(&self, what: &str) {
        self.settle();
        // Code of the browser's driver is not held to the page's policy; a page that was left took it along.
        if self.script("return typeof axe", &[]) == json!("undefined") {
            self.script(AXE, &[]);
        }
        let violations = self.script("return axe.run().then(result => result.violations)", &[]);
        let mut faults = String::new();
        for violation in violations.as_array().unwrap() {
            let _ = write!(faults, "\n{}: {}", text_of(&violation["id"]), text_of(&violation["help"]));
            for node in violation["nodes"].as_array().unwrap() {
                let summary = text_of(&node["failureSummary"]).replace('\n', "\n    ");
                let _ = write!(faults, "\n  at {}\n    {summary}", node["target"]);
            }
        }
        assert!(faults.is_empty(), "{what} ({}) shuts people out:{faults}", self.look.name());
    }

    /// What the browser said that it should have had no reason to: errors and warnings, breaches of the page's policy, requests that
    /// failed; without what is expected.
    #[track_caller]
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.try_complaints().unwrap_or_else(|error| panic!("the browser's log cannot be read: {error}"))
    }

    /// From now on, and looking back, the browser may say what contains this text.
    pub(crate) fn expect_complaint(&self, text: &str) {
        self.expected.borrow_mut().push(text.to_owned());
    }

    #[track_caller]
    pub(crate) fn assert_no_complaints(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "the browser complains:\n{}", complaints.join("\n"));
    }

    fn try_screenshot(&self, name: &str) -> Result<PathBuf, String> {
        const LOW: u64 = 480;
        const HEIGHT: &str = "const dialogs = [...document.querySelectorAll('dialog')];
            return Math.max(document.documentElement.scrollHeight, ...dialogs.map(dialog => dialog.scrollHeight + 100));";
        let picture = self.wait(async {
            let chromium = self.driver.cdp();
            // In a window that just holds it all, what sticks to the window's edges is where the page ends, not amidst it.
            chromium.send_raw(SET_WINDOW, self.look.width.window(Some(LOW))).await?;
            let height = self.driver.execute(HEIGHT, Vec::new()).await?.json().clone();
            chromium.send_raw(SET_WINDOW, self.look.width.window(height.as_u64())).await?;
            let picture = chromium.send_raw("Page.captureScreenshot", json!({"format": "png"})).await;
            chromium.send_raw(SET_WINDOW, self.look.width.window(None)).await?;
            picture
        })?;
        let folder = match std::env::var_os("DIALTIME_SCREENSHOTS") {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots"),
        };
        let file = folder.join(format!("{name}-{}.png", self.look.name()));
        let bytes = BASE64_STANDARD.decode(text_of(&picture["data"])).unwrap();
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&file, bytes))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(file)
    }

    pub(super) fn try_complaints(&self) -> Result<Vec<String>, String> {
        // The driver gives each entry once.
        let new = self.wait(self.driver.browser_log())?;
        self.log.borrow_mut().extend(new);
        let (log, expected) = (self.log.borrow(), self.expected.borrow());
        Ok(log
            .iter()
            .filter(|entry| ["WARNING", "SEVERE"].contains(&entry.level.as_str()))
            .filter(|entry| !expected.iter().any(|text| entry.message.contains(text)))
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect())
    }

    /// Waits until nothing moves but what moves for ever.
    #[track_caller]
    pub(super) fn settle(&self) {
        const STILL: &str = "return document.getAnimations().every(animation =>
            animation.playState !== 'running' || animation.effect.getComputedTiming().endTime === Infinity)";
        self.wait_until("nothing moves", || self.script(STILL, &[]) == json!(true));
    }

    /// Fails the test with what there is to see. Must not fail itself: the browser may be what is broken.
    #[track_caller]
    pub(super) fn give_up(&self, what: &str) -> ! {
        let said =
            |result: Result<String, String>| result.unwrap_or_else(|error| format!("unknown: {error}"));
        let text = self.wait(self.driver.execute("return document.body?.innerText ?? ''", Vec::new()));
        let text = said(text.map(|text| text_of(text.json()).to_owned()));
        let url = said(self.wait(self.driver.current_url()).map(String::from));
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let picture = self.try_screenshot(&format!("failed-{name}"));
        let picture = said(picture.map(|file| file.display().to_string()));
        let _ = self.try_complaints();
        let mut log = String::new();
        for entry in self.log.borrow().iter() {
            let _ = write!(log, "\n{}: {}", entry.level, entry.message);
        }
        panic!("{what}\n--- at {url}\n{text}\n--- as a picture\n{picture}\n--- the browser's log{log}\n---");
    }
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
