//! What a text says before any numbering plan is asked: its digits, an extension, a suffix.

use crate::Refusal;

/// The most characters of a text that can be a number with its extension and its suffix.
const LONGEST: usize = 64;
/// The most digits of an extension.
const LONGEST_EXTENSION: usize = 8;
/// The most characters of a suffix.
const LONGEST_SUFFIX: usize = 32;

/// Words and signs between a number and its extension; longer ones first.
const EXTENSION_MARKS: [&str; 8] = ["extension", "ext", "分机", "分機", "转", "轉", "x", "#"];

/// Stands for all of them.
const MARK: char = ',';

/// A number as it is written.
pub(crate) struct Written {
    /// Digits, a `+` at the beginning, and the dashes that were between them.
    number: String,
    /// What follows a mark of an extension.
    pub(crate) extension: Option<String>,
    /// What follows `_`: it tells entries of one number apart and is never dialed.
    pub(crate) suffix: String,
}

impl Written {
    pub(crate) fn of(text: &str) -> Result<Self, Refusal> {
        if !text.chars().any(is_digit) {
            let says_nothing = text.chars().all(is_unseen);
            return Err(if says_nothing { Refusal::Empty } else { Refusal::NoNumber });
        }
        if text.chars().count() > LONGEST {
            return Err(Refusal::TooLong);
        }
        let (text, suffix) = without_suffix(text)?;
        let plain = plain(text)?;
        let (number, extension) = match plain.split_once(MARK) {
            Some((number, extension)) => (number, Some(extension)),
            None => (plain.as_str(), None),
        };
        if !number.contains(is_digit) {
            return Err(Refusal::NoNumber);
        }
        let extension = extension.map(checked_extension).transpose()?;
        if number.trim_start_matches('+').contains('+') {
            return Err(Refusal::Letters);
        }
        Ok(Self { number: number.to_owned(), extension, suffix })
    }

    /// The number without dashes.
    pub(crate) fn digits(&self) -> String {
        without_dashes(&self.number)
    }

    /// The number up to its last dash, and the digits after it, which may be an extension.
    pub(crate) fn at_last_dash(&self) -> Option<(String, &str)> {
        let (number, extension) = self.number.rsplit_once('-')?;
        let fits = (1..=LONGEST_EXTENSION).contains(&extension.len());
        fits.then(|| (without_dashes(number), extension))
    }
}

fn without_dashes(text: &str) -> String {
    text.chars().filter(|character| *character != '-').collect()
}

/// Takes the suffix off the end, as `_a1b2`; one that got another after it is `_a1b2_k3v9`.
fn without_suffix(text: &str) -> Result<(&str, String), Refusal> {
    let Some((number, suffix)) = text.split_once(['_', '＿']) else { return Ok((text, String::new())) };
    let suffix = suffix.trim_end();
    let is_good = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !suffix.split('_').all(is_good) {
        return Err(Refusal::Letters);
    }
    if suffix.len() > LONGEST_SUFFIX {
        return Err(Refusal::TooLong);
    }
    Ok((number, suffix.to_owned()))
}

fn checked_extension(text: &str) -> Result<String, Refusal> {
    let digits = without_dashes(text);
    let good = digits.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=LONGEST_EXTENSION).contains(&digits.len());
    if good && fits { Ok(digits) } else { Err(Refusal::Extension) }
}

/// Digits, `+`, dashes, and [`MARK`]; without blanks, brackets, points, and what cannot be seen.
fn plain(text: &str) -> Result<String, Refusal> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    // Spreadsheets write text that looks like a number after an apostrophe, and numbers with a point and a zero.
    let text = text.trim_start().trim_start_matches('\'').trim();
    let whole = text.strip_suffix(".0").filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()));
    let text = whole.unwrap_or(text);
    let mut marked = text.to_lowercase();
    if let Some(number) = marked.strip_prefix("tel:") {
        marked = number.to_owned();
    }
    for mark in EXTENSION_MARKS {
        if marked.contains(mark) {
            marked = marked.replace(mark, ",");
        }
    }
    let mut plain = String::with_capacity(marked.len());
    for character in marked.chars() {
        if let Some(character) = meaning(character)? {
            // `ext.` and `转，` are one mark.
            if character != MARK || !plain.ends_with(MARK) {
                plain.push(character);
            }
        }
    }
    Ok(plain)
}

const fn is_digit(character: char) -> bool {
    matches!(character, '0'..='9' | '０'..='９')
}

/// Blanks, and what is copied with numbers from address books: characters that have no width, or turn text around.
fn is_unseen(character: char) -> bool {
    let has_no_width = matches!(
        character,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
    );
    has_no_width || character.is_whitespace()
}

/// What a character stands for; `None`: nothing.
fn meaning(character: char) -> Result<Option<char>, Refusal> {
    match character {
        '0'..='9' | '+' => Ok(Some(character)),
        '０'..='９' => Ok(char::from_digit(u32::from(character) - u32::from('０'), 10)),
        '＋' => Ok(Some('+')),
        '-' | '\u{2010}'..='\u{2015}' | '−' | '－' | 'ー' | '﹣' => Ok(Some('-')),
        ',' | '，' | ';' | '；' | '＃' | 'ｘ' => Ok(Some(MARK)),
        '(' | ')' | '（' | '）' | '[' | ']' | '.' | '·' | '．' => Ok(None),
        unseen if is_unseen(unseen) => Ok(None),
        _ => Err(Refusal::Letters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(String, Option<String>, String), Refusal> {
        Written::of(text).map(|written| (written.digits(), written.extension, written.suffix))
    }

    #[test]
    fn digits_extension_and_suffix_are_told_apart() {
        for (text, digits, extension, suffix) in [
            ("13800138000", "13800138000", None, ""),
            (" （021）6123－4567 ", "02161234567", None, ""),
            ("＋８６ １３８００１３８０００", "+8613800138000", None, ""),
            ("02161234567 Ext. 801", "02161234567", Some("801"), ""),
            ("02161234567分机 801_ab1", "02161234567", Some("801"), "ab1"),
            ("13800138000_mine_k3v9ab ", "13800138000", None, "mine_k3v9ab"),
            ("tel:+1-212-555-0123;x45", "+12125550123", Some("45"), ""),
            ("\u{202D}13800138000\u{202C}", "13800138000", None, ""),
            ("'13800138000", "13800138000", None, ""),
            ("13800138000.0", "13800138000", None, ""),
        ] {
            let expected = (digits.to_owned(), extension.map(str::to_owned), suffix.to_owned());
            assert_eq!(parts(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for (text, refusal) in [
            ("", Refusal::Empty),
            (" \u{3000}\u{200B}", Refusal::Empty),
            ("转801", Refusal::NoNumber),
            ("x801", Refusal::NoNumber),
            ("xx", Refusal::NoNumber),
            ("x-1", Refusal::NoNumber),
            ("abc", Refusal::NoNumber),
            ("无", Refusal::NoNumber),
            ("N/A", Refusal::NoNumber),
            ("+", Refusal::NoNumber),
            ("-", Refusal::NoNumber),
            ("()", Refusal::NoNumber),
            ("'", Refusal::NoNumber),
            ("tel:", Refusal::NoNumber),
            ("_a1", Refusal::NoNumber),
            ("+_1", Refusal::NoNumber),
            ("1380013800O", Refusal::Letters),
            ("138/139", Refusal::Letters),
            ("1+2", Refusal::Letters),
            ("1.38E+10", Refusal::Letters),
            ("13800138000_", Refusal::Letters),
            ("13800138000_a b", Refusal::Letters),
            ("13800138000__a", Refusal::Letters),
            ("13800138000_a_", Refusal::Letters),
            ("13800138000_abcdefghijklmnopqrstuvwxyz0123456", Refusal::TooLong),
            ("13800138000转", Refusal::Extension),
            ("13800138000,13900139000", Refusal::Extension),
        ] {
            assert_eq!(parts(text), Err(refusal), "{text}");
        }
        assert_eq!(parts(&"1".repeat(65)), Err(Refusal::TooLong));
        assert_eq!(parts(&"x".repeat(65)), Err(Refusal::NoNumber));
    }
}
