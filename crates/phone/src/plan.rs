//! The numbering plans. This is the only place that names the crate that has them.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat, PhoneNumberType, Region,
    ValidationError, get_national_significant_number_owned,
};

use crate::Refusal;

/// What the plans say of a number.
pub(crate) struct Entry {
    pub(crate) calling_code: u16,
    /// The digits after the calling code, with zeros that belong to them, as in Italy.
    pub(crate) national: String,
    /// Whose it is, where the data has it: of the countries that share a calling code.
    pub(crate) region: Option<[u8; 2]>,
    pub(crate) kind: PhoneNumberType,
    pub(crate) is_in_plan: bool,
    /// Whether any number of the country has as many digits.
    pub(crate) length: Result<(), Refusal>,
}

/// Whether there is a plan for a country.
pub(crate) fn has(country: &str) -> bool {
    let region = Region::from_code(country).ok();
    region.and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region)).is_some()
}

/// Looks up digits, with a `+` before them or as they are dialed in a country.
pub(crate) fn look_up(digits: &str, country: &str) -> Result<Entry, Refusal> {
    let region = Region::from_code(country).map_err(|_| Refusal::UnknownCountry)?;
    let number = PHONE_NUMBER_UTIL.parse(digits, Some(region)).map_err(|error| refusal(&error))?;
    let is_in_plan = PHONE_NUMBER_UTIL.is_valid_number(&number);
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number).filter(|_| is_in_plan);
    Ok(Entry {
        calling_code: u16::try_from(number.country_code).map_err(|_| Refusal::UnknownCountry)?,
        national: get_national_significant_number_owned(&number),
        region: region.and_then(|region| region.as_region_str().as_bytes().try_into().ok()),
        kind: PHONE_NUMBER_UTIL.get_number_type(&number),
        is_in_plan,
        length: length(PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number)),
    })
}

/// The digits that are dialed for a number inside its own country.
pub(crate) fn national(e164: i64) -> String {
    let Ok(number) = PHONE_NUMBER_UTIL.parse(format!("+{e164}"), None) else { return e164.to_string() };
    let national = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National);
    national.chars().filter(char::is_ascii_digit).collect()
}

/// The digits that are dialed for a number from a country, which may be another: then its international prefix comes first.
pub(crate) fn dialed_from(e164: i64, country: &str) -> Result<String, Refusal> {
    let region = Region::from_code(country).map_err(|_| Refusal::UnknownCountry)?;
    let number = PHONE_NUMBER_UTIL.parse(format!("+{e164}"), None).map_err(|error| refusal(&error))?;
    if PHONE_NUMBER_UTIL.get_country_code_for_region(region) == Some(number.country_code) {
        return Ok(national(e164));
    }
    let prefixed = PHONE_NUMBER_UTIL.format_out_of_country_calling_number(&number, region);
    Ok(prefixed.chars().filter(char::is_ascii_digit).collect())
}

const fn refusal(error: &ParseError) -> Refusal {
    match error {
        ParseError::InvalidCountryCode => Refusal::UnknownCountry,
        ParseError::TooLongNsn => Refusal::TooLong,
        ParseError::NotANumber(_) | ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
            Refusal::TooShort
        }
    }
}

fn length(checked: Result<NumberLengthType, ValidationError>) -> Result<(), Refusal> {
    match checked {
        Ok(NumberLengthType::IsPossible) => Ok(()),
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => Err(Refusal::TooShort),
        Err(ValidationError::TooLong) => Err(Refusal::TooLong),
        Err(ValidationError::InvalidLength) => Err(Refusal::NotPossible),
        Err(ValidationError::InvalidCountryCode) => Err(Refusal::UnknownCountry),
    }
}
