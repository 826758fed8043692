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
    use std::{collections::HashMap, fs, path::Path};

    use sqlx::{
        Executor as _, PgPool, Postgres, Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
        migrate::Migrator,
        pool::PoolConnection,
        sqlite::{SqliteConnectOptions, SqliteRow},
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

    /// A database in this folder.
    async fn sqlite(folder: &Path) -> PoolConnection<Sqlite> {
        let options = SqliteConnectOptions::new().filename(folder.join("test.db")).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        migrations("sqlite").await.run(&pool).await.unwrap();
        pool.acquire().await.unwrap()
    }

    #[tokio::test]
    async fn every_statement_can_be_prepared_on_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = sqlite(folder.path()).await;
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

    /// Prepares a statement under a name.
    async fn prepare(transaction: &mut Transaction<'_, Postgres>, text: &str) {
        let most = (1..50).rfind(|number| text.contains(&format!("${number}"))).unwrap_or(0);
        let (mut types, mut untyped) = (vec!["unknown"; most], 0);
        loop {
            let told = if most == 0 { String::new() } else { format!("({})", types.join(", ")) };
            transaction.execute("SAVEPOINT statement").await.unwrap();
            let statement = AssertSqlSafe(format!("PREPARE statement {told} AS {text}"));
            let Err(failure) = sqlx::raw_sql(statement).execute(&mut **transaction).await else {
                return;
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

    /// How far a line of a plan is indented: what a step takes its rows from is deeper.
    fn depth(line: &str) -> usize {
        line.len() - line.trim_start().len()
    }

    /// The lines of a plan that read a whole large table, or a whole index of one.
    fn whole_reads(plan: &[String]) -> Vec<&str> {
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
            own.clone().any(|line| {
                let condition = line.trim_start();
                condition.starts_with("Index Cond") || condition.starts_with("TID Cond")
            })
        };
        let reads =
            (0..plan.len()).filter(|at| is_large(&plan[*at]) && !plan[*at].contains("Bitmap Heap Scan"));
        reads.filter(|at| !has_condition(*at)).map(|at| plan[at].trim()).collect()
    }

    /// Rows of so many lists, and of as many accounts.
    async fn fill(transaction: &mut Transaction<'_, Postgres>, lists: u32) {
        let rows = format!(
            "
            INSERT INTO numbers (list_id, id, e164, extension, suffix, phone, sort, state, status, next_attempt_at, created_at)
                SELECT n % {lists}, n, n, '', '', n, 0, n % 4, n % 13, 0, n FROM generate_series(1, 20000) AS n;
            INSERT INTO number_details (list_id, number_id) SELECT list_id, id FROM numbers;
            INSERT INTO attempts (account_id, id, task_id, task_name, e164, phone, details, class, outcome, is_local, ended_by,
                    dialed_at, ended_at, is_simulated)
                SELECT md5('' || n % {lists})::uuid, gen_random_uuid(), md5('' || n % ({lists} * 2))::uuid, '', n, n, '{{}}', 'busy', 8, false, 'remote',
                    at, at, true
                FROM generate_series(1, 20000) AS n, LATERAL (SELECT CASE WHEN n % 5 = 0 THEN n
                    ELSE attempts_month((extract(epoch FROM now()) * 1000000)::bigint, n % 5 - 1) + n END AS at) AS dialed;
            INSERT INTO call_results (account_id, attempt_id, task_id, dialed_at, outcome, rounds, rounds_band, tags, updated_at, fields)
                SELECT account_id, id, task_id, dialed_at, outcome, 0, 0, '[]', 0, '{{}}' FROM attempts;
            ANALYZE numbers, number_details, attempts, call_results"
        );
        sqlx::raw_sql(AssertSqlSafe(rows)).execute(&mut **transaction).await.unwrap();
    }

    /// How the statements about large tables are carried out, each with the place of its text, for parameters of a value by their type.
    async fn plans(
        transaction: &mut Transaction<'_, Postgres>,
        value: impl Fn(&str) -> &'static str,
    ) -> Vec<(String, Vec<String>)> {
        let mut plans = Vec::new();
        for (place, text) in statements(Dialect::Postgres) {
            let text = text.as_str();
            if !LARGE.iter().any(|large| text.contains(large)) {
                continue;
            }
            prepare(transaction, text).await;
            let types =
                "SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = 'statement'";
            let types: Vec<String> = sqlx::query_scalar(types).fetch_all(&mut **transaction).await.unwrap();
            let values = types.iter().map(|one| value(one)).collect::<Vec<_>>().join(", ");
            let parameters = if types.is_empty() { String::new() } else { format!("({values})") };
            let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE statement{parameters}"));
            let rows = sqlx::raw_sql(explain).fetch_all(&mut **transaction).await.expect(text);
            let plan = rows.iter().map(|row| row.get(0)).collect();
            plans.push((format!("{place}: {text}"), plan));
            transaction.execute("DEALLOCATE statement").await.unwrap();
        }
        assert!(plans.len() > 100, "{}", plans.len());
        plans
    }

    fn assert_none_has(plans: &[(String, Vec<String>)], fault: impl Fn(&[String]) -> Vec<&str>) {
        let found = plans
            .iter()
            .flat_map(|(text, plan)| fault(plan).into_iter().map(move |line| format!("{line}\n    {text}")));
        let found: Vec<String> = found.collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[tokio::test]
    async fn no_statement_reads_a_large_table_whole() {
        let mut transaction = postgres().await.begin().await.unwrap();
        make_schema(&mut transaction, "plans").await;
        // What is asked for is a small part.
        fill(&mut transaction, 200).await;
        // Where an index can be used it is, however few rows there are; and no value of a parameter helps.
        let settings = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";
        transaction.execute(settings).await.unwrap();
        assert_none_has(&plans(&mut transaction, |_| "NULL").await, whole_reads);
    }

    /// The lines of a plan that choose rows of a large table by a LIMIT again for each row of something else.
    fn repeated_choices(plan: &[String]) -> Vec<&str> {
        let below = |at: usize| {
            let deeper = plan[at + 1..].iter().take_while(move |line| depth(line) > depth(&plan[at]));
            at + 1..at + 1 + deeper.count()
        };
        let is_large = |line: &str| LARGE.iter().any(|large| line.contains(&format!(" on {large}")));
        let is_choice = |at: usize| plan[at].contains("->  Limit") && below(at).any(|at| is_large(&plan[at]));
        let is_repeated =
            |at: &usize| plan[*at].contains("Nested Loop Semi Join") && below(*at).any(is_choice);
        (0..plan.len()).filter(is_repeated).map(|at| plan[at].trim()).collect()
    }

    #[tokio::test]
    async fn no_rows_are_chosen_again_for_each_row_of_a_list_that_is_believed_empty() {
        let mut transaction = postgres().await.begin().await.unwrap();
        make_schema(&mut transaction, "choices").await;
        // Of the lists and accounts that are asked for no statistics know.
        fill(&mut transaction, 1).await;
        transaction.execute("SET LOCAL plan_cache_mode = force_custom_plan").await.unwrap();
        let unknown = |kind: &str| match kind {
            "bigint" => "7",
            "uuid" => "'00000000-0000-0000-0000-000000000007'",
            "text" => "'[7]'",
            _ => "NULL",
        };
        assert_none_has(&plans(&mut transaction, unknown).await, repeated_choices);
    }

    /// The tables, beside the large ones, that have a row or more for each account or task: what is asked for one must not cost more the
    /// more others there are.
    const OF_TASKS: [&str; 8] = [
        "accounts",
        "tasks",
        "task_lines",
        "task_line_groups",
        "task_scripts",
        "task_redial_rules",
        "number_lists",
        "number_counts",
    ];

    /// What is read whole on purpose, and in which file.
    const EXPECTED: [(&str, &str); 3] = [
        // All that may be dialed, once in a while.
        ("number_counts", "dialing/tasks.rs"),
        // Whose an attempt is of which nothing but the id is known.
        ("accounts", "attempts/list.rs"),
        // All that lies below a ceiling that is edited.
        ("accounts", "ceilings/mod.rs"),
    ];

    /// The tables that a statement reads from one end on, or by a whole index: from the program that SQLite makes of it.
    async fn read_whole(connection: &mut SqliteConnection, text: &str) -> Vec<String> {
        let explain = AssertSqlSafe(format!("EXPLAIN {text}"));
        let steps = sqlx::raw_sql(explain).fetch_all(&mut *connection).await.expect(text);
        let tables = "SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0";
        let tables: HashMap<i64, String> =
            sqlx::query_as(tables).fetch_all(connection).await.unwrap().into_iter().collect();
        let step = |row: &SqliteRow| (row.get::<String, _>("opcode"), row.get("p1"), row.get("p2"));
        let steps: Vec<(String, i64, i64)> = steps.iter().map(step).collect();
        let mut opened: HashMap<i64, &String> = HashMap::new();
        let mut whole = Vec::new();
        for (opcode, cursor, page) in &steps {
            match opcode.as_str() {
                "OpenRead" | "OpenWrite" => opened.extend(tables.get(page).map(|name| (*cursor, name))),
                "OpenEphemeral" | "OpenAutoindex" | "OpenPseudo" | "SorterOpen" | "VOpen" => {
                    opened.remove(cursor);
                }
                "Rewind" | "Last" => whole.extend(opened.get(cursor).map(|name| (*name).clone())),
                _ => {}
            }
        }
        whole
    }

    #[tokio::test]
    async fn no_statement_reads_what_tasks_have_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = sqlite(folder.path()).await;
        let is_expected = |table: &str, place: &str| {
            EXPECTED.iter().any(|(one, file)| *one == table && place.contains(file))
        };
        let mut found = Vec::new();
        for (place, text) in statements(Dialect::Sqlite) {
            for table in read_whole(&mut connection, text.as_str()).await {
                let grows = OF_TASKS.iter().chain(&LARGE).any(|name| *name == table);
                if grows && !is_expected(&table, place) {
                    found.push(format!("{table} {place}: {}", text.as_str()));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
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
