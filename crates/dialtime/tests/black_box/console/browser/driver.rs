//! The program between a test and its browser, and how a test speaks to it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use thirtyfour::{
    CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel,
    error::{WebDriverError, WebDriverResult},
    session::http::{Body, HttpClient},
};

use super::Look;

/// How long the browser may take to do one thing; longer than it may itself wait for the page. Its first picture alone now and then takes
/// it ten seconds on a busy machine.
const ANSWER: Duration = Duration::from_mins(1);

/// The program between a test and its browser.
pub(super) struct Program {
    child: Child,
    pub(super) base: String,
}

impl Program {
    #[track_caller]
    pub(super) fn start() -> Self {
        // It wants one port for two kinds of addresses, and ends where somebody else has that of the second kind.
        (0..5).find_map(|_| Self::started()).expect("chromedriver ended before it listened")
    }

    /// One that listens; `None`: it ended before it did.
    #[track_caller]
    fn started() -> Option<Self> {
        let child = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("chromedriver, which drives the browser, cannot be run; ./test installs it: {error}")
        });
        let mut program = Self { child, base: String::new() };
        let mut output = BufReader::new(program.child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = output.find_map(|line| {
            line.split_once("started successfully on port ")
                .map(|(_, port)| port.trim_end_matches('.').to_owned())
        })?;
        program.base = format!("http://127.0.0.1:{port}");
        // It must not wait for somebody to read what else it has to say.
        std::thread::spawn(move || output.for_each(drop));
        Some(program)
    }

    pub(super) fn end(&mut self) {
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
pub(super) struct Client(ureq::Agent);

impl Client {
    pub(super) fn new() -> Self {
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

/// What is asked of the browser at its start.
pub(super) fn capabilities(look: Look, profile: &Path) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    // Chromium without a window: what it would do for its own buttons and address bar took longer than most pages here.
    capabilities.set("browserName", "chrome-headless-shell")?;
    capabilities.set_binary("/usr/bin/chromium-headless-shell")?;
    for argument in [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &format!("--user-data-dir={}", profile.display()),
        &format!("--lang={}", look.locale()),
        // What pages are told; it has no preferences that would say so.
        &format!("--accept-lang={}", look.locale()),
        "--window-size=1280,900",
    ] {
        capabilities.add_arg(argument)?;
    }
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}
