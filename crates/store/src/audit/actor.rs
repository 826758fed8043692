//! Who makes changes.

use std::fmt;

use domain::TokenId;

/// What stands before the id of a token.
pub(super) const TOKEN: &str = "token ";

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A program that holds this token.
    Token(TokenId),
    /// The operator at the command line.
    CommandLine,
    /// The task's own policy of resuming only when asked.
    ResumePolicy,
    /// The task's own policy of being paused at the end of its list.
    EndOfList,
    /// The address that a holiday calendar follows.
    CalendarFeed,
}

impl Actor {
    /// The actors that are no token.
    const OTHERS: [Self; 4] = [Self::CommandLine, Self::ResumePolicy, Self::EndOfList, Self::CalendarFeed];

    /// Reads what [`Display`](fmt::Display) writes, which is how an actor is stored. `None` for anything else.
    ///
    /// ```
    /// use store::audit::Actor;
    ///
    /// assert_eq!(Actor::parse("command line"), Some(Actor::CommandLine));
    /// assert_eq!(Actor::parse("nobody"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(TOKEN) {
            Some(id) => id.parse().ok().map(|id| Self::Token(TokenId::new(id))),
            None => Self::OTHERS.into_iter().find(|actor| actor.to_string() == text),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(formatter, "{TOKEN}{id}"),
            Self::CommandLine => formatter.write_str("command line"),
            Self::ResumePolicy => formatter.write_str("resume policy"),
            Self::EndOfList => formatter.write_str("end of list"),
            Self::CalendarFeed => formatter.write_str("calendar feed"),
        }
    }
}
