//! Numbers from a file: tried first, with nothing stored, then imported with one click; what is refused is told.

use serde_json::json;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
};
use crate::support::{Database, World};

/// Drops a file of this text where files are dropped.
pub(super) fn drop_file(browser: &Browser, name: &str, text: &str) {
    let script = "
        const transfer = new DataTransfer();
        transfer.items.add(new File([arguments[1]], arguments[0]));
        const [place, all] = [document.querySelector('.drop'), { dataTransfer: transfer, bubbles: true, cancelable: true }];
        place.dispatchEvent(new DragEvent('dragover', all));
        const shown = place.matches('.over-it');
        place.dispatchEvent(new DragEvent('drop', all));
        return shown && !place.matches('.over-it');";
    assert_eq!(browser.script(script, &[json!(name), json!(text)]), true, "it shows that it takes files");
}

fn total(world: &World, task: &str) -> serde_json::Value {
    world.client.get(&world.path(&format!("/task/{task}/number"))).body["meta"]["total"].clone()
}

#[test]
fn a_list_is_imported_with_one_click_and_nothing_is_stored_before() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let person = Person::sign_in(&world, Look::default());
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}"));
    browser.click(".head a[href$='/import']");
    browser.wait_for_text(".steps [aria-current]", "选文件");
    browser.check_accessibility("an import before there is a file");
    drop_file(
        browser,
        "七批.csv",
        "手机号,客户姓名,金额\n13800001234,张三,\"1,280.50\"\n13800005678,李四,96\n110,王五,5\n13800001234,张三,1\n",
    );
    browser.wait_for_text("section:has(#trial-title)", "导入 2 个号码");
    assert_eq!(total(&world, &task), 0, "nothing is stored");
    browser.wait_for_text(".shares", "会导入\n2\n50.0%");
    browser.wait_for_text("table.refused", "110");
    let columns = browser.text("section:has(#columns-title) table");
    assert!(columns.contains("1,280.50、96") && columns.contains("变量 金额"), "{columns}");
    browser.check_accessibility("a trial of an import");
    browser.screenshot("import");
    browser.click("section:has(#trial-title) .primary");
    browser.wait_for_text("notice-line", "开始导入 七批.csv");
    browser.wait_for_text("section:has(#imports-title)", "导入 2 个，拒绝 1");
    browser.wait_for_text("section:has(#imports-title) .chip", "完成");
    assert_eq!(total(&world, &task), 2);
}

#[test]
fn a_column_that_is_not_known_is_asked_for() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&world, look);
    let browser = &person.browser;
    person.go(&format!("/tasks/{task}/import"));
    browser.wait_for(".drop");
    drop_file(browser, "list.csv", "who;where\n13800001234;Shanghai\n");
    browser.wait_for_text(".fault", "Which column holds the numbers?");
    browser.check_accessibility("an import that lacks a column, on a phone");
    browser.select("select[aria-label='What the column “who” is imported as']", "phone");
    browser.wait_for_text("section:has(#trial-title) .primary", "Import 1 number");
    browser.screenshot("import-phone");
    browser.assert_it_fits();
    // As Excel writes it that is told what stands between cells: a line says so before the header.
    drop_file(browser, "excel.csv", "sep=;\r\nmobile;where,when\r\n13800001234;Shanghai\r\n");
    browser.wait_for_text("section:has(#trial-title) .primary", "Import 1 number");
    let columns = browser.text("section:has(#columns-title) table");
    assert!(columns.contains("where,when") && !columns.contains("sep="), "{columns}");
    // One without any row is refused in words, and nothing can be pressed.
    drop_file(browser, "empty.csv", "phone\n");
    browser.wait_for_text("section:has(#trial-title) footer", "There is nothing to import.");
    assert!(browser.has("section:has(#trial-title) .primary:disabled"));
}

#[test]
fn a_token_that_only_reads_sees_the_imports_and_can_start_none() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.token(&["--scope", "read"]).token());
    browser.wait_for(".accounts a");
    person.go(&format!("/tasks/{task}/import"));
    browser.wait_for_text("main", "您的令牌只能查看，不能修改。");
    browser.wait_for_text("main", "还没有导入。");
    assert!(!browser.has(".drop") && !browser.has("input[type=file]"));
}

#[test]
fn a_token_that_sees_numbers_masked_adds_none_and_is_told_why() {
    let world = World::new(Database::Sqlite);
    let task = world.task(world.group("work"));
    let path = world.path(&format!("/task/{task}/number-import"));
    world.client.upload("POST", &path, &[], b"phone\n110\n13800001234\n").data();
    let person = Person::arrive(&world, Look::default());
    let browser = &person.browser;
    person.give_token(world.token(&["--numbers", "masked"]).token());
    browser.wait_for(".accounts a");
    person.go(&format!("/tasks/{task}"));
    browser.wait_for_text("task-numbers tr[data-number]", "138****1234");
    browser.wait_for(".head .tools button");
    assert!(!browser.has("task-numbers header button") && !browser.has(".head .tools a[href$='/import']"));
    person.go(&format!("/tasks/{task}/import"));
    browser.wait_for_text("main .banner", "您的令牌只能看到掩码号码，不能添加或导入号码。");
    browser.wait_for("li[data-import]");
    assert!(
        !browser.has(".drop") && !browser.has("li[data-import] button"),
        "its refused rows are not shown either"
    );
    browser.check_accessibility("imports, with numbers masked");
}
