//! Scripts and their prompts: uploaded, heard, written, changed, and deleted where nothing needs them.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
};
use crate::{
    prompts::wav_of,
    support::{Database, World},
};

/// Chooses a file for a prompt.
fn upload(browser: &Browser, name: &str, file: &[u8]) {
    let script = "
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(arguments[1])], arguments[0]));
        const field = document.querySelector('prompt-list input[type=file]');
        field.files = transfer.files;
        field.dispatchEvent(new Event('change'));";
    browser.script(script, &[json!(name), json!(file)]);
}

fn scripts(world: &World) -> Value {
    world.client.get(&world.path("/script")).data().clone()
}

/// A prompt of two seconds that is heard.
fn greeting() -> Vec<u8> {
    let wave: Vec<i16> = (0..16_000_i16).map(|place| if place % 20 < 10 { 9_000 } else { -9_000 }).collect();
    wav_of(8_000, &wave)
}

#[test]
fn a_prompt_is_uploaded_and_heard() {
    let world = World::new(Database::Sqlite);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("scripts");
    browser.wait_for_text("main", "还没有话术");
    browser.wait_for_text("prompt-list", "还没有录音");
    // What is no WAV file is said where it was chosen.
    upload(browser, "notes.wav", b"no sound");
    browser.wait_for("prompt-list .fault");
    browser.expect_complaint("422");
    upload(browser, "greeting.wav", &greeting());
    browser.wait_for_text("li[data-prompt]", "greeting");
    assert!(!browser.has("prompt-list .fault"), "what was wrong with the other file is over");
    // It is heard, and not any more when it is stopped.
    browser.click("li[data-prompt] button");
    browser.wait_for("li[data-prompt] button[aria-label='停止播放“greeting”']");
    browser.click("li[data-prompt] button");
    browser.wait_for("li[data-prompt] button[aria-label='播放“greeting”']");
}

/// Uploads a prompt; gives its id.
fn prompt(world: &World) -> String {
    let path = world.path("/prompt?name=greeting");
    let header = [("Content-Type", "audio/wav")];
    world.client.upload("POST", &path, &header, &greeting()).data()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_script_is_written_and_changed() {
    let world = World::new(Database::Sqlite);
    let prompt = prompt(&world);
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("scripts");
    browser.click(".head .primary");
    browser.wait_for_text("li[data-prompt] code", &prompt);
    browser.fill("input[name=name]", "还款提醒");
    browser.click(".segments [value=json]");
    browser.wait_for("textarea[name=steps]");
    let set = |text: &str| {
        browser.script("document.querySelector('textarea[name=steps]').value = arguments[0]", &[json!(text)]);
        browser.click("form .primary");
    };
    set("[{");
    browser.wait_for_text("form .fault", "不是有效的 JSON");
    // Which are not lost by a look at the cards.
    browser.click(".segments [value=cards]");
    assert!(browser.has("textarea[name=steps]"));
    set("{}");
    browser.wait_for_text("form .fault", "须为步骤的列表");
    set(r#"[{"action": "sing"}]"#);
    browser.wait_for_text("form .fault", "steps[0].action");
    browser.expect_complaint("422");
    set(&json!([{"action": "play", "prompt": prompt}, {"action": "hang_up"}]).to_string());
    browser.wait_for_text("h1", "还款提醒");
    browser.wait_for_text(".head", "第 1 版");
    browser.check_accessibility("script");
    browser.screenshot("script-json");
    // The cards show what was written.
    browser.click(".segments [value=cards]");
    assert_eq!(browser.value("[data-step='0'] select[name=prompt]"), prompt);
    browser.fill("input[name=remark]", "第一版");
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 2 版");
    assert_eq!(scripts(&world)[0]["remark"], "第一版");
    person.visit("scripts");
    browser.wait_for_text("tr[data-script] .steps-text", "播放 → 挂断");
    browser.check_accessibility("scripts");
    browser.screenshot("scripts");
}

/// A line of the partner's, for transfers; gives its id.
fn line(world: &World) -> String {
    let line = json!({"name": "East", "kind": "simulated", "channels": 4, "cps": 2});
    world.client.post("/agent-api/line", &line).data()["id"].as_str().unwrap().to_owned()
}

/// The kinds of the cards, in their order.
fn kinds(browser: &Browser) -> Value {
    browser.script(
        "return [...document.querySelectorAll('step-list [data-step]')].map((card) => card.dataset.kind)",
        &[],
    )
}

#[test]
fn a_script_is_made_of_cards() {
    let world = World::new(Database::Sqlite);
    let (prompt, line) = (prompt(&world), line(&world));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("scripts");
    browser.click(".head .primary");
    browser.fill("input[name=name]", "还款提醒");
    for kind in ["play", "gather", "bot", "transfer"] {
        browser.click(&format!(".add-step [value={kind}]"));
        browser.wait_for(&format!("step-list [data-kind={kind}]"));
    }
    assert_eq!(kinds(browser), json!(["hang_up", "play", "gather", "bot", "transfer"]));
    // The end goes to the end: by the button, which keeps the focus, and once by the keyboard from where one is.
    browser.click("[data-kind=hang_up] .down");
    browser.wait_until("the focus goes with it", || browser.has_focus("[data-kind=hang_up] .down"));
    browser.keys(Key::Enter);
    browser.keys(Key::Enter);
    browser.wait_until("it goes further", || kinds(browser)[3] == "hang_up");
    browser.script("document.querySelector('[data-kind=hang_up] input[name=label]').focus()", &[]);
    browser.chord(&[Key::Alt], Key::Down);
    browser.wait_until("it is the last", || kinds(browser)[4] == "hang_up");
    browser.wait_until("one stays in it", || browser.has_focus("[data-kind=hang_up] input[name=label]"));
    browser.select("[data-kind=play] select[name=prompt]", &prompt);
    fill_the_rest(browser, &line);
    browser.expect_complaint("422");
    browser.click("form .primary");
    // The bot has no address yet.
    browser.wait_for_text("[data-kind=bot] .fault", "bots[0].url");
    browser.wait_for("[data-kind=bot] input[name=url][aria-invalid=true]");
    browser.check_accessibility("script cards");
    browser.fill("[data-kind=bot] input[name=url]", "wss://bot.example.com/media");
    browser.fill("[data-kind=bot] input[name=secret]", "hidden");
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 1 版");
    browser.screenshot("script");
    browser.assert_it_fits();
    assert_it_is_as_made(&scripts(&world)[0], &prompt, &line);
    // A step less: who went to it goes on to the next. The secret stays, which nobody is shown.
    browser.click("[data-kind=transfer] .remove");
    browser.wait_gone("[data-kind=transfer]");
    browser.wait_for("[data-kind=bot] input[name=secret][placeholder='不填则不变']");
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 2 版");
    let saved = scripts(&world)[0].clone();
    let gather = &saved["steps"][1];
    assert_eq!((&gather["branches"][0]["go_to"], &gather["no_match"]), (&json!("step-5"), &Value::Null));
    assert_eq!(saved["steps"][2]["bots"][0]["has_secret"], true);
}

/// Everything but the address of the bot.
fn fill_the_rest(browser: &Browser, line: &str) {
    let choose = |selector: &str, kind: &str| {
        let choose = "const field = document.querySelector(arguments[0]);
            const at = [...field.options].findIndex((option) => option.text.includes(arguments[1]));
            field.selectedIndex = at;
            field.dispatchEvent(new Event('change'));";
        browser.script(choose, &[json!(selector), json!(kind)]);
    };
    browser.click("[data-kind=gather] .add-branch");
    browser.fill("[data-kind=gather] input[name=branch-digits]", "9");
    choose("[data-kind=gather] [data-branch] select", "挂断");
    choose("[data-kind=gather] select[name=no_match]", "转接");
    browser.fill("[data-kind=gather] input[name=first_digit]", "8");
    browser.fill("[data-kind=bot] textarea[name=variables]", "city=上海");
    browser.fill("[data-kind=bot] input[name=capacity]", "20");
    choose("[data-kind=bot] select[name=next]", "转接");
    browser.fill("[data-kind=transfer] input[name=extension]", "1001");
    browser.select("[data-kind=transfer] select[name=line]", line);
    choose("[data-kind=transfer] select[name=no_answer]", "挂断");
    browser.select(".on-machine select[name=machine]", "note");
    browser.click(".timings summary");
    browser.fill(".timings input[name=greeting]", "1500");
}

fn assert_it_is_as_made(saved: &Value, prompt: &str, line: &str) {
    let [play, gather, bot, transfer, hang_up] = saved["steps"].as_array().unwrap().as_slice() else {
        panic!("{saved}");
    };
    assert_eq!(
        (&play["prompt"], &play["interruptible"], &play["next"]),
        (&json!(prompt), &json!(true), &Value::Null)
    );
    assert_eq!(gather["branches"], json!([{"digits": "9", "go_to": hang_up["label"]}]));
    assert_eq!((&gather["first_digit"], &gather["no_match"]), (&json!(8), &transfer["label"]));
    assert!(hang_up["label"].is_string() && transfer["label"].is_string(), "who is gone to has a label");
    assert_eq!((&bot["variables"], &bot["next"]), (&json!({"city": "上海"}), &transfer["label"]));
    assert_eq!(
        bot["bots"],
        json!([{"url": "wss://bot.example.com/media", "weight": 1, "capacity": 20, "has_secret": true}])
    );
    assert_eq!(
        (&transfer["extension"], &transfer["line"], &transfer["no_answer"]),
        (&json!("1001"), &json!(line), &hang_up["label"])
    );
    let machine = &saved["on_machine"];
    assert_eq!((&machine["action"], &machine["timings"]["greeting"]), (&json!("note"), &json!(1_500)));
}

#[test]
fn what_is_played_or_named_stays_and_says_by_whom() {
    let world = World::new(Database::Sqlite);
    let steps = json!([{"action": "play", "prompt": prompt(&world)}, {"action": "hang_up"}]);
    let script = json!({"name": "还款提醒", "steps": steps});
    let id = world.client.post(&world.path("/script"), &script).data()["id"].clone();
    let mut task = crate::support::task(world.group("work"));
    task["destination_extension"] = id;
    let task = world.client.post(&world.path("/task"), &task).data()["uuid"].as_str().unwrap().to_owned();
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.visit("scripts");
    browser.click("li[data-prompt] .row-tools button:last-child");
    browser.click("prompt-list dialog .danger");
    browser.wait_for_text("prompt-list dialog .named-tasks", "还款提醒");
    browser.expect_complaint("409");
    browser.click("prompt-list dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.click("tr[data-script] .row-tools button");
    browser.click("dialog .danger");
    browser.wait_for("dialog [role=alert]");
    assert_eq!(browser.texts("dialog .named-tasks li").len(), 1);
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    browser.click("tr[data-script] .row-tools button");
    browser.click("dialog .danger");
    browser.wait_for_text(".empty", "还没有话术");
    browser.click("li[data-prompt] .row-tools button:last-child");
    browser.click("prompt-list dialog .danger");
    browser.wait_for_text("prompt-list", "还没有录音");
    assert_eq!(scripts(&world), json!([]));
}

#[test]
fn who_only_reads_sees_scripts_and_changes_none() {
    let world = World::new(Database::Sqlite);
    let script = json!({"name": "reminder", "steps": [{"action": "hang_up"}]});
    let id = world.client.post(&world.path("/script"), &script).data()["id"].clone();
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::arrive(&world, look);
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.wait_for(".accounts a");
    person.go("/scripts");
    browser.wait_for_text("tr[data-script]", "reminder");
    browser.check_accessibility("scripts on a phone");
    browser.screenshot("scripts-phone");
    browser.assert_it_fits();
    assert!(!browser.has(".head .primary") && !browser.has(".row-tools .danger"));
    assert!(!browser.has("prompt-list input[type=file]") && !browser.has("tr[data-script] button"));
    person.go(&format!("/scripts/{id}"));
    browser.wait_for_text("main .banner", "may look and change nothing");
    assert!(browser.has("[data-step='0'] fieldset:disabled") && !browser.has(".add-step, .order, .remove"));
    browser.click(".segments [value=json]");
    browser.wait_for("textarea[name=steps][readonly]");
    assert!(!browser.has("form .primary:not([hidden] *)"));
    browser.assert_it_fits();
}
