//! When may a call go out: weekly windows, holidays and zones, compiled into answers.
//!
//! This crate is pure: it does no I/O, reads no clock and knows no account, no task and no HTTP. It is a function of
//! what it is given and of the zone database built into it.
#![forbid(unsafe_code)]

mod fault;
mod pattern;
mod policy;
mod schedule;
mod time_of_day;
mod wall_clock;
mod weekday;
mod windows;
mod zone;

pub use crate::{
    fault::{FAULTS_REPORTED, Fault, Rule},
    policy::{BeyondHorizon, MakeupPolicy},
    schedule::{Schedule, ScheduleBuilder},
    time_of_day::TimeOfDay,
    weekday::Weekday,
    windows::{DayWindows, DayWindowsInput, MAX_DAYS, MAX_WINDOWS, WeeklyWindows, Window, WindowInput},
    zone::{Zone, tzdata_version},
};

/// The longest name of an exception or a holiday, in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;
/// The most exceptions one schedule may have.
pub const MAX_EXCEPTIONS: usize = 400;
/// The most days one holiday calendar may have.
pub const MAX_HOLIDAY_DAYS: usize = 20_000;
