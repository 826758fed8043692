//! The numbers of a task: added by hand, what is wrong with some of them, and narrowed by what became of them.

use serde_json::json;

use super::{browser::Look, person::Person};
use crate::support::{Database, World};

#[test]
fn numbers_are_added_by_hand_and_what_is_wrong_with_some_is_told() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text("task-numbers", "没有号码");
    browser.click("task-numbers header button");
    browser.script(
        "document.querySelector('dialog textarea').value = arguments[0]",
        &[json!("13800001234，张三\n110\n\n13800005678")],
    );
    // One that cannot be added refuses all, unless it may be left out.
    browser.click("dialog input[name=skip]");
    browser.click("dialog .primary");
    browser.wait_for_text("dialog .fault", "第 2 行：");
    browser.expect_complaint("422");
    assert!(!browser.has("tr[data-number]"));
    browser.check_accessibility("adding numbers");
    browser.click("dialog input[name=skip]");
    browser.click("dialog .primary");
    browser.wait_for_text("notice-line", "已添加 2 个号码，跳过 1 个");
    // What is left to mend stays.
    browser.wait_for_text("dialog .fault", "第 1 行：");
    assert_eq!(browser.script("return document.querySelector('dialog textarea').value", &[]), json!("110"));
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    browser.wait_until("both are listed", || browser.texts("tr[data-number]").len() == 2);
    let text = browser.text("task-numbers table");
    for what in ["13800001234", "张三", "13800005678", "0"] {
        assert!(text.contains(what), "{what} is not in {text}");
    }
    browser.check_accessibility("numbers");
    browser.screenshot("numbers");
    // One of them goes, after a question.
    browser.click("tr[data-number] .row-tools button[aria-label*='13800001234']");
    browser.check_accessibility("deleting a number");
    browser.click("dialog .danger");
    browser.wait_until("one is left", || browser.texts("tr[data-number]").len() == 1);
    browser.select("task-numbers select", "1");
    browser.wait_for_text("task-numbers", "没有号码");
    let listed = world.client.get(&world.path(&format!("/task/{task}/number")));
    assert_eq!(listed.column("phone"), ["13800005678"]);
}
