//! A country, as numbers are told apart by: one that has a numbering plan.

use std::fmt;

use crate::{Refusal, plan};

/// A country or region with a numbering plan, by its two letters (ISO 3166-1), such as `CN`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// China.
    pub const CHINA: Self = Self(*b"CN");

    /// Takes two letters of either case.
    ///
    /// # Errors
    /// [`Refusal::UnknownCountry`] when they name none that has a numbering plan.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let letters: [u8; 2] = text.as_bytes().try_into().map_err(|_| Refusal::UnknownCountry)?;
        let country = Self(letters.map(|letter| letter.to_ascii_uppercase()));
        if plan::has(country.as_str()) { Ok(country) } else { Err(Refusal::UnknownCountry) }
    }

    /// The one that a plan names so.
    pub(crate) const fn of_plan(letters: [u8; 2]) -> Self {
        Self(letters)
    }

    /// Its two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters_with_a_numbering_plan() {
        assert_eq!(Country::parse("cn"), Ok(Country::CHINA));
        assert_eq!(Country::parse("HK").unwrap().as_str(), "HK");
        for bad in ["", "C", "CHN", "ZZ", "86", "中"] {
            assert_eq!(Country::parse(bad), Err(Refusal::UnknownCountry), "{bad}");
        }
    }
}
