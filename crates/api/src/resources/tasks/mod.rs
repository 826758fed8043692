//! Tasks (任务), in the two wire views the platform has of them: [`v1`] under `/agent-api/user/...` and
//! [`v2`] under `/agent-api/new/user/...`. It is one task behind both; what both do alike stands here.

mod body;
mod v1;
pub(crate) mod v2;
mod view;

use axum::{response::IntoResponse, routing::head};
use calendar::WeeklyWindows;
use domain::{FaultRule, Faults, Generation, TaskDraft, TaskId, TaskInGroup, TaskState};
use http::{HeaderValue, header};
use store::{
    groups,
    tasks::{self, TaskFilter, TaskScope},
};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::body::Number;
use self::body::{Asked, TaskBody};
pub(crate) use self::view::TaskView;
use crate::{
    Api,
    http::{
        envelope::Answer,
        extract::{AccountRequest, Caller},
        idempotency::{self, Creation},
        lenient,
        problem::Problem,
        query::{OneOrMany, Query},
    },
    messages::Message,
};

/// What the platform does by GET although it acts.
const ACTING_BY_GET: [&str; 5] = [
    "/agent-api/user/{user_id}/task_start/{task_id}",
    "/agent-api/user/{user_id}/task_stop/{task_id}",
    "/agent-api/new/user/{user_id}/task_start/{task_id}",
    "/agent-api/new/user/{user_id}/task_stop/{task_id}",
    "/agent-api/new/user/{user_id}/copy/task/{task_id}",
];

/// The routes of both interfaces, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    let routes = OpenApiRouter::new().merge(v1::routes()).merge(v2::routes());
    ACTING_BY_GET.iter().fold(routes, |routes, path| routes.route(path, head(refuse_head)))
}

/// A `HEAD` must change nothing, so it is refused where a `GET` acts; without this, the router would answer it as a `GET`.
async fn refuse_head() -> impl IntoResponse {
    ([(header::ALLOW, HeaderValue::from_static("GET, POST, PUT"))], Problem::MethodNotAllowed)
}

/// How a list's `status` is read.
struct StatusNumbers {
    /// The documented numbers.
    known: &'static [&'static str],
    /// The states that one of them means.
    states: fn(i64) -> Option<&'static [TaskState]>,
}

/// The tasks of which interface a list shows.
#[derive(Clone, Copy)]
enum Shown {
    First,
    /// Those of 1.0, or with `generation=all` those of both.
    FirstOrAll,
    Second,
}

impl Shown {
    /// What the list is narrowed to, if it is.
    fn generation(self, query: &Query, faults: &mut Faults) -> Option<Generation> {
        match self {
            Self::FirstOrAll if query.one_of("generation", &["all"], faults).is_some() => None,
            Self::First | Self::FirstOrAll => Some(Generation::V1),
            Self::Second => Some(Generation::V2),
        }
    }
}

async fn list(
    request: &AccountRequest,
    scope: TaskScope,
    shown: Shown,
    numbers: &StatusNumbers,
    message: Message,
    view: fn(&Api, &Caller, TaskInGroup) -> TaskView,
) -> Result<Answer<Vec<TaskView>>, Problem> {
    let mut faults = Faults::default();
    let page = request.query.page(&mut faults);
    let generation = shown.generation(&request.query, &mut faults);
    let filter = TaskFilter {
        generation,
        name: request.query.text("name", &mut faults),
        states: states(&request.query, numbers, &mut faults),
        task_type: task_type(&request.query, generation, &mut faults),
    };
    faults.finish(Some(()))?;
    let found = tasks::list(&mut request.read().await?, scope, &filter, request.caller.now, page).await?;
    Ok(Answer::page(message, page, found, |task| view(&request.api, &request.caller, task)))
}

/// A single unknown number is a fault; an array that holds one does not narrow the list at all, as documented.
fn states(query: &Query, numbers: &StatusNumbers, faults: &mut Faults) -> Option<Vec<TaskState>> {
    let known = |text: &str| lenient::integer(text).and_then(numbers.states);
    match query.one_or_many("status") {
        OneOrMany::None => None,
        OneOrMany::One(text) => {
            let states = known(&text).ok_or(FaultRule::OneOf(numbers.known));
            faults.check("status", states).map(<[TaskState]>::to_vec)
        }
        OneOrMany::Many(texts) => {
            let all: Option<Vec<_>> = texts.iter().map(|text| known(text)).collect();
            Some(all?.concat())
        }
    }
}

/// Documented of the 2.0 lists: 6 (2.0任务) or 7 (新2.0任务).
fn task_type(query: &Query, generation: Option<Generation>, faults: &mut Faults) -> Option<i64> {
    const KNOWN: &[&str] = &["6", "7"];
    let text = query.get("task_type").filter(|_| generation == Some(Generation::V2))?;
    let known = lenient::integer(text).filter(|number| KNOWN.contains(&number.to_string().as_str()));
    faults.check("task_type", known.ok_or(FaultRule::OneOf(KNOWN)))
}

async fn get(request: &AccountRequest<TaskId>) -> Result<TaskInGroup, Problem> {
    Ok(tasks::get(&mut request.read().await?, request.account, request.id).await?)
}

/// The windows that a task in the group of this body gives back as hours of its own, if the body has any.
async fn windows_of_body(
    request: &AccountRequest,
    body: &TaskBody,
) -> Result<Option<WeeklyWindows>, Problem> {
    let Some(group) = body.group().filter(|_| body.has_hours()) else { return Ok(None) };
    match groups::get(&mut request.read().await?, request.account, group).await {
        Ok(group) => Ok(Some(group.draft.content)),
        // That there is no such group is told when the task is made.
        Err(store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn create<I, B>(
    request: &AccountRequest<I, B>,
    generation: Generation,
    (brought, draft): (Option<TaskId>, TaskDraft),
    message: Message,
    view: fn(&Api, &Caller, TaskInGroup) -> TaskView,
) -> Result<Answer<TaskView>, Problem> {
    let (api, caller) = (&request.api, &request.caller);
    let attempt = api.chosen_ids.attempt(brought.is_some(), caller)?;
    let id = brought.unwrap_or_else(|| TaskId::generate(&*api.clock, &*api.random));
    let mut tx = match idempotency::begin(api, caller, message).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => {
            attempt.succeeded();
            return Ok(answer);
        }
    };
    let task = tasks::create(&mut tx, request.account, id, generation, draft, &caller.change()).await;
    let task = task.map_err(|error| match error {
        store::Error::IdUnavailable => Problem::fault("uuid", FaultRule::IdUnavailable),
        other => other.into(),
    })?;
    let answer = idempotency::finish(tx, caller, message, &view(api, caller, task)).await?;
    attempt.succeeded();
    Ok(answer)
}

async fn modify<B>(
    request: &AccountRequest<TaskId, B>,
    (body, mut faults): (TaskBody, Faults),
    asked: Asked,
) -> Result<TaskInGroup, Problem> {
    let (account, id, zone) = (request.account, request.id, request.api.settings.zone);
    let change = request.caller.change();
    if body.chosen_id(&mut faults).is_some_and(|brought| brought != id) {
        faults.add("uuid", FaultRule::Differs("task_id"));
    }
    let mut tx = request.begin().await?;
    let TaskInGroup { task, group, .. } =
        tasks::get_to_change(&mut tx, account, id, body.group(), &change).await?;
    let draft = body.draft(zone, asked, (Some(task.draft), Some(&group.draft.content)), faults)?;
    let task = tasks::update(&mut tx, account, id, draft, &change).await?;
    tx.commit().await?;
    Ok(task)
}

async fn delete(request: &AccountRequest<TaskId>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    tasks::delete(&mut tx, request.account, request.id, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

async fn set_enabled(request: &AccountRequest<TaskId>, enabled: bool) -> Result<TaskInGroup, Problem> {
    let mut tx = request.begin().await?;
    let change = request.caller.change();
    let task = tasks::set_enabled(&mut tx, request.account, request.id, enabled, &change).await?;
    tx.commit().await?;
    Ok(task)
}
