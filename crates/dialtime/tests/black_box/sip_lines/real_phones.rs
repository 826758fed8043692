//! What a phone that nobody here wrote (baresip) hears and says: with a bot, of a prompt that somebody asks for, and with whom it is transferred to.

use std::time::{Duration, Instant};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use media::{g711::G711, recording::HEAD_BYTES};
use rstest::rstest;
use serde_json::{Value, json};
use test_support::PATIENCE;

use super::{
    OPTIONS,
    baresip::Baresip,
    bots::{self, Stream, TestBot, mu_law_line, twilio},
    scripts::{self, prompt, rising_tone},
};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, ProgramWorld, World, until},
};

/// What the first of two phones says: the tone that falls, again and again, so that it can be heard whenever one begins to listen.
fn falling_tone() -> Vec<i16> {
    rising_tone(2).into_iter().rev().collect()
}

/// A sound said so often that it lasts longer than any test.
fn said_on(sound: &[i16]) -> Vec<i16> {
    sound.repeat(60)
}

/// Samples as they are after the mu-law.
fn on_the_line(samples: &[i16]) -> Vec<i16> {
    samples.iter().map(|sample| G711::MuLaw.decode(G711::MuLaw.encode(*sample))).collect()
}

/// Whether what was heard is the same on the line: baresip takes the silences of the mu-law for 2 and -2.
fn is_same(heard: &[i16], sound: &[i16]) -> bool {
    heard.iter().zip(sound).all(|(heard, sound)| heard.abs_diff(*sound) <= 2)
}

/// Where a sound begins in what was heard, without a sample missing or made up: more than correlation says.
fn find(heard: &[i16], sound: &[i16]) -> Option<usize> {
    heard.windows(sound.len()).position(|window| is_same(window, sound))
}

/// Whether each quarter of a second of a sound was heard. Not all on one lag: on a machine that has too much to do baresip speaks late at times, which is
/// a pause for whoever hears it.
fn has_heard(heard: &[i16], sound: &[i16]) -> bool {
    sound.chunks_exact(2_000).all(|part| find(heard, part).is_some())
}

/// Says the tone some times, and tells of the callee's once that was heard whole, and of the keys that are pressed.
fn talk(stream: &mut Stream) {
    stream.tell(stream.start.clone());
    let tone: Vec<u8> = rising_tone(2).iter().map(|sample| G711::MuLaw.encode(*sample)).collect();
    stream.media(&tone.repeat(3));
    let (wanted, mut heard, mut is_told) = (on_the_line(&falling_tone()), Vec::new(), false);
    while let Some(message) = stream.next() {
        if message["event"] != "media" {
            stream.tell(message);
            continue;
        }
        let sound = BASE64_STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap();
        heard.extend(sound.iter().map(|byte| G711::MuLaw.decode(*byte)));
        if !is_told && heard.len() % wanted.len() < sound.len() && has_heard(&heard, &wanted) {
            is_told = true;
            stream.tell(json!({"has_heard": "the callee"}));
        }
    }
}

/// Hangs up on the call of a stream, as Pipecat does.
fn hang_up(begun: &Value) {
    let parameter = |name: &str| begun["customParameters"][name].as_str().unwrap().to_owned();
    let (account, call) = (begun["accountSid"].as_str().unwrap(), begun["callSid"].as_str().unwrap());
    let url = format!("{}/2010-04-01/Accounts/{account}/Calls/{call}.json", parameter("base_url"));
    let (status, ended) = twilio(&url, (account, &parameter("auth_token")), Some("Status=completed"));
    assert_eq!((status, &ended["status"]), (200, &json!("completed")));
}

/// A line that calls from a number of its own.
fn line_with_caller(world: &World, port: u16) -> String {
    let line = mu_law_line(world, port);
    let own = json!({"caller_ids": {"numbers": ["+862161234567"]}});
    world.client.put(&format!("/agent-api/line/{line}"), &own).data();
    line
}

#[rstest]
fn a_bot_and_a_real_phone_hear_each_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = Baresip::speaking("+8613800000000", &said_on(&falling_tone()));
    let (bot, told) = TestBot::start(talk);
    let world = ProgramWorld::with(database, &OPTIONS);
    let script = bots::script(&world, &bot.url, &json!({}));
    let task = task_with_script(&world, &line_with_caller(&world, phone.port), script, 1);
    start(&world, &task);
    let next = || told.recv_timeout(PATIENCE).unwrap();
    let begun = next()["start"].clone();
    assert_eq!(begun["customParameters"]["to_number"], "+8613800000000");
    assert_eq!(begun["customParameters"]["from_number"], "+862161234567");
    assert_eq!(next()["has_heard"], "the callee");
    let tone = on_the_line(&rising_tone(2));
    until("the phone has heard the bot", || has_heard(&phone.heard(), &tone));
    for digit in ['5', '#'] {
        phone.press(digit);
        let message = next();
        assert_eq!((&message["event"], &message["dtmf"]["digit"]), (&json!("dtmf"), &json!(digit)));
    }
    let asked = Instant::now();
    hang_up(&begun);
    assert_eq!(next()["event"], "stop");
    until("the phone is hung up on", || phone.said().contains("session closed"));
    assert!(asked.elapsed() < Duration::from_millis(500), "the call ended after {:?}", asked.elapsed());
    until("the call is over", || progress(&world, &task)["reason"]["code"] == "finished");
}

/// A task of one call that waits for a key, and is recorded.
fn recorded_task(world: &World, phone: &Baresip) -> String {
    let wait = json!({"action": "gather", "digits": 1, "first_digit": 60});
    let script = scripts::script(world, &json!([wait, {"action": "hang_up"}]));
    let body = json!({
        "name": "list", "dial_time_id": world.open_group(), "destination_extension": script, "maximumcall": 1,
        "caller_line_id": mu_law_line(world, phone.port), "record": true,
    });
    let task = world.client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let numbers = json!({"data": [{"phone": "13800000000"}]});
    world.client.post(&world.path(&format!("/task/{task}/number")), &numbers).data();
    task
}

/// The channels of a record's recording, once it is there. Nothing is missing of what was heard; what a busy machine did not send in time is told.
fn recorded(world: &World, task: &str, record: &str) -> [Vec<i16>; 2] {
    let detail = world.path(&format!("/task/{task}/detail/{record}"));
    until("it is written down", || world.client.get(&detail).data()["recording"].is_object());
    let recording = world.client.get(&detail).data()["recording"].clone();
    let is_sent = |gap: &Value| gap["channel"] == 1;
    assert!(
        recording["state"] == "finished" && recording["gaps"].as_array().unwrap().iter().all(is_sent),
        "{recording}"
    );
    let path = world.path(&format!("/task/{task}/record/{record}/download-full-voice"));
    let url = world.client.get(&path).data()["url"].as_str().unwrap().to_owned();
    let file = world.client.with_authorization(None).bytes(&url, &[]).bytes;
    let sound = &file[usize::try_from(HEAD_BYTES).unwrap()..];
    [0, 1]
        .map(|channel| sound.iter().skip(channel).step_by(2).map(|byte| G711::MuLaw.decode(*byte)).collect())
}

/// How many times in a row a sound was heard, from its first whole time on, without a sample missing or made up.
fn times_in_a_row(heard: &[i16], sound: &[i16]) -> usize {
    let begin = find(heard, sound).expect("it was heard once");
    heard[begin..].chunks_exact(sound.len()).take_while(|chunk| is_same(chunk, sound)).count()
}

#[rstest]
fn who_is_transferred_hears_and_is_heard_and_the_recording_goes_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let own = on_the_line(&falling_tone());
    let other: Vec<i16> = falling_tone().iter().step_by(2).map(|sample| sample / 2).collect();
    let phone = Baresip::speaking("+8613800000000", &said_on(&falling_tone()));
    let agent = Baresip::speaking("801", &said_on(&other));
    let (other, recordings) = (on_the_line(&other), tempfile::tempdir().unwrap());
    let folder = format!("folder:{}", recordings.path().display());
    let options = ["--recordings", &folder, "--recordings-least-free", "0"];
    let world = ProgramWorld::with(database, &[&OPTIONS[..], &options].concat());
    let (task, tone) = (recorded_task(&world, &phone), rising_tone(2));
    let agents = mu_law_line(&world, agent.port);
    start(&world, &task);
    let call = || world.client.get(&world.path("/call")).data()[0].clone();
    until("somebody has answered", || call()["state"] == "answered");
    let id = call()["record_id"].as_str().unwrap().to_owned();
    let ask = |verb: &str, body: &Value| {
        world.client.post(&world.path(&format!("/call/{id}/{verb}")), body).data();
    };
    ask("play", &json!({"prompt": prompt(&world, &tone)}));
    let tone = on_the_line(&tone);
    until("the phone has heard the prompt bit for bit", || has_heard(&phone.heard(), &tone));
    ask("transfer", &json!({"extension": "801", "line": agents}));
    until("they are connected", || call()["leg"]["state"] == "answered");
    until("whoever has the call hears the callee", || has_heard(&agent.heard(), &own));
    until("the callee hears whoever has the call", || has_heard(&phone.heard(), &other));
    ask("hang-up", &json!({}));
    until("the call is over", || progress(&world, &task)["reason"]["code"] == "finished");

    let [sent, heard] = recorded(&world, &task, &id);
    assert!(
        has_heard(&sent, &tone) && has_heard(&sent, &other),
        "what the callee heard is in the first channel"
    );
    let times = times_in_a_row(&heard, &own);
    let most = heard.len() / own.len();
    eprintln!("{times} of {most} times in a row");
    assert!(times + 2 >= most, "what the callee said is in the second without a break: {times} of {most}");
}
