//! Webhooks: made, watched, tested, switched off and on, and deleted.

use serde_json::{Value, json};
use test_support::{Manner, Receiver};

use super::{
    browser::{Browser, Look},
    person::Person,
};
use crate::support::{Database, World};

const TO_PRIVATE: &str = "--webhooks-to-private";

/// A world whose webhooks may go to this machine, and a person who looks at them.
fn world() -> World {
    World::with(Database::Sqlite, &[TO_PRIVATE])
}

#[track_caller]
fn look(world: &World) -> Person<'_> {
    let person = Person::sign_in(world, Look::default());
    person.go("/webhooks");
    person.browser.wait_for("webhooks-page h1");
    person
}

fn subscribe(world: &World, url: &str) -> Value {
    world.client.post(&world.path("/webhook"), &json!({"url": url})).data().clone()
}

fn webhooks(world: &World) -> Vec<Value> {
    world.client.get(&world.path("/webhook")).data().as_array().unwrap().clone()
}

/// Fills in an address in the dialog that makes one, and sends it.
#[track_caller]
fn create(browser: &Browser, url: &str) {
    browser.fill("dialog input[name=url]", url);
    browser.click("dialog button[type=submit]");
}

#[test]
fn a_webhook_is_made_and_its_secret_shown_once() {
    let world = world();
    let receiver = Receiver::start(Manner::Take, 0);
    let person = look(&world);
    let browser = &person.browser;
    browser.wait_for_text(".empty", "还没有 Webhook");
    browser.click(".head .primary");
    browser.wait_until("the focus is in the dialog", || browser.has_focus("dialog:modal input[name=url]"));
    for name in ["task.running", "group.closed"] {
        browser.click(&format!("dialog input[value='{name}']"));
    }
    create(browser, &receiver.url);
    browser.wait_for("dialog code");
    browser.wait_until("the focus is in the dialog", || browser.has_focus("dialog:modal .primary"));
    let secret = browser.text("dialog code");
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    browser.wait_for_text(".webhook h2", &receiver.url);
    browser.wait_for_text(".webhook", "任务开始拨打、时间组关闭");
    let made = webhooks(&world);
    assert_eq!(
        (&made[0]["url"], &made[0]["events"]),
        (&json!(receiver.url), &json!(["task.running", "group.closed"]))
    );
    let path = world.path(&format!("/webhook/{}/test", made[0]["id"].as_str().unwrap()));
    world.client.post(&path, &json!({})).data();
    assert_eq!(receiver.wait_for(1)[0].signed_by(&secret), [true]);

    let page = || browser.script("return document.documentElement.outerHTML", &[]).to_string();
    assert!(secret.starts_with("whsec_") && !page().contains(&secret));
    browser.click(".refresh");
    browser.wait_for(".webhook td");
    assert!(!page().contains(&secret));
}

#[test]
fn what_a_webhook_cannot_be_is_told_where_it_stands() {
    let world = world();
    let person = look(&world);
    let browser = &person.browser;
    browser.click(".head .primary");
    create(browser, "example.com");
    browser.wait_for("dialog .fault");
    assert_eq!(browser.attribute("dialog input[name=url]", "aria-invalid").as_deref(), Some("true"));
    let told_by = browser.attribute("dialog input[name=url]", "aria-describedby").unwrap();
    let refused = world.client.post(&world.path("/webhook"), &json!({"url": "example.com"}));
    assert_eq!(browser.text(&format!("#{told_by}")), refused.body["data"][0]["message"].as_str().unwrap());
    assert_eq!(webhooks(&world).len(), 0);
    create(browser, "https://example.com/hook");
    browser.click("dialog code ~ .actions button, dialog:has(code) .primary");
    browser.wait_for_text(".webhook h2", "https://example.com/hook");
    assert!(!browser.has(".fault"));
    // One too many belongs to no field.
    for _ in 1..20 {
        subscribe(&world, "https://example.com/hook");
    }
    browser.click(".head .primary");
    browser.wait_for("dialog input[name=url]");
    assert!(!browser.has("dialog .fault"));
    create(browser, "https://example.com/more");
    browser.wait_for("dialog [role=alert]");
    assert_eq!(webhooks(&world).len(), 20);
    person.expect_refusal("/webhook", 422);
}

#[test]
fn a_test_is_sent_and_its_deliveries_say_what_was_answered() {
    let world = world();
    let receiver = Receiver::start(Manner::Answer(503), 1);
    let made = subscribe(&world, &receiver.url);
    let person = look(&world);
    let browser = &person.browser;
    browser.wait_for_text(".webhook .quiet", "全部事件");
    browser.wait_for_text(".webhook", "还没有投递");
    browser.click(&format!("button[aria-label='向 {} 发送测试']", receiver.url));
    browser.wait_for_text("notice-line", "测试已加入发送队列");
    receiver.wait_for(1);
    let path = world.path(&format!("/webhook/{}/delivery", made["id"].as_str().unwrap()));
    let delivered = || world.client.get(&path).data()[0]["state"] == "delivered";
    browser.wait_until("it is delivered", delivered);
    browser.click(".refresh");
    browser.wait_for_text(".webhook .delivery-delivered", "已送达");
    let cells = browser.texts(".webhook td");
    assert_eq!((&cells[0][..], &cells[2][..], &cells[3][..]), ("测试", "2", "204"));
    assert_eq!(cells.len(), 6);
    assert!(cells[5].ends_with("（Asia/Shanghai）"), "{cells:?}");

    // One that is refused says so, by itself.
    let refusing = Receiver::start(Manner::Answer(418), usize::MAX);
    subscribe(&world, &refusing.url);
    browser.click(".refresh");
    browser.click(&format!("button[aria-label='向 {} 发送测试']", refusing.url));
    let section = format!(".webhook[aria-label='{}']", refusing.url);
    browser.wait_for_text(&format!("{section} td:nth-child(4)"), "418");
    browser.wait_for_text(&format!("{section} .answer-text"), "away");
    browser.wait_for_text(&format!("{section} .delivery-pending"), "待重试");
    browser.wait_for_text(&format!("{section} .delivery-pending"), "下次");
}

#[test]
fn a_webhook_is_switched_off_and_on_given_a_new_secret_and_deleted() {
    let world = world();
    let receiver = Receiver::start(Manner::Take, 0);
    let made = subscribe(&world, &receiver.url);
    let person = look(&world);
    let browser = &person.browser;
    for (action, shown, enabled) in [("停用", "已停用", false), ("启用", "已启用", true)] {
        browser.click(&format!("button[aria-label='{action} {}']", receiver.url));
        browser.wait_for_text(".webhook .state", shown);
        assert_eq!(webhooks(&world)[0]["enabled"], enabled);
        browser.wait_for_text("notice-line [role=status]", &format!("{shown} {}", receiver.url));
    }
    browser.click(&format!("button[aria-label='更换密钥：{}']", receiver.url));
    let secret = browser.text("dialog code");
    assert_ne!(made["secret"], secret);
    browser.click("dialog .primary");
    browser.wait_gone("dialog");
    let delete = format!("button[aria-label='删除 {}']", receiver.url);
    browser.click(&delete);
    browser.click("dialog .actions button:first-child");
    browser.wait_gone("dialog");
    assert_eq!(webhooks(&world).len(), 1);
    browser.click(&delete);
    browser.click("dialog .danger");
    browser.wait_for_text(".empty", "还没有 Webhook");
    assert_eq!(webhooks(&world).len(), 0);
}

#[test]
fn deliveries_are_paged() {
    let world = world();
    let receiver = Receiver::start(Manner::Take, 0);
    let made = subscribe(&world, &receiver.url);
    let path = world.path(&format!("/webhook/{}/test", made["id"].as_str().unwrap()));
    for _ in 0..12 {
        world.client.post(&path, &json!({})).data();
    }
    let person = look(&world);
    let browser = &person.browser;
    browser.wait_for_text(".webhook .pager", "第 1 / 2 页，共 12 项");
    assert_eq!(browser.texts(".webhook tbody tr").len(), 10);
    browser.click(".webhook .pager button:last-child");
    browser.wait_for_text(".webhook .pager", "第 2 / 2 页");
    assert_eq!(browser.texts(".webhook tbody tr").len(), 2);
}

#[test]
fn clicking_again_and_again_makes_one_webhook_and_switches_it_once() {
    let world = world();
    let person = look(&world);
    let browser = &person.browser;
    browser.click(".head .primary");
    browser.fill("dialog input[name=url]", "https://example.com/hook");
    browser.hold_requests("*/webhook");
    browser.click_again_and_again("dialog button[type=submit]", 3);
    browser.release_requests();
    browser.click("dialog:has(code) .primary");
    browser.wait_for(".webhook");
    assert_eq!(webhooks(&world).len(), 1);
    browser.click_again_and_again("button[aria-label='停用 https://example.com/hook']", 4);
    browser.wait_for_text(".webhook .state", "已停用");
    assert_eq!(webhooks(&world)[0]["enabled"], false);
}

#[test]
fn what_is_told_during_calls_is_chosen_with_a_tick_and_events_come_in_lists() {
    let world = world();
    let receiver = Receiver::start(Manner::Take, 0);
    let person = look(&world);
    let browser = &person.browser;
    browser.click("#call-events input[value='call.answered']");
    browser.wait_until("it is chosen", || {
        world.client.get(&world.path("/call-events")).data()["call_events"] == json!(["call.answered"])
    });
    browser.check_accessibility("events during calls");
    browser.click("#call-events input[value='call.answered']");
    browser.wait_until("it is not any more", || {
        world.client.get(&world.path("/call-events")).data()["call_events"] == json!([])
    });
    browser.click(".head .primary");
    browser.fill("dialog input[name=batch]", "50");
    create(browser, &receiver.url);
    browser.wait_for("dialog code");
    browser.click("dialog .primary");
    browser.wait_for_text(".webhook header", "每次最多 50 个");
    assert_eq!(webhooks(&world)[0]["batch"], 50);
}
