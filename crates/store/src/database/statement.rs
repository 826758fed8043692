//! SQL statements. Every SQL text of an aggregate is made by `sql!`, where it is used, and registered by it; so one test
//! prepares them all on both databases. A text that is built from pieces depends on nothing but the dialect and a variant,
//! and every variant is prepared: the compiler refuses a text that depends on anything else, and the functions below run
//! nothing that was not registered.

use sqlx::{
    AssertSqlSafe, Database, FromRow, SqlSafeStr as _, SqlStr,
    query::{Query, QueryAs, QueryScalar},
};

/// A registered text. Only `sql!` makes one.
pub(crate) struct Sql(SqlStr);

impl Sql {
    /// Of `sql!` alone.
    pub(crate) fn registered_text(text: &'static str) -> Self {
        Self(text.into_sql_str())
    }

    /// Of `sql!` alone.
    pub(crate) fn registered_pieces(text: String) -> Self {
        Self(AssertSqlSafe(text).into_sql_str())
    }

    /// Whether this dialect needs no such statement.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_str().is_empty()
    }
}

/// [`sqlx::query()`], of a registered text.
pub(crate) fn query<'q, D: Database>(sql: Sql) -> Query<'q, D, D::Arguments> {
    sqlx::query(sql.0)
}

/// [`sqlx::query_as()`], of a registered text.
pub(crate) fn query_as<'q, D: Database, R>(sql: Sql) -> QueryAs<'q, D, R, D::Arguments>
where
    R: for<'r> FromRow<'r, D::Row>,
{
    sqlx::query_as(sql.0)
}

/// [`sqlx::query_scalar()`], of a registered text.
pub(crate) fn query_scalar<'q, D: Database, V>(sql: Sql) -> QueryScalar<'q, D, V, D::Arguments>
where
    (V,): for<'r> FromRow<'r, D::Row>,
{
    sqlx::query_scalar(sql.0)
}

/// A statement of the store.
#[cfg(test)]
pub(crate) struct Statement {
    /// Where it stands in the source.
    pub(crate) place: &'static str,
    /// Its text in every variant.
    pub(crate) texts: fn(super::dialect::Dialect) -> Vec<String>,
}

#[cfg(test)]
inventory::collect!(Statement);

/// Runs one expression on whichever driver the connection has: `on!(tx, c => query.execute(c).await)`.
macro_rules! on {
    ($connection:expr, $driver:ident => $query:expr) => {
        match $crate::database::sealed::HasDriver::driver($connection) {
            $crate::database::Driver::Sqlite($driver) => $query,
            $crate::database::Driver::Postgres($driver) => $query,
        }
    };
}

/// Makes a statement's text:
/// - `sql!("SELECT ...")` is the same on both databases;
/// - `sql!(tx, |dialect| format!("SELECT ..."))` depends on the dialect of a connection;
/// - `sql!(tx, variant: Type = ALL, |dialect| format!("SELECT ..."))` also on a variable `variant`, which is one of `ALL`.
macro_rules! sql {
    ($text:expr) => {{
        const TEXT: &str = $text;
        register_statement!(|_| vec![TEXT.to_owned()]);
        $crate::database::statement::Sql::registered_text(TEXT)
    }};
    ($connection:expr, |$dialect:ident| $text:expr) => {{
        const TEXT: fn($crate::database::dialect::Dialect) -> String = |$dialect| $text;
        register_statement!(|dialect| vec![TEXT(dialect)]);
        $crate::database::statement::Sql::registered_pieces(TEXT($crate::database::dialect_of($connection)))
    }};
    ($connection:expr, $variant:ident: $type:ty = $all:expr, |$dialect:ident| $text:expr) => {{
        const TEXT: fn($crate::database::dialect::Dialect, $type) -> String = |$dialect, $variant| $text;
        register_statement!(|dialect| $all.into_iter().map(|variant| TEXT(dialect, variant)).collect());
        $crate::database::statement::Sql::registered_pieces(TEXT(
            $crate::database::dialect_of($connection),
            $variant,
        ))
    }};
}

/// Registers the texts of the statement that stands here.
macro_rules! register_statement {
    ($texts:expr) => {
        #[cfg(test)]
        inventory::submit! {
            $crate::database::statement::Statement { place: concat!(file!(), ":", line!()), texts: $texts }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use sqlx::{
        Executor as _, PgPool, Postgres, Row as _, SqlitePool, Transaction, migrate::Migrator,
        sqlite::SqliteConnectOptions,
    };

    use super::*;
    use crate::database::dialect::Dialect;

    /// What PostgreSQL says last of a statement that is sound, when nothing in it tells the type of a parameter. What is bound
    /// to the parameter tells its type.
    const NO_TYPE: &str = "could not determine data type of parameter";

    fn statements(dialect: Dialect) -> impl Iterator<Item = (&'static str, SqlStr)> {
        let texts = move |statement: &'static Statement| {
            let texts = (statement.texts)(dialect).into_iter().filter(|text| !text.is_empty());
            texts.map(|text| (statement.place, AssertSqlSafe(text).into_sql_str()))
        };
        inventory::iter::<Statement>.into_iter().flat_map(texts)
    }

    async fn migrations(folder: &str) -> Migrator {
        Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder)).await.unwrap()
    }

    #[tokio::test]
    async fn every_statement_can_be_prepared_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let options =
            SqliteConnectOptions::new().filename(folder.path().join("test.db")).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        migrations("sqlite").await.run(&pool).await.unwrap();
        let mut connection = pool.acquire().await.unwrap();
        for (place, text) in statements(Dialect::Sqlite) {
            let shown = text.as_str().to_owned();
            let prepared = (&mut *connection).prepare(text).await;
            assert!(prepared.is_ok(), "{place}: {:?}\n{shown}", prepared.err());
        }
    }

    async fn postgres() -> PgPool {
        let url = std::env::var("DIALTIME_TEST_POSTGRES_URL");
        PgPool::connect(&url.expect("run the tests with ./test, which starts a PostgreSQL")).await.unwrap()
    }

    /// A schema of a test's own, gone with the transaction.
    async fn make_schema(transaction: &mut Transaction<'_, Postgres>, name: &str) {
        let schema = format!("CREATE SCHEMA {name}; SET LOCAL search_path = {name}");
        sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut **transaction).await.unwrap();
        transaction.execute("CREATE TABLE _sqlx_migrations (version BIGINT, success BOOLEAN)").await.unwrap();
        for migration in migrations("postgres").await.iter() {
            sqlx::raw_sql(migration.sql.clone()).execute(&mut **transaction).await.unwrap();
        }
    }

    #[tokio::test]
    async fn every_statement_can_be_prepared_on_postgres() {
        let mut transaction = postgres().await.begin().await.unwrap();
        make_schema(&mut transaction, "statements").await;
        for (place, text) in statements(Dialect::Postgres) {
            let shown = text.as_str().to_owned();
            transaction.execute("SAVEPOINT statement").await.unwrap();
            let failure = (&mut *transaction).prepare(text).await.err();
            let reason = failure.as_ref().and_then(|error| Some(error.as_database_error()?.message()));
            let is_sound = reason.is_some_and(|reason| reason.starts_with(NO_TYPE));
            assert!(failure.is_none() || is_sound, "{place}: {failure:?}\n{shown}");
            transaction.execute("ROLLBACK TO statement").await.unwrap();
        }
    }

    /// The tables that have millions of rows, by how their names and those of their months and indexes begin.
    const LARGE: [&str; 4] = ["numbers", "number_details", "attempts", "call_results"];

    /// What a parameter may be whose type nothing in its statement tells.
    const TYPES: [&str; 3] = ["text", "uuid", "bigint"];

    /// Prepares a statement under a name; gives how many parameters it has.
    async fn prepare(transaction: &mut Transaction<'_, Postgres>, text: &str) -> usize {
        let most = (1..50).rfind(|number| text.contains(&format!("${number}"))).unwrap_or(0);
        let (mut types, mut untyped) = (vec!["unknown"; most], 0);
        loop {
            let told = if most == 0 { String::new() } else { format!("({})", types.join(", ")) };
            transaction.execute("SAVEPOINT statement").await.unwrap();
            let statement = AssertSqlSafe(format!("PREPARE statement {told} AS {text}"));
            let Err(failure) = sqlx::raw_sql(statement).execute(&mut **transaction).await else {
                return most;
            };
            transaction.execute("ROLLBACK TO statement").await.unwrap();
            let failure = failure.as_database_error().unwrap().message().to_owned();
            if let Some(number) = failure.strip_prefix(NO_TYPE) {
                untyped = number.trim_start_matches(" $").parse::<usize>().unwrap() - 1;
            }
            // The first type for one that has none yet; the next for one whose type does not fit.
            let tried = TYPES.iter().position(|tried| *tried == types[untyped]);
            let next = TYPES.get(tried.map_or(0, |tried| tried + 1));
            types[untyped] = next.unwrap_or_else(|| panic!("{failure}\n{text}"));
        }
    }

    /// The lines of a plan that read a whole large table, or a whole index of one.
    fn whole_reads(plan: &[String]) -> Vec<&str> {
        let depth = |line: &str| line.len() - line.trim_start().len();
        let is_large = |line: &str| {
            let read = line.split_once("Scan").and_then(|(_, read)| Some(read.split_once(" on ")?.1));
            // Numbers that nodes have taken are few, and this index has those alone.
            let is_small = line.contains("numbers_leased");
            !is_small && read.is_some_and(|name| LARGE.iter().any(|large| name.starts_with(large)))
        };
        let has_condition = |at: usize| {
            let own = plan[at + 1..]
                .iter()
                .take_while(|line| depth(line) > depth(&plan[at]) && !line.trim_start().starts_with("->"));
            own.clone().any(|line| line.trim_start().starts_with("Index Cond"))
        };
        let reads =
            (0..plan.len()).filter(|at| is_large(&plan[*at]) && !plan[*at].contains("Bitmap Heap Scan"));
        reads.filter(|at| !has_condition(*at)).map(|at| plan[at].trim()).collect()
    }

    /// Rows of many lists and accounts: what is asked for is a small part.
    async fn fill(transaction: &mut Transaction<'_, Postgres>) {
        let rows = "
            INSERT INTO numbers (list_id, id, e164, extension, suffix, phone, sort, state, status, next_attempt_at, created_at)
                SELECT n % 200, n, n, '', '', n, 0, n % 4, n % 13, 0, n FROM generate_series(1, 20000) AS n;
            INSERT INTO number_details (list_id, number_id) SELECT list_id, id FROM numbers;
            INSERT INTO attempts (account_id, id, task_id, task_name, e164, phone, details, class, outcome, is_local, ended_by,
                    dialed_at, ended_at, is_simulated)
                SELECT md5('' || n % 200)::uuid, gen_random_uuid(), md5('' || n % 400)::uuid, '', n, n, '{}', 'busy', 8, false, 'remote',
                    at, at, true
                FROM generate_series(1, 20000) AS n, LATERAL (SELECT CASE WHEN n % 5 = 0 THEN n
                    ELSE attempts_month((extract(epoch FROM now()) * 1000000)::bigint, n % 5 - 1) + n END AS at) AS dialed;
            INSERT INTO call_results (account_id, attempt_id, task_id, dialed_at, outcome, rounds, rounds_band, tags, updated_at, fields)
                SELECT account_id, id, task_id, dialed_at, outcome, 0, 0, '[]', 0, '{}' FROM attempts;
            ANALYZE numbers, number_details, attempts, call_results";
        sqlx::raw_sql(rows).execute(&mut **transaction).await.unwrap();
    }

    #[tokio::test]
    async fn no_statement_reads_a_large_table_whole() {
        let mut transaction = postgres().await.begin().await.unwrap();
        make_schema(&mut transaction, "plans").await;
        fill(&mut transaction).await;
        // Where an index can be used it is, however few rows there are; and no value of a parameter helps.
        let settings = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";
        transaction.execute(settings).await.unwrap();
        let (mut whole, mut read) = (Vec::new(), 0);
        for (place, text) in statements(Dialect::Postgres) {
            let text = text.as_str();
            if !LARGE.iter().any(|large| text.contains(large)) {
                continue;
            }
            let nulls = vec!["NULL"; prepare(&mut transaction, text).await];
            let parameters = if nulls.is_empty() { String::new() } else { format!("({})", nulls.join(", ")) };
            let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE statement{parameters}"));
            let rows = sqlx::raw_sql(explain).fetch_all(&mut *transaction).await.expect(text);
            let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            whole.extend(whole_reads(&plan).into_iter().map(|line| format!("{place}: {line}\n    {text}")));
            transaction.execute("DEALLOCATE statement").await.unwrap();
            read += 1;
        }
        assert!(whole.is_empty(), "{}", whole.join("\n"));
        assert!(read > 100, "{read}");
    }

    /// What the files of an aggregate must not name: it would run SQL that is not registered.
    const UNREGISTERED: [&str; 6] = [
        "sqlx::query",
        "sqlx::raw_sql",
        "QueryBuilder",
        "AssertSqlSafe",
        "registered_text",
        "registered_pieces",
    ];

    /// The files that speak to a driver in its own words: connections, and what only one of the two databases has.
    const OWN_WORDS: [&str; 5] = ["database", "backup.rs", "wake_ups.rs", "health.rs", "statement.rs"];

    #[test]
    fn no_aggregate_runs_sql_that_is_not_registered() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut seen) = (vec![source.clone()], 0);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
                if OWN_WORDS.contains(&name.as_str()) {
                    continue;
                }
                if entry.is_dir() {
                    folders.push(entry);
                    continue;
                }
                let text = fs::read_to_string(&entry).unwrap();
                let found: Vec<_> = UNREGISTERED.into_iter().filter(|word| text.contains(word)).collect();
                assert!(found.is_empty(), "{}: {found:?}", entry.display());
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen} files");
    }
}
