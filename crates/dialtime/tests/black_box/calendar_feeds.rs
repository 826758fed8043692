//! Holiday calendars that follow an address: what is read from it, and that whatever goes wrong there changes nothing.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::{Value, json};

use test_support::PATIENCE;

use crate::{
    account_calendars::REPEATED,
    support::{Database, World},
};

const TO_PRIVATE: &str = "--webhooks-to-private";

const FILE: &str = "date,name,kind\n2027-05-20,司庆,放假\n2027-05-23,司庆,补班\n2027-12-31,x,observance\n";

/// The same without the make-up workday, and with another day off.
const DAYS_OFF: &str =
    "date,name,kind\n2027-05-20,司庆,放假\n2027-05-21,司庆,放假\n2027-12-31,x,observance\n";

/// Another that has its make-up workday, and a day off in the place of another.
const ANOTHER: &str = "date,name,kind\n2027-05-20,司庆,放假\n2027-05-22,司庆,放假\n2027-05-23,司庆,补班\n2027-12-31,x,observance\n";

/// What a server of files answers.
#[derive(Clone)]
enum Hosted {
    /// A file with an `ETag`, or 304 to whoever has it.
    File { text: &'static str, tag: &'static str },
    /// These bytes, whole.
    Raw(String),
    /// A head, and then a body without end.
    Endless(&'static str),
    /// Nothing, for longer than anyone waits.
    Hang,
}

/// A server of files; it ends with the test.
struct FileHost {
    address: SocketAddr,
    hosted: Arc<Mutex<Hosted>>,
    /// The statuses that were answered.
    answered: Arc<Mutex<Vec<u16>>>,
}

impl FileHost {
    fn start(hosted: Hosted) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let host = Self { address, hosted: Arc::new(Mutex::new(hosted)), answered: Arc::default() };
        let (hosted, answered) = (host.hosted.clone(), host.answered.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let hosted = hosted.lock().unwrap().clone();
                let answered = answered.clone();
                thread::spawn(move || serve(&stream.unwrap(), &hosted, &answered));
            }
        });
        host
    }

    fn url(&self) -> String {
        format!("http://{}/holidays.csv", self.address)
    }

    fn now_hosts(&self, hosted: Hosted) {
        *self.hosted.lock().unwrap() = hosted;
    }

    fn answered(&self) -> Vec<u16> {
        self.answered.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, hosted: &Hosted, answered: &Mutex<Vec<u16>>) {
    let head: Vec<String> = BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .map(|line| line.to_ascii_lowercase())
        .collect();
    // Whoever asks may have gone.
    let _ = match hosted {
        Hosted::File { tag, .. } if head.contains(&format!("if-none-match: \"{tag}\"")) => {
            answered.lock().unwrap().push(304);
            write!(stream, "HTTP/1.1 304 Not Modified\r\nETag: \"{tag}\"\r\n\r\n")
        }
        Hosted::File { text, tag } => {
            answered.lock().unwrap().push(200);
            let length = text.len();
            write!(stream, "HTTP/1.1 200 OK\r\nETag: \"{tag}\"\r\nContent-Length: {length}\r\n\r\n{text}")
        }
        Hosted::Raw(bytes) => write!(stream, "{bytes}"),
        Hosted::Endless(head) => {
            let mut written = write!(stream, "{head}");
            while written.is_ok() {
                written = stream.write_all(&vec![b'x'; 64 * 1024]);
            }
            written
        }
        Hosted::Hang => {
            thread::sleep(Duration::from_mins(1));
            Ok(())
        }
    };
}

/// An answer with a whole body.
fn raw(status: &str, headers: &str, body: &str) -> Hosted {
    let length = body.len();
    Hosted::Raw(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
}

/// Makes a calendar of the world's user; gives its path.
fn made(world: &World) -> String {
    let kind = [("Content-Type", "text/csv")];
    let made =
        world.client.upload("POST", &world.path("/holiday-calendar?name=Company"), &kind, FILE.as_bytes());
    world.path(&format!("/holiday-calendar/{}", made.data()["id"].as_str().unwrap()))
}

fn follow(world: &World, calendar: &str, url: &str) {
    let set = world.client.put(&format!("{calendar}/feed"), &json!({"url": url}));
    assert_eq!((set.status, set.data()["read_at"].clone()), (200, Value::Null), "{}", set.text);
}

/// The calendar, once its feed is as awaited.
fn once(world: &World, calendar: &str, is_awaited: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let detail = world.client.get(calendar).data().clone();
        if is_awaited(&detail["feed"]) {
            return detail;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", detail["feed"]);
        thread::sleep(Duration::from_millis(50));
    }
}

fn dates(calendar: &Value) -> Vec<&str> {
    calendar["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect()
}

/// What was told of feeds: each kind with its detail.
fn told(world: &World) -> Vec<(Value, Value)> {
    let events = world.client.get(&world.path("/events?after=0"));
    let events = events.data()["events"].as_array().unwrap().clone();
    let of_feeds =
        events.into_iter().filter(|event| event["type"].as_str().unwrap().starts_with("holidays.feed"));
    of_feeds.map(|event| (event["type"].clone(), event["detail"].clone())).collect()
}

#[rstest]
fn what_an_address_says_is_taken_and_stands_when_it_goes_away(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at_with(database, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: DAYS_OFF, tag: "one" });
    let calendar = made(&world);
    follow(&world, &calendar, &host.url());
    let read = once(&world, &calendar, |feed| feed["read_at"].is_string());
    // The make-up workday, which the file says nothing of, stays, and that is said.
    assert_eq!(dates(&read), ["2027-05-20", "2027-05-21", "2027-05-23", "2027-12-31"]);
    assert_eq!((read["feed"]["kept_days"].clone(), read["feed"]["failing"].clone()), (json!(1), Value::Null));
    assert_eq!(read["feed"]["changed_at"], read["feed"]["read_at"]);
    let id = read["id"].clone();
    let changed = json!({"holiday_calendar": id, "days": 1, "kept_days": 1});
    assert_eq!(told(&world), [(json!("holidays.feed_changed"), changed)]);

    // A day later the server is asked whether there is another file. What was changed by hand holds.
    let by_hand =
        world.client.put(&format!("{calendar}/day/2027-06-01"), &json!({"kind": "holiday", "name": "x"}));
    assert_eq!(by_hand.data()["feed"]["url"], json!(host.url()));
    world.server.set_clock("2027-05-02T10:01:00+08:00");
    let again = once(&world, &calendar, |feed| feed["read_at"] != read["feed"]["read_at"]);
    assert_eq!((dates(&again).len(), host.answered()), (5, vec![200, 304]));
    assert_eq!(again["feed"]["changed_at"], read["feed"]["changed_at"]);

    // What fails is tried every hour, and told after three days, once.
    host.now_hosts(raw("503 Away", "", ""));
    world.server.set_clock("2027-05-03T10:02:00+08:00");
    let failing = once(&world, &calendar, |feed| feed["failing"].is_object());
    assert_eq!((&failing["feed"]["failing"]["fault"], dates(&failing).len()), (&json!("status"), 5));
    assert_eq!(failing["feed"]["failing"]["detail"], "503");
    for time in ["2027-05-06T10:03:00+08:00", "2027-05-06T12:04:00+08:00"] {
        world.server.set_clock(time);
        once(&world, &calendar, |feed| feed["failing"]["tried_at"].as_str().unwrap() > &time[..10]);
    }
    let since = failing["feed"]["failing"]["since"].as_str().unwrap();
    let failing = told(&world).pop().unwrap();
    assert_eq!((failing.0, failing.1["fault"].clone()), (json!("holidays.feed_failing"), json!("status")));
    assert_eq!(failing.1["since"].as_str().unwrap()[..16].replace('T', " "), since[..16]);
    assert_eq!(told(&world).len(), 2);
    comes_back(&world, &host, &calendar);
}

/// It comes back with another file, until it is not followed any more.
fn comes_back(world: &World, host: &FileHost, calendar: &str) {
    host.now_hosts(Hosted::File { text: ANOTHER, tag: "two" });
    world.server.set_clock("2027-05-06T14:05:00+08:00");
    let back = once(world, calendar, |feed| feed["failing"].is_null());
    assert_eq!(dates(&back), ["2027-05-20", "2027-05-22", "2027-05-23", "2027-12-31"]);
    assert_eq!(world.client.delete(&format!("{calendar}/feed")).status, 200);
    assert_eq!(world.client.delete(&format!("{calendar}/feed")).status, 404);
    let alone = world.client.get(calendar).data().clone();
    assert_eq!((alone["feed"].clone(), dates(&alone).len()), (Value::Null, 4));
}

#[rstest]
fn an_address_that_is_set_again_undoes_nothing_by_hand_while_its_file_is_the_same(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at_with(database, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: DAYS_OFF, tag: "one" });
    let calendar = made(&world);
    follow(&world, &calendar, &host.url());
    let read = once(&world, &calendar, |feed| feed["read_at"].is_string());
    world.client.put(&format!("{calendar}/day/2027-06-01"), &json!({"kind": "holiday", "name": "x"})).data();
    world.client.delete(&format!("{calendar}/day/2027-05-21")).data();
    let by_hand = ["2027-05-20", "2027-05-23", "2027-06-01", "2027-12-31"];
    world.server.set_clock("2027-05-01T10:01:00+08:00");
    let set = world.client.put(&format!("{calendar}/feed"), &json!({"url": host.url()}));
    assert_eq!(set.data()["read_at"], read["feed"]["read_at"], "{}", set.text);
    let again = once(&world, &calendar, |feed| feed["read_at"] != read["feed"]["read_at"]);
    assert_eq!((dates(&again), host.answered()), (by_hand.to_vec(), vec![200, 304]));
    // A server that knows no conditional requests has the same file as well.
    host.now_hosts(raw("200 OK", "", DAYS_OFF));
    world.server.set_clock("2027-05-01T10:02:00+08:00");
    world.client.put(&format!("{calendar}/feed"), &json!({"url": host.url()})).data();
    let third = once(&world, &calendar, |feed| feed["read_at"] != again["feed"]["read_at"]);
    assert_eq!(dates(&third), by_hand);
    // Another address is another file.
    let other = FileHost::start(Hosted::File { text: DAYS_OFF, tag: "two" });
    follow(&world, &calendar, &other.url());
    let replaced = once(&world, &calendar, |feed| feed["read_at"].is_string());
    assert_eq!(dates(&replaced), ["2027-05-20", "2027-05-21", "2027-05-23", "2027-12-31"]);
}

#[test]
fn a_file_of_too_few_days_is_not_taken_for_the_make_up_workdays_that_stay() {
    let world = World::at_with(Database::Sqlite, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let off = "2027-05-03,x,放假\n2027-05-04,x,放假\n2027-05-05,x,放假\n";
    let worked = "2027-05-08,x,补班\n2027-05-09,x,补班\n";
    let whole = format!("date,name,kind\n{off}{worked}");
    let kind = [("Content-Type", "text/csv")];
    let path = world.path("/holiday-calendar?name=Company");
    let id = world.client.upload("POST", &path, &kind, whole.as_bytes()).data()["id"].clone();
    let calendar = world.path(&format!("/holiday-calendar/{}", id.as_str().unwrap()));
    let host = FileHost::start(Hosted::File { text: "date,name,kind\n2027-05-03,x,放假\n", tag: "one" });
    follow(&world, &calendar, &host.url());
    let failing = once(&world, &calendar, |feed| feed["failing"].is_object());
    assert_eq!(failing["feed"]["failing"]["fault"], "fewer_days");
    assert_eq!(dates(&failing).len(), 5);
}

#[test]
fn whatever_goes_wrong_at_an_address_changes_nothing_and_is_said() {
    let world = World::at_with(Database::Sqlite, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let looping = |to: &str| raw("302 There", &format!("Location: {to}\r\n"), "");
    let gone = format!("http://{}/x", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let cases = [
        (raw("404 Gone", "", ""), "status"),
        (raw("304 Not Modified", "", ""), "status"),
        (looping("/again"), "redirected"),
        (looping("ftp://example.com/x"), "redirected"),
        (raw("302 Where", "", ""), "redirected"),
        (looping(&gone), "unreachable"),
        (Hosted::Raw("no HTTP at all\r\n\r\n".to_owned()), "unreachable"),
        (Hosted::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{FILE}")), "unreachable"),
        (Hosted::Endless("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"), "too_large"),
        (Hosted::Endless("HTTP/1.1 200 OK\r\n\r\n"), "too_large"),
        (Hosted::Hang, "timed_out"),
        (raw("200 OK", "", ""), "no_holidays"),
        (raw("200 OK", "", "<html>sign in</html>"), "unreadable"),
        (raw("200 OK", "", "date,name\n2027-02-06,值班\n"), "not_understood"),
        (raw("200 OK", "", "date,name\n2027-02-06,放假\n2027-02-06,补班\n"), "contradiction"),
    ];
    let followed = cases.map(|(hosted, fault)| {
        let (calendar, host) = (made(&world), FileHost::start(hosted));
        follow(&world, &calendar, &host.url());
        (calendar, host, fault)
    });
    for (calendar, _host, fault) in &followed {
        let detail = once(&world, calendar, |feed| feed["failing"].is_object());
        assert_eq!(detail["feed"]["failing"]["fault"], *fault, "{}", detail["feed"]);
        assert_eq!(dates(&detail), ["2027-05-20", "2027-05-23", "2027-12-31"]);
        assert_eq!(detail["feed"]["read_at"], Value::Null);
    }
    assert_eq!(told(&world), []);
}

#[test]
fn an_answer_for_what_is_not_understood_and_a_redirect_are_followed() {
    let world = World::at_with(Database::Sqlite, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let file = FileHost::start(raw(
        "200 OK",
        "",
        "date,name\n2027-02-06,值班\n2027-05-20,放假\n2027-05-23,补班\n2027-12-31,放假\n",
    ));
    let host = FileHost::start(raw("301 There", &format!("Location: {}\r\n", file.url()), ""));
    let calendar = made(&world);
    let body = json!({"url": host.url(), "unclear": "makeup_workday"});
    assert_eq!(world.client.put(&format!("{calendar}/feed"), &body).data()["unclear"], "makeup_workday");
    let read = once(&world, &calendar, |feed| feed["read_at"].is_string());
    assert_eq!(read["days"][0]["kind"], "makeup_workday");
}

#[test]
fn addresses_that_are_not_public_are_refused_unless_allowed_and_bad_ones_always() {
    let world = World::at(Database::Sqlite, "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: DAYS_OFF, tag: "one" });
    let port = host.address.port();
    let calendar = made(&world);
    let set = |body: Value| world.client.put(&format!("{calendar}/feed"), &body);
    for url in [host.url(), format!("http://2130706433:{port}"), format!("http://[::ffff:127.0.0.1]:{port}")]
    {
        assert_eq!(set(json!({"url": url})).faults(), [("url", "address_not_public")], "{url}");
    }
    assert_eq!(world.client.get(&calendar).data()["feed"], Value::Null);
    // What a name stands for is seen when it is read.
    let named = format!("http://localhost:{port}");
    follow(&world, &calendar, &named);
    let detail = once(&world, &calendar, |feed| feed["failing"].is_object());
    assert_eq!(detail["feed"]["failing"]["fault"], "address_not_public");
    assert_eq!(host.answered(), Vec::<u16>::new());
    let calendar = made(&world);
    let set = |body: Value| world.client.put(&format!("{calendar}/feed"), &body);
    assert_eq!(set(json!({})).faults(), [("url", "required")]);
    for url in ["ftp://example.com/x", "https://u:p@example.com/x", "example.com", "file:///etc/passwd"] {
        assert_eq!(set(json!({"url": url})).faults(), [("url", "url")], "{url}");
    }
    assert_eq!(set(json!({"url": "https://example.com", "unclear": "x"})).faults(), [("unclear", "one_of")]);
    // Only of one's own.
    let sub = format!("{calendar}/feed?sub_user_id={}", world.sub_user);
    assert_eq!(world.client.put(&sub, &json!({"url": "https://example.com"})).status, 404);
    let of_china = world.path("/holiday-calendar/CN/feed");
    assert_eq!(world.client.put(&of_china, &json!({"url": "https://example.com"})).status, 404);
    // An account goes with what its calendars follow, and a calendar with its address.
    follow(&world, &calendar, &named);
    assert_eq!(world.client.delete(&calendar).status, 200);
}

const UNCLEAR: &str = "date,name\n2027-02-06,值班\n2027-05-20,放假\n2027-05-23,补班\n2027-12-31,放假\n";

#[rstest]
fn a_calendar_is_made_of_an_address_alone_after_it_was_shown(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] of_partner: bool,
) {
    let world = World::at_with(database, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: UNCLEAR, tag: "one" });
    let of =
        if of_partner { "/agent-api/holiday-calendar".to_owned() } else { world.path("/holiday-calendar") };
    let send = |query: &str, body: Value| world.client.post(&format!("{of}?name=x{query}"), &body);
    let body = json!({"url": host.url()});
    let refused = send("&dry_run=true", body.clone());
    assert_eq!(refused.faults(), [("line 2", "not_understood")]);
    assert_eq!(refused.body["data"][0]["date"], "2027-02-06", "{}", refused.text);
    let shown = send("&dry_run=true&unclear=leave_out", body.clone());
    assert_eq!((&shown.data()["stored"], &shown.data()["days_off"]), (&json!(false), &json!(2)));
    assert_eq!(shown.data()["left_out"][0]["reason"], "not_understood");
    let before = world.client.get(&of).data().as_array().unwrap().len();
    let made = send("", json!({"url": host.url(), "unclear": "leave_out"}));
    assert_eq!(made.data()["stored"], json!(true), "{}", made.text);
    assert_eq!(world.client.get(&of).data().as_array().unwrap().len(), before + 1);
    // From now on it follows the address, and says what it does not understand.
    let calendar = format!("{of}/{}", made.data()["id"].as_str().unwrap());
    let read = once(&world, &calendar, |feed| feed["read_at"].is_string());
    assert_eq!(dates(&read), ["2027-05-20", "2027-05-23", "2027-12-31"]);
    assert_eq!(read["feed"]["not_understood"][0]["date"], "2027-02-06");
    // A file that is refused for such an entry says which.
    world.client.put(&format!("{calendar}/feed"), &json!({"url": host.url()})).data();
    let failing = once(&world, &calendar, |feed| feed["failing"].is_object());
    assert_eq!(failing["feed"]["not_understood"][0]["name"], "值班");
    // An import of an address is done once.
    host.now_hosts(Hosted::File { text: DAYS_OFF, tag: "two" });
    let imported = world
        .client
        .post(&format!("{calendar}/import?drop_makeup_workdays=true"), &json!({"url": host.url()}));
    assert_eq!(imported.data()["days_off"], json!(2), "{}", imported.text);
}

#[test]
fn what_goes_wrong_at_an_address_is_answered_and_stores_nothing() {
    let world = World::at_with(Database::Sqlite, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let all = world.path("/holiday-calendar");
    let make = |world: &World, url: &str| world.client.post(&format!("{all}?name=x"), &json!({"url": url}));
    for (hosted, rule) in [
        (raw("404 Gone", "", ""), "status"),
        (raw("302 There", "Location: /again\r\n", ""), "redirected"),
        (Hosted::Endless("HTTP/1.1 200 OK\r\n\r\n"), "too_large"),
        (Hosted::Raw("no HTTP at all\r\n\r\n".to_owned()), "unreachable"),
    ] {
        let host = FileHost::start(hosted);
        assert_eq!(make(&world, &host.url()).faults(), [("url", rule)]);
    }
    let host = FileHost::start(raw("200 OK", "", "<html>sign in</html>"));
    assert_eq!(make(&world, &host.url()).faults(), [("file", "unreadable")]);
    assert_eq!(make(&world, "ftp://example.com/x").faults(), [("url", "url")]);
    assert_eq!(world.client.get(&all).data().as_array().unwrap().len(), 1);
    let closed = World::at(Database::Sqlite, "2027-05-01T10:00:00+08:00");
    let refused = closed.client.post(&closed.path("/holiday-calendar?name=x"), &json!({"url": host.url()}));
    assert_eq!(refused.faults(), [("url", "address_not_public")]);
}

#[test]
fn timed_events_are_imported_from_an_address() {
    let world = World::at_with(Database::Sqlite, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270520T090000\r\nDTEND:20270520T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let host = FileHost::start(raw("200 OK", "", file));
    let made =
        world.client.post(&world.path("/dial-time-group"), &crate::support::group("x")).data()["id"].clone();
    let import = world.path(&format!("/dial-time-group/{made}/exception/import?effect=add&from=2027-05-01"));
    let imported = world.client.post(&import, &json!({"url": host.url()}));
    assert_eq!(imported.data()["exceptions"][0]["times"][0]["begin_time"], "09:00", "{}", imported.text);
}

/// A calendar of the installation follows an address, by the command line.
#[rstest]
fn the_installations_calendars_follow_addresses_and_are_edited_at_the_command_line(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at_with(database, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: FILE, tag: "one" });
    let (url, address) = (world.database.url.as_str(), host.url());
    let holidays = |arguments: &[&str]| crate::support::dialtime(url, &[&["holidays"], arguments].concat());
    holidays(&["import", &address, "--calendar", "OFFICE"]);
    let day = holidays(&["set-day", "OFFICE", "2027-06-01", "half-day", "年会", "--open", "09:00-12:00"]);
    assert!(day.contains("half day 09:00-12:00") && day.contains("年会"), "{day}");
    let of_office = "/agent-api/holiday-calendar/OFFICE";
    assert_eq!(dates(world.client.get(of_office).data()).len(), 4);
    holidays(&["remove-day", "OFFICE", "2027-06-01"]);
    assert_eq!(dates(world.client.get(of_office).data()).len(), 3);
    host.now_hosts(Hosted::File { text: DAYS_OFF, tag: "two" });
    assert!(holidays(&["follow", "OFFICE", &address]).contains("follows"));
    crate::support::until("it is read", || dates(world.client.get(of_office).data()).contains(&"2027-05-21"));
    crate::support::until("that is said", || {
        holidays(&["list"]).contains(&format!("follows {address} (read "))
    });
    holidays(&["unfollow", "OFFICE"]);
    assert!(!holidays(&["list"]).contains("follows"));
    for arguments in [
        ["holidays", "unfollow", "OFFICE", ""],
        ["holidays", "follow", "NOWHERE", &address],
        ["holidays", "follow", "OFFICE", "ftp://x"],
        ["holidays", "remove-day", "OFFICE", "2027-06-01"],
    ] {
        let given: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        assert!(!crate::support::run(url, &given).is_good(), "{given:?}");
    }
    holidays(&["remove", "OFFICE"]);
    assert_eq!(world.client.get(of_office).status, 404);
}

#[rstest]
fn years_of_which_an_address_has_repeating_days_alone_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::at_with(database, &[TO_PRIVATE], "2027-05-01T10:00:00+08:00");
    let host = FileHost::start(Hosted::File { text: REPEATED, tag: "one" });
    let calendar = made(&world);
    follow(&world, &calendar, &host.url());
    let read = once(&world, &calendar, |feed| feed["read_at"].is_string());
    assert_eq!(read["feed"]["only_repeated"], json!([2028]), "{read}");
}
