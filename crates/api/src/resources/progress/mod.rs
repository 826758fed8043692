//! How far a task is, how fast it goes, and what keeps it from dialing, or from dialing more.

mod account;
mod running;
mod text;
mod view;

use std::collections::HashMap;

use domain::{
    AccountId, CallDeadlines, ForecastPoint, Hindered, Line, LineId, LineKind, LineRoom, Name, TaskId,
    TaskInGroup, ToDial, call_deadlines, forecast, hindrance,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Read,
    dialing::{self, CallsUnderWay, DialableTask, RouteLine, TaskProgress},
    stops, tasks,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::view::ProgressView;
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Caller},
        messages::Message,
        path::TaskPath,
        problem::Problem,
        query::SubUserQuery,
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(progress))
        .routes(routes!(running::list))
        .routes(routes!(account::day))
}

/// How far is a task?
///
/// Its numbers by status, calls now, how many begin in a minute, how many are answered, how long the rest takes at this rate, and when in its
/// windows that is; its lines; and why nothing, or no more, is dialed: the first of a closed list of reasons that holds, with when it
/// changes where that is known. `null`: nothing keeps it.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/progress", tag = "record",
    operation_id = "task_progress", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<ProgressView>)))]
pub(crate) async fn progress(request: AccountRequest<TaskId>) -> Result<Answer<ProgressView>, Problem> {
    let AccountRequest { api, caller, account, id, .. } = &request;
    let mut read = request.read().await?;
    Ok(Answer::new(Message::Progress, of_task(&mut read, api, caller, (*account, *id)).await?))
}

async fn of_task(
    read: &mut Read,
    api: &Api,
    caller: &Caller,
    (account, task): (AccountId, TaskId),
) -> Result<ProgressView, Problem> {
    let progress = dialing::progress(read, account, task, caller.now).await?;
    let lists: Vec<i64> = progress.list.into_iter().collect();
    let outlook = match dialing::tasks_of_lists(read, &lists).await?.pop() {
        Some(task) => with_numbers(read, &task, &progress, caller.now).await?,
        None => without_numbers(&tasks::get(read, account, task).await?, caller.now),
    };
    Ok(ProgressView::new(api, caller, &progress, outlook))
}

/// What is to be expected of a task.
#[derive(Default)]
struct ProgressOutlook {
    /// What hinders it.
    hindered: Option<Hindered>,
    /// The lines that it names.
    lines: Vec<UsableLine>,
    /// The last instant at which a call starts before its window closes.
    latest_start: Option<Timestamp>,
    /// How many numbers are left when.
    forecast: Vec<ForecastPoint>,
}

/// A line that a task names, as far as it may be used now.
struct UsableLine {
    name: Name,
    is_simulated: bool,
    room: LineRoom,
}

/// What hinders a task that never had a number.
fn without_numbers(item: &TaskInGroup, now: Timestamp) -> ProgressOutlook {
    let course = &item.task.draft.settings.dialing.course;
    let hindered = hindrance(&item.decide(now), course, &ToDial::default(), &[], now);
    ProgressOutlook { hindered, ..ProgressOutlook::default() }
}

/// What is to be expected of a task with a list.
async fn with_numbers(
    read: &mut Read,
    task: &DialableTask,
    progress: &TaskProgress,
    now: Timestamp,
) -> Result<ProgressOutlook, Problem> {
    let decision = task.item.decide(now);
    let dialing = &task.item.task.draft.settings.dialing;
    let to_dial = ToDial {
        total: progress.counts.total(),
        open: progress.open(),
        due_now: i64::from(progress.is_any_due),
        next_due_at: progress.next_due_at,
        calls: progress.ringing + progress.talking,
        most_calls: dialing.pace.maximumcall,
        has_scripts: task.scripts.are_there,
        has_interval: !dialing.between_starts().is_zero(),
    };
    let lines = lines(read, task, decision.next_change).await?;
    let rooms: Vec<LineRoom> = lines.iter().map(|line| line.room).collect();
    let hindered = hindrance(&decision, &dialing.course, &to_dial, &rooms, now);
    let decide = |at| {
        let decision = task.item.decide(at);
        (decision.allowed, decision.next_change)
    };
    let forecast = forecast(progress.to_call(), (progress.begun_lately, dialing::RATE_SPAN), now, decide);
    let latest_start = rooms.iter().filter_map(|room| room.latest_start).max().filter(|_| decision.allowed);
    Ok(ProgressOutlook { hindered, lines, latest_start, forecast })
}

/// The lines that a task names, as far as they may be used now.
async fn lines(
    read: &mut Read,
    task: &DialableTask,
    closes_at: Option<Timestamp>,
) -> Result<Vec<UsableLine>, Problem> {
    let routes = dialing::routes_of_tasks(read, std::slice::from_ref(task)).await?;
    let named: Vec<&RouteLine> = routes.values().flatten().flat_map(|route| &route.lines).collect();
    let ids: Vec<LineId> = named.iter().map(|line| line.line).collect();
    let lines = dialing::lines_by_id(read, &ids).await?;
    let down = dialing::lines_down(read, &ids).await?;
    let stopped = stops::among(read, &[], &ids).await?;
    let all_calls = dialing::calls_over_lines(read, &ids).await?;
    let under_way = dialing::calls_under_way(read, &[task.list], &[task.user]).await?;
    let line = |id: LineId| lines.iter().find(|line| line.id == id);
    let room = |named: &&RouteLine| {
        let line = line(named.line)?;
        let room = line_room(task, named, line, &under_way, &all_calls, closes_at);
        let is_stopped = stopped.lines.contains(&line.id);
        let room = LineRoom { is_down: down.contains_key(&line.id), is_stopped, ..room };
        let is_simulated = matches!(line.draft.settings.kind, LineKind::Simulated(_));
        Some(UsableLine { name: line.draft.name.clone(), is_simulated, room })
    };
    Ok(named.iter().filter_map(room).collect())
}

fn line_room(
    task: &DialableTask,
    named: &RouteLine,
    line: &Line,
    under_way: &CallsUnderWay,
    all_calls: &HashMap<LineId, i64>,
    closes_at: Option<Timestamp>,
) -> LineRoom {
    let settings = &line.draft.settings;
    let rules = &task.item.task.draft.settings.dialing.calls;
    let used = under_way.of_user_over(task.user, line.id);
    let CallDeadlines { latest_start, .. } = call_deadlines(closes_at, settings, rules, SignedDuration::ZERO);
    LineRoom {
        line: line.id,
        share: named.share.map(|share| (used, share.calls)),
        deadline_at: named.share.and_then(|share| share.deadline_at),
        channels: (all_calls.get(&line.id).copied().unwrap_or(0), settings.channels),
        rate: settings.cps,
        carries: settings.kind.carries(task.scripts),
        is_stopped: false,
        is_down: false,
        latest_start,
    }
}
