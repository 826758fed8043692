//! A second reading of the rules, slow and plain: it asks of one instant whether it is open by looking at its local
//! date and time, and knows nothing of segments, patterns or tables. The library must agree with it everywhere.

use calendar::{
    BeyondHorizon, Exception, ExceptionDates, Exceptions, HolidayCalendar, HolidayKind, MakeupPolicy,
    Schedule, TimeOfDay, Weekday, WeeklyWindows, Window, Zone,
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use std::sync::Arc;

/// All that a schedule is made from.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) windows: WeeklyWindows,
    pub(crate) zone: Zone,
    pub(crate) calendar: Option<Arc<HolidayCalendar>>,
    pub(crate) makeup_policy: MakeupPolicy,
    pub(crate) beyond_horizon: BeyondHorizon,
    pub(crate) exceptions: Exceptions,
}

/// What speaks of a date.
enum Day<'a> {
    Exception(&'a Exception),
    Closed,
    As(Weekday),
    /// The windows of a weekday, within these times.
    Half(Weekday, &'a [Window]),
}

impl Group {
    /// A group with weekly windows only, from the JSON of its `content`.
    pub(crate) fn new(zone: &str, content: &str) -> Group {
        Group {
            windows: serde_json::from_str(content).unwrap(),
            zone: Zone::from_database(zone).unwrap(),
            calendar: None,
            makeup_policy: MakeupPolicy::AsIs,
            beyond_horizon: BeyondHorizon::Weekly,
            exceptions: Exceptions::default(),
        }
    }

    /// The same windows on every day of the week.
    pub(crate) fn daily(zone: &str, windows: &[(&str, &str)]) -> Group {
        Group::on(zone, &[0, 1, 2, 3, 4, 5, 6], windows)
    }

    /// The same windows on some days of the week.
    pub(crate) fn on(zone: &str, week: &[u8], windows: &[(&str, &str)]) -> Group {
        let times: Vec<String> = windows
            .iter()
            .map(|(begin, end)| format!(r#"{{"begin_time":"{begin}","end_time":"{end}"}}"#))
            .collect();
        let days: Vec<String> =
            week.iter().map(|day| format!(r#"{{"week":{day},"times":[{}]}}"#, times.join(","))).collect();
        Group::new(zone, &format!("[{}]", days.join(",")))
    }

    pub(crate) fn in_china(self) -> Group {
        self.with_calendar(HolidayCalendar::china())
    }

    pub(crate) fn with_calendar(self, calendar: Arc<HolidayCalendar>) -> Group {
        Group { calendar: Some(calendar), ..self }
    }

    pub(crate) fn with_exceptions(self, json: &str) -> Group {
        Group { exceptions: serde_json::from_str(json).unwrap(), ..self }
    }

    pub(crate) fn compile(&self) -> Schedule {
        let mut builder = Schedule::builder(&self.windows, &self.zone)
            .makeup_policy(self.makeup_policy)
            .beyond_horizon(self.beyond_horizon)
            .exceptions(&self.exceptions);
        if let Some(calendar) = &self.calendar {
            builder = builder.holidays(Arc::clone(calendar));
        }
        builder.compile()
    }

    pub(crate) fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_on_the_wall(self.zone.time_zone().to_datetime(instant))
    }

    pub(crate) fn is_open_on_the_wall(&self, wall: DateTime) -> bool {
        let minute = u16::try_from(wall.hour()).unwrap() * 60 + u16::try_from(wall.minute()).unwrap();
        let today = self.day(wall.date());
        if let Day::Half(_, times) = today
            && !times.iter().any(|time| holds_in_the_evening(*time, minute))
        {
            return false;
        }
        if self.any_window(&today, |window| holds_in_the_evening(window, minute)) {
            return true;
        }
        let Ok(date) = wall.date().yesterday() else { return false };
        let yesterday = self.day(date);
        if matches!(yesterday, Day::Half(..)) {
            return false;
        }
        let let_in = match today {
            Day::Closed | Day::Half(..) => false,
            Day::Exception(exception) => !exception.is_closed() && matches!(yesterday, Day::Exception(_)),
            Day::As(_) => true,
        };
        let_in && self.any_window(&yesterday, |window| holds_in_the_morning(window, minute))
    }

    fn day(&self, date: Date) -> Day<'_> {
        let covering = || self.exceptions.iter().filter(|exception| covers(exception, date));
        let is_dated = |exception: &&Exception| matches!(exception.dates(), ExceptionDates::Once { .. });
        if let Some(exception) = covering().find(is_dated).or_else(|| covering().next()) {
            return Day::Exception(exception);
        }
        let own = Weekday::from(date.weekday());
        let Some(calendar) = &self.calendar else { return Day::As(own) };
        if let Some(day) = calendar.day(date) {
            match (day.kind, self.makeup_policy) {
                (HolidayKind::Holiday | HolidayKind::MovedHoliday, _) => return Day::Closed,
                (HolidayKind::HalfDay, _) => return Day::Half(own, &day.times),
                (HolidayKind::MakeupWorkday, MakeupPolicy::AsWorkday) => {
                    return Day::As(day.stands_for.unwrap_or(Weekday::Monday));
                }
                (HolidayKind::MakeupWorkday, MakeupPolicy::AsIs) => return Day::As(own),
                (HolidayKind::Observance, _) => {}
            }
        }
        let weekend = own == Weekday::Saturday || own == Weekday::Sunday;
        match self.beyond_horizon {
            _ if date <= calendar.known_until() => Day::As(own),
            BeyondHorizon::Closed => Day::Closed,
            BeyondHorizon::WeekdaysOnly if weekend => Day::Closed,
            BeyondHorizon::WeekdaysOnly | BeyondHorizon::Weekly => Day::As(own),
        }
    }

    fn any_window(&self, day: &Day<'_>, holds: impl Fn(Window) -> bool) -> bool {
        match day {
            Day::Closed => false,
            Day::Exception(exception) => exception.times().iter().copied().any(holds),
            Day::As(weekday) | Day::Half(weekday, _) => {
                let days = self.windows.days().iter().filter(|day| day.week == *weekday);
                days.flat_map(|day| &day.times).copied().any(holds)
            }
        }
    }
}

fn covers(exception: &Exception, date: Date) -> bool {
    match exception.dates() {
        ExceptionDates::Once { begin, end } => (begin..=end).contains(&date),
        ExceptionDates::Yearly { begin, end } => {
            let begin = (begin.month(), begin.day());
            let end = (end.month(), end.day());
            let day = (date.month(), date.day());
            if begin <= end { begin <= day && day <= end } else { day >= begin || day <= end }
        }
    }
}

/// Whether a minute of the day the window begins on lies in it.
fn holds_in_the_evening(window: Window, minute: u16) -> bool {
    let (begin, end) = (window.begin_time().minutes(), window.end_time().minutes());
    minute >= begin && (end < begin || minute < end)
}

/// Whether a minute of the day after does.
fn holds_in_the_morning(window: Window, minute: u16) -> bool {
    let (begin, end) = (window.begin_time(), window.end_time());
    end < begin && end != TimeOfDay::MIDNIGHT && minute < end.minutes()
}

/// Compares a schedule with the oracle at the begin of every local minute between two instants, and the next change
/// of each with the first minute that differs.
pub(crate) fn compare(group: &Group, schedule: &Schedule, from: i64, to: i64) {
    let samples = local_minutes(group.zone, from, to);
    let open: Vec<bool> = samples.iter().map(|sample| group.is_open(at(*sample))).collect();
    let mut next: Option<usize> = None;
    for index in (0..samples.len()).rev() {
        if index + 1 < samples.len() && open[index + 1] != open[index] {
            next = Some(index + 1);
        }
        let instant = at(samples[index]);
        assert_eq!(schedule.is_open(instant), open[index], "{instant} {group:?}");
        let change = schedule.next_change(instant);
        match next {
            Some(next) => assert_eq!(change, Some(at(samples[next])), "after {instant} {group:?}"),
            None => {
                assert!(change.is_none_or(|change| change >= at(to)), "after {instant} {change:?} {group:?}");
            }
        }
    }
}

/// Every instant from `from` to `to` at which a minute begins on the zone's wall clock, or the wall clock jumps.
fn local_minutes(zone: Zone, from: i64, to: i64) -> Vec<i64> {
    let zone = zone.time_zone();
    let jumps = zone.following(at(from - 1)).map(|jump| jump.timestamp().as_second());
    let mut samples = Vec::new();
    let mut begin = from;
    for end in jumps.take_while(|jump| *jump < to).chain([to]) {
        let wall = begin + i64::from(zone.to_offset(at(begin)).seconds());
        let whole = begin + (-wall).rem_euclid(60);
        samples.extend((whole != begin && begin != from).then_some(begin));
        samples.extend((whole..end).step_by(60));
        begin = end;
    }
    samples
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
