//! Asterisk as a dialer: one request of its REST interface for each call, which goes to the same SIPp.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{Measured, processor, sipp::Callee, world::option};

/// How many requests are under way at once.
const THREADS: usize = 8;

/// Has Asterisk call, if `--asterisk` names its REST interface and `--asterisk-process` its process.
pub(crate) fn call(calls: usize, rate: usize) -> Option<Measured> {
    let base: String = option("--asterisk", String::new());
    let process: u32 = option("--asterisk-process", 0);
    if base.is_empty() {
        println!("  Asterisk is not measured: run scripts/benchmark-sip");
        return None;
    }
    let _callee = Callee::start();
    let (begun, before) = (Instant::now(), processor::of(process));
    thread::scope(|scope| {
        for first in 0..THREADS {
            let base = &base;
            scope.spawn(move || originate(base, (first..calls).step_by(THREADS), rate, begun));
        }
    });
    until_over(&base);
    Some(Measured {
        calls,
        seconds: begun.elapsed().as_secs_f64(),
        processor: processor::of(process) - before,
    })
}

/// Asks for calls, each in its time.
fn originate(base: &str, calls: impl Iterator<Item = usize>, rate: usize, begun: Instant) {
    let agent = ureq::agent();
    for call in calls {
        let due = Duration::from_secs_f64(call as f64 / rate as f64);
        thread::sleep(due.saturating_sub(begun.elapsed()));
        let path =
            "/ari/channels?endpoint=PJSIP/1@callee&context=done&extension=s&priority=1&api_key=bench:bench";
        agent.post(&format!("{base}{path}")).send_empty().unwrap();
    }
}

fn until_over(base: &str) {
    loop {
        let channels = ureq::get(&format!("{base}/ari/channels?api_key=bench:bench")).call().unwrap();
        if channels.into_body().read_to_string().unwrap().trim() == "[]" {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
