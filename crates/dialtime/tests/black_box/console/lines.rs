//! Lines: how each fares, and how they are made, changed, shared and deleted.

use domain::{Attempt, OutcomeClass};
use jiff::SignedDuration;
use serde_json::{Value, json};
use test_support::{answered_attempt, refused_attempt};
use thirtyfour::Key;
use uuid::Uuid;

use super::{
    browser::{Browser, Language, Look},
    person::Person,
};
use crate::{
    events::now,
    support::{Database, World, task_id},
};

/// A simulated line; gives its id.
fn line(world: &World, name: &str) -> String {
    let line = json!({"name": name, "kind": "simulated", "channels": 4, "cps": 2});
    world.client.post("/agent-api/line", &line).data()["id"].as_str().unwrap().to_owned()
}

/// Has one call over a line answered and another one failed, just now.
fn calls_over(world: &World, line: &str, task: &str) {
    let line_id = Some(Uuid::parse_str(line).unwrap());
    let at = now() - SignedDuration::from_secs(60);
    let answered = Attempt { line_id, ..answered_attempt(world.account(), task_id(task), at) };
    let failed = refused_attempt(world.account(), task_id(task), at, OutcomeClass::LineFailure);
    world.record_all(&[answered, Attempt { line_id, ..failed }]);
}

fn rows(browser: &Browser) -> usize {
    browser.texts("tr[data-line]").len()
}

#[test]
fn lines_say_how_they_fare() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let (east, west) = (line(&world, "East"), line(&world, "West"));
    calls_over(&world, &east, &task);
    let group = json!({"name": "both", "lines": [east, west]});
    world.client.post("/agent-api/line-group", &group).data();
    let stop = json!({"level": "line", "line_id": west, "reason": "test"});
    world.client.post("/agent-api/stop-dialing", &stop).data();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go("/lines");
    let row = format!("tr[data-line='{east}']");
    browser.wait_for_text(&row, "East");
    browser.resize(1_440);
    browser.wait_for_text(&format!("{row} .answered"), "50.0%");
    for what in ["模拟线路", "按脚本应答", "0", "/ 4"] {
        browser.wait_for_text(&row, what);
    }
    assert!(browser.has(".health :is(.some, .down)"), "one of two calls failed");
    assert_eq!(
        browser.script("return document.querySelectorAll('.health rect').length", &[]),
        json!(60),
        "two lines"
    );
    browser.wait_for_text(&format!("tr[data-line='{west}'] .chip"), "已紧急停呼");
    browser.wait_for_text("[data-counter=calls]", "共 8 路");
    browser.wait_for_text("[data-counter=answered] b", "50.0%");
    browser.wait_for_text("[data-counter=breakers] b", "0");
    browser.wait_for_text(".line-groups", "East → West");
    browser.check_accessibility("lines");
    browser.screenshot("lines");
    browser.assert_it_fits();
}

/// Has the API say, as it would had its carrier failed again and again, that a line's breaker is open.
fn break_open(browser: &Browser, line: &str, task: &str, state: &str) {
    let stand_in = "const real = window.fetch;
        window.fetch = async (address, init) => {
            const answer = await real(address, init);
            if (!String(address).includes('line-activity')) return answer;
            const body = await answer.json();
            const open = body.data.find(({ line_id: id }) => id === arguments[0]);
            const breaker = { state: arguments[2], since: '2026-11-26 14:21:07', next_probe_at: '2026-11-26 14:33:00', probes: 0, most_probes: 1 };
            if (arguments[2] === 'half_open') Object.assign(breaker, { next_probe_at: null, probes: 1 });
            Object.assign(open, { breaker, starts_per_second: 0.1, calls: 2,
                last_failure: { at: '2026-11-26 14:21:06', code: 503, phrase: 'Service Unavailable' },
                tasks: [{ task_id: arguments[1], task_name: '还款提醒', account_id: arguments[1], account_name: '甲', calls: 2 }] });
            return new Response(JSON.stringify(body), { headers: answer.headers });
        };";
    browser.script(stand_in, &[json!(line), json!(task), json!(state)]);
}

#[test]
fn a_line_whose_breaker_is_open_says_why_and_is_taken_out_of_use() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let (east, west) = (line(&world, "East"), line(&world, "West"));
    calls_over(&world, &east, &task);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    break_open(browser, &east, &task, "open");
    person.visit("lines");
    let panel = ".line-breaker";
    for what in [
        "East",
        "2026-11-26 14:21:07 起熔断",
        "503 Service Unavailable",
        "近一小时 2 通中 1 通（50.0%）",
        "2026-11-26 14:33:00",
        "正在探测",
        "0 次，最多 1 次",
        "每秒 0.1 次",
        "探测成功后自动恢复",
        "2 通通话继续：还款提醒",
    ] {
        browser.wait_for_text(panel, what);
    }
    assert_eq!(browser.texts(panel).len(), 1, "the other line is well");
    browser.wait_for_text("[data-counter=breakers]", "14:21 起");
    browser.wait_for_text("[data-counter=starts] b", "0.1");
    browser.wait_for_text(&format!("tr[data-line='{east}'] .starts"), "0.1");
    browser.check_accessibility("an open breaker");
    browser.screenshot("lines-breaker");
    browser.assert_it_fits();
    browser.click(&format!("{panel} button"));
    browser.wait_for_text("dialog h2", "停用线路“East”？");
    browser.fill("dialog input[name=reason]", "换线路商");
    browser.click("dialog .danger");
    browser.wait_for_text(".banner[data-level=line]", "线路 East 紧急停呼已开启");
    browser.wait_gone(&format!("{panel} button"));
    let stops = world.client.get("/agent-api/stop-dialing").data().clone();
    assert_eq!((&stops[0]["line_id"], &stops[0]["reason"]), (&json!(east), &json!("换线路商")));
    assert_ne!(stops[0]["line_id"], json!(west));
    // And everything of the partner, from the head of the page.
    browser.click(".head .danger");
    browser.wait_for_text("dialog", "整个代理及其全部用户");
    browser.fill("dialog input[name=reason]", "演练");
    browser.click("dialog .danger");
    browser.wait_for(".banner[data-level=partner]");
}

/// A field of a rule of a line's cause map.
fn rule(index: usize, field: &str) -> String {
    format!("[data-rule='{index}'] [name={field}]")
}

/// Two codes of 408 by whose they are, one that is of no rule, and a phrase within another.
fn the_default_stands_beside_each(browser: &Browser) {
    for (by, value, default) in [
        ("code", "408", "对方答复：无应答（状态 4）、对方未答复：线路故障，退回"),
        ("code", "699", "默认：其他"),
        ("phrase", "您拨打的用户已关机", "关机（状态 6）"),
        ("phrase", "gone", "无规则，看其他依据"),
    ] {
        browser.select(&rule(1, "by"), by);
        browser.write(&rule(1, "value"), value);
        browser.wait_for_text("[data-rule='1'] .by-default", default);
    }
}

#[test]
fn what_a_carriers_answers_mean_is_edited_beside_the_default() {
    let world = World::new(Database::Sqlite);
    let east = line(&world, "East");
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("lines");
    browser.click(&format!("tr[data-line='{east}'] a"));
    browser.wait_for_text("cause-map", "没有自己的规则");
    browser.wait_for_text("cause-map", "默认规则");
    browser.click("cause-map summary");
    browser.wait_for_text(".default-causes", "SIP 500–599");
    browser.click("cause-map header .button");
    browser.wait_until("one writes at once", || browser.has_focus(&rule(0, "by")));
    browser.fill(&rule(0, "value"), "480");
    browser.select(&rule(0, "class"), "powered_off");
    browser.wait_for_text("[data-rule='0'] .by-default", "默认：无应答（状态 4）");
    browser.click("cause-map header .button");
    browser.select(&rule(1, "by"), "q850");
    browser.fill(&rule(1, "value"), "200");
    browser.select(&rule(1, "status"), "9");
    browser.expect_complaint("422");
    browser.click("form .primary");
    // What the API finds wrong stands at its rule.
    browser.wait_for("[data-rule='1'] [name=value][aria-invalid=true]");
    browser.check_accessibility("a cause map");
    browser.write(&rule(1, "value"), "55");
    browser.wait_for_text("[data-rule='1'] .by-default", "默认：呼入限制（状态 9）");
    browser.click("[data-rule='1'] .up");
    browser.wait_until("it is the first", || browser.value(&rule(0, "value")) == "55");
    browser.wait_until("the focus goes with it", || browser.has_focus("[data-rule='0'] .down"));
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 2 版");
    browser.screenshot("line-causes");
    browser.assert_it_fits();
    let causes = || world.client.get(&format!("/agent-api/line/{east}")).data()["cause_map"].clone();
    let no_answer = json!({"q850": 55, "class": "no_answer", "status": 9});
    assert_eq!(causes(), json!([no_answer, {"code": 480, "class": "powered_off", "status": 6}]));
    the_default_stands_beside_each(browser);
    browser.click("[data-rule='1'] [aria-label^='删除']");
    browser.wait_gone("[data-rule='1']");
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 3 版");
    assert_eq!(causes(), json!([no_answer]));
}

#[test]
fn a_line_that_is_tried_is_half_open() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let east = line(&world, "East");
    for look in [Look::default(), Look { language: Language::English, ..Look::default() }] {
        let person = Person::sign_in(&world, look);
        let browser = &person.browser;
        break_open(browser, &east, &task, "half_open");
        person.visit("lines");
        let (state, in_sentence, probes) = if look.language == Language::English {
            ("Half open", "half open", "1, at most 1")
        } else {
            ("半开", "半开", "1 次，最多 1 次")
        };
        browser.wait_for_text(&format!("tr[data-line='{east}'] .chip"), state);
        browser.wait_for_text(".line-breaker .chip", in_sentence);
        browser.wait_for_text(".line-breaker", probes);
        browser.check_accessibility("a half-open breaker");
        browser.screenshot("lines-half-open");
    }
}

#[test]
fn a_line_is_made_changed_shared_and_deleted() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("lines");
    browser.wait_for_text(".empty", "还没有线路");
    browser.click(".head .primary");
    browser.click("button[value=simulated]");
    browser.fill("input[name=name]", "East");
    browser.fill("input[name=channels]", "0");
    browser.expect_complaint("422");
    browser.click("form .primary");
    browser.wait_for("input[name=channels][aria-invalid=true]");
    browser.fill("input[name=channels]", "3");
    browser.keys(Key::Enter);
    browser.wait_for_text("h1", "East");
    let stored = |what: &str| -> Value { world.client.get("/agent-api/line").data()[0][what].clone() };
    assert_eq!((stored("channels"), stored("kind")), (json!(3), json!("simulated")));
    browser.wait_for_text("line-shares", "还没有分配");
    browser.check_accessibility("line");
    browser.screenshot("line");

    browser.fill("input[name=line_concurrency]", "2");
    browser.click("line-shares form button[type=submit]");
    browser.wait_for_text("[data-share]", "并发 2");
    browser.fill("input[name=cps]", "2.5");
    browser.click("main > div > form .primary");
    browser.wait_for_text(".head", "第 2 版");
    assert_eq!((stored("cps"), stored("channels")), (json!(2.5), json!(3)));

    // In use it stays, and says by whom.
    person.visit("lines");
    browser.click("tr[data-line] .row-tools button");
    browser.expect_complaint("409");
    browser.click("dialog .danger");
    browser.wait_for("dialog [role=alert]");
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click("tr[data-line] .name");
    browser.click("[data-share] button");
    browser.wait_for_text("line-shares", "还没有分配");
    person.visit("lines");
    browser.click("tr[data-line] .row-tools button");
    browser.click("dialog .danger");
    browser.wait_until("it is gone", || rows(browser) == 0);
    browser.wait_for_text(".empty", "还没有线路");
}

#[test]
fn a_token_that_only_reads_sees_lines_and_changes_none() {
    let world = World::new(Database::Sqlite);
    let east = line(&world, "East");
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.click(".accounts a");
    person.visit("lines");
    browser.wait_for(&format!("tr[data-line='{east}'] .health"));
    assert!(!browser.has(".head .primary") && !browser.has(".row-tools button"));
    browser.click("tr[data-line] .name");
    browser.wait_for_text("line-shares", "还没有分配");
    assert!(!browser.has("line-shares form"));
    assert!(!browser.has("form .primary:not([hidden] *)"));
}
