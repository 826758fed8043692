//! When a group is open, read off its windows minute by minute: another reading of the rules than the program's.

use calendar::{
    ExceptionEffect, HolidayCalendar, HolidayDay, HolidayKind, HolidayPolicy, MakeupPolicy, Weekday,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Value, json};
use test_support::FixedRandom;

use super::{
    edits::{below, one_of},
    exception::ExceptionPlan,
};

/// Minutes of a day; an end at or before its begin is one of the next day.
pub(super) type Span = (u32, u32);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Windows as people have them, and some so short that few calls, or none, may start in them.
pub(super) const SPANS: [Span; 14] = [
    (540, 720),
    (540, 542),
    (540, 541),
    (480, 481),
    (570, 690),
    (780, 1_080),
    (840, 1_020),
    (840, 843),
    (1_080, 1_260),
    (1_080, 1_081),
    (1_140, 1_440),
    (0, 30),
    (1_320, 60),
    (1_320, 1_320 + 3),
];

const ZONES: [&str; 4] = ["Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "America/New_York"];

const HOLIDAY_POLICIES: [HolidayPolicy; 4] =
    [HolidayPolicy::Closed, HolidayPolicy::StatutoryOnly, HolidayPolicy::OwnWindows, HolidayPolicy::Open];

/// By weekday, from Sunday.
type Week = [Vec<Span>; 7];

/// A week that takes the place of the group's own for a while.
#[derive(Clone, Debug)]
struct SeasonPlan {
    time: SeasonDays,
    week: Week,
}

#[derive(Clone, Copy, Debug)]
enum SeasonDays {
    Dates(Date, Date),
    /// In the week of this day, Monday to Sunday, and every so many weeks.
    EveryWeeks(Date, i64),
}

/// What a group is.
#[derive(Clone, Debug)]
pub(super) struct GroupPlan {
    pub(super) zone: &'static str,
    week: Week,
    seasons: Vec<SeasonPlan>,
    pub(super) skips_holidays: bool,
    pub(super) holiday_policy: HolidayPolicy,
    holiday_spans: Vec<Span>,
    /// What a weekend day does that is worked to make up for a day off.
    pub(super) makeup: MakeupPolicy,
    exceptions: Vec<ExceptionPlan>,
}

/// What begins on a day, and why.
enum OfDay<'p> {
    Replaced(&'p [Span]),
    Off,
    OwnWindows(&'p [Span]),
    Ordinary(&'p [Span]),
}

impl GroupPlan {
    /// Any group; its seasons and exceptions are on days from one on.
    pub(super) fn draw(random: &FixedRandom, first: Date, days: i64) -> Self {
        let a_day = || {
            let day = i64::try_from(below(random, days.unsigned_abs())).unwrap();
            first.checked_add(day.days()).unwrap()
        };
        let policy: &HolidayPolicy = one_of(random, &HOLIDAY_POLICIES);
        let makeup: &MakeupPolicy = one_of(random, &[MakeupPolicy::AsIs, MakeupPolicy::AsWorkday]);
        let zone: &&str = one_of(random, &ZONES);
        Self {
            zone,
            week: draw_week(random),
            seasons: (0..below(random, 3)).map(|_| SeasonPlan::draw(random, a_day())).collect(),
            skips_holidays: below(random, 2) == 0,
            holiday_policy: *policy,
            holiday_spans: draw_spans(random, 1, 3),
            makeup: *makeup,
            exceptions: (0..below(random, 5)).map(|_| ExceptionPlan::draw(random, a_day())).collect(),
        }
    }

    pub(super) fn content(&self) -> Value {
        content(&self.week)
    }

    pub(super) fn seasons(&self) -> Value {
        self.seasons.iter().map(SeasonPlan::as_sent).collect()
    }

    pub(super) fn holiday_windows(&self) -> Value {
        times(&self.holiday_spans)
    }

    pub(super) fn exceptions(&self) -> Value {
        self.exceptions.iter().map(ExceptionPlan::as_sent).collect()
    }

    fn having(&self, effect: ExceptionEffect, date: Date) -> impl Iterator<Item = &ExceptionPlan> {
        self.exceptions.iter().filter(move |one| one.effect == effect && one.covers(date))
    }

    /// What begins on a day.
    fn on(&self, date: Date) -> OfDay<'_> {
        let replaces = || self.having(ExceptionEffect::Replace, date);
        if let Some(one) = replaces().find(|one| one.is_dated()).or_else(|| replaces().next()) {
            return OfDay::Replaced(&one.spans);
        }
        let kind = self.holiday(date).map(|day| day.kind);
        match (kind, self.holiday_policy) {
            (Some(HolidayKind::Holiday), HolidayPolicy::Closed | HolidayPolicy::StatutoryOnly)
            | (Some(HolidayKind::MovedHoliday), HolidayPolicy::Closed) => OfDay::Off,
            (Some(HolidayKind::Holiday | HolidayKind::MovedHoliday), HolidayPolicy::OwnWindows) => {
                OfDay::OwnWindows(&self.holiday_spans)
            }
            _ => OfDay::Ordinary(&self.week_of(date)[self.weekday(date)]),
        }
    }

    /// The week that a day belongs to.
    fn week_of(&self, date: Date) -> &Week {
        self.seasons.iter().find(|season| season.holds(date)).map_or(&self.week, |season| &season.week)
    }

    /// The day in the calendar whose holidays the group skips.
    fn holiday(&self, date: Date) -> Option<HolidayDay> {
        HolidayCalendar::china().day(date).filter(|_| self.skips_holidays).cloned()
    }

    /// The weekday whose windows a day has, from Sunday.
    fn weekday(&self, date: Date) -> usize {
        let worked = self.holiday(date).filter(|day| day.kind == HolidayKind::MakeupWorkday);
        match worked.filter(|_| self.makeup == MakeupPolicy::AsWorkday) {
            Some(day) => day.stands_for.unwrap_or(Weekday::Monday).number().into(),
            None => usize::try_from(date.weekday().to_sunday_zero_offset()).unwrap(),
        }
    }

    fn is_open(&self, local: DateTime) -> bool {
        let (date, minute) = (local.date(), minute_of(local));
        let adds = || self.having(ExceptionEffect::Add, date).any(|one| one.has(minute));
        let narrows = || self.having(ExceptionEffect::Only, date).any(|one| !one.has(minute));
        let closes = |one: &ExceptionPlan| one.spans.is_empty() || one.has(minute);
        (self.opens(date, minute) || adds())
            && !narrows()
            && !self.having(ExceptionEffect::Close, date).any(closes)
    }

    /// Whether a window is open that began on the day, or on the evening before.
    fn opens(&self, date: Date, minute: u32) -> bool {
        let begins_today = self
            .on(date)
            .spans()
            .iter()
            .any(|(begin, end)| *begin <= minute && (end <= begin || minute < *end));
        begins_today
            || self.takes_evening(date) && {
                let evening = self.on(date.yesterday().unwrap());
                evening.spans().iter().any(|(begin, end)| end <= begin && minute < *end)
            }
    }

    /// Whether what began on the evening before runs on into a day: not into a day off, and into one with windows of its own only from
    /// another such day; nor if an exception closed the whole of that evening, or narrowed it and does not cover the day too.
    fn takes_evening(&self, date: Date) -> bool {
        let before = date.yesterday().unwrap();
        let is_dropped = self.having(ExceptionEffect::Close, before).any(|one| one.spans.is_empty())
            || self.having(ExceptionEffect::Only, before).any(|one| !one.covers(date));
        let takes = match self.on(date) {
            OfDay::Replaced(spans) => !spans.is_empty() && matches!(self.on(before), OfDay::Replaced(_)),
            OfDay::Off => false,
            OfDay::OwnWindows(_) => matches!(self.on(before), OfDay::OwnWindows(_)),
            OfDay::Ordinary(_) => true,
        };
        takes && !is_dropped
    }

    /// When it opens and closes from an instant until another, which are whole minutes; begins with what it is at first.
    pub(super) fn turns(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, bool)> {
        let zone = TimeZone::get(self.zone).unwrap();
        let mut turns: Vec<(Timestamp, bool)> = Vec::new();
        let mut at = from;
        while at < until {
            let open = self.is_open(zone.to_datetime(at));
            if turns.last().is_none_or(|(_, last)| *last != open) {
                turns.push((at, open));
            }
            at += MINUTE;
        }
        turns
    }
}

impl SeasonPlan {
    fn draw(random: &FixedRandom, day: Date) -> Self {
        let number = |end: u64| i64::try_from(below(random, end)).unwrap();
        let time = match below(random, 2) {
            0 => SeasonDays::Dates(day, day.checked_add(number(14).days()).unwrap()),
            _ => SeasonDays::EveryWeeks(day, 2 + number(3)),
        };
        Self { time, week: draw_week(random) }
    }

    fn as_sent(&self) -> Value {
        let mut sent = match self.time {
            SeasonDays::Dates(begin, end) => {
                json!({"begin_date": begin.to_string(), "end_date": end.to_string()})
            }
            SeasonDays::EveryWeeks(anchor, every) => {
                json!({"anchor_date": anchor.to_string(), "every_weeks": every})
            }
        };
        sent["content"] = content(&self.week);
        sent
    }

    fn holds(&self, date: Date) -> bool {
        let monday = |date: Date| date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days());
        match self.time {
            SeasonDays::Dates(begin, end) => begin <= date && date <= end,
            SeasonDays::EveryWeeks(anchor, every) => {
                let apart = monday(date).unwrap().duration_since(monday(anchor).unwrap());
                (apart.as_hours() / (7 * 24)).rem_euclid(every) == 0
            }
        }
    }
}

impl<'p> OfDay<'p> {
    const fn spans(&self) -> &'p [Span] {
        match self {
            Self::Replaced(spans) | Self::OwnWindows(spans) | Self::Ordinary(spans) => spans,
            Self::Off => &[],
        }
    }
}

fn draw_spans(random: &FixedRandom, least: u64, most: u64) -> Vec<Span> {
    (0..least + below(random, most - least + 1)).map(|_| *one_of(random, &SPANS)).collect()
}

fn draw_week(random: &FixedRandom) -> Week {
    std::array::from_fn(|_| draw_spans(random, 0, 3))
}

fn content(week: &Week) -> Value {
    let day = |(week, spans): (usize, &Vec<Span>)| json!({"week": week, "times": times(spans)});
    week.iter().enumerate().filter(|(_, spans)| !spans.is_empty()).map(day).collect()
}

fn minute_of(local: DateTime) -> u32 {
    u32::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap()
}

pub(super) fn times(spans: &[Span]) -> Value {
    let time = |minute: &u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    spans.iter().map(|(begin, end)| json!({"begin_time": time(begin), "end_time": time(end)})).collect()
}
