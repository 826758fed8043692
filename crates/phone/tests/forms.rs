//! Numbers as they are written, and what becomes of each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use phone::{Country, PhoneNumber, Refusal};
use proptest::prelude::*;

const FORMS: &str = include_str!("forms.tsv");

/// The lines of the table, by column; a column that is left out is empty.
fn forms() -> impl Iterator<Item = [String; 7]> {
    let lines = FORMS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut columns = line.split('\t');
        std::array::from_fn(|_| unescaped(columns.next().unwrap_or_default()))
    })
}

/// `\u3000` is the character that it names.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(4);
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain
}

/// What became of a text, in the words of the table.
fn outcome(read: &Result<PhoneNumber, Refusal>) -> [String; 5] {
    match read {
        Err(refusal) => [refusal.code(), "", "", "", ""].map(str::to_owned),
        Ok(number) => [
            number.e164_text().as_str(),
            number.extension(),
            number.suffix(),
            number.kind().code(),
            if number.is_in_plan() { "plan" } else { "new" },
        ]
        .map(str::to_owned),
    }
}

#[test]
fn each_form_is_read_or_refused_by_name() {
    let mut wrong = Vec::new();
    for [country, text, expected @ ..] in forms() {
        let read = PhoneNumber::parse(&text, Country::parse(&country).unwrap());
        let outcome = outcome(&read);
        if outcome != expected {
            wrong.push(format!("{country} {text:?}: {outcome:?}, and not {expected:?}"));
        }
        assert!(read.is_err() || read.unwrap().text() == text);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(forms().count() >= 60);
}

#[test]
fn every_refusal_stands_in_the_table() {
    for refusal in Refusal::ALL {
        assert!(forms().any(|form| form[2] == refusal.code()), "{refusal:?}");
    }
}

#[test]
fn nothing_of_a_number_stands_in_a_log() {
    let number = PhoneNumber::parse("+86 138 0013 8000", Country::CHINA).unwrap();
    assert_eq!(format!("{number:?}"), "PhoneNumber(+86 138****8000)");
    assert_eq!(PhoneNumber::parse("+85291234567", Country::CHINA).unwrap().masked(), "******67");
    assert_eq!(number.region().unwrap().as_str(), "CN");
    assert_eq!(number.calling_code(), 86);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written, reading ends; and what was read says the same when its E.164 form is read again anywhere.
    #[test]
    fn a_number_that_was_read_is_read_again_from_its_e164_form(
        text in "[+＋0０]?[0-9０-９ ()-]{3,18}(转|x|,|-)?[0-9]{0,5}(_[a-z0-9]{1,4})?",
        country in prop::sample::select(vec!["CN", "US", "GB", "HK", "IT", "DE"]),
    ) {
        if let Ok(number) = PhoneNumber::parse(&text, Country::parse(country).unwrap()) {
            let again = PhoneNumber::parse(&number.e164_text(), Country::CHINA).unwrap();
            prop_assert_eq!(again.e164(), number.e164());
            prop_assert_eq!((again.kind(), again.is_in_plan()), (number.kind(), number.is_in_plan()));
            prop_assert!(number.e164() < 1_000_000_000_000_000 && !number.masked().is_empty());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = PhoneNumber::parse(&text, Country::CHINA);
    }
}
