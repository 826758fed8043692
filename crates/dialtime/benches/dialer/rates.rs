//! Numbers a second: claimed, attempted on disk, called and ended by the dialer, beside the same done by the raw statements.
//!
//! The dialer's clock goes on by 50 ms a round, however long the round took, so that the lines' pace is never what is measured. Both take
//! turns on one list, so that what else the machine does hits both.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dialer::Dialer;
use domain::{Clock as _, TaskId};
use jiff::SignedDuration;
use sqlx::AssertSqlSafe;
use test_support::anything;
use uuid::Uuid;

use crate::{
    counted::CountedCarrier,
    world::{Raw, World, raw},
};

/// How many turns each has.
const TURNS: usize = 5;

/// The most numbers of a turn.
const MOST: i64 = 6_000;

/// How far the dialer's clock goes on from round to round.
const ROUND: SignedDuration = SignedDuration::from_millis(50);

pub(crate) async fn measure(world: &World, task: TaskId, list: i64, size: i64) {
    let mut dialing = Dialing::new(world);
    // The first rounds read what every other knows.
    dialing.dial(1).await;
    dialing.dial(1).await;
    let evidence = world.database.texts("SELECT evidence FROM attempts LIMIT 1").await.remove(0);
    let statements = RawStatements::new(world, task, list, evidence).await;
    let a_turn = usize::try_from((size * 4 / 10 / i64::try_from(TURNS).unwrap()).min(MOST)).unwrap();
    let (mut ours, mut floor) = (Speed::default(), Speed::default());
    for _ in 0..TURNS {
        ours.add(&dialing.dial(a_turn).await);
        floor.add(&statements.dial(a_turn, ours.batch()).await);
    }
    println!(
        "    claim, durable attempt, outcome: {:.0} numbers a second, {:.2} of the raw statements' {:.0}; {} numbers a round",
        ours.rate(),
        ours.rate() / floor.rate(),
        floor.rate(),
        ours.batch(),
    );
}

/// How fast numbers were dialed.
#[derive(Default)]
struct Speed {
    numbers: usize,
    rounds: usize,
    took: Duration,
}

impl Speed {
    fn add(&mut self, turn: &Self) {
        self.numbers += turn.numbers;
        self.rounds += turn.rounds;
        self.took += turn.took;
    }

    fn rate(&self) -> f64 {
        self.numbers as f64 / self.took.as_secs_f64()
    }

    fn batch(&self) -> usize {
        self.numbers.checked_div(self.rounds).unwrap_or(1).max(1)
    }
}

/// A node.
struct Dialing<'w> {
    world: &'w World,
    node: Dialer,
    carrier: Arc<CountedCarrier>,
}

impl<'w> Dialing<'w> {
    fn new(world: &'w World) -> Self {
        let carrier = CountedCarrier::new();
        Self { world, node: Dialer::new(carrier.parts(world)), carrier }
    }

    /// Dials about so many numbers; the outcomes of the last are written in the next turn.
    async fn dial(&mut self, numbers: usize) -> Speed {
        let (before, begun, mut rounds) = (self.carrier.placed(), Instant::now(), 0);
        while self.carrier.placed() < before + numbers {
            self.node.round().await.unwrap();
            rounds += 1;
            self.pass();
        }
        Speed { numbers: self.carrier.placed() - before, rounds, took: begun.elapsed() }
    }

    /// Time passes, and stops wherever a call is to start.
    fn pass(&self) {
        let until = self.world.clock.now() + ROUND;
        while self.world.clock.now() < until {
            let now = self.node.now();
            let wait = self.node.calls().round(now).map(|next| next.saturating_sub(now.steady));
            let wait = wait.map_or(ROUND, |wait| SignedDuration::try_from(wait).unwrap());
            let next = now.wall + wait.max(SignedDuration::from_millis(1));
            self.world.clock.set(next.min(until));
        }
        self.node.calls().round(self.node.now());
    }
}

/// A number that was claimed: its id, its digits, and as it was sent.
type Claimed = (i64, i64, String);

/// What dialing comes down to: numbers are leased, their attempts written, and their outcomes, in a transaction each, as the
/// dialer does; with the counts of the list, and without all that decides, is checked, or is told.
struct RawStatements {
    raw: Raw,
    list: i64,
    account: Uuid,
    task: Uuid,
    node: Uuid,
    line: Uuid,
    evidence: String,
    /// Rows of `$1`, a JSON array of arrays.
    rows: &'static str,
    lock: &'static str,
}

const SQLITE_ROWS: &str = "(SELECT unhex(json_extract(value, '$[0]')) AS id, json_extract(value, '$[1]') AS number_id, \
             json_extract(value, '$[2]') AS e164, json_extract(value, '$[3]') AS phone FROM json_each($1)) AS given";

const POSTGRES_ROWS: &str = "(SELECT (value ->> 0)::uuid AS id, (value ->> 1)::bigint AS number_id, \
                                     (value ->> 2)::bigint AS e164, value ->> 3 AS phone \
                              FROM json_array_elements($1::json) AS entry (value)) AS given";

impl RawStatements {
    async fn new(world: &World, task: TaskId, list: i64, evidence: String) -> Self {
        let raw = Raw::connect(&world.database.url).await;
        let (rows, lock) = if raw.is_sqlite() {
            (SQLITE_ROWS, "")
        } else {
            (POSTGRES_ROWS, " FOR NO KEY UPDATE SKIP LOCKED")
        };
        let account = world.accounts.user.uuid();
        let (node, line) = (anything(), anything());
        Self { raw, list, account, task: task.uuid(), node, line, evidence, rows, lock }
    }

    async fn dial(&self, numbers: usize, batch: usize) -> Speed {
        let begun = Instant::now();
        let (mut done, mut rounds) = (0, 0);
        while done < numbers {
            let claimed = self.claim(batch).await;
            if claimed.is_empty() {
                break;
            }
            let row =
                |(id, e164, phone): &Claimed| (anything().simple().to_string(), *id, *e164, phone.clone());
            let rows = serde_json::to_string(&claimed.iter().map(row).collect::<Vec<_>>()).unwrap();
            self.attempt(&rows, claimed.len()).await;
            self.end(&rows, claimed.len()).await;
            done += claimed.len();
            rounds += 1;
        }
        Speed { numbers: done, rounds, took: begun.elapsed() }
    }

    async fn claim(&self, most: usize) -> Vec<Claimed> {
        let sql = format!(
            "UPDATE numbers SET state = 1, leased_by = $2 WHERE list_id = $1 AND id IN \
                 (SELECT id FROM numbers WHERE list_id = $1 AND state = 0 AND next_attempt_at = 0 ORDER BY sort, id LIMIT $3{}) \
             RETURNING id, e164, phone",
            self.lock
        );
        raw!(&self.raw, pool => {
            let mut tx = pool.begin().await.unwrap();
            let claimed: Vec<Claimed> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(self.list).bind(self.node).bind(i64::try_from(most).unwrap()).fetch_all(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(moved((0, 0), (0, 1), claimed.len()))).bind(self.list)
                .execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
            claimed
        })
    }

    async fn attempt(&self, rows: &str, count: usize) {
        let insert = format!(
            "INSERT INTO open_attempts (account_id, id, user_id, node_id, list_id, number_id, task_id, task_name, e164, phone, \
                                        details, line_id, script_id, is_simulated, evidence, dialed_at, status, tries, line_failures) \
             SELECT $2, id, $2, $3, $4, number_id, $5, 'task', e164, phone, '{{}}', $6, 297, true, $7, 1, 0, 0, 0 FROM {}",
            self.rows
        );
        let update = format!(
            "UPDATE numbers SET state = 2 WHERE (list_id, id) IN (SELECT {}, number_id FROM {})",
            self.list, self.rows
        );
        raw!(&self.raw, pool => {
            let mut tx = pool.begin().await.unwrap();
            sqlx::query(AssertSqlSafe(insert)).bind(rows).bind(self.account).bind(self.node).bind(self.list)
                .bind(self.task).bind(self.line).bind(&self.evidence).execute(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(update)).bind(rows).execute(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(moved((0, 1), (0, 2), count))).bind(self.list)
                .execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        });
    }

    async fn end(&self, rows: &str, count: usize) {
        let delete = format!(
            "DELETE FROM open_attempts WHERE account_id = $2 AND id IN (SELECT id FROM {})",
            self.rows
        );
        let update = format!(
            "UPDATE numbers SET state = 3, status = 8, tries = 1, leased_by = NULL \
             WHERE (list_id, id) IN (SELECT {}, number_id FROM {})",
            self.list, self.rows
        );
        let insert = format!(
            "INSERT INTO attempts (account_id, id, task_id, task_name, e164, phone, details, line_id, script_id, class, outcome, code, \
                                   is_local, ended_by, dialed_at, ended_at, is_simulated, evidence) \
             SELECT $2, id, $3, 'task', e164, phone, '{{}}', $4, 297, 'busy', 8, 486, false, 'callee', 1, 1, true, $5 FROM {}",
            self.rows
        );
        raw!(&self.raw, pool => {
            let mut tx = pool.begin().await.unwrap();
            sqlx::query(AssertSqlSafe(delete)).bind(rows).bind(self.account).execute(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(update)).bind(rows).execute(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(moved((0, 2), (8, 3), count))).bind(self.list)
                .execute(&mut *tx).await.unwrap();
            sqlx::query(AssertSqlSafe(insert)).bind(rows).bind(self.account).bind(self.task).bind(self.line)
                .bind(&self.evidence).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        });
    }
}

/// Counts so many numbers of the list `$1` as of another status and state.
fn moved((status, state): (u8, u8), (new_status, new_state): (u8, u8), count: usize) -> String {
    format!(
        "INSERT INTO number_counts (list_id, status, state, numbers) \
         VALUES ($1, {status}, {state}, -{count}), ($1, {new_status}, {new_state}, {count}) \
         ON CONFLICT (list_id, status, state) DO UPDATE SET numbers = number_counts.numbers + excluded.numbers"
    )
}
