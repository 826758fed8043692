//! How soon one edit of a great deal is answered, effective and told: a closure over 1,000 groups with 100,000 running tasks, and an
//! exception that is added to 200 groups. The nodes are the built program: three on PostgreSQL, one on SQLite.
//!
//! In the same run: one raw statement that touches each of the tasks, and the same exception in a request of its own for each group.
//!
//! `cargo bench -p dialtime --bench edits` measures SQLite; with `DIALTIME_TEST_POSTGRES_URL` set (as by `scripts/postgres-cluster`)
//! PostgreSQL too.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use domain::{AccountId, AccountKind, Clock as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    Store,
    audit::{Actor, Change},
    events,
};
use test_support::{
    Accounts, Client, DatabaseKind, OwnDatabase, Program, SetClock, create_account, create_group,
    create_token, new_account, postgres_url, wait_for,
};

const TOKEN: &str = "benchmark";
const ACCOUNTS: usize = 5;
const GROUPS_PER_ACCOUNT: usize = 200;
const TASKS_PER_GROUP: usize = 100;
const GROUPS: usize = ACCOUNTS * GROUPS_PER_ACCOUNT;
const TASKS: usize = GROUPS * TASKS_PER_GROUP;

/// Often enough to tell, seldom enough not to be what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// After this time without an event everything is told.
const QUIET: Duration = Duration::from_secs(3);

/// Longer than anything here should take.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    println!(
        "{} cores; {TASKS} running tasks in {GROUPS} groups of {ACCOUNTS} accounts; milliseconds from the request on",
        thread::available_parallelism().unwrap()
    );
    measure(DatabaseKind::Sqlite, 1);
    if postgres_url().is_some() {
        measure(DatabaseKind::Postgres, 3);
    } else {
        println!("PostgreSQL is not measured: run this under scripts/postgres-cluster");
    }
}

fn measure(database: DatabaseKind, nodes: usize) {
    println!("\n{database:?}, {nodes} node(s)");
    let world = World::new(OwnDatabase::migrated(database));
    let nodes: Vec<Node> = (0..nodes).map(|_| Node::start(&world.database.url)).collect();
    world.wait_for_quiet();

    let raw =
        timed(|| wait_for(world.database.execute("UPDATE tasks SET name = name"))).as_secs_f64() * 1_000.0;
    println!("  one raw statement on each task: {raw:.0}");
    let end = json!({"name": "closed", "end": "2199-01-01 00:00:00"});
    let mut id = Value::Null;
    let post = |client: &Client| client.post("/agent-api/closure", &end).data()["id"].clone();
    world.shut_or_opened("a closure", raw, &nodes, false, |client| id = post(client));
    let path = format!("/agent-api/closure/{}", id.as_str().unwrap());
    world.shut_or_opened("its end", raw, &nodes, true, |client| {
        client.delete(&path).data();
    });
    world.add_to_many(&nodes[0]);
}

/// How long something takes.
fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn milliseconds(took: Duration) -> String {
    format!("{:.0}", took.as_secs_f64() * 1_000.0)
}

/// A running node.
struct Node {
    client: Client,
    _program: Program,
    // For its files; after the program.
    _data_folder: tempfile::TempDir,
}

impl Node {
    fn start(url: &str) -> Self {
        let data_folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialtime"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-folder"])
            .arg(data_folder.path().join("data"));
        let program = Program::start(command.env("DIALTIME_DATABASE_URL", url));
        let line = program.line(&["listening on "]);
        let (_, rest) = line.split_once("listening on ").unwrap();
        let client = Client::new(rest.split_whitespace().next().unwrap(), TOKEN);
        Self { client, _program: program, _data_folder: data_folder }
    }

    /// Waits until a group may call, or may not.
    fn wait_until(&self, path: &str, allowed: bool) {
        let begun = Instant::now();
        while self.client.get(path).data()["allowed"] != allowed {
            assert!(begun.elapsed() < PATIENCE, "{path} is never {allowed}");
            thread::sleep(LOOK_EVERY);
        }
    }
}

struct World {
    database: OwnDatabase,
    store: Store,
    accounts: Vec<AccountId>,
    /// The groups of the last account.
    groups: Vec<i64>,
}

impl World {
    fn new(database: OwnDatabase) -> Self {
        let now = SetClock::real().now();
        let (store, accounts, groups) = wait_for(fill(&database, now));
        Self { database, store, accounts, groups }
    }

    /// Where decisions about a group of the last account are.
    fn decision(&self) -> String {
        format!("{}/{}/decision", self.path("dial-time-group"), self.groups[GROUPS_PER_ACCOUNT - 1])
    }

    fn path(&self, resource: &str) -> String {
        format!("/agent-api/user/{}/{resource}", self.accounts[ACCOUNTS - 1])
    }

    /// How many events there were.
    fn told(&self) -> usize {
        let newest = wait_for(async {
            let mut read = self.store.read().await.unwrap();
            let mut newest = 0;
            for account in &self.accounts {
                newest += events::extent(&mut read, *account).await.unwrap().newest;
            }
            newest
        });
        usize::try_from(newest).unwrap()
    }

    fn wait_for_quiet(&self) {
        let (mut told, mut since) = (self.told(), Instant::now());
        while since.elapsed() < QUIET {
            thread::sleep(LOOK_EVERY);
            let now = self.told();
            if now != told {
                (told, since) = (now, Instant::now());
            }
        }
    }

    /// Closes or opens everything by a request to the first node, and prints when it was answered, when each node decided by it, and when
    /// every group and task had its event.
    fn shut_or_opened(
        &self,
        what: &str,
        raw: f64,
        nodes: &[Node],
        allowed: bool,
        request: impl FnOnce(&Client),
    ) {
        let (decision, before) = (self.decision(), self.told());
        let begun = Instant::now();
        request(&nodes[0].client);
        let answered = begun.elapsed();
        let (effective, told) = thread::scope(|scope| {
            let waiting = |node| {
                let decision = &decision;
                scope.spawn(move || {
                    Node::wait_until(node, decision, allowed);
                    begun.elapsed()
                })
            };
            let waiting: Vec<_> = nodes.iter().map(waiting).collect();
            while self.told() < before + TASKS + GROUPS {
                assert!(
                    begun.elapsed() < PATIENCE,
                    "{} of the events are missing",
                    before + TASKS + GROUPS - self.told()
                );
                thread::sleep(LOOK_EVERY);
            }
            let told = begun.elapsed();
            (waiting.into_iter().map(|node| node.join().unwrap()).max().unwrap(), told)
        });
        println!(
            "  {what}: answered {}, effective on every node {}, all told {} ({:.1} times the raw statement)",
            milliseconds(answered),
            milliseconds(effective),
            milliseconds(told),
            told.as_secs_f64() * 1_000.0 / raw
        );
        self.wait_for_quiet();
    }

    /// Adds an exception to all groups of an account, to see it, in one request, and in a request for each.
    fn add_to_many(&self, node: &Node) {
        let exceptions = json!([{"name": "closed", "begin_date": "2198-01-01", "end_date": "2198-01-01"}]);
        let body = json!({"group_ids": self.groups, "exceptions": exceptions});
        let path = self.path("bulk/exception");
        let send = |query: &str| {
            timed(|| assert_eq!(node.client.post(&format!("{path}{query}"), &body).status, 200))
        };
        let (seen, done) = (send("?dry_run=true"), send(""));
        let group = json!({
            "name": "group", "content": always(), "is_default": false, "skip_holiday": false, "exceptions": exceptions,
        });
        let each = timed(|| {
            for id in &self.groups {
                let path = format!("{}/{id}", self.path("dial-time-group"));
                node.client.put(&path, &group).data();
            }
        });
        println!(
            "  an exception for {GROUPS_PER_ACCOUNT} groups: seen before {}, done {} ({:.0} % of a request for each, {})",
            milliseconds(seen),
            milliseconds(done),
            100.0 * done.as_secs_f64() / each.as_secs_f64(),
            milliseconds(each)
        );
    }
}

/// Windows that are always open.
fn always() -> Value {
    (0..7)
        .map(|week| json!({"week": week, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}))
        .collect()
}

/// Accounts with groups that are always open and tasks that are switched on.
async fn fill(database: &OwnDatabase, now: Timestamp) -> (Store, Vec<AccountId>, Vec<i64>) {
    let store = database.connect().await;
    let first = Accounts::create(&store, now).await;
    create_token(&store, first.partner, &api::hash_token(TOKEN), now).await;
    let mut accounts = vec![first.user];
    while accounts.len() < ACCOUNTS {
        accounts.push(create_account(&store, &new_account(first.partner, AccountKind::User, now)).await);
    }
    let always = always().to_string();
    let change = Change { actor: Actor::CommandLine, at: now };
    let mut groups = Vec::new();
    for account in &accounts {
        groups.clear();
        for _ in 0..GROUPS_PER_ACCOUNT {
            groups.push(create_group(&store, *account, &always, &change).await.get());
        }
    }
    add_tasks(database).await;
    (store, accounts, groups)
}

/// Tasks of every group, straight into the table.
async fn add_tasks(database: &OwnDatabase) {
    let is_sqlite = database.kind() == DatabaseKind::Sqlite;
    let last = TASKS_PER_GROUP - 1;
    let (random, yes, each) = if is_sqlite {
        let each = format!(
            "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)"
        );
        ("randomblob(16)", "1", each)
    } else {
        (
            "gen_random_uuid()",
            "true",
            format!("(SELECT i FROM generate_series(0, {last}) AS n(i)) AS numbers"),
        )
    };
    let sql = format!(
        "INSERT INTO tasks (id, account_id, generation, name, enabled, dial_time_id, closures, settings, created_at) \
         SELECT {random}, g.account_id, 1, 'task', {yes}, g.id, '[]', '{{}}', 0 FROM dial_time_groups g CROSS JOIN {each}"
    );
    database.execute(&sql).await;
    // As PostgreSQL does by itself to a table that lives longer than a minute.
    if !is_sqlite {
        database.execute("VACUUM ANALYZE").await;
    }
}
