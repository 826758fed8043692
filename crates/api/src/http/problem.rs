//! Refusals and failures: the one place that gives each its business code and its HTTP status, and maps errors of the store.

use domain::{Counted, Fault, FaultRule, HolidayFileRule, LineRule, StopLevel};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use store::{DatabaseError, Kind, Limited, Page, Paged, Unique, tasks::NamingTask};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    formats::DateSchema,
    language::Language,
    messages::{Message, rule_code, rule_text, stopped_above},
    not_implemented::Endpoint,
};

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// What came is no HTTP request.
    NotHttp,
    UriTooLong,
    HeadersTooLarge,
    /// The request did not come, or not fast enough.
    TooSlow,
    Malformed,
    /// The body did not come to its end.
    CutOff,
    Token(TokenProblem),
    Forbidden(Forbidden),
    NotFound,
    /// The calls are there, and recordings of them are not.
    NoRecording,
    /// The call is there, and its signalling is not.
    NoTrace,
    /// The user has no share of a line under that number.
    NoAllocation,
    /// It is asked of a call that nobody has answered yet.
    CallNotAnswered,
    /// The callee of the call is being connected with someone else, or is.
    CallTransferred,
    MethodNotAllowed,
    PayloadTooLarge,
    /// A file of numbers has more bytes than so many.
    FileTooLarge(u64),
    /// There is too little room on the disk for a file.
    NoRoom,
    UnsupportedMediaType,
    /// A form with a file in it where the file itself is wanted, or a file that is packed.
    NotTheFile,
    /// A file of so many bytes has none of those that were asked for.
    RangeNotSatisfiable(usize),
    /// An endpoint of the platform that is not here yet.
    Missing(&'static Endpoint),
    Invalid(Vec<Fault>),
    KeyReused,
    GroupInUse,
    /// What was to be deleted is a ceiling, or has the group that is one.
    CeilingInUse,
    /// What was to be deleted is the entry of do-not-call that is left of an erased number.
    NumberErased,
    /// Numbers of a 2.0 task that is switched on.
    TaskSwitchedOn,
    AccountInUse,
    /// Others name what was to be deleted.
    InUse(InUse),
    Stale,
    TooManyRequests {
        retry_after: u64,
    },
    /// A task has as many imports that have not ended as it may have.
    TooManyImports,
    /// The node, or the partner on it, has as many streams as it may have.
    TooManyStreams {
        of_partner: bool,
    },
    WebhookDisabled,
    /// What is to be resumed is not stopped itself; `above` are the greater stops that cover it.
    NotStopped {
        above: Vec<StopLevel>,
    },
    EventGone,
    Unavailable,
    /// This node's clock cannot be trusted.
    ClockApart,
    /// The database cannot be worked with, and why.
    NotReady(NotReady),
    Internal,
}

/// What was to be deleted, and which things name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) what: UsedThing,
    /// Some of those that name it.
    pub(crate) by: Vec<NamingThing>,
    /// How many there are of them.
    pub(crate) total: i64,
}

impl InUse {
    /// How many of the things that name another are told when it is not deleted.
    pub(crate) const TOLD: Page = Page { number: 1, size: 20 };

    /// Of a thing that tasks name.
    pub(crate) fn by_tasks(what: UsedThing, tasks: Paged<NamingTask>) -> Self {
        let naming =
            |task: NamingTask| NamingThing::Task(NamingTaskView { uuid: task.id.uuid(), name: task.name });
        Self { what, by: tasks.items.into_iter().map(naming).collect(), total: tasks.total }
    }
}

/// What others may name, and which is then not deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UsedThing {
    RedialRule,
    Script,
    Prompt,
    Line,
    /// A line that groups have.
    GroupedLine,
    LineGroup,
    HolidayCalendar,
}

impl UsedThing {
    /// Ours, next to the documented 8101.
    const fn code(self) -> u16 {
        match self {
            Self::Script => 8102,
            Self::RedialRule => 8103,
            Self::Prompt => 8104,
            Self::Line => 8105,
            Self::GroupedLine => 8106,
            Self::LineGroup => 8107,
            Self::HolidayCalendar => 8108,
        }
    }

    const fn message(self) -> Message {
        match self {
            Self::Script => Message::ScriptInUse,
            Self::RedialRule => Message::RedialRuleInUse,
            Self::Prompt => Message::PromptInUse,
            Self::Line => Message::LineInUse,
            Self::GroupedLine => Message::GroupedLineInUse,
            Self::LineGroup => Message::LineGroupInUse,
            Self::HolidayCalendar => Message::HolidayCalendarInUse,
        }
    }
}

/// A thing that names another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum NamingThing {
    Task(NamingTaskView),
    Script(NamingScriptView),
    LineGroup(NamingLineGroupView),
    Share(NamingShareView),
    Group(NamingGroupView),
}

/// A task that names what was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NamingTaskView {
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
}

/// A script that plays what was to be deleted.
// It has no more than this, which is what tells it from a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamingScriptView {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// A dial time group that follows what was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NamingGroupView {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// Whose it is: the account itself, or a sub-user of it.
    pub(crate) account_id: Uuid,
}

/// A user's share of what was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NamingShareView {
    /// The share's, by which it is taken away (`line_allocation.id`).
    pub(crate) allocation_id: i64,
    /// The user (主账号) whose share it is.
    pub(crate) user_id: Uuid,
    /// The name of the user.
    pub(crate) name: String,
}

/// A line group that has what was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NamingLineGroupView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// What is wrong with the token of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    Missing,
    Malformed,
    Unknown,
    Expired,
    Revoked,
    PartnerDisabled,
}

impl TokenProblem {
    const fn message(self) -> Message {
        match self {
            Self::Missing => Message::TokenMissing,
            Self::Malformed => Message::TokenMalformed,
            Self::Unknown => Message::TokenUnknown,
            Self::Expired => Message::TokenExpired,
            Self::Revoked => Message::TokenRevoked,
            Self::PartnerDisabled => Message::PartnerDisabled,
        }
    }
}

/// Why a good token may not do what it asks for, of a thing that is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// Its scope is less than `read`.
    NeedsRead,
    /// Its scope is less than `all`.
    NeedsAll,
    /// It sees telephone numbers masked, and would find out which are there by looking for them or sending some.
    NumbersMasked,
    /// The account is disabled.
    AccountDisabled,
}

/// Why the program cannot do its work with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// It cannot be reached, or does not answer in time.
    Unreachable,
    /// It takes no writes.
    NoWrites,
    /// Its disk is full.
    DiskFull,
    /// Its file was deleted or replaced.
    FileLost,
    /// Its schema is not this program's.
    Schema,
    /// This node is stopping: it serves those who are in calls, and takes nobody new.
    Stopping,
}

impl NotReady {
    const fn message(self) -> Message {
        match self {
            Self::Unreachable => Message::DatabaseUnreachable,
            Self::NoWrites => Message::DatabaseNoWrites,
            Self::DiskFull => Message::DatabaseDiskFull,
            Self::FileLost => Message::DatabaseFileLost,
            Self::Schema => Message::DatabaseSchema,
            Self::Stopping => Message::Stopping,
        }
    }
}

/// One fault of a request, as told to the client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultView {
    /// The path of the faulty field, such as `content[0].times[1].end_time`.
    field: String,
    /// The stable name of the rule it breaks.
    rule: &'static str,
    /// What the rule asks for, in the language of the answer.
    message: String,
    /// The first date of an entry of a file that is not understood, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DateSchema, required = false)]
    date: Option<String>,
}

impl FaultView {
    /// A greater stop than the one that is to be resumed.
    fn stopped(level: StopLevel, language: Language) -> Self {
        let message = stopped_above(level, language).to_owned();
        Self { field: "level".to_owned(), rule: "stopped", message, date: None }
    }

    pub(crate) fn new(fault: &Fault, language: Language) -> Self {
        Self {
            field: fault.field.clone(),
            rule: rule_code(&fault.rule),
            message: rule_text(&fault.rule, language),
            date: match fault.rule {
                FaultRule::HolidayFile(HolidayFileRule::NotUnderstood(date)) => {
                    date.map(|date| date.to_string())
                }
                _ => None,
            },
        }
    }
}

/// What the `data` of a refusal holds: what is wrong with the request, or what needs the thing that was to be deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ProblemEntry {
    Fault(FaultView),
    Naming(NamingThing),
}

impl Problem {
    /// A single fault.
    pub(crate) fn fault(field: &str, rule: FaultRule) -> Self {
        Self::Invalid(vec![Fault::new(field, rule)])
    }

    /// The problem that a bare answer of the framework stands for, such as an unknown path's 404.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::BAD_REQUEST => Self::NotHttp,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadersTooLarge,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            _ => Self::Internal,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::NotHttp | Self::Malformed | Self::CutOff => StatusCode::BAD_REQUEST,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoRecording | Self::NoTrace | Self::NoAllocation => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge | Self::FileTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            Self::UnsupportedMediaType | Self::NotTheFile => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RangeNotSatisfiable(_) => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Missing(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Invalid(_) | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::GroupInUse
            | Self::CeilingInUse
            | Self::NumberErased
            | Self::TaskSwitchedOn
            | Self::CallNotAnswered
            | Self::CallTransferred
            | Self::AccountInUse
            | Self::InUse(_)
            | Self::WebhookDisabled
            | Self::NotStopped { .. }
            | Self::EventGone => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooManyRequests { .. }
            | Self::TooManyImports
            | Self::TooManyStreams { of_partner: true } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable
            | Self::ClockApart
            | Self::NotReady(_)
            | Self::TooManyStreams { of_partner: false } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The documented business code where there is one, else the HTTP status.
    pub(crate) const fn code(&self) -> u16 {
        match self {
            Self::GroupInUse => 8101,
            // Ours.
            Self::CeilingInUse => 8109,
            Self::NumberErased => 8110,
            Self::TaskSwitchedOn => 6007,
            Self::InUse(used) => used.what.code(),
            other => other.status().as_u16(),
        }
    }

    /// What it says.
    pub(crate) const fn text(&self, language: Language) -> &'static str {
        match self {
            Self::Missing(endpoint) => endpoint.refusal(language),
            other => other.message().text(language),
        }
    }

    const fn message(&self) -> Message {
        match self {
            Self::NotHttp => Message::NotHttp,
            Self::UriTooLong => Message::UriTooLong,
            Self::HeadersTooLarge => Message::HeadersTooLarge,
            Self::TooSlow => Message::TooSlow,
            Self::Malformed => Message::Malformed,
            Self::CutOff => Message::CutOff,
            Self::Token(problem) => problem.message(),
            Self::Forbidden(Forbidden::NeedsRead) => Message::NeedsRead,
            Self::Forbidden(Forbidden::NeedsAll) => Message::NeedsAll,
            Self::Forbidden(Forbidden::NumbersMasked) => Message::NumbersMasked,
            Self::Forbidden(Forbidden::AccountDisabled) => Message::AccountDisabled,
            Self::NotFound => Message::NotFound,
            Self::NoRecording => Message::NoRecording,
            Self::NoTrace => Message::NoTrace,
            Self::NoAllocation => Message::NoAllocation,
            Self::CallNotAnswered => Message::CallNotAnswered,
            Self::CallTransferred => Message::CallTransferred,
            Self::MethodNotAllowed => Message::MethodNotAllowed,
            Self::PayloadTooLarge => Message::PayloadTooLarge,
            Self::FileTooLarge(_) => Message::FileTooLarge,
            Self::NoRoom => Message::NoRoom,
            Self::UnsupportedMediaType => Message::UnsupportedMediaType,
            Self::NotTheFile => Message::NotTheFile,
            Self::RangeNotSatisfiable(_) => Message::RangeNotSatisfiable,
            Self::Missing(_) => Message::NotImplemented,
            Self::Invalid(_) => Message::Invalid,
            Self::KeyReused => Message::KeyReused,
            Self::GroupInUse => Message::GroupInUse,
            Self::CeilingInUse => Message::CeilingInUse,
            Self::NumberErased => Message::EntryOfErased,
            Self::TaskSwitchedOn => Message::TaskSwitchedOn,
            Self::AccountInUse => Message::AccountInUse,
            Self::InUse(used) => used.what.message(),
            Self::Stale => Message::Stale,
            Self::TooManyRequests { .. } => Message::TooManyRequests,
            Self::TooManyImports => Message::TooManyImports,
            Self::TooManyStreams { .. } => Message::TooManyStreams,
            Self::WebhookDisabled => Message::WebhookDisabled,
            Self::NotStopped { above } if above.is_empty() => Message::NotStopped,
            Self::NotStopped { .. } => Message::StoppedAbove,
            Self::EventGone => Message::EventGone,
            Self::Unavailable => Message::Unavailable,
            Self::ClockApart => Message::ClockApart,
            Self::NotReady(why) => why.message(),
            Self::Internal => Message::Internal,
        }
    }

    pub(crate) fn faults(&self, language: Language) -> Vec<FaultView> {
        match self {
            Self::Invalid(faults) => faults.iter().map(|fault| FaultView::new(fault, language)).collect(),
            Self::FileTooLarge(most) => {
                let most = usize::try_from(*most).unwrap_or(usize::MAX);
                vec![FaultView::new(&Fault::new("file", FaultRule::TooManyBytes(most)), language)]
            }
            Self::NotStopped { above } => {
                above.iter().map(|level| FaultView::stopped(*level, language)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What it says beside its words.
    pub(crate) fn entries(&self, language: Language) -> Vec<ProblemEntry> {
        match self {
            Self::InUse(used) => used.by.iter().cloned().map(ProblemEntry::Naming).collect(),
            other => other.faults(language).into_iter().map(ProblemEntry::Fault).collect(),
        }
    }

    /// How many entries there would be in all, where only some are given.
    pub(crate) const fn total(&self) -> Option<i64> {
        match self {
            Self::InUse(used) => Some(used.total),
            _ => None,
        }
    }

    /// Headers that tell a client what to do next.
    pub(crate) fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            Self::Token(_) => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::RangeNotSatisfiable(length) => {
                let range = HeaderValue::try_from(format!("bytes */{length}")).ok()?;
                Some((header::CONTENT_RANGE, range))
            }
            Self::TooManyRequests { retry_after } => Some((header::RETRY_AFTER, (*retry_after).into())),
            Self::Unavailable | Self::ClockApart | Self::NotReady(_) => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("1")))
            }
            Self::TooManyStreams { .. } | Self::TooManyImports => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("10")))
            }
            _ => None,
        }
    }
}

impl From<Vec<Fault>> for Problem {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

impl From<store::Error> for Problem {
    /// The boundary: here, and only here, a store's failure is logged, and its text stays behind.
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(Kind::LineAllocation) => Self::NoAllocation,
            store::Error::NotFound(_) | store::Error::NotFoundAmong { .. } => Self::NotFound,
            store::Error::Unknown(_) => Self::fault("dial_time_id", FaultRule::Unknown),
            store::Error::UnknownAt { fields, .. } => {
                Self::Invalid(fields.into_iter().map(|field| Fault::new(field, FaultRule::Unknown)).collect())
            }
            store::Error::InUse(Kind::Group) => Self::GroupInUse,
            store::Error::InUse(Kind::Ceiling) => Self::CeilingInUse,
            store::Error::InUse(_) => Self::AccountInUse,
            store::Error::Erased(_) => Self::NumberErased,
            store::Error::Taken(unique) => Self::taken(unique),
            store::Error::Limit { of, most } => Self::limit(of, most),
            store::Error::Disabled(Kind::Webhook) => Self::WebhookDisabled,
            store::Error::Disabled(_) => Self::Forbidden(Forbidden::AccountDisabled),
            store::Error::Expired(_) => Self::EventGone,
            store::Error::VersionMismatch(_) => Self::Stale,
            store::Error::Database(error) => error.into(),
        }
    }
}

impl Problem {
    /// That there are as many as there may be: the list that is full.
    fn limit(of: Limited, most: usize) -> Self {
        let (field, counted) = match of {
            Limited::PendingTests => return Self::TooManyRequests { retry_after: 10 },
            Limited::RunningImports => return Self::TooManyImports,
            Limited::CallsOfLine => {
                return Self::fault("maximumcall", FaultRule::Line(LineRule::Residue(most)));
            }
            Limited::Webhooks => ("webhooks", Counted::Webhooks),
            Limited::RedialRules => ("redial_rules", Counted::RedialRules),
            Limited::Prompts => ("prompts", Counted::Prompts),
            Limited::PromptSeconds => ("prompts", Counted::PromptSeconds),
            Limited::Scripts => ("scripts", Counted::Scripts),
            Limited::DoNotCall => ("do_not_call", Counted::DoNotCall),
            Limited::Closures => ("begin", Counted::PlannedClosures),
            Limited::HolidayCalendars => ("holiday_calendars", Counted::HolidayCalendars),
        };
        Self::fault(field, FaultRule::TooMany(counted, most))
    }

    /// That what only one thing may have is another's: the field that asked for it.
    fn taken(unique: Unique) -> Self {
        let (field, rule) = match unique {
            Unique::EmailAndPhone => {
                return Self::Invalid(
                    ["email", "phone"].map(|field| Fault::new(field, FaultRule::Taken)).into(),
                );
            }
            Unique::GroupId | Unique::RedialRuleId | Unique::ScriptId => ("id", FaultRule::Taken),
            Unique::AccountId | Unique::TaskId | Unique::LineId => ("id", FaultRule::IdUnavailable),
            Unique::PartnerName => ("name", FaultRule::Taken),
            Unique::Email => ("email", FaultRule::Taken),
            Unique::Phone => ("phone", FaultRule::Taken),
        };
        Self::fault(field, rule)
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(_)
            | DatabaseError::Unreachable(_)
            | DatabaseError::FileLost(_)
            | DatabaseError::DiskFull(_)
            | DatabaseError::NotCommitted => {
                tracing::warn!(%error, "the database is busy, away or failing");
                Self::Unavailable
            }
            DatabaseError::Damaged(_)
            | DatabaseError::Migration(_)
            | DatabaseError::Address(_)
            | DatabaseError::NoDatabase(_)
            | DatabaseError::Served(_)
            | DatabaseError::File(_)
            | DatabaseError::Failed(_) => {
                tracing::error!(%error, "the database failed");
                Self::Internal
            }
        }
    }
}
