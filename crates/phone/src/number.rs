//! A telephone number that may be called.

use std::fmt;

use rlibphonenumber::PhoneNumberType;

use crate::{
    Country, Refusal, china,
    plan::{self, Entry},
    short,
    written::Written,
};

/// What kind of number it is, as far as its plan tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberKind {
    /// A mobile's.
    Mobile,
    /// A fixed line's.
    FixedLine,
    /// Either: in North America the two look alike.
    FixedLineOrMobile,
    /// A telephone's on the Internet.
    Voip,
    /// The plan does not tell.
    Unknown,
}

impl NumberKind {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::FixedLine => "fixed_line",
            Self::FixedLineOrMobile => "fixed_line_or_mobile",
            Self::Voip => "voip",
            Self::Unknown => "unknown",
        }
    }
}

/// A telephone number that may be called, beside the text that it was read from.
///
/// It is one callee's, by its plan: never an emergency, service, premium-rate or satellite number. Two texts mean the same if
/// their [`e164`](Self::e164), [`extension`](Self::extension) and [`suffix`](Self::suffix) are equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    e164: i64,
    calling_code: u16,
    region: Option<Country>,
    kind: NumberKind,
    is_in_plan: bool,
    extension: String,
    suffix: String,
    text: String,
}

/// Whose numbers are that name no country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListCountries {
    /// In the list that they are read from.
    pub written_in: Country,
    /// Wherever what is shown of them is read later: the installation's own.
    pub shown_in: Country,
}

impl ListCountries {
    /// Of a list that says no other country than the installation's.
    pub const fn of(country: Country) -> Self {
        Self { written_in: country, shown_in: country }
    }
}

/// The most digits of a number, by E.164.
const E164_DIGITS: usize = 15;

/// China's calling code.
const CHINA: u16 = 86;

impl PhoneNumber {
    /// Reads a number as it is written for people: with or without its calling code (`+86`, `0086`, `86`), as dialed in
    /// `default_country`; with blanks, brackets, dashes, full-width digits; with an extension (`转801`, `-801`, `,801`, `x801`) and a
    /// suffix (`_a1b2`, `_a1b2_k3v9`).
    ///
    /// A number that the plan's data lacks is taken where its country has numbers of that length, see
    /// [`is_in_plan`](Self::is_in_plan).
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn parse(text: &str, default_country: Country) -> Result<Self, Refusal> {
        let written = Written::of(text)?;
        let (found, extension) = with_extension(&written, default_country)?;
        let digits = format!("{}{}", found.calling_code, found.national);
        if digits.len() > E164_DIGITS {
            return Err(Refusal::TooLong);
        }
        Ok(Self {
            e164: digits.parse().map_err(|_| Refusal::TooLong)?,
            calling_code: found.calling_code,
            region: found.region.map(Country::of_plan),
            kind: kind(&found),
            is_in_plan: found.is_in_plan,
            extension,
            suffix: written.suffix,
            text: text.to_owned(),
        })
    }

    /// Reads a number of a list whose numbers may be of another country than the installation's. Its [`text`](Self::text), which is
    /// stored and shown, is the very same number wherever it is read later: as it was written where that is so, else the
    /// [international form](Self::international).
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn parse_listed(text: &str, countries: ListCountries) -> Result<Self, Refusal> {
        let number = Self::parse(text, countries.written_in)?;
        let is_alike = countries.written_in == countries.shown_in
            || Self::parse(text, countries.shown_in).is_ok_and(|shown| shown.is_same(&number));
        Ok(if is_alike { number } else { Self { text: number.international(), ..number } })
    }

    /// Whether another is the same number, with the same extension and suffix, however each is written.
    fn is_same(&self, other: &Self) -> bool {
        (self.e164, &self.extension, &self.suffix) == (other.e164, &other.extension, &other.suffix)
    }

    /// The number in the form that is read alike whatever the default country, with its extension and suffix:
    /// `+862161234567x801_a1b2`.
    pub fn international(&self) -> String {
        let mut text = self.e164_text();
        for (mark, part) in [('x', &self.extension), ('_', &self.suffix)] {
            if !part.is_empty() {
                text.push(mark);
                text += part;
            }
        }
        text
    }

    /// The number as E.164 has it, calling code first, without the `+`: at most 15 digits.
    pub const fn e164(&self) -> i64 {
        self.e164
    }

    /// The number as E.164 has it, such as `+8613800138000`.
    pub fn e164_text(&self) -> String {
        format!("+{}", self.e164)
    }

    /// The number as it is dialed inside its own country, digits alone: `13800138000`, `02161234567`, `2025550123`.
    pub fn national(&self) -> String {
        plan::national(self.e164)
    }

    /// The number as it is dialed in a country, digits alone: one of that country as [`national`](Self::national) has it, another one after the
    /// country's international prefix, such as `00447911123456` from China and `011447911123456` from the United States.
    ///
    /// # Errors
    /// [`Refusal::UnknownCountry`]; never for a country that [`Country::parse`] has read.
    pub fn dialed_from(&self, country: Country) -> Result<String, Refusal> {
        plan::dialed_from(self.e164, country.as_str())
    }

    /// The calling code of its country, such as 86.
    pub const fn calling_code(&self) -> u16 {
        self.calling_code
    }

    /// Its country, where the data has it: of a number that is in no plan it is not known which of the countries that share a
    /// calling code it belongs to.
    pub const fn region(&self) -> Option<Country> {
        self.region
    }

    /// What kind of number it is.
    pub const fn kind(&self) -> NumberKind {
        self.kind
    }

    /// Whether the data of its country's plan has it. Ranges that were given out lately are missing there.
    pub const fn is_in_plan(&self) -> bool {
        self.is_in_plan
    }

    /// Digits to send after the answer; empty where there are none.
    pub fn extension(&self) -> &str {
        &self.extension
    }

    /// Letters and digits, perhaps with `_` between them, that tell entries of one number apart and are never dialed; empty where there are none.
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The text that it was read from, or what [`parse_listed`](Self::parse_listed) made of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number without its calling code, most digits covered: `138****8000`, `********23`.
    pub fn masked(&self) -> String {
        const LONG: usize = 11;
        let digits = self.e164.to_string();
        let national = digits.get(self.calling_code.to_string().len()..).unwrap_or_default();
        let (before, after) = if national.len() >= LONG { (3, 4) } else { (0, 2) };
        let covered =
            |(place, digit)| if place < before || place + after >= national.len() { digit } else { '*' };
        national.chars().enumerate().map(covered).collect()
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PhoneNumber(+{} {})", self.calling_code, self.masked())
    }
}

/// The number and its extension. After a dash there may be more of the number or an extension: it is the one with which the
/// number is in its plan.
fn with_extension(written: &Written, country: Country) -> Result<(Entry, String), Refusal> {
    let whole = find(&written.digits(), country);
    if let Some(extension) = &written.extension {
        return whole.map(|found| (found, extension.clone()));
    }
    let is_in_plan = |found: &Result<Entry, Refusal>| found.as_ref().is_ok_and(|found| found.is_in_plan);
    if !is_in_plan(&whole)
        && let Some((digits, extension)) = written.at_last_dash()
        && let Ok(found) = find(&digits, country)
        && found.is_in_plan
    {
        return Ok((found, extension.to_owned()));
    }
    whole.map(|found| (found, String::new()))
}

/// Looks up digits, and refuses what may not be called.
fn find(digits: &str, country: Country) -> Result<Entry, Refusal> {
    let dialed = plan::look_up(digits, country.as_str());
    // `00` before the calling code is understood wherever a number is written, also where another prefix is dialed.
    if let Some(rest) = digits.strip_prefix("00")
        && !dialed.as_ref().is_ok_and(|found| found.is_in_plan)
        && let Ok(found) = plan::look_up(&format!("+{rest}"), country.as_str())
        && found.length.is_ok()
    {
        return checked(found, digits);
    }
    dialed.and_then(|found| checked(found, digits))
}

fn checked(found: Entry, digits: &str) -> Result<Entry, Refusal> {
    let Entry { calling_code, national, length, is_in_plan, .. } = &found;
    let short = short::refusal(*calling_code, national).or_else(|| short::refusal(*calling_code, digits));
    if let Some(refusal) = short.or_else(|| of_no_country(*calling_code)).or_else(|| of_kind(found.kind)) {
        return Err(refusal);
    }
    if *calling_code == CHINA {
        china::check(national)?;
    }
    if !is_in_plan {
        (*length)?;
        // Zeros that belong to a number are known from plans alone: written in E.164, these would be read in another way.
        if national.starts_with('0') {
            return Err(Refusal::NotPossible);
        }
    }
    Ok(found)
}

/// Calling codes that are no country's.
const fn of_no_country(calling_code: u16) -> Option<Refusal> {
    match calling_code {
        870 | 881 | 882 | 883 => Some(Refusal::Satellite),
        800 | 808 => Some(Refusal::Service),
        878 | 979 => Some(Refusal::Premium),
        888 => Some(Refusal::UnknownCountry),
        _ => None,
    }
}

const fn of_kind(kind: PhoneNumberType) -> Option<Refusal> {
    match kind {
        // Personal numbers are forwarded at the caller's cost.
        PhoneNumberType::PremiumRate | PhoneNumberType::PersonalNumber => Some(Refusal::Premium),
        PhoneNumberType::TollFree
        | PhoneNumberType::SharedCost
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Pager => Some(Refusal::Service),
        _ => None,
    }
}

fn kind(found: &Entry) -> NumberKind {
    match found.kind {
        PhoneNumberType::Mobile => NumberKind::Mobile,
        PhoneNumberType::FixedLine => NumberKind::FixedLine,
        PhoneNumberType::FixedLineOrMobile => NumberKind::FixedLineOrMobile,
        PhoneNumberType::VoIP => NumberKind::Voip,
        _ if found.calling_code == CHINA && china::is_mobile(&found.national) => NumberKind::Mobile,
        _ => NumberKind::Unknown,
    }
}
