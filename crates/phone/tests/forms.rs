//! Numbers as they are written, and what becomes of each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use phone::{Country, ListCountries, PhoneNumber, Refusal};
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

/// By what a list tells a number apart.
fn key(number: &PhoneNumber) -> (i64, String, String) {
    (number.e164(), number.extension().to_owned(), number.suffix().to_owned())
}

#[test]
fn a_listed_number_keeps_its_text_where_that_reads_the_same() {
    for (text, written_in, shown_in, expected) in [
        ("2125550123", "US", "CN", "+12125550123"),
        ("91234567", "HK", "CN", "+85291234567"),
        // It is a fixed line of Nanchang, too.
        ("07912345678", "GB", "CN", "+447912345678"),
        ("021-61234567转801_a1b2", "CN", "US", "+862161234567x801_a1b2"),
        ("021-61234567-801", "CN", "GB", "+862161234567x801"),
        ("021-61234567转801_a1b2", "CN", "CN", "021-61234567转801_a1b2"),
        ("+1 (212) 555-0123", "US", "CN", "+1 (212) 555-0123"),
        ("+86 138 0013 8000", "US", "CN", "+86 138 0013 8000"),
        ("0086 13800138000", "US", "CN", "0086 13800138000"),
    ] {
        let [written_in, shown_in] = [written_in, shown_in].map(|country| Country::parse(country).unwrap());
        let listed = PhoneNumber::parse_listed(text, ListCountries { written_in, shown_in });
        assert_eq!(listed.unwrap().text(), expected, "{text} {written_in} {shown_in}");
    }
}

const COUNTRIES: [&str; 14] =
    ["CN", "US", "GB", "HK", "IT", "DE", "FR", "JP", "AR", "MX", "BR", "RU", "SG", "AU"];

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

    /// Whatever is written in a list, and of whichever country: what is shown of it is the very same number under the installation's.
    #[test]
    fn a_listed_number_is_read_again_from_what_is_shown(
        text in "[+＋0０]{0,2}(86|852|1|39|54|52|7)?[0-9０-９ ()-]{3,15}(转|x|,|-)?[0-9]{0,5}(_[a-zA-Z0-9]{1,4}){0,2}",
        written_in in prop::sample::select(&COUNTRIES),
        shown_in in prop::sample::select(&COUNTRIES),
    ) {
        let [written_in, shown_in] = [written_in, shown_in].map(|country| Country::parse(country).unwrap());
        if let Ok(number) = PhoneNumber::parse(&text, written_in) {
            let listed = PhoneNumber::parse_listed(&text, ListCountries { written_in, shown_in }).unwrap();
            let shown = PhoneNumber::parse(listed.text(), shown_in);
            prop_assert_eq!(shown.as_ref().map(key), Ok(key(&number)), "{}", listed.text());
            prop_assert_eq!(key(&listed), key(&number));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = PhoneNumber::parse(&text, Country::CHINA);
    }
}
