//! What a request has proved holds for its answer too, also for what is sent while it is read.

use rstest::rstest;
use test_support::answered_attempt;

use crate::support::{self, Database, World};

/// Asks while nobody can read a table; changes something as soon as the request waits for a statement that is like this, and then lets it go on.
pub(crate) fn ask_meanwhile<T: Send>(
    world: &World,
    (table, statement): (&str, &str),
    change: &str,
    ask: impl FnOnce() -> T + Send,
) -> T {
    let user = world.database.literal(uuid::Uuid::parse_str(&world.user).unwrap());
    let change = change.replace("{user}", &user);
    let waits = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity AS asked USING (pid) \
         WHERE NOT granted AND asked.query LIKE '{statement}')"
    );
    let run = |sql: &str| sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    std::thread::scope(|scope| {
        let asking = test_support::wait_for(async {
            // Within a transaction PostgreSQL shows what others do as it was at its first look.
            let (mut outsider, mut watcher) =
                (world.database.outsider().await, world.database.outsider().await);
            let mut held = sqlx::Connection::begin(&mut outsider).await.unwrap();
            let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
            run(&lock).execute(&mut *held).await.unwrap();
            let asking = scope.spawn(ask);
            let waits = || sqlx::query_scalar::<_, bool>(sqlx::AssertSqlSafe(waits.clone()));
            while !waits().fetch_one(&mut watcher).await.unwrap() {
                std::thread::yield_now();
            }
            run(&change).execute(&mut *held).await.unwrap();
            held.commit().await.unwrap();
            asking
        });
        asking.join().unwrap()
    })
}

const ACCOUNT_GOES: &str =
    "DELETE FROM accounts WHERE parent_id = {user}; DELETE FROM accounts WHERE id = {user}";

#[rstest]
#[case::account_gone(ACCOUNT_GOES, 404)]
#[case::token_revoked("UPDATE tokens SET revoked_at = 1", 401)]
fn what_was_proved_holds_for_the_answer_too(#[case] change: &str, #[case] status: u16) {
    let world = World::new(Database::Postgres);
    let path = world.path("/prompt?page=1");
    assert_eq!(world.client.get(&path).body["meta"]["total"], 0);
    let list = ("prompts", "%count(*)%prompts%");
    assert_eq!(ask_meanwhile(&world, list, change, || world.client.get(&path).status), status);
}

/// How a file is answered, and how many lines it has; `None` when it breaks off.
pub(crate) fn lines(world: &World, path: &str) -> (u16, Option<usize>) {
    let request = ureq::get(format!("http://{}{path}", world.server.address()));
    let request = request.header("Authorization", format!("Bearer {}", world.client.token()));
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().ok().map(|text| text.lines().count()))
}

#[test]
fn a_file_that_is_read_while_it_is_sent_has_no_end_once_its_account_is_gone() {
    let world = World::new(Database::Postgres);
    let task = domain::TaskId::new(test_support::anything());
    world.record_all(&[answered_attempt(world.account(), task, support::now())]);
    let path = world.path("/record/export");
    assert_eq!(lines(&world, &path), (200, Some(2)));
    let change = format!("DELETE FROM attempts; {ACCOUNT_GOES}");
    let list = ("ONLY attempts", "%attempts%dialed_at%LIMIT%");
    assert_eq!(ask_meanwhile(&world, list, &change, || lines(&world, &path)), (200, None));
}
