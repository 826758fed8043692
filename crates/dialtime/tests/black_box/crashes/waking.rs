//! Nodes that wake: after a sleep beyond their lease, and when their database is back.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use super::{
    blows::{Chance, Striker},
    dialed::{Dialed, Dialing},
    proxy::Proxy,
};
use crate::support::{Database, until};

/// How long the calls of a node that is gone may go on where another lives.
const SILENCED: Duration = Duration::from_secs(15);

/// Ten numbers at once: six answer and talk for so many seconds, the others ring for as many as this says.
fn half_answered(talk: i64, ring: i64) -> Dialed {
    let none = json!({"from": 0, "to": 0});
    let rule = |digit: u8| json!({"pattern": format!("*{digit}"), "outcome": "answered", "ring": none, "talk": {"from": talk, "to": talk}});
    let rules: Vec<_> = (0..6).map(rule).collect();
    let outcomes =
        json!([{"weight": 1, "outcome": "no_answer", "ring": {"from": ring, "to": ring}, "talk": none}]);
    Dialed {
        numbers: 10,
        calls: 10,
        rate: 100,
        simulation: json!({"rules": rules, "outcomes": outcomes}),
        fields: json!({}),
    }
}

/// Waits until six of ten calls are answered, and that is written down. What it sees meanwhile goes to the test's output.
fn until_answered(dialing: &Dialing) {
    let mut last = json!(null);
    until("all phones ring and six are answered", || {
        let progress = dialing.progress();
        if progress["calls"] != last {
            eprintln!("{progress}");
            last = progress["calls"].clone();
        }
        last == json!({"ringing": 4, "talking": 6})
    });
}

fn outcomes(dialing: &Dialing) -> Vec<String> {
    let sql = "SELECT class || ' ' || count(*) FROM attempts GROUP BY class ORDER BY 1";
    dialing.world.database.texts_in_order(sql)
}

#[test]
fn a_node_that_slept_beyond_its_lease_has_lost_its_calls_and_writes_no_second_outcome() {
    let mut dialing = Dialing::new(Database::Postgres, &half_answered(120, 120), str::to_owned);
    dialing.start();
    until_answered(&dialing);
    dialing.start_node();
    let sleeper = dialing.nodes[0].process_id();
    dialing.signal(0, Signal::STOP);
    let begun = Instant::now();
    let mut striker = Striker::new(Chance::new(), 2);
    striker.note_lost(&dialing);
    until("the reaper has ended its calls", || dialing.network.traffic().under_way() == 0);
    let silent = begun.elapsed();
    assert!(silent < SILENCED, "{silent:?}");
    let before = dialing.network.traffic();
    let written = ["answered 6", "unknown 4"];
    until("what became of them is written down", || outcomes(&dialing) == written);
    dialing.signal(0, Signal::CONT);
    thread::sleep(Duration::from_secs(4));
    let after = dialing.network.traffic();
    assert_eq!(after.nodes[&sleeper].invites, before.nodes[&sleeper].invites, "awake it calls nobody");
    assert_eq!(after.calls.len(), 10);
    assert_eq!(outcomes(&dialing), written, "no second outcome");
    dialing.finish();
    let traffic = dialing.check(&striker);
    dialing.check_calls(&traffic, 1, 10);
}

/// How long the database is away: 30 seconds where there is time for it.
fn away() -> Duration {
    Duration::from_secs(if std::env::var("DIALTIME_CRASHES").is_ok() { 30 } else { 11 })
}

#[test]
fn answered_calls_go_on_while_the_database_is_away_and_afterwards() {
    let mut proxy = None;
    let through = |url: &str| {
        let (own, through) = Proxy::to_postgres(url);
        proxy = Some(own);
        through
    };
    // A reaper would end them nine seconds after the database is back.
    let talk = i64::try_from(away().as_secs()).unwrap() + 14;
    let mut dialing = Dialing::new(Database::Postgres, &half_answered(talk, talk - 2), through);
    let proxy = proxy.unwrap();
    dialing.start_node();
    dialing.start_node();
    dialing.start();
    until_answered(&dialing);
    proxy.cut();
    let cut = Instant::now();
    while cut.elapsed() < away() {
        let traffic = dialing.network.traffic();
        assert_eq!(traffic.under_way() - traffic.ringing(), 6, "answered calls go on");
        thread::sleep(Duration::from_millis(200));
    }
    let invites = dialing.network.traffic().calls.len();
    assert_eq!(invites, 10, "nothing starts without the database");
    proxy.mend();
    until("the calls are over", || dialing.network.traffic().under_way() == 0);
    for call in dialing.network.traffic().calls.iter().filter(|call| call.answered_at.is_some()) {
        let talked = call.ended_at.unwrap().duration_since(call.answered_at.unwrap());
        assert_eq!(talked.as_secs(), talk, "no reaper has ended it: {call:?}");
    }
    dialing.finish();
    let written = outcomes(&dialing);
    assert!(written.contains(&"answered 6".to_owned()), "{written:?}");
    let traffic = dialing.check(&Striker::new(Chance::new(), 3));
    dialing.check_calls(&traffic, 2, 10);
}
