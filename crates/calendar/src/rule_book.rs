//! What a schedule is compiled from, in the form that compiling needs: each rule once, its windows as minutes.

use crate::{
    date::{all_days, day_number},
    date_range::DateRange,
    day::Modifier,
    exception_day::ExceptionDay,
    exceptions::{Exception, ExceptionEffect, Exceptions},
    holiday_lists::HolidayLists,
    holiday_policy::{BeyondHorizon, HolidayPolicy},
    makeup_workdays::MakeupPolicy,
    minutes::{DayTimes, MinuteSet},
    seasons::{Season, SeasonTime, Seasons, weeks_of_cycle},
    time_of_day::MINUTES_PER_DAY,
    weekday::Weekday,
    windows::{WeeklyWindows, Window},
};

/// The place of the day without a window. Before it come the weekdays of the weekly windows, after it the rest.
pub(crate) const CLOSED: u32 = 7;

/// The place of the windows of days off.
const DAYS_OFF: u32 = CLOSED + 1;

/// The place of the windows of the first exception.
const EXCEPTIONS: u32 = CLOSED + 2;

/// What the days of holiday calendars do.
#[derive(Clone, Copy)]
pub(crate) struct HolidayRules {
    pub(crate) policy: HolidayPolicy,
    pub(crate) makeup: MakeupPolicy,
    pub(crate) beyond: BeyondHorizon,
}

/// An exception without its windows.
pub(crate) struct ExceptionRule {
    pub(crate) name: Box<str>,
    pub(crate) effect: ExceptionEffect,
    pub(crate) on: ExceptionDay,
    pub(crate) dates: Option<DateRange>,
    /// Whether it is about days of one time, which is stronger than days of every year.
    pub(crate) is_dated: bool,
}

/// A season without its windows.
pub(crate) struct SeasonRule {
    pub(crate) name: Box<str>,
    pub(crate) time: SeasonTime,
}

/// What is put together into a [`RuleBook`].
pub(crate) struct RuleSource<'a> {
    pub(crate) windows: &'a WeeklyWindows,
    pub(crate) seasons: &'a Seasons,
    pub(crate) exceptions: &'a Exceptions,
    pub(crate) lists: HolidayLists,
    /// What the lists' days do; `None`: only exceptions look at them.
    pub(crate) holidays: Option<HolidayRules>,
    /// The windows of days off.
    pub(crate) own_windows: &'a [Window],
}

/// All rules of a schedule.
pub(crate) struct RuleBook {
    /// The times of the weekly windows, of no window, of days off, of exceptions and of seasons, at their places.
    times: Box<[DayTimes]>,
    pub(crate) exceptions: Box<[ExceptionRule]>,
    pub(crate) seasons: Box<[SeasonRule]>,
    pub(crate) lists: HolidayLists,
    pub(crate) holidays: Option<HolidayRules>,
}

impl RuleBook {
    pub(crate) fn new(source: RuleSource<'_>) -> RuleBook {
        let exception = |it: &Exception| ExceptionRule {
            name: it.name().into(),
            effect: it.effect(),
            on: it.on(),
            dates: it.dates(),
            is_dated: it.is_dated(),
        };
        let season = |it: &Season| SeasonRule { name: it.name().into(), time: it.time() };
        RuleBook {
            times: times(&source).into(),
            exceptions: source.exceptions.iter().map(exception).collect(),
            seasons: source.seasons.iter().map(season).collect(),
            lists: source.lists,
            holidays: source.holidays,
        }
    }

    /// The windows at a place.
    pub(crate) fn times(&self, place: u32) -> &DayTimes {
        &self.times[place as usize]
    }

    /// The first place after all windows.
    pub(crate) fn places(&self) -> u32 {
        u32::try_from(self.times.len()).unwrap_or(u32::MAX)
    }

    /// The place of the windows of days off, if these have windows of their own.
    pub(crate) fn days_off(&self) -> Option<u32> {
        let own = self.holidays.is_some_and(|rules| rules.policy == HolidayPolicy::OwnWindows);
        Some(DAYS_OFF).filter(|place| own && !self.times(*place).minutes.is_empty())
    }

    /// The weekday whose windows the make-up workday at a place of the calendars has in place of its own.
    pub(crate) fn makeup_windows_of(&self, place: u32) -> Option<Weekday> {
        let (_, day) = self.lists.entry(place)?;
        self.holidays?.makeup.windows_of(day)
    }

    /// The place of an exception's windows.
    pub(crate) const fn of_exception(place: u32) -> u32 {
        EXCEPTIONS + place
    }

    /// An exception that adds, narrows or closes.
    pub(crate) fn modifier(&self, place: u16) -> Modifier<'_> {
        let effect = self.exceptions[usize::from(place)].effect;
        Modifier { place, effect, times: self.times(Self::of_exception(place.into())) }
    }

    /// The place of the Sunday of a season's week.
    pub(crate) fn of_season(&self, place: u16) -> u32 {
        EXCEPTIONS + u32::try_from(self.exceptions.len()).unwrap_or(0) + 7 * u32::from(place)
    }

    /// How many days pass until days without a rule of their own look the same again: whole weeks.
    pub(crate) fn days_of_cycle(&self) -> u16 {
        7 * weeks_of_cycle(self.seasons.iter().map(|season| season.time)).unwrap_or(1)
    }

    /// The first day beyond what all calendars know, if days beyond it differ.
    pub(crate) fn first_beyond(&self) -> Option<i32> {
        self.holidays.filter(|rules| rules.beyond != BeyondHorizon::Weekly)?;
        self.lists.known_until().map(|known_until| day_number(known_until) + 1)
    }

    /// The first and the last day on which anything but the weeks may hold, or begin to hold for good.
    pub(crate) fn special_days(&self) -> Option<(i32, i32)> {
        let seasons = self.seasons.iter().filter_map(|season| match season.time {
            SeasonTime::Dates(dates) => Some(dates.bounds()),
            SeasonTime::EveryWeeks { .. } => None,
        });
        let exceptions = self.exceptions.iter().filter_map(|exception| self.bounds_of(exception));
        let listed = self.lists.bounds().filter(|_| self.holidays.is_some());
        let beyond = self.first_beyond().map(|day| (day, day));
        let join = |(first, last): (i32, i32), (begin, end): (i32, i32)| (first.min(begin), last.max(end));
        seasons.chain(exceptions).chain(listed).chain(beyond).reduce(join)
    }

    fn bounds_of(&self, exception: &ExceptionRule) -> Option<(i32, i32)> {
        if let Some(dates) = exception.dates {
            return Some(dates.bounds());
        }
        match exception.on {
            // The day before the first day off as well.
            ExceptionDay::Holiday | ExceptionDay::MakeupWorkday | ExceptionDay::DayBeforeHoliday => {
                self.lists.bounds().map(|(first, last)| (first - 1, last))
            }
            _ => Some(all_days()),
        }
    }

    /// How many bytes of memory it takes beside itself; the calendars are shared.
    pub(crate) fn size_in_bytes(&self) -> usize {
        let names = self.exceptions.iter().map(|exception| &exception.name);
        let names = names.chain(self.seasons.iter().map(|season| &season.name));
        let tables = size_of_val(&*self.times) + size_of_val(&*self.exceptions) + size_of_val(&*self.seasons);
        let minutes = self.times.iter().map(|times| times.minutes.size_in_bytes()).sum::<usize>();
        tables + minutes + names.map(|name| name.len()).sum::<usize>() + self.lists.size_in_bytes()
    }
}

fn times(source: &RuleSource<'_>) -> Vec<DayTimes> {
    let of = |windows: &[Window]| DayTimes::new(windows.iter().copied());
    let mut times = week(source.windows);
    times.push(DayTimes::default());
    times.push(of(source.own_windows));
    times.extend(source.exceptions.iter().map(|exception| {
        let mut times = of(exception.times());
        if exception.times().is_empty() && exception.effect() != ExceptionEffect::Replace {
            times.minutes = MinuteSet::new(vec![(0, MINUTES_PER_DAY)]);
        }
        times
    }));
    times.extend(source.seasons.iter().flat_map(|season| week(season.content())));
    times
}

fn week(windows: &WeeklyWindows) -> Vec<DayTimes> {
    let of = |weekday: Weekday| {
        DayTimes::new(windows.windows().filter(move |(day, _)| *day == weekday).map(|(_, window)| window))
    };
    Weekday::ALL.map(of).into()
}
