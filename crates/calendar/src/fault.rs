//! What can be wrong with an input, and where.
//!
//! Each rule has a stable code and an English sentence; other languages belong to the caller.

/// How many faults one parse reports at most; the rest would only be noise.
pub const FAULTS_REPORTED: usize = 100;

/// One fault of an input: where it is and which rule it breaks.
///
/// ```
/// use calendar::{DayWindowsInput, Rule, WeeklyWindows};
///
/// let faults = WeeklyWindows::parse(vec![DayWindowsInput { week: 7, times: vec![] }]).unwrap_err();
/// assert_eq!(faults[0].path, "[0].week");
/// assert_eq!(faults[0].rule, Rule::WeekOutOfRange);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {rule}")]
pub struct CalendarFault {
    /// The place, relative to what was parsed: `[0].times[1].end_time`.
    pub path: String,
    /// The rule that is broken there.
    pub rule: Rule,
}

impl CalendarFault {
    /// A fault of `rule` at `path`.
    ///
    /// ```
    /// use calendar::{CalendarFault, Rule};
    /// assert_eq!(CalendarFault::new("timezone", Rule::UnknownZone).path, "timezone");
    /// ```
    pub fn new(path: impl Into<String>, rule: Rule) -> CalendarFault {
        CalendarFault { path: path.into(), rule }
    }

    /// The same fault seen from one level further out.
    ///
    /// ```
    /// use calendar::{CalendarFault, Rule};
    ///
    /// let fault = CalendarFault::new("[0].week", Rule::WeekOutOfRange).prefixed("content");
    /// assert_eq!(fault.path, "content[0].week");
    /// let fault = CalendarFault::new("id", Rule::IdFormat).prefixed("calendar");
    /// assert_eq!(fault.path, "calendar.id");
    /// ```
    #[must_use]
    pub fn prefixed(self, prefix: &str) -> CalendarFault {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        CalendarFault { path: format!("{prefix}{joint}{}", self.path), rule: self.rule }
    }
}

/// Joins faults into one line, for errors that have room for one text only.
pub(crate) fn joined(faults: &[CalendarFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Collects faults up to [`FAULTS_REPORTED`].
#[derive(Default)]
pub(crate) struct CalendarFaults(Vec<CalendarFault>);

impl CalendarFaults {
    pub(crate) fn add(&mut self, path: impl FnOnce() -> String, rule: Rule) {
        if self.0.len() < FAULTS_REPORTED {
            self.0.push(CalendarFault::new(path(), rule));
        }
    }

    /// The value of `result`, or `None` after noting its fault.
    pub(crate) fn check<T>(&mut self, path: impl FnOnce() -> String, result: Result<T, Rule>) -> Option<T> {
        result.map_err(|rule| self.add(path, rule)).ok()
    }

    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = CalendarFault>) {
        let room = FAULTS_REPORTED - self.0.len();
        self.0.extend(faults.into_iter().take(room));
    }

    pub(crate) fn into_faults(self) -> Vec<CalendarFault> {
        self.0
    }

    pub(crate) fn into_result<T>(self, value: T) -> Result<T, Vec<CalendarFault>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $variant:ident, $code:literal, $message:literal;)+) => {
        /// The rules an input can break: a closed list, each with a stable code and an English sentence.
        ///
        /// ```
        /// use calendar::Rule;
        ///
        /// assert_eq!(Rule::TimeFormat.code(), "time_format");
        /// assert_eq!(Rule::TimeFormat.to_string(), "must be a time of the form HH:MM");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum Rule {
            $($(#[doc = $doc])+ #[error($message)] $variant,)+
        }

        impl Rule {
            /// Every rule, for translations that must not miss one.
            ///
            /// ```
            /// assert!(calendar::Rule::ALL.contains(&calendar::Rule::UnknownZone));
            /// ```
            pub const ALL: &'static [Rule] = &[$(Rule::$variant,)+];

            /// The stable code of the rule, in `snake_case`.
            ///
            /// ```
            /// assert_eq!(calendar::Rule::BeginIs24.code(), "begin_is_24");
            /// ```
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code,)+ }
            }
        }
    };
}

rules! {
    /// `week` is not 0 to 6.
    WeekOutOfRange, "week_out_of_range", "must be 0 (Sunday) to 6 (Saturday)";
    /// Not `HH:MM`, `H:MM` or either with `:00` for the seconds, in ASCII digits.
    TimeFormat, "time_format", "must be a time of the form HH:MM";
    /// Well-formed, but not a time of day: `25:00`, `24:01`, `09:60`.
    TimeOutOfRange, "time_out_of_range", "must be a time from 00:00 to 24:00";
    /// `24:00` begins no window; the next day's `00:00` does.
    BeginIs24, "begin_is_24", "must not begin at 24:00; use 00:00 of the next day";
    /// A window from a time to the same time says neither "never" nor "all day".
    BeginEqualsEnd, "begin_equals_end", "must not end when it begins; a whole day is 00:00 to 24:00";
    /// More entries than [`MAX_DAYS`](crate::MAX_DAYS).
    TooManyDays, "too_many_days", "must not have more than 64 entries of weekdays";
    /// More windows in all than [`MAX_WINDOWS`](crate::MAX_WINDOWS).
    TooManyWindows, "too_many_windows", "must not have more than 1000 windows in all";
    /// Not a name of the IANA time zone database.
    UnknownZone, "unknown_zone", "must be an IANA time zone such as Asia/Shanghai";
    /// An abbreviation or a bare offset, which does not say how the clock changes.
    AbbreviatedZone, "abbreviated_zone", "must name a place such as America/New_York, not an abbreviation";
    /// Not `YYYY-MM-DD`, nor, where a yearly date may stand, `MM-DD`.
    DateFormat, "date_format", "must be a date of the form YYYY-MM-DD, or MM-DD for every year";
    /// Well-formed, but no such day: `2026-02-29`, `04-31`.
    DateDoesNotExist, "date_does_not_exist", "must be a day that exists";
    /// A year outside 1970 to 2200.
    DateOutOfRange, "date_out_of_range", "must be a date from 1970-01-01 to 2200-12-31";
    /// One date with a year, the other without.
    DateFormsDiffer, "date_forms_differ", "must have a year if the begin has one, and none if it has none";
    /// A dated range that ends before it begins.
    EndBeforeBegin, "end_before_begin", "must not be before the begin";
    /// A name longer than [`MAX_NAME_CHARACTERS`](crate::MAX_NAME_CHARACTERS).
    NameTooLong, "name_too_long", "must not be longer than 100 characters";
    /// More exceptions than [`MAX_EXCEPTIONS`](crate::MAX_EXCEPTIONS).
    TooManyExceptions, "too_many_exceptions", "must not have more than 400 exceptions";
    /// Neither a date nor what stands for one.
    DateMissing, "date_missing", "must be given";
    /// Not an effect of an exception.
    UnknownEffect, "unknown_effect", "must be replace, add, only or close";
    /// An exception that adds or narrows without saying when.
    EffectWithoutTimes, "effect_without_times", "must have at least one window for add and only";
    /// Not what an exception can be about.
    UnknownDays, "unknown_days", "must be date, nth_weekday, first_workday, last_workday, holiday, makeup_workday or day_before_holiday";
    /// A part of other days than those the exception is about.
    NotOfTheseDays, "not_of_these_days", "must be left out for the days that `on` names";
    /// Not the number of a weekday in its month.
    NthOutOfRange, "nth_out_of_range", "must be 1 to 5, or -1 for the last";
    /// Not a month.
    MonthOutOfRange, "month_out_of_range", "must be 1 to 12";
    /// More seasons than [`MAX_SEASONS`](crate::MAX_SEASONS).
    TooManySeasons, "too_many_seasons", "must not have more than 24 seasons";
    /// A season that does not say when it holds.
    SeasonWithoutTime, "season_without_time", "must be given, or every_weeks and anchor_date";
    /// A season with dates that is also one of every so many weeks.
    SeasonOfTwoKinds, "season_of_two_kinds", "must be left out for a season with dates";
    /// Not a number of weeks after which a season can come back.
    EveryWeeksOutOfRange, "every_weeks_out_of_range", "must be 2 to 52";
    /// All seasons together repeat only after more than [`MAX_EVERY_WEEKS`](crate::MAX_EVERY_WEEKS) weeks.
    SeasonsRepeatTooRarely, "seasons_repeat_too_rarely", "must repeat together after at most 52 weeks";
    /// A calendar's id is not 1 to 32 characters of `A-Z a-z 0-9 - _`.
    IdFormat, "id_format", "must be 1 to 32 letters, digits, hyphens or underscores";
    /// More days than [`MAX_HOLIDAY_DAYS`](crate::MAX_HOLIDAY_DAYS).
    TooManyHolidayDays, "too_many_holiday_days", "must not have more than 20000 days off and make-up workdays";
    /// Two entries of one calendar for one date.
    DuplicateDate, "duplicate_date", "must not name a date twice";
    /// A day after the date to which the calendar claims to be complete.
    AfterKnownUntil, "after_known_until", "must not be after known_until";
    /// A calendar that is to be laid over another names no day at all.
    NoHolidayDays, "no_holiday_days", "must have at least one day";
    /// `known_until` lies in a year of which the calendar names no day.
    KnownWithoutDays, "known_without_days", "must lie in the last year that has days";
    /// Only a make-up workday stands for a weekday.
    HolidayStandsForNothing, "holiday_stands_for_nothing", "must not be given for a holiday";
    /// A half day without the times at which it is open.
    HalfDayWithoutTimes, "half_day_without_times", "must have the times within which the half day is open";
    /// More times of a half day than [`MAX_HALF_DAY_TIMES`](crate::MAX_HALF_DAY_TIMES).
    TooManyHalfDayTimes, "too_many_half_day_times", "must not have more than 8 times";
    /// Times of a day that is no half day.
    TimesOfNoHalfDay, "times_of_no_half_day", "must be left out unless the day is a half day";
    /// A half day's time that ends on the day after.
    HalfDayOverMidnight, "half_day_over_midnight", "must be after the begin: a half day ends at 24:00 at the latest";
}
