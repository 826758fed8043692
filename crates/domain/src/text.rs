//! Short texts with rules: names, e-mail addresses, phone numbers.

use serde::{Deserialize, Serialize};

use crate::FaultRule;

/// The most characters (Unicode scalar values) a name may have.
pub const NAME_CHARACTERS: usize = 64;
const EMAIL_CHARACTERS: usize = 254;
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=20;

/// The name of a group, a task, an account, a partner or a token: 1 to 64 characters, not blank, without control
/// characters, kept as given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        plain_text(text, NAME_CHARACTERS)?;
        Ok(Self(text.to_owned()))
    }

    /// The name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address in lower case: one `@` with something on both sides, no spaces, at most 254 characters.
/// Whether it exists only a message to it can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Checks an address and puts it in lower case.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
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
