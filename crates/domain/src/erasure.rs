//! Erasure of one number from all that is stored of an account.

use phone::{Country, PhoneNumber};
use serde::{Deserialize, Serialize};

use crate::{ImportRow, RowRefusal};

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

/// A number that was erased while files were imported, which leave it out from then on. Its `Debug` form shows no digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedNumber {
    e164: i64,
    national: String,
}

impl From<&NumberToErase> for ErasedNumber {
    fn from(number: &NumberToErase) -> Self {
        Self { e164: number.e164, national: number.national.clone() }
    }
}

impl ErasedNumber {
    /// A row as it may be kept: one of this number is refused, and a text that has it in it, whatever stands between the digits, is taken away.
    pub fn left_out_of(&self, row: &ImportRow) -> Option<ImportRow> {
        let is_its = row.read.as_ref().is_ok_and(|number| number.phone.e164() == self.e164);
        if !is_its && !row.text.replace([' ', '-', '(', ')', '.'], "").contains(&self.national) {
            return None;
        }
        let read = if is_its { Err(RowRefusal::Erased) } else { row.read.clone() };
        Some(ImportRow { text: String::new(), read, ..*row })
    }
}

impl std::fmt::Debug for ErasedNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ErasedNumber")
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
    use crate::{FilePlace, NewNumber};

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
        assert_eq!(format!("{:?}", ErasedNumber::from(&number)), "ErasedNumber");
    }

    #[test]
    fn a_row_is_kept_without_an_erased_number() {
        let china = Country::parse("CN").unwrap();
        let phone = |text: &str| PhoneNumber::parse(text, china).unwrap();
        let erased = ErasedNumber::from(&NumberToErase::new(&phone("13800138000"), china));
        let row = |text: &str, read: Result<&str, RowRefusal>| ImportRow {
            line: 2,
            text: text.to_owned(),
            read: read.map(|text| NewNumber::new(phone(text))),
            next: FilePlace::default(),
        };
        let left_out = |row: &ImportRow| erased.left_out_of(row).map(|row| (row.text, row.read.err()));
        let refused = Some((String::new(), Some(RowRefusal::Erased)));
        assert_eq!(left_out(&row("+86 138-0013-8000,a", Ok("13800138000_a1"))), refused);
        // Where it is another's, only the text goes, which would be told where the row is refused.
        assert_eq!(
            left_out(&row("13900000000,138 0013 8000", Ok("13900000000"))),
            Some((String::new(), None))
        );
        let bad = row("13800138000,a,b", Err(RowRefusal::Columns));
        assert_eq!(left_out(&bad), Some((String::new(), Some(RowRefusal::Columns))));
        assert_eq!(left_out(&row("13900000000", Ok("13900000000"))), None);
    }
}
