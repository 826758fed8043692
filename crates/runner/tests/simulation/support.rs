//! A database of a test's own, and a clock that stands until it is set.

use std::sync::Mutex;

use domain::Clock;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{Connect, Store};
use uuid::Uuid;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// An id that nothing else has.
#[expect(clippy::disallowed_methods, reason = "a test's ids are nobody's to inject")]
pub(crate) fn anything() -> Uuid {
    Uuid::new_v4()
}

/// A clock that stands until it is set.
pub(crate) struct SetClock(Mutex<Timestamp>);

impl SetClock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A database that only one test uses; removed with it.
pub(crate) enum OwnDatabase {
    Sqlite(tempfile::TempDir),
    Postgres(String),
}

impl OwnDatabase {
    pub(crate) async fn new(database: Database) -> Self {
        match database {
            Database::Sqlite => Self::Sqlite(tempfile::tempdir().unwrap()),
            Database::Postgres => {
                let name = format!("dialtime_{}", anything().simple());
                on_postgres(&format!("CREATE DATABASE {name}")).await;
                Self::Postgres(name)
            }
        }
    }

    pub(crate) async fn connect(&self) -> Store {
        let url = match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("test.db").display()),
            Self::Postgres(name) => postgres_url().rsplit_once('/').unwrap().0.to_owned() + "/" + name,
        };
        Store::connect(&Connect { url, connections: 4 }).await.unwrap()
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let Self::Postgres(name) = self else { return };
        let sql = format!("DROP DATABASE {name} WITH (FORCE)");
        // A test's own runtime cannot be waited for from here.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(on_postgres(&sql));
        })
        .join()
        .unwrap();
    }
}

fn postgres_url() -> String {
    std::env::var("DIALTIME_TEST_POSTGRES_URL")
        .expect("DIALTIME_TEST_POSTGRES_URL names no PostgreSQL: run the tests with ./test, which starts one")
}

async fn on_postgres(sql: &str) {
    let mut connection = PgConnection::connect(&postgres_url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
