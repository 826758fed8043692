//! When a group is open, read off its windows minute by minute: another reading of the rules than the program's.

use std::collections::BTreeMap;

use calendar::{HolidayCalendar, HolidayDay, HolidayKind, MakeupPolicy, Weekday};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Value, json};
use test_support::FixedRandom;

use super::edits::{below, one_of};

/// Minutes of a day; an end at or before its begin is one of the next day.
type Span = (u32, u32);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Windows as people have them, and some so short that few calls, or none, may start in them.
const SPANS: [Span; 14] = [
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

/// What a group is.
#[derive(Clone, Debug)]
pub(super) struct GroupPlan {
    pub(super) zone: &'static str,
    /// By weekday, from Sunday.
    windows: [Vec<Span>; 7],
    pub(super) skips_holidays: bool,
    /// What a weekend day does that is worked to make up for a day off.
    pub(super) makeup: MakeupPolicy,
    exceptions: BTreeMap<Date, Vec<Span>>,
}

impl GroupPlan {
    /// Any group; its exceptions are on days from one on.
    pub(super) fn draw(random: &FixedRandom, first: Date, days: i64) -> Self {
        let spans = |most: u64| -> Vec<Span> {
            (0..below(random, most + 1)).map(|_| *one_of(random, &SPANS)).collect()
        };
        let windows = std::array::from_fn(|_| spans(3));
        let mut exceptions = BTreeMap::new();
        for _ in 0..below(random, 3) {
            let day = i64::try_from(below(random, days.unsigned_abs())).unwrap();
            let spans = (0..below(random, 3)).map(|_| *one_of(random, &SPANS)).collect();
            exceptions.insert(first.checked_add(day.days()).unwrap(), spans);
        }
        let zone: &&str = one_of(random, &ZONES);
        let makeup = *one_of(random, &[MakeupPolicy::AsIs, MakeupPolicy::AsWorkday]);
        Self { zone, windows, skips_holidays: below(random, 2) == 0, makeup, exceptions }
    }

    pub(super) fn content(&self) -> Value {
        let day = |(week, spans): (usize, &Vec<Span>)| json!({"week": week, "times": times(spans)});
        self.windows.iter().enumerate().filter(|(_, spans)| !spans.is_empty()).map(day).collect()
    }

    pub(super) fn exceptions(&self) -> Value {
        let exception = |(date, spans): (&Date, &Vec<Span>)| json!({"begin_date": date.to_string(), "times": times(spans)});
        self.exceptions.iter().map(exception).collect()
    }

    /// The windows that begin on a day.
    fn on(&self, date: Date) -> &[Span] {
        match self.exceptions.get(&date) {
            Some(spans) => spans,
            None if self.is_off(date) => &[],
            None => &self.windows[self.weekday(date)],
        }
    }

    /// The day in the calendar whose holidays the group skips.
    fn holiday(&self, date: Date) -> Option<HolidayDay> {
        HolidayCalendar::china().day(date).filter(|_| self.skips_holidays).cloned()
    }

    fn is_off(&self, date: Date) -> bool {
        self.holiday(date).is_some_and(|day| day.kind.is_day_off())
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
        let begins_today =
            self.on(date).iter().any(|(begin, end)| *begin <= minute && (end <= begin || minute < *end));
        begins_today
            || self.takes_evening(date) && {
                let evening = self.on(date.yesterday().unwrap());
                evening.iter().any(|(begin, end)| end <= begin && minute < *end)
            }
    }

    /// Whether what began on the evening before runs on into a day: not into a day off, and into one with windows of its own only from
    /// another such day.
    fn takes_evening(&self, date: Date) -> bool {
        match self.exceptions.get(&date) {
            Some(spans) => !spans.is_empty() && self.exceptions.contains_key(&date.yesterday().unwrap()),
            None => !self.is_off(date),
        }
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

fn minute_of(local: DateTime) -> u32 {
    u32::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap()
}

fn times(spans: &[Span]) -> Value {
    let time = |minute: &u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    spans.iter().map(|(begin, end)| json!({"begin_time": time(begin), "end_time": time(end)})).collect()
}
