//! How far a task is, how fast it goes, and what keeps it from dialing, or from dialing more.

mod account;
mod running;
mod text;
mod view;

use std::collections::HashMap;

use domain::{
    AccountId, BotCondition, BotObstacle, BotOfCall, BotState, BotUrl, DialingRate, ForecastPoint, Hindered,
    Line, LineFault, LineId, LineKind, LineReadiness, LineRegistration, LineRoom, Name, NumberState,
    Obstacle, RegistrationFailure, Stop, StopTarget, Task, TaskId, TaskInGroup, ToDial, TransferLine,
    call_deadlines, forecast, hindrance, rested_at,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Read,
    attempts::last_line_faults,
    dialing::{
        self, CallsOverLine, CallsUnderWay, DialableTask, KnownRegistration, LineDown, NamedTransfer, Route,
        RouteLine, TaskProgress,
    },
    stops::{self, StoppedAmong},
    tasks,
};

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
        routes::{Routes, routes},
    },
    resources::decisions::ClosedByView,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(progress)).routes(routes!(running::list)).routes(routes!(account::day))
}

/// How far is a task?
///
/// Its numbers by status, calls now, how many begin in a minute, how many are answered, how long the rest takes at this rate, and when in its
/// windows that is; its lines; and why nothing, or no more, is dialed: the first of a closed list of reasons that holds, with when it
/// changes where that is known (`null`: nothing keeps it), and everything that closes it (`closed_by`), as its decision says it.
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
    let (mut outlook, item) = if let Some(task) = dialing::tasks_of_lists(read, &lists).await?.pop() {
        (with_numbers(read, &task, &progress, caller.now).await?, task.item)
    } else {
        let item = tasks::get(read, account, task).await?;
        (without_numbers(&item, caller.now), item)
    };
    outlook.stops = deciding_stops(read, caller, account, outlook.hindered).await?;
    let closed_by = ClosedByView::of_task(&item, caller.now, &outlook.stops, caller.language);
    Ok(ProgressView::new(api, caller, &progress, outlook).closed_by(closed_by))
}

/// The stops that keep a task from dialing, if it is stops that do.
async fn deciding_stops(
    read: &mut Read,
    caller: &Caller,
    account: AccountId,
    hindered: Option<Hindered>,
) -> Result<Vec<Stop>, Problem> {
    let target = match hindered {
        Some(Hindered { by: Obstacle::Stopped, .. }) => StopTarget::Account(caller.partner, account),
        Some(Hindered { by: Obstacle::LineStopped, line: Some(line), .. }) => {
            StopTarget::Line(caller.partner, line)
        }
        _ => return Ok(Vec::new()),
    };
    Ok(stops::covering(read, target).await?.into_iter().map(|named| named.stop).collect())
}

/// What is to be expected of a task.
#[derive(Default)]
struct ProgressOutlook {
    /// What hinders it.
    hindered: Option<Hindered>,
    /// The stops that do, if it is some; the first is named.
    stops: Vec<Stop>,
    /// The lines that it names.
    lines: Vec<UsableLine>,
    /// The last instant at which a call starts before its window closes.
    latest_start: Option<Timestamp>,
    /// How many numbers are left when.
    forecast: Vec<ForecastPoint>,
}

impl ProgressOutlook {
    /// Whether what was called lately says when the rest is.
    fn goes_on(&self) -> bool {
        !self.hindered.is_some_and(|hindered| hindered.by.lets_no_call_out())
    }
}

/// A bot that takes no calls.
#[derive(Clone)]
struct FailingBot {
    /// Which, and why.
    bot: BotOfCall,
    state: BotState,
    /// Until when, as far as that is known.
    until: Option<Timestamp>,
}

/// A line that a task names, as far as it may be used now.
struct UsableLine {
    name: Name,
    is_simulated: bool,
    room: LineRoom,
    /// Why it is not registered, as far as a node knows.
    unregistered: Option<RegistrationFailure>,
    /// The last call over it that failed by its fault.
    last_fault: Option<LineFault>,
    /// Why no server can place calls over SIP.
    sip_failure: Option<String>,
    /// A bot that the task's scripts hand calls to and that cannot be reached.
    failing_bot: Option<FailingBot>,
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
    let calls = (progress.ringing + progress.talking, dialing.pace.maximumcall);
    let apart = dialing.between_starts();
    let next_start = |last: Timestamp| last.saturating_add(apart).unwrap_or(Timestamp::MAX);
    let to_dial = ToDial {
        total: progress.counts.total(),
        open: progress.open(),
        held: progress.held,
        due_now: i64::from(progress.is_any_due) + progress.counts.in_state(NumberState::Leased),
        next_due_at: progress.next_due_at,
        calls: calls.0,
        most_calls: calls.1,
        has_scripts: task.scripts.are_there,
        are_clocks_wrong: dialing::are_clocks_wrong(read).await?,
        has_interval: !apart.is_zero(),
        next_start_at: progress.last_start_at.map(next_start),
        rested_at: slots_rested_at(read, task, calls, now).await?,
    };
    let closes_at = decision.next_change.filter(|_| decision.allowed);
    let lines = lines(read, task, closes_at, now).await?;
    let rooms: Vec<LineRoom> = lines.iter().map(|line| line.room).collect();
    let hindered = hindrance(&decision, &dialing.course, &to_dial, &rooms, now);
    let decide = |at| {
        let decision = task.item.decide(at);
        (decision.allowed, decision.next_change)
    };
    let rate = DialingRate {
        numbers: progress.to_call(),
        last_due_at: progress.last_due_at,
        calls: (progress.begun_lately, dialing::RATE_SPAN),
    };
    let forecast = forecast(rate, now, decide);
    let latest_start = rooms.iter().filter_map(|room| room.latest_start).max().filter(|_| decision.allowed);
    Ok(ProgressOutlook { hindered, stops: Vec::new(), lines, latest_start, forecast })
}

/// When a slot has rested, if those of a task that have no call rest: by the ends of its last calls.
async fn slots_rested_at(
    read: &mut Read,
    task: &DialableTask,
    calls: (i64, i64),
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let Task { account_id, id, draft, .. } = &task.item.task;
    let pause = SignedDuration::from_secs(draft.settings.dialing.pace.call_pause_second.unwrap_or(0));
    if !pause.is_positive() {
        return Ok(None);
    }
    let after = now.saturating_sub(pause).unwrap_or(Timestamp::MIN);
    let ends = dialing::last_ends(read, *account_id, *id, after).await?;
    Ok(rested_at(ends, pause, calls, now))
}

/// The lines that a task names, as far as they may be used now.
async fn lines(
    read: &mut Read,
    task: &DialableTask,
    closes_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Vec<UsableLine>, Problem> {
    let routes = dialing::routes_of_tasks(read, std::slice::from_ref(task)).await?;
    let routes = routes.values().flatten();
    let named: Vec<(&Route, &RouteLine)> =
        routes.flat_map(|route| route.lines.iter().map(move |line| (route, line))).collect();
    let transfers = task.transfers.iter().filter(|transfer| transfer.is_there).map(|transfer| transfer.line);
    let ids: Vec<LineId> = named.iter().map(|(_, line)| line.line).chain(transfers).collect();
    let known = KnownLines::read(read, task, &ids, now).await?;
    Ok(named.into_iter().filter_map(|named| known.usable(task, named, closes_at)).collect())
}

/// What is known of the lines that a task calls or transfers over.
struct KnownLines {
    lines: Vec<Line>,
    down: HashMap<LineId, LineDown>,
    registrations: HashMap<LineId, KnownRegistration>,
    faults: HashMap<LineId, LineFault>,
    sip_failure: Option<String>,
    stopped: StoppedAmong,
    calls: HashMap<LineId, CallsOverLine>,
    under_way: CallsUnderWay,
    /// The bots that take no calls.
    bots: HashMap<BotUrl, BotCondition>,
    /// The number that is next, where there are lines that may not call every number.
    next: Option<i64>,
    now: Timestamp,
}

impl KnownLines {
    async fn read(
        read: &mut Read,
        task: &DialableTask,
        ids: &[LineId],
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let lines = dialing::lines_by_id(read, ids).await?;
        let bots = task.scripts.bots.iter().flat_map(|script| script.steps.iter().flatten());
        let bots: Vec<BotUrl> = bots.map(|bot| bot.url.clone()).collect();
        let has_bots = !bots.is_empty();
        let are_bound = lines.iter().any(|line| !line.draft.settings.allowed_prefixes.is_empty());
        Ok(Self {
            lines,
            next: if are_bound { dialing::next_number(read, task.list, now).await? } else { None },
            under_way: CallsUnderWay {
                by_bot: if has_bots {
                    dialing::calls_of_bots(read, &[task.user]).await?
                } else {
                    HashMap::new()
                },
                ..dialing::calls_under_way(read, &[task.list], &[task.user]).await?
            },
            bots: dialing::bot_conditions(read, &bots).await?,
            now,
            down: dialing::lines_down(read, ids).await?,
            registrations: dialing::line_registrations(read, ids).await?,
            faults: last_line_faults(read, ids).await?,
            sip_failure: dialing::sip_failure(read).await?,
            stopped: stops::among(read, &[], ids).await?,
            calls: dialing::calls_over_lines(read, ids).await?,
        })
    }

    fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// A line over which a task's calls from this line are to be transferred and that connects nobody.
    fn in_vain(&self, task: &DialableTask, from: &Line) -> Option<LineId> {
        let runs_scripts = from.draft.settings.kind.runs_scripts();
        let mut in_vain = task.transfers.iter().filter(|transfer| !self.connects(transfer, from));
        in_vain.next().map(|transfer| transfer.line).filter(|_| runs_scripts)
    }

    /// What keeps a task's calls over a line from the bots that its scripts hand them to.
    fn bots(&self, task: &DialableTask, line: &Line) -> Option<BotObstacle> {
        if !line.draft.settings.kind.runs_scripts() {
            return None;
        }
        let state = |url: &BotUrl| self.bots.get(url).map_or(BotState::Ready, |bot| bot.state);
        let mut found = task
            .scripts
            .bots
            .iter()
            .filter_map(|bots| bots.obstacle(state, |bot| self.under_way.of_bot(bot)));
        found.next()
    }

    /// A bot of a task's scripts that takes no calls, and why; before one that is full, one that cannot be used at all.
    fn failing_bot(&self, task: &DialableTask) -> Option<FailingBot> {
        let of_state = |state: BotState| {
            let mut bots = task.scripts.bots.iter().flat_map(|script| script.steps.iter().flatten());
            bots.find_map(|bot| {
                let known = self.bots.get(&bot.url).filter(|known| known.state == state)?;
                let fault = Some(known.fault.clone()?);
                let bot = BotOfCall { fault, ..BotOfCall::new(bot.url.clone()) };
                Some(FailingBot { bot, state, until: known.until })
            })
        };
        of_state(BotState::Down).or_else(|| of_state(BotState::Full))
    }

    fn connects(&self, transfer: &NamedTransfer, from: &Line) -> bool {
        let is_registered = is_registered_at_one_node(&self.registrations, transfer.line, from);
        let line = self.line(transfer.line).filter(|_| transfer.is_there);
        let is_stopped = self.stopped.lines.contains(&transfer.line);
        TransferLine { line, share: transfer.share, is_stopped, is_registered }.connects(self.now)
    }

    /// A line that the task names, unless it is gone.
    fn usable(
        &self,
        task: &DialableTask,
        (route, named): (&Route, &RouteLine),
        closes_at: Option<Timestamp>,
    ) -> Option<UsableLine> {
        let line = self.line(named.line)?;
        let registration = self.registrations.get(&line.id).map(|known| &known.registration);
        Some(UsableLine {
            name: line.draft.name.clone(),
            is_simulated: matches!(line.draft.settings.kind, LineKind::Simulated(_)),
            room: self.room(task, (route, named), line, closes_at),
            unregistered: registration.and_then(LineRegistration::failure).cloned(),
            last_fault: self.faults.get(&line.id).cloned(),
            sip_failure: self.sip_failure.clone(),
            failing_bot: self.failing_bot(task),
        })
    }

    /// What it has room for.
    fn room(
        &self,
        task: &DialableTask,
        (route, named): (&Route, &RouteLine),
        line: &Line,
        closes_at: Option<Timestamp>,
    ) -> LineRoom {
        let settings = &line.draft.settings;
        let rules = &task.item.task.draft.settings.dialing.calls;
        let over_line = self.calls.get(&line.id);
        let registration = self.registrations.get(&line.id).map(|known| &known.registration);
        LineRoom {
            line: line.id,
            calls: self.under_way.of_user_over(task.user, line.id),
            share: named.share.map(|share| share.calls),
            route: (self.under_way.of_route(task.list, route), route.calls),
            deadline_at: named.share.and_then(|share| share.deadline_at),
            channels: (over_line.map_or(0, |over| over.calls), settings.channels),
            rate: settings.cps,
            last_start: over_line.and_then(|over| over.last_start),
            bots: self.bots(task, line),
            may_call: self.next.is_none_or(|number| line.may_call(number)),
            is_stopped: self.stopped.lines.contains(&line.id),
            in_vain: self.in_vain(task, line),
            readiness: readiness(line, registration, self.down.get(&line.id), self.sip_failure.is_some()),
            latest_start: call_deadlines(closes_at, settings, rules, SignedDuration::ZERO).latest_start,
        }
    }
}

/// Whether a line is registered where calls over another line are: at any node, unless that one has to be registered too.
fn is_registered_at_one_node(known: &HashMap<LineId, KnownRegistration>, line: LineId, from: &Line) -> bool {
    let node =
        |line| known.get(&line).filter(|known| known.registration.is_registered()).map(|known| known.node);
    match (node(line), node(from.id)) {
        (Some(one), Some(other)) => one == other || !from.draft.settings.kind.registers(),
        (one, _) => one.is_some(),
    }
}

/// Whether a line's carrier takes calls, given how it stands with its registrar and whether its calls fail.
fn readiness(
    line: &Line,
    registration: Option<&LineRegistration>,
    down: Option<&LineDown>,
    has_sip_failed: bool,
) -> LineReadiness {
    let is_registered = registration.is_some_and(LineRegistration::is_registered);
    if has_sip_failed && matches!(line.draft.settings.kind, LineKind::Sip(_)) {
        LineReadiness::SipFailed
    } else if line.draft.settings.kind.registers() && !is_registered {
        LineReadiness::NotRegistered
    } else {
        down.map_or(LineReadiness::Ready, |down| LineReadiness::Down { next_trial_at: down.next_trial_at })
    }
}
