//! A browser of one test's own: what a person does to a page, and what they see of it.
//!
//! Every method does one thing and is done when it returns. What needs an element waits for it, and tries again while the page is
//! still being made; what does not come in time fails the test with what was waited for, what the page shows and what the browser
//! said. A test also fails, at its end, when the browser said anything that it did not expect.

use std::{
    cell::RefCell,
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use thirtyfour::{
    BrowserLogEntry, By, ChromiumLikeCapabilities, DesiredCapabilities, Key, LoggingPrefsLogLevel,
    TimeoutConfiguration, TypingData, WebDriver, WebElement,
    common::command::{Actions, Command as DriverCommand},
    error::{WebDriverError, WebDriverResult},
    session::http::{Body, HttpClient},
};

/// How long the page may take to become what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks at the page.
const PAUSE: Duration = Duration::from_millis(25);

/// How long the browser may take to do one thing; longer than it may itself wait for the page. Its first picture alone now and then takes
/// it ten seconds on a busy machine.
const ANSWER: Duration = Duration::from_mins(1);

/// Chromium's command for the size of its window.
const SET_WINDOW: &str = "Emulation.setDeviceMetricsOverride";

const AXE: &str = include_str!("axe/axe.min.js");

/// The language of the person at the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Chinese,
    English,
}

/// What the system is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Light,
    Dark,
}

/// What the page is looked at with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Width {
    /// A desk: 1280 x 900, a mouse.
    #[default]
    Wide,
    /// A hand: 390 x 844, fingers.
    Phone,
}

impl Width {
    /// What `SET_WINDOW` takes; the height in CSS pixels, if it is to be another than usual.
    fn window(self, height: Option<u64>) -> Value {
        let (width, usual_height, pixels) = match self {
            Width::Wide => (1280, 900, 1),
            Width::Phone => (390, 844, 2),
        };
        json!({
            "width": width, "height": height.unwrap_or(usual_height),
            "deviceScaleFactor": pixels, "mobile": self == Width::Phone,
        })
    }
}

/// How a person has set up what they look at the page with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) width: Width,
}

impl Look {
    fn locale(self) -> &'static str {
        match self.language {
            Language::Chinese => "zh-CN",
            Language::English => "en-US",
        }
    }

    fn theme(self) -> &'static str {
        match self.theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// As part of a file's name.
    fn name(self) -> String {
        let language = match self.language {
            Language::Chinese => "zh",
            Language::English => "en",
        };
        let width = match self.width {
            Width::Wide => "wide",
            Width::Phone => "phone",
        };
        format!("{language}-{}-{width}", self.theme())
    }
}

/// A place in the window, in pixels of CSS from its top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

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

    /// Goes to an address and waits until the page is loaded.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.must(&format!("opens {url}"), self.driver.goto(url));
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

    /// Clicks several times in one place, as fast as people do; whatever lies there by then is clicked.
    #[track_caller]
    pub(crate) fn click_again_and_again(&self, selector: &str, times: usize) {
        let place = self.point_in(selector, 0.5, 0.5);
        let there = json!({"type": "pointerMove", "duration": 0, "x": place.x, "y": place.y});
        let click = [
            json!({"type": "pointerDown", "button": 0}),
            json!({"type": "pointerUp", "button": 0}),
            json!({"type": "pause", "duration": 150}),
        ];
        let clicks = std::iter::repeat_n(click, times).flatten();
        // In one command, so that a busy machine does not make them slow.
        self.mouse(&std::iter::once(there).chain(clicks).collect::<Vec<Value>>());
    }

    /// Taps the middle of an element with a finger.
    #[track_caller]
    pub(crate) fn tap(&self, selector: &str) {
        let point = self.point_in(selector, 0.5, 0.5);
        self.touch_drag(Duration::ZERO, &[point]);
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

    /// A place in the first element for a selector, as fractions of its width and height, scrolled to if it is out of sight. Ask for
    /// every place before the first is used only when they are in sight together.
    #[track_caller]
    pub(crate) fn point_in(&self, selector: &str, x: f64, y: f64) -> Point {
        const PLACE: &str = "const [selector, x, y] = arguments;
            const element = document.querySelector(selector);
            element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
            const box = element.getBoundingClientRect();
            return [box.left + x * box.width, box.top + y * box.height];";
        self.wait_for(selector);
        let place = self.script(PLACE, &[json!(selector), json!(x), json!(y)]);
        Point { x: place[0].as_f64().unwrap(), y: place[1].as_f64().unwrap() }
    }

    /// Presses the mouse at the first of some places and moves it over the others to the last, in many small steps; lets it go there.
    #[track_caller]
    pub(crate) fn drag(&self, way: &[Point]) {
        self.hold(way);
        self.mouse(&[json!({"type": "pointerUp", "button": 0})]);
    }

    /// The same, but the mouse stays pressed.
    #[track_caller]
    pub(crate) fn hold(&self, way: &[Point]) {
        let mut actions: Vec<Value> = steps(way)
            .into_iter()
            .map(|point| json!({"type": "pointerMove", "duration": 0, "x": point.x, "y": point.y}))
            .collect();
        actions.insert(1, json!({"type": "pointerDown", "button": 0}));
        self.mouse(&actions);
    }

    #[track_caller]
    fn mouse(&self, actions: &[Value]) {
        let mouse = json!([{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions,
        }]);
        let command = DriverCommand::PerformActions(Actions::from(mouse));
        self.must("moves the mouse", self.driver.cmd(command));
    }

    /// Puts a finger on the first of some places, lets it rest there for a while, and draws it over the others to the last, in many
    /// small steps; lifts it there.
    #[track_caller]
    pub(crate) fn touch_drag(&self, rest: Duration, way: &[Point]) {
        for (number, point) in steps(way).into_iter().enumerate() {
            let kind = if number == 0 { "touchStart" } else { "touchMove" };
            if number == 1 {
                std::thread::sleep(rest);
            }
            let finger = json!([{"x": point.x, "y": point.y}]);
            self.chromium("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": finger}));
        }
        self.chromium("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
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

    /// The whole page as a picture, also what is out of sight; gives the file: `{name}-{language}-{theme}-{width}.png` in the folder
    /// `DIALTIME_SCREENSHOTS`, which is `target/screenshots` when nothing is said.
    #[track_caller]
    pub(crate) fn screenshot(&self, name: &str) -> PathBuf {
        self.settle();
        self.try_screenshot(name).unwrap_or_else(|error| self.give_up(&format!("takes a picture: {error}")))
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

    /// The browser's process.
    pub(crate) fn process_id(&self) -> u64 {
        self.process
    }

    /// Waits until nothing moves but what moves for ever.
    #[track_caller]
    fn settle(&self) {
        const STILL: &str = "return document.getAnimations().every(animation =>
            animation.playState !== 'running' || animation.effect.getComputedTiming().endTime === Infinity)";
        self.wait_until("nothing moves", || self.script(STILL, &[]) == json!(true));
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

    fn try_complaints(&self) -> Result<Vec<String>, String> {
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

    /// Fails the test with what there is to see. Must not fail itself: the browser may be what is broken.
    #[track_caller]
    fn give_up(&self, what: &str) -> ! {
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

/// What is asked of the browser at its start.
fn capabilities(look: Look, profile: &Path) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &format!("--user-data-dir={}", profile.display()),
        &format!("--lang={}", look.locale()),
        "--window-size=1280,900",
    ] {
        capabilities.add_arg(argument)?;
    }
    let preferences = json!({"intl.accept_languages": look.locale()});
    capabilities.add_experimental_option("prefs", preferences)?;
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}

/// A way in steps so small that a page sees a movement and not a jump.
fn steps(way: &[Point]) -> Vec<Point> {
    const STEPS: u8 = 8;
    let mut points: Vec<Point> = way.iter().take(1).copied().collect();
    for leg in way.windows(2) {
        let (from, to) = (leg[0], leg[1]);
        points.extend((1..=STEPS).map(|step| {
            let part = f64::from(step) / f64::from(STEPS);
            Point { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }
        }));
    }
    points
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The program between a test and its browser.
struct Program {
    child: Child,
    base: String,
}

impl Program {
    #[track_caller]
    fn start() -> Self {
        let child = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("chromedriver, which drives the browser, cannot be run; ./test installs it: {error}")
        });
        let mut program = Self { child, base: String::new() };
        let mut output = BufReader::new(program.child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = output.find_map(|line| {
            line.split_once("started successfully on port ")
                .map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        program.base = format!("http://127.0.0.1:{}", port.expect("chromedriver ended before it listened"));
        // It must not wait for somebody to read what else it has to say.
        std::thread::spawn(move || output.for_each(drop));
        program
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// Speaks HTTP to a driver on this machine, and waits for the answer: nothing else is to be done in the meantime.
#[derive(Clone)]
struct Client(ureq::Agent);

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER))
            .proxy(None)
            .build();
        Self(config.into())
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        let (head, body) = request.into_parts();
        let answer = match body {
            Body::Empty => self.0.run(Request::from_parts(head, ())),
            Body::Json(body) => self.0.run(Request::from_parts(head, body.to_string())),
        };
        let failed = |error: ureq::Error| WebDriverError::RequestFailed(error.to_string());
        let (head, mut body) = answer.map_err(failed)?.into_parts();
        // Pictures are large.
        let bytes = body.with_config().limit(u64::MAX).read_to_vec().map_err(failed)?;
        Ok(Response::from_parts(head, bytes.into()))
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(self.clone())
    }
}
