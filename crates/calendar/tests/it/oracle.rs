//! A second reading of the rules, slow and plain: it asks of one instant whether it is open by looking at its local
//! date and time, and knows nothing of segments, patterns or tables. The library must agree with it everywhere.

use calendar::{
    BeyondHorizon, DateRange, Exception, ExceptionDay, ExceptionEffect, Exceptions, HolidayCalendar,
    HolidayKind, HolidayPolicy, MakeupPolicy, NthOfMonth, Schedule, SeasonTime, Seasons, TimeOfDay, Weekday,
    WeeklyWindows, Window, Zone,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
};
use std::sync::Arc;

/// All that a schedule is made from.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) windows: WeeklyWindows,
    pub(crate) zone: Zone,
    pub(crate) seasons: Seasons,
    pub(crate) calendars: Vec<Arc<HolidayCalendar>>,
    pub(crate) skips_holidays: bool,
    pub(crate) holiday_policy: HolidayPolicy,
    pub(crate) holiday_windows: Vec<Window>,
    pub(crate) makeup_policy: MakeupPolicy,
    pub(crate) beyond_horizon: BeyondHorizon,
    pub(crate) exceptions: Exceptions,
}

/// What speaks of a date, before anything is added to it or taken from it.
enum Day<'a> {
    Exception(&'a Exception),
    Closed,
    /// A day off with windows of its own.
    Own,
    As(Weekday),
    /// The windows of a weekday, within these times of each calendar.
    Half(Weekday, Vec<&'a [Window]>),
}

impl Group {
    /// A group with weekly windows only, from the JSON of its `content`.
    pub(crate) fn new(zone: &str, content: &str) -> Group {
        Group {
            windows: serde_json::from_str(content).unwrap(),
            zone: Zone::from_database(zone).unwrap(),
            seasons: Seasons::default(),
            calendars: vec![],
            skips_holidays: true,
            holiday_policy: HolidayPolicy::Closed,
            holiday_windows: vec![],
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

    /// With one more calendar.
    pub(crate) fn with_calendar(mut self, calendar: Arc<HolidayCalendar>) -> Group {
        self.calendars.push(calendar);
        self
    }

    pub(crate) fn with_seasons(self, json: &str) -> Group {
        Group { seasons: serde_json::from_str(json).unwrap(), ..self }
    }

    pub(crate) fn with_exceptions(self, json: &str) -> Group {
        Group { exceptions: serde_json::from_str(json).unwrap(), ..self }
    }

    pub(crate) fn compile(&self) -> Schedule {
        let mut builder = Schedule::builder(&self.windows, &self.zone)
            .seasons(&self.seasons)
            .holiday_policy(self.holiday_policy)
            .holiday_windows(&self.holiday_windows)
            .makeup_policy(self.makeup_policy)
            .beyond_horizon(self.beyond_horizon)
            .exceptions(&self.exceptions);
        for calendar in &self.calendars {
            let calendar = Arc::clone(calendar);
            builder = if self.skips_holidays {
                builder.holidays(calendar)
            } else {
                builder.days_of_exceptions(calendar)
            };
        }
        builder.compile()
    }

    pub(crate) fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_on_the_wall(self.zone.time_zone().to_datetime(instant))
    }

    pub(crate) fn is_open_on_the_wall(&self, wall: DateTime) -> bool {
        let minute = u16::try_from(wall.hour()).unwrap() * 60 + u16::try_from(wall.minute()).unwrap();
        let (today, yesterday) = (wall.date(), wall.date().yesterday().unwrap());
        if self.is_shut(today, yesterday, minute) {
            return false;
        }
        let from_today = self.own_evening(today, minute) || self.added_evening(today, minute);
        from_today || (self.runs_on(yesterday, today, minute) && !self.is_dropped(yesterday))
    }

    /// Whether an exception shuts a minute of today, whatever opens it.
    fn is_shut(&self, today: Date, yesterday: Date, minute: u16) -> bool {
        let inside = |exception: &Exception| {
            let times = exception.times();
            let evening = times.iter().any(|time| holds_in_the_evening(*time, minute));
            let morning = times.iter().any(|time| holds_in_the_morning(*time, minute));
            (evening && self.covers(exception, today)) || (morning && self.covers(exception, yesterday))
        };
        let closed = self.with(ExceptionEffect::Close).any(inside) || self.is_dropped(today);
        let mut only = self.with(ExceptionEffect::Only).filter(|only| self.covers(only, today));
        closed || only.any(|only| !inside(only))
    }

    /// Whether an exception closes the whole of a date, with all that begins on it.
    fn is_dropped(&self, date: Date) -> bool {
        let whole = |times: &[Window]| {
            let in_a_window = |minute: u16| times.iter().any(|time| holds_in_the_evening(*time, minute));
            times.is_empty() || (0..1440).all(in_a_window)
        };
        let mut closing = self.with(ExceptionEffect::Close);
        closing.any(|close| self.covers(close, date) && whole(close.times()))
    }

    fn own_evening(&self, date: Date, minute: u16) -> bool {
        let day = self.day(date);
        let within = match &day {
            Day::Half(_, all) => {
                all.iter().all(|times| times.iter().any(|time| holds_in_the_evening(*time, minute)))
            }
            _ => true,
        };
        within && self.any_window(date, &day, |window| holds_in_the_evening(window, minute))
    }

    fn added_evening(&self, date: Date, minute: u16) -> bool {
        let mut adding = self.with(ExceptionEffect::Add).filter(|add| self.covers(add, date));
        adding.any(|add| add.times().iter().any(|time| holds_in_the_evening(*time, minute)))
    }

    /// Whether a window that began yesterday runs on into this minute of today.
    fn runs_on(&self, yesterday: Date, today: Date, minute: u16) -> bool {
        let morning = |times: &[Window]| times.iter().any(|time| holds_in_the_morning(*time, minute));
        let mut narrowing = self.with(ExceptionEffect::Only).filter(|only| self.covers(only, yesterday));
        if narrowing.any(|only| !self.covers(only, today) && !morning(only.times())) {
            return false;
        }
        let (before, now) = (self.day(yesterday), self.day(today));
        let let_in = match now {
            Day::Closed | Day::Half(..) => false,
            Day::Exception(exception) => !exception.times().is_empty() && matches!(before, Day::Exception(_)),
            Day::Own => matches!(before, Day::Own),
            Day::As(_) => true,
        };
        let own = let_in
            && !matches!(before, Day::Half(..))
            && self.any_window(yesterday, &before, |window| holds_in_the_morning(window, minute));
        let closed = match now {
            Day::Closed | Day::Half(..) => true,
            Day::Exception(exception) => exception.times().is_empty(),
            Day::Own | Day::As(_) => false,
        };
        let mut adding = self.with(ExceptionEffect::Add).filter(|add| self.covers(add, yesterday));
        own || adding.any(|add| (!closed || self.covers(add, today)) && morning(add.times()))
    }

    fn with(&self, effect: ExceptionEffect) -> impl Iterator<Item = &Exception> {
        self.exceptions.iter().filter(move |exception| exception.effect() == effect)
    }

    fn day(&self, date: Date) -> Day<'_> {
        let covering =
            || self.with(ExceptionEffect::Replace).filter(|exception| self.covers(exception, date));
        let is_dated = |exception: &&Exception| {
            exception.on() == ExceptionDay::Date && matches!(exception.dates(), Some(DateRange::Once { .. }))
        };
        if let Some(exception) = covering().find(is_dated).or_else(|| covering().next()) {
            return Day::Exception(exception);
        }
        let own = Weekday::from(date.weekday());
        let Some(known_until) = self.calendars.iter().map(|calendar| calendar.known_until()).min() else {
            return Day::As(own);
        };
        if !self.skips_holidays {
            return Day::As(own);
        }
        let all_of_kind = |kind: HolidayKind| {
            let days = self.calendars.iter().filter_map(|calendar| calendar.day(date));
            days.filter(|day| day.kind == kind).collect::<Vec<_>>()
        };
        let of_kind = |kind: HolidayKind| all_of_kind(kind).into_iter().next();
        let (statutory, moved) = (of_kind(HolidayKind::Holiday), of_kind(HolidayKind::MovedHoliday));
        let off = match self.holiday_policy {
            HolidayPolicy::Closed | HolidayPolicy::OwnWindows => statutory.or(moved).is_some(),
            HolidayPolicy::StatutoryOnly => statutory.is_some(),
            HolidayPolicy::Open => false,
        };
        let named = statutory.or(moved).is_some();
        if off {
            let own = self.holiday_policy == HolidayPolicy::OwnWindows && !self.holiday_windows.is_empty();
            return if own { Day::Own } else { Day::Closed };
        }
        let halves = if named { vec![] } else { all_of_kind(HolidayKind::HalfDay) };
        if !halves.is_empty() && self.holiday_policy != HolidayPolicy::Open {
            return Day::Half(own, halves.iter().map(|half| &*half.times).collect());
        }
        if let Some(makeup) = of_kind(HolidayKind::MakeupWorkday).filter(|_| !named && halves.is_empty()) {
            return Day::As(match self.makeup_policy {
                MakeupPolicy::AsWorkday => makeup.stands_for.unwrap_or(Weekday::Monday),
                MakeupPolicy::AsIs => own,
            });
        }
        let weekend = own == Weekday::Saturday || own == Weekday::Sunday;
        match self.beyond_horizon {
            _ if date <= known_until => Day::As(own),
            BeyondHorizon::Closed => Day::Closed,
            BeyondHorizon::WeekdaysOnly if weekend => Day::Closed,
            BeyondHorizon::WeekdaysOnly | BeyondHorizon::Weekly => Day::As(own),
        }
    }

    fn any_window(&self, date: Date, day: &Day<'_>, holds: impl Fn(Window) -> bool) -> bool {
        match day {
            Day::Closed => false,
            Day::Own => self.holiday_windows.iter().copied().any(holds),
            Day::Exception(exception) => exception.times().iter().copied().any(holds),
            Day::As(weekday) | Day::Half(weekday, _) => {
                let days = self.week(date).days().iter().filter(|day| day.week == *weekday);
                days.flat_map(|day| &day.times).copied().any(holds)
            }
        }
    }

    /// The week that a date belongs to.
    fn week(&self, date: Date) -> &WeeklyWindows {
        let holds = |time: SeasonTime| match time {
            SeasonTime::Dates(dates) => lies_within(dates, date),
            SeasonTime::EveryWeeks { every, anchor } => {
                let days = (monday_of(date) - monday_of(anchor)).get_days();
                (days / 7) % i32::from(every) == 0
            }
        };
        let season = self.seasons.iter().find(|season| holds(season.time()));
        season.map_or(&self.windows, |season| season.content())
    }

    /// Whether any exception is about a date.
    pub(crate) fn is_excepted(&self, date: Date) -> bool {
        self.exceptions.iter().any(|exception| self.covers(exception, date))
    }

    fn covers(&self, exception: &Exception, date: Date) -> bool {
        exception.dates().is_none_or(|dates| lies_within(dates, date)) && self.is_chosen(exception.on(), date)
    }

    fn is_chosen(&self, on: ExceptionDay, date: Date) -> bool {
        let in_month = on.month().is_none_or(|month| month == date.month());
        in_month
            && match on {
                ExceptionDay::Date => true,
                ExceptionDay::NthWeekday { nth, week, .. } => {
                    let nth_of_its_kind = (date.day() - 1) / 7 + 1;
                    let is_last = date.day() + 7 > date.days_in_month();
                    Weekday::from(date.weekday()) == week
                        && match nth {
                            NthOfMonth::Nth(nth) => nth == nth_of_its_kind,
                            NthOfMonth::Last => is_last,
                        }
                }
                ExceptionDay::FirstWorkday { .. } => {
                    let earlier = (1..date.day()).map(|day| date.with().day(day).build().unwrap());
                    self.is_workday(date) && !earlier.into_iter().any(|day| self.is_workday(day))
                }
                ExceptionDay::LastWorkday { .. } => {
                    let days = date.day() + 1..=date.days_in_month();
                    let mut later = days.map(|day| date.with().day(day).build().unwrap());
                    self.is_workday(date) && !later.any(|day| self.is_workday(day))
                }
                ExceptionDay::Holiday => self.is_off(date),
                ExceptionDay::MakeupWorkday => self.is_makeup(date),
                ExceptionDay::DayBeforeHoliday => !self.is_off(date) && self.is_off(date.tomorrow().unwrap()),
            }
    }

    fn has(&self, date: Date, kind: HolidayKind) -> bool {
        self.calendars.iter().any(|calendar| calendar.day(date).is_some_and(|day| day.kind == kind))
    }

    fn is_off(&self, date: Date) -> bool {
        self.has(date, HolidayKind::Holiday) || self.has(date, HolidayKind::MovedHoliday)
    }

    fn is_makeup(&self, date: Date) -> bool {
        let weaker = !self.is_off(date) && !self.has(date, HolidayKind::HalfDay);
        weaker && self.has(date, HolidayKind::MakeupWorkday)
    }

    fn is_workday(&self, date: Date) -> bool {
        let weekday = Weekday::from(date.weekday());
        let weekend = weekday == Weekday::Saturday || weekday == Weekday::Sunday;
        self.is_makeup(date) || (!weekend && !self.is_off(date))
    }
}

fn monday_of(date: Date) -> Date {
    date - i32::from(date.weekday().to_monday_zero_offset()).days()
}

fn lies_within(dates: DateRange, date: Date) -> bool {
    match dates {
        DateRange::Once { begin, end } => (begin..=end).contains(&date),
        DateRange::Yearly { begin, end } => {
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
