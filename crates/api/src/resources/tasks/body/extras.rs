//! The part of a body that only 2.0 tasks have.

use calendar::{WeeklyWindows, Zone};
use domain::{Counted, FaultRule, Faults, ScriptChoice, TaskBounds, TaskLine, TaskSettings};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    LARGEST_MAXIMUMCALL, LONGEST_PAUSE,
    closure::{self, ClosureBody},
    hours::{BlankOrList, HourBody, SentHours},
    overlay, within,
};
use crate::{
    http::{body::fields, formats::LocalTimeSchema, time::parse},
    resources::tasks::parts::LineBody,
};

const MAXIMUM_LINES: usize = 1_000;

/// The part that only 2.0 tasks have (2.0任务配置信息).
#[derive(Debug, Default, ToSchema)]
pub(crate) struct TaskExtrasBody {
    /// Before this the task does not dial, `YYYY-MM-DD HH:MM:SS`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    start_time: Option<String>,
    /// From this on the task does not dial, `YYYY-MM-DD HH:MM:SS`. One that is over is taken: the task does not dial again before it is moved.
    #[schema(value_type = Option<LocalTimeSchema>)]
    stop_time: Option<String>,
    /// Closures: spans in which the task does not dial.
    #[schema(max_items = 100)]
    holiday: Option<Vec<ClosureBody>>,
    #[schema(max_items = 1_000)]
    line: Option<Vec<LineBody>>,
    /// Windows of the task's own, on the clock of its group: outside of them it does not dial. None: those of its group alone, which is
    /// also what it means to send back what the detail gave.
    #[schema(value_type = Option<Vec<HourBody>>, max_items = 1_000)]
    work_hour: Option<BlankOrList<HourBody>>,
    /// The weekdays on which `work_hour` holds: 0 = Sunday, 1 = Monday, ... 6 = Saturday; none: all. Without `work_hour` the task may
    /// dial all day on these. Who sends one of the two replaces both.
    #[schema(value_type = Option<Vec<i64>>, example = json!([1, 2, 3, 4, 5]))]
    work_week: Option<BlankOrList<i64>>,
    /// Seconds between the starts of two calls.
    #[schema(minimum = 0, maximum = 86_400)]
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
    /// Minutes after a call's end, 1 to 10,080; must be given while `redial_enabled` is 1.
    redial_interval: Option<i64>,
    /// How often beside the first try, 1 to 50; must be given while `redial_enabled` is 1.
    redial_max_times: Option<i64>,
    /// After which outcomes: `da_status`, of 2 to 12 without 5 and 11.
    #[schema(value_type = Value, required = false)]
    redial_conditions: Option<Value>,
}

fields!(TaskExtrasBody {
    start_time, stop_time, holiday, line, work_week, work_hour, interval_time, destination_extension_list,
    destination_extension_with_variable_list, pop_mode, redial_enabled, redial_new_number_policy, redial_interval,
    redial_max_times, redial_conditions,
} known &["own_hours"]);

impl TaskExtrasBody {
    /// Whether it asks for hours of its own.
    pub(super) fn has_hours(&self) -> bool {
        self.work_hour.is_some() || self.work_week.is_some()
    }

    /// Notes which of its times are missing, where they must be given.
    pub(super) fn require_times(&self, faults: &mut Faults) {
        faults.require("task_extras.start_time", self.start_time.as_ref());
        faults.require("task_extras.stop_time", self.stop_time.as_ref());
    }

    /// Sets what it gives. `windows` are those of the group that the task was in so far, or is to be in.
    pub(super) fn apply(
        mut self,
        zone: Zone,
        windows: Option<&WeeklyWindows>,
        bounds: &mut TaskBounds,
        TaskSettings { dialing, carried }: &mut TaskSettings,
        faults: &mut Faults,
    ) {
        self.set_bounds(zone, bounds, faults);
        if self.has_hours() {
            let sent = SentHours { hours: self.work_hour.take(), weekdays: self.work_week.take() };
            bounds.hours = sent.check(windows, faults);
        }
        if let Some(line) = self.line.take() {
            if line.len() > MAXIMUM_LINES {
                faults.add("task_extras.line", FaultRule::TooMany(Counted::Lines, MAXIMUM_LINES));
            }
            dialing.lines.line = line.into_iter().map(TaskLine::from).collect();
            for (place, line) in dialing.lines.line.iter().enumerate() {
                within(
                    faults,
                    &format!("task_extras.line[{place}].limit"),
                    line.limit(),
                    LARGEST_MAXIMUMCALL,
                );
            }
        }
        within(faults, "task_extras.interval_time", self.interval_time, LONGEST_PAUSE);
        self.check_scripts(faults);
        let has_redial = self.has_redial();
        overlay!(dialing.pace, self; interval_time);
        overlay!(dialing.script, self; destination_extension_list, destination_extension_with_variable_list);
        overlay!(dialing.redial, self; redial_enabled, redial_new_number_policy, redial_interval,
            redial_max_times, redial_conditions);
        overlay!(carried, self; pop_mode);
        if has_redial {
            let found = dialing.redial.faults().into_iter();
            found.for_each(|(field, rule)| faults.add(format!("task_extras.{field}"), rule));
        }
    }

    /// Whether it says something of the task's own redial rule, which is then looked at as a whole.
    const fn has_redial(&self) -> bool {
        self.redial_enabled.is_some()
            || self.redial_interval.is_some()
            || self.redial_max_times.is_some()
            || self.redial_conditions.is_some()
    }

    fn check_scripts(&self, faults: &mut Faults) {
        let sent = ScriptChoice {
            destination_extension_list: self.destination_extension_list.clone(),
            destination_extension_with_variable_list: self.destination_extension_with_variable_list.clone(),
            ..ScriptChoice::default()
        };
        sent.faults().into_iter().for_each(|(field, rule)| faults.add(field, rule));
    }

    fn set_bounds(&mut self, zone: Zone, bounds: &mut TaskBounds, faults: &mut Faults) {
        if let Some(start) = &self.start_time {
            bounds.start = faults.check("task_extras.start_time", parse(zone, start));
        }
        if let Some(stop) = &self.stop_time {
            bounds.stop = faults.check("task_extras.stop_time", parse(zone, stop));
        }
        if bounds.start.zip(bounds.stop).is_some_and(|(start, stop)| stop <= start) {
            faults.add("task_extras.stop_time", FaultRule::NotAfter("start_time"));
        }
        if let Some(closures) = self.holiday.take() {
            bounds.closures = closure::check_all(zone, closures, faults);
        }
    }
}
