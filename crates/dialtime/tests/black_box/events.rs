//! The feed: what happened, page by page and as it happens.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use domain::Clock;
use insta::assert_json_snapshot;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::SetClock;

use crate::support::{Client, Database, Program, ProgramWorld, Server, World, dialtime, steady, task};

fn feed(client: &Client, world: &World, after: i64) -> Value {
    client.get(&world.path(&format!("/events?after={after}"))).data().clone()
}

/// What happened, without when and to which task.
fn told(feed: &Value) -> Vec<String> {
    let line =
        |event: &Value| format!("{} {}", event["type"].as_str().unwrap(), event["cause"].as_str().unwrap());
    feed["events"].as_array().unwrap().iter().map(line).collect()
}

fn rename(world: &World, group: i64, content: &Value) {
    let path = world.path(&format!("/dial-time-group/{group}"));
    world.client.put(&path, &json!({"name": "edited", "content": content})).data();
}

#[rstest]
fn what_people_do_is_told_with_what_it_brings(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let task_id = world.task(group);
    let switch =
        |what: &str| world.client.get(&world.path(&format!("/task_{what}/{task_id}"))).data().clone();
    switch("start");
    switch("start");
    rename(&world, group, &json!([]));
    rename(&world, group, &json!([]));
    switch("stop");
    world.client.put(&world.path(&format!("/task/{task_id}")), &task(group)).data();
    world.client.delete(&world.path(&format!("/task/{task_id}"))).data();
    world.client.delete(&world.path(&format!("/dial-time-group/{group}"))).data();
    let feed = feed(&world.client, &world, 0);
    let expected = [
        "group.opened edit",
        "task.created edit",
        "task.running person",
        "group.updated edit",
        "group.closed edit",
        "task.waiting edit",
        "group.updated edit",
        "task.paused person",
        "task.updated edit",
        "task.deleted edit",
        "group.deleted edit",
    ];
    assert_eq!(told(&feed), expected);
    assert_eq!((&feed["next"], &feed["more"], &feed["missed"]), (&json!(11), &json!(false), &json!(false)));
    let mut created = feed["events"][1].clone();
    for time in ["due_at", "written_at", "task_id"] {
        assert!(created[time].is_string());
        created[time] = json!("[differs]");
    }
    created["group_id"] = json!(1);
    assert_json_snapshot!("task_created_event", steady(&json!([created]))[0]);
}

#[rstest]
fn pages_follow_each_other(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let group = world.closed_group("group");
    for _ in 0..7 {
        rename(&world, group, &json!([]));
    }
    let (mut after, mut ids) = (0, Vec::new());
    loop {
        let page = world.client.get(&world.path(&format!("/events?after={after}&limit=3"))).data().clone();
        ids.extend(page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()));
        after = page["next"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    let end = feed(&world.client, &world, after);
    assert_eq!((&end["next"], &end["events"], &end["more"]), (&json!(7), &json!([]), &json!(false)));
    for (query, field) in
        [("after=-1", "after"), ("after=x", "after"), ("limit=0", "limit"), ("limit=1001", "limit")]
    {
        let refused = world.client.get(&world.path(&format!("/events?{query}")));
        assert_eq!(refused.faults(), [(field, "out_of_range")], "{query}");
    }
}

#[rstest]
fn a_misspelt_name_does_not_begin_again_at_the_oldest(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    for query in ["per_page=2", "afterr=3", "after=0&since=2026-01-01"] {
        let refused = world.client.get(&world.path(&format!("/events?{query}")));
        assert_eq!(refused.status, 422, "{query}");
    }
    let sub_user = &world.sub_user;
    let events = world.client.get(&world.path(&format!("/events?after=0&limit=5&sub_user_id={sub_user}")));
    assert_eq!(events.status, 200);
}

#[rstest]
fn after_an_event_that_is_far_off_there_is_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    world.closed_group("told");
    for after in [i64::MAX - 1, i64::MAX] {
        let page = feed(&world.client, &world, after);
        assert_eq!(
            (&page["events"], &page["next"], &page["missed"]),
            (&json!([]), &page["newest"], &json!(true)),
            "whoever is ahead of the log begins anew at its end"
        );
    }
}

#[rstest]
fn a_page_names_the_newest_event_so_that_the_last_ones_can_be_asked_for(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    assert_eq!(feed(&world.client, &world, 0)["newest"], 0);
    let group = world.closed_group("group");
    assert_eq!(feed(&world.client, &world, 0)["newest"], 0, "to make a group that is closed is no event");
    for _ in 0..7 {
        rename(&world, group, &json!([]));
    }
    for query in ["", "?limit=3", "?after=5", "?after=7", "?after=100"] {
        let page = world.client.get(&world.path(&format!("/events{query}")));
        assert_eq!(page.data()["newest"], 7, "{query}");
    }
    let last = feed(&world.client, &world, 7 - 2);
    let ids: Vec<_> = last["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!((ids, &last["more"]), (vec![json!(6), json!(7)], &json!(false)));
    let theirs = world.client.get(&world.path(&format!("/events?sub_user_id={}", world.sub_user)));
    assert_eq!(theirs.data()["newest"], 0);
    // Events that are no longer kept count.
    world.database.execute_now("DELETE FROM events");
    let page = feed(&world.client, &world, 0);
    assert_eq!((&page["events"], &page["newest"], &page["missed"]), (&json!([]), &json!(7), &json!(true)));
}

#[rstest]
fn a_sub_users_events_are_its_own(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let body = json!({"name": "theirs", "content": crate::support::always(), "is_default": false,
                      "skip_holiday": false, "sub_user_id": world.sub_user});
    world.client.post(&world.path("/dial-time-group"), &body).data();
    assert_eq!(told(&feed(&world.client, &world, 0)), [""; 0]);
    let theirs = world.client.get(&world.path(&format!("/events?sub_user_id={}", world.sub_user)));
    assert_eq!(told(theirs.data()), ["group.opened edit"]);
}

#[rstest]
fn a_task_that_resumes_when_asked_is_paused_at_the_close(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let group = world.open_group();
    let mut body = task(group);
    body["resume"] = json!("ask");
    let made = world.client.post(&world.path("/task"), &body).data().clone();
    assert_eq!(made["resume"], "ask");
    let id = made["uuid"].as_str().unwrap();
    world.client.get(&world.path(&format!("/task_start/{id}"))).data();
    rename(&world, group, &json!([]));
    rename(&world, group, &crate::support::always());
    let seen = world.client.get(&world.path(&format!("/task/{id}/edit"))).data().clone();
    assert_eq!((&seen["enable"], &seen["status"]), (&json!(false), &json!(1)));
    let expected = [
        "group.opened edit",
        "task.created edit",
        "task.running person",
        "group.updated edit",
        "group.closed edit",
        "task.paused edit",
        "group.updated edit",
        "group.opened edit",
    ];
    assert_eq!(told(&feed(&world.client, &world, 0)), expected);
    body["resume"] = json!("never");
    let refused = world.client.put(&world.path(&format!("/task/{id}")), &body);
    assert_eq!(refused.faults(), [("resume", "one_of")]);
}

/// A connection on which events come in.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(server: &Server, world: &World, token: &str, headers: &str) -> Self {
        Self::open_path(server, &world.path("/events"), token, headers)
    }

    fn open_path(server: &Server, path: &str, token: &str, headers: &str) -> Self {
        Self::try_open(server, path, token, headers).unwrap()
    }

    /// `None` when it is refused.
    fn try_open(server: &Server, path: &str, token: &str, headers: &str) -> Option<Self> {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
             Accept: text/event-stream\r\n{headers}\r\n"
        )
        .unwrap();
        let mut opened = Self(BufReader::new(stream));
        if !opened.line().contains(" 200 ") {
            return None;
        }
        while !opened.line().is_empty() {}
        Some(opened)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next event's id and type.
    fn next(&mut self) -> (i64, String) {
        let mut event = None;
        loop {
            let line = self.line();
            if let Some(text) = line.strip_prefix("data: ") {
                event = Some(serde_json::from_str::<Value>(text).unwrap());
            } else if let Some(event) = event.take_if(|_| line.is_empty()) {
                return (event["id"].as_i64().unwrap(), event["type"].as_str().unwrap().to_owned());
            }
        }
    }
}

#[rstest]
fn a_stream_tells_events_as_they_happen_and_goes_on_where_it_was_left(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = ProgramWorld::new(database);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let group = world.closed_group("group");
    rename(&world, group, &json!([]));
    let mut live = Stream::open(&world.server, &world, &token, "");
    rename(&world, group, &crate::support::always());
    assert_eq!(live.next(), (2, "group.updated".to_owned()));
    assert_eq!(live.next(), (3, "group.opened".to_owned()));
    drop(live);
    rename(&world, group, &json!([]));
    let mut again = Stream::open(&world.server, &world, &token, "Last-Event-ID: 3\r\n");
    assert_eq!([again.next().0, again.next().0], [4, 5]);
    // It does not keep the server from stopping.
    let stop =
        std::process::Command::new("kill").arg(world.server.process_id().to_string()).status().unwrap();
    assert!(stop.success() && world.server.wait());
}

/// A group that opens takes its tasks along. Whoever was in the midst of their events goes on there.
#[rstest]
fn pages_and_streams_begin_within_a_transition(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let group = world.closed_group("group");
    for _ in 0..3 {
        let task = world.task(group);
        world.client.get(&world.path(&format!("/task_start/{task}"))).data();
    }
    // Three tasks made, and started while the group is closed.
    let before = feed(&world.client, &world, 0)["newest"].as_i64().unwrap();
    rename(&world, group, &crate::support::always());
    let whole = feed(&world.client, &world, before);
    let opened = ["group.updated edit", "group.opened edit"];
    assert_eq!(told(&whole), [&opened[..], &["task.running edit"; 3]].concat());
    let events = whole["events"].as_array().unwrap();
    for place in 0..events.len() {
        let after = before + i64::try_from(place).unwrap();
        assert_eq!(feed(&world.client, &world, after)["events"].as_array().unwrap(), &events[place..]);
        let one = world.client.get(&world.path(&format!("/events?after={after}&limit=1"))).data().clone();
        assert_eq!(one["events"], json!([events[place]]));
        assert_eq!((&one["next"], &one["more"]), (&json!(after + 1), &json!(place + 1 < events.len())));
        let mut stream = Stream::open(&world.server, &world, &token, &format!("Last-Event-ID: {after}\r\n"));
        for event in &events[place..] {
            assert_eq!(
                stream.next(),
                (event["id"].as_i64().unwrap(), event["type"].as_str().unwrap().to_owned())
            );
        }
    }
}

/// How a token ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Revoked,
    Expired,
}

/// How a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Eager,
    /// A few kilobytes a second.
    Slow,
    /// Not at all, until the stream must have ended.
    Absent,
}

/// How many events a log has that is longer than the buffers between a server and its client.
const LONG: i64 = 60_000;

/// Makes the account's log that long.
fn lengthen(world: &World) {
    world.closed_group("group");
    world.database.execute_now(&format!(
        "INSERT INTO event_counters (account_id, last) SELECT id, {LONG} FROM accounts WHERE parent_id IS NULL; \
         INSERT INTO events (account_id, number, kind, cause, due_at, written_at, group_id, group_version) \
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {LONG}) \
         SELECT accounts.id, numbers.number, 'group.updated', 'edit', 1700000000000000, 1700000000000000, 1, 1 \
         FROM accounts, numbers WHERE parent_id IS NULL"
    ));
}

/// Ends the token of this name; at once, or in a moment.
fn end(world: &World, name: &str, end: End) {
    let list = dialtime(&world.database.url, &["token", "list"]);
    let id = list.lines().find(|line| line.contains(name)).unwrap().split_whitespace().next().unwrap();
    match end {
        End::Revoked => drop(dialtime(&world.database.url, &["token", "revoke", id])),
        End::Expired => {
            let at = now().as_microsecond();
            world.database.execute_now(&format!("UPDATE tokens SET expires_at = {at} WHERE name = '{name}'"));
        }
    }
}

#[rstest]
#[case(Database::Sqlite, End::Revoked, Reader::Eager)]
#[case(Database::Postgres, End::Expired, Reader::Eager)]
#[case(Database::Sqlite, End::Expired, Reader::Slow)]
#[case(Database::Postgres, End::Revoked, Reader::Slow)]
#[case(Database::Sqlite, End::Revoked, Reader::Absent)]
fn a_stream_ends_within_five_seconds_of_its_tokens_end_whoever_reads_it(
    #[case] database: Database,
    #[case] how: End,
    #[case] reader: Reader,
) {
    let world = World::new(database);
    let token = dialtime(
        &world.database.url,
        &["token", "create", "--partner", &world.partner, "--name", "followed"],
    );
    let after = if reader == Reader::Eager { "" } else { "Last-Event-ID: 0\r\n" };
    if reader != Reader::Eager {
        lengthen(&world);
    }
    let mut stream = Stream::open(&world.server, &world, &token, &format!("Connection: close\r\n{after}"));
    end(&world, "followed", how);
    let ended = Instant::now();
    let mut read = Vec::new();
    while reader != Reader::Eager && ended.elapsed() < Duration::from_secs(6) {
        std::thread::sleep(Duration::from_millis(100));
        if reader == Reader::Slow {
            let mut some = [0; 500];
            let count = stream.0.get_mut().read(&mut some).unwrap_or(0);
            read.extend_from_slice(&some[..count]);
        }
    }
    if reader != Reader::Eager {
        // Newer than the token's end.
        world.closed_group("another");
        rename(&world, 1, &json!([]));
    }
    // What was on its way may still come, or the connection is reset.
    let _ = stream.0.read_to_end(&mut read);
    if reader == Reader::Eager {
        assert!(ended.elapsed() < Duration::from_secs(10), "it took {:?}", ended.elapsed());
    }
    let text = String::from_utf8_lossy(&read);
    assert!(!text.contains(&format!("id: {LONG}\n")) && !text.contains(&format!("id: {}\n", LONG + 1)));
}

#[rstest]
fn streams_have_a_cap_for_each_partner_and_for_the_node(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::with(database, &["--streams-per-partner", "2", "--streams", "3"]);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let (stranger, user) = world.stranger();
    let their_token = stranger.token().to_owned();
    let stream = [("Accept", "text/event-stream")];
    let first = Stream::open(&world.server, &world, &token, "");
    let _second = Stream::open(&world.server, &world, &token, "");
    let refused = world.client.send("GET", &world.path("/events"), &stream, None);
    assert_eq!((refused.status, refused.code()), (429, 429), "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"));
    // A page is no stream.
    world.client.get(&world.path("/events")).data();
    let theirs = format!("/agent-api/user/{user}/events");
    let _third = Stream::open_path(&world.server, &theirs, &their_token, "");
    let refused = stranger.send("GET", &theirs, &stream, None);
    assert_eq!((refused.status, refused.code()), (503, 503), "{}", refused.body);
    drop(first);
    // The server notices with the next line it sends.
    let group = world.closed_group("group");
    loop {
        rename(&world, group, &json!([]));
        let opened = Stream::try_open(&world.server, &theirs, &their_token, "");
        if opened.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_stream_tells_what_another_node_writes() {
    let world = World::new(Database::Postgres);
    let other = Program::start(&world.database.url, &[]);
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let group = world.closed_group("group");
    let mut stream = Stream::open(&other, &world, &token, "");
    for round in 1..=20 {
        rename(&world, group, &json!([]));
        assert_eq!(stream.next().0, round);
    }
}

/// The machine's time, which is the server's.
pub(crate) fn now() -> Timestamp {
    SetClock::real().now()
}

/// A later instant, as Shanghai's clocks show it.
pub(crate) fn in_shanghai(later: SignedDuration, format: &str) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    zone.to_datetime(now() + later).strftime(format).to_string()
}

/// That a feed's event came from a rule and on time.
fn assert_on_time(event: &Value, cause: &str) {
    assert_eq!((&event["cause"], &event["late"]), (&json!(cause), &json!(false)));
    let instant = |name: &str| event[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(instant("due_at") <= instant("written_at"), "never early");
}

#[rstest]
fn a_task_comes_to_run_and_to_wait_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at(database, "2026-06-10T09:00:00+08:00");
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let mut body = task(world.open_group());
    body["task_extras"] = json!({"start_time": "2026-06-10 10:00:00", "stop_time": "2026-06-10 10:00:02"});
    let made = world.client.post(&world.new_path("/task"), &body).data().clone();
    let id = made["uuid"].as_str().unwrap();
    world.client.get(&world.new_path(&format!("/task_start/{id}"))).data();
    let mut stream = Stream::open(&world.server, &world, &token, "Last-Event-ID: 0\r\n");
    world.server.set_clock("2026-06-10T09:59:59+08:00");
    let expected = ["group.opened", "task.created", "task.waiting", "task.running", "task.waiting"];
    assert_eq!(expected.map(|_| stream.next().1), expected);
    let feed = feed(&world.client, &world, 3);
    assert_on_time(&feed["events"][0], "bounds");
    assert_on_time(&feed["events"][1], "bounds");
}

#[test]
fn a_window_opens_by_itself() {
    let world = World::at(Database::Sqlite, "2026-06-10T09:00:00+08:00");
    let token = dialtime(&world.database.url, &["token", "create", "--partner", &world.partner]);
    let window = json!([{"begin_time": "10:00", "end_time": "10:05"}]);
    let content: Value = (0..7).map(|week| json!({"week": week, "times": window})).collect();
    let body = json!({"name": "soon", "content": content, "is_default": false, "skip_holiday": false});
    let group = world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap();
    world.client.get(&world.path(&format!("/task_start/{}", world.task(group)))).data();
    let mut stream = Stream::open(&world.server, &world, &token, "Last-Event-ID: 2\r\n");
    world.server.set_clock("2026-06-10T09:59:59+08:00");
    assert_eq!([stream.next().1, stream.next().1], ["group.opened", "task.running"]);
    let feed = feed(&world.client, &world, 2);
    assert_on_time(&feed["events"][0], "window");
    assert_on_time(&feed["events"][1], "window");
}
