//! Bots that are there when they are asked and fail in each call: few people are called for them.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    OPTIONS,
    bots::{TestBot, converse, echo, mu_law_line, script, turned, vanish},
};
use crate::{
    dialing::{progress, start, task_with_script},
    support::{Database, ProgramWorld, until},
};

#[rstest]
fn a_bot_whose_calls_fail_one_after_another_gets_one_at_a_time_until_one_goes_well(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let phone = echo();
    let (bot, _told) = TestBot::start(vanish);
    let world = ProgramWorld::with(database, &OPTIONS);
    let script = script(&world, &bot.url, &json!({"capacity": 1}));
    let task = task_with_script(&world, &mu_law_line(&world, phone.port), script, 9);
    start(&world, &task);
    let reason = || progress(&world, &task)["reason"].clone();
    let failed = || {
        let path = world.path(&format!("/task/{task}/record?end_reason=bot_failed&per_page=100"));
        world.client.get(&path).data().as_array().unwrap().len()
    };
    until("the bot gets no more calls", || reason()["code"] == "bot_down");
    let told = reason();
    assert_eq!(
        (&told["bot"]["url"], &told["bot"]["fault"]["kind"]),
        (&json!(bot.url), &json!("lost")),
        "{told}"
    );
    assert!(told["until"].is_string(), "{told}");
    until("the third record is there", || failed() == 3);
    until("it is told", || turned(&world, &bot.url) == [("bot.down".to_owned(), json!("lost"))]);
    until("one more call has failed", || failed() == 4);
    until("the bot is left alone again", || reason()["code"] == "bot_down");
    bot.talk(converse);
    until("all are called", || reason()["code"] == "finished");
    assert_eq!(failed(), 4);
    let both = [("bot.down".to_owned(), json!("lost")), ("bot.up".to_owned(), Value::Null)];
    until("it is told that it works again", || turned(&world, &bot.url) == both);
}
