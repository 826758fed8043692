//! How a carrier wants numbers to be written.

use phone::Country;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{FaultRule, LineRule};

/// What a number is written as before anything is taken off or put before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberBase {
    /// `+8613800001234`
    #[default]
    PlusE164,
    /// `8613800001234`
    E164,
    /// As it is dialed in the line's country: `13800001234`, `02161234567`; those of other countries after its international prefix:
    /// `00447911123456`.
    National,
    /// As it was sent.
    AsSent,
}

/// How a carrier wants a number: written so, then a beginning taken off, then another put before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberForm {
    /// What it is written as first.
    pub base: NumberBase,
    /// What is taken off the beginning, where it begins so.
    pub strip: Option<DialDigits>,
    /// What is put before it then.
    pub prefix: Option<DialDigits>,
    /// The area of the line, such as `021`: mobiles of another area get a leading 0.
    pub areacode: Option<DialDigits>,
    /// Where the line is, for what is dialed as `National`; `None`: where the server is.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_country",
        deserialize_with = "read_country"
    )]
    pub country: Option<Country>,
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn write_country<S: Serializer>(country: &Option<Country>, serializer: S) -> Result<S::Ok, S::Error> {
    country.as_ref().map(Country::as_str).serialize(serializer)
}

fn read_country<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<Country>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Country::parse(&text).map_err(serde::de::Error::custom)).transpose()
}

/// 1 to 20 digits, perhaps with a `+` before them; for prefixes of trunks also `*` and `#`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DialDigits(String);

impl DialDigits {
    /// Reads what may stand before a number.
    ///
    /// # Errors
    /// [`LineRule::Digits`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let after_plus = text.strip_prefix('+').unwrap_or(text);
        let is_good = |byte: u8| byte.is_ascii_digit() || b"*#".contains(&byte);
        Self::of(text, after_plus.bytes().all(is_good))
    }

    /// Reads the beginning of E.164 numbers, whose `+` is left out.
    ///
    /// # Errors
    /// [`LineRule::Digits`].
    pub fn parse_prefix(text: &str) -> Result<Self, FaultRule> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        Self::of(digits, digits.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn of(text: &str, is_good: bool) -> Result<Self, FaultRule> {
        if is_good && (1..=20).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FaultRule::Line(LineRule::Digits))
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_digits_and_a_prefix_loses_its_plus() {
        for good in ["0", "+86", "*67", "9#", "021"] {
            assert_eq!(DialDigits::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "0 21", "abc", "１", "0+1", &"1".repeat(21)] {
            assert!(DialDigits::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(DialDigits::parse_prefix("+86").unwrap().as_str(), "86");
        for bad in ["", "+", "++86", "*1", "8 6"] {
            assert!(DialDigits::parse_prefix(bad).is_err(), "{bad}");
        }
    }
}
