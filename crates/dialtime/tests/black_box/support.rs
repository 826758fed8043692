//! A world to test: a database, a server on it, accounts, and a client. Most worlds have their server in the test's own process;
//! those of the built program are for what only a process has.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    ops::Deref,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use api::Lifecycle;
use dialtime::NodeSettings;
use domain::{AccountId, AccountKind, Attempt, Clock, ClockDifference, GroupDraft, PartnerId, TaskId};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::{
    Connect, Store,
    audit::{Actor, Change},
    edits,
};
use test_support::{
    Accounts, FixedRandom, PATIENCE, SetClock, Steady, answered_attempt, create_account, create_partner,
    create_token, new_account, record_attempts,
};
pub(crate) use test_support::{Client, DatabaseKind as Database, Ended, OwnDatabase, Reply, anything};

/// The program with these arguments, on a database.
pub(crate) fn program(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialtime"));
    command.args(arguments).env("DIALTIME_DATABASE_URL", url);
    command
}

/// Runs a command of the program against a database to its end.
pub(crate) fn run(url: &str, arguments: &[&str]) -> Ended {
    test_support::ended(&mut program(url, arguments), "")
}

/// Runs a command that must succeed; gives its standard output.
#[track_caller]
pub(crate) fn dialtime(url: &str, arguments: &[&str]) -> String {
    let ended = run(url, arguments);
    assert!(ended.is_good(), "dialtime {arguments:?}: {}", ended.error);
    ended.output.trim().to_owned()
}

/// How many connections to its database a server in the test's own process has: as many as usual.
const CONNECTIONS: u32 = 8;

/// A server that answers requests, in the test's own process or in another.
pub(crate) struct Server {
    /// `http://` and its address.
    pub(crate) base: String,
    here: Option<Here>,
}

/// What is here of a server in the test's own process; it ends with the test.
struct Here {
    clock: Arc<SetClock>,
    _server: test_support::Server,
    /// For its files; after the server.
    _data_folder: tempfile::TempDir,
}

impl Server {
    /// Starts a node in the test's own process: all that `dialtime serve` runs, on a clock of its own.
    pub(crate) fn start(url: &str, options: &[&str], clock: SetClock) -> Self {
        let clock = Arc::new(clock);
        let data_folder = tempfile::tempdir().unwrap();
        let path = data_folder.path().join("data");
        // What tests look at was long ago, however long ago they were written.
        let own = [["--data-folder", path.to_str().unwrap()], ["--records-kept-days", "36500"]];
        let own = own.into_iter().filter(|[name, _]| !options.contains(name)).flatten();
        let options: Vec<&str> = own.chain(options.iter().copied()).collect();
        let settings = NodeSettings::parse(&options, url, CONNECTIONS).unwrap();
        let (url, its_clock) = (url.to_owned(), clock.clone());
        let server = test_support::Server::start(async move |listener| {
            let store = Store::connect(&Connect { url, connections: CONNECTIONS }).await.unwrap();
            let random = Arc::new(FixedRandom::new(next_seed()));
            let clock_difference = Arc::new(ClockDifference::ignored());
            let lifecycle = Lifecycle { clock_difference, ..Lifecycle::default() };
            let steady = Arc::new(Steady(its_clock.clone()));
            let node =
                dialtime::Node { store, listener, settings, clock: its_clock, steady, random, lifecycle };
            node.run().await.unwrap();
        });
        Self {
            base: server.base.clone(),
            here: Some(Here { clock, _server: server, _data_folder: data_folder }),
        }
    }

    /// Sets its clock, which goes on from there; within a second the server has done what is due.
    pub(crate) fn set_clock(&self, now: &str) {
        let here = self.here.as_ref().expect("another process has the machine's clock");
        here.clock.set(now.parse().unwrap());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().unwrap()
    }

    /// Sends bytes as they are on a connection of their own; gives what comes back until the server closes it.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server may close before it has read everything; what it said is what counts.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }
}

/// A seed that no other randomness in this process has.
fn next_seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A running `dialtime serve`, killed with the test.
pub(crate) struct Program {
    server: Server,
    program: test_support::Program,
}

impl Program {
    pub(crate) fn start(url: &str, options: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", url, options)
    }

    /// One that listens at an address, as after another was there.
    pub(crate) fn start_at(listen: &str, url: &str, options: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", listen], options].concat();
        Self::start_command(&mut program(url, &arguments))
    }

    fn start_command(command: &mut Command) -> Self {
        let program = test_support::Program::start(command);
        let line = program.line(&["listening on "]);
        let (_, rest) = line.split_once("listening on ").unwrap();
        let base = rest.split_whitespace().next().unwrap().to_owned();
        Self { server: Server { base, here: None }, program }
    }

    /// The process, to send it signals.
    pub(crate) fn process_id(&self) -> u32 {
        self.program.process_id()
    }

    /// What it has logged, as soon as a line has all of these parts.
    #[track_caller]
    pub(crate) fn logged(&self, parts: &[&str]) -> String {
        self.program.logged(parts)
    }

    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.program.kill();
    }

    /// Waits for the end; says whether it was a good one.
    pub(crate) fn wait(self) -> bool {
        self.program.wait()
    }
}

impl Deref for Program {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// A server with a partner, a token, a user and a sub-user: what most tests want.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) partner: String,
    pub(crate) user: String,
    pub(crate) sub_user: String,
    pub(crate) client: Client,
    // After the server: it must not outlive its database.
    pub(crate) database: OwnDatabase,
}

impl World {
    /// A world whose server runs in the test's own process.
    pub(crate) fn new(database: Database) -> Self {
        Self::with(database, &[])
    }

    /// A world whose server has more options.
    pub(crate) fn with(database: Database, options: &[&str]) -> Self {
        Self::around(OwnDatabase::migrated(database), |url| Server::start(url, options, SetClock::real()))
    }

    /// A world whose server's clock goes on from an instant, such as `2026-06-10T09:00:00+08:00`.
    pub(crate) fn at(database: Database, now: &str) -> Self {
        Self::at_with(database, &[], now)
    }

    /// The same, whose server has more options.
    pub(crate) fn at_with(database: Database, options: &[&str], now: &str) -> Self {
        let clock = SetClock::from(now.parse().unwrap());
        Self::around(OwnDatabase::migrated(database), |url| Server::start(url, options, clock))
    }

    fn around(database: OwnDatabase, start: impl FnOnce(&str) -> Server) -> Self {
        let (accounts, token) = in_store(&database, async |store| {
            let accounts = Accounts::create(store, now()).await;
            (accounts, new_token(store, accounts.partner).await)
        });
        let server = start(&database.url);
        let client = Client::new(&server.base, &token);
        let [partner, user, sub_user] =
            [accounts.partner.to_string(), accounts.user.to_string(), accounts.sub_user.to_string()];
        Self { server, partner, user, sub_user, client, database }
    }

    /// A client with another token of the partner, made with these options.
    pub(crate) fn token(&self, options: &[&str]) -> Client {
        let arguments = [&["token", "create", "--partner", &self.partner], options].concat();
        Client::new(&self.server.base, &dialtime(&self.database.url, &arguments))
    }

    /// `/agent-api/user/{user}` and then `rest`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/agent-api/user/{}{rest}", self.user)
    }

    /// `/agent-api/new/user/{user}` and then `rest`.
    pub(crate) fn new_path(&self, rest: &str) -> String {
        format!("/agent-api/new/user/{}{rest}", self.user)
    }

    /// Saves a group with this name, open on Mondays from 08:00 to 20:00; gives its id.
    pub(crate) fn group(&self, name: &str) -> i64 {
        let answer = self.client.post(&self.path("/dial-time-group"), &group(name));
        answer.data()["id"].as_i64().unwrap()
    }

    /// Saves a group with this name that is open at no time; gives its id. For what must not depend on the day on which it is tried.
    pub(crate) fn closed_group(&self, name: &str) -> i64 {
        let body = json!({"name": name, "content": [], "is_default": false, "skip_holiday": false});
        self.client.post(&self.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
    }

    /// Saves groups of an account, without a request for each.
    pub(crate) fn add_groups(&self, account: &str, drafts: &[GroupDraft]) {
        let account = AccountId::new(account.parse().unwrap());
        in_store(&self.database, async |store| {
            let mut tx = store.begin().await.unwrap();
            for draft in drafts {
                let change = Change { actor: Actor::CommandLine, at: now() };
                edits::groups::create(&mut tx, account, draft, &change).await.unwrap();
            }
            tx.commit().await.unwrap();
        });
    }

    /// Creates a 1.0 task that uses a group; gives its id.
    pub(crate) fn task(&self, group: i64) -> String {
        self.client.post(&self.path("/task"), &task(group)).data()["uuid"].as_str().unwrap().to_owned()
    }

    /// Records that a call of a task of the user's was answered just now; gives the record's id.
    pub(crate) fn record(&self, task: &str) -> String {
        let attempt = answered_attempt(self.account(), task_id(task), now());
        self.record_all(std::slice::from_ref(&attempt));
        attempt.id.to_string()
    }

    /// Records attempts that have ended.
    pub(crate) fn record_all(&self, attempts: &[Attempt]) {
        in_store(&self.database, async |store| record_attempts(store, attempts).await);
    }

    /// How many rows each table has that is not empty.
    pub(crate) fn row_counts(&self) -> Vec<String> {
        test_support::wait_for(self.database.row_counts())
    }

    /// The user.
    pub(crate) fn account(&self) -> AccountId {
        AccountId::new(self.user.parse().unwrap())
    }

    /// Saves a group that is always open; gives its id.
    pub(crate) fn open_group(&self) -> i64 {
        let body = json!({
            "name": "always", "content": always(), "is_default": false, "skip_holiday": false,
        });
        self.client.post(&self.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
    }

    /// Creates a 2.0 task that uses a group; gives its id.
    pub(crate) fn new_task(&self, group: i64) -> String {
        let answer = self.client.post(&self.new_path("/task"), &task(group));
        answer.data()["uuid"].as_str().unwrap().to_owned()
    }

    /// Makes a simulated line of the partner; gives its id.
    pub(crate) fn line(&self) -> String {
        let body = json!({"name": "line", "kind": "simulated", "channels": 10});
        self.client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned()
    }

    /// Another partner of the same server, with a token and a user of its own.
    pub(crate) fn stranger(&self) -> (Client, String) {
        let (user, token) = in_store(&self.database, async |store| {
            let partner = create_partner(store, &anything().to_string(), now()).await;
            let user = create_account(store, &new_account(partner, AccountKind::User, now())).await;
            (user, new_token(store, partner).await)
        });
        (Client::new(&self.server.base, &token), user.to_string())
    }
}

/// A world whose server is the built program: for signals, crashes, limits of a process, and its log.
pub(crate) struct ProgramWorld {
    pub(crate) server: Program,
    // After the program: it must not outlive its database.
    pub(crate) world: World,
}

impl ProgramWorld {
    pub(crate) fn new(database: Database) -> Self {
        Self::with(database, &[])
    }

    /// A world whose server is started with more options.
    pub(crate) fn with(database: Database, options: &[&str]) -> Self {
        Self::in_environment(database, options, &[])
    }

    /// The same, with variables of its environment.
    pub(crate) fn in_environment(database: Database, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut server = None;
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], options].concat();
        let world = World::around(OwnDatabase::migrated(database), |url| {
            let mut command = program(url, &arguments);
            let started = server.insert(Program::start_command(command.envs(variables.iter().copied())));
            Server { base: started.base.clone(), here: None }
        });
        Self { server: server.unwrap(), world }
    }
}

impl Deref for ProgramWorld {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// Does something with the store of a database.
fn in_store<T>(database: &OwnDatabase, work: impl AsyncFnOnce(&Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = database.connect_with(1).await;
        let made = work(&store).await;
        store.close().await;
        made
    })
}

/// Makes a token of a partner; gives its secret.
async fn new_token(store: &Store, partner: PartnerId) -> String {
    let secret = api::new_secret(&FixedRandom::new(next_seed()));
    create_token(store, partner, &api::hash_token(secret.expose_secret()), now()).await;
    secret.expose_secret().to_owned()
}

/// A task's id, of the text that an answer has of it.
pub(crate) fn task_id(text: &str) -> TaskId {
    TaskId::new(text.parse().unwrap())
}

/// The time by the machine's clock.
pub(crate) fn now() -> Timestamp {
    SetClock::real().now()
}

/// Waits until something holds that may be long in coming.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(30));
    }
}

/// The body of a group that is open on Mondays from 08:00 to 20:00.
pub(crate) fn group(name: &str) -> Value {
    json!({
        "name": name,
        "content": [{"week": 1, "times": [{"begin_time": "08:00", "end_time": "20:00"}]}],
        "is_default": false,
        "skip_holiday": false,
    })
}

/// Windows that are always open.
pub(crate) fn always() -> Value {
    (0..7)
        .map(|week| json!({"week": week, "times": [{"begin_time": "00:00", "end_time": "24:00"}]}))
        .collect()
}

/// A payload with what differs from run to run taken out, for snapshots.
pub(crate) fn steady(value: &Value) -> Value {
    const TIMES: [&str; 5] = ["created_at", "updated_at", "create_datetime", "alter_datetime", "expires_at"];
    match value {
        Value::Array(items) => items.iter().map(steady).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::String(_) if TIMES.contains(&name.as_str()) => json!("[time]"),
                    Value::String(_) if ["id", "uuid", "user_id"].contains(&name.as_str()) => json!("[uuid]"),
                    other => steady(other),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

/// The body of a task that uses a group; good for both generations.
pub(crate) fn task(group: i64) -> Value {
    json!({
        "name": "task",
        "dial_time_id": group,
        "destination_extension": 297,
        "maximumcall": 1,
        "caller_line_id": "1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b",
        "task_extras": {
            "start_time": "2024-11-01 13:25:26", "stop_time": "2124-11-01 13:25:26", "holiday": [], "line": [],
        },
    })
}

/// Registers an account under a path with an address nobody else has; gives its id.
pub(crate) fn register(client: &Client, path: &str) -> String {
    let number = test_support::next_number();
    let body = json!({
        "name": "account",
        "email": format!("account{number}@example.com"),
        "phone": format!("138{number:08}"),
        "password": "correct horse",
        "password_confirmation": "correct horse",
    });
    client.post(path, &body).data()["id"].as_str().unwrap().to_owned()
}
