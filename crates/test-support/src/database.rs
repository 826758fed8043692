//! A database of a test's own, on SQLite or PostgreSQL, and what only its administrator may do with it.
//!
//! A migrated one is a copy of a template: the migrations run once for each set of them, not once for each test.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::PathBuf,
    str::FromStr,
};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator,
    sqlite::SqliteConnectOptions,
};
use store::{Connect, Store};
use uuid::Uuid;

use crate::{anything, wait_for};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file.
    Sqlite,
    /// A database of the server in `DIALTIME_TEST_POSTGRES_URL`.
    Postgres,
}

/// A database that only one test uses; removed with it.
#[derive(Debug)]
pub struct OwnDatabase {
    /// Its address.
    pub url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { name: String },
}

impl OwnDatabase {
    /// One in which nothing is yet; of SQLite not even the file. For tests of migrations and of commands that run them.
    pub fn empty(database: DatabaseKind) -> Self {
        match database {
            DatabaseKind::Sqlite => Self::sqlite(),
            DatabaseKind::Postgres => Self::postgres(""),
        }
    }

    /// One with the newest schema.
    pub fn migrated(database: DatabaseKind) -> Self {
        match database {
            DatabaseKind::Sqlite => {
                let own = Self::sqlite();
                fs::copy(sqlite_template(), own.file()).unwrap();
                own
            }
            DatabaseKind::Postgres => Self::postgres(&format!("TEMPLATE {}", postgres_template())),
        }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, place: Place::Sqlite { _folder: folder } }
    }

    fn postgres(options: &str) -> Self {
        let name = format!("dialtime_{}", anything().simple());
        wait_for(on_postgres(&format!("CREATE DATABASE {name} {options}")));
        Self { url: postgres_database(&name), place: Place::Postgres { name } }
    }

    /// A store on it, with four connections.
    pub async fn connect(&self) -> Store {
        self.connect_with(4).await
    }

    /// A store on it, with so many connections.
    pub async fn connect_with(&self, connections: u32) -> Store {
        Store::connect(&Connect { url: self.url.clone(), connections }).await.unwrap()
    }

    /// Runs SQL that the store has no function for.
    ///
    /// # Errors
    /// The database's refusal.
    pub async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.place {
            Place::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
            Place::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await
            }
        }
    }

    /// Runs SQL that must succeed.
    pub async fn execute(&self, sql: &str) {
        self.try_execute(sql).await.unwrap();
    }

    /// What a query of one text column gives, sorted.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let mut texts = self.fetch(sql).await;
        texts.sort();
        texts
    }

    async fn fetch(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self.place {
            Place::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
            }
            Place::Postgres { .. } => {
                sqlx::query_scalar(sql).fetch_all(&mut self.outsider().await).await.unwrap()
            }
        }
    }

    /// [`execute`](Self::execute), for tests without a runtime.
    pub fn execute_now(&self, sql: &str) {
        wait_for(self.execute(sql));
    }

    /// What a query of one text column gives, in the query's order, for tests without a runtime.
    pub fn texts_in_order(&self, sql: &str) -> Vec<String> {
        wait_for(self.fetch(sql))
    }

    /// Runs the migrations that come before this one, as the program of that time did.
    pub async fn migrate_before(&self, version: i64) {
        let migrations = match self.place {
            Place::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Place::Postgres { .. } => &POSTGRES_MIGRATIONS,
        };
        let before = migrations.iter().filter(|migration| migration.version < version).cloned().collect();
        let migrator = Migrator { migrations: before, ..Migrator::DEFAULT };
        match self.place {
            Place::Sqlite { .. } => {
                let options = SqliteConnectOptions::from_str(&self.url).unwrap().create_if_missing(true);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                migrator.run_direct(None, &mut connection, false).await.unwrap();
                connection.close().await.unwrap();
            }
            Place::Postgres { .. } => {
                let mut connection = self.outsider().await;
                migrator.run_direct(None, &mut connection, false).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// How many rows refer to something that is not there; PostgreSQL has no such rows.
    pub async fn broken_references(&self) -> usize {
        match self.place {
            Place::Sqlite { .. } => self.texts("SELECT \"table\" FROM pragma_foreign_key_check").await.len(),
            Place::Postgres { .. } => 0,
        }
    }

    /// How many rows each table has that is not empty.
    pub async fn row_counts(&self) -> Vec<String> {
        let tables = match self.place {
            Place::Sqlite { .. } => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
                 AND name <> '_sqlx_migrations'"
            }
            Place::Postgres { .. } => {
                "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \
                 AND NOT relispartition AND relname <> '_sqlx_migrations'"
            }
        };
        let count = |table: &String| format!("SELECT '{table} ' || count(*) FROM {table}");
        let counts: Vec<String> = self.texts(tables).await.iter().map(count).collect();
        let counts = self.texts(&counts.join(" UNION ALL ")).await;
        counts.into_iter().filter(|count| !count.ends_with(" 0")).collect()
    }

    /// Which it is.
    pub const fn kind(&self) -> DatabaseKind {
        match self.place {
            Place::Sqlite { .. } => DatabaseKind::Sqlite,
            Place::Postgres { .. } => DatabaseKind::Postgres,
        }
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> PathBuf {
        self.url.strip_prefix("sqlite:").unwrap().into()
    }

    /// An id as this database's SQL writes it.
    pub fn literal(&self, id: Uuid) -> String {
        match self.place {
            Place::Sqlite { .. } => format!("X'{}'", id.simple()),
            Place::Postgres { .. } => format!("'{id}'"),
        }
    }

    /// A connection to PostgreSQL that the store knows nothing of.
    pub async fn outsider(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Has PostgreSQL end all connections to this database, as a restart does.
    pub async fn end_connections(&self) {
        let Place::Postgres { name } = &self.place else { panic!("PostgreSQL only") };
        on_postgres(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
    }

    /// Changes a setting of this database on PostgreSQL, for connections from then on.
    pub async fn alter(&self, setting: &str) {
        let Place::Postgres { name } = &self.place else { panic!("PostgreSQL only") };
        on_postgres(&format!("ALTER DATABASE {name} {setting}")).await;
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        if let Place::Postgres { name } = &self.place {
            wait_for(on_postgres(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// The address of the PostgreSQL that tests run on, if it is named.
pub fn postgres_url() -> Option<String> {
    std::env::var("DIALTIME_TEST_POSTGRES_URL").ok()
}

fn named_postgres_url() -> String {
    postgres_url()
        .expect("DIALTIME_TEST_POSTGRES_URL names no PostgreSQL: run the tests with ./test, which starts one")
}

/// The address of another database of that server.
fn postgres_database(name: &str) -> String {
    format!("{}/{name}", named_postgres_url().rsplit_once('/').unwrap().0)
}

/// Runs SQL as the administrator of PostgreSQL.
pub async fn on_postgres(sql: &str) {
    let mut connection = PgConnection::connect(&named_postgres_url()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The migrations as the store was built with them: their files may have changed since.
static SQLITE_MIGRATIONS: Migrator = sqlx_macros::migrate!("../store/migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx_macros::migrate!("../store/migrations/postgres");

/// A number that changes with any migration.
fn schema_number(migrations: &Migrator) -> u64 {
    let mut hasher = DefaultHasher::new();
    for migration in migrations.iter() {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    hasher.finish()
}

/// The migrated file that others are copied from, beside the test's own binary. Whoever finds none makes it; of several at once each
/// makes the same, and the last one stays.
fn sqlite_template() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let template = folder.join(format!("migrated-{:016x}.db", schema_number(&SQLITE_MIGRATIONS)));
    if !template.exists() {
        let new = OwnDatabase::sqlite();
        wait_for(migrate(&new.url));
        // By way of a name of its own, so that nobody copies a part. `VACUUM INTO` leaves nothing behind in a log.
        let copy = template.with_extension(anything().simple().to_string());
        new.execute_now(&format!("VACUUM INTO '{}'", copy.display()));
        fs::set_permissions(&copy, fs::metadata(new.file()).unwrap().permissions()).unwrap();
        fs::rename(copy, &template).unwrap();
    }
    template
}

/// The name of the migrated database that others are copied from. Whoever finds none makes it, while the others wait.
fn postgres_template() -> String {
    let number = schema_number(&POSTGRES_MIGRATIONS);
    let name = format!("dialtime_migrated_{number:016x}");
    wait_for(async {
        let mut connection = PgConnection::connect(&named_postgres_url()).await.unwrap();
        if !is_there(&mut connection, &name).await {
            let lock = "SELECT pg_advisory_lock(hashtext($1))";
            sqlx::query(lock).bind(&name).execute(&mut connection).await.unwrap();
            if !is_there(&mut connection, &name).await {
                make_postgres_template(&name).await;
            }
        }
        connection.close().await.unwrap();
    });
    name
}

async fn is_there(connection: &mut PgConnection, name: &str) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)";
    sqlx::query_scalar(sql).bind(name).fetch_one(connection).await.unwrap()
}

/// By way of another name, so that nobody copies a part.
async fn make_postgres_template(name: &str) {
    on_postgres(&format!("DROP DATABASE IF EXISTS {name}_new WITH (FORCE)")).await;
    on_postgres(&format!("CREATE DATABASE {name}_new")).await;
    migrate(&postgres_database(&format!("{name}_new"))).await;
    on_postgres(&format!("ALTER DATABASE {name}_new RENAME TO {name}")).await;
}

async fn migrate(url: &str) {
    let store = Store::connect(&Connect { url: url.to_owned(), connections: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
}
