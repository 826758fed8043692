//! Scripts and their prompts: uploaded, heard, written, changed, and deleted where nothing needs them.

use serde_json::{Value, json};

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
    let set = |text: &str| {
        browser.script("document.querySelector('textarea[name=steps]').value = arguments[0]", &[json!(text)]);
        browser.click("form .primary");
    };
    set("[{");
    browser.wait_for_text("form .fault", "不是有效的 JSON");
    set(r#"[{"action": "sing"}]"#);
    browser.wait_for_text("form .fault", "steps[0].action");
    browser.expect_complaint("422");
    set(&json!([{"action": "play", "prompt": prompt}, {"action": "hang_up"}]).to_string());
    browser.wait_for_text("h1", "还款提醒");
    browser.wait_for_text(".head", "第 1 版");
    browser.check_accessibility("script");
    browser.screenshot("script");
    browser.fill("input[name=remark]", "第一版");
    browser.click("form .primary");
    browser.wait_for_text(".head", "第 2 版");
    assert_eq!(scripts(&world)[0]["remark"], "第一版");
    person.visit("scripts");
    browser.wait_for_text("tr[data-script] .steps-text", "播放 → 挂断");
    browser.check_accessibility("scripts");
    browser.screenshot("scripts");
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
    assert!(browser.has("textarea[name=steps][readonly]"));
    assert!(!browser.has("form .primary:not([hidden] *)"));
    browser.assert_it_fits();
}
