//! A browser of one test's own: what a person does to a page, and what they see of it.
//!
//! Every method does one thing and is done when it returns. What needs an element waits for it, and tries again while the page is
//! still being made; what does not come in time fails the test with what was waited for, what the page shows and what the browser
//! said. A test also fails, at its end, when the browser said anything that it did not expect.

mod driver;
mod evidence;
mod look;
mod pointer;

use std::{
    cell::RefCell,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use thirtyfour::{
    BrowserLogEntry, By, Key, TimeoutConfiguration, TypingData, WebDriver, WebElement,
    error::{WebDriverError, WebDriverResult},
};

use self::driver::{Client, Program, capabilities};
pub(crate) use self::{
    look::{Language, Look, Theme, Width},
    pointer::Point,
};

/// How long the page may take to become what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks at the page.
const PAUSE: Duration = Duration::from_millis(25);

/// Chromium's command for the size of its window.
const SET_WINDOW: &str = "Emulation.setDeviceMetricsOverride";

/// A running browser with an empty profile; ended with the test, also a failed one.
pub(crate) struct Browser {
    look: Look,
    driver: WebDriver,
    process: u64,
    /// Everything waits for its answer before it goes on, so this never has more than one thing to do.
    runtime: tokio::runtime::Runtime,
    log: RefCell<Vec<BrowserLogEntry>>,
    /// What the browser may say, each a part of an entry of its log.
    expected: RefCell<Vec<String>>,
    // After the session, in this order: the browser belongs to its driver and writes to its profile.
    program: Program,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one.
    #[track_caller]
    pub(crate) fn start(look: Look) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let profile = tempfile::tempdir().unwrap();
        let program = Program::start();
        let capabilities = capabilities(look, profile.path()).unwrap();
        let connecting = WebDriver::builder(&program.base, capabilities).client(Client::new()).connect();
        let driver = runtime.block_on(connecting).unwrap_or_else(|error| {
            panic!("the browser does not start; ./test installs what is missing, if that is why: {error}")
        });
        let process = driver.capabilities().get("goog:processID").and_then(Value::as_u64).unwrap();
        let (log, expected) = (RefCell::default(), RefCell::default());
        let browser = Self { look, driver, process, runtime, log, expected, program, _profile: profile };
        browser.put_on_look();
        browser
    }

    #[track_caller]
    fn put_on_look(&self) {
        let patience = Some(PATIENCE);
        // Nothing is waited for behind a test's back: the waits here are longer, and say what they waited for.
        let timeouts = TimeoutConfiguration::new(patience, patience, Some(Duration::ZERO));
        self.must("sets how long it waits", self.driver.update_timeouts(timeouts));
        self.chromium(SET_WINDOW, self.look.width.window(None));
        if self.look.width == Width::Phone {
            self.chromium(
                "Emulation.setTouchEmulationEnabled",
                json!({"enabled": true, "maxTouchPoints": 5}),
            );
        }
        let theme = json!({"name": "prefers-color-scheme", "value": self.look.theme()});
        self.chromium("Emulation.setEmulatedMedia", json!({"features": [theme]}));
        // The language of numbers and dates is otherwise that of the translations installed with the browser.
        self.chromium("Emulation.setLocaleOverride", json!({"locale": self.look.locale().replace('-', "_")}));
        // The same on every machine.
        self.timezone("Asia/Shanghai");
    }

    /// The IANA zone that the person's machine is set to; `Asia/Shanghai` until this is said.
    #[track_caller]
    pub(crate) fn timezone(&self, name: &str) {
        self.chromium("Emulation.setTimezoneOverride", json!({"timezoneId": name}));
    }

    /// Makes the window so many pixels wide.
    #[track_caller]
    pub(crate) fn resize(&self, width: u64) {
        let window = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.chromium(SET_WINDOW, window);
    }

    /// Goes to an address and waits until the page is loaded.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.must(&format!("opens {url}"), self.driver.goto(url));
    }

    /// Opens an address; this once, a script runs before the page's own code.
    #[track_caller]
    pub(crate) fn open_after(&self, script: &str, url: &str) {
        let added = self.chromium("Page.addScriptToEvaluateOnNewDocument", json!({"source": script}));
        self.open(url);
        self.chromium("Page.removeScriptToEvaluateOnNewDocument", added);
    }

    #[track_caller]
    pub(crate) fn reload(&self) {
        self.must("loads the page again", self.driver.refresh());
    }

    #[track_caller]
    pub(crate) fn back(&self) {
        self.must("goes back", self.driver.back());
    }

    #[track_caller]
    pub(crate) fn url(&self) -> String {
        self.must("tells the address", self.driver.current_url()).into()
    }

    /// Clicks the first element there is for a selector, once it can be clicked: nothing lies over it, it does not move and does not say
    /// that it takes no clicks now. One that a bar at the edge of the window covers is scrolled to first, as a person would.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        self.element("clicks", selector, async |element| {
            if element.attr("aria-disabled").await?.as_deref() == Some("true") {
                return Err(WebDriverError::FatalError("it takes no clicks now".to_owned()));
            }
            element.scroll_into_view().await?;
            element.click().await
        });
    }

    /// Types into a field in place of what is there. Fields for a date or a time, which browsers show and take in a shape of their
    /// own, are set at once instead, as by their pickers: `text` is in the shape of HTML, like `22:05`.
    #[track_caller]
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        const SET: &str = "const [selector, text] = arguments;
            const field = document.querySelector(selector);
            if (!['color', 'date', 'datetime-local', 'month', 'range', 'time', 'week'].includes(field.type)) return false;
            field.focus();
            field.value = text;
            field.dispatchEvent(new Event('input', {bubbles: true}));
            field.dispatchEvent(new Event('change', {bubbles: true}));
            return true;";
        self.wait_for(selector);
        if self.script(SET, &[json!(selector), json!(text)]) == json!(true) {
            return;
        }
        self.element("types into", selector, async |element| {
            let everything = Key::Control + "a" + Key::Null;
            let new = if text.is_empty() { TypingData::from(Key::Backspace) } else { text.into() };
            element.send_keys(everything + new).await
        });
    }

    /// Types into a field and leaves it, for those that are done when they are left.
    #[track_caller]
    pub(crate) fn write(&self, selector: &str, text: &str) {
        self.fill(selector, text);
        self.keys(Key::Tab);
    }

    /// Chooses the option of a `select` that has a value.
    #[track_caller]
    pub(crate) fn select(&self, selector: &str, value: &str) {
        self.click(&format!("{selector} option[value={}]", json!(value)));
    }

    /// Presses keys one after another, wherever the focus is: text, or a [`Key`].
    #[track_caller]
    pub(crate) fn keys(&self, keys: impl Into<TypingData>) {
        let keys = keys.into();
        let chain = self.driver.action_chain().send_keys(keys);
        self.must("presses keys", chain.perform());
    }

    /// Presses a key while others are held: `chord(&[Key::Shift], Key::Tab)`.
    #[track_caller]
    pub(crate) fn chord(&self, held: &[Key], key: impl Into<char>) {
        let key: char = key.into();
        let mut chain = self.driver.action_chain();
        for held in held {
            chain = chain.key_down(held.value());
        }
        chain = chain.key_down(key).key_up(key);
        for held in held.iter().rev() {
            chain = chain.key_up(held.value());
        }
        self.must("presses a chord", chain.perform());
    }

    /// Walks by Tab until the focus is on what a selector names, at most so many times; gives how often it was pressed.
    #[track_caller]
    pub(crate) fn tab_to(&self, selector: &str, at_most: usize) -> usize {
        const FOCUSED: &str = "const focused = document.activeElement;
            return (focused.tagName + ' ' + (focused.ariaLabel || focused.innerText || focused.name || focused.id)).slice(0, 60)";
        let mut passed = Vec::new();
        for pressed in 1..=at_most {
            self.keys(Key::Tab);
            if self.has_focus(selector) {
                return pressed;
            }
            passed.push(self.script(FOCUSED, &[]).to_string());
        }
        self.give_up(&format!("Tab does not lead to {selector} but to {}", passed.join(", ")))
    }

    #[track_caller]
    pub(crate) fn has_focus(&self, selector: &str) -> bool {
        self.script("return document.activeElement.matches(arguments[0])", &[json!(selector)]) == json!(true)
    }

    /// What the first element for a selector shows; empty when it is hidden.
    #[track_caller]
    pub(crate) fn text(&self, selector: &str) -> String {
        self.element("reads", selector, async |element| element.text().await)
    }

    /// What each element for a selector shows now; none is a fine answer.
    #[track_caller]
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        self.patiently(&format!("reads every {selector}"), || self.try_texts(selector))
    }

    /// What is in a field.
    #[track_caller]
    pub(crate) fn value(&self, selector: &str) -> String {
        self.element("reads the value of", selector, async |element| element.value().await)
            .unwrap_or_default()
    }

    /// An attribute of the first element for a selector, if it has it.
    #[track_caller]
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.element("reads an attribute of", selector, async |element| element.attr(name).await)
    }

    /// Whether one can be seen now.
    #[track_caller]
    pub(crate) fn has(&self, selector: &str) -> bool {
        self.patiently(&format!("looks for {selector}"), || self.try_seen(selector))
    }

    /// Waits until one can be seen.
    #[track_caller]
    pub(crate) fn wait_for(&self, selector: &str) {
        self.wait_until(&format!("{selector} can be seen"), || self.try_seen(selector) == Ok(true));
    }

    /// Waits until none can be seen.
    #[track_caller]
    pub(crate) fn wait_gone(&self, selector: &str) {
        self.wait_until(&format!("no {selector} can be seen"), || self.try_seen(selector) == Ok(false));
    }

    /// Waits until one shows a text, with or without more around it.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, selector: &str, text: &str) {
        self.wait_until(&format!("{selector} shows {text:?}"), || {
            self.try_texts(selector).is_ok_and(|texts| texts.iter().any(|shown| shown.contains(text)))
        });
    }

    /// Waits for anything else.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        self.patiently(&format!("waits until {what}"), || holds().then_some(()).ok_or_else(String::new));
    }

    /// Runs the body of a function in the page with `arguments`; a promise it returns is waited for.
    #[track_caller]
    pub(crate) fn script(&self, body: &str, arguments: &[Value]) -> Value {
        let result = self.must("runs a script", self.driver.execute(body, arguments.to_vec()));
        result.json().clone()
    }

    /// Holds back requests whose address fits a pattern (`*` is anything), until they are let go. Not for what the page needs to be
    /// loaded: opening it would wait for that.
    #[track_caller]
    pub(crate) fn hold_requests(&self, pattern: &str) {
        self.chromium("Fetch.enable", json!({"patterns": [{"urlPattern": pattern}]}));
    }

    /// Lets requests go, those that were held back and all to come.
    #[track_caller]
    pub(crate) fn release_requests(&self) {
        self.chromium("Fetch.disable", json!({}));
    }

    /// Takes the network away, or gives it back.
    #[track_caller]
    pub(crate) fn offline(&self, offline: bool) {
        self.chromium("Network.enable", json!({}));
        self.chromium(
            "Network.emulateNetworkConditions",
            json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}),
        );
    }

    /// Lets the page be seen or not. A driven browser has no other page to put before it, so it is told as it would be.
    #[track_caller]
    pub(crate) fn be_seen(&self, seen: bool) {
        let tell = "Object.defineProperty(document, 'hidden', { value: !arguments[0], configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));";
        self.script(tell, &[json!(seen)]);
    }

    /// Milliseconds from the start of the navigation until something was shown, once it was.
    #[track_caller]
    pub(crate) fn first_contentful_paint(&self) -> Option<f64> {
        const PAINT: &str =
            "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null";
        self.script(PAINT, &[]).as_f64()
    }

    /// The browser's process.
    pub(crate) fn process_id(&self) -> u64 {
        self.process
    }

    /// Tells Chromium what the standard of drivers has no words for.
    #[track_caller]
    fn chromium(&self, command: &str, parameters: Value) -> Value {
        self.must(command, self.driver.cdp().send_raw(command, parameters))
    }

    /// Does something with the first element for a selector; again, until it can be done.
    #[track_caller]
    fn element<T>(
        &self,
        does: &str,
        selector: &str,
        act: impl AsyncFn(WebElement) -> WebDriverResult<T>,
    ) -> T {
        self.patiently(&format!("{does} {selector}"), || {
            self.wait(async { act(self.driver.find(By::Css(selector)).await?).await })
        })
    }

    fn try_texts(&self, selector: &str) -> Result<Vec<String>, String> {
        self.wait(async {
            let mut texts = Vec::new();
            for element in self.driver.find_all(By::Css(selector)).await? {
                texts.push(element.text().await?);
            }
            Ok(texts)
        })
    }

    fn try_seen(&self, selector: &str) -> Result<bool, String> {
        self.wait(async {
            for element in self.driver.find_all(By::Css(selector)).await? {
                if element.is_displayed().await? {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Tries until it works.
    #[track_caller]
    fn patiently<T>(&self, what: &str, mut attempt: impl FnMut() -> Result<T, String>) -> T {
        let started = Instant::now();
        loop {
            match attempt() {
                Ok(value) => return value,
                Err(error) if started.elapsed() > PATIENCE => {
                    self.give_up(&format!("{what}: not in {} s. {error}", PATIENCE.as_secs()))
                }
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    /// What has no reason to fail.
    #[track_caller]
    fn must<T>(&self, what: &str, doing: impl Future<Output = WebDriverResult<T>>) -> T {
        self.wait(doing).unwrap_or_else(|error| self.give_up(&format!("{what}: {error}")))
    }

    fn wait<T>(&self, doing: impl Future<Output = WebDriverResult<T>>) -> Result<T, String> {
        self.runtime.block_on(doing).map_err(|error| {
            // What follows is about the driver's own code, and long.
            error.to_string().split("Stacktrace:").next().unwrap_or_default().trim_end().to_owned()
        })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let complaints = self.try_complaints();
        if complaints.is_err() || self.wait(self.driver.clone().quit()).is_err() {
            // Nothing may be left of it, whatever state it is in.
            let _ = Command::new("kill").args(["-KILL", &self.process.to_string()]).status();
            let _ = self.driver.clone().leak();
        }
        self.program.end();
        if !std::thread::panicking() {
            let complaints = complaints.unwrap_or_else(|error| vec![format!("unknown: {error}")]);
            assert!(complaints.is_empty(), "the browser complained:\n{}", complaints.join("\n"));
        }
    }
}
