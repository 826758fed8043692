//! What a task is created and changed with, through either interface.

mod closure;
mod extras;
mod hours;
mod schemas;

use calendar::{WeeklyWindows, Zone};
use domain::{
    Counted, DialTimeGroupId, Fault, FaultRule, Faults, MAXIMUM_SCRIPTS_OF_TASK, REMARK_CHARACTERS, Resume,
    ScriptChoice, TaskDraft, TaskId, TaskSettings,
};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use self::extras::TaskExtrasBody;
pub(crate) use self::schemas::{NewV2TaskSchema, V1TaskSchema, V2TaskSchema};
use super::{
    call_rules::{AfterUnknownChoice, AtCloseChoice, SentCallRules},
    interface::Needed,
    parts::ResumeChoice,
};
use crate::http::{
    body::{Decimal, Number, fields, required_name},
    chosen_ids::chosen_uuid,
    formats::NameSchema,
};

const LARGEST_MAXIMUMCALL: i64 = 1_000_000;

/// The longest time between two calls that a task may ask for, in seconds: a day.
const LONGEST_PAUSE: i64 = 86_400;

/// The last of the platform's kinds of task.
const LARGEST_TASK_TYPE: i64 = 7;

/// What a task is made of. Fields without a meaning of their own here are kept, returned and named in `warnings`. `null` is as if a field
/// was not sent, and what is not sent of a task that is there stays as it is.
#[derive(Debug, ToSchema)]
#[schema(as = WholeTaskBody)]
pub(crate) struct TaskBody {
    /// Of a new task the id it had elsewhere, which no other task may have; left out, a new one. Of one that is there its own,
    /// which may be repeated.
    #[schema(ignore)]
    uuid: Option<String>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The group it dials in (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 428)]
    dial_time_id: Option<Number>,
    /// The script group (话术分组的id).
    #[schema(value_type = i64, required = true, example = 297)]
    destination_extension: Option<Number>,
    /// The most calls at once (线路并发数).
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 1_000_000, example = 1)]
    maximumcall: Option<Number>,
    /// The line; required of 1.0 tasks.
    #[schema(example = "dc53e7e7-3a68-40ae-adfe-63fc00e401d3")]
    caller_line_id: Option<Uuid>,
    /// The transfer group; not sent, it is taken away.
    bridge_group_id: Option<i64>,
    #[schema(max_length = 1_000)]
    remark: Option<String>,
    /// Seconds between the end of a call and the next one in its place.
    #[schema(minimum = 0, maximum = 86_400)]
    call_pause_second: Option<i64>,
    auto_recycle_rule_id: Option<i64>,
    /// Dynamic seats (动态坐席); not together with `end_action` 1.
    elasticity_type: Option<bool>,
    /// 0 nothing, 1 pause and free the lines.
    #[schema(minimum = 0, maximum = 1)]
    end_action: Option<i64>,
    llm_intention_id: Option<i64>,
    /// 1 and 4 call out, 2 and 5 only take calls, 6 and 7 are 2.0 tasks.
    #[schema(minimum = 0, maximum = 7)]
    task_type: Option<i64>,
    enable_type: Option<i64>,
    /// 0 out, 1 in.
    #[schema(minimum = 0, maximum = 1)]
    is_call_in: Option<i64>,
    background_id: Option<i64>,
    /// 1: `group_switch_rule` holds.
    #[schema(minimum = 0, maximum = 2)]
    is_group_switch: Option<i64>,
    group_type: Option<String>,
    #[schema(value_type = Value, required = false)]
    group_switch_rule: Option<Value>,
    score_scheme_id: Option<i64>,
    /// For how many seconds a phone rings at most (呼叫超时); the line's limit holds too.
    #[schema(minimum = 5, maximum = 180, example = 60)]
    _originate_timeout: Option<i64>,
    /// How many seconds a phone can ring at least before the window closes: no call starts later. 20 where nothing was sent.
    #[schema(minimum = 0, maximum = 120, example = 20)]
    minimum_ring: Option<i64>,
    /// For how many seconds people may talk; 1,800 where nothing was sent.
    #[schema(minimum = 10, maximum = 14_400, example = 1_800)]
    maximum_talk_seconds: Option<i64>,
    /// What becomes of answered calls at a close; `finish` where nothing was sent.
    #[schema(example = "finish")]
    at_close: Option<AtCloseChoice>,
    /// What becomes of a number when a crash hid how its call ended; `by_rule` where nothing was sent.
    #[schema(example = "by_rule")]
    after_unknown: Option<AfterUnknownChoice>,
    /// The most calls that begin in a second, with at most 3 digits after the point.
    #[schema(value_type = Option<f64>, minimum = 0.001, maximum = 1_000, example = 2.5)]
    calls_per_second: Option<Decimal>,
    /// Those of its lines' numbers that callees see, each once; none: any of them.
    #[schema(max_items = 100, example = json!([]))]
    caller_ids: Option<Vec<String>>,
    /// Whether answered calls over SIP lines are recorded. Where nothing was sent, as the server's `--record-calls` says, which is no unless set:
    /// tell callees where the law asks for it.
    record: Option<bool>,
    /// For how many days recordings are kept; 90 where nothing was sent. It holds for calls that begin afterwards.
    #[schema(minimum = 1, maximum = 3_650, example = 90)]
    recording_retention_days: Option<i64>,
    /// What becomes of it when its windows, or its own limits, close while it runs: `auto` (default), it waits for the next
    /// opening; `ask`, it is paused until someone starts it.
    #[schema(example = "auto")]
    resume: Option<ResumeChoice>,
    /// The part that only 2.0 tasks have.
    task_extras: Option<TaskExtrasBody>,
}

/// What belongs into `task_extras` or a group, and what the platform no longer uses. Beside a task's own fields each would be
/// ignored, and the task would call at other times, or others, than whoever sent it meant.
const MISPLACED: &[&str] = &[
    "start_time",
    "stop_time",
    "holiday",
    "work_hour",
    "work_week",
    "blacklist",
    "line",
    "interval_time",
    "destination_extension_list",
    "destination_extension_with_variable_list",
    "pop_mode",
    "redial_enabled",
    "redial_new_number_policy",
    "redial_interval",
    "redial_max_times",
    "redial_conditions",
    "disable_dial_timegroup",
    "content",
    "times",
    "timezone",
    "skip_holiday",
    "holiday_calendar",
    "holiday_calendars",
    "holiday_policy",
    "holiday_windows",
    "seasons",
    "makeup_policy",
    "beyond_horizon",
    "exceptions",
];

fields!(TaskBody {
    uuid, name, dial_time_id, destination_extension, maximumcall, caller_line_id, bridge_group_id, remark, call_pause_second,
    auto_recycle_rule_id, elasticity_type, end_action, llm_intention_id, task_type, enable_type, is_call_in,
    background_id, is_group_switch, group_type, group_switch_rule, score_scheme_id, _originate_timeout, minimum_ring,
    maximum_talk_seconds, at_close, after_unknown, calls_per_second, caller_ids, record,
    recording_retention_days, resume, task_extras,
}, refused MISPLACED);

/// A field that was not sent keeps its value.
macro_rules! overlay {
    ($settings:expr, $body:expr; $($field:ident),+ $(,)?) => {
        $(if let Some(value) = $body.$field { $settings.$field = Some(value); })+
    };
}
use overlay;

/// The task before a body changes it.
#[derive(Debug, Default)]
pub(super) struct PresentTask<'w> {
    /// `None`: it is about to be created.
    pub(super) draft: Option<TaskDraft>,
    /// Those of its group, which its detail gives back as its hours where it has none of its own.
    pub(super) windows: Option<&'w WeeklyWindows>,
}

impl TaskBody {
    /// The task that the body asks for.
    pub(super) fn draft(
        mut self,
        zone: Zone,
        needed: Needed,
        present: PresentTask<'_>,
        mut faults: Faults,
    ) -> Result<TaskDraft, Vec<Fault>> {
        let PresentTask { draft, windows } = present;
        let (mut bounds, resume, mut settings) =
            draft.map(|draft| (draft.bounds, draft.resume, draft.settings)).unwrap_or_default();
        let resume = self.resume.map_or(resume, Resume::from);
        self.check_needed(needed, &mut faults);
        self.check_settings(&mut faults);
        let name = required_name(self.name.take(), &mut faults);
        let group = faults.require("dial_time_id", self.dial_time_id);
        let group = group.and_then(|id| faults.check("dial_time_id", group_id(id)));
        let extension = faults.require("destination_extension", self.destination_extension);
        let maximumcall = faults.require("maximumcall", self.maximumcall);
        let maximumcall = maximumcall.and_then(|calls| faults.check("maximumcall", call_limit(calls)));
        if let Some(extras) = self.task_extras.take() {
            extras.apply(zone, windows, &mut bounds, &mut settings, &mut faults);
        }
        self.take_call_rules().apply(&mut settings.dialing.calls, &mut faults);
        self.overlay(&mut settings);
        if settings.carried.elasticity_type == Some(true) && settings.dialing.course.end_action == Some(1) {
            faults.add("end_action", FaultRule::Excludes("elasticity_type"));
        }
        if settings.named_scripts().len() > MAXIMUM_SCRIPTS_OF_TASK {
            faults.add("task_extras", FaultRule::TooMany(Counted::ScriptsOfTask, MAXIMUM_SCRIPTS_OF_TASK));
        }
        let draft = name.zip(group).zip(extension.zip(maximumcall)).map(
            |((name, dial_time_id), (extension, maximumcall))| {
                settings.dialing.script.destination_extension = extension.get();
                settings.dialing.pace.maximumcall = maximumcall;
                TaskDraft { name, dial_time_id, bounds, resume, settings }
            },
        );
        faults.finish(draft)
    }

    #[expect(
        clippy::used_underscore_binding,
        reason = "the platform's name of the field begins with an underscore"
    )]
    fn take_call_rules(&mut self) -> SentCallRules {
        SentCallRules {
            originate_timeout: self._originate_timeout.take(),
            minimum_ring: self.minimum_ring.take(),
            maximum_talk_seconds: self.maximum_talk_seconds.take(),
            at_close: self.at_close.take(),
            after_unknown: self.after_unknown.take(),
            calls_per_second: self.calls_per_second.take(),
            caller_ids: self.caller_ids.take(),
            record: self.record.take(),
            recording_retention_days: self.recording_retention_days.take(),
        }
    }

    /// Sets what the body gives.
    fn overlay(self, TaskSettings { dialing, carried }: &mut TaskSettings) {
        // Documented: a key that is not sent means none.
        carried.bridge_group_id = self.bridge_group_id;
        overlay!(dialing.lines, self; caller_line_id);
        overlay!(dialing.pace, self; call_pause_second);
        overlay!(dialing.redial, self; auto_recycle_rule_id);
        overlay!(dialing.script, self; is_group_switch, group_switch_rule);
        overlay!(dialing.course, self; is_call_in, task_type, end_action);
        overlay!(carried, self; background_id, elasticity_type, enable_type, group_type, llm_intention_id, remark,
            score_scheme_id);
    }

    /// The id that its client chose for a new task.
    pub(super) fn chosen_id(&self, faults: &mut Faults) -> Option<TaskId> {
        faults.check("uuid", chosen_uuid(self.uuid.as_ref()?)).map(TaskId::new)
    }

    /// The group it asks for, if that can be one.
    pub(super) fn group(&self) -> Option<DialTimeGroupId> {
        self.dial_time_id.and_then(|id| group_id(id).ok())
    }

    /// Whether it asks for hours of its own.
    pub(super) fn has_hours(&self) -> bool {
        self.task_extras.as_ref().is_some_and(TaskExtrasBody::has_hours)
    }

    fn check_needed(&self, needed: Needed, faults: &mut Faults) {
        match (needed, &self.task_extras) {
            (Needed::Line, _) => {
                faults.require("caller_line_id", self.caller_line_id);
            }
            (Needed::Extras, None) => faults.add("task_extras", FaultRule::Required),
            (Needed::Extras, Some(extras)) => extras.require_times(faults),
            (Needed::Nothing, _) => {}
        }
    }

    fn check_settings(&self, faults: &mut Faults) {
        if self.remark.as_ref().is_some_and(|remark| remark.chars().count() > REMARK_CHARACTERS) {
            faults.add("remark", FaultRule::TooLong(REMARK_CHARACTERS));
        }
        within(faults, "end_action", self.end_action, 1);
        within(faults, "is_call_in", self.is_call_in, 1);
        within(faults, "task_type", self.task_type, LARGEST_TASK_TYPE);
        within(faults, "is_group_switch", self.is_group_switch, 2);
        let switches =
            ScriptChoice { group_switch_rule: self.group_switch_rule.clone(), ..ScriptChoice::default() };
        switches.faults().into_iter().for_each(|(field, rule)| faults.add(field, rule));
        within(faults, "call_pause_second", self.call_pause_second, LONGEST_PAUSE);
    }
}

/// Notes a number that is negative or greater than the most that it may be.
fn within(faults: &mut Faults, field: &str, value: Option<i64>, most: i64) {
    if value.is_some_and(|value| !(0..=most).contains(&value)) {
        faults.add(field, FaultRule::OutOfRange(0, most));
    }
}

fn group_id(number: Number) -> Result<DialTimeGroupId, FaultRule> {
    DialTimeGroupId::parse(number.get())
}

fn call_limit(number: Number) -> Result<i64, FaultRule> {
    let range = 1..=LARGEST_MAXIMUMCALL;
    if range.contains(&number.get()) {
        Ok(number.get())
    } else {
        Err(FaultRule::OutOfRange(1, LARGEST_MAXIMUMCALL))
    }
}
