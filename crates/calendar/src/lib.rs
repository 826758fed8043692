//! When may a call go out: weekly windows, holidays and zones, compiled into answers.
//!
//! This crate is pure: it does no I/O, reads no clock and knows no accounts, tasks or HTTP. Its answers depend only on what
//! it is given and on the zone database built into it. Start at [`Schedule`]; the README says how it works and how
//! fast it is.
//!
//! ```
//! use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
//!
//! let windows: WeeklyWindows =
//!     serde_json::from_str(r#"[{"week":4,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
//! let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
//!     .holidays(HolidayCalendar::china())
//!     .compile();
//! let decision = schedule.decide("2026-10-01T10:00:00+08:00".parse()?);
//! assert!(!decision.allowed);
//! assert_eq!(decision.reason.name, Some("国庆节"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod china;
mod civil_minute;
mod closed_by;
mod closed_spans;
mod compile;
mod date;
mod date_range;
mod day;
mod decision;
mod differences;
mod exception_day;
mod exception_days;
mod exceptions;
mod fault;
mod holiday_lists;
mod holiday_policy;
mod holiday_windows;
mod holiday_years;
mod holidays;
mod horizon;
mod intersection;
mod layers;
mod look;
mod makeup_workdays;
mod minutes;
mod overrides;
mod recent;
mod rule_book;
mod rule_precedence;
mod ruling;
mod schedule;
mod seasons;
mod spans;
mod spans_by_rule;
mod stretch;
mod time_of_day;
mod timeline;
mod wall_clock;
mod weekday;
mod windows;
mod zone;

pub use crate::{
    closed_by::ClosedBy,
    closed_spans::{ClosedSpan, ClosedSpans},
    date_range::{DateRange, MonthDay},
    decision::{DecidingRule, Decision, Reason},
    differences::Difference,
    exception_day::{ExceptionDay, NthOfMonth},
    exceptions::{
        Exception, ExceptionEffect, ExceptionInput, Exceptions, MAX_EXCEPTIONS, MAX_NAME_CHARACTERS,
    },
    fault::{CalendarFault, FAULTS_REPORTED, Rule},
    holiday_policy::{BeyondHorizon, HolidayPolicy},
    holiday_windows::HolidayWindows,
    holiday_years::HolidayYear,
    holidays::{
        HolidayCalendar, HolidayCalendarInput, HolidayDay, HolidayDayInput, HolidayError, HolidayKind,
        MAX_HALF_DAY_TIMES, MAX_HOLIDAY_DAYS, Notice,
    },
    horizon::Warning,
    intersection::{INTERSECTION_STEPS, Intersection, Layer},
    makeup_workdays::MakeupPolicy,
    overrides::{Ceiling, EffectiveSchedule, Override},
    schedule::{Schedule, ScheduleBuilder},
    seasons::{MAX_EVERY_WEEKS, MAX_SEASONS, Season, SeasonInput, SeasonTime, Seasons},
    spans::{Span, Spans},
    spans_by_rule::RuledSpan,
    time_of_day::TimeOfDay,
    weekday::Weekday,
    windows::{DayWindows, DayWindowsInput, MAX_DAYS, MAX_WINDOWS, WeeklyWindows, Window, WindowInput},
    zone::{Zone, tzdata_version},
};
