//! Requests per second and latency of the dial time group operations, as ratios to floors measured in the same run.
//!
//! Everything runs in one process over loopback TCP with keep-alive connections in a closed loop: the real router
//! on the real store, then an axum handler that returns the same bytes without a database (the floor of reads and
//! writes alike), then, for writes, the same single statement through the raw driver without HTTP. Decisions are also held
//! against the plain detail of the same group.
//!
//! `cargo bench -p dialtime --bench api` measures SQLite; with `DIALTIME_TEST_POSTGRES_URL` set (as by
//! `scripts/postgres-cluster`) PostgreSQL too. `-- --seconds 5` measures each line longer, `-- --connections 4`
//! with fewer clients at once.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark")]

use std::{
    fmt::Write,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use api::{Api, ApiSettings, Lifecycle};
use axum::{Router, response::IntoResponse};
use calendar::Zone;
use domain::{
    AccountId, AccountKind, Clock, DialTimeGroupId, Generation, Name, Resume, TaskBounds, TaskDraft, TaskId,
    TaskSettings,
};
use sqlx::{PgPool, SqlitePool};
use store::{
    Store,
    audit::{Actor, Change},
    edits,
};
use test_support::{
    DatabaseKind as Database, FixedRandom, OwnDatabase, SetClock, anything, create_account, create_partner,
    create_token, new_account, postgres_url,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const TOKEN: &str = "benchmark";
const SIZES: [i64; 3] = [1, 100, 100_000];
/// Groups that exist only to be deleted: more than any machine deletes in one measurement.
const SPARE: i64 = 40_000;
/// The first id of the groups that are added without the API, whose own count up from 1; and of those that the raw driver creates.
const FIRST: i64 = 1_000_000_000;
const FIRST_CREATED: i64 = 2_000_000_000;
const CONTENT: &str = r#"[{"week":1,"times":[{"begin_time":"08:00","end_time":"20:00"},{"begin_time":"20:30","end_time":"22:00"}]}]"#;

#[derive(Clone, Copy)]
struct Plan {
    time: Duration,
    connections: usize,
}

#[tokio::main]
async fn main() {
    let plan = Plan {
        time: Duration::from_secs_f64(option("--seconds", 2.0)),
        connections: option("--connections", 16),
    };
    println!("{} connections, {} s a line, {} cores", plan.connections, plan.time.as_secs_f64(), cores());
    for size in SIZES {
        measure(Database::Sqlite, size, plan).await;
    }
    if postgres_url().is_none() {
        println!("PostgreSQL was not measured: run this under scripts/postgres-cluster");
        return;
    }
    for size in SIZES {
        measure(Database::Postgres, size, plan).await;
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn option<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str, default: T) -> T {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).map_or(default, |value| value.parse().unwrap())
}

fn head(database: &str, size: i64) {
    println!(
        "\n{database}, {size} groups\n{:<16} {:>9} {:>9} {:>9}  {:>16} {:>20}",
        "operation", "req/s", "p50 µs", "p99 µs", "of bare handler", "of its peer"
    );
}

/// Measures decisions, beside the detail of a group.
async fn measure_decisions(server: SocketAddr, plan: Plan, detail: Vec<u8>, decisions: [(&str, String); 2]) {
    let details = load(server, plan, move || detail.clone()).await.rate;
    for (name, path) in decisions {
        let bytes = request("GET", &path, None);
        let ours = load(server, plan, move || bytes.clone()).await;
        let floor = load(echo(&ours.answer).await, plan, || request("GET", "/", None)).await;
        row(name, &ours, &floor, Some(("detail", details)));
    }
}

/// The real router.
async fn serve_api(store: &Store) -> SocketAddr {
    let (clock, random) = (Arc::new(SetClock::real()), Arc::new(FixedRandom::new(0)));
    serve(api::router(
        Api::new(store.clone(), clock, random, settings(), Lifecycle::default()),
        Router::new(),
    ))
    .await
}

/// Measures every operation with `size` groups in one account.
async fn measure(database: Database, size: i64, plan: Plan) {
    let database = OwnDatabase::migrated(database);
    let store = database.connect_with(8).await;
    let raw = Raw::connect(&database.url).await;
    let account = fill(&store).await;
    raw.add_groups(account, size + 2 * SPARE).await;
    let used = DialTimeGroupId::new(FIRST);
    let task = use_group(&store, account, used).await;
    let server = serve_api(&store).await;
    let groups = format!("/agent-api/user/{account}/dial-time-group");
    // Spare groups come after the `size` ones: half for the API to delete, half for the raw driver.
    let next = Arc::new(AtomicI64::new(FIRST + size));
    let next_raw = Arc::new(NextIds {
        delete: AtomicI64::new(FIRST + size + SPARE),
        create: AtomicI64::new(FIRST_CREATED),
    });
    head(store.kind(), size);
    let detail = request("GET", &format!("{groups}/{FIRST}"), None);
    let list = request("GET", &format!("{groups}?page=1"), None);
    let decisions = [
        ("decision", format!("{groups}/{FIRST}/decision")),
        ("task decision", format!("/agent-api/user/{account}/task/{task}/decision")),
    ];
    measure_decisions(server, plan, detail.clone(), decisions).await;
    let create = request("POST", &groups, Some(&body("made")));
    let update = request("PUT", &format!("{groups}/{FIRST}"), Some(&body("changed")));
    let in_use = request("DELETE", &format!("{groups}/{FIRST}"), None);
    for (name, bytes, statement) in [
        ("list", list, None),
        ("detail", detail, None),
        ("create", create, Some(Statement::Create)),
        ("update", update, Some(Statement::Update)),
        ("delete in use", in_use, Some(Statement::DeleteInUse)),
    ] {
        let ours = load(server, plan, move || bytes.clone()).await;
        let floor = load(echo(&ours.answer).await, plan, || request("GET", "/", None)).await;
        let raw = match statement {
            Some(statement) => Some(("raw", raw.load(statement, account, next_raw.clone(), plan).await)),
            None => None,
        };
        row(name, &ours, &floor, raw);
    }
    let make = move || request("DELETE", &format!("{groups}/{}", next.fetch_add(1, Ordering::Relaxed)), None);
    let ours = load(server, plan, make).await;
    let floor = load(echo(&ours.answer).await, plan, || request("GET", "/", None)).await;
    let deletes = raw.load(Statement::DeleteFree, account, next_raw, plan).await;
    row("delete free", &ours, &floor, Some(("raw", deletes)));
    store.close().await;
}

/// A line, with the ratio to a named peer's requests or statements per second.
fn row(name: &str, ours: &Load, floor: &Load, peer: Option<(&str, f64)>) {
    let peer = peer.map_or_else(
        || "-".to_owned(),
        |(name, rate)| format!("{:.0} % of {name} {rate:.0}", 100.0 * ours.rate / rate),
    );
    println!(
        "{name:<16} {:>9.0} {:>9} {:>9}  {:>16} {peer:>20}",
        ours.rate,
        ours.percentile(50),
        ours.percentile(99),
        format!("{:.0} % of {:.0}", 100.0 * ours.rate / floor.rate, floor.rate),
    );
}

fn body(name: &str) -> String {
    format!(r#"{{"name":"{name}","content":{CONTENT},"is_default":false,"skip_holiday":true}}"#)
}

fn request(method: &str, path: &str, body: Option<&str>) -> Vec<u8> {
    let mut text =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n");
    if let Some(body) = body {
        write!(text, "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            .unwrap();
    } else {
        text.push_str("\r\n");
    }
    text.into_bytes()
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The floor: a handler that knows the answer beforehand.
async fn echo(answer: &[u8]) -> SocketAddr {
    let answer = bytes(answer);
    let handler = move || {
        let answer = answer.clone();
        async move { ([("content-type", "application/json")], answer).into_response() }
    };
    serve(Router::new().fallback(handler)).await
}

fn bytes(answer: &[u8]) -> axum::body::Bytes {
    axum::body::Bytes::copy_from_slice(answer)
}

struct Load {
    rate: f64,
    micros: Vec<u32>,
    answer: Vec<u8>,
}

impl Load {
    fn percentile(&self, percent: usize) -> u32 {
        self.micros[(self.micros.len() - 1) * percent / 100]
    }
}

/// Keeps every connection busy with one request at a time.
async fn load(server: SocketAddr, plan: Plan, make: impl Fn() -> Vec<u8> + Clone + Send + 'static) -> Load {
    let started = Instant::now();
    let workers: Vec<_> = (0..plan.connections)
        .map(|_| {
            let make = make.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(server).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut micros, mut answer, mut buffer) = (Vec::new(), Vec::new(), Vec::new());
                while started.elapsed() < plan.time {
                    let request = make();
                    let sent = Instant::now();
                    stream.write_all(&request).await.unwrap();
                    answer = read_answer(&mut stream, &mut buffer).await;
                    micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap());
                }
                (micros, answer)
            })
        })
        .collect();
    let (mut micros, mut answer) = (Vec::new(), Vec::new());
    for worker in workers {
        let (times, last) = worker.await.unwrap();
        micros.extend(times);
        answer = last;
    }
    let rate = micros.len() as f64 / started.elapsed().as_secs_f64();
    micros.sort_unstable();
    Load { rate, micros, answer }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Vec<u8> {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).unwrap();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let end = head + 4 + length.parse::<usize>().unwrap();
        if buffer.len() >= end {
            return buffer[head + 4..end].to_vec();
        }
    }
}

/// The statement that an operation comes down to.
#[derive(Clone, Copy)]
enum Statement {
    Create,
    Update,
    DeleteFree,
    DeleteInUse,
}

/// The ids of the next groups that the raw driver works on.
struct NextIds {
    delete: AtomicI64,
    create: AtomicI64,
}

/// The driver without anything around it.
#[derive(Clone)]
enum Raw {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

macro_rules! raw {
    ($raw:expr, $pool:ident => $query:expr) => {
        match $raw {
            Raw::Sqlite($pool) => $query,
            Raw::Postgres($pool) => $query,
        }
    };
}

impl Raw {
    async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite") {
            let options = url
                .parse::<sqlx::sqlite::SqliteConnectOptions>()
                .unwrap()
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true);
            Self::Sqlite(
                sqlx::pool::PoolOptions::new().max_connections(1).connect_with(options).await.unwrap(),
            )
        } else {
            Self::Postgres(sqlx::pool::PoolOptions::new().max_connections(8).connect(url).await.unwrap())
        }
    }

    async fn add_groups(&self, account: AccountId, count: i64) {
        let sql = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2) \
                   INSERT INTO dial_time_groups (account_id, id, name, content, is_default, skip_holiday, timezone, \
                                                 version, created_at, updated_at) \
                   SELECT $1, $4 + n - 1, 'group', $3, false, true, 'Asia/Shanghai', 1, 0, 0 FROM numbers";
        raw!(self, pool => sqlx::query(sql).bind(account.uuid()).bind(count).bind(CONTENT).bind(FIRST)
            .execute(pool).await.map(drop))
        .unwrap();
    }

    /// As many statements as fit, from as many tasks as the API had connections.
    async fn load(&self, statement: Statement, account: AccountId, next: Arc<NextIds>, plan: Plan) -> f64 {
        let started = Instant::now();
        let workers: Vec<_> = (0..plan.connections)
            .map(|_| {
                let (raw, next) = (self.clone(), next.clone());
                tokio::spawn(async move {
                    let mut count = 0_u32;
                    while started.elapsed() < plan.time {
                        raw.run(statement, account, &next).await;
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let mut count = 0;
        for worker in workers {
            count += worker.await.unwrap();
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    }

    async fn run(&self, statement: Statement, account: AccountId, next: &NextIds) {
        let account = account.uuid();
        match statement {
            Statement::Create => raw!(self, pool => sqlx::query(
                "INSERT INTO dial_time_groups (account_id, id, name, content, is_default, skip_holiday, timezone, version, \
                                               created_at, updated_at) \
                 VALUES ($1, $3, 'made', $2, false, true, 'Asia/Shanghai', 1, 0, 0)")
                .bind(account).bind(CONTENT).bind(next.create.fetch_add(1, Ordering::Relaxed))
                .execute(pool).await.map(drop))
            .unwrap(),
            Statement::Update => raw!(self, pool => sqlx::query(
                "UPDATE dial_time_groups SET name = 'changed', content = $2, version = version + 1 \
                 WHERE account_id = $1 AND id = $3")
                .bind(account).bind(CONTENT).bind(FIRST).execute(pool).await.map(drop))
            .unwrap(),
            Statement::DeleteFree => self.delete(account, next.delete.fetch_add(1, Ordering::Relaxed)).await.unwrap(),
            Statement::DeleteInUse => assert!(self.delete(account, FIRST).await.is_err()),
        }
    }

    fn delete(&self, account: uuid::Uuid, id: i64) -> impl Future<Output = Result<(), sqlx::Error>> {
        let raw = self.clone();
        async move {
            raw!(&raw, pool => sqlx::query("DELETE FROM dial_time_groups WHERE account_id = $1 AND id = $2")
                .bind(account).bind(id).execute(pool).await.map(drop))
        }
    }
}

fn settings() -> ApiSettings {
    ApiSettings::new(Zone::parse("Asia/Shanghai").unwrap(), store::DataFolder::new("nowhere".into()))
}

/// A partner with the token that is sent, and a user.
async fn fill(store: &Store) -> AccountId {
    let now = SetClock::real().now();
    let partner = create_partner(store, "benchmark", now).await;
    create_token(store, partner, &api::hash_token(TOKEN), now).await;
    create_account(store, &new_account(partner, AccountKind::User, now)).await
}

async fn use_group(store: &Store, account: AccountId, group: DialTimeGroupId) -> TaskId {
    let draft = TaskDraft {
        name: Name::parse("task").unwrap(),
        dial_time_id: group,
        bounds: TaskBounds::default(),
        resume: Resume::default(),
        settings: TaskSettings::default(),
    };
    let change = Change { actor: Actor::CommandLine, at: SetClock::real().now() };
    let mut tx = store.begin().await.unwrap();
    let id = TaskId::new(anything());
    edits::tasks::create(&mut tx, account, id, Generation::V1, draft, &change).await.unwrap();
    tx.commit().await.unwrap();
    id
}
