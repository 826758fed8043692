//! Recordings through HTTP: who may hear them, for how long, and when they go. Files are left as a process leaves them that dies.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::{Attempt, AttemptId, RecordingOrder};
use jiff::{SignedDuration, Timestamp};
use media::{
    g711::G711,
    recording::{HEAD_BYTES, RecordedChannel, RecordingGap, RecordingPiece},
};
use recordings::{Recorder, RecorderSettings, RecordingFolder};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::{Bucket, answered_attempt};

use crate::support::{Client, Database, ProgramWorld, World, register, task_id, until};

const NOON: &str = "2026-06-10T12:00:00+08:00";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A world that keeps its recordings here, and a call of a task in it.
struct Recorded {
    world: World,
    place: tempfile::TempDir,
    task: String,
    attempt: Attempt,
}

impl Recorded {
    fn new(database: Database) -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = format!("folder:{}", place.path().display());
        let world = World::at_with(database, &["--recordings", &folder], NOON);
        let task = world.task(world.group("recorded"));
        let attempt = answered_attempt(world.account(), task_id(&task), at(NOON));
        world.record_all(std::slice::from_ref(&attempt));
        Self { world, place, task, attempt }
    }

    /// A second of sound, left by a process that died.
    fn leave(&self, attempt: &Attempt, kept_days: i64) -> Vec<u8> {
        let sound: Vec<u8> = (0..16_000_u32).map(|place| u8::try_from(place % 253).unwrap()).collect();
        leave(self.place.path(), attempt, kept_days, &sound);
        sound
    }

    fn record_path(&self, kind: &str) -> String {
        self.world.path(&format!("/task/{}/{kind}/{}", self.task, self.attempt.id))
    }

    fn record(&self) -> Value {
        self.world.client.get(&self.record_path("detail")).data()["recording"].clone()
    }

    /// The file where it stays.
    fn file(&self, attempt: AttemptId) -> PathBuf {
        file_in(self.place.path(), &self.world.user, attempt)
    }
}

/// Where a recording stays in a folder.
fn file_in(folder: &Path, user: &str, attempt: AttemptId) -> PathBuf {
    let [.., last] = attempt.uuid().into_bytes();
    folder.join(format!("{user}/{last:02x}/{attempt}.wav"))
}

/// Calls of a task that were answered some minutes ago, by the machine's clock; the second to another number.
fn two_calls(world: &World, task: &str) -> (Attempt, Attempt) {
    #[expect(clippy::disallowed_methods, reason = "a program has the machine's clock")]
    let now = Timestamp::now();
    let like =
        |minutes| answered_attempt(world.account(), task_id(task), now - SignedDuration::from_mins(minutes));
    let (first, mut second) = (like(9), like(8));
    (second.number.e164, second.number.phone) = (8_613_800_009_999, "13800009999".to_owned());
    world.record_all(&[first.clone(), second.clone()]);
    (first, second)
}

/// Leaves a recording of a call, as a process does that dies.
pub(crate) fn leave(place: &Path, attempt: &Attempt, kept_days: i64, sound: &[u8]) {
    let folder = RecordingFolder::new(place.to_owned());
    let recorder = Recorder::start(RecorderSettings { folder, least_room: 0, is_required: false });
    let order = RecordingOrder { account: attempt.account_id, task: attempt.task_id, kept_days };
    let mut sink = recorder.record(order, attempt.id, attempt.times.answered_at.unwrap()).unwrap();
    sink.begin(G711::ALaw);
    let gap = RecordingGap { channel: RecordedChannel::Heard, from: 80, to: 240 };
    assert!(sink.write(&mut RecordingPiece { silence: 0, bytes: sound.to_vec(), gaps: vec![gap] }));
    drop(sink);
    until("it is finished", || recorder.under_way() == 0);
    drop(recorder.take_finished());
}

#[rstest]
fn a_record_says_what_is_recorded_of_its_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let recorded = Recorded::new(database);
    let Recorded { world, attempt, task, .. } = &recorded;
    let download = format!("{}/download-full-voice", recorded.record_path("record"));
    assert_eq!(recorded.record(), Value::Null);
    assert_eq!(world.client.get(&download).status, 404);
    recorded.leave(attempt, 90);
    until("it is found", || recorded.record().is_object());
    until("it is where it stays", || recorded.file(attempt.id).exists());
    let record = recorded.record();
    for (field, value) in [
        ("state", json!("finished")),
        ("duration_ms", json!(1_000)),
        ("bytes", json!(16_000 + HEAD_BYTES)),
        ("begun_at", json!("2026-06-10T12:00:10+08:00")),
        ("delete_at", json!("2026-09-08T12:00:10+08:00")),
        ("gaps", json!([{"channel": 2, "from_ms": 10, "to_ms": 30}])),
        ("stored_in", json!("folder")),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    let listed = world.client.get(&world.path(&format!("/task/{task}/record?all=1")));
    assert_eq!(listed.data()[0]["recording"], record);

    let batch =
        world.path(&format!("/task/{task}/batch_record/download-full-voice?recordIds[]={}", attempt.id));
    let several = world.client.get(&batch);
    let old = format!("/agent-api/task/{task}/record/{}/download-full-voice", attempt.id);
    for url in [&several.data()[0]["url"], &world.client.get(&old).data()["url"]] {
        assert_eq!(world.client.with_authorization(None).bytes(url.as_str().unwrap(), &[]).status, 200);
    }
    // Of another account's there is none.
    let theirs = download.replace(&world.user, &register(&world.client, "/users"));
    assert_eq!(world.client.get(&theirs).body["message"], "资源不存在");
    only_what_can_be_heard_is_listed(&recorded);
}

#[track_caller]
fn who_has_it_is_told_that_it_is_the_same(open: &Client, url: &str, sha256: &str) {
    let file = open.bytes(url, &[]);
    assert_eq!(file.header("ETag"), format!("\"{sha256}\""));
    let known = open.bytes(url, &[("If-None-Match", file.header("ETag"))]);
    assert_eq!((known.status, known.bytes.len(), known.header("ETag")), (304, 0, file.header("ETag")));
    assert_eq!(open.bytes(url, &[("If-None-Match", "\"other\"")]).bytes, file.bytes);
}

/// Lists and exports are narrowed to records whose recording is there, as long as it is.
#[track_caller]
fn only_what_can_be_heard_is_listed(recorded: &Recorded) {
    let Recorded { world, attempt, task, .. } = recorded;
    let like = answered_attempt(world.account(), task_id(task), at(NOON) + SignedDuration::from_mins(1));
    let (mut silent, mut fleeting) = (like.clone(), like);
    (silent.number.e164, silent.number.phone) = (8_613_800_009_998, "13800009998".to_owned());
    fleeting.times.dialed_at += SignedDuration::from_mins(1);
    fleeting.id = AttemptId::new(uuid::Uuid::from_u128(9));
    world.record_all(&[silent, fleeting.clone()]);
    recorded.leave(&fleeting, 1);
    let listed = |query: &str| {
        let answer = world.client.get(&world.path(&format!("/record?{query}")));
        let ids = answer.data().as_array().unwrap().iter().map(|record| record["record_id"].clone());
        (ids.collect::<Vec<_>>(), answer.body["meta"]["total"].clone())
    };
    let (first, second) = (json!(attempt.id.to_string()), json!(fleeting.id.to_string()));
    until("both are found", || listed("recorded=true").0 == [second.clone(), first.clone()]);
    assert_eq!(listed("recorded=true").1, json!(2));
    assert_eq!(listed("recorded=false").1, json!(3));
    assert_eq!(listed("recorded=true&answered_by=machine").1, json!(0));
    let refused = world.client.get(&world.path("/record?recorded=perhaps"));
    assert_eq!(refused.faults()[0].0, "recorded");
    // Of the one that is kept for a day nothing can be heard afterwards.
    world.server.set_clock("2026-06-12T12:00:00+08:00");
    assert_eq!(listed("recorded=true"), (vec![first], json!(1)));
}

#[rstest]
fn whoever_has_an_address_hears_what_it_names_until_it_expires(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let recorded = Recorded::new(database);
    let Recorded { world, attempt, .. } = &recorded;
    let download = format!("{}/download-full-voice", recorded.record_path("record"));
    let sound = recorded.leave(attempt, 90);
    until("it is found", || recorded.record().is_object());
    let record = recorded.record();
    let found = world.client.get(&download);
    assert_eq!(found.data()["recording"], record);
    assert!(found.data()["expires_at"].as_str().unwrap().starts_with("2026-06-10T13:0"));
    let url = found.data()["url"].as_str().unwrap().to_owned();
    let open = world.client.with_authorization(None);
    let file = open.bytes(&url, &[]);
    assert_eq!(file.header("Content-Type"), "audio/wav");
    assert_eq!(file.bytes[usize::try_from(HEAD_BYTES).unwrap()..], sound);
    let ranges = [
        ("bytes=4096-4099", "", 206, "bytes 4096-4099/20096"),
        ("bytes=-2", "", 206, "bytes 20094-20095/20096"),
        ("bytes=20096-", "", 416, "bytes */20096"),
        ("bytes=0-1", "\"other\"", 200, ""),
    ];
    for (range, if_range, status, content_range) in ranges {
        let mut headers = vec![("Range", range)];
        headers.extend((!if_range.is_empty()).then_some(("If-Range", if_range)));
        let part = open.bytes(&url, &headers);
        assert_eq!((part.status, part.header("Content-Range")), (status, content_range), "{range}");
    }
    assert_eq!(open.bytes(&url, &[("Range", "bytes=4098-4099")]).bytes, sound[2..4]);
    who_has_it_is_told_that_it_is_the_same(&open, &url, record["sha256"].as_str().unwrap());

    // None but this one, and only until it expires.
    let other = AttemptId::new(uuid::Uuid::from_u128(7)).to_string();
    for forged in [
        url.replace("signature=", "signature=0"),
        url.replace(&url[url.len() - 4..], "0000"),
        url.replace("expires=1", "expires=2"),
        url.replace(&attempt.id.to_string(), &other),
        url.replace(&world.user, &world.sub_user),
        url.replace(&world.user, ".."),
        url.replace(&format!("{}.wav", attempt.id), "..%2f..%2fid"),
    ] {
        assert_eq!(open.get(&forged).status, 404, "{forged}");
    }
    world.server.set_clock("2026-06-10T12:59:00+08:00");
    assert_eq!(open.bytes(&url, &[]).status, 200);
    world.server.set_clock("2026-06-10T13:10:00+08:00");
    assert_eq!(open.bytes(&url, &[]).status, 404);
}

#[rstest]
fn recordings_go_when_they_are_old_and_with_their_number_and_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let recorded = Recorded::new(database);
    let Recorded { world, attempt, .. } = &recorded;
    let like = |seconds| {
        answered_attempt(world.account(), attempt.task_id, at(NOON) + SignedDuration::from_secs(seconds))
    };
    let mut erased = like(60);
    (erased.number.e164, erased.number.phone) = (8_613_800_009_999, "13800009999".to_owned());
    let last = like(120);
    world.record_all(&[erased.clone(), last.clone()]);
    recorded.leave(attempt, 1);
    recorded.leave(&erased, 90);
    recorded.leave(&last, 90);
    let files = || [attempt, &erased, &last].map(|attempt| recorded.file(attempt.id).exists());
    until("they are where they stay", || files() == [true; 3]);

    world.client.post(&world.path("/erase-number"), &json!({"phone": "13800009999"})).data();
    until("it goes with its number", || files() == [true, false, true]);
    world.server.set_clock("2026-06-11T12:00:11+08:00");
    until("it goes when it is old", || files() == [false, false, true]);
    until("the record says so", || recorded.record()["state"] == "deleted");
    let events = world.client.get(&world.path("/events?limit=1000")).data()["events"].clone();
    let deleted: Vec<&Value> =
        events.as_array().unwrap().iter().filter(|event| event["type"] == "recording.deleted").collect();
    let [event] = deleted.as_slice() else { panic!("{deleted:?}") };
    assert_eq!(event["task_id"], recorded.task);
    assert_eq!(
        event["detail"],
        json!({"record_id": attempt.id.to_string(), "delete_at": "2026-06-11T12:00:10+08:00"})
    );
    let download = format!("{}/download-full-voice", recorded.record_path("record"));
    assert_eq!(world.client.get(&download).body["message"], "该通话没有录音");

    assert_eq!(world.client.delete(&format!("{}?with_everything=1", world.path(""))).status, 200);
    until("they go with their account", || files() == [false; 3]);
    assert!(fs::read_dir(recorded.place.path().join("writing")).unwrap().next().is_none());
}

#[rstest]
fn recordings_move_to_a_bucket_and_are_heard_and_deleted_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (bucket, data) = (Bucket::start(), tempfile::tempdir().unwrap());
    bucket.set_away(true);
    let options = ["--recordings", "s3:calls/of/ours", "--data-folder", data.path().to_str().unwrap()];
    let world = ProgramWorld::in_environment(database, &options, &bucket.environment());
    let task = world.task(world.group("recorded"));
    let (kept, erased) = two_calls(&world, &task);
    // The first has more than goes in one request.
    let long: Vec<u8> = (0..9_000_000_u32).map(|place| u8::try_from(place % 253).unwrap()).collect();
    let folder = data.path().join("recordings");
    leave(&folder, &kept, 90, &long);
    leave(&folder, &erased, 90, b"short");

    let address = |attempt: &Attempt| {
        let path = world.path(&format!("/task/{task}/record/{}/download-full-voice", attempt.id));
        world.client.get(&path).body["data"]["url"].as_str().map(str::to_owned)
    };
    until("they are written down", || address(&kept).is_some() && address(&erased).is_some());
    let open = world.client.with_authorization(None);
    let heard = |headers: &[(&str, &str)]| open.bytes(&address(&kept).unwrap(), headers);
    let head = usize::try_from(HEAD_BYTES).unwrap();
    world.server.logged(&["the bucket takes no recording"]);
    assert!(heard(&[]).bytes[head..] == long, "while the bucket is away, the folder has them");
    assert_eq!(bucket.objects().len(), 0);

    bucket.set_away(false);
    let key = |attempt: &Attempt| format!("/calls/of/ours/{}/{}.wav", world.user, attempt.id);
    until("they are in the bucket", || bucket.objects().len() == 2);
    let is_in_folder = |attempt: &Attempt| file_in(&folder, &world.user, attempt.id).exists();
    until("they are no longer in the folder", || !is_in_folder(&kept) && !is_in_folder(&erased));
    assert!(bucket.objects()[&key(&kept)][head..] == long, "it is whole");
    assert!(heard(&[]).bytes[head..] == long, "it is heard from there");
    let part = heard(&[("Range", "bytes=4098-4101")]);
    assert_eq!((part.status, part.header("Content-Range")), (206, "bytes 4098-4101/9004096"));
    assert_eq!(part.bytes, long[2..6]);

    world.client.post(&world.path("/erase-number"), &json!({"phone": "13800009999"})).data();
    until("one goes with its number", || bucket.objects().keys().eq([&key(&kept)]));
    assert_eq!(world.client.delete(&format!("{}?with_everything=1", world.path(""))).status, 200);
    until("the other with its account", || bucket.objects().is_empty());
}
