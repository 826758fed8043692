//! Many calls at once whose callees hear and are heard: SIPp says back what it hears. What is measured is how late the program's packets leave,
//! how many come back, and what a packet costs of a processor; beside a thread that only sends and receives as many bytes on loopback.

use std::{
    net::{TcpListener, UdpSocket},
    time::{Duration, Instant},
};

use domain::{Bounded, GatherStep, KeySeconds, StepAction};
use test_support::{DatabaseKind, Program, SetClock, create_script_of};

use super::{
    dialtime::{Plan, make_list, records, serve, until_called},
    processor,
    sipp::Callee,
    world::World,
};

/// A script that waits for a key.
const WAITS: i64 = 298;

/// How long callees talk, in seconds: each hears and is heard 50 times a second.
const TALK: i64 = 30;

/// How many begin a second.
const RATE: usize = 100;

/// The bytes of a packet of sound.
const PACKET: usize = 172;

/// How long figures of calls may take that are over.
const FIGURES: Duration = Duration::from_secs(7);

/// How many packets were sent, by how late they left at most, in seconds; and how many came.
struct Sound {
    sent: Vec<(f64, f64)>,
    skipped: f64,
    received: f64,
}

impl Sound {
    fn all_sent(&self) -> f64 {
        self.sent.iter().map(|(_, packets)| packets).sum()
    }

    /// In milliseconds, so late were this part of all packets at most.
    fn percentile(&self, part: f64) -> f64 {
        let wanted = self.all_sent() * part;
        let mut counted = 0.0;
        let step = self.sent.iter().find(|(_, packets)| {
            counted += packets;
            counted >= wanted
        });
        step.map_or(f64::NAN, |(at_most, _)| at_most * 1_000.0)
    }
}

/// Has so many callees talk at once, and tells of it.
pub(crate) async fn talk(database: DatabaseKind, calls: usize) {
    if calls == 0 {
        return;
    }
    let callee = Callee::start_with_echo();
    let world = World::new(database, SetClock::real()).await;
    let script = vec![waits(), StepAction::HangUp];
    create_script_of(&world.store, world.accounts.user, WAITS, script, &world.change()).await;
    make_list(&world, &Plan { port: callee.port, script: WAITS, calls, rate: RATE }).await;
    let (data, figures) = (tempfile::tempdir().unwrap(), free_port());
    let mut command = serve(&world, data.path());
    command.args(["--metrics-listen", &format!("127.0.0.1:{figures}")]);
    let server = Program::start(&mut command);
    until_called(&world, calls).await;
    let processor = processor::of(server.process_id());
    tokio::time::sleep(FIGURES).await;
    let sound = sound(figures);
    let [all, answered, _] = records(&world).await;
    let packets = sound.all_sent() + sound.received;
    println!(
        "  {calls} calls of {TALK} s, {RATE} begun a second, {database:?}: {answered} of {all} answered"
    );
    println!(
        "    sent late by {:.3} / {:.3} ms at most (half / 99 of 100), {:.0} left out of {:.0}",
        sound.percentile(0.5),
        sound.percentile(0.99),
        sound.skipped,
        sound.all_sent() + sound.skipped
    );
    println!("    received: {:.3} % of what was sent", sound.received / sound.all_sent() * 100.0);
    let (own, floor) = (processor * 1e6 / packets, floor());
    println!(
        "    {own:.2} us of a processor a packet, calls and records with it; to a thread that only sends and receives: {:.1} times",
        own / floor
    );
}

fn waits() -> StepAction {
    let seconds = KeySeconds::new(TALK).unwrap();
    StepAction::Gather(GatherStep {
        prompt: None,
        digits: Bounded::or(1),
        first_digit: seconds,
        next_digit: seconds,
        branches: Vec::new(),
        no_input: None,
        no_match: None,
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What the server's figures say.
fn sound(port: u16) -> Sound {
    let answer = ureq::get(&format!("http://127.0.0.1:{port}/metrics")).call().unwrap();
    let text = answer.into_body().read_to_string().unwrap();
    let of = |name: &str| -> Vec<(String, f64)> {
        let lines = text.lines().filter(|line| line.starts_with(name));
        let values = lines.filter_map(|line| line.rsplit_once(' '));
        values.map(|(labels, value)| (labels.to_owned(), value.parse().unwrap())).collect()
    };
    let sum = |name: &str| of(name).iter().map(|(_, value)| value).sum();
    let lateness = |labels: &str| labels.split('"').nth(1).and_then(|at_most| at_most.parse().ok());
    let sent = of("dialtime_sound_packets_sent_total{");
    let mut sent: Vec<(f64, f64)> =
        sent.iter().map(|(labels, packets)| (lateness(labels).unwrap_or(f64::INFINITY), *packets)).collect();
    sent.sort_by(|one, other| one.0.total_cmp(&other.0));
    Sound {
        sent,
        skipped: sum("dialtime_sound_packets_skipped_total"),
        received: sum("dialtime_sound_packets_received_total"),
    }
}

/// Microseconds of a processor that it takes to send a packet or to receive one.
fn floor() -> f64 {
    const PACKETS: usize = 200_000;
    let (one, other) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let to = other.local_addr().unwrap();
    let mut buffer = [0; PACKET];
    let begun = Instant::now();
    for _ in 0..PACKETS {
        one.send_to(&[0xd5; PACKET], to).unwrap();
        other.recv(&mut buffer).unwrap();
    }
    begun.elapsed().as_secs_f64() * 1e6 / (2 * PACKETS) as f64
}
