//! How far a task is, as it is returned.

use std::collections::HashSet;

use calendar::Zone;
use domain::{BotState, ForecastPoint, Hindered, LineId, NumberState, NumberStatus, Obstacle};
use jiff::Timestamp;
use serde::Serialize;
use store::dialing::TaskProgress;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{FailingBot, ProgressOutlook, UsableLine, text};
use crate::{
    Api,
    http::{
        bots::BotOfCallView,
        extract::Caller,
        formats::LocalTimeSchema,
        language::Language,
        time::stamp,
        values::{self, schema_of},
    },
    resources::{
        decisions::{ClosedByView, text::of_stop},
        lines::LineFailureView,
    },
};

/// How far a task is.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskProgress)]
pub(crate) struct ProgressView {
    numbers: NumbersView,
    calls: CallsView,
    /// How many calls were begun in the last minute.
    #[schema(minimum = 0)]
    rate: i64,
    /// Of the tries of this hour and the one before, how many were answered: 0 to 1. `null`: there were none.
    #[schema(minimum = 0, maximum = 1, example = 0.6)]
    answer_rate: Option<f64>,
    /// For how many seconds there is something to call at this rate: numbers that are held count for none, and it lasts until the last one is
    /// due. `null`: nothing was called in the last minute, or no call can go out now.
    #[schema(minimum = 0)]
    remaining_seconds: Option<i64>,
    /// When none is left at this rate, dialed in its windows alone. `null`: nothing was called in the last minute, no call can go out now,
    /// or that is too far ahead.
    #[schema(value_type = Option<LocalTimeSchema>)]
    finishes_at: Option<String>,
    /// How many numbers are left at this rate: now, at each opening and closing to come, and at the end; at most 61.
    #[schema(max_items = 61)]
    forecast: Vec<ForecastPointView>,
    /// The last time at which a call starts before the window closes. `null`: it is closed, does not close, or there is no line.
    #[schema(value_type = Option<LocalTimeSchema>)]
    latest_start: Option<String>,
    /// The lines that it names.
    lines: Vec<LineInUseView>,
    /// Why nothing, or no more, is dialed now. `null`: nothing keeps it.
    reason: Option<ObstacleView>,
    /// All that closes the task now, as its decision says it: what is of the task or the account first, then planned closures, ceilings and the group
    /// itself, the last to open first. Empty where a call may go out.
    closed_by: Vec<ClosedByView>,
}

/// How many numbers are left at an instant.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressForecastPoint)]
struct ForecastPointView {
    #[schema(value_type = LocalTimeSchema)]
    at: String,
    #[schema(minimum = 0)]
    numbers: i64,
}

/// A line that a task names.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressLine)]
struct LineInUseView {
    line_id: Uuid,
    name: String,
    /// Whether it is a simulated line: nobody is called over it.
    simulated: bool,
    /// The calls of the user and its sub-users over it now.
    #[schema(minimum = 0)]
    calls: i64,
    /// How many there may be. `null`: the user has no share of it.
    #[schema(minimum = 0)]
    share: Option<i64>,
    /// What keeps every call from it now. `null`: nothing.
    #[schema(value_type = Option<ObstacleCode>)]
    reason: Option<&'static str>,
    /// The same in words.
    message: Option<String>,
    /// The last call over it that failed by its fault, of whatever task, within some days. `null`: none did.
    last_failure: Option<LineFailureView>,
}

/// The numbers of a task.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressNumbers)]
struct NumbersView {
    /// All of them.
    #[schema(minimum = 0)]
    total: i64,
    /// Those that wait for their first call.
    #[schema(minimum = 0)]
    waiting: i64,
    /// Those that wait to be called again.
    #[schema(minimum = 0)]
    redials: i64,
    /// Those that wait for a reset, for nobody knows how their call ended (`after_unknown`: `hold`).
    #[schema(minimum = 0)]
    held: i64,
    /// Those that a node has, to call them next.
    #[schema(minimum = 0)]
    leased: i64,
    /// Those that are being called.
    #[schema(minimum = 0)]
    in_call: i64,
    /// Those that are not called any more.
    #[schema(minimum = 0)]
    done: i64,
    /// How many have which status, those that none has left out.
    by_status: Vec<StatusCountView>,
}

/// How many numbers have a status.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressStatusCount)]
struct StatusCountView {
    /// 0 to 12, as in the list of numbers.
    #[schema(minimum = 0, maximum = 12)]
    status: i64,
    /// The status in words.
    status_str: &'static str,
    #[schema(minimum = 1)]
    numbers: i64,
    /// How many of them are not called any more.
    #[schema(minimum = 0)]
    done: i64,
}

/// Calls now.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgressCalls)]
pub(super) struct CallsView {
    /// Those that nobody has answered yet.
    #[schema(minimum = 0)]
    ringing: i64,
    /// Those that were answered.
    #[schema(minimum = 0)]
    talking: i64,
}

/// Why nothing, or no more, is dialed.
#[derive(Serialize, ToSchema)]
#[schema(as = DialingObstacle)]
struct ObstacleView {
    #[schema(value_type = ObstacleCode)]
    code: &'static str,
    /// The reason in words.
    message: String,
    /// When that changes at the earliest, as far as it is known. Of `line_down` it is when the line is asked or tried next, `null` while it
    /// is; of `not_registered` it is not known: the line is tried by itself, after 5 seconds to 5 minutes. Of `bot_busy` it is when the bot
    /// said to be asked again; of `bot_down` when a bot whose calls failed one after another gets the next.
    #[schema(value_type = Option<LocalTimeSchema>)]
    until: Option<String>,
    /// The line that it is about.
    line_id: Option<Uuid>,
    /// Of `bot_down`: the first of the scripts' bots that takes no calls, and why. Of `bot_busy`: the first that says itself that it is full,
    /// or that gets one call as a trial; `null`: they have as many calls as their capacity.
    bot: Option<BotOfCallView>,
}

schema_of!(
    /// Why nothing, or no more, is dialed.
    ObstacleCode, "DialingObstacleCode", values::words("Why nothing, or no more, is dialed: the first that holds.", &text::codes())
);

impl ProgressView {
    pub(super) fn new(api: &Api, caller: &Caller, progress: &TaskProgress, outlook: ProgressOutlook) -> Self {
        let counts = &progress.counts;
        let language = caller.language;
        let of_status = |status: NumberStatus| StatusCountView {
            status: status.number(),
            status_str: crate::resources::tasks::status_text(status, language),
            numbers: counts.of_status(status),
            done: counts.of(status, NumberState::Done),
        };
        let zone = api.settings.zone;
        // One that is named by itself and in a group is told once.
        let mut seen = HashSet::new();
        let reason = outlook.hindered.map(|hindered| ObstacleView::new(hindered, &outlook, zone, language));
        let in_use = |line| LineInUseView::new(line, zone, caller);
        let goes_on = outlook.goes_on();
        let forecast = if goes_on { &outlook.forecast[..] } else { &[] };
        let end = forecast.last().filter(|point| point.numbers == 0);
        Self {
            numbers: NumbersView {
                total: counts.total(),
                waiting: progress.never_called(),
                redials: progress.redials_ahead(),
                held: progress.held,
                leased: counts.in_state(NumberState::Leased),
                in_call: counts.in_state(NumberState::InCall),
                done: counts.in_state(NumberState::Done),
                by_status: NumberStatus::ALL
                    .map(of_status)
                    .into_iter()
                    .filter(|one| one.numbers > 0)
                    .collect(),
            },
            calls: CallsView::new(progress.ringing, progress.talking),
            rate: progress.begun_lately,
            answer_rate: share(progress.tries.1, progress.tries.0),
            remaining_seconds: remaining(progress, caller.now).filter(|_| goes_on),
            finishes_at: end.map(|point| stamp(zone, point.at)),
            forecast: forecast.iter().map(|point| ForecastPointView::new(*point, zone)).collect(),
            latest_start: outlook.latest_start.map(|at| stamp(zone, at)),
            lines: outlook.lines.into_iter().filter(|line| seen.insert(line.room.line)).map(in_use).collect(),
            reason,
            closed_by: Vec::new(),
        }
    }

    /// The same with all that closes the task.
    pub(super) fn closed_by(self, closed_by: Vec<ClosedByView>) -> Self {
        Self { closed_by, ..self }
    }
}

impl CallsView {
    pub(super) const fn new(ringing: i64, talking: i64) -> Self {
        Self { ringing, talking }
    }
}

impl ForecastPointView {
    fn new(point: ForecastPoint, zone: Zone) -> Self {
        Self { at: stamp(zone, point.at), numbers: point.numbers }
    }
}

impl LineInUseView {
    fn new(line: UsableLine, zone: Zone, caller: &Caller) -> Self {
        let obstacle = line.room.obstacle(caller.now);
        let message = obstacle.map(|by| {
            let said = by_carrier(by, Some(&line), caller.language);
            format!("{}{said}", text::of_obstacle(by, caller.language))
        });
        let last_failure = line.last_fault.as_ref().map(|fault| LineFailureView::new(zone, fault));
        let UsableLine { name, is_simulated, room, .. } = line;
        Self {
            line_id: room.line.uuid(),
            name: name.as_str().to_owned(),
            simulated: is_simulated,
            calls: room.calls,
            share: room.share,
            reason: obstacle.map(Obstacle::code),
            message,
            last_failure,
        }
    }
}

impl ObstacleView {
    fn new(found: Hindered, outlook: &ProgressOutlook, zone: Zone, language: Language) -> Self {
        let line = outlook.lines.iter().find(|line| Some(line.room.line) == found.line);
        let said = by_carrier(found.by, line, language);
        let bot = line.and_then(|line| line.failing_bot_of(found.by));
        Self {
            code: found.by.code(),
            message: match outlook.stops.first() {
                Some(stop) => of_stop(stop, zone, language),
                None => format!("{}{said}", text::of(found, zone, language)),
            },
            until: found.until.or(bot.and_then(|bot| bot.until)).map(|at| stamp(zone, at)),
            line_id: found.line.map(LineId::uuid),
            bot: bot.map(|bot| bot.bot.clone().into()),
        }
    }
}

impl UsableLine {
    /// The bot that an obstacle is about.
    fn failing_bot_of(&self, by: Obstacle) -> Option<&FailingBot> {
        let state = match by {
            Obstacle::BotDown => BotState::Down,
            Obstacle::BotBusy => BotState::Full,
            _ => return None,
        };
        self.failing_bot.as_ref().filter(|failing| failing.state == state)
    }
}

/// What whoever hinders said: the registrar of a line, its last call that failed, or a bot.
fn by_carrier(by: Obstacle, line: Option<&UsableLine>, language: Language) -> String {
    let said = line.and_then(|line| match by {
        Obstacle::NotRegistered => {
            line.unregistered.as_ref().map(|failure| text::of_registrar(failure, language))
        }
        Obstacle::SipFailed => line.sip_failure.as_ref().map(|words| text::of_sip_failure(words, language)),
        Obstacle::BotDown | Obstacle::BotBusy => {
            let fault = line.failing_bot_of(by).and_then(|failing| failing.bot.fault.as_ref());
            fault.map(|fault| text::of_bot_fault(fault, language))
        }
        Obstacle::LineDown => line.last_fault.as_ref().map(|fault| text::of_fault(fault, language)),
        _ => None,
    });
    said.unwrap_or_default()
}

/// A part of a whole, in thousandths.
fn share(part: i64, whole: i64) -> Option<f64> {
    let thousandths = part.saturating_mul(1_000).checked_div(whole)?;
    i32::try_from(thousandths).ok().map(|thousandths| f64::from(thousandths) / 1_000.0)
}

/// Not less than until the last number is due.
fn remaining(progress: &TaskProgress, now: Timestamp) -> Option<i64> {
    let at_this_rate = progress.to_call().saturating_mul(60).checked_div(progress.begun_lately)?;
    let last_due = progress.last_due_at.map_or(0, |at| at.duration_since(now).as_secs());
    Some(at_this_rate.max(last_due))
}
