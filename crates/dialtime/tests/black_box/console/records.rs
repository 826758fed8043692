//! Records: what came of each call, narrowed and paged; and the last of them beside their task.

use domain::{
    AnsweredBy, Answerer, AnswererReason, Attempt, BotFault, BotFaultKind, BotOfCall, BotUrl, EndReason,
    OutcomeClass,
};
use jiff::SignedDuration;
use serde_json::json;
use test_support::{answered_attempt, refused_attempt};

use super::{
    browser::{Browser, Look, Theme, Width},
    person::Person,
};
use crate::{
    events::now,
    support::{Database, World, task_id},
};

/// The outcomes that are shown, the newest first.
fn outcomes(browser: &Browser) -> Vec<String> {
    browser.texts(".records .chip")
}

#[test]
fn records_say_what_came_of_each_call_and_are_narrowed_by_it() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let answered = world.record(&task);
    let long_ago = now() - SignedDuration::from_hours(72);
    let refused = |at, class| refused_attempt(world.account(), task_id(&task), at, class);
    let before = long_ago - SignedDuration::from_secs(60);
    world.record_all(&[refused(long_ago, OutcomeClass::Busy), refused(before, OutcomeClass::LineFailure)]);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_for(&format!("tr[data-record='{answered}']"));
    assert_eq!(outcomes(browser), ["呼叫成功", "占线"]);
    // All columns are seen where there is room.
    browser.resize(1_440);
    let row = browser.text(&format!("tr[data-record='{answered}']"));
    for what in ["13800001234", "模拟", "task", "00:40", "7.0", "200", "对方"] {
        assert!(row.contains(what), "{what} is not in {row}");
    }
    browser.wait_for_text(".head", "时间均为 Asia/Shanghai 时间");
    // Attempts that count no try are there for who asks for them.
    browser.click("input[name=all]");
    browser.wait_until("all are shown", || outcomes(browser) == ["呼叫成功", "占线", "线路故障，退回"]);
    browser.select("select[name=status]", "8");
    browser.wait_until("the busy one is found", || outcomes(browser) == ["占线"]);
    assert!(browser.url().ends_with("/records?status=8&all=1"), "{}", browser.url());
    browser.click(".filters .segments button:last-child");
    browser.wait_for_text(".empty", "没有通话记录");
    browser.select("select[name=status]", "");
    browser.wait_until("today's is found", || outcomes(browser) == ["呼叫成功"]);
    browser.fill("main input[type=search]", "99999");
    browser.wait_for_text(".empty", "没有通话记录");
    browser.fill("main input[type=search]", "0001234");
    browser.wait_until("it is found by its number", || outcomes(browser) == ["呼叫成功"]);

    // A task shows its last calls.
    browser.click(".records .grow a");
    browser.wait_for(&format!("main[data-task='{task}']"));
    browser.wait_for_text("#calls-title", "最近呼叫");
    assert_eq!(outcomes(browser), ["呼叫成功", "占线"]);
    browser.click("section:has(#calls-title) header a");
    browser.wait_for_text("main", "“task”的通话记录");
    browser.check_accessibility("records");
    browser.screenshot("records");
    browser.assert_it_fits();
}

#[test]
fn a_record_says_what_happened_and_what_the_network_said() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let answered = world.record(&task);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.click(&format!("tr[data-record='{answered}'] td a"));
    browser.wait_for_text("h1", "13800001234");
    browser.wait_for_text(".phases", "振铃 7.0 秒");
    browser.wait_for_text(".phases", "通话 40.0 秒");
    assert_eq!(browser.texts(".events time"), ["0.000", "3.000", "10.000", "50.000"]);
    browser.wait_for_text(".events .ended", "结束，对方挂断");
    // It was not dialed here, so nothing was stored of why it was allowed.
    browser.wait_for_text(".empty", "这次呼叫没有保存判定依据");
    let facts = browser.text(".facts");
    for what in ["200", "1 呼叫成功", "对方", "02161234567", "297", "张三", "x-1", answered.as_str()]
    {
        assert!(facts.contains(what), "{what} is not in {facts}");
    }
    // Its script was never there.
    browser.expect_complaint("404");
    browser.check_accessibility("a record");
    browser.screenshot("record");
}

#[test]
fn a_record_that_is_not_there_is_told() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let person = Person::sign_in(&world, Look::default());
    person.go(&format!("/records/dc53e7e7-3a68-40ae-adfe-63fc00e401d3/{task}"));
    person.browser.wait_for_text("h1", "通话记录不存在");
    person.browser.expect_complaint("404");
    person.browser.click("main a");
    person.browser.wait_for_text(".empty", "没有通话记录");
}

#[test]
fn a_record_shows_what_was_said_and_is_found_by_what_came_of_it() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let (said, other) = (world.record(&task), world.record(&task));
    let result = json!({
        "transcript": [
            {"offset": 500, "speaker": "bot", "text": "您好"},
            {"offset": 65_000, "speaker": "callee", "text": "周五下午\n<b>再打</b>"},
        ],
        "intention": "A", "score": 85, "tags": ["要回电"], "summary": "周五回电", "fields": {"city": "上海"},
    });
    world.client.put(&world.path(&format!("/record/{said}/result")), &result).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_for(&format!("tr[data-record='{other}']"));
    browser.select("select[name=intention]", "A");
    browser.wait_until("it is found", || outcomes(browser).len() == 1);
    browser.click(&format!("tr[data-record='{said}'] td a"));
    browser.wait_for_text(".talk", "再打");
    assert_eq!(browser.texts(".talk time"), ["00:00", "01:05"]);
    assert_eq!(browser.texts(".talk b"), ["机器人", "对方"]);
    assert_eq!(browser.texts(".talk p"), ["您好", "周五下午\n<b>再打</b>"]);
    let facts = browser.text("section:has(#result-title)");
    for what in ["A级", "85", "要回电", "周五回电", "上海", "对话轮次"] {
        assert!(facts.contains(what), "{what} is not in {facts}");
    }
    browser.expect_complaint("404");
    browser.check_accessibility("a record with its conversation");
    browser.screenshot("record-conversation");
}

/// Has the page keep what it saves, for the test.
const KEEP_SAVED: &str = "const original = URL.createObjectURL;
    URL.createObjectURL = (file) => { window.savedFile = file; return original(file); };";

#[test]
fn records_are_exported_as_they_are_narrowed() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let (said, other) = (world.record(&task), world.record(&task));
    let result = json!({"intention": "A", "tags": ["要回电", "=1+1"], "score": 85, "rounds": 3});
    world.client.put(&world.path(&format!("/record/{said}/result")), &result).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_for(&format!("tr[data-record='{other}']"));
    browser.script(KEEP_SAVED, &[]);
    let exported = || {
        browser.script("window.savedFile = null", &[]);
        browser.click(".export");
        browser.wait_until("it is saved", || browser.script("return window.savedFile !== null", &[]) == true);
        browser.wait_for_text("notice-line", "已导出 records-");
        let text = browser.script("return window.savedFile.text()", &[]).as_str().unwrap().to_owned();
        text.lines().map(str::to_owned).collect::<Vec<String>>()
    };
    let all = exported();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[0].contains("\"记录编号\",\"任务\""), "{}", all[0]);
    // By what came of them, each way.
    browser.click(".finer summary");
    for (field, value) in [("tags", "要回电，别的"), ("least", "80")] {
        browser.fill(&format!("input[name={field}]"), value);
        browser.keys("\t");
        browser.wait_until("one is found", || outcomes(browser).len() == 1);
    }
    browser.select("select[name=rounds]", "2~5");
    browser.wait_until("its rounds are in the address", || browser.url().contains("rounds=2%7E5"));
    let narrowed = exported();
    assert_eq!(narrowed.len(), 2, "{narrowed:?}");
    assert!(narrowed[1].contains(&said) && narrowed[1].contains("要回电; =1+1"), "{}", narrowed[1]);
    browser.check_accessibility("records with finer filters");
    browser.screenshot("records-filters");
    browser.fill("input[name=least]", "90");
    browser.keys("\t");
    browser.wait_for_text(".empty", "没有通话记录");
    assert_eq!(exported().len(), 1);
    browser.click(".finer .plain");
    browser.wait_until("both are there again", || outcomes(browser).len() == 2);
}

#[test]
fn records_are_found_by_who_answered_and_why_they_ended() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let (other, machine) = (world.record(&task), heard_machine(&world, &task));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_for(&format!("tr[data-record='{other}']"));
    browser.click(".finer summary");
    browser.select("select[name=by]", "machine");
    browser.wait_until("the machine is found", || outcomes(browser).len() == 1);
    browser.wait_for(&format!("tr[data-record='{machine}']"));
    browser.select("select[name=reason]", "answering_machine");
    browser.wait_until("why is in the address", || browser.url().contains("reason=answering_machine"));
    assert_eq!(outcomes(browser).len(), 1);
    browser.check_accessibility("records by who answered");
    browser.select("select[name=reason]", "talk_limit");
    browser.wait_for_text(".empty", "没有通话记录");
}

/// A call that a machine answered, and ended by that.
fn heard_machine(world: &World, task: &str) -> String {
    let call = answered_attempt(world.account(), task_id(task), now());
    let (by, reason) = (AnsweredBy::Machine, AnswererReason::Beep);
    let answerer = Some(Answerer { by, reason, after: 900, beep_after: Some(700) });
    let call = Attempt { answerer, end_reason: Some(EndReason::AnsweringMachine), ..call };
    world.record_all(std::slice::from_ref(&call));
    call.id.to_string()
}

#[test]
fn records_are_found_by_their_bot_and_say_how_it_failed() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let other = world.record(&task);
    let url = BotUrl::parse("wss://bot.example.com/media").unwrap();
    let fault = Some(BotFault::new(BotFaultKind::Lost, "the connection was lost"));
    let call = Attempt {
        bots: vec![BotOfCall { url, fault, reconnects: 2 }],
        end_reason: Some(EndReason::BotFailed),
        script_id: None,
        line_id: None,
        ..answered_attempt(world.account(), task_id(&task), now())
    };
    world.record_all(std::slice::from_ref(&call));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_for(&format!("tr[data-record='{other}']"));
    browser.click(".finer summary");
    browser.fill("input[name=bot]", "wss://bot.example.com/media");
    browser.click("h1");
    browser.wait_until("its call is found", || outcomes(browser).len() == 1);
    browser.wait_for(&format!("tr[data-record='{}']", call.id));
    browser.check_accessibility("records of a bot");
    person.go(&format!("/records/{}/{task}", call.id));
    browser.wait_for_text(".facts", "wss://bot.example.com/media");
    browser.wait_for_text(".facts", "连接中断");
    browser.wait_for_text(".facts", "已重连 2 次");
    browser.check_accessibility("a record whose bot failed");
}

#[test]
fn who_sees_numbers_masked_is_not_asked_for_one() {
    let world = World::new(Database::Sqlite);
    world.record(&world.task(world.group("work")));
    let look = Look { theme: Theme::Dark, width: Width::Phone, ..Look::default() };
    let person = Person::arrive(&world, look);
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read", "--numbers", "masked"]).token());
    browser.wait_for(".accounts a");
    person.go("/records");
    browser.wait_for_text("tr[data-record]", "138****1234");
    browser.wait_gone("main input[type=search]");
    browser.check_accessibility("masked records on a phone");
    browser.screenshot("records-masked");
    browser.assert_it_fits();
}
