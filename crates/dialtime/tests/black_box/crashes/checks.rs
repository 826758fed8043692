//! What must hold once a list is finished, whatever happened to its nodes.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use telephony::NetworkTraffic;

use super::{blows::Striker, dialed::Dialing};
use crate::support::until;

/// How old an attempt may be when its INVITE arrives: two seconds by the dialer, and what the way takes on a busy machine.
const OLDEST_INVITE: SignedDuration = SignedDuration::from_millis(2_500);

/// A record as it is at rest.
struct Record {
    e164: i64,
    class: String,
    is_try: bool,
}

impl Dialing {
    fn records(&self) -> HashMap<String, Record> {
        let sql = format!(
            "SELECT {} || ' ' || e164 || ' ' || class || ' ' || outcome FROM attempts",
            self.digits("id")
        );
        let rows = self.world.database.texts_in_order(&sql);
        let record = |row: &String| {
            let mut cells = row.split(' ').map(str::to_owned);
            let mut next = || cells.next().unwrap();
            let id = next();
            let e164 = next().parse().unwrap();
            let class = next();
            (id, Record { e164, class, is_try: next() != "-1" })
        };
        rows.iter().map(record).collect()
    }

    /// How often each attempt's end was told.
    fn ends_told(&self) -> BTreeMap<String, usize> {
        let (mut told, mut after) = (BTreeMap::new(), 0);
        loop {
            let page = self
                .client(0)
                .get(&self.world.path(&format!("/events?limit=1000&after={after}")))
                .data()
                .clone();
            for event in
                page["events"].as_array().unwrap().iter().filter(|event| event["type"] == "call.ended")
            {
                let record = event["detail"]["record_id"].as_str().unwrap().replace('-', "");
                *told.entry(record).or_default() += 1;
            }
            if page["more"] == false {
                return told;
            }
            after = page["next"].as_i64().unwrap();
        }
    }

    /// All that must hold but for how often numbers are called. Gives what the network has seen.
    pub(super) fn check(&self, striker: &Striker) -> NetworkTraffic {
        until("no call is left", || self.network.traffic().under_way() == 0);
        let (traffic, records) = (self.network.traffic(), self.records());
        self.check_counters();
        let told = self.ends_told();
        assert!(told.values().all(|times| *times == 1), "an end was told twice");
        assert!(
            told.keys().eq(records.keys().collect::<std::collections::BTreeSet<_>>()),
            "each end is told"
        );
        for call in &traffic.calls {
            let record = &records[&call.attempt.uuid().simple().to_string()];
            assert_eq!((record.e164, call.invites), (call.callee, 1), "{call:?}");
            assert_ne!(record.class, "not_sent", "what was sent is a try: {call:?}");
            let old = call.at.duration_since(made_at(call.attempt));
            assert!(old < OLDEST_INVITE, "an INVITE came {old:#} after its attempt was begun: {call:?}");
        }
        assert!(traffic.most_at_once(self.line) <= self.channels(), "{}", traffic.most_at_once(self.line));
        check_unknown(&records, striker);
        let class = |class: &str| records.values().filter(|record| record.class == class).count();
        eprintln!(
            "{} attempts, {} calls, {} unknown, {} not sent; at most {} at once and {} starts in a second; {:?}",
            records.len(),
            traffic.calls.len(),
            class("unknown"),
            class("not_sent"),
            traffic.most_at_once(self.line),
            traffic.most_starts_in_a_second(self.line),
            traffic.nodes.values().fold([0; 4], |[invites, cancels, byes, idle], node| [
                invites + node.invites,
                cancels + node.cancels,
                byes + node.byes,
                idle + node.idle_ends
            ]),
        );
        traffic
    }

    fn channels(&self) -> usize {
        let sql = "SELECT '' || line_concurrency FROM line_allocations";
        self.world.database.texts_in_order(sql)[0].parse().unwrap()
    }

    /// Nothing is held any more, and what is counted is what there is.
    fn check_counters(&self) {
        let none = [""; 0];
        let sql = |sql: &str| self.world.database.texts_in_order(sql);
        assert_eq!(sql("SELECT phone FROM open_attempts"), none, "attempts under way");
        assert_eq!(
            sql("SELECT phone FROM numbers WHERE state IN (1, 2)"),
            none,
            "numbers leased or in a call"
        );
        let of = |rows: &str| {
            let state =
                format!("SELECT list_id || ' ' || status || ' ' || state || ' ' || {rows} ORDER BY 1");
            sql(&state)
        };
        let counted = of("numbers FROM number_counts WHERE numbers <> 0");
        assert_eq!(counted, of("count(*) FROM numbers GROUP BY list_id, status, state"), "numbers");
        let outcomes =
            |rows: &str| sql(&format!("SELECT outcome || ' ' || {rows} GROUP BY outcome ORDER BY 1"));
        assert_eq!(
            outcomes("sum(attempts) FROM attempt_hours"),
            outcomes("count(*) FROM attempts"),
            "attempts"
        );
    }

    /// No number has more calls than this, and each has at least one try.
    pub(super) fn check_calls(&self, traffic: &NetworkTraffic, most: usize, numbers: u32) {
        for (number, calls) in traffic.by_number() {
            assert!(calls.len() <= most, "{number} was called {} times: {calls:?}", calls.len());
        }
        let records = self.records();
        let tried: HashSet<i64> =
            records.values().filter(|record| record.is_try).map(|record| record.e164).collect();
        assert_eq!(tried.len(), usize::try_from(numbers).unwrap(), "each number has an outcome");
    }
}

/// What is unknown was under way when a node was lost, and was that node's.
fn check_unknown(records: &HashMap<String, Record>, striker: &Striker) {
    let in_flight: HashMap<&String, &String> =
        striker.in_flight.iter().map(|(node, id)| (id, node)).collect();
    let unknown = records.iter().filter(|(_, record)| record.class == "unknown");
    let nodes: HashSet<&String> = unknown
        .map(|(id, record)| {
            *in_flight.get(id).unwrap_or_else(|| panic!("{} was not in flight: {id}", record.e164))
        })
        .collect();
    assert!(
        nodes.len() <= striker.lost,
        "calls of {} nodes are unknown; {} were lost",
        nodes.len(),
        striker.lost
    );
}

/// When an attempt was begun: its id tells, to the millisecond.
fn made_at(attempt: domain::AttemptId) -> Timestamp {
    let (seconds, nanoseconds) = attempt.uuid().get_timestamp().unwrap().to_unix();
    Timestamp::new(seconds.try_into().unwrap(), nanoseconds.try_into().unwrap()).unwrap()
}

/// No number is called again before so long after its last call.
pub(super) fn check_interval(traffic: &NetworkTraffic, interval: Duration) {
    let interval = SignedDuration::try_from(interval).unwrap();
    for (number, calls) in traffic.by_number() {
        for two in calls.windows(2) {
            let apart = two[1].at.duration_since(two[0].ended_at.unwrap());
            assert!(apart >= interval, "{number} was called again after {apart:#}: {two:?}");
        }
    }
}
