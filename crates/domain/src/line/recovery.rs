//! How a line that was down comes back.

/// How far a line that is down has come on its way back, as a node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRecovery {
    /// It is left alone for a while.
    Pauses,
    /// It was asked whether it is there.
    IsAsked,
    /// One call may try it.
    MayBeTried,
    /// A call tries it.
    IsTried,
}

impl LineRecovery {
    /// As it is stored.
    pub const fn number(self) -> i64 {
        match self {
            Self::Pauses => 0,
            Self::IsAsked => 1,
            Self::MayBeTried => 2,
            Self::IsTried => 3,
        }
    }
}
