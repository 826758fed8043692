//! Exceptions on the wire: days on which something differs from the rest of a group.

use calendar::{Exception, ExceptionDay, ExceptionEffect, ExceptionInput, Exceptions};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::windows::WindowTimes;
use crate::http::{
    body::{FieldPath, FromValue, Members, Reading},
    choices::choice,
    formats::{DayNameSchema, ExceptionDateSchema},
};

choice! {
    /// What an exception does with its days. Of one day's exceptions the first that replaces holds, then all that add, and then all
    /// that narrow or close.
    pub(crate) enum ExceptionEffectChoice as ExceptionEffect for ExceptionEffect {
        /// Its times are the days' windows; without any the days are closed.
        Replace = "replace",
        /// Its times are open besides what is open anyway, on holidays too.
        Add = "add",
        /// Of what would be open only what lies inside its times is.
        Only = "only",
        /// What would be open is closed within its times; without any on the whole day.
        Close = "close",
    }
}

choice! {
    /// Which of the days within its dates an exception is about. A workday is a Monday to Friday that is no day off, or a make-up
    /// workday.
    pub(crate) enum ExceptionDayChoice as ExceptionDay {
        /// Each of the dates.
        Date = "date",
        /// A weekday (`week`) of each month, the `nth` or the last.
        NthWeekday = "nth_weekday",
        /// The first workday of each month.
        FirstWorkday = "first_workday",
        /// The last workday of each month.
        LastWorkday = "last_workday",
        /// Every day off of the group's holiday calendars, whether it skips them or not.
        Holiday = "holiday",
        /// Every make-up workday of them.
        MakeupWorkday = "makeup_workday",
        /// Every day that is followed by a day off and is none.
        DayBeforeHoliday = "day_before_holiday",
    }
}

impl ExceptionDayChoice {
    const fn of(day: ExceptionDay) -> Self {
        match day {
            ExceptionDay::Date => Self::Date,
            ExceptionDay::NthWeekday { .. } => Self::NthWeekday,
            ExceptionDay::FirstWorkday { .. } => Self::FirstWorkday,
            ExceptionDay::LastWorkday { .. } => Self::LastWorkday,
            ExceptionDay::Holiday => Self::Holiday,
            ExceptionDay::MakeupWorkday => Self::MakeupWorkday,
            ExceptionDay::DayBeforeHoliday => Self::DayBeforeHoliday,
        }
    }
}

/// An exception as it is sent.
#[derive(Clone, Debug, Default, ToSchema)]
#[schema(as = DatedExceptionBody)]
pub(crate) struct ExceptionBody {
    /// What people call it.
    #[schema(value_type = DayNameSchema, required = false)]
    pub(super) name: String,
    /// What it does with its days; left out, `replace`.
    effect: Option<ExceptionEffectChoice>,
    /// Which of the days within its dates it is about; left out, each.
    on: Option<ExceptionDayChoice>,
    /// The weekday of `nth_weekday`: **0 = Sunday ... 6 = Saturday**. For no other days.
    #[schema(minimum = 0, maximum = 6)]
    week: Option<i64>,
    /// Which one of `nth_weekday`: 1 to 5, or -1 for the last. For no other days.
    #[schema(minimum = -1, maximum = 5)]
    nth: Option<i64>,
    /// The only month of `nth_weekday`, `first_workday` and `last_workday`; left out, every month. For no other days.
    #[schema(minimum = 1, maximum = 12)]
    month: Option<i64>,
    /// The first day; needed where it is about each day, else what bounds the days.
    #[schema(value_type = Option<ExceptionDateSchema>)]
    begin_date: Option<String>,
    /// The last day, included, in the same form; the first day if left out.
    #[schema(value_type = Option<ExceptionDateSchema>)]
    end_date: Option<String>,
    /// The windows that begin on each of these days. Empty or left out: closed, the whole day. `add` and `only` need some.
    #[schema(required = false, max_items = 1_000)]
    times: Vec<WindowTimes>,
}

impl FromValue for ExceptionBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let mut members = Members::of(value, place, reading)?;
        let on: Option<ExceptionDayChoice> = members.take("on");
        let begin_date = match on {
            None | Some(ExceptionDayChoice::Date) => Some(members.need("begin_date").unwrap_or_default()),
            Some(_) => members.take("begin_date"),
        };
        let exception = Self {
            name: members.take("name").unwrap_or_default(),
            effect: members.take("effect"),
            on,
            week: members.take("week"),
            nth: members.take("nth"),
            month: members.take("month"),
            begin_date,
            end_date: members.take("end_date"),
            times: members.take("times").unwrap_or_default(),
        };
        let known = ["name", "effect", "on", "week", "nth", "month", "begin_date", "end_date", "times"];
        members.know_only(&[&known]);
        Some(exception)
    }

    fn faulty() -> Option<Self> {
        Some(Self::default())
    }
}

impl From<ExceptionBody> for ExceptionInput {
    fn from(exception: ExceptionBody) -> Self {
        let ExceptionBody { name, effect, on, week, nth, month, begin_date, end_date, times } = exception;
        Self {
            name,
            effect: effect.map(|effect| effect.to_string()),
            on: on.map(|on| on.to_string()),
            week,
            nth,
            month,
            begin_date,
            end_date,
            times: WindowTimes::into_input(times),
        }
    }
}

/// An exception: days on which something differs from the rest of the group. Of those that replace a day's windows one with a year
/// beats one that comes back, and of equals the first in the list holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DatedException)]
pub(crate) struct ExceptionView {
    /// What people call it.
    #[schema(max_length = 100, example = "年会")]
    name: String,
    /// What it does with its days; left out: `replace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionEffectChoice, required = false)]
    effect: Option<ExceptionEffectChoice>,
    /// Which of the days within its dates it is about; left out: each.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionDayChoice, required = false)]
    on: Option<ExceptionDayChoice>,
    /// The weekday of `nth_weekday`: **0 = Sunday ... 6 = Saturday**.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 6)]
    week: Option<i64>,
    /// Which one of `nth_weekday`: 1 to 5, or -1 for the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = -1, maximum = 5)]
    nth: Option<i64>,
    /// The only month of `nth_weekday`, `first_workday` and `last_workday`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 1, maximum = 12)]
    month: Option<i64>,
    /// The first day, if its days are bounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionDateSchema, required = false)]
    begin_date: Option<String>,
    /// The last day, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ExceptionDateSchema, required = false)]
    end_date: Option<String>,
    /// The windows that begin on each of these days; empty: closed.
    times: Vec<WindowTimes>,
}

impl ExceptionView {
    /// A group's exceptions in the order they were sent.
    pub(crate) fn of(exceptions: &Exceptions) -> Vec<Self> {
        let view = |exception: &Exception| {
            let (begin_date, end_date) = exception.dates().map(|dates| dates.as_text()).unzip();
            let (week, nth) = match exception.on() {
                ExceptionDay::NthWeekday { week, nth, .. } => {
                    (Some(week.number().into()), Some(nth.number().into()))
                }
                _ => (None, None),
            };
            Self {
                name: exception.name().to_owned(),
                effect: Some(exception.effect()).filter(|it| *it != ExceptionEffect::Replace).map(Into::into),
                on: Some(exception.on()).filter(|it| *it != ExceptionDay::Date).map(ExceptionDayChoice::of),
                week,
                nth,
                month: exception.on().month().map(i64::from),
                begin_date,
                end_date,
                times: WindowTimes::of(exception.times()),
            }
        };
        exceptions.iter().map(view).collect()
    }
}
