//! The answer to "may this call go out?", with the rule that decided.
//!
//! Rules and warnings have stable codes; sentences for people belong to the caller.

use jiff::{Timestamp, civil::Date};

use crate::{
    date::{date_of, day_number, weekday_number},
    exceptions::ExceptionEffect,
    holidays::Notice,
    horizon::Warning,
    recent::DecisionParts,
    ruling::{Ruling, RulingOfDay},
    schedule::{Schedule, floor_second, timestamp},
    weekday::Weekday,
};

/// The rules that can decide, the strongest first: a closed list.
///
/// ```
/// use calendar::DecidingRule;
///
/// let codes: Vec<_> = DecidingRule::ALL.iter().map(|rule| rule.code()).collect();
/// assert_eq!(codes, ["closure", "ceiling", "override", "exception", "holiday", "makeup_workday", "beyond_horizon", "season", "weekly"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecidingRule {
    /// A closure of what the schedule belongs to; see [`EffectiveSchedule::closed_in`](crate::EffectiveSchedule::closed_in).
    Closure,
    /// A schedule above that is closed; see [`EffectiveSchedule::below`](crate::EffectiveSchedule::below).
    Ceiling,
    /// A person's override, for a while; see [`EffectiveSchedule`](crate::EffectiveSchedule).
    Override,
    /// An exception of the group.
    Exception,
    /// A day off or a half day of the holiday calendars.
    Holiday,
    /// A Saturday or Sunday that is worked.
    MakeupWorkday,
    /// A day closed because it lies after the last that the holiday calendar knows.
    BeyondHorizon,
    /// The week of a season.
    Season,
    /// The weekly windows.
    Weekly,
}

impl DecidingRule {
    /// Every rule, the strongest first. Example at [`DecidingRule`].
    pub const ALL: [DecidingRule; 9] = [
        DecidingRule::Closure,
        DecidingRule::Ceiling,
        DecidingRule::Override,
        DecidingRule::Exception,
        DecidingRule::Holiday,
        DecidingRule::MakeupWorkday,
        DecidingRule::BeyondHorizon,
        DecidingRule::Season,
        DecidingRule::Weekly,
    ];

    /// The stable code of the rule, in `snake_case`. Example at [`DecidingRule`].
    pub const fn code(self) -> &'static str {
        match self {
            DecidingRule::Closure => "closure",
            DecidingRule::Ceiling => "ceiling",
            DecidingRule::Override => "override",
            DecidingRule::Exception => "exception",
            DecidingRule::Holiday => "holiday",
            DecidingRule::MakeupWorkday => "makeup_workday",
            DecidingRule::BeyondHorizon => "beyond_horizon",
            DecidingRule::Season => "season",
            DecidingRule::Weekly => "weekly",
        }
    }
}

/// Why an answer is as it is.
///
/// ```
/// use calendar::{DecidingRule, HolidayCalendar, MakeupPolicy, Schedule, Weekday, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
///     .holidays(HolidayCalendar::china())
///     .makeup_policy(MakeupPolicy::AsWorkday)
///     .compile();
/// let decision = schedule.decide("2026-10-10T10:00:00+08:00".parse()?);
/// assert!(decision.allowed);
/// let reason = decision.reason;
/// assert_eq!((reason.rule, reason.name), (DecidingRule::MakeupWorkday, Some("国庆节")));
/// assert_eq!(reason.windows_of, Some(Weekday::Monday));
/// assert_eq!(reason.date(), jiff::civil::date(2026, 10, 10));
/// assert_eq!(reason.notice().unwrap().id, "2026");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reason<'a> {
    /// The rule that decided.
    pub rule: DecidingRule,
    /// What the rule is called: the feast, the exception, the season, or why a person overrides; none for the rest, nor for one without a name.
    pub name: Option<&'a str>,
    /// The weekday whose windows were looked at, unless the day was closed or had windows of its own.
    pub windows_of: Option<Weekday>,
    /// Whether the day is a day off with windows of its own.
    pub own_windows: bool,
    /// What the exception does with the day, if one decided.
    pub effect: Option<ExceptionEffect>,
    day: i32,
    holiday: Option<(&'a Schedule, u32)>,
}

impl<'a> Reason<'a> {
    /// The local date the rule speaks of: the day before's, where the time belongs to its evening.
    /// Example at [`Reason`].
    pub fn date(&self) -> Date {
        date_of(self.day)
    }

    /// The public notice that made the day a holiday or a make-up workday, if known. Example at [`Reason`].
    pub fn notice(&self) -> Option<&'a Notice> {
        let (schedule, place) = self.holiday?;
        let (calendar, day) = schedule.lists().entry(place)?;
        calendar.notice(day)
    }

    /// Of a rule that lies over the schedule; `day` is the local day that is asked about.
    #[inline]
    pub(crate) fn named(rule: DecidingRule, day: i32, name: &'a str) -> Reason<'a> {
        let name = Some(name).filter(|name| !name.is_empty());
        let (windows_of, own_windows, effect) = (None, false, None);
        Reason { rule, name, windows_of, own_windows, effect, day, holiday: None }
    }

    #[inline]
    pub(crate) fn of(schedule: &'a Schedule, RulingOfDay { day, ruling }: RulingOfDay) -> Reason<'a> {
        let weekday = weekday_number(day);
        let own = Some(Weekday::ALL[usize::from(weekday)]);
        let (own_windows, effect) = (false, None);
        let plain = |rule, windows_of| Reason {
            rule,
            name: None,
            windows_of,
            own_windows,
            effect,
            day,
            holiday: None,
        };
        match ruling {
            Ruling::Weekly => plain(DecidingRule::Weekly, own),
            Ruling::Season(place) => {
                let name = Some(schedule.season_name(place)).filter(|name| !name.is_empty());
                Reason { name, ..plain(DecidingRule::Season, own) }
            }
            Ruling::ClosedBeyondHorizon => plain(DecidingRule::BeyondHorizon, None),
            Ruling::Exception(place) => {
                let (name, effect) = schedule.exception(place);
                let name = Some(name).filter(|name| !name.is_empty());
                Reason { name, effect: Some(effect), ..plain(DecidingRule::Exception, None) }
            }
            Ruling::Holiday(place) => {
                let own_windows = schedule.book().days_off().is_some();
                Reason::of_calendar(
                    schedule,
                    place,
                    Reason { own_windows, ..plain(DecidingRule::Holiday, None) },
                )
            }
            Ruling::HalfDay(place) => Reason::of_calendar(schedule, place, plain(DecidingRule::Holiday, own)),
            Ruling::MakeupWorkday(place) => {
                let stood_for = schedule.book().makeup_windows_of(place);
                Reason::of_calendar(schedule, place, plain(DecidingRule::MakeupWorkday, stood_for.or(own)))
            }
        }
    }

    /// `plain` with what the holiday calendar says of its day at `place`.
    fn of_calendar(schedule: &'a Schedule, place: u32, plain: Reason<'a>) -> Reason<'a> {
        let day = schedule.lists().entry(place).map(|(_, day)| day);
        Reason { name: day.map(|day| day.name.as_str()), holiday: Some((schedule, place)), ..plain }
    }
}

/// Whether calling is allowed at an instant, why, and when next. Example at
/// [`Schedule::decide`](crate::Schedule::decide).
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Whether calling is allowed.
    pub allowed: bool,
    /// The rule that decided.
    pub reason: Reason<'a>,
    /// The first later instant at which `allowed` is another. `None`: never.
    pub next_change: Option<Timestamp>,
    /// The first later instant at which what was closed opens. `None`: never.
    pub next_opening: Option<Timestamp>,
    /// Until when this answer may be kept, as long as the schedule is not edited: the next change, or the end of what
    /// the holiday calendar knows if that comes first. `None`: for good.
    pub valid_until: Option<Timestamp>,
    /// What must be told as well.
    pub warning: Option<Warning>,
    /// Of an [`Intersection`](crate::Intersection) that is closed, the first of its layers that is.
    pub layer: Option<&'a str>,
}

impl Schedule {
    /// Whether calling is allowed at `instant`, why, and when next.
    ///
    /// ```
    /// use calendar::{DecidingRule, HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":4,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
    ///     .holidays(HolidayCalendar::china())
    ///     .compile();
    /// let decision = schedule.decide("2026-10-01T10:00:00+08:00".parse()?);
    /// assert!(!decision.allowed);
    /// assert_eq!(decision.reason.rule, DecidingRule::Holiday);
    /// assert_eq!(decision.reason.name, Some("国庆节"));
    /// assert_eq!(decision.next_opening, Some("2026-10-08T09:00:00+08:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide(&self, instant: Timestamp) -> Decision<'_> {
        let second = floor_second(instant);
        self.decision_of(second, &self.decision_parts(second))
    }

    /// The decision that is made of these parts.
    pub(crate) fn decision_of(&self, second: i64, parts: &DecisionParts) -> Decision<'_> {
        Decision {
            allowed: parts.open,
            reason: Reason::of(self, parts.ruling),
            next_change: timestamp(parts.change),
            next_opening: timestamp(parts.opening),
            valid_until: timestamp(self.valid_until(second, parts.change)),
            warning: self.warning(parts.today, parts.opening),
            layer: None,
        }
    }

    /// The rule that holds on a date: for a calendar page.
    ///
    /// ```
    /// use calendar::{DecidingRule, HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let schedule = Schedule::builder(&WeeklyWindows::default(), &Zone::parse("Asia/Shanghai")?)
    ///     .holidays(HolidayCalendar::china())
    ///     .compile();
    /// let reason = schedule.reason_of_day(jiff::civil::date(2026, 2, 17));
    /// assert_eq!((reason.rule, reason.name), (DecidingRule::Holiday, Some("春节")));
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn reason_of_day(&self, date: Date) -> Reason<'_> {
        Reason::of(self, self.ruling_of_day(day_number(date)))
    }

    /// What must be told of an answer about this second.
    pub(crate) fn warning_at(&self, second: i64, opening: Option<i64>) -> Option<Warning> {
        self.horizon()?;
        self.warning(self.moment(second).day, opening)
    }

    /// What must be told of an answer about an instant of the local day `today`.
    #[inline]
    pub(crate) fn warning(&self, today: i32, opening: Option<i64>) -> Option<Warning> {
        self.horizon()?.warning(today, opening)
    }
}
