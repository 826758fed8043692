//! Exceptions: which days they cover and what they do there, as another reading of the rules than the program's.

use calendar::{ExceptionEffect, HolidayCalendar, HolidayKind};
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use test_support::FixedRandom;

use super::{
    calendar::{SPANS, Span, times},
    edits::{below, one_of},
};

/// An exception. Only those that replace a day's windows run over midnight.
#[derive(Clone, Debug)]
pub(super) struct ExceptionPlan {
    pub(super) effect: ExceptionEffect,
    days: ExceptionDays,
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
enum ExceptionDays {
    Dates(Date, Date),
    /// The month and day of this one.
    EveryYear(Date),
    /// The so manieth of a month, -1 the last, of a weekday from Sunday.
    NthWeekday(i8, i8),
    LastWorkday,
    Holidays,
    BeforeHolidays,
}

impl ExceptionPlan {
    /// Any exception; one of dates begins on a day.
    pub(super) fn draw(random: &FixedRandom, day: Date) -> Self {
        let number = |end: u64| i8::try_from(below(random, end)).unwrap();
        let effect: &ExceptionEffect = one_of(random, &ExceptionEffect::ALL);
        let days = match below(random, 9) {
            0..4 => ExceptionDays::Dates(day, day.checked_add(i64::from(number(3)).days()).unwrap()),
            4 => ExceptionDays::EveryYear(day),
            5 => {
                ExceptionDays::NthWeekday([1, 2, 3, 4, 5, -1][usize::try_from(number(6)).unwrap()], number(7))
            }
            6 => ExceptionDays::LastWorkday,
            7 => ExceptionDays::Holidays,
            _ => ExceptionDays::BeforeHolidays,
        };
        let may_be_none = matches!(effect, ExceptionEffect::Replace | ExceptionEffect::Close);
        let fits = |(begin, end): &Span| *effect == ExceptionEffect::Replace || begin < end;
        let some: Vec<Span> = SPANS.into_iter().filter(fits).collect();
        let count = if may_be_none { below(random, 3) } else { 1 + below(random, 2) };
        Self { effect: *effect, days, spans: (0..count).map(|_| *one_of(random, &some)).collect() }
    }

    pub(super) fn as_sent(&self) -> Value {
        let mut sent = match self.days {
            ExceptionDays::Dates(begin, end) => {
                json!({"begin_date": begin.to_string(), "end_date": end.to_string()})
            }
            ExceptionDays::EveryYear(day) => json!({"begin_date": day.strftime("%m-%d").to_string()}),
            ExceptionDays::NthWeekday(nth, week) => json!({"on": "nth_weekday", "nth": nth, "week": week}),
            ExceptionDays::LastWorkday => json!({"on": "last_workday"}),
            ExceptionDays::Holidays => json!({"on": "holiday"}),
            ExceptionDays::BeforeHolidays => json!({"on": "day_before_holiday"}),
        };
        sent["effect"] = self.effect.code().into();
        sent["times"] = times(&self.spans);
        sent
    }

    /// Whether it is about days of one time, which beat those that come back.
    pub(super) const fn is_dated(&self) -> bool {
        matches!(self.days, ExceptionDays::Dates(..))
    }

    pub(super) fn covers(&self, date: Date) -> bool {
        let tomorrow = || date.tomorrow().unwrap();
        match self.days {
            ExceptionDays::Dates(begin, end) => begin <= date && date <= end,
            ExceptionDays::EveryYear(day) => (day.month(), day.day()) == (date.month(), date.day()),
            ExceptionDays::NthWeekday(nth, week) => {
                let is_nth = match nth {
                    -1 => date.checked_add(7.days()).unwrap().month() != date.month(),
                    _ => (date.day() - 1) / 7 + 1 == nth,
                };
                date.weekday().to_sunday_zero_offset() == week && is_nth
            }
            ExceptionDays::LastWorkday => {
                let mut later = date.series(1.day()).skip(1).take_while(|day| day.month() == date.month());
                is_worked(date) && !later.any(is_worked)
            }
            ExceptionDays::Holidays => is_off(date),
            ExceptionDays::BeforeHolidays => !is_off(date) && is_off(tomorrow()),
        }
    }

    pub(super) fn has(&self, minute: u32) -> bool {
        self.spans.iter().any(|(begin, end)| *begin <= minute && minute < *end)
    }
}

fn is_off(date: Date) -> bool {
    HolidayCalendar::china().day(date).is_some_and(|day| day.kind.is_day_off())
}

/// A Monday to Friday that is no day off, or a weekend day that makes up for one.
fn is_worked(date: Date) -> bool {
    let makes_up =
        HolidayCalendar::china().day(date).is_some_and(|day| day.kind == HolidayKind::MakeupWorkday);
    makes_up || (date.weekday().to_monday_zero_offset() < 5 && !is_off(date))
}
