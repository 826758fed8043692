//! How a trunk wants numbers to be written.

use domain::{CallerNumber, DialDigits, NumberBase, NumberForm};
use phone::{Country, PhoneNumber};
use telephony::Callee;

/// A callee's number as the trunk wants it, which is in `country` unless it says another.
pub(crate) fn of_callee(form: &NumberForm, callee: &Callee, country: Country) -> String {
    let e164 = format!("+{}", callee.e164);
    let base = match form.base {
        NumberBase::PlusE164 => e164,
        NumberBase::E164 => callee.e164.to_string(),
        NumberBase::National => national(&e164, form.country.unwrap_or(country)),
        NumberBase::AsSent => as_sent(callee),
    };
    with_prefix(form, base)
}

/// The caller's number as the trunk wants it, which is in `country` unless it says another. What is no number of a country stays as it is.
pub(crate) fn of_caller(form: &NumberForm, caller: &CallerNumber, country: Country) -> String {
    let (given, country) = (caller.as_str(), form.country.unwrap_or(country));
    let known = match form.base {
        NumberBase::AsSent => None,
        _ => PhoneNumber::parse(given, country).ok(),
    };
    let base = known.map_or_else(
        || given.to_owned(),
        |number| match form.base {
            NumberBase::PlusE164 => number.e164_text(),
            NumberBase::E164 => number.e164().to_string(),
            NumberBase::National => number.dialed_from(country).unwrap_or_else(|_| number.national()),
            NumberBase::AsSent => given.to_owned(),
        },
    );
    with_prefix(form, base)
}

/// What no plan knows stays in the form that every carrier understands.
fn national(e164: &str, country: Country) -> String {
    let dialed = PhoneNumber::parse(e164, country).and_then(|number| number.dialed_from(country));
    dialed.unwrap_or_else(|_| e164.to_owned())
}

/// The digits that were sent, without what tells entries of one number apart and without an extension, which is sent after the answer.
fn as_sent(callee: &Callee) -> String {
    let number = callee.phone.split('_').next().unwrap_or_default();
    let digits: String = number.chars().filter_map(digit).collect();
    let plus = if number.trim_start().starts_with(['+', '＋']) { "+" } else { "" };
    let digits = digits.strip_suffix(callee.extension.as_str()).unwrap_or(&digits);
    format!("{plus}{digits}")
}

fn digit(character: char) -> Option<char> {
    let narrow = match character {
        '０'..='９' => char::from_u32(u32::from(character) - u32::from('０') + u32::from('0'))?,
        other => other,
    };
    narrow.is_ascii_digit().then_some(narrow)
}

fn with_prefix(form: &NumberForm, number: String) -> String {
    let strip = form.strip.as_ref().map_or("", DialDigits::as_str);
    let rest = number.strip_prefix(strip).map(str::to_owned).unwrap_or(number);
    let prefix = form.prefix.as_ref().map_or("", DialDigits::as_str);
    format!("{prefix}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callee(e164: i64, phone: &str, extension: &str) -> Callee {
        Callee { e164, phone: phone.to_owned(), extension: extension.to_owned() }
    }

    fn form(base: NumberBase, strip: &str, prefix: &str) -> NumberForm {
        let digits = |text: &str| DialDigits::parse(text).ok();
        NumberForm { base, strip: digits(strip), prefix: digits(prefix), ..NumberForm::default() }
    }

    #[test]
    fn a_callee_is_written_as_the_line_says() {
        use NumberBase::{AsSent, E164, National, PlusE164};
        let mobile = callee(8_613_800_001_234, "138-0000 1234", "");
        let fixed = callee(862_161_234_567, "021-61234567转801", "801");
        let american = callee(12_025_550_123, "+1 202 555 0123_a1", "");
        for (base, strip, prefix, callee, expected) in [
            (PlusE164, "", "", &mobile, "+8613800001234"),
            (E164, "", "", &mobile, "8613800001234"),
            (National, "", "", &mobile, "13800001234"),
            (National, "", "", &fixed, "02161234567"),
            (National, "", "", &american, "0012025550123"),
            (National, "", "9", &american, "90012025550123"),
            (AsSent, "", "", &mobile, "13800001234"),
            (AsSent, "", "", &fixed, "02161234567"),
            (AsSent, "", "", &american, "+12025550123"),
            (E164, "86", "9", &mobile, "913800001234"),
            (PlusE164, "+86", "", &mobile, "13800001234"),
            (E164, "1", "00", &mobile, "008613800001234"),
        ] {
            let written = of_callee(&form(base, strip, prefix), callee, Country::CHINA);
            assert_eq!(written, expected, "{base:?} {strip} {prefix}");
        }
    }

    #[test]
    fn a_national_number_is_dialed_from_where_the_line_is() {
        let american = Country::parse("US").unwrap();
        let of_line = |country| NumberForm { country, ..form(NumberBase::National, "", "") };
        for (e164, at_home, in_america) in [
            (8_613_800_001_234, "13800001234", "0118613800001234"),
            (12_025_550_123, "0012025550123", "2025550123"),
            (447_911_123_456, "00447911123456", "011447911123456"),
            (85_291_234_567, "0085291234567", "01185291234567"),
        ] {
            let called = callee(e164, "", "");
            assert_eq!(of_callee(&of_line(None), &called, Country::CHINA), at_home);
            assert_eq!(of_callee(&of_line(Some(american)), &called, Country::CHINA), in_america);
        }
        let caller = CallerNumber::parse("+12025550123").unwrap();
        assert_eq!(of_caller(&of_line(Some(american)), &caller, Country::CHINA), "2025550123");
    }

    #[test]
    fn a_caller_that_is_no_number_stays_as_it_is() {
        let written = |base, text: &str| {
            of_caller(&form(base, "", ""), &CallerNumber::parse(text).unwrap(), Country::CHINA)
        };
        assert_eq!(written(NumberBase::PlusE164, "02161234567"), "+862161234567");
        assert_eq!(written(NumberBase::National, "+862161234567"), "02161234567");
        assert_eq!(written(NumberBase::AsSent, "+862161234567"), "+862161234567");
        assert_eq!(written(NumberBase::PlusE164, "sales"), "sales");
    }
}
