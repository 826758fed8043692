//! May a call go out, why, and when next: for a group, a task, or many at once.

mod closed_by;
mod reason;
pub(crate) mod text;
mod view;

use std::{collections::HashMap, sync::Arc};

use axum::response::{IntoResponse, Response};
use domain::{
    AccountHold, CompiledGroup, Counted, DialTimeGroupId, Fault, FaultRule, Faults, Stop, StopTarget, TaskId,
    TaskInGroup,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{Read, groups, schedules, stops, tasks};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use self::closed_by::Held;
pub(crate) use self::{
    closed_by::{ClosedByView, NamedClosureView},
    reason::RuleView,
    view::{DecisionSubject, DecisionView, KnownCalendar, WarningView},
};
use crate::http::{
    body::{self, Reading, fields},
    envelope::{Answer, ERROR, Envelope, SUCCESS},
    extract::{AccountRequest, Caller, Json},
    formats::InstantSchema,
    language::Language,
    messages::Message,
    path::{GroupPath, TaskPath, UserPath},
    plain_text,
    problem::{FaultView, Problem},
    query::{Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
    representation::Representation,
    routes::{Routes, routes},
    time::parse_instant,
    values::{self, schema_of},
};

/// The most questions of one request.
const MAXIMUM_QUERIES: usize = 10_000;

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(of_group)).routes(routes!(of_task)).routes(routes!(of_many))
}

/// An instant to ask about; `None` when none is given. An empty one is a fault: it would be answered for now.
pub(crate) enum Instant {}

impl QueryKind for Instant {
    type Value = Option<Timestamp>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<Timestamp> {
        let text = query.decisive(name, faults)?;
        faults.check(name, parse_instant(text))
    }

    fn schema() -> RefOr<Schema> {
        InstantSchema::schema()
    }
}

query_parameters! {
    /// The instant asked about.
    pub(crate) struct AtQuery {
        /// The instant; left out, now.
        at: Instant,
    }
}

/// May a call go out in this group?
///
/// Whether calling is allowed at an instant, the rule that decided, and when that changes. With `Accept: text/plain` only `1` or
/// `0`, for dial plans; whatever is refused is `0` then, too.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/decision", tag = "decision",
    operation_id = "group_decision", params(GroupPath, AtQuery, SubUserQuery),
    responses((status = 200, content((Envelope<DecisionView> = "application/json"), (String = "text/plain", example = "1")))))]
pub(crate) async fn of_group(request: AccountRequest<DialTimeGroupId>) -> Result<Response, Problem> {
    let at = at(&request.query, request.caller.now)?;
    let group = group(&request).await?;
    let (subject, language) = (DecisionSubject::of(&group), request.caller.language);
    let hold = request.caller.authority.hold();
    let stops = stops_of(&request, hold).await?;
    let view = match hold {
        Some(by) => DecisionView::of_held_account(subject, at, Held { by, stops: &stops }, language),
        None => DecisionView::of_group(subject, at, language),
    };
    Ok(answer(&request.caller, view))
}

/// May this task call?
///
/// The group's answer within the task's own limits: switched off, before its start, after its stop, in a closure. With
/// `Accept: text/plain` only `1` or `0`, for dial plans; whatever is refused is `0` then, too.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/decision", tag = "decision",
    operation_id = "task_decision", params(TaskPath, AtQuery, SubUserQuery),
    responses((status = 200, content((Envelope<DecisionView> = "application/json"), (String = "text/plain", example = "1")))))]
pub(crate) async fn of_task(request: AccountRequest<TaskId>) -> Result<Response, Problem> {
    let at = at(&request.query, request.caller.now)?;
    let task = tasks::get(&mut request.read().await?, request.account, request.id).await?;
    let stops = stops_of(&request, task.hold).await?;
    Ok(answer(&request.caller, DecisionView::of_task(&task, at, &stops, request.caller.language)))
}

/// The stops that cover an account that is held, the greatest first.
async fn stops_of<I, B>(
    request: &AccountRequest<I, B>,
    hold: Option<AccountHold>,
) -> Result<Vec<Stop>, Problem> {
    if hold.is_none() {
        return Ok(Vec::new());
    }
    let target = StopTarget::Account(request.caller.partner, request.account);
    let covering = stops::covering(&mut request.read().await?, target).await?;
    Ok(covering.into_iter().map(|named| named.stop).collect())
}

fn answer(caller: &Caller, decision: DecisionView) -> Response {
    if caller.accepted.prefers(Representation::Plain) {
        plain_text::answer(decision.allowed)
    } else {
        Answer::new(Message::Decision, decision).into_response()
    }
}

fn at(query: &Query, now: Timestamp) -> Result<Timestamp, Problem> {
    let mut faults = Faults::default();
    let AtQuery { at } = AtQuery::read(query, &mut faults);
    Ok(faults.finish(Some(at.unwrap_or(now)))?)
}

/// The group of the path, from the cache if nothing was written since it was read.
pub(crate) async fn group(request: &AccountRequest<DialTimeGroupId>) -> Result<Arc<CompiledGroup>, Problem> {
    let (api, snapshot, account) = (&request.api, request.caller.snapshot, request.account);
    if let Some(group) = api.cache.group(snapshot, account, request.id) {
        return Ok(group);
    }
    let read = &mut request.read().await?;
    let group = groups::get(read, account, request.id).await?;
    let schedule = schedules::of(read, &group).await?;
    let group = Arc::new(CompiledGroup { group, schedule });
    api.cache.store_group(snapshot, &group);
    Ok(group)
}

/// Many questions.
#[derive(Debug, ToSchema)]
pub(crate) struct AskMany {
    /// At most 10,000; they are answered in this order.
    #[schema(required = true, value_type = Vec<DecisionQuery>, max_items = 10_000)]
    queries: Option<Vec<Value>>,
}

/// One question: either of a group or of a task.
#[derive(Debug, ToSchema)]
pub(crate) struct DecisionQuery {
    #[schema(example = 427)]
    group_id: Option<i64>,
    #[schema(example = "f232d184-dd54-42a0-8ace-0bf8d660f4cc")]
    task_id: Option<Uuid>,
    /// Left out, now: the same instant for all.
    #[schema(value_type = Option<InstantSchema>)]
    at: Option<String>,
}

fields!(AskMany { queries } known &[]);
fields!(DecisionQuery { group_id, task_id, at } known &[]);

schema_of!(
    /// The codes of the answer to one of many questions.
    OneCodeSchema,
    "OneCode",
    values::numbers("200, or why there is no decision: 404, 422.", [200, 404, 422])
);
schema_of!(
    /// Whether one of many questions has a decision.
    OneStatusSchema,
    "OneStatus",
    values::words("Whether there is a decision.", &[SUCCESS, ERROR])
);

/// The answer to one of many questions: what the question alone would have been answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneOfMany {
    #[schema(value_type = OneCodeSchema)]
    code: u16,
    #[schema(value_type = OneStatusSchema)]
    status: &'static str,
    message: &'static str,
    data: OneData,
}

/// The decision, or the faults of the question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum OneData {
    Decision(Box<DecisionView>),
    Faults(Vec<FaultView>),
}

/// May these calls go out?
///
/// Up to 10,000 questions, answered in order: each with its own decision or its own error.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/decisions", tag = "decision",
    operation_id = "decisions", params(UserPath, SubUserQuery), request_body = AskMany,
    responses((status = 200, body = Envelope<Vec<OneOfMany>>)))]
pub(crate) async fn of_many(
    request: AccountRequest<(), Json<AskMany>>,
) -> Result<Answer<Vec<OneOfMany>>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let queries = faults.require("queries", body.queries);
    let queries = faults.finish(queries)?;
    if queries.len() > MAXIMUM_QUERIES {
        return Err(Problem::fault("queries", FaultRule::TooMany(Counted::Questions, MAXIMUM_QUERIES)));
    }
    let questions: Vec<_> =
        queries.into_iter().map(|query| Question::read(query, request.caller.now)).collect();
    let things = Things::read(&request, &questions).await?;
    let language = request.caller.language;
    let answers = questions.into_iter().map(|question| match question {
        Ok(question) => things.answer(question, language),
        Err(faults) => OneOfMany::problem(&Problem::Invalid(faults), language),
    });
    Ok(Answer::new(Message::Decisions, answers.collect()))
}

/// What one question is about.
#[derive(Clone, Copy)]
enum Of {
    Group(DialTimeGroupId),
    Task(TaskId),
}

#[derive(Clone, Copy)]
struct Question {
    of: Of,
    at: Timestamp,
}

impl Question {
    fn read(query: Value, now: Timestamp) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::new();
        let query: Option<DecisionQuery> = body::whole(query, "query", &mut reading);
        let mut faults = reading.faults;
        let Some(query) = query else { return faults.finish(None) };
        let of = match (query.group_id, query.task_id) {
            (Some(group), None) => Some(Of::Group(DialTimeGroupId::new(group))),
            (None, Some(task)) => Some(Of::Task(TaskId::new(task))),
            (None, None) if !faults.is_empty() => None,
            (None, None) => faults.require("group_id", None),
            (Some(_), Some(_)) => faults.check("task_id", Err(FaultRule::Excludes("group_id"))),
        };
        let at = query.at.map_or(Ok(now), |text| parse_instant(&text));
        let at = faults.check("at", at);
        faults.finish(of.zip(at).map(|(of, at)| Self { of, at }))
    }
}

/// All that the questions are about, as far as the account has it.
struct Things {
    hold: Option<AccountHold>,
    stops: Vec<Stop>,
    groups: HashMap<DialTimeGroupId, CompiledGroup>,
    tasks: HashMap<TaskId, TaskInGroup>,
}

impl Things {
    async fn read<B>(
        request: &AccountRequest<(), B>,
        questions: &[Result<Question, Vec<Fault>>],
    ) -> Result<Self, Problem> {
        let (mut group_ids, mut task_ids) = (Vec::new(), Vec::new());
        for question in questions.iter().flatten() {
            match question.of {
                Of::Group(id) => group_ids.push(id),
                Of::Task(id) => task_ids.push(id),
            }
        }
        let hold = request.caller.authority.hold();
        let stops = stops_of(request, hold).await?;
        let read: &mut Read = &mut request.read().await?;
        let mut things = Self { hold, stops, groups: HashMap::new(), tasks: HashMap::new() };
        if !group_ids.is_empty() {
            let groups = groups::get_many(read, request.account, &group_ids).await?;
            let groups = schedules::of_all(read, groups).await?;
            things.groups = groups.into_iter().map(|group| (group.group.id, group)).collect();
        }
        if !task_ids.is_empty() {
            let tasks = tasks::get_many(read, request.account, &task_ids).await?;
            things.tasks = tasks.into_iter().map(|task| (task.task.id, task)).collect();
        }
        Ok(things)
    }

    fn answer(&self, Question { of, at }: Question, language: Language) -> OneOfMany {
        let decision = match of {
            Of::Group(id) => {
                let view = |group| match self.hold {
                    Some(by) => {
                        let held = Held { by, stops: &self.stops };
                        DecisionView::of_held_account(DecisionSubject::of(group), at, held, language)
                    }
                    None => DecisionView::of_group(DecisionSubject::of(group), at, language),
                };
                self.groups.get(&id).map(view)
            }
            Of::Task(id) => {
                let view = |task| DecisionView::of_task(task, at, &self.stops, language);
                self.tasks.get(&id).map(view)
            }
        };
        let Some(decision) = decision else { return OneOfMany::problem(&Problem::NotFound, language) };
        let message = Message::Decision.text(language);
        OneOfMany { code: 200, status: "success", message, data: OneData::Decision(Box::new(decision)) }
    }
}

impl OneOfMany {
    fn problem(problem: &Problem, language: Language) -> Self {
        Self {
            code: problem.code(),
            status: "error",
            message: problem.text(language),
            data: OneData::Faults(problem.faults(language)),
        }
    }
}
