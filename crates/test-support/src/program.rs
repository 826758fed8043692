//! The built program: started, read, killed; and commands that end by themselves.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use crate::PATIENCE;

/// A running program, killed with the test. Both of its streams are read, and go to the test's own output.
pub struct Program {
    child: Child,
    said: Arc<Said>,
}

/// What a program has written.
#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    /// How many of its two streams have ended.
    ended: Mutex<usize>,
}

impl Said {
    /// Reads a stream to its end, beside the test.
    fn read(self: &Arc<Self>, stream: impl Read + Send + 'static) {
        let said = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                eprintln!("{line}");
                said.lines.lock().unwrap().push(line);
            }
            *said.ended.lock().unwrap() += 1;
        });
    }
}

impl Program {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Said::default());
        said.read(child.stdout.take().unwrap());
        said.read(child.stderr.take().unwrap());
        Self { child, said }
    }

    /// Waits for a line that has all of these parts; gives all lines so far.
    #[track_caller]
    pub fn logged(&self, parts: &[&str]) -> String {
        self.wait_for_line(parts).0.join("\n")
    }

    /// Waits for a line that has all of these parts; gives the first.
    #[track_caller]
    pub fn line(&self, parts: &[&str]) -> String {
        let (lines, found) = self.wait_for_line(parts);
        lines[found].clone()
    }

    /// All lines so far, and which of them has all of these parts.
    #[track_caller]
    fn wait_for_line(&self, parts: &[&str]) -> (Vec<String>, usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Asked before the lines are looked at: a stream that has ended brings no more.
            let ended = *self.said.ended.lock().unwrap() == 2;
            let lines = self.said.lines.lock().unwrap().clone();
            let found = lines.iter().position(|line| parts.iter().all(|part| line.contains(part)));
            if let Some(found) = found {
                return (lines, found);
            }
            let has_time = !ended && Instant::now() < deadline;
            assert!(has_time, "no line has {parts:?}:\n{}", lines.join("\n"));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The process, to send it signals.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; says whether it was a good one.
    pub fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a command ended, and what it said.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote on standard output.
    pub output: String,
    /// What it wrote on standard error.
    pub error: String,
}

impl Ended {
    /// Whether it ended well.
    pub fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// What it wrote on both streams.
    pub fn said(&self) -> String {
        format!("{}{}", self.output, self.error)
    }
}

/// Runs a command to its end, with a text on its standard input.
pub fn ended(command: &mut Command, input: &str) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without reading it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let [out, error] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    Ended { code: output.status.code(), output: out, error }
}
