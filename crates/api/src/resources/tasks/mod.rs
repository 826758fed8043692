//! Tasks (任务), through the two interfaces that the platform has to them: [`v1`] under `/agent-api/user/...` and [`v2`] under
//! `/agent-api/new/user/...`. One task is behind both; what both do alike stands here, and how they differ in [`Interface`].

mod body;
mod call_rules;
mod filter;
mod group_tasks;
mod hours;
mod interface;
mod parts;
mod statistics;
mod v1;
mod v2;
mod view;

use axum::{response::IntoResponse, routing::head};
use calendar::WeeklyWindows;
use domain::{FaultRule, Faults, LineId, TaskDraft, TaskId, TaskInGroup};
use http::{HeaderValue, header};
use store::{
    Page, Session, Unique, edits, groups, lines, numbers,
    tasks::{self, TaskFilter, TaskScope},
};

use self::view::TaskWithNames;
pub(crate) use self::{filter::V2StatusSchema, statistics::status_text, view::TaskView};

use self::{
    body::{PresentTask, TaskBody},
    filter::GenerationQuery,
    interface::Interface,
};
use crate::{
    http::{
        envelope::Answer,
        extract::{AccountRequest, Json},
        idempotency::{self, Creation},
        messages::Message,
        problem::Problem,
        query::{PageQuery, QueryParameters},
        routes::{Routes, routes},
    },
    resources::number_callbacks::note_list,
};

/// How many groups the forms for a new task offer at most; the list of groups has them all.
const OFFERED_GROUPS: Page = Page { number: 1, size: 1_000 };

/// What the platform does by GET although it acts.
const ACTING_BY_GET: [&str; 5] = [
    "/agent-api/user/{user_id}/task_start/{task_id}",
    "/agent-api/user/{user_id}/task_stop/{task_id}",
    "/agent-api/new/user/{user_id}/task_start/{task_id}",
    "/agent-api/new/user/{user_id}/task_stop/{task_id}",
    "/agent-api/new/user/{user_id}/copy/task/{task_id}",
];

/// The routes of both interfaces, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    let routes = Routes::new().routes(routes!(group_tasks::list)).merge(v1::routes()).merge(v2::routes());
    ACTING_BY_GET.iter().fold(routes, |routes, path| routes.undocumented(path, head(refuse_head)))
}

/// A `HEAD` must change nothing, so it is refused where a `GET` acts; without this, the router would answer it as a `GET`.
async fn refuse_head() -> impl IntoResponse {
    ([(header::ALLOW, HeaderValue::from_static("GET, POST, PUT"))], Problem::MethodNotAllowed)
}

/// The tasks of an account.
async fn list(request: &AccountRequest, interface: &Interface) -> Result<Answer<Vec<TaskView>>, Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(&request.query, &mut faults).page();
    let both = interface.lists_both && GenerationQuery::read(&request.query, &mut faults).generation;
    let mut filter = (interface.filter)(&request.query, &mut faults);
    faults.finish(Some(()))?;
    if both {
        filter.generation = None;
    }
    let found = find(request, TaskScope::Account(request.account), &filter, page).await?;
    let view = |task| (interface.view)(&request.api, &request.caller, task);
    Ok(Answer::page(interface.list_message, page, found, view))
}

/// The tasks of all sub-users of the user of the path.
async fn list_of_sub_users(
    request: &AccountRequest,
    interface: &Interface,
) -> Result<Answer<Vec<TaskView>>, Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(&request.query, &mut faults).page();
    let filter = (interface.filter)(&request.query, &mut faults);
    faults.finish(Some(()))?;
    let found = find(request, TaskScope::SubUsers(request.user), &filter, page).await?;
    let view = |task| (interface.sub_user_view)(&request.api, &request.caller, task);
    Ok(Answer::page(Message::SubUserTasks, page, found, view))
}

async fn find(
    request: &AccountRequest,
    scope: TaskScope,
    filter: &TaskFilter,
    page: Page,
) -> Result<store::Paged<TaskWithNames>, Problem> {
    let mut read = request.read().await?;
    let found = tasks::list(&mut read, scope, filter, request.caller.now, page).await?;
    Ok(store::Paged { items: named(&mut read, found.items).await?, total: found.total })
}

async fn get(request: &AccountRequest<TaskId>) -> Result<TaskWithNames, Problem> {
    let mut read = request.read().await?;
    let task = tasks::get(&mut read, request.account, request.id).await?;
    named_one(&mut read, task).await
}

/// Tasks with what their ids name.
async fn named(session: &mut dyn Session, tasks: Vec<TaskInGroup>) -> Result<Vec<TaskWithNames>, Problem> {
    let keys: Vec<_> = tasks.iter().map(|task| (task.task.account_id, task.task.id)).collect();
    // All of them are of one partner.
    let Some((account, _)) = keys.first() else { return Ok(Vec::new()) };
    let lines_of = |task: &TaskInGroup| task.task.draft.settings.dialing.lines_in_order();
    let ids: Vec<LineId> = tasks.iter().flat_map(lines_of).map(|(id, _)| id).collect();
    let lines = lines::names_of(session, *account, &ids).await?;
    let numbers = numbers::totals(session, &keys).await?;
    let mut names = tasks::names_of(session, &keys).await?;
    let with_names = |task: TaskInGroup| TaskWithNames {
        names: names.remove(&task.task.id).unwrap_or_default(),
        line: lines_of(&task).iter().find_map(|(id, _)| lines.get(id).cloned()),
        unknown_lines: lines_of(&task)
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| !lines.contains_key(id))
            .collect(),
        numbers: numbers.get(&task.task.id).copied().unwrap_or(0),
        task,
    };
    Ok(tasks.into_iter().map(with_names).collect())
}

async fn named_one(session: &mut dyn Session, task: TaskInGroup) -> Result<TaskWithNames, Problem> {
    named(session, vec![task]).await?.pop().ok_or(Problem::Internal)
}

async fn create(
    request: AccountRequest<(), Json<TaskBody>>,
    interface: &Interface,
) -> Result<Answer<TaskView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let id = body.chosen_id(&mut faults);
    let windows = windows_of_body(&request, &body).await?;
    let present = PresentTask { draft: None, windows: windows.as_ref() };
    let draft = body.draft(request.api.settings.zone, interface.to_create, present, faults)?;
    let new = NewTask { id, draft, message: Message::Created, is_copy: false };
    insert(&request, interface, new).await
}

/// The windows that a task in the group of this body gives back as hours of its own, if the body has any.
async fn windows_of_body(
    request: &AccountRequest,
    body: &TaskBody,
) -> Result<Option<WeeklyWindows>, Problem> {
    let Some(group) = body.group().filter(|_| body.has_hours()) else { return Ok(None) };
    match groups::get(&mut request.read().await?, request.account, group).await {
        Ok(group) => Ok(Some(group.draft.content)),
        // The fault that there is no such group is found when the task is created.
        Err(store::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A task to be created.
struct NewTask {
    /// The id that its client chose for it; `None`: a new one.
    id: Option<TaskId>,
    draft: TaskDraft,
    message: Message,
    /// Whether it is made like another one.
    is_copy: bool,
}

async fn insert<I>(
    request: &AccountRequest<I>,
    interface: &Interface,
    NewTask { id, draft, message, is_copy }: NewTask,
) -> Result<Answer<TaskView>, Problem> {
    let (api, caller) = (&request.api, &request.caller);
    let attempt = api.chosen_ids.attempt(id.is_some(), caller.partner, caller.now)?;
    let id = id.unwrap_or_else(|| TaskId::generate(&*api.clock, &*api.random));
    let mut tx = match idempotency::begin(api, caller, message).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => {
            attempt.succeeded();
            return Ok(answer);
        }
    };
    let (account, change) = (request.account, caller.change());
    let task = if is_copy {
        edits::tasks::copy(&mut tx, account, id, interface.generation, draft, &change).await
    } else {
        edits::tasks::create(&mut tx, account, id, interface.generation, draft, &change).await
    };
    let task = task.map_err(|error| match error {
        store::Error::Taken(Unique::TaskId) => Problem::fault("uuid", FaultRule::IdUnavailable),
        other => other.into(),
    })?;
    let view = (interface.view)(api, caller, named_one(&mut tx, task).await?);
    let answer = idempotency::finish(tx, caller, message, &view).await?;
    attempt.succeeded();
    Ok(answer)
}

async fn modify(
    request: AccountRequest<TaskId, Json<TaskBody>>,
    interface: &Interface,
) -> Result<(AccountRequest<TaskId>, TaskWithNames), Problem> {
    let (body, mut faults, request) = request.take_body();
    let (account, id, change) = (request.account, request.id, request.caller.change());
    if body.chosen_id(&mut faults).is_some_and(|chosen| chosen != id) {
        faults.add("uuid", FaultRule::Differs("task_id"));
    }
    let mut tx = request.begin().await?;
    let locked = edits::tasks::lock(&mut tx, account, id, body.group(), change.at).await?;
    let windows = Some(&locked.group()?.draft.content);
    let present = PresentTask { draft: Some(locked.task()?.draft), windows };
    let draft = body.draft(request.api.settings.zone, interface.to_change, present, faults)?;
    let task = edits::tasks::update(&mut tx, &locked, draft, &change).await?;
    let task = named_one(&mut tx, task).await?;
    tx.commit().await?;
    Ok((request, task))
}

async fn delete(request: &AccountRequest<TaskId>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    let change = request.caller.change();
    let task = edits::tasks::lock(&mut tx, request.account, request.id, None, change.at).await?;
    note_list(&mut tx, request).await?;
    edits::tasks::delete(&mut tx, &task, &change).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

async fn set_enabled(request: &AccountRequest<TaskId>, enabled: bool) -> Result<TaskInGroup, Problem> {
    let mut tx = request.begin().await?;
    let change = request.caller.change();
    let task = edits::tasks::lock(&mut tx, request.account, request.id, None, change.at).await?;
    let task = edits::tasks::set_enabled(&mut tx, &task, enabled, &change).await?;
    tx.commit().await?;
    Ok(task)
}
