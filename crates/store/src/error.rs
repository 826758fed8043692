//! Why the store refuses what it is asked for: the kind of thing that it concerns, and what is wrong with it.

use crate::database::{DatabaseError, error::is_foreign_key_violation};

/// A store function's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the account's.
    #[error("no such {0}")]
    NotFound(Kind),
    /// Of several things that one edit names some are not there, or not the account's.
    #[error("no such {kind}: {}", ids.join(", "))]
    NotFoundAmong {
        /// Of this kind.
        kind: Kind,
        /// All that are not.
        ids: Vec<String>,
    },
    /// What a thing is to refer to is not there, or not the account's.
    #[error("no such {0} to refer to")]
    Unknown(Kind),
    /// What fields of a thing are to refer to is not there, or not the account's.
    #[error("no such {kind} to refer to: {}", fields.join(", "))]
    UnknownAt {
        /// Of this kind.
        kind: Kind,
        /// The fields.
        fields: Vec<String>,
    },
    /// It cannot go while others need it: tasks a group, a redial rule or a script; scripts a prompt; users, sub-users, groups and tasks an account or a partner; what lies below a ceiling its group.
    #[error("the {0} is in use")]
    InUse(Kind),
    /// Another thing has it, and only one may.
    #[error("{0}")]
    Taken(Unique),
    /// There are as many already as there may be.
    #[error("there are {most} {of} already")]
    Limit {
        /// Of what.
        of: Limited,
        /// How many there may be.
        most: usize,
    },
    /// It is disabled: nothing of an account is edited, and nothing is sent to a webhook.
    #[error("the {0} is disabled")]
    Disabled(Kind),
    /// It was there and is no longer stored.
    #[error("the {0} is no longer stored")]
    Expired(Kind),
    /// It is all that is left of what was erased, and stays until that is lifted.
    #[error("the {0} is all that is left of an erased number")]
    Erased(Kind),
    /// It has another version than the change was made for.
    #[error("the version of the {0} is not the expected one")]
    VersionMismatch(Kind),
    /// The database refused or failed, whatever it was asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Error {
    /// Refuses if any of several things of a kind was not found.
    pub(crate) fn unless_all_found(kind: Kind, missing: Vec<String>) -> Result<()> {
        if missing.is_empty() { Ok(()) } else { Err(Self::NotFoundAmong { kind, ids: missing }) }
    }
}

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A partner.
    Partner,
    /// A partner's token.
    Token,
    /// A user or a sub-user.
    Account,
    /// A dial time group.
    Group,
    /// A task.
    Task,
    /// A holiday calendar, or what was imported of it.
    HolidayCalendar,
    /// A subscription to a group's calendar.
    CalendarSubscription,
    /// An event of an account's log.
    Event,
    /// A webhook.
    Webhook,
    /// A delivery of an event to a webhook.
    Delivery,
    /// An attempt.
    Attempt,
    /// A number of a task.
    Number,
    /// Work that is done over a task's numbers in the background.
    NumberJob,
    /// A callback on numbers.
    NumberCallback,
    /// A redial rule.
    RedialRule,
    /// A prompt.
    Prompt,
    /// A script.
    Script,
    /// A line.
    Line,
    /// A line group.
    LineGroup,
    /// A user's share of a line.
    LineAllocation,
    /// A number that must not be called.
    DoNotCall,
    /// A planned closure.
    Closure,
    /// A ceiling.
    Ceiling,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Partner => "partner",
            Self::Token => "token",
            Self::Account => "account",
            Self::Group => "dial time group",
            Self::Task => "task",
            Self::HolidayCalendar => "holiday calendar",
            Self::CalendarSubscription => "calendar subscription",
            Self::Event => "event",
            Self::Webhook => "webhook",
            Self::Delivery => "delivery",
            Self::Attempt => "attempt",
            Self::Number => "number",
            Self::NumberJob => "number job",
            Self::NumberCallback => "callback on numbers",
            Self::RedialRule => "redial rule",
            Self::Prompt => "prompt",
            Self::Script => "script",
            Self::Line => "line",
            Self::LineGroup => "line group",
            Self::LineAllocation => "allocation",
            Self::DoNotCall => "do-not-call entry",
            Self::Closure => "closure",
            Self::Ceiling => "ceiling",
        })
    }
}

/// What there may be only so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// The webhooks of an account.
    Webhooks,
    /// The pending tests of a webhook.
    PendingTests,
    /// The redial rules of an account.
    RedialRules,
    /// The prompts of an account.
    Prompts,
    /// The seconds that the prompts of an account last together.
    PromptSeconds,
    /// The scripts of an account.
    Scripts,
    /// The numbers that an account must not call.
    DoNotCall,
    /// The calls at once of a task over a line: what is left of its user's share.
    CallsOfLine,
    /// The imports into a task that have not ended.
    RunningImports,
    /// The holiday calendars of an account.
    HolidayCalendars,
    /// The planned closures of a partner or an account that have not ended.
    Closures,
}

impl std::fmt::Display for Limited {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Webhooks => "webhooks",
            Self::PendingTests => "pending webhook tests",
            Self::RedialRules => "redial rules",
            Self::Prompts => "prompts",
            Self::PromptSeconds => "seconds of prompts",
            Self::Scripts => "scripts",
            Self::DoNotCall => "do-not-call entries",
            Self::CallsOfLine => "calls left of the line",
            Self::RunningImports => "running imports",
            Self::HolidayCalendars => "holiday calendars",
            Self::Closures => "closures",
        })
    }
}

/// What only one thing may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// The name of a partner.
    PartnerName,
    /// The id of an account, whoever's.
    AccountId,
    /// The e-mail address of an account, among its partner's.
    Email,
    /// The telephone number of an account, among its partner's.
    Phone,
    /// The e-mail address of an account, and the telephone number of the same or of another.
    EmailAndPhone,
    /// The id of a group, among its account's.
    GroupId,
    /// The id of a task, whoever's.
    TaskId,
    /// The id of a redial rule, among its account's.
    RedialRuleId,
    /// The id of a script, among its account's.
    ScriptId,
    /// The id of a line, whoever's.
    LineId,
}

impl std::fmt::Display for Unique {
    /// That it is not to be had, as the command line says it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::PartnerName => "the name is taken",
            Self::AccountId | Self::TaskId | Self::LineId => "the id is not available",
            Self::Email => "the e-mail address is taken",
            Self::Phone => "the phone number is taken",
            Self::EmailAndPhone => "the e-mail address and the phone number are taken",
            Self::GroupId | Self::RedialRuleId | Self::ScriptId => "the id is taken",
        })
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Gives a foreign-key violation the meaning it has at the place of the call.
pub(crate) fn on_foreign_key(meaning: Error) -> impl FnOnce(sqlx::Error) -> Error {
    move |error| if is_foreign_key_violation(&error) { meaning } else { error.into() }
}

/// Refuses unless a thing has one of these versions; `None` allows any.
pub(crate) fn expect_version(of: Kind, version: i64, expected: Option<&[i64]>) -> Result<()> {
    match expected {
        Some(versions) if !versions.contains(&version) => Err(Error::VersionMismatch(of)),
        _ => Ok(()),
    }
}
