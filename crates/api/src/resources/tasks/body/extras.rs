//! The part of a body that only 2.0 tasks have.

use calendar::{WeeklyWindows, Zone};
use domain::{Counted, FaultRule, Faults, TaskBounds, TaskLine, TaskSettings};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    closure::{self, ClosureBody},
    overlay,
};
use crate::{
    http::{body::fields, formats::LocalTimeSchema, time::parse},
    resources::tasks::{hours, parts::LineBody},
};

const MAXIMUM_LINES: usize = 1_000;

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
    #[schema(max_items = 100)]
    holiday: Option<Vec<ClosureBody>>,
    #[schema(max_items = 1_000)]
    line: Option<Vec<LineBody>>,
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

fields!(TaskExtrasBody {
    start_time, stop_time, holiday, line, work_week, work_hour, interval_time, destination_extension_list,
    destination_extension_with_variable_list, pop_mode, redial_enabled, redial_new_number_policy, redial_interval,
    redial_max_times, redial_conditions,
} known &[]);

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

    /// Hours of its own have no effect yet. Those that the detail gives back are its group's, and change nothing.
    pub(super) fn check_hours(&self, windows: Option<&WeeklyWindows>, faults: &mut Faults) {
        let given = |are_those: fn(&WeeklyWindows, &Value) -> bool, sent: &Value| {
            sent.as_array().is_some_and(Vec::is_empty)
                || sent == ""
                || windows.is_some_and(|windows| are_those(windows, sent))
        };
        if self.work_hour.as_ref().is_some_and(|sent| !given(hours::are_hours_of, sent)) {
            faults.add("task_extras.work_hour", FaultRule::Unsupported);
        }
        if self.work_week.as_ref().is_some_and(|sent| !given(hours::are_weekdays_of, sent)) {
            faults.add("task_extras.work_week", FaultRule::Unsupported);
        }
    }

    /// Sets what it gives.
    pub(super) fn apply(
        mut self,
        zone: Zone,
        bounds: &mut TaskBounds,
        TaskSettings { dialing, carried }: &mut TaskSettings,
        faults: &mut Faults,
    ) {
        self.set_bounds(zone, bounds, faults);
        if let Some(line) = self.line.take() {
            if line.len() > MAXIMUM_LINES {
                faults.add("task_extras.line", FaultRule::TooMany(Counted::Lines, MAXIMUM_LINES));
            }
            dialing.lines.line = line.into_iter().map(TaskLine::from).collect();
        }
        overlay!(dialing.pace, self; interval_time);
        overlay!(dialing.script, self; destination_extension_list, destination_extension_with_variable_list);
        overlay!(dialing.redial, self; redial_enabled, redial_new_number_policy, redial_interval,
            redial_max_times, redial_conditions);
        overlay!(carried, self; pop_mode);
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
