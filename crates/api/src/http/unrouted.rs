//! Refusals of requests that reach no route, or whose route does not answer in time: those that are not HTTP, do not arrive in time, or
//! are one too many.
//!
//! They have an id and are in the access log like all other refusals. Since such a refusal costs a client nothing, the log names only a
//! few of them a second and counts the rest.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::Random;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::ACCEPT_LANGUAGE};

use crate::http::{
    access_log, envelope, plain_text,
    problem::Problem,
    refusal_log::LoggedRefusal,
    settings::{AccessLog, ErrorStatus},
};

/// How many of these refusals the log names in a second.
const LINES: u32 = 20;

const SECOND: Duration = Duration::from_secs(1);

/// Writes these refusals, and the log's lines about them.
pub struct Unrouted {
    error_status: ErrorStatus,
    access_log: AccessLog,
    random: Arc<dyn Random>,
    lines: Arc<Mutex<Lines>>,
}

/// What is known of a request that is refused; nothing, unless its headers came.
#[derive(Clone, Debug, Default)]
pub struct Unanswered {
    method: Option<Method>,
    /// Those of its headers that matter for a refusal.
    headers: HeaderMap,
    /// Whether it asks for a decision in plain text.
    plainly: bool,
}

impl Unanswered {
    /// Takes note of a request that may have to be refused.
    pub fn of<B>(request: &Request<B>) -> Self {
        let wanted = [ACCEPT_LANGUAGE, access_log::REQUEST_ID];
        let kept =
            wanted.into_iter().filter_map(|name| Some((name.clone(), request.headers().get(name)?.clone())));
        Self {
            method: Some(request.method().clone()),
            headers: kept.collect(),
            plainly: plain_text::is_decision(request.uri().path(), request.headers()),
        }
    }
}

impl Unrouted {
    /// With what the operator chose.
    pub fn new(error_status: ErrorStatus, access_log: AccessLog, random: Arc<dyn Random>) -> Self {
        Self { error_status, access_log, random, lines: Arc::default() }
    }

    /// A refusal with its id, which is logged.
    pub fn refuse(&self, status: StatusCode, request: &Unanswered) -> Response<String> {
        let (problem, id) =
            (Problem::of_status(status), access_log::request_id(&*self.random, &request.headers));
        let mut response = if request.plainly {
            plain_text::refusal_text(&problem, self.error_status)
        } else {
            envelope::refusal(&problem, &request.headers, self.error_status)
        };
        self.log(&problem, response.status(), &id, request.method.as_ref());
        response.headers_mut().insert(access_log::REQUEST_ID, id);
        response
    }

    fn log(&self, problem: &Problem, status: StatusCode, id: &HeaderValue, method: Option<&Method>) {
        let refusal = LoggedRefusal::of(problem);
        refusal.count();
        if self.access_log < AccessLog::Refusals {
            return;
        }
        match lock(&self.lines).next(Instant::now()) {
            LogLine::Written => refusal.write_unrouted(status, id, method),
            LogLine::Counted => {}
            LogLine::FirstCounted => drop(tokio::spawn(tell_of_rest(self.lines.clone()))),
        }
    }
}

fn lock(lines: &Mutex<Lines>) -> std::sync::MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says in a second how many refusals the log did not name.
async fn tell_of_rest(lines: Arc<Mutex<Lines>>) {
    tokio::time::sleep(SECOND).await;
    let refusals = std::mem::take(&mut lock(&lines).left_out);
    tracing::info!(refusals, "more was refused before it reached a route than the log names");
}

/// How many lines were written in the present second, and how many were not.
#[derive(Debug, Default)]
struct Lines {
    begin: Option<Instant>,
    written: u32,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
enum LogLine {
    Written,
    Counted,
    /// The first that is only counted since the count was last logged.
    FirstCounted,
}

impl Lines {
    fn next(&mut self, now: Instant) -> LogLine {
        if self.begin.is_none_or(|begin| now.duration_since(begin) >= SECOND) {
            (self.begin, self.written) = (Some(now), 0);
        }
        if self.written < LINES {
            self.written += 1;
            return LogLine::Written;
        }
        self.left_out += 1;
        if self.left_out == 1 { LogLine::FirstCounted } else { LogLine::Counted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_so_many_lines_a_second_are_written_and_the_rest_counted() {
        let (mut lines, begin) = (Lines::default(), Instant::now());
        let flood = |lines: &mut Lines, at| (0..100).map(|_| lines.next(at)).collect::<Vec<_>>();
        let count = |all: &[LogLine], one: &LogLine| all.iter().filter(|line| *line == one).count();
        let first = flood(&mut lines, begin);
        assert_eq!((count(&first, &LogLine::Written), count(&first, &LogLine::FirstCounted)), (20, 1));
        let second = flood(&mut lines, begin + SECOND);
        assert_eq!((count(&second, &LogLine::Written), count(&second, &LogLine::FirstCounted)), (20, 0));
        assert_eq!(lines.left_out, 160);
        lines.left_out = 0;
        assert_eq!(count(&flood(&mut lines, begin + SECOND), &LogLine::FirstCounted), 1, "it is told again");
    }
}
