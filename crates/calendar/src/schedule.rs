//! When calling is allowed, compiled once and asked many times.
//!
//! Knows windows, zone, holidays and exceptions as compiled; no account, no task, no clock.

use jiff::Timestamp;

use crate::{
    pattern::{MINUTES_PER_WEEK, Minutes, Pattern},
    time_of_day::{MINUTES_PER_DAY, TimeOfDay},
    weekday::Weekday,
    windows::{WeeklyWindows, Window},
    zone::Zone,
};

/// Windows in a zone, compiled and immutable.
///
/// ```
/// use calendar::{Schedule, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"09:00","end_time":"18:00"}]}]"#)?;
/// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?).compile();
/// // Monday, 5 January 2026, 09:00 in Shanghai.
/// assert!(schedule.is_open("2026-01-05T01:00:00Z".parse()?));
/// assert!(!schedule.is_open("2026-01-05T00:59:59.999999999Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Schedule {
    zone: Zone,
    pattern: Pattern,
}

/// What a [`Schedule`] is compiled from.
pub struct ScheduleBuilder<'a> {
    windows: &'a WeeklyWindows,
    zone: Zone,
}

impl<'a> ScheduleBuilder<'a> {
    /// Compiles what was given.
    pub fn compile(self) -> Schedule {
        let mut spans: Vec<Minutes> = Vec::new();
        for (weekday, window) in self.windows.windows() {
            add(&mut spans, weekday, window);
        }
        Schedule { zone: self.zone, pattern: Pattern::new(MINUTES_PER_WEEK, spans) }
    }
}

fn add(spans: &mut Vec<Minutes>, weekday: Weekday, window: Window) {
    let midnight = u16::from(weekday.number()) * MINUTES_PER_DAY;
    let (begin, end) = (window.begin_time().minutes(), window.end_time().minutes());
    if end > begin {
        spans.push((midnight + begin, midnight + end));
        return;
    }
    let next = (midnight + MINUTES_PER_DAY) % MINUTES_PER_WEEK;
    spans.push((midnight + begin, midnight + TimeOfDay::END_OF_DAY.minutes()));
    if end > 0 {
        spans.push((next, next + end));
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
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn builder<'a>(windows: &'a WeeklyWindows, zone: &Zone) -> ScheduleBuilder<'a> {
        ScheduleBuilder { windows, zone: *zone }
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
    pub fn is_open(&self, instant: Timestamp) -> bool {
        let second = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
        let clock = self.zone.wall_clock();
        let wall = second + clock.offset(clock.piece_at(second));
        let (day, minute) = (wall.div_euclid(86_400), wall.rem_euclid(86_400) / 60);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are remainders")]
        let (weekday, minute) = ((day + 4).rem_euclid(7) as u16, minute as u16);
        self.pattern.is_open(self.pattern.position(weekday, minute))
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
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}
