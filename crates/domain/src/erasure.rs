//! Erasure of one number from all that is stored of an account.

use phone::{Country, PhoneNumber};

/// Where an entry of do-not-call comes from that is all that is left of a number.
pub const ERASED: &str = "erasure";

/// A number that is to be erased. Its `Debug` form shows no digits.
#[derive(Clone)]
pub struct NumberToErase {
    e164: i64,
    national: String,
    default_country: Country,
}

impl NumberToErase {
    /// The number, whatever extension and suffix it was given with; texts without a country are of `default_country`.
    pub fn new(number: &PhoneNumber, default_country: Country) -> Self {
        let digits = number.e164().to_string();
        let national = digits.get(number.calling_code().to_string().len()..).unwrap_or_default().to_owned();
        Self { e164: number.e164(), national, default_country }
    }

    /// The number as E.164 has it, without the plus.
    pub const fn e164(&self) -> i64 {
        self.e164
    }

    /// Its digits without the calling code: what every way to write it has in it.
    pub fn national(&self) -> &str {
        &self.national
    }

    /// Whether a text that was sent as a number is this one.
    pub fn is(&self, text: &str) -> bool {
        PhoneNumber::parse(text, self.default_country).is_ok_and(|number| number.e164() == self.e164)
    }
}

impl std::fmt::Debug for NumberToErase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NumberToErase")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_itself_however_it_was_sent() {
        let china = Country::parse("CN").unwrap();
        let number = NumberToErase::new(&PhoneNumber::parse("13800138000", china).unwrap(), china);
        assert_eq!((number.e164(), number.national()), (8_613_800_138_000, "13800138000"));
        for same in ["+86 138-0013-8000", "008613800138000", "13800138000_a1b2", "13800138000转8"] {
            assert!(number.is(same), "{same}");
        }
        assert!(!number.is("13800138001") && !number.is("客户"));
        assert_eq!(format!("{number:?}"), "NumberToErase");
    }
}
