//! The colours of the page: every pair that lies on one another can be told apart, in both themes.

use serde_json::json;

use super::{browser::Look, person::Person};
use crate::support::{Database, World};

/// What text needs, and what lines and marks that carry a meaning of their own need.
const TEXT: f64 = 4.5;
const MARK: f64 = 3.0;

/// What lies on what: text of these tokens on these grounds.
const TEXTS: [(&str, &[&str]); 13] = [
    (
        "ink",
        &[
            "ground",
            "surface",
            "sunken",
            "hover",
            "raised",
            "wait-soft",
            "bad-soft",
            "accent-soft",
            "off-soft",
            "open-soft",
        ],
    ),
    (
        "ink-2",
        &[
            "ground",
            "surface",
            "sunken",
            "hover",
            "raised",
            "accent-soft",
            "wait-soft",
            "off-soft",
            "bad-soft",
        ],
    ),
    ("ink-3", &["ground", "surface", "sunken", "hover", "raised", "accent-soft"]),
    ("accent", &["surface", "ground", "sunken", "hover", "raised", "accent-soft", "wait-soft"]),
    ("accent-strong", &["accent-soft", "surface"]),
    ("on-accent", &["accent", "accent-strong"]),
    ("open", &["surface", "ground", "sunken", "open-soft", "hover", "raised", "accent-soft"]),
    ("open-ink", &["open-fill", "surface"]),
    ("wait", &["surface", "ground", "wait-soft", "hover"]),
    ("bad", &["surface", "ground", "bad-soft", "hover", "accent-soft"]),
    ("on-bad", &["bad"]),
    ("off", &["off-soft"]),
    ("on-inverse", &["inverse"]),
];

/// Lines and marks of these tokens on these grounds.
const MARKS: [(&str, &[&str]); 7] = [
    ("control-line", &["surface", "ground", "raised"]),
    ("accent", &["open-fill", "wait-soft", "surface"]),
    ("plot-1", &["surface"]),
    ("plot-3", &["surface"]),
    ("plot-4", &["surface"]),
    ("plot-6", &["surface"]),
    ("plot-7", &["surface"]),
];

/// The relative luminance of a token as the browser paints it, by the rule of WCAG 2.
const LUMINANCE: &str = "
    const probe = document.body.appendChild(document.createElement('i'));
    const luminance = (token) => {
        probe.style.setProperty('color', `var(--${token})`);
        const [red, green, blue] = getComputedStyle(probe).color.match(/[\\d.]+/g).map((part) => {
            const level = Number(part) / 255;
            return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = arguments[0].map(luminance);
    probe.remove();
    return found;";

fn pairs(
    list: &[(&'static str, &'static [&'static str])],
    least: f64,
) -> Vec<(&'static str, &'static str, f64)> {
    list.iter().flat_map(|(top, below)| below.iter().map(move |below| (*top, *below, least))).collect()
}

#[test]
fn every_pair_of_colours_can_be_told_apart_in_both_themes() {
    let world = World::new(Database::Sqlite);
    let person = Person::arrive(&world, Look::default());
    let all = [pairs(&TEXTS, TEXT), pairs(&MARKS, MARK)].concat();
    for theme in ["light", "dark"] {
        person.choose(theme);
        let luminances = |tokens: Vec<&str>| -> Vec<f64> {
            let found = person.browser.script(LUMINANCE, &[json!(tokens)]);
            found.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let top = luminances(all.iter().map(|(top, _, _)| *top).collect());
        let below = luminances(all.iter().map(|(_, below, _)| *below).collect());
        let contrast = |one: f64, other: f64| (one.max(other) + 0.05) / (one.min(other) + 0.05);
        let weak: Vec<String> = all
            .iter()
            .zip(top.into_iter().zip(below))
            .map(|((top, below, least), (one, other))| (top, below, least, contrast(one, other)))
            .filter(|(_, _, least, found)| found < *least)
            .map(|(top, below, least, found)| format!("{top} on {below}: {found:.1} < {least}"))
            .collect();
        assert_eq!(weak, [""; 0], "{theme}");
        let apart = contrast(luminances(vec!["ink"])[0], luminances(vec!["ground"])[0]);
        assert!(apart > MARK, "tokens are read");
    }
}
