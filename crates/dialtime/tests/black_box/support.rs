//! A server on a database of its own, and a client for it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// How long a server may take to start, and a request to be answered, before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// An id that nothing else has.
#[expect(clippy::disallowed_methods, reason = "what a test stores is not the server's to make up")]
pub(crate) fn anything() -> Uuid {
    Uuid::new_v4()
}

/// A database that only one test uses; removed with it.
pub(crate) struct OwnDatabase {
    pub(crate) url: String,
    kind: OwnKind,
}

enum OwnKind {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { name: String },
}

impl OwnDatabase {
    pub(crate) fn new(database: Database) -> Self {
        match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                Self { url, kind: OwnKind::Sqlite { _folder: folder } }
            }
            Database::Postgres => {
                let name = format!("dialtime_{}", anything().simple());
                on_postgres(&format!("CREATE DATABASE {name}"));
                let (server, _) =
                    postgres_url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
                Self { url: format!("{server}/{name}"), kind: OwnKind::Postgres { name } }
            }
        }
    }

    /// Runs SQL that this program's own commands have no words for.
    pub(crate) fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            match self.kind {
                OwnKind::Sqlite { .. } => {
                    let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                }
                OwnKind::Postgres { .. } => {
                    let mut connection = PgConnection::connect(&self.url).await.unwrap();
                    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                }
            }
        });
    }

    /// The texts that a query of one text column gives.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            match self.kind {
                OwnKind::Sqlite { .. } => {
                    let mut connection = sqlx::SqliteConnection::connect(&self.url).await.unwrap();
                    sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
                }
                OwnKind::Postgres { .. } => {
                    let mut connection = PgConnection::connect(&self.url).await.unwrap();
                    sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
                }
            }
        })
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        if let OwnKind::Postgres { name } = &self.kind {
            on_postgres(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn postgres_url() -> String {
    std::env::var("DIALTIME_TEST_POSTGRES_URL")
        .expect("DIALTIME_TEST_POSTGRES_URL names no PostgreSQL: run the tests with ./test, which starts one")
}

pub(crate) fn on_postgres(sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(&postgres_url()).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// Runs a command of the program against a database; gives its standard output. Panics when it fails.
pub(crate) fn dialtime(url: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dialtime"))
        .args(arguments)
        .env("DIALTIME_DATABASE_URL", url)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "dialtime {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A running `dialtime serve`, killed with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) base: String,
    log: Log,
}

/// The lines that a server has logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Notes a line, which goes to the test's own output as well.
    fn note(&self, line: &str) {
        eprintln!("{line}");
        self.0.lock().unwrap().push(line.to_owned());
    }
}

impl Server {
    pub(crate) fn start(url: &str, arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", url, arguments)
    }

    /// One that listens at an address, as after another was there.
    pub(crate) fn start_at(listen: &str, url: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtime"))
            .args(["serve", "--listen", listen])
            .args(arguments)
            .env("DIALTIME_DATABASE_URL", url)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::default();
        let base = listening(&mut child, &log);
        Self { child, base, log }
    }

    /// The process, to send it signals.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().unwrap()
    }

    /// Sends bytes as they are on a connection of their own; gives what comes back until the server closes it.
    pub(crate) fn raw(&self, bytes: &[u8]) -> String {
        use std::io::{Read, Write};

        let mut stream = std::net::TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The server may close before it has read everything; what it said is what counts.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    /// What it has logged, as soon as a line has all of these parts.
    pub(crate) fn logged(&self, parts: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.log.0.lock().unwrap().clone();
            if lines.iter().any(|line| parts.iter().all(|part| line.contains(part))) {
                return lines.join("\n");
            }
            assert!(Instant::now() < deadline, "no line of the log has {parts:?}:\n{}", lines.join("\n"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; says whether it was a good one.
    pub(crate) fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the log until it says where the server listens, and goes on beside the test.
fn listening(child: &mut Child, log: &Log) -> String {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let base = lines.by_ref().find_map(|line| {
        log.note(&line);
        let (_, rest) = line.split_once("listening on ")?;
        Some(rest.split_whitespace().next().unwrap().to_owned())
    });
    let log = log.clone();
    std::thread::spawn(move || lines.for_each(|line| log.note(&line)));
    base.expect("the server ended before it listened")
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
    pub(crate) fn new(database: Database) -> Self {
        Self::with(database, &[])
    }

    /// A world whose server is started with more arguments.
    pub(crate) fn with(database: Database, arguments: &[&str]) -> Self {
        let database = OwnDatabase::new(database);
        let server = Server::start(&database.url, arguments);
        let partner = dialtime(&database.url, &["partner", "create", "partner"]);
        let token = dialtime(&database.url, &["token", "create", "--partner", &partner]);
        let client = Client::new(&server.base, &token);
        let user = register(&client, "/users");
        let sub_user = register(&client, &format!("/agent-api/user/{user}/subset_users"));
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

    /// Creates a 1.0 task that uses a group; gives its id.
    pub(crate) fn task(&self, group: i64) -> String {
        self.client.post(&self.path("/task"), &task(group)).data()["uuid"].as_str().unwrap().to_owned()
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

    /// Another partner of the same server, with a token and a user of its own.
    pub(crate) fn stranger(&self) -> (Client, String) {
        let partner = dialtime(&self.database.url, &["partner", "create", &anything().to_string()]);
        let token = dialtime(&self.database.url, &["token", "create", "--partner", &partner]);
        let client = Client::new(&self.server.base, &token);
        let user = register(&client, "/users");
        (client, user)
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
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let body = json!({
        "name": "account",
        "email": format!("account{number}@example.com"),
        "phone": format!("138{number:08}"),
        "password": "correct horse",
        "password_confirmation": "correct horse",
    });
    client.post(path, &body).data()["id"].as_str().unwrap().to_owned()
}

/// Speaks HTTP with one token. Cheap to clone; clones share connections.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
    authorization: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    /// The body as it came.
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    /// The business code.
    pub(crate) fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap()
    }

    /// The payload of a success; panics on anything else.
    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["status"], "success", "{}", self.body);
        &self.body["data"]
    }

    /// What the success says.
    pub(crate) fn message(&self) -> &str {
        self.data();
        self.body["message"].as_str().unwrap()
    }

    /// The items of a page, each by one of its members.
    pub(crate) fn column(&self, member: &str) -> Vec<Value> {
        self.data().as_array().unwrap().iter().map(|item| item[member].clone()).collect()
    }

    /// The `field`s of a 422 with their `rule`s, in order; panics on anything else.
    pub(crate) fn faults(&self) -> Vec<(&str, &str)> {
        assert_eq!(self.status, 422, "{}", self.body);
        assert_eq!((&self.body["code"], &self.body["status"]), (&json!(422), &json!("error")));
        let faults = self.body["data"].as_array().unwrap();
        let told = |fault: &Value| !fault["message"].as_str().unwrap().is_empty();
        assert!(faults.iter().all(told), "{}", self.body);
        faults
            .iter()
            .map(|fault| (fault["field"].as_str().unwrap(), fault["rule"].as_str().unwrap()))
            .collect()
    }

    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `field`s of a 422, in order.
    pub(crate) fn faulty_fields(&self) -> Vec<&str> {
        let faults = self.body["data"].as_array().unwrap();
        faults.iter().map(|fault| fault["field"].as_str().unwrap()).collect()
    }
}

impl Client {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .allow_non_standard_methods(true)
            .max_idle_connections_per_host(64)
            .build();
        Self { agent: config.into(), base: base.to_owned(), authorization: Some(format!("Bearer {token}")) }
    }

    /// The token it speaks with; empty when it has none.
    pub(crate) fn token(&self) -> &str {
        self.authorization.as_deref().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default()
    }

    /// The same token at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { base: server.base.clone(), ..self.clone() }
    }

    /// The same without, or with another, `Authorization` header.
    pub(crate) fn with_authorization(&self, authorization: Option<&str>) -> Self {
        Self { authorization: authorization.map(str::to_owned), ..self.clone() }
    }

    /// Sends anything; `body` as it is. An error is a connection that broke.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => {
                let request = request.body(body.to_owned()).unwrap();
                self.agent.run(request)?
            }
            None => self.agent.run(request.body(()).unwrap())?,
        };
        let text = response.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), text, body })
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Reply {
        self.try_send(method, path, headers, body).unwrap()
    }

    /// Sends JSON, with more headers.
    pub(crate) fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let headers = [headers, &[("Content-Type", "application/json")]].concat();
        self.send(method, path, &headers, Some(&body.to_string()))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, &[], body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.json("PUT", path, &[], body)
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None)
    }
}
