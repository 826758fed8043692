//! An event as it is returned: in a page, in a stream, and to a webhook.

use calendar::Zone;
use domain::{
    BlockedNumberSnapshot, BotHealthSnapshot, CalendarHorizon, CallSnapshot, CeilingSnapshot,
    ClosureSnapshot, DialTimeGroupId, EventCause, EventDetail, EventKind, FeedOutcome, FeedSnapshot,
    GroupSnapshot, LineHealthSnapshot, LoggedEvent, NumberCallbackSnapshot, RecordingSnapshot,
    ResultSnapshot, Score, StopSnapshot, TaskId,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::events::Extent;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    answerers::AnswererView,
    time::instant,
    values::{self, schema_of},
};

schema_of!(
    /// The types of events that there are.
    EventTypeSchema,
    "EventType",
    values::words("What happened.", EventKind::CODES)
);
schema_of!(
    /// The types of events that there are and may be.
    AnyEventTypeSchema,
    "AnyEventType",
    values::open::<EventTypeSchema>("What happened. A later version may tell of more: pass over a type that you do not know.")
);
schema_of!(
    /// Why something happened.
    EventCauseSchema,
    "EventCause",
    values::words(
        "`window`, `holiday`, `exception` (a rule of the group), `override` (of the group, or its end), `edit` (of a group, a task or the holidays; or a ceiling was removed or made to open), `person` \
         (someone started or stopped the task), `bounds` (the task's own start, stop or closure), `clock` (it was set back), \
         `closure` (a planned closure), `ceiling` (a ceiling closed or opened, or was set or edited and closes), `account` (it was disabled or enabled), `stopped` (dialing was stopped as a whole, or resumed), `dialing` (what came of dialing).",
        EventCause::CODES
    )
);

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// Its place in the account's log, counted from 1.
    #[schema(minimum = 1, example = 17)]
    pub(super) id: i64,
    #[serde(rename = "type")]
    #[schema(value_type = AnyEventTypeSchema, inline, example = "group.opened")]
    pub(super) kind: &'static str,
    #[schema(value_type = EventCauseSchema)]
    cause: &'static str,
    /// When it was to happen, which is the instant from which it holds: RFC 3339 with the offset of the server's zone.
    #[schema(format = "date-time", example = "2026-10-10T09:00:00+08:00")]
    due_at: String,
    /// When it was written down.
    #[schema(format = "date-time", example = "2026-10-10T09:00:00.012+08:00")]
    written_at: String,
    /// Whether that was more than 5 seconds later: the server was away or asleep.
    late: bool,
    user_id: Uuid,
    /// The group it is about, or that its task dials in.
    group_id: Option<i64>,
    /// The version the group had.
    group_version: Option<i64>,
    /// The task it is about.
    task_id: Option<Uuid>,
    /// Of `task.created` and `task.deleted`: its `name`, `settings`, `created_at`, `generation`, whether it was `enabled`, its
    /// `group`, and that group's `content`. Of
    /// `holidays.near_horizon`: `holiday_calendar` and `known_until`. Of `holidays.feed_changed`: `holiday_calendar`, how many `days` changed and how
    /// many the file said nothing of that stayed (`kept_days`). Of `holidays.feed_failing`: `holiday_calendar`, `since` when, and the last `fault`. Of `dialing.stopped` and `dialing.resumed`: the `level` of what
    /// was stopped or resumed and its `id`, the `reason`, and the `token_name` of who did it (`null`: the command line). Of
    /// `closure.planned` and `closure.revoked`: `closure_id`, `closure_name`, `begin`, `end`, the `level` of what it covers and its `id`, and the `token_name`. Of
    /// `ceiling.changed`: what happened to the `ceiling` (`set`, `edited`, `removed`), the `ceiling_name`, the `level` and the `id` of what lies below, and the `token_name`. Of
    /// `import.finished`: `import_id`, `state` (`finished`, `cancelled` or `failed`), `failure`, `dry_run`, and how many rows were read
    /// (`rows`) and what became of them: `added`, `replaced`, `skipped`, `refused`. Of `call.*`: the
    /// `record_id`, in which the number is, the `line_id`, whether it is `simulated`, when it was dialed, rang, was answered and ended, and then
    /// its `class`, `status` and `ended_by`; where the script asks who answered, `answered_by` and the `answerer` of records; of `call.result` alone the `record_id`, `intention_results`, `rounds` and `score`. Of `line.*`: `line_id`, `line_name`, and the `class` of the failure. Of `number.blocked`: `blocked_by`, and
    /// how many `numbers`. Of `numbers.added` and `numbers.deleted`: the `unique_id` of the callback on them, and how many `numbers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    detail: Option<Value>,
}

impl EventView {
    pub(crate) fn new(zone: Zone, logged: &LoggedEvent) -> Self {
        let event = &logged.event;
        Self {
            id: logged.number,
            kind: event.kind.code(),
            cause: event.cause.code(),
            due_at: instant(zone, event.due_at),
            written_at: instant(zone, event.written_at),
            late: event.is_late(),
            user_id: logged.account.uuid(),
            group_id: event.group.map(|(id, _)| DialTimeGroupId::get(id)),
            group_version: event.group.map(|(_, version)| version),
            task_id: event.task.map(TaskId::uuid),
            detail: event.detail.as_ref().map(|said| detail(said, zone)),
        }
    }
}

fn feed_view(holiday_calendar: &str, feed: &FeedOutcome, zone: Zone) -> Value {
    match feed {
        FeedOutcome::Changed { days, kept_days } => {
            json!({ "holiday_calendar": holiday_calendar, "days": days, "kept_days": kept_days })
        }
        FeedOutcome::Failing { since, fault } => {
            json!({ "holiday_calendar": holiday_calendar, "since": instant(zone, *since), "fault": fault })
        }
    }
}

/// What else an event says. Of events that were written by earlier versions some of it is not known, and left out.
fn detail(detail: &EventDetail, zone: Zone) -> Value {
    let task = match detail {
        EventDetail::Horizon(CalendarHorizon { holiday_calendar, known_until }) => {
            return json!({ "holiday_calendar": holiday_calendar, "known_until": known_until });
        }
        EventDetail::Feed(FeedSnapshot { holiday_calendar, feed }) => {
            return feed_view(holiday_calendar, feed, zone);
        }
        EventDetail::Stop(StopSnapshot { level, id, reason, token_name }) => {
            return json!({ "level": level, "id": id, "reason": reason, "token_name": token_name });
        }
        EventDetail::Closure(closure) => return closure_view(closure, zone),
        EventDetail::Ceiling(ceiling) => return ceiling_view(ceiling),
        EventDetail::Import(summary) => return json!(summary),
        EventDetail::Call(call) => return call_view(call, zone),
        EventDetail::Result(result) => return result_view(result),
        EventDetail::Line(LineHealthSnapshot { line_id, line_name, failing }) => {
            return json!({ "line_id": line_id, "line_name": line_name, "class": failing });
        }
        EventDetail::Bot(BotHealthSnapshot { bot_url, bot_fault }) => {
            return json!({ "bot_url": bot_url, "fault": bot_fault });
        }
        EventDetail::Blocked(BlockedNumberSnapshot { blocked_by, numbers }) => {
            return json!({ "blocked_by": blocked_by, "numbers": numbers });
        }
        EventDetail::Numbers(NumberCallbackSnapshot { unique_id, numbers }) => {
            return json!({ "unique_id": unique_id, "numbers": numbers });
        }
        EventDetail::Recording(RecordingSnapshot { record_id, delete_at }) => {
            return json!({ "record_id": record_id, "delete_at": instant(zone, *delete_at) });
        }
        EventDetail::Task(task) => task,
    };
    let mut view = json!({
        "name": task.name,
        "settings": task.settings,
        "created_at": task.created_at.map(|created_at| created_at.to_string()),
        "content": task.content,
    });
    if let Some(generation) = task.generation {
        view["group"] = group_view(task.group.as_ref());
        view["generation"] = generation.into();
        view["enabled"] = task.enabled.into();
    }
    view
}

/// A call, as far as it has come. Its number is in the record, for who may see it.
fn call_view(call: &CallSnapshot, zone: Zone) -> Value {
    let written = |at: Option<Timestamp>| at.map(|at| instant(zone, at));
    let (end, answerer) = (call.end.as_ref(), call.answerer);
    json!({
        "record_id": call.record_id,
        "line_id": call.line_id,
        "simulated": call.simulated,
        "dialed_at": instant(zone, call.dialed_at),
        "ringing_at": written(call.ringing_at),
        "answered_at": written(call.answered_at),
        "ended_at": written(end.map(|end| end.at)),
        "class": end.map(|end| end.class),
        "status": end.and_then(|end| end.status),
        "ended_by": end.map(|end| end.by),
        "answered_by": answerer.map(|answerer| answerer.by).or_else(|| end.and_then(|end| end.answered_by)),
        "answerer": answerer.map(AnswererView::from),
    })
}

/// A closure that was planned or revoked.
fn closure_view(closure: &ClosureSnapshot, zone: Zone) -> Value {
    json!({
        "closure_id": closure.closure_id,
        "closure_name": closure.closure_name,
        "level": closure.level,
        "id": closure.id,
        "begin": instant(zone, closure.begin),
        "end": instant(zone, closure.end),
        "token_name": closure.token_name,
    })
}

/// A ceiling that was set or removed, or whose group was edited.
fn ceiling_view(ceiling: &CeilingSnapshot) -> Value {
    json!({
        "ceiling": ceiling.ceiling,
        "ceiling_name": ceiling.ceiling_name,
        "level": ceiling.level,
        "id": ceiling.id,
        "token_name": ceiling.token_name,
    })
}

/// What came of a conversation, without what was said.
fn result_view(result: &ResultSnapshot) -> Value {
    let score = result.score_hundredths.and_then(|score| Score::of_hundredths(score).ok());
    json!({
        "record_id": result.result_of,
        "intention_results": result.intention,
        "rounds": result.rounds,
        "score": score.map(Score::number),
    })
}

/// The group that the task of an event dials in.
fn group_view(group: Option<&GroupSnapshot>) -> Value {
    let Some(GroupSnapshot { id, name, content, skip_holiday, is_default }) = group else {
        return Value::Null;
    };
    json!({
        "id": id, "name": name, "content": content, "skip_holiday": skip_holiday, "is_default": is_default,
    })
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPageView {
    events: Vec<EventView>,
    /// To be passed as `after` for what follows this page.
    #[schema(example = 17)]
    next: i64,
    /// The id of the newest event of the log, kept or not; 0 when there never was one. The last 50 are those after `newest` - 50,
    /// or after 0.
    #[schema(example = 17)]
    newest: i64,
    /// Whether there is more already.
    more: bool,
    /// Whether events after `after` are no longer kept, or the log does not reach that far, as after a backup was restored: whoever
    /// follows should read its groups and tasks anew.
    missed: bool,
}

impl EventPageView {
    pub(super) fn new(after: i64, extent: Extent, events: Vec<EventView>) -> Self {
        let first_kept = extent.oldest.unwrap_or(extent.newest + 1);
        // An event that was written after the extent was read may be on the page.
        let newest = events.last().map_or(extent.newest, |event| event.id.max(extent.newest));
        // Ahead of the log is who followed it before a backup was restored: ids are given again.
        let is_ahead = after > newest;
        let next = events.last().map_or(after.min(newest), |event| event.id);
        Self {
            next,
            newest,
            more: next < extent.newest && !events.is_empty(),
            missed: is_ahead || after < first_kept - 1,
            events,
        }
    }
}
