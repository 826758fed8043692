//! The page's modules by themselves: its words, its list of files, and its pure parts held against slow second readings and the server.

use std::{collections::BTreeSet, path::Path};

use media::g711::G711;
use serde_json::{Value, json};

use super::{browser::Look, files::files, person::Person};
use crate::support::{Database, World};

/// Every module of the page with its text.
fn modules() -> Vec<(String, String)> {
    let modules = files()
        .into_iter()
        .filter(|(address, _)| Path::new(address).extension().is_some_and(|kind| kind == "js"));
    modules.map(|(address, path)| (address, std::fs::read_to_string(path).unwrap())).collect()
}

/// What stands between `begin` and a quotation mark, wherever it does.
fn quoted_after<'t>(text: &'t str, begin: &str) -> Vec<&'t str> {
    text.split(begin).skip(1).filter_map(|rest| rest.split_once('"').map(|(quoted, _)| quoted)).collect()
}

/// Where words stand: what edits of many, and the pages of closures, of single groups, of versions and the audit log, of holidays, of lines, of scripts and of
/// single records say comes with them.
const WORDS: [(&str, &str); 9] = [
    ("", ""),
    ("-bulk", "Bulk"),
    ("-closures", "Closures"),
    ("-group", "Group"),
    ("-history", "History"),
    ("-holidays", "Holidays"),
    ("-lines", "Lines"),
    ("-record", "Record"),
    ("-scripts", "Scripts"),
];

#[test]
fn both_languages_have_every_word_that_is_used() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let keys = |file: &str, name: &str| -> BTreeSet<String> {
        let script = "return import(arguments[0]).then(words => Object.entries(words[arguments[1]]))";
        let words = person.browser.script(script, &[json!(format!("/console/words/{file}.js")), json!(name)]);
        let words = words.as_array().unwrap().iter();
        words
            .map(|word| {
                // Each takes the same values in both languages.
                let values = word[1]
                    .as_str()
                    .unwrap()
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split(['|', '}']).next());
                let values: BTreeSet<&str> = values.collect();
                format!("{} {values:?}", word[0].as_str().unwrap())
            })
            .collect()
    };
    let mut all = BTreeSet::new();
    for (file, name) in WORDS {
        let chinese = keys(&format!("chinese{file}"), &format!("chinese{name}"));
        let english = keys(&format!("english{file}"), &format!("english{name}"));
        assert_eq!(chinese, english);
        let before = all.len();
        all.extend(chinese.iter().map(|key| key.split(' ').next().unwrap().to_owned()));
        assert_eq!(all.len(), before + chinese.len(), "no word stands in two places");
    }
    let known: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    for (address, text) in modules().iter().filter(|(address, _)| !address.contains("/vendor/")) {
        for key in
            [quoted_after(text, "${t(\""), quoted_after(text, " t(\""), quoted_after(text, "(t(\"")].concat()
        {
            assert!(known.contains(key), "{address} says {key:?}");
        }
    }
}

#[test]
fn no_word_stands_twice_in_a_file() {
    for (address, text) in modules().iter().filter(|(address, _)| address.contains("/words/")) {
        let keys =
            text.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": ")).map(|(key, _)| key);
        let mut seen = BTreeSet::new();
        // The last would silently take the place of the others.
        assert_eq!(keys.filter(|key| !seen.insert(*key)).collect::<Vec<_>>(), [""; 0], "twice in {address}");
    }
}

/// The address of a module that another one names.
fn named_by(address: &str, name: &str) -> String {
    let mut parts: Vec<&str> = address.split('/').collect();
    parts.pop();
    for part in name.split('/').filter(|part| *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The modules that are loaded with these, and those that are loaded with what they have come later.
fn loaded_with(begin: &[&str], also_later: bool) -> BTreeSet<String> {
    let modules: std::collections::BTreeMap<String, String> = modules().into_iter().collect();
    let mut waiting: Vec<String> = begin.iter().map(|name| format!("/console/{name}")).collect();
    let mut loaded = BTreeSet::new();
    while let Some(address) = waiting.pop() {
        let text = &modules[&address];
        let later = if also_later { quoted_after(text, "=> import(\"") } else { Vec::new() };
        let named = [
            quoted_after(text, " from \""),
            quoted_after(text, "from\""),
            quoted_after(text, "\nimport \""),
            later,
        ]
        .concat();
        let named = named.iter().filter(|name| name.starts_with('.'));
        waiting.extend(named.map(|name| named_by(&address, name)).filter(|one| !loaded.contains(one)));
        loaded.insert(address);
    }
    loaded
}

#[test]
fn the_frame_names_every_module_so_that_they_load_at_once() {
    let frame = files().into_iter().find(|(address, _)| address == "/console/index.html").unwrap().1;
    let frame = std::fs::read_to_string(frame).unwrap();
    let named =
        [quoted_after(&frame, "modulepreload\" href=\""), quoted_after(&frame, "script src=\"")].concat();
    let named: BTreeSet<String> = named.into_iter().map(|name| format!("/console/{name}")).collect();
    let begin = ["main.js", "theme.js"];
    assert_eq!(named, loaded_with(&begin, false));
    let modules: BTreeSet<String> = modules().into_iter().map(|(address, _)| address).collect();
    assert_eq!(
        loaded_with(&begin, true),
        modules,
        "those that are missing come with pages that are rarely opened"
    );
}

#[test]
fn every_icon_that_is_shown_has_its_shape_in_the_frame() {
    let frame = files().into_iter().find(|(address, _)| address == "/console/index.html").unwrap().1;
    let frame = std::fs::read_to_string(frame).unwrap();
    let shapes: BTreeSet<&str> = quoted_after(&frame, "<symbol id=\"i-").into_iter().collect();
    for (address, text) in modules().iter().filter(|(address, _)| !address.contains("/vendor/")) {
        for name in quoted_after(text, "icon(\"") {
            assert!(shapes.contains(name), "{address} shows the icon {name:?}");
        }
    }
}

#[test]
fn nothing_of_the_page_comes_from_elsewhere_or_is_made_into_markup() {
    for (address, text) in modules().into_iter().filter(|(address, _)| !address.contains("/vendor/")) {
        for banned in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "unsafeHTML", "eval("]
        {
            assert!(!text.contains(banned), "{address} has {banned}");
        }
        for line in text.lines().filter(|line| line.contains("://")) {
            let is_example = line.contains("https://example.com") || line.contains("wss://…");
            let allowed = line.trim_start().starts_with("//") || is_example;
            assert!(allowed, "{address} names another host: {line}");
        }
    }
}

#[test]
fn what_cannot_be_undone_is_never_the_first_of_the_buttons() {
    for (address, text) in modules() {
        for actions in text.split("<p class=\"actions\">").skip(1) {
            let buttons = actions.split("</p>").next().unwrap();
            let first = buttons.split("<button").nth(1).unwrap().split('>').next().unwrap();
            assert!(!first.contains("danger"), "{address} begins with {first}");
        }
    }
}

#[test]
fn what_a_file_left_undecided_is_kept_until_the_next_file() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    hold(
        &person,
        "const { forgetUndecided, rememberUndecided, undecidedOf } = await import('/console/parts/undecided-days.js');
        const entry = (date) => ({ place: date, name: date, date, reason: 'not_understood' });
        const left = (id) => undecidedOf({ id, days: [], feed: null }).map(({ date }) => date).join();
        rememberUndecided({ id: 'a', left_out: [entry('1'), entry('2'), { ...entry('3'), reason: 'cancelled' }] });
        const seen = [left('a'), left('b')];
        forgetUndecided('b', '1');
        forgetUndecided('a', '2');
        seen.push(left('a'));
        rememberUndecided({ id: 'b', left_out: [entry('4')] });
        seen.push(left('a'), left('b'));
        return seen.join(';') === '1,2;;1;;4' ? [] : seen;",
        &[],
    );
}

/// Runs a script of ours in the page; it gives what it found wrong.
#[track_caller]
fn hold(person: &Person<'_>, script: &str, arguments: &[Value]) {
    let script = format!("return (async () => {{ {script} }})()");
    let wrong = person.browser.script(&script, arguments);
    assert_eq!(wrong, json!([]));
}

#[test]
fn the_brush_does_what_bits_do() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    hold(&person, include_str!("brush.js"), &[]);
}

#[test]
fn the_page_and_the_server_mean_the_same_by_a_week() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let address = world.path("/dial-time-group/preview");
    hold(&person, include_str!("same_week.js"), &[json!(address), json!(world.client.token())]);
}

#[test]
fn the_wall_clock_of_a_calendar_is_that_of_the_zone() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let address = world.path("/dial-time-group/preview");
    hold(&person, include_str!("wall_clock.js"), &[json!(address), json!(world.client.token())]);
}

#[test]
fn instants_near_now_read_as_people_say_them() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    hold(&person, include_str!("near_now.js"), &[]);
}

#[test]
fn a_waveform_is_as_loud_as_its_samples() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let laws = [(6, G711::ALaw), (7, G711::MuLaw)];
    for (format, law) in laws {
        let loudness: Vec<f64> =
            (0..=255).map(|byte| (f64::from(law.decode(byte)) / 32_768.0).abs()).collect();
        hold(&person, include_str!("waveform.js"), &[json!(format), json!(loudness)]);
    }
}
