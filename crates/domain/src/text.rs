//! Short texts with rules: names, e-mail addresses, phone numbers, and which characters nobody can see.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FaultRule;

/// The most characters (Unicode scalar values) a name may have.
pub const NAME_CHARACTERS: usize = 64;
/// The most characters an e-mail address may have.
pub const EMAIL_CHARACTERS: usize = 254;
/// The longest remark on a task, a script or a redial rule, in characters.
pub const REMARK_CHARACTERS: usize = 1_000;
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=20;

/// A word of a closed list as records, events and figures have it, for people who read logs; empty for what is no word.
///
/// ```
/// assert_eq!(domain::written_word(&domain::OutcomeClass::LineFailure), "line_failure");
/// ```
pub fn written_word(word: &impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The name of a group, a task, an account, a partner or a token: 1 to 64 characters, not blank, stored as given. Two names
/// that look alike must not differ, and none may change how the text around it is read: so without control characters,
/// characters without width, bidirectional controls and line separators.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let name = Self::stored(text)?;
        if text.chars().all(is_blank) {
            return Err(FaultRule::Empty);
        }
        legible(text).map(|()| name)
    }

    /// Reads a name that is stored: one from before there was a rule for what cannot be seen.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn stored(text: &str) -> Result<Self, FaultRule> {
        plain_text(text, NAME_CHARACTERS)?;
        Ok(Self(text.to_owned()))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address in lower case: one `@` with something on both sides, no spaces, at most 254 characters.
/// Whether it exists is not known until a message reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Checks an address and puts it in lower case.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let email = Self::stored(text)?;
        legible(text).map(|()| email)
    }

    /// Reads an address that is stored: one from before there was a rule for what cannot be seen.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn stored(text: &str) -> Result<Self, FaultRule> {
        plain_text(text, EMAIL_CHARACTERS)?;
        let (local, host) = text.split_once('@').ok_or(FaultRule::Email)?;
        let plausible = !local.is_empty() && host.contains('.') && !host.contains('@');
        let edges = host.starts_with('.') || host.ends_with('.') || text.contains(char::is_whitespace);
        if !plausible || edges {
            return Err(FaultRule::Email);
        }
        Ok(Self(text.to_lowercase()))
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The phone number of an account's owner, for people to read: 5 to 20 digits, with an optional `+` before and
/// spaces or hyphens between them. Numbers to dial have a stricter type of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Checks a number and drops its spaces and hyphens.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let compact: String = text.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
        let digits = compact.strip_prefix('+').unwrap_or(&compact);
        if text.is_empty() {
            return Err(FaultRule::Empty);
        }
        if !PHONE_DIGITS.contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FaultRule::Phone);
        }
        Ok(Self(compact))
    }

    /// The number without spaces and hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn plain_text(text: &str, maximum: usize) -> Result<(), FaultRule> {
    if text.trim().is_empty() {
        return Err(FaultRule::Empty);
    }
    if text.chars().count() > maximum {
        return Err(FaultRule::TooLong(maximum));
    }
    if text.chars().any(char::is_control) {
        return Err(FaultRule::ControlCharacter);
    }
    Ok(())
}

/// Checks that a text holds no control characters, and nothing else that cannot be seen.
///
/// # Errors
/// [`FaultRule::ControlCharacter`], [`FaultRule::InvisibleCharacter`].
pub fn legible(text: &str) -> Result<(), FaultRule> {
    if text.chars().any(char::is_control) {
        return Err(FaultRule::ControlCharacter);
    }
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let joins = character == JOINER && before.is_some_and(is_pictograph);
        if is_invisible(character) && !(joins && characters.peek().copied().is_some_and(is_pictograph)) {
            return Err(FaultRule::InvisibleCharacter);
        }
        // What follows a pictograph to choose its form belongs to it.
        before = Some(character).filter(|_| !is_form(character)).or(before);
    }
    Ok(())
}

/// Checks a text that may be empty: at most so many characters, all [`legible`].
///
/// # Errors
/// [`FaultRule::TooLong`], or what [`legible`] says.
pub fn legible_within(text: &str, most: usize) -> Result<(), FaultRule> {
    if text.chars().count() > most {
        return Err(FaultRule::TooLong(most));
    }
    legible(text)
}

/// Makes one picture of two, such as a family's: a character without width that is needed there, and nowhere else.
const JOINER: char = '\u{200D}';

fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Chooses among the forms of the character before it: of a pictograph or of a Chinese character.
fn is_form(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_form(character) || character == '\u{2800}'
}

/// Unicode's line and paragraph separators, bidirectional controls, and what it calls "default ignorable", but for
/// [`is_form`].
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_64_characters_of_any_script_and_no_control_characters() {
        assert_eq!(Name::parse("周末拨打组").unwrap().as_str(), "周末拨打组");
        assert!(Name::parse(&"周".repeat(64)).is_ok());
        assert_eq!(Name::parse(&"周".repeat(65)), Err(FaultRule::TooLong(64)));
        assert_eq!(Name::parse(" \u{3000}"), Err(FaultRule::Empty));
        assert_eq!(Name::parse("a\u{7}b"), Err(FaultRule::ControlCharacter));
    }

    #[test]
    fn a_name_holds_nothing_that_cannot_be_seen_or_turns_the_text_around_it() {
        for invisible in [
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{2060}',
            '\u{FEFF}',
            '\u{AD}',
            '\u{180E}',
            '\u{200E}',
            '\u{200F}',
            '\u{61C}',
            '\u{202A}',
            '\u{202E}',
            '\u{2066}',
            '\u{2069}',
            '\u{2028}',
            '\u{2029}',
            '\u{E0041}',
            '\u{3164}',
        ] {
            for name in [format!("周{invisible}末"), format!("{invisible}a")] {
                assert_eq!(
                    Name::parse(&name),
                    Err(FaultRule::InvisibleCharacter),
                    "{}",
                    name.escape_unicode()
                );
            }
            assert!(Name::parse(&invisible.to_string()).is_err(), "{}", invisible.escape_unicode());
        }
        for name in [
            "👨\u{200D}👩\u{200D}👧",
            "❤\u{FE0F}\u{200D}🔥",
            "葛\u{E0100}飾区",
            "☎\u{FE0F} 周末",
            "مجموعة",
            "Año nuevo",
        ] {
            assert!(Name::parse(name).is_ok(), "{name}");
        }
        assert_eq!(Name::parse("👨\u{200D}"), Err(FaultRule::InvisibleCharacter));
        assert_eq!(Name::parse("\u{FE0F} \u{2800}"), Err(FaultRule::Empty));
        assert_eq!(Name::stored("a\u{200B}").unwrap().as_str(), "a\u{200B}");
        assert_eq!(Email::parse("a\u{200B}@example.com"), Err(FaultRule::InvisibleCharacter));
    }

    #[test]
    fn an_address_is_kept_in_lower_case_and_must_be_plausible() {
        assert_eq!(Email::parse("Ann@Example.COM").unwrap().as_str(), "ann@example.com");
        for bad in ["ann", "@example.com", "ann@", "ann@example", "a b@example.com", "a@b@c.d", "a@.b"] {
            assert_eq!(Email::parse(bad), Err(FaultRule::Email), "{bad}");
        }
    }

    #[test]
    fn a_phone_number_loses_its_spaces_and_hyphens() {
        assert_eq!(Phone::parse("+86 138-0000-0000").unwrap().as_str(), "+8613800000000");
        for bad in ["1234", "12a45", "++8613800000000", "123456789012345678901"] {
            assert_eq!(Phone::parse(bad), Err(FaultRule::Phone), "{bad}");
        }
    }
}
