//! How a line that registers stands with its registrar.

/// How a line that registers stands with its registrar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineRegistration {
    /// It is registered: calls can go over it.
    Registered,
    /// It is not, for this reason.
    Failed(RegistrationFailure),
}

/// Why a line is not registered: what the last registrar said that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationFailure {
    /// The code of SIP; `None`: there was no answer.
    pub code: Option<u16>,
    /// The phrase beside it, or why the registrar cannot be reached; empty: it said nothing.
    pub phrase: String,
}

impl LineRegistration {
    /// Whether calls can go over the line.
    pub const fn is_registered(&self) -> bool {
        matches!(self, Self::Registered)
    }

    /// Why it is not registered.
    pub const fn failure(&self) -> Option<&RegistrationFailure> {
        match self {
            Self::Registered => None,
            Self::Failed(failure) => Some(failure),
        }
    }
}
