//! Nodes are killed, stopped and woken at random while they dial a list. `scripts/long` does it for longer.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    blows::{Blow, Chance, Striker},
    checks::check_interval,
    dialed::{Dialed, Dialing},
};
use crate::support::Database;

/// What is done to nodes where `DIALTIME_CRASHES` does not say how many blows there are.
const FEW: [Blow; 4] = [Blow::Sleep, Blow::Kill, Blow::Nap, Blow::Kill];

/// How many blows there are, and how many numbers.
fn extent() -> Option<(u32, u32)> {
    let blows = std::env::var("DIALTIME_CRASHES").ok()?.parse().unwrap();
    Some((blows, blows * 100))
}

/// Calls of some seconds, of every kind.
fn mixed() -> Value {
    let seconds = |from: i64, to: i64| json!({"from": from, "to": to});
    let outcome = |weight: i64, outcome: &str, ring: Value| json!({"weight": weight, "outcome": outcome, "ring": ring, "talk": seconds(1, 4)});
    json!({"outcomes": [
        outcome(4, "answered", seconds(0, 2)), outcome(3, "busy", seconds(0, 1)), outcome(2, "no_answer", seconds(2, 4)),
        outcome(1, "invalid_number", seconds(0, 0)),
    ]})
}

/// Dials a list while nodes are struck, and checks all but how often numbers were called.
fn dial_and_strike(database: Database, fields: Value) -> (Dialing, u32, telephony::NetworkTraffic) {
    let chance = Chance::new();
    let numbers = extent().map_or(250, |(_, numbers)| numbers);
    let dialed = Dialed { numbers, calls: 150, rate: 45, simulation: mixed(), fields };
    let mut dialing = Dialing::new(database, &dialed, str::to_owned);
    let nodes = if database == Database::Sqlite { 1 } else { 3 };
    while dialing.nodes.len() < nodes {
        dialing.start_node();
    }
    let blows: Vec<Blow> = match extent() {
        Some((blows, _)) => (0..blows).map(|_| chance.blow()).collect(),
        None => FEW.to_vec(),
    };
    let striker = Striker::new(chance, nodes);
    let mut striker = if extent().is_some() { striker.slowly() } else { striker };
    dialing.start();
    for blow in blows {
        // The only node is always killed: it has its lease for good.
        let blow = if database == Database::Sqlite { Blow::Kill } else { blow };
        striker.strike(&mut dialing, blow);
    }
    eprintln!(
        "{} when the last blow fell",
        dialing.world.database.texts_in_order("SELECT '' || count(*) FROM attempts")[0]
    );
    striker.wake_all(&dialing);
    dialing.finish();
    let traffic = dialing.check(&striker);
    (dialing, numbers, traffic)
}

#[rstest]
fn nobody_is_called_twice_though_nodes_die_and_sleep(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (dialing, numbers, traffic) = dial_and_strike(database, json!({}));
    dialing.check_calls(&traffic, 1, numbers);
}

#[rstest]
#[ignore = "takes minutes, for a redial comes a minute later at the soonest: scripts/long dialing_crashes"]
fn nobody_is_called_again_before_the_interval_though_nodes_die_and_sleep(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let fields = json!({"task_extras": {
        "redial_enabled": 1, "redial_interval": 1, "redial_max_times": 1, "redial_conditions": {"da_status": [4, 8]},
    }});
    let (dialing, numbers, traffic) = dial_and_strike(database, fields);
    dialing.check_calls(&traffic, 2, numbers);
    check_interval(&traffic, Duration::from_mins(1));
    let again = traffic.by_number().values().filter(|calls| calls.len() == 2).count();
    assert!(again > 0, "some are called again");
}
