//! When calling is allowed: each stretch of 256 days compiled when it is first asked about, and asked many times.

use std::{fmt, sync::Arc};

use jiff::{Timestamp, civil};

use crate::{
    civil_minute::CivilMinute,
    exceptions::{ExceptionEffect, Exceptions},
    holiday_lists::HolidayLists,
    holiday_policy::{BeyondHorizon, HolidayPolicy},
    holidays::HolidayCalendar,
    horizon::Horizon,
    makeup_workdays::MakeupPolicy,
    recent::{DecisionParts, RecentDecision},
    rule_book::{HolidayRules, RuleBook, RuleSource},
    ruling::RulingOfDay,
    seasons::Seasons,
    timeline::{State, Timeline},
    wall_clock::WallClock,
    windows::{WeeklyWindows, Window},
    zone::Zone,
};

/// Windows in a zone with holidays and exceptions, compiled and immutable.
///
/// Days are compiled when they are first asked about, 256 at a time. Eleven years in a row stay in memory; asked about these, no answer allocates or searches: each
/// costs the same however many windows there are and however far away the next change is.
/// Answers are exact for every instant of the years 1970 to 2200. Before and after, the zone is taken to keep the offset that
/// it has at that end.
///
/// The strongest rule that speaks of a day holds: an exception that replaces the day's windows, a holiday, a make-up workday, a
/// season, the weekly windows. To that come the exceptions that add, and from it go those that narrow or close.
/// A window belongs to the day it begins on. Its part after midnight is not open on a day that is closed, nor on a day
/// of an exception unless an exception's own window began it.
///
/// ```
/// use calendar::{Schedule, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?).compile();
/// // Monday, 5 January 2026, 09:00 in Shanghai.
/// let opening = "2026-01-05T01:00:00Z".parse()?;
/// assert!(schedule.is_open(opening));
/// assert!(!schedule.is_open("2026-01-05T00:59:59.999999999Z".parse()?));
/// assert_eq!(schedule.next_change(opening), Some("2026-01-05T10:00:00Z".parse()?));
/// assert_eq!(schedule.next_opening(opening), Some("2026-01-12T01:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Schedule {
    zone: Zone,
    clock: &'static WallClock,
    timeline: Timeline,
    horizon: Option<Horizon>,
    recent: RecentDecision,
}

/// What a [`Schedule`] is compiled from.
///
/// ```
/// use calendar::{BeyondHorizon, Exceptions, HolidayCalendar, MakeupPolicy, Schedule, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":5,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
/// let exceptions: Exceptions = serde_json::from_str(r#"[{"name":"move","begin_date":"2026-03-06"}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
///     .holidays(HolidayCalendar::china())
///     .makeup_policy(MakeupPolicy::AsWorkday)
///     .beyond_horizon(BeyondHorizon::Closed)
///     .exceptions(&exceptions)
///     .compile();
/// assert!(!schedule.is_open("2026-10-02T10:00:00+08:00".parse()?), "National Day");
/// assert!(!schedule.is_open("2026-03-06T10:00:00+08:00".parse()?), "the move");
/// assert!(schedule.is_open("2026-03-13T10:00:00+08:00".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder does nothing until it is compiled"]
pub struct ScheduleBuilder<'a> {
    windows: &'a WeeklyWindows,
    zone: Zone,
    seasons: Option<&'a Seasons>,
    exceptions: Option<&'a Exceptions>,
    calendars: Vec<Arc<HolidayCalendar>>,
    skips_holidays: bool,
    holiday_policy: HolidayPolicy,
    holiday_windows: &'a [Window],
    makeup_policy: MakeupPolicy,
    beyond_horizon: BeyondHorizon,
}

impl<'a> ScheduleBuilder<'a> {
    /// Follows a calendar: its days off do what the holiday policy says, its make-up workdays what the make-up policy says. A day off
    /// in any of several calendars is one. Example at [`ScheduleBuilder`].
    pub fn holidays(mut self, calendar: Arc<HolidayCalendar>) -> Self {
        self.skips_holidays = true;
        self.calendars.push(calendar);
        self
    }

    /// Lets exceptions look at a calendar, which does nothing else unless [`holidays`](ScheduleBuilder::holidays) is said as well.
    ///
    /// ```
    /// use calendar::{Exceptions, HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let daily: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":4,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let exceptions: Exceptions = serde_json::from_str(r#"[{"on":"holiday","effect":"close"}]"#)?;
    /// let schedule = Schedule::builder(&daily, &Zone::parse("Asia/Shanghai")?)
    ///     .exceptions(&exceptions)
    ///     .days_of_exceptions(HolidayCalendar::china())
    ///     .compile();
    /// assert!(!schedule.is_open("2026-10-01T10:00:00+08:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn days_of_exceptions(mut self, calendar: Arc<HolidayCalendar>) -> Self {
        self.calendars.push(calendar);
        self
    }

    /// What days off do; [`HolidayPolicy::Closed`] if not said.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, HolidayPolicy, Schedule, WeeklyWindows, Window, Zone};
    ///
    /// let windows = [Window::parse("10:00", "16:00").unwrap()];
    /// let never = WeeklyWindows::default();
    /// let schedule = Schedule::builder(&never, &Zone::parse("Asia/Shanghai")?)
    ///     .holidays(HolidayCalendar::china())
    ///     .holiday_policy(HolidayPolicy::OwnWindows)
    ///     .holiday_windows(&windows)
    ///     .compile();
    /// assert!(schedule.is_open("2026-10-01T10:00:00+08:00".parse()?));
    /// assert!(!schedule.is_open("2026-10-01T16:00:00+08:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn holiday_policy(mut self, policy: HolidayPolicy) -> Self {
        self.holiday_policy = policy;
        self
    }

    /// The windows of days off under [`HolidayPolicy::OwnWindows`]; without any they are closed.
    /// Example at [`holiday_policy`](ScheduleBuilder::holiday_policy).
    pub const fn holiday_windows(mut self, windows: &'a [Window]) -> Self {
        self.holiday_windows = windows;
        self
    }

    /// What a make-up workday does; [`MakeupPolicy::AsIs`] if not said. Example at [`ScheduleBuilder`].
    pub const fn makeup_policy(mut self, policy: MakeupPolicy) -> Self {
        self.makeup_policy = policy;
        self
    }

    /// What holds after the last day that all calendars know; [`BeyondHorizon::Weekly`] if not said.
    /// Example at [`ScheduleBuilder`].
    pub const fn beyond_horizon(mut self, policy: BeyondHorizon) -> Self {
        self.beyond_horizon = policy;
        self
    }

    /// The weeks that take the place of the weekly windows for a while.
    ///
    /// ```
    /// use calendar::{Schedule, Seasons, WeeklyWindows, Zone};
    ///
    /// let saturdays = r#"[{"every_weeks":2,"anchor_date":"2026-12-05","content":
    ///     [{"week":6,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]}]"#;
    /// let seasons: Seasons = serde_json::from_str(saturdays)?;
    /// let schedule = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("Asia/Shanghai")?)
    ///     .seasons(&seasons)
    ///     .compile();
    /// assert!(schedule.is_open("2026-12-05T10:00:00+08:00".parse()?));
    /// assert!(!schedule.is_open("2026-12-12T10:00:00+08:00".parse()?));
    /// assert!(schedule.is_open("2026-12-19T10:00:00+08:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn seasons(mut self, seasons: &'a Seasons) -> Self {
        self.seasons = Some(seasons);
        self
    }

    /// The days on which something differs. Example at [`ScheduleBuilder`].
    pub const fn exceptions(mut self, exceptions: &'a Exceptions) -> Self {
        self.exceptions = Some(exceptions);
        self
    }

    /// Compiles what was given. Example at [`ScheduleBuilder`].
    pub fn compile(self) -> Schedule {
        let (no_exceptions, no_seasons) = (Exceptions::default(), Seasons::default());
        let exceptions = self.exceptions.unwrap_or(&no_exceptions);
        let seasons = self.seasons.unwrap_or(&no_seasons);
        let holidays = self.skips_holidays.then_some(HolidayRules {
            policy: self.holiday_policy,
            makeup: self.makeup_policy,
            beyond: self.beyond_horizon,
        });
        let lists = HolidayLists::new(self.calendars);
        let looks =
            self.skips_holidays || exceptions.iter().any(|exception| exception.on().looks_at_holidays());
        let horizon = Horizon::of(&lists, self.zone).filter(|_| looks);
        let book = RuleBook::new(RuleSource {
            windows: self.windows,
            seasons,
            exceptions,
            lists,
            holidays,
            own_windows: self.holiday_windows,
        });
        Schedule {
            zone: self.zone,
            clock: self.zone.wall_clock(),
            timeline: Timeline::new(book),
            horizon,
            recent: RecentDecision::default(),
        }
    }
}

/// Whether an instant is open, and the first later instant that differs, in seconds.
#[derive(Clone, Copy)]
pub(crate) struct InstantState {
    pub(crate) open: bool,
    pub(crate) change: Option<i64>,
    /// The first after `change` that differs from it, if it was found on the way.
    pub(crate) change_back: Option<i64>,
}

impl DecisionParts {
    /// The state that it is made of.
    #[inline]
    pub(crate) fn state(&self) -> InstantState {
        let change_back = self.opening.filter(|_| self.open);
        InstantState { open: self.open, change: self.change, change_back }
    }
}

impl Schedule {
    /// Begins a schedule of these weekly windows in this zone.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let never = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// assert!(!never.is_open(jiff::Timestamp::UNIX_EPOCH));
    /// assert_eq!(never.next_opening(jiff::Timestamp::UNIX_EPOCH), None);
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn builder<'a>(windows: &'a WeeklyWindows, zone: &Zone) -> ScheduleBuilder<'a> {
        ScheduleBuilder {
            windows,
            zone: *zone,
            seasons: None,
            exceptions: None,
            calendars: Vec::new(),
            skips_holidays: false,
            holiday_policy: HolidayPolicy::default(),
            holiday_windows: &[],
            makeup_policy: MakeupPolicy::default(),
            beyond_horizon: BeyondHorizon::default(),
        }
    }

    /// About how many bytes of memory it takes when many years have been asked about: for caches. What it shares with others, its zone and its holiday calendar, is
    /// not counted.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":5,"times":[{"begin_time":"22:00","end_time":"06:00"}]}]"#)?;
    /// let (never, fridays) = (WeeklyWindows::default(), windows);
    /// let size = |windows| Schedule::builder(windows, &Zone::parse("UTC").unwrap()).compile().size_in_bytes();
    /// assert!(size(&never) < size(&fridays));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn size_in_bytes(&self) -> usize {
        size_of::<Self>() + self.timeline.size_in_bytes()
    }

    /// How many bytes of memory it takes now, counted. The days that were asked about so far are compiled. What it shares with others is not
    /// counted.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let schedule = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// let before = schedule.bytes_held();
    /// schedule.decide(jiff::Timestamp::UNIX_EPOCH);
    /// assert!(before < schedule.bytes_held());
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn bytes_held(&self) -> usize {
        size_of::<Self>() + self.timeline.bytes_held()
    }

    /// Whether calling is allowed at `instant`.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":5,"times":[{"begin_time":"22:00","end_time":"06:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("UTC")?).compile();
    /// assert!(schedule.is_open("2026-01-03T05:59:59Z".parse()?), "Saturday morning belongs to Friday night");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn is_open(&self, instant: Timestamp) -> bool {
        self.is_open_at(floor_second(instant))
    }

    /// Whether calling is allowed in a second.
    #[inline]
    pub(crate) fn is_open_at(&self, second: i64) -> bool {
        self.timeline.is_open(self.moment(second))
    }

    /// The first instant after `instant` at which the answer of [`is_open`](Schedule::is_open) is another. `None`
    /// means never.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":0,"times":[{"begin_time":"01:00","end_time":"02:30"}]}]"#)?;
    /// let paris = Schedule::builder(&windows, &Zone::parse("Europe/Paris")?).compile();
    /// // The clock goes back from 03:00 to 02:00, so the half hour from 02:00 comes twice, and is open twice.
    /// let change = |at: &str| paris.next_change(at.parse().unwrap()).unwrap().to_string();
    /// assert_eq!(change("2026-10-25T02:15:00+02:00"), "2026-10-25T00:30:00Z");
    /// assert_eq!(change("2026-10-25T02:45:00+02:00"), "2026-10-25T01:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        timestamp(self.state_at(floor_second(instant)).change)
    }

    /// The first instant after `instant` at which what was closed opens. If it is open at `instant`, that is the opening
    /// after the next closing. `None` means never.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":5,"times":[{"begin_time":"22:00","end_time":"06:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("UTC")?).compile();
    /// let opening = schedule.next_opening("2026-01-01T00:00:00Z".parse()?);
    /// assert_eq!(opening, Some("2026-01-02T22:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn next_opening(&self, instant: Timestamp) -> Option<Timestamp> {
        timestamp(self.opening_after(self.state_at(floor_second(instant))))
    }

    /// The zone whose wall clock the windows are read on.
    ///
    /// ```
    /// use calendar::{Schedule, WeeklyWindows, Zone};
    ///
    /// let schedule = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("UTC")?).compile();
    /// assert_eq!(schedule.zone().name(), "UTC");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The holiday calendars that it knows, in their order.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let never = WeeklyWindows::default();
    /// let builder = Schedule::builder(&never, &Zone::parse("UTC")?);
    /// let schedule = builder.holidays(HolidayCalendar::china()).compile();
    /// assert_eq!(schedule.calendars()[0].id(), "CN");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn calendars(&self) -> &[Arc<HolidayCalendar>] {
        self.lists().calendars()
    }

    /// The last day that all the calendars know whose holidays it skips. `None`: it skips none.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let never = WeeklyWindows::default();
    /// let builder = Schedule::builder(&never, &Zone::parse("UTC")?);
    /// let schedule = builder.holidays(HolidayCalendar::china()).compile();
    /// assert_eq!(schedule.known_until(), Some(HolidayCalendar::china().known_until()));
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn known_until(&self) -> Option<civil::Date> {
        self.horizon.map(|horizon| horizon.known_until)
    }

    /// The first day of the latest of the first years of the calendars it looks at, if they have days.
    ///
    /// ```
    /// use calendar::{HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let (never, utc) = (WeeklyWindows::default(), Zone::parse("UTC")?);
    /// let schedule = Schedule::builder(&never, &utc).holidays(HolidayCalendar::china()).compile();
    /// assert_eq!(schedule.known_from(), Some(jiff::civil::date(2004, 1, 1)));
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn known_from(&self) -> Option<civil::Date> {
        self.horizon.and_then(|horizon| horizon.known_from)
    }

    /// All that it was compiled from but its zone.
    pub(crate) const fn book(&self) -> &RuleBook {
        self.timeline.book()
    }

    pub(crate) const fn lists(&self) -> &HolidayLists {
        &self.book().lists
    }

    /// The name of an exception, and what it does.
    pub(crate) fn exception(&self, place: u32) -> (&str, ExceptionEffect) {
        let exception = &self.book().exceptions[place as usize];
        (&exception.name, exception.effect)
    }

    pub(crate) fn season_name(&self, place: u32) -> &str {
        &self.book().seasons[place as usize].name
    }

    /// The state at an instant, and when it changes.
    ///
    /// While the zone keeps one offset, instants and the timeline advance together. When the offset changes the wall clock
    /// jumps, and the state is looked up anew. Offsets that end before the timeline's next change are skipped.
    #[inline]
    pub(crate) fn state_at(&self, second: i64) -> InstantState {
        let (piece, wall) = self.wall(second);
        self.on_instants(piece, wall, self.timeline.state(CivilMinute::at(wall)))
    }

    /// The piece of the clock that a second lies in, and what the clock of the wall shows then.
    #[inline]
    fn wall(&self, second: i64) -> (usize, i64) {
        let piece = self.clock.piece_at(second);
        (piece, second + self.clock.offset(piece))
    }

    /// The state of the timeline at a second of the wall clock as one of an instant; the piece is the one it lies in.
    #[inline]
    fn on_instants(&self, piece: usize, wall: i64, state: State) -> InstantState {
        self.before_jump(piece, state).unwrap_or_else(|| self.over_jumps(piece, wall, state))
    }

    /// The state if it changes before the clock jumps at the end of a piece.
    #[inline]
    fn before_jump(&self, piece: usize, state: State) -> Option<InstantState> {
        let (offset, end) = (self.clock.offset(piece), self.clock.end(piece).unwrap_or(i64::MAX));
        let within = |flip: i64| Some(flip - offset).filter(|change| *change < end);
        let change = Some(state.flip.and_then(within)?);
        Some(InstantState { open: state.open, change, change_back: state.flip_back.and_then(within) })
    }

    fn over_jumps(&self, mut piece: usize, mut wall: i64, mut state: State) -> InstantState {
        let (clock, open) = (self.clock, state.open);
        loop {
            if let Some(state) = self.before_jump(piece, state) {
                return state;
            }
            let end = clock.end(piece).unwrap_or(i64::MAX);
            if clock.surely_from(wall) <= end {
                // The wall clock never again shows a time before `wall`, so nothing changes before the next change of the timeline.
                let Some(flip) = state.flip else {
                    return InstantState { open, change: None, change_back: None };
                };
                let settled = clock.surely_before(flip);
                if settled >= end {
                    piece = clock.piece_at(settled);
                    continue;
                }
            }
            piece += 1;
            wall = end + clock.offset(piece);
            state = self.timeline.state(CivilMinute::at(wall));
            if state.open != open {
                return InstantState { open, change: Some(end), change_back: None };
            }
        }
    }

    #[inline]
    pub(crate) fn opening_after(&self, state: InstantState) -> Option<i64> {
        if state.open { self.change_back(state) } else { state.change }
    }

    /// The first instant after the change that differs from it.
    #[inline]
    pub(crate) fn change_back(&self, state: InstantState) -> Option<i64> {
        state.change_back.or_else(|| self.state_at(state.change?).change)
    }

    /// Until when an answer holds that was given at `second`: the calendar may say more from its horizon on.
    pub(crate) fn valid_until(&self, second: i64, change: Option<i64>) -> Option<i64> {
        change.into_iter().chain(self.horizon_after(second)).min()
    }

    /// The first instant beyond what the holiday calendar knows, if that is still to come.
    #[inline]
    pub(crate) fn horizon_after(&self, second: i64) -> Option<i64> {
        self.horizon.map(|horizon| horizon.end).filter(|end| second < *end)
    }

    /// Whether it is open at a second, by which rule, and when next.
    #[inline]
    pub(crate) fn decision_parts(&self, second: i64) -> DecisionParts {
        self.recent.at(second).unwrap_or_else(|| self.decide_anew(second))
    }

    #[inline]
    fn decide_anew(&self, second: i64) -> DecisionParts {
        let (piece, wall) = self.wall(second);
        let moment = CivilMinute::at(wall);
        let (state, ruling, minute) = self.timeline.state_and_ruling(moment);
        let state = self.on_instants(piece, wall, state);
        let opening = self.opening_after(state);
        // The same rule decides up to this minute, unless the clock is set before.
        let rule_end = second + moment.second_of(minute) - wall;
        let ends = [state.change, self.clock.end(piece), self.horizon_after(second)];
        let until = ends.into_iter().flatten().fold(rule_end, i64::min);
        let (open, change, today) = (state.open, state.change, moment.day);
        let parts = DecisionParts { open, change, opening, today, ruling, until };
        self.recent.keep(second, parts);
        parts
    }

    /// The rule that holds on a day: an exception that changes it, if one does.
    pub(crate) fn ruling_of_day(&self, day: i32) -> RulingOfDay {
        RulingOfDay { day, ruling: self.timeline.shown_ruling_of_day(day) }
    }

    /// The end of what the holiday calendar knows.
    pub(crate) const fn horizon(&self) -> Option<Horizon> {
        self.horizon
    }

    #[inline]
    pub(crate) fn moment(&self, second: i64) -> CivilMinute {
        CivilMinute::at(self.wall(second).1)
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calendars: Vec<_> = self.calendars().iter().map(|calendar| calendar.id()).collect();
        formatter
            .debug_struct("Schedule")
            .field("zone", &self.zone)
            .field("calendars", &calendars)
            .finish_non_exhaustive()
    }
}

/// The second an instant lies in, also before 1970.
#[inline]
pub(crate) fn floor_second(instant: Timestamp) -> i64 {
    instant.as_second() - i64::from(instant.subsec_nanosecond() < 0)
}

#[inline]
/// An instant of an answer. What lies behind the years that answers are exact for is none: there yearly exceptions end, and what is closed
/// by them for good would seem to open.
pub(crate) fn timestamp(second: Option<i64>) -> Option<Timestamp> {
    before_end(second).and_then(|second| Timestamp::from_second(second).ok())
}

/// What lies within the years that answers are exact for, or before them.
#[inline]
pub(crate) fn before_end(second: Option<i64>) -> Option<i64> {
    second.filter(|second| *second < END)
}

/// 3 January 2201, UTC: in no zone is it still 2200.
const END: i64 = 7_289_827_200;
