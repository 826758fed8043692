//! A change as the audit log shows it.

use domain::AccountId;
use serde::Serialize;
use serde_json::{Map, Value};
use store::audit::{Action, AuditedChange, NO_ACCOUNT, Subject};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        actor::{ActorNames, ActorView},
        choices::choice,
        extract::Caller,
        formats::LocalTimeSchema,
        number_view::NumberView,
        time::stamp,
    },
};

choice! {
    /// What was done.
    pub(crate) enum AuditActionView as AuditAction for Action {
        /// It was made.
        Create = "create",
        /// It was changed.
        Update = "update",
        /// It was deleted.
        Delete = "delete",
        /// A line was tried with a call.
        TestCall = "test_call",
    }
}

choice! {
    /// What kind of thing was changed.
    pub(crate) enum AuditSubjectView as AuditSubject for Subject {
        /// A dial time group.
        DialTimeGroup = "dial_time_group",
        /// A task.
        Task = "task",
        /// Numbers of a task, which is the one named: an entry an operation.
        Numbers = "numbers",
        /// A subscription to a group's calendar.
        CalendarSubscription = "calendar_subscription",
        /// A webhook.
        Webhook = "webhook",
        /// A redial rule.
        RedialRule = "redial_rule",
        /// A prompt.
        Prompt = "prompt",
        /// A script.
        Script = "script",
        /// Numbers that must not be called: many that are added as `entries`, one that is deleted by itself.
        DoNotCall = "do_not_call",
        /// A number that was erased: not which.
        Erasure = "erasure",
        /// The user or the sub-user.
        Account = "account",
        /// A line.
        Line = "line",
        /// A line group.
        LineGroup = "line_group",
        /// A share of a line.
        LineAllocation = "line_allocation",
        /// A partner.
        Partner = "partner",
        /// A stop, named as in `account` and its id.
        Stop = "stop",
        /// A planned closure.
        Closure = "closure",
        /// A ceiling, named as in `partner` or `account` and its id.
        Ceiling = "ceiling",
        /// A year of a holiday calendar, named by the calendar's id and the year.
        HolidayYear = "holiday_year",
        /// The address that a holiday calendar follows, named by the calendar's id.
        CalendarFeed = "calendar_feed",
    }
}

/// A change of something of an account's or a partner's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditedChange)]
pub(crate) struct AuditedChangeView {
    #[schema(minimum = 1, example = 1)]
    id: i64,
    /// When.
    #[schema(value_type = LocalTimeSchema)]
    at: String,
    /// The user or the sub-user; `null` of what is the partner's as a whole.
    user_id: Option<Uuid>,
    /// Who made it; `null` of what another version of this program wrote.
    actor: Option<ActorView>,
    action: AuditActionView,
    subject: AuditSubjectView,
    /// Which one: its id. Of a number that must not be called the number, as much of it as the token may see.
    #[schema(value_type = String, example = "427")]
    subject_id: SubjectId,
    /// The version that it had before; `null` where it has none.
    #[schema(minimum = 1)]
    version: Option<i64>,
    /// Some of what it was before: its name, and counts of what an operation did; `null` where there is nothing to show. How a group was as a
    /// whole is in its versions.
    #[schema(value_type = Option<Object>, example = json!({"name": "weekdays"}))]
    before: Option<Map<String, Value>>,
}

/// What was changed; a telephone number is shown as the token may see it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum SubjectId {
    Plain(String),
    Number(NumberView),
}

impl SubjectId {
    fn new(subject: Subject, id: String, caller: &Caller) -> Self {
        let is_number = subject == Subject::DoNotCall && id.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { Self::Number(NumberView::new(&format!("+{id}"), caller)) } else { Self::Plain(id) }
    }
}

impl AuditedChangeView {
    pub(super) fn new(api: &Api, caller: &Caller, change: AuditedChange, names: &ActorNames) -> Self {
        Self {
            id: change.id,
            at: stamp(api.settings.zone, change.at),
            user_id: Some(change.account).filter(|account| *account != NO_ACCOUNT).map(AccountId::uuid),
            actor: change.actor.map(|actor| names.view(actor)),
            action: change.action.into(),
            subject: change.subject.into(),
            before: change.before.and_then(|before| shown(change.subject, &before)),
            subject_id: SubjectId::new(change.subject, change.subject_id, caller),
            version: change.version,
        }
    }
}

/// What may be shown of a before-image: members that are named here, and no others, so that none is shown by mistake.
fn shown(subject: Subject, before: &str) -> Option<Map<String, Value>> {
    let members: &[&str] = match subject {
        Subject::DialTimeGroup => &["name", "is_default", "skip_holiday", "timezone"],
        Subject::Task => &["name", "enabled", "dial_time_id"],
        Subject::RedialRule => &["name", "minutes", "times", "daily_limit"],
        Subject::Prompt | Subject::Script => &["name"],
        Subject::Numbers => &["numbers"],
        Subject::DoNotCall => &["added", "changed"],
        Subject::Webhook => &["format", "enabled"],
        Subject::Stop => &["level", "reason"],
        Subject::Closure => &["closure_name", "begin", "end"],
        Subject::Ceiling => &["level", "group_account_id", "group_id"],
        Subject::Erasure
        | Subject::CalendarSubscription
        | Subject::Account
        | Subject::Line
        | Subject::LineGroup
        | Subject::LineAllocation
        | Subject::Partner
        | Subject::HolidayYear
        | Subject::CalendarFeed => &[],
    };
    let Ok(Value::Object(mut image)) = serde_json::from_str(before) else { return None };
    image.retain(|name, value| members.contains(&name.as_str()) && !value.is_object() && !value.is_array());
    Some(image).filter(|image| !image.is_empty())
}
