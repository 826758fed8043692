//! Why a text is not taken as a number to call.

/// Why a text is not taken as a number to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// There is nothing, or nothing that can be seen.
    #[error("is empty")]
    Empty,
    /// It holds no digit where the number should be.
    #[error("is no telephone number")]
    NoNumber,
    /// It holds a letter, or another character that no telephone number has.
    #[error("holds a character that no telephone number has")]
    Letters,
    /// What follows the number is no extension of 1 to 8 digits; or there are two numbers.
    #[error("has an extension that is not 1 to 8 digits")]
    Extension,
    /// It has fewer digits than any number of its country, or lacks the area code.
    #[error("is too short, or lacks the area code")]
    TooShort,
    /// It has more digits than any number of its country.
    #[error("is too long")]
    TooLong,
    /// No number of its country has this form.
    #[error("is not a possible number of its country")]
    NotPossible,
    /// An emergency number, such as 110 or 911.
    #[error("is an emergency number")]
    Emergency,
    /// A number that is no callee's: short service numbers (10086, 95588), freephone and shared cost (400, 800), voice mail.
    #[error("is a service number")]
    Service,
    /// A call to it costs more than others, by its plan.
    #[error("is a premium-rate number")]
    Premium,
    /// A satellite telephone's.
    #[error("is a satellite number")]
    Satellite,
    /// No country has its calling code; or the default country is none.
    #[error("is of no known country")]
    UnknownCountry,
}

impl Refusal {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::NoNumber,
        Self::Letters,
        Self::Extension,
        Self::TooShort,
        Self::TooLong,
        Self::NotPossible,
        Self::Emergency,
        Self::Service,
        Self::Premium,
        Self::Satellite,
        Self::UnknownCountry,
    ];

    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoNumber => "no_number",
            Self::Letters => "letters",
            Self::Extension => "extension",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::NotPossible => "not_possible",
            Self::Emergency => "emergency",
            Self::Service => "service",
            Self::Premium => "premium",
            Self::Satellite => "satellite",
            Self::UnknownCountry => "unknown_country",
        }
    }
}
