//! What the benchmarks of dialing and of lists are measured on: accounts with groups, simulated lines and tasks, and numbers by the
//! million, which go straight into the tables.

mod figures;
mod import;
mod raw;

use std::{path::PathBuf, sync::Arc};

use domain::{
    AccountId, CallPace, CallRate, Clock as _, DialTimeGroupId, DialingSettings, Generation, LineId,
    LineKind, LineLimit, LineSettings, Name, NewNumber, OutcomeClass, Resume, ScriptChoice, Seconds,
    SimulatedOutcome, Simulation, TaskBounds, TaskDraft, TaskId, TaskLine, TaskLines, TaskSettings,
    WeightedOutcome,
};
use phone::{Country, PhoneNumber};
use store::{
    Store,
    audit::{Actor, Change},
    edits,
    numbers::{self, Duplicates},
};
use test_support::{
    Accounts, DatabaseKind, OwnDatabase, SetClock, anything, create_group, create_line, create_script,
    postgres_url,
};

pub(crate) use self::{
    figures::{Times, flush_times, option, sizes},
    import::FileImport,
    raw::{Raw, raw},
};

/// A Wednesday, at nine in the morning in Shanghai.
pub(crate) const NINE: &str = "2026-06-10T09:00:00+08:00";

/// A script that hangs up.
pub(crate) const HANGS_UP: i64 = 297;

/// How many numbers go into the tables in one transaction.
const NUMBERS_AT_ONCE: i64 = 500_000;

/// The E.164 number of the first callee: 138 0000 0000.
pub(crate) const FIRST_NUMBER: i64 = 8_613_800_000_000;

pub(crate) struct World {
    pub(crate) database: OwnDatabase,
    pub(crate) store: Store,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) accounts: Accounts,
}

/// The databases to measure: those that there are, or the one that `--database` names.
pub(crate) fn databases() -> Vec<DatabaseKind> {
    let named: String = option("--database", String::new());
    let mut found = Vec::new();
    if named.is_empty() || named == "sqlite" {
        found.push(DatabaseKind::Sqlite);
    }
    if named.is_empty() || named == "postgres" {
        if postgres_url().is_some() {
            found.push(DatabaseKind::Postgres);
        } else {
            println!("PostgreSQL is not measured: run this under scripts/postgres-cluster");
        }
    }
    found
}

/// Every day from a time on, until midnight.
pub(crate) fn daily_from(begin: &str) -> String {
    let day = |week| format!(r#"{{"week":{week},"times":[{{"begin_time":"{begin}","end_time":"24:00"}}]}}"#);
    format!("[{}]", (0..7).map(day).collect::<Vec<_>>().join(","))
}

/// A line on which everybody is busy at once, as fast as a line can be.
fn busy_line() -> LineSettings {
    let none = Seconds::new(0, 0).unwrap();
    let outcome = SimulatedOutcome { ring: none, talk: none, ..SimulatedOutcome::of(OutcomeClass::Busy) };
    let simulation = Simulation { rules: Vec::new(), outcomes: vec![WeightedOutcome { weight: 1, outcome }] };
    let cps = CallRate::from_thousandths(1_000_000).unwrap();
    LineSettings { cps, ..LineSettings::new(LineKind::Simulated(simulation), domain::MAXIMUM_CHANNELS) }
}

impl World {
    pub(crate) async fn new(database: DatabaseKind, clock: SetClock) -> Self {
        let database = OwnDatabase::migrated(database);
        let store = database.connect_with(8).await;
        let accounts = Accounts::create(&store, clock.now()).await;
        let world = Self { database, store, clock: Arc::new(clock), accounts };
        world.script(accounts.user).await;
        world
    }

    /// A path for a file on the disk that a SQLite database is on, or on that of temporary files.
    pub(crate) fn scratch(&self) -> PathBuf {
        match self.database.kind() {
            DatabaseKind::Sqlite => self.database.file(),
            DatabaseKind::Postgres => std::env::temp_dir().join(anything().to_string()),
        }
    }

    pub(crate) fn change(&self) -> Change {
        Change { actor: Actor::CommandLine, at: self.clock.now() }
    }

    /// A script of an account that hangs up.
    pub(crate) async fn script(&self, account: AccountId) {
        create_script(&self.store, account, HANGS_UP, &self.change()).await;
    }

    pub(crate) async fn group(&self, account: AccountId, windows: &str) -> DialTimeGroupId {
        create_group(&self.store, account, windows, &self.change()).await
    }

    /// Lines that these users may use as they like.
    pub(crate) async fn lines(&self, count: usize, users: &[AccountId]) -> Vec<LineId> {
        let shares = (users, domain::MAXIMUM_CHANNELS);
        let mut made = Vec::new();
        for _ in 0..count {
            let partner = self.accounts.partner;
            made.push(create_line(&self.store, partner, busy_line(), shares, &self.change()).await);
        }
        made
    }

    /// Tasks that are switched on, over these lines, each with its first numbers: those from `first` on.
    pub(crate) async fn tasks(&self, account: AccountId, like: &TaskLike, first: &[i64]) -> Vec<TaskId> {
        let mut made = Vec::new();
        for first in first.chunks(200) {
            let mut tx = self.store.begin().await.unwrap();
            for first in first {
                let id = TaskId::new(anything());
                let draft = like.draft();
                edits::tasks::create(&mut tx, account, id, Generation::V1, draft, &self.change())
                    .await
                    .unwrap();
                let numbers: Vec<NewNumber> = (0..like.numbers).map(|one| new_number(first + one)).collect();
                let mut locked = edits::numbers::lock(&mut tx, account, id, &self.change()).await.unwrap();
                numbers::add(&mut tx, &mut locked.list, &numbers, Duplicates::Skip, &self.change())
                    .await
                    .unwrap();
                let locked = edits::tasks::lock(&mut tx, account, id, None, self.clock.now()).await.unwrap();
                edits::tasks::set_enabled(&mut tx, &locked, true, &self.change()).await.unwrap();
                made.push(id);
            }
            tx.commit().await.unwrap();
        }
        made
    }

    /// A list of so many numbers of one task of the user, over four lines; gives the task and the list.
    pub(crate) async fn list(&self, size: i64, status: &str) -> (TaskId, i64) {
        let user = self.accounts.user;
        let group = self.group(user, &daily_from("00:00")).await;
        let lines = self.lines(4, &[user]).await;
        let task = self
            .tasks(user, &TaskLike { group, lines, script: HANGS_UP, calls: 1_000, numbers: 1 }, &[0])
            .await[0];
        let id = self.database.literal(task.uuid());
        let list = format!("SELECT '' || id FROM number_lists WHERE task_id = {id}");
        let list: i64 = self.database.texts(&list).await[0].parse().unwrap();
        self.fill(list, size, status).await;
        (task, list)
    }

    /// Brings a list that has one number to so many, whose statuses are what an expression says of their id `i`.
    async fn fill(&self, list: i64, size: i64, status: &str) {
        let now = self.clock.now().as_microsecond();
        let is_sqlite = self.database.kind() == DatabaseKind::Sqlite;
        let mut from = 2;
        while from <= size {
            let to = size.min(from + NUMBERS_AT_ONCE - 1);
            let (ids, digits) = if is_sqlite {
                let ids = format!(
                    "(WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}) SELECT i FROM n)"
                );
                (ids, "printf('%08d', i - 1)")
            } else {
                let ids = format!("(SELECT i FROM generate_series({from}::bigint, {to}) AS n(i)) AS ids");
                (ids, "lpad((i - 1)::text, 8, '0')")
            };
            let sql = format!(
                "INSERT INTO numbers (list_id, id, e164, extension, suffix, phone, sort, state, status, next_attempt_at, created_at) \
                 SELECT {list}, i, {FIRST_NUMBER} + i - 1, '', '', '138' || {digits}, 0, \
                        CASE WHEN {status} = 0 THEN 0 ELSE 3 END, {status}, 0, {now} FROM {ids}"
            );
            self.database.execute(&sql).await;
            from = to + 1;
        }
        let counts = format!(
            "DELETE FROM number_counts WHERE list_id = {list}; \
             INSERT INTO number_counts (list_id, status, state, numbers) \
             SELECT list_id, status, state, count(*) FROM numbers WHERE list_id = {list} GROUP BY list_id, status, state; \
             UPDATE number_lists SET next_number = {} WHERE id = {list}",
            size + 1
        );
        self.database.execute(&counts).await;
        // As PostgreSQL does by itself to a table that lives longer than a minute.
        if !is_sqlite {
            self.database.execute("VACUUM ANALYZE").await;
        }
    }
}

/// What tasks are like.
pub(crate) struct TaskLike {
    pub(crate) group: DialTimeGroupId,
    pub(crate) lines: Vec<LineId>,
    pub(crate) script: i64,
    /// How many calls at once.
    pub(crate) calls: i64,
    /// How many numbers.
    pub(crate) numbers: i64,
}

impl TaskLike {
    fn draft(&self) -> TaskDraft {
        let line = |id: &LineId| TaskLine::Limited(LineLimit { id: id.uuid(), limit: None });
        let dialing = DialingSettings {
            lines: TaskLines { line: self.lines.iter().map(line).collect(), ..TaskLines::default() },
            pace: CallPace { maximumcall: self.calls, ..CallPace::default() },
            script: ScriptChoice { destination_extension: self.script, ..ScriptChoice::default() },
            ..DialingSettings::default()
        };
        TaskDraft {
            name: Name::parse("task").unwrap(),
            dial_time_id: self.group,
            bounds: TaskBounds::default(),
            resume: Resume::default(),
            settings: TaskSettings { dialing, ..TaskSettings::default() },
        }
    }
}

fn new_number(place: i64) -> NewNumber {
    let china = Country::parse("CN").unwrap();
    let phone = PhoneNumber::parse(&format!("138{place:08}"), china).unwrap();
    NewNumber::new(phone)
}
