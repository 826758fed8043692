//! How many calls a second the whole program places over SIP, with attempts, records and events on disk, and what a call costs of a processor;
//! beside SIPp and our SIP stack, which only send the messages, and beside Asterisk driven by its REST interface. Everybody calls the same SIPp, on
//! loopback, and hangs up 200 ms after the answer. Then many calls at once that talk, with what sound comes of them; and many with a bot, with what is
//! added to the way there and back.
//!
//! `cargo bench -p dialtime --all-features --bench sip` measures SQLite, and with `DIALTIME_TEST_POSTGRES_URL` set PostgreSQL too; `-- --calls
//! 10000` so many calls (`0`: none), `--rate 1000` no more than so many a second; `--talking 1000` has so many talk at once, and a tenth of them before (`0`:
//! nobody), and `--bots 100` so many with a bot. `scripts/benchmark-sip` starts an Asterisk and names it.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark")]

mod asterisk;
mod bots;
mod dialtime;
mod echo;
mod phones;
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

/// What the program's calls are held against.
struct Others {
    sipp: Measured,
    stack: Measured,
    asterisk: Option<Measured>,
}

impl Others {
    async fn measure(calls: usize, rate: usize) -> Self {
        let sipp = sipp::call(calls, rate);
        sipp.tell("SIPp");
        let stack = stack::call(calls, rate).await;
        stack.tell("The SIP stack alone");
        let asterisk = asterisk::call(calls.min(2_000), rate.min(100));
        if let Some(asterisk) = &asterisk {
            asterisk.tell("Asterisk by REST");
        }
        Self { sipp, stack, asterisk }
    }

    fn compare(&self, own: &Measured) {
        println!("    to SIPp: {:.2} of its calls a second", own.rate() / self.sipp.rate());
        println!("    to SIPp: {:.1} times the processor for each call", own.cost() / self.sipp.cost());
        println!(
            "    to the SIP stack alone: {:.1} times the processor for each call",
            own.cost() / self.stack.cost()
        );
        if let Some(asterisk) = &self.asterisk {
            println!(
                "    to Asterisk: {:.1} times its calls for each second of a processor",
                asterisk.cost() / own.cost()
            );
        }
    }
}

#[tokio::main]
async fn main() {
    println!("{} cores", std::thread::available_parallelism().unwrap());
    let (calls, rate) = (option("--calls", 10_000), option("--rate", 1_000));
    let (talking, with_bots) = (option("--talking", 1_000), option("--bots", 100));
    let others = if calls > 0 { Some(Others::measure(calls, rate).await) } else { None };
    for database in databases() {
        if let Some(others) = &others {
            let own = dialtime::call(database, calls, rate).await;
            own.tell(&format!("Dialtime, {database:?}"));
            others.compare(&own);
        }
        for calls in [talking / 10, talking] {
            talking::talk(database, calls).await;
        }
        bots::talk(database, with_bots).await;
    }
}
