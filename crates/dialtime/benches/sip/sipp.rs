//! SIPp, as whoever is called by all, and as a caller itself.

use std::{
    net::UdpSocket,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Measured, processor, world::option};

/// How long who answered is kept: as long as the program lets a last word last.
pub(crate) const TALK: Duration = Duration::from_millis(200);

/// SIPp as whoever is called.
pub(crate) struct Callee {
    child: Child,
    pub(crate) port: u16,
}

impl Callee {
    /// It listens once this returns: at `--callee-port`, if that is named.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that says back what it hears.
    pub(crate) fn start_with_echo() -> Self {
        Self::start_with(&["-rtp_echo", "-mp", &free_port().to_string()])
    }

    fn start_with(options: &[&str]) -> Self {
        let port = match option("--callee-port", 0) {
            0 => free_port(),
            port => port,
        };
        let child = command().args(["-sn", "uas", "-p", &port.to_string()]).args(options).spawn().unwrap();
        while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn command() -> Command {
    let mut command = Command::new("sipp");
    command
        .args(["-i", "127.0.0.1", "-nostdin"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Has SIPp call SIPp.
pub(crate) fn call(calls: usize, rate: usize) -> Measured {
    let callee = Callee::start();
    let (calls_text, rate, talk) = (calls.to_string(), rate.to_string(), TALK.as_millis().to_string());
    let (begun, before) = (Instant::now(), processor::of_ended_children());
    let status = command()
        .arg(format!("127.0.0.1:{}", callee.port))
        .args(["-sn", "uac", "-m", &calls_text, "-r", &rate, "-l", "3000", "-d", &talk, "-timeout", "300s"])
        .status()
        .unwrap();
    let (seconds, processor) = (begun.elapsed().as_secs_f64(), processor::of_ended_children() - before);
    assert!(status.success(), "SIPp does not reach SIPp: {status}");
    Measured { calls, seconds, processor }
}
