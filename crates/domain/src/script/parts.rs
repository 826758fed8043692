//! The parts of steps: texts and numbers that are checked when they are made, so that no step holds a bad one.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{FaultRule, ScriptRule, legible_within};

/// The most characters of a step's label.
pub const LABEL_CHARACTERS: usize = 32;

/// The most characters of a bot's address.
pub const LONGEST_BOT_URL: usize = 2_000;
/// The longest secret of a bot, in characters.
pub const LONGEST_BOT_SECRET: usize = 256;
const LONGEST_EXTENSION: usize = 32;
const LONGEST_SIP_TARGET: usize = 255;

/// The most keys that one pattern of digits has, and that are gathered at once.
pub const MOST_DIGITS: i64 = 20;

macro_rules! checked_text {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).map_err(|rule| format!("{rule:?}: {text}"))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

checked_text! {
    /// What a step is called, for other steps to go to: 1 to [`LABEL_CHARACTERS`] of a-z, 0-9, `_` and `-`.
    StepLabel
}
checked_text! {
    /// The keys that a callee presses: 1 to [`MOST_DIGITS`] of 0-9, `*` and `#`.
    DigitPattern
}
checked_text! {
    /// The address of a bot: `ws` or `wss`, without user name, password and fragment.
    BotUrl
}
checked_text! {
    /// Who a call is transferred to over a line, as the line's switch knows it: 1 to 32 letters, digits and `*#+._-`.
    TransferExtension
}
checked_text! {
    /// Who a call is transferred to: `sip:` or `sips:`, a name, `@` and a host, at most 255 characters.
    TransferAddress
}

impl StepLabel {
    /// Checks a label.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let fits = (1..=LABEL_CHARACTERS).contains(&text.len()) && text.bytes().all(is_good);
        if fits { Ok(Self(text.to_owned())) } else { Err(FaultRule::Script(ScriptRule::Label)) }
    }
}

impl DigitPattern {
    /// Checks keys.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_digit() || b"*#".contains(&byte);
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let fits = (1..=MOST_DIGITS).contains(&length) && text.bytes().all(is_good);
        if fits { Ok(Self(text.to_owned())) } else { Err(FaultRule::Script(ScriptRule::Digits)) }
    }
}

impl BotUrl {
    /// Checks an address.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.chars().count() > LONGEST_BOT_URL {
            return Err(FaultRule::TooLong(LONGEST_BOT_URL));
        }
        let url = Url::parse(text).map_err(|_| FaultRule::Script(ScriptRule::WebSocketUrl))?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let known = ["ws", "wss"].contains(&url.scheme()) && url.host().is_some();
        if plain && known { Ok(Self(url.into())) } else { Err(FaultRule::Script(ScriptRule::WebSocketUrl)) }
    }
}

impl TransferExtension {
    /// Checks an extension.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"*#+._-".contains(&byte);
        let fits = (1..=LONGEST_EXTENSION).contains(&text.len()) && text.bytes().all(is_good);
        if fits { Ok(Self(text.to_owned())) } else { Err(FaultRule::Script(ScriptRule::Extension)) }
    }
}

impl TransferAddress {
    /// Checks an address.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let rest = text.strip_prefix("sips:").or_else(|| text.strip_prefix("sip:"));
        let parts = rest.and_then(|rest| rest.split_once('@'));
        // No character by which a header of a SIP message could end or begin.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"*#+._~!$&'()=-".contains(&byte);
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        let fits = parts.is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && name.bytes().all(is_name) && host.bytes().all(is_host)
        });
        if fits && text.len() <= LONGEST_SIP_TARGET {
            Ok(Self(text.to_owned()))
        } else {
            Err(FaultRule::Script(ScriptRule::SipAddress))
        }
    }
}

/// What proves to a bot who calls it; nobody reads it back. 1 to 256 characters that can be seen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BotSecret(String);

impl BotSecret {
    /// Checks a secret.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        if text.is_empty() {
            return Err(FaultRule::Empty);
        }
        legible_within(text, LONGEST_BOT_SECRET).map(|()| Self(text.to_owned()))
    }

    /// The secret, for the bot alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for BotSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BotSecret")
    }
}

/// A whole number within bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Bounded<const LEAST: i64, const MOST: i64>(i64);

impl<const LEAST: i64, const MOST: i64> Bounded<LEAST, MOST> {
    /// Checks a number.
    ///
    /// # Errors
    /// [`FaultRule::OutOfRange`].
    pub fn new(number: i64) -> Result<Self, FaultRule> {
        if (LEAST..=MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(FaultRule::OutOfRange(LEAST, MOST))
        }
    }

    /// What holds where nobody says: a number that the code names. One that is out of bounds is brought within them.
    #[must_use]
    pub const fn or(number: i64) -> Self {
        if number < LEAST {
            Self(LEAST)
        } else if number > MOST {
            Self(MOST)
        } else {
            Self(number)
        }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const LEAST: i64, const MOST: i64> TryFrom<i64> for Bounded<LEAST, MOST> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        Self::new(number).map_err(|rule| format!("{rule:?}: {number}"))
    }
}

impl<const LEAST: i64, const MOST: i64> From<Bounded<LEAST, MOST>> for i64 {
    fn from(number: Bounded<LEAST, MOST>) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_digits_are_short_and_plain() {
        for good in ["a", "menu-2", "no_input", &"x".repeat(32)] {
            assert!(StepLabel::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Menu", "a b", "菜单", &"x".repeat(33)] {
            assert!(StepLabel::parse(bad).is_err(), "{bad}");
        }
        for good in ["1", "*9#", &"0".repeat(20)] {
            assert!(DigitPattern::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "１", &"0".repeat(21)] {
            assert!(DigitPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bots_are_called_over_web_sockets_alone() {
        for good in ["ws://127.0.0.1:8765/ws", "wss://bot.example.com/media?x=1", "wss://[::1]/"] {
            assert!(BotUrl::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "https://bot.example.com", "wss://", "wss://a:b@bot.example.com", "wss://bot.example.com/#x"]
        {
            assert!(BotUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_that_ends_a_line_goes_into_an_address() {
        for good in ["sip:1001@pbx.example.com", "sips:+8613800000000@10.0.0.1:5061", "sip:a@[::1]"] {
            assert!(TransferAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "1001@pbx",
            "sip:@pbx",
            "sip:a@",
            "sip:a@b\r\nX: y",
            "sip:a b@c",
            "sip:a@b;transport=tcp",
            "tel:1001",
        ] {
            assert!(TransferAddress::parse(bad).is_err(), "{bad}");
        }
        for good in ["1001", "*72", "sales.desk"] {
            assert!(TransferExtension::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1001@pbx", "10 01", "1001\r\n", &"1".repeat(33)] {
            assert!(TransferExtension::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = BotSecret::parse("s3cret").unwrap();
        assert_eq!((format!("{secret:?}").as_str(), secret.expose()), ("BotSecret", "s3cret"));
        assert_eq!(BotSecret::parse(""), Err(FaultRule::Empty));
        assert!(BotSecret::parse("a\nb").is_err());
    }

    #[test]
    fn what_is_stored_is_checked_when_it_is_read() {
        assert!(serde_json::from_str::<StepLabel>("\"A\"").is_err());
        assert!(serde_json::from_str::<Bounded<1, 3>>("4").is_err());
        assert_eq!(serde_json::from_str::<Bounded<1, 3>>("3").unwrap().get(), 3);
        assert_eq!(
            [Bounded::<1, 3>::or(0).get(), Bounded::<1, 3>::or(2).get(), Bounded::<1, 3>::or(9).get()],
            [1, 2, 3]
        );
    }
}
