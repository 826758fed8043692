//! How many calls a second the whole program places over SIP, with attempts, records and events on disk, and what a call costs of a processor;
//! beside SIPp and our SIP stack, which only send the messages, and beside Asterisk driven by its REST interface. Everybody calls the same SIPp, on
//! loopback, and hangs up 200 ms after the answer. Then many calls at once that talk, with what sound comes of them.
//!
//! `cargo bench -p dialtime --all-features --bench sip` measures SQLite, and with `DIALTIME_TEST_POSTGRES_URL` set PostgreSQL too; `-- --calls
//! 10000` so many calls, `--rate 1000` no more than so many a second; `--talking 1000` has so many talk at once, and a tenth of them before (`0`:
//! nobody). `scripts/benchmark-sip` starts an Asterisk and names it.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark")]

mod asterisk;
mod dialtime;
mod processor;
mod sipp;
mod stack;
mod talking;
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "what other benchmarks are measured on has more than is used here"
)]
#[path = "../world/mod.rs"]
mod world;

use self::world::{databases, option};

/// What was measured of somebody who calls.
pub(crate) struct Measured {
    pub(crate) calls: usize,
    pub(crate) seconds: f64,
    /// Seconds of a processor.
    pub(crate) processor: f64,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.calls as f64 / self.seconds
    }

    /// Microseconds of a processor for each call.
    fn cost(&self) -> f64 {
        self.processor * 1e6 / self.calls as f64
    }

    fn tell(&self, who: &str) {
        println!(
            "  {who}: {} calls in {:.1} s, {:.0} a second; {:.0} us of a processor each",
            self.calls,
            self.seconds,
            self.rate(),
            self.cost()
        );
    }
}

#[tokio::main]
async fn main() {
    println!("{} cores", std::thread::available_parallelism().unwrap());
    let (calls, rate) = (option("--calls", 10_000), option("--rate", 1_000));
    let floor = sipp::call(calls, rate);
    floor.tell("SIPp");
    let stack = stack::call(calls, rate).await;
    stack.tell("The SIP stack alone");
    let by_asterisk = asterisk::call(calls.min(2_000), rate.min(100));
    if let Some(asterisk) = &by_asterisk {
        asterisk.tell("Asterisk by REST");
    }
    let talking = option("--talking", 1_000);
    for database in databases() {
        let own = dialtime::call(database, calls, rate).await;
        own.tell(&format!("Dialtime, {database:?}"));
        println!("    to SIPp: {:.2} of its calls a second", own.rate() / floor.rate());
        println!("    to SIPp: {:.1} times the processor for each call", own.cost() / floor.cost());
        println!(
            "    to the SIP stack alone: {:.1} times the processor for each call",
            own.cost() / stack.cost()
        );
        if let Some(asterisk) = &by_asterisk {
            println!(
                "    to Asterisk: {:.1} times its calls for each second of a processor",
                asterisk.cost() / own.cost()
            );
        }
        for calls in [talking / 10, talking] {
            talking::talk(database, calls).await;
        }
    }
}
