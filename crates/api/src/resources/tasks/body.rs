//! What a task is made of and changed with, on the wire of either generation.

use calendar::{WeeklyWindows, Zone};
use domain::{
    Closure, Counted, DialTimeGroupId, Fault, FaultRule, Faults, LineLimit, MAXIMUM_CLOSURES, Resume,
    TaskBounds, TaskDraft, TaskId, TaskLine, TaskSettings,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::view;
use crate::{
    http::{
        body::{FieldPath, FromValue, Members, Reading, fields},
        chosen_ids::chosen_uuid,
        formats::{LocalTimeSchema, NameSchema},
        time::parse,
    },
    openapi::values::schema_of,
    resources::groups::name,
};

const LARGEST_MAXIMUMCALL: i64 = 1_000_000;
const REMARK_CHARACTERS: usize = 1_000;
const MAXIMUM_LINES: usize = 1_000;

/// A number that the platform writes as an integer in places and as a string in others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(i64);

impl Number {
    pub(crate) const fn get(self) -> i64 {
        self.0
    }
}

impl FromValue for Number {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        i64::from_value(value, place, reading).map(Self)
    }
}

impl FromValue for TaskLine {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        if !value.is_object() {
            return Uuid::from_value(value, place, reading).map(Self::Id);
        }
        let mut members = Members::of(value, place, reading)?;
        let (id, limit) = (members.need("id"), members.take("limit"));
        members.know_only(&[&["id", "limit"]]);
        id.map(|id| Self::Limited(LineLimit { id, limit }))
    }
}

/// A telephone line: its UUID, or that with a limit.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum LineSchema {
    Id(Uuid),
    Limited(LineLimitSchema),
}

/// A telephone line with a limit of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct LineLimitSchema {
    id: Uuid,
    /// The most calls at once over it.
    #[schema(required = false)]
    limit: Option<i64>,
}

/// What becomes of a task after a close.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResumeSchema {
    Auto,
    Ask,
}

impl From<Resume> for ResumeSchema {
    fn from(resume: Resume) -> Self {
        match resume {
            Resume::Auto => Self::Auto,
            Resume::Ask => Self::Ask,
        }
    }
}

/// What a task is made of. Fields without a meaning of their own here are kept and returned.
#[derive(Debug, ToSchema)]
pub(crate) struct TaskBody {
    /// Of a new task the id it had elsewhere, which no other task may have; left out, a new one. Of one that is there its own,
    /// which may be repeated.
    #[schema(ignore)]
    uuid: Option<String>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The group it dials in (呼叫时间组ID).
    #[schema(value_type = i64, required = true, minimum = 1, example = 428)]
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
    call_pause_second: Option<i64>,
    auto_recycle_rule_id: Option<i64>,
    /// Dynamic seats (动态坐席); not together with `end_action` 1.
    elasticity_type: Option<bool>,
    /// 0 nothing, 1 pause and free the lines.
    #[schema(minimum = 0, maximum = 1)]
    end_action: Option<i64>,
    llm_intention_id: Option<i64>,
    task_type: Option<i64>,
    enable_type: Option<i64>,
    /// 0 out, 1 in.
    #[schema(minimum = 0, maximum = 1)]
    is_call_in: Option<i64>,
    background_id: Option<i64>,
    is_group_switch: Option<i64>,
    group_type: Option<String>,
    #[schema(value_type = Value, required = false)]
    group_switch_rule: Option<Value>,
    score_scheme_id: Option<i64>,
    /// What becomes of it when its windows, or its own limits, close while it runs: `auto` (default), it waits for the next
    /// opening; `ask`, it is paused until someone starts it.
    #[schema(value_type = Option<ResumeSchema>, example = "auto")]
    resume: Option<Resume>,
    /// The part that only 2.0 tasks have.
    task_extras: Option<TaskExtrasBody>,
    /// The sub-user (子账户) to act for.
    #[schema(value_type = Option<Uuid>)]
    #[expect(dead_code, reason = "read by the extractor; here for the OpenAPI document")]
    sub_user_id: Option<serde::de::IgnoredAny>,
}

/// The part that only 2.0 tasks have (2.0任务配置信息).
#[derive(Debug, Default, ToSchema)]
pub(crate) struct TaskExtrasBody {
    /// Before this the task does not dial, `YYYY-MM-DD HH:MM:SS`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    start_time: Option<String>,
    /// From this on the task does not dial, `YYYY-MM-DD HH:MM:SS`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    stop_time: Option<String>,
    /// Closures: spans in which the task does not dial.
    #[schema(value_type = Option<Vec<ClosureSchema>>, max_items = 100)]
    holiday: Option<Vec<ClosureBody>>,
    #[schema(value_type = Option<Vec<LineSchema>>, max_items = 1_000)]
    line: Option<Vec<TaskLine>>,
    /// The windows are those of the group: send none, or what the detail gave.
    #[schema(value_type = Option<Vec<Value>>, max_items = 0)]
    work_hour: Option<Value>,
    /// The weekdays are those of the group: send none, or what the detail gave.
    #[schema(value_type = Option<Vec<Value>>, max_items = 0)]
    work_week: Option<Value>,
    interval_time: Option<i64>,
    #[schema(value_type = Value, required = false)]
    destination_extension_list: Option<Value>,
    #[schema(value_type = Value, required = false)]
    destination_extension_with_variable_list: Option<Value>,
    #[schema(value_type = Value, required = false)]
    pop_mode: Option<Value>,
    #[schema(value_type = Value, required = false)]
    redial_enabled: Option<Value>,
    #[schema(value_type = Value, required = false)]
    redial_new_number_policy: Option<Value>,
    redial_interval: Option<i64>,
    redial_max_times: Option<i64>,
    #[schema(value_type = Value, required = false)]
    redial_conditions: Option<Value>,
}

/// A closure, in either documented spelling.
#[derive(Debug)]
pub(crate) struct ClosureBody {
    start: Option<String>,
    end: Option<String>,
}

/// A closure, in either documented spelling.
#[derive(ToSchema)]
#[schema(as = ClosureBody)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum ClosureSchema {
    Start(ClosureFromStart),
    Begin(ClosureFromBegin),
}

/// A closure, as it is returned too.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ClosureFromStart {
    #[schema(value_type = LocalTimeSchema)]
    start: String,
    #[schema(value_type = LocalTimeSchema)]
    end: String,
}

/// A closure in the other spelling.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ClosureFromBegin {
    #[schema(value_type = LocalTimeSchema)]
    begin: String,
    #[schema(value_type = LocalTimeSchema)]
    end: String,
}

/// What only 2.0 tasks are made of.
const ONLY_SECOND: &[&str] = &[
    "enable_type",
    "is_call_in",
    "background_id",
    "is_group_switch",
    "group_type",
    "group_switch_rule",
    "score_scheme_id",
    "task_extras",
];

schema_of!(
    /// The [`TaskBody`] of a 1.0 task.
    FirstTaskSchema,
    "TaskBody",
    part_of::<TaskBody>("What a 1.0 task is made of, or changed to.", ONLY_SECOND, &["caller_line_id"]),
    within TaskBody
);
schema_of!(
    /// The [`TaskBody`] of a 2.0 task that is made.
    NewSecondTaskSchema,
    "CreateNewTask",
    {
        let mut schema = part_of::<TaskBody>("What a 2.0 task is made of.", &[], &["task_extras"]);
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            let extras = Ref::from_schema_name(NewExtrasSchema::name());
            object.properties.insert("task_extras".to_owned(), extras.into());
        }
        schema
    },
    within TaskBody, beside NewExtrasSchema
);
schema_of!(
    /// The [`TaskExtrasBody`] of a 2.0 task that is made.
    NewExtrasSchema,
    "CreateNewTaskExtras",
    part_of::<TaskExtrasBody>(
        "The part that only 2.0 tasks have (2.0任务配置信息), of a task that is made.",
        &[],
        &["start_time", "stop_time"],
    ),
    within TaskExtrasBody
);
schema_of!(
    /// The [`TaskBody`] of a 2.0 task that is changed.
    SecondTaskSchema,
    "ModifyNewTask",
    part_of::<TaskBody>("What a 2.0 task is changed to.", &[], &[]),
    within TaskBody
);

/// The schema of a body without some of its fields, and with some that must be given here.
fn part_of<B: PartialSchema>(description: &str, without: &[&str], required: &[&str]) -> RefOr<Schema> {
    let mut schema = B::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.description = Some(description.to_owned());
        object.properties.retain(|name, _| !without.contains(&name.as_str()));
        for name in required {
            object.required.push((*name).to_owned());
            if let Some(property) = object.properties.get_mut(*name) {
                not_null(property);
            }
        }
    }
    schema
}

/// A field that must be given cannot be `null`.
fn not_null(property: &mut RefOr<Schema>) {
    match property {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(kind) = types.iter().find(|kind| **kind != Type::Null)
            {
                object.schema_type = SchemaType::Type(kind.clone());
            }
        }
        RefOr::T(Schema::OneOf(choice)) => {
            if let Some(first) = choice.items.first().cloned() {
                *property = first;
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
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
    "disable_dial_timegroup",
    "content",
    "times",
    "timezone",
    "skip_holiday",
    "holiday_calendar",
    "makeup_policy",
    "beyond_horizon",
    "exceptions",
];

fields!(TaskBody {
    uuid, name, dial_time_id, destination_extension, maximumcall, caller_line_id, bridge_group_id, remark, call_pause_second,
    auto_recycle_rule_id, elasticity_type, end_action, llm_intention_id, task_type, enable_type, is_call_in,
    background_id, is_group_switch, group_type, group_switch_rule, score_scheme_id, resume, task_extras, sub_user_id,
}, refused MISPLACED);
fields!(TaskExtrasBody {
    start_time, stop_time, holiday, line, work_week, work_hour, interval_time, destination_extension_list,
    destination_extension_with_variable_list, pop_mode, redial_enabled, redial_new_number_policy, redial_interval,
    redial_max_times, redial_conditions,
} known &[]);

impl FromValue for ClosureBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let (start, begin) = (members.take::<String>("start"), members.take("begin"));
        if start.as_ref().zip(begin.as_ref()).is_some_and(|(start, begin)| start != begin) {
            members.fault("begin", FaultRule::Differs("start"));
        }
        let closure = Self { start: start.or(begin), end: members.take("end") };
        members.know_only(&[&["start", "begin", "end"]]);
        Some(closure)
    }

    fn faulty() -> Option<Self> {
        Some(Self { start: None, end: None })
    }
}

/// What one generation asks for beyond the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `caller_line_id`.
    Line,
    /// `task_extras` with `start_time` and `stop_time`.
    Extras,
    /// Neither: a change of a 2.0 task leaves them as they are.
    Nothing,
}

/// Keeps each present value of a field that was not sent.
macro_rules! overlay {
    ($settings:ident <- $body:expr; $($field:ident),+ $(,)?) => {
        $(if let Some(value) = $body.$field { $settings.$field = Some(value); })+
    };
}

impl TaskBody {
    /// The task that this makes of a blank one (`present` is `None`) or of one that exists. `windows` are those that its
    /// detail gives back as hours of its own.
    pub(crate) fn draft(
        self,
        zone: Zone,
        asked: Asked,
        (present, windows): (Option<TaskDraft>, Option<&WeeklyWindows>),
        mut faults: Faults,
    ) -> Result<TaskDraft, Vec<Fault>> {
        let (mut bounds, resume, mut settings) =
            present.map(|draft| (draft.bounds, draft.resume, draft.settings)).unwrap_or_default();
        let resume = self.resume.unwrap_or(resume);
        self.check_asked(asked, &mut faults);
        self.check_settings(&mut faults);
        let name = name(self.name, &mut faults);
        let group = faults.require("dial_time_id", self.dial_time_id);
        let group = group.and_then(|id| faults.check("dial_time_id", group_id(id)));
        let extension = faults.require("destination_extension", self.destination_extension);
        let maximumcall = faults.require("maximumcall", self.maximumcall);
        let maximumcall = maximumcall.and_then(|calls| faults.check("maximumcall", call_limit(calls)));
        if let Some(extras) = self.task_extras {
            extras.check_hours(windows, &mut faults);
            extras.apply(zone, &mut bounds, &mut settings, &mut faults);
        }
        // Documented: a key that is not sent means none.
        settings.bridge_group_id = self.bridge_group_id;
        overlay!(settings <- self; caller_line_id, remark, call_pause_second, auto_recycle_rule_id, elasticity_type,
            end_action, llm_intention_id, task_type, enable_type, is_call_in, background_id, is_group_switch,
            group_type, group_switch_rule, score_scheme_id);
        if settings.elasticity_type == Some(true) && settings.end_action == Some(1) {
            faults.add("end_action", FaultRule::Excludes("elasticity_type"));
        }
        let draft = name.zip(group).zip(extension.zip(maximumcall)).map(
            |((name, dial_time_id), (extension, maximumcall))| {
                settings.destination_extension = extension.0;
                settings.maximumcall = maximumcall;
                TaskDraft { name, dial_time_id, bounds, resume, settings }
            },
        );
        faults.finish(draft)
    }

    /// The id that it brings along.
    pub(crate) fn chosen_id(&self, faults: &mut Faults) -> Option<TaskId> {
        faults.check("uuid", chosen_uuid(self.uuid.as_ref()?)).map(TaskId::new)
    }

    /// The group it asks for, if that can be one.
    pub(crate) fn group(&self) -> Option<DialTimeGroupId> {
        self.dial_time_id.and_then(|id| group_id(id).ok())
    }

    /// Whether it asks for hours of its own.
    pub(crate) fn has_hours(&self) -> bool {
        self.task_extras
            .as_ref()
            .is_some_and(|extras| extras.work_hour.is_some() || extras.work_week.is_some())
    }

    fn check_asked(&self, asked: Asked, faults: &mut Faults) {
        if asked == Asked::Line {
            faults.require("caller_line_id", self.caller_line_id);
        }
        if asked == Asked::Extras {
            match &self.task_extras {
                None => faults.add("task_extras", FaultRule::Required),
                Some(extras) => {
                    faults.require("task_extras.start_time", extras.start_time.as_ref());
                    faults.require("task_extras.stop_time", extras.stop_time.as_ref());
                }
            }
        }
    }

    fn check_settings(&self, faults: &mut Faults) {
        if self.remark.as_ref().is_some_and(|remark| remark.chars().count() > REMARK_CHARACTERS) {
            faults.add("remark", FaultRule::TooLong(REMARK_CHARACTERS));
        }
        if self.end_action.is_some_and(|action| !(0..=1).contains(&action)) {
            faults.add("end_action", FaultRule::OutOfRange(0, 1));
        }
        if self.is_call_in.is_some_and(|direction| !(0..=1).contains(&direction)) {
            faults.add("is_call_in", FaultRule::OutOfRange(0, 1));
        }
    }
}

fn group_id(number: Number) -> Result<DialTimeGroupId, FaultRule> {
    DialTimeGroupId::parse(number.0)
}

fn call_limit(number: Number) -> Result<i64, FaultRule> {
    let range = 1..=LARGEST_MAXIMUMCALL;
    if range.contains(&number.0) { Ok(number.0) } else { Err(FaultRule::OutOfRange(1, LARGEST_MAXIMUMCALL)) }
}

impl TaskExtrasBody {
    /// Hours of its own have no effect yet. Those that the detail gives back are its group's, and change nothing.
    fn check_hours(&self, windows: Option<&WeeklyWindows>, faults: &mut Faults) {
        let given = |are_those: fn(&WeeklyWindows, &Value) -> bool, sent: &Value| {
            sent.as_array().is_some_and(Vec::is_empty)
                || sent == ""
                || windows.is_some_and(|windows| are_those(windows, sent))
        };
        if self.work_hour.as_ref().is_some_and(|sent| !given(view::are_hours_of, sent)) {
            faults.add("task_extras.work_hour", FaultRule::Unsupported);
        }
        if self.work_week.as_ref().is_some_and(|sent| !given(view::are_weekdays_of, sent)) {
            faults.add("task_extras.work_week", FaultRule::Unsupported);
        }
    }

    fn apply(self, zone: Zone, bounds: &mut TaskBounds, settings: &mut TaskSettings, faults: &mut Faults) {
        if let Some(start) = &self.start_time {
            bounds.start = faults.check("task_extras.start_time", parse(zone, start));
        }
        if let Some(stop) = &self.stop_time {
            bounds.stop = faults.check("task_extras.stop_time", parse(zone, stop));
        }
        if bounds.start.zip(bounds.stop).is_some_and(|(start, stop)| stop <= start) {
            faults.add("task_extras.stop_time", FaultRule::NotAfter("start_time"));
        }
        if let Some(closures) = self.holiday {
            bounds.closures = check_closures(zone, closures, faults);
        }
        if let Some(line) = self.line {
            if line.len() > MAXIMUM_LINES {
                faults.add("task_extras.line", FaultRule::TooMany(Counted::Lines, MAXIMUM_LINES));
            }
            settings.line = line;
        }
        overlay!(settings <- self; interval_time, destination_extension_list,
            destination_extension_with_variable_list, pop_mode, redial_enabled, redial_new_number_policy,
            redial_interval, redial_max_times, redial_conditions);
    }
}

fn check_closures(zone: Zone, closures: Vec<ClosureBody>, faults: &mut Faults) -> Vec<Closure> {
    if closures.len() > MAXIMUM_CLOSURES {
        faults.add("task_extras.holiday", FaultRule::TooMany(Counted::Closures, MAXIMUM_CLOSURES));
        return Vec::new();
    }
    let numbered = closures.into_iter().enumerate();
    numbered.filter_map(|(index, closure)| check_closure(zone, index, closure, faults)).collect()
}

fn check_closure(zone: Zone, index: usize, closure: ClosureBody, faults: &mut Faults) -> Option<Closure> {
    let mut instant = |key: &str, text: Option<String>| {
        let field = format!("task_extras.holiday[{index}].{key}");
        let text = faults.require(&field, text)?;
        faults.check(&field, parse(zone, &text))
    };
    let begin = instant("start", closure.start);
    let end = instant("end", closure.end);
    let (begin, end) = begin.zip(end)?;
    if end <= begin {
        faults.add(format!("task_extras.holiday[{index}].end"), FaultRule::NotAfter("start"));
        return None;
    }
    Some(Closure { begin, end })
}
