//! Recordings in the browser: a record's sound beside its text, a row of the list that is played, and what says why there is nothing to hear.

use domain::{Attempt, PressedKeys};
use jiff::SignedDuration;
use media::g711::G711;
use serde_json::json;
use test_support::answered_attempt;

use super::{
    browser::{Browser, Language, Look, Theme, Width},
    person::Person,
};
use crate::{
    events::now,
    recordings::leave,
    support::{Database, World, task_id, until},
};

/// How long the calls were, in seconds.
const SECONDS: u32 = 40;

/// What was said: who, from which second on, and what.
const TURNS: [(&str, u32, &str); 6] = [
    ("bot", 0, "您好，这里是某某银行信用卡中心，提醒您本期账单 1,280.50 元，12月5日到期。"),
    ("callee", 7, "嗯，我知道，哪天扣款？"),
    ("bot", 10, "您已开通自动还款，将在 12月5日 从尾号 0137 的储蓄卡扣款。请问还需要别的帮助吗？"),
    ("callee", 19, "能不能晚两天？"),
    ("bot", 22, "可以申请宽限三天，不影响征信。需要我现在为您登记吗？"),
    ("callee", 33, "好，登记一下。"),
];

/// A world that keeps its recordings here.
struct Recorded {
    world: World,
    place: tempfile::TempDir,
    task: String,
}

impl Recorded {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = format!("folder:{}", place.path().display());
        let world = World::with(Database::Sqlite, &["--recordings", &folder]);
        let task = world.task(world.group("recorded"));
        Self { world, place, task }
    }

    /// A call of so long ago that was answered.
    fn called(&self, hours: i64) -> Attempt {
        let dialed = now() - SignedDuration::from_hours(hours) - SignedDuration::from_secs(60);
        let attempt = answered_attempt(self.world.account(), task_id(&self.task), dialed);
        let answered = attempt.times.answered_at.unwrap();
        let pressed = PressedKeys {
            at: answered + SignedDuration::from_secs(36),
            step: 2,
            label: None,
            keys: "1".to_owned(),
        };
        let attempt = Attempt { pressed: vec![pressed], ..attempt };
        self.world.record_all(std::slice::from_ref(&attempt));
        attempt
    }

    /// A call whose recording is there.
    fn recorded(&self) -> Attempt {
        let attempt = self.called(1);
        leave(self.place.path(), &attempt, 90, &sound());
        let path = self.detail(&attempt);
        until("it is found", || self.world.client.get(&path).data()["recording"].is_object());
        attempt
    }

    fn detail(&self, attempt: &Attempt) -> String {
        self.world.path(&format!("/task/{}/detail/{}", self.task, attempt.id))
    }

    fn say(&self, attempt: &Attempt) {
        let turn = |(speaker, second, text): (&str, u32, &str)| json!({"offset": second * 1_000, "speaker": speaker, "text": text});
        let result = json!({"transcript": TURNS.map(turn), "intention": "B", "tags": ["宽限"]});
        self.world.client.put(&self.world.path(&format!("/record/{}/result", attempt.id)), &result).data();
    }

    fn open(&self, person: &Person<'_>, attempt: &Attempt) {
        person.go(&format!("/records/{}/{}", attempt.id, self.task));
    }
}

/// A tone that comes and goes like speech, on the channel of whoever speaks.
fn sound() -> Vec<u8> {
    let sample = |place: u32, speaker: &str| {
        let turn = TURNS.iter().rev().find(|(_, second, _)| second * 8_000 <= place).unwrap();
        let into = place - turn.1 * 8_000;
        let lasts = u32::try_from(turn.2.chars().count()).unwrap() * 1_300;
        if turn.0 != speaker || into > lasts {
            return 0;
        }
        // Syllables of a quarter of a second, none as loud as the one before.
        let syllable = into % 2_000;
        let loudness = [9_000, 14_000, 6_000, 11_000, 3_000][usize::try_from(into / 2_000 % 5).unwrap()];
        let swell = i32::try_from(syllable.min(2_000 - syllable)).unwrap();
        let tone = if (into / 9).is_multiple_of(2) { loudness } else { -loudness };
        i16::try_from(tone * swell / 1_000).unwrap()
    };
    let both = |place| [sample(place, "bot"), sample(place, "callee")];
    (0..SECONDS * 8_000).flat_map(both).map(|sample| G711::ALaw.encode(sample)).collect()
}

/// Where the player is, in seconds.
fn played(browser: &Browser) -> f64 {
    let text = browser.text(".played");
    let (minutes, seconds) = text.split(' ').next().unwrap().split_once(':').unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
}

fn is_playing(browser: &Browser) -> bool {
    browser.attribute(".player .primary", "aria-label").as_deref() == Some("暂停")
}

#[test]
fn a_recording_is_heard_from_the_sentence_that_is_pressed() {
    let recorded = Recorded::new();
    let attempt = recorded.recorded();
    recorded.say(&attempt);
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    recorded.open(&person, &attempt);
    browser.wait_for(".wave .callee.ahead");
    browser.wait_for_text(".legend", "1 处缺口");
    browser.wait_for_text(".legend", "00:36 按键 1");
    assert_eq!(
        browser.attribute(".wave", "aria-label").as_deref(),
        Some("两个声道的波形，共 40 秒，有 1 处缺口")
    );
    assert!(!browser.has(".talk [aria-current]"));
    browser.wait_for_text("section:has(#facts-title)", "WAV 双声道，00:40，645 KB，1 处缺口，保留到");

    // It plays, and stops where it is.
    browser.click(".player .primary");
    browser.wait_until("it plays", || played(browser) > 0.5 && is_playing(browser));
    browser.wait_for(".talk li:first-child[aria-current]");
    browser.click(".player .primary");
    browser.wait_until("it has stopped", || !is_playing(browser));
    let stopped = played(browser);
    assert!(stopped < 7.0, "{stopped}");

    // A sentence is pressed, by hand and by key.
    browser.click(".talk li:nth-child(3) p");
    browser.wait_for(".talk li:nth-child(3)[aria-current]");
    browser
        .wait_until("it plays from there", || is_playing(browser) && (10.0..19.0).contains(&played(browser)));
    browser.script("document.querySelector('.talk li:nth-child(5) .from').focus()", &[]);
    browser.keys("\u{e007}");
    browser.wait_for(".talk li:nth-child(5)[aria-current]");
    browser.wait_until("it plays from there", || (22.0..33.0).contains(&played(browser)));
    browser.wait_for_text(".events [aria-current]", "接听");

    browser.click(".player .primary");
    browser.check_accessibility("a record with its recording");
    browser.resize(1_440);
    browser.screenshot("record-heard");
    browser.expect_complaint("404");
}

#[test]
fn a_recording_is_heard_by_keys_from_any_moment_and_one_side_at_a_time() {
    let recorded = Recorded::new();
    let attempt = recorded.recorded();
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    recorded.open(&person, &attempt);
    browser.wait_for(".wave .callee.ahead");
    // Space plays and stops, the arrows go 5 seconds.
    browser.script("document.querySelector('.seek').focus()", &[]);
    browser.keys(" ");
    browser.wait_until("space plays", || is_playing(browser) && played(browser) > 0.2);
    browser.keys(" ");
    browser.wait_until("space stops it", || !is_playing(browser));
    let before = played(browser);
    browser.keys("\u{e014}\u{e014}\u{e012}");
    browser.wait_until("it is 5 seconds on", || (played(browser) - before - 5.0).abs() < 0.3);
    // A moment of the course is pressed.
    browser.click(".events li:nth-last-child(2) .from");
    browser.wait_for_text(".events [aria-current]", "按键 1");
    browser.wait_until("it plays from the key", || played(browser) >= 36.0);
    browser.click("button[aria-label='后退 5 秒']");
    browser.click(".player button[value=callee]");
    browser.wait_for(".player button[value=callee][aria-pressed=true]");
    let at = played(browser);
    browser.wait_until("it goes on with one side", || played(browser) > at);
    browser.click(".player .segments:last-child button:last-child");
    browser.wait_for(".player .segments:last-child button:last-child[aria-pressed=true]");
    browser.wait_until("it ends", || !is_playing(browser) && played(browser) >= 39.5);
    browser.expect_complaint("404");
}

#[test]
fn a_recording_is_heard_on_a_phone() {
    let recorded = Recorded::new();
    let attempt = recorded.recorded();
    recorded.say(&attempt);
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&recorded.world, look);
    let browser = &person.browser;
    recorded.open(&person, &attempt);
    browser.wait_for(".wave .bot.ahead");
    browser.tap(".talk li:nth-child(2) p");
    browser.wait_for(".talk li:nth-child(2)[aria-current]");
    browser.wait_until("it plays", || played(browser) > 7.5);
    browser.click(".player .primary");
    browser.check_accessibility("a recording on a phone");
    browser.screenshot("record-heard-phone");
    browser.assert_it_fits();
    browser.expect_complaint("404");
}

#[test]
fn why_there_is_nothing_to_hear_is_told() {
    let recorded = Recorded::new();
    let (old, never) = (recorded.called(72), recorded.called(2));
    leave(recorded.place.path(), &old, 1, &sound());
    let path = recorded.detail(&old);
    until("it is found", || recorded.world.client.get(&path).data()["recording"].is_object());
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    recorded.open(&person, &old);
    browser.wait_for_text(".no-sound", "已删除");
    assert!(!browser.has("call-player"));
    browser.check_accessibility("a record whose recording is gone");
    recorded.open(&person, &never);
    browser.wait_for_text(".no-sound", "模拟线路的通话不录音");
    // The file is not where it was.
    let lost = recorded.recorded();
    std::fs::remove_dir_all(recorded.place.path().join(&recorded.world.user)).unwrap();
    recorded.open(&person, &lost);
    browser.wait_for_text(".hearing", "波形读取失败");
    browser.click(".player .primary");
    browser.wait_for_text(".hearing .fault", "录音无法播放");
    assert!(!is_playing(browser));
    browser.check_accessibility("a record whose recording is lost");
    browser.screenshot("record-lost");
    browser.expect_complaint("404");
}

#[test]
fn a_row_is_played_on_a_phone() {
    let recorded = Recorded::new();
    recorded.recorded();
    let look = Look { language: Language::English, theme: Theme::Dark, width: Width::Phone };
    let person = Person::sign_in(&recorded.world, look);
    let browser = &person.browser;
    person.go("/records");
    browser.tap("tr[data-record] .stays button");
    browser.wait_until("it plays", || played(browser) >= 1.0);
    browser.check_accessibility("records on a phone, one of which is played");
    browser.screenshot("records-heard-phone");
    browser.assert_it_fits();
}

#[test]
fn a_row_is_played_and_the_list_stays() {
    let recorded = Recorded::new();
    let attempt = recorded.recorded();
    recorded.called(3);
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_until("both are there", || browser.texts("tr[data-record]").len() == 2);
    let button = format!("tr[data-record='{}'] td:last-child button", attempt.id);
    browser.click(&button);
    browser.wait_until("it plays", || played(browser) >= 1.0);
    assert_eq!(browser.attribute(&button, "aria-label").as_deref(), Some("暂停 13800001234 的录音"));
    assert_eq!(browser.texts("tr[data-record] td:last-child button").len(), 1, "one was not recorded");
    browser.check_accessibility("records, one of which is played");
    browser.resize(1_440);
    browser.screenshot("records-heard");
    browser.click(&button);
    browser.wait_for(&format!("{button}[aria-label^='播放']"));
    browser.click("row-player a");
    browser.wait_for("call-player");
    // From there the one below it in the list is one click away, and back.
    browser.click(".head .segments a[aria-label='下一条']");
    browser.wait_for(".no-sound");
    browser.click(".head .segments a[aria-label='上一条']");
    browser.wait_for("call-player");
    browser.expect_complaint("404");
}

#[test]
fn of_a_long_recording_a_part_of_each_bar_is_looked_at_and_all_when_somebody_asks() {
    let recorded = Recorded::new();
    let attempt = recorded.called(3);
    // More than twenty minutes.
    let sound: Vec<u8> = sound().into_iter().cycle().take(20_480_000).collect();
    leave(recorded.place.path(), &attempt, 90, &sound);
    let path = recorded.detail(&attempt);
    until("it is found", || recorded.world.client.get(&path).data()["recording"].is_object());
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    recorded.open(&person, &attempt);
    browser.wait_for(".wave .callee.ahead");
    browser.wait_for_text(".hearing", "录音较大（20 MB），波形每段只取一秒。");
    let bars = |kind: &str| {
        let count = "return document.querySelector(arguments[0]).getAttribute('d').match(/M/g).length";
        browser.script(count, &[json!(format!(".wave .{kind}.ahead"))])
    };
    assert_eq!([bars("bot"), bars("callee")], [json!(110), json!(110)]);
    let read = "return performance.getEntriesByType('resource').filter(({name}) => name.includes('.wav'))
        .reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)";
    let bytes = browser.script(read, &[]).as_u64().unwrap();
    assert!(bytes < 3_000_000, "{bytes} bytes are read");
    browser.check_accessibility("a long recording");
    browser.screenshot("hearing-long");
    browser.click(".hearing p .button");
    browser.wait_until("all is read", || bars("callee") == json!(330));
    browser.expect_complaint("404");
}

#[test]
fn records_are_narrowed_to_those_that_can_be_heard() {
    let recorded = Recorded::new();
    let (heard, _) = (recorded.recorded(), recorded.called(2));
    let person = Person::sign_in(&recorded.world, Look::default());
    let browser = &person.browser;
    person.visit("records");
    browser.wait_until("both are there", || browser.texts("tbody tr").len() == 2);
    browser.click(".finer summary");
    browser.click("input[name=recorded]");
    browser.wait_until("one can be heard", || browser.texts("tbody tr").len() == 1);
    browser.wait_for(&format!("tbody a[href*='{}']", heard.id));
    assert!(browser.url().contains("recorded=1"), "{}", browser.url());
}
