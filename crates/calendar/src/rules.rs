//! Which rule holds on which day: exception, holiday, make-up workday, season, weekly windows.
//!
//! It runs once for each schedule, so it need not be fast. What the rules make of a day's minutes is in `day`.

use std::collections::HashMap;

use crate::{
    date::{day_number, is_weekend, weekday_number},
    day::{DayKind, DayRules, Modifier},
    exception_days::day_ranges,
    exceptions::{Exception, ExceptionEffect, Exceptions},
    holiday_lists::HolidayLists,
    holidays::{HolidayDay, HolidayKind},
    minutes::{DayTimes, MinuteSet},
    policy::{BeyondHorizon, HolidayPolicy, MakeupPolicy},
    seasons::{SeasonTime, Seasons},
    time_of_day::MINUTES_PER_DAY,
    timeline::Ruling,
    weekday::Weekday,
    windows::{WeeklyWindows, Window},
};

/// The place of the day without a window. Before it come the weekdays of the weekly windows, after it the rest.
const CLOSED: u32 = 7;

/// What a timeline is compiled from.
pub(crate) struct TimelineSource<'a> {
    pub(crate) windows: &'a WeeklyWindows,
    pub(crate) seasons: &'a Seasons,
    pub(crate) exceptions: &'a Exceptions,
    pub(crate) lists: &'a HolidayLists,
    /// What the lists' days do; `None`: only exceptions look at them.
    pub(crate) holidays: Option<HolidayRules<'a>>,
}

/// What the days of holiday calendars do.
#[derive(Clone, Copy)]
pub(crate) struct HolidayRules<'a> {
    pub(crate) policy: HolidayPolicy,
    pub(crate) own_windows: &'a [Window],
    pub(crate) makeup: MakeupPolicy,
    pub(crate) beyond: BeyondHorizon,
}

/// Something that holds on a range of days besides the rule of each.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Overlay {
    /// A season of dates.
    Season(u16),
    /// The days lie beyond the horizon.
    Beyond,
    /// An exception that adds, narrows or closes.
    Exception(u16),
}

/// What holds on a range of days besides the rule of each: the overlays that cover it, in order.
#[derive(Clone, Default)]
struct Region {
    seasons: Vec<u16>,
    beyond: bool,
    modifiers: Vec<u16>,
}

/// Days in a row, both ends included; `i32::MAX` as the last means all that follow.
#[derive(Clone, Copy)]
struct Painted<T> {
    first: i32,
    last: i32,
    what: T,
}

impl<T> Painted<T> {
    /// The last day on which something begins or ends.
    fn settled(&self) -> i32 {
        if self.last == i32::MAX { self.first } else { self.last }
    }
}

/// The rule of a day, and what else holds on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DayPlan {
    pub(crate) ruling: Ruling,
    pub(crate) kind: DayKind,
    /// The places of the windows that begin on the day, and of those that would if it were an ordinary one.
    pub(crate) times: u32,
    pub(crate) ordinary: u32,
    /// The place of its weekday's weekly windows, which begin on it unless a season or another rule holds.
    pub(crate) weekly: u32,
    /// The region it lies in; of two days in one the same exceptions change them.
    pub(crate) region: u32,
}

/// The rules of every day.
pub(crate) struct Rules<'a> {
    source: &'a TimelineSource<'a>,
    times: Vec<DayTimes>,
    /// The place of the times of each half day, by its place in the lists.
    half_days: HashMap<u32, u32>,
    modifiers: HashMap<u16, Modifier>,
    /// The first is that of days without overlay.
    regions: Vec<Region>,
    /// The day of the first entries of `rulings` and `region_of`.
    first: i32,
    /// The rule of a day that is none of its week's.
    rulings: Vec<Option<Ruling>>,
    region_of: Vec<u32>,
    /// The days that may look different from the one before, or from the same weekday before.
    pub(crate) turning_days: Vec<i32>,
}

impl<'a> Rules<'a> {
    pub(crate) fn new(source: &'a TimelineSource<'a>) -> Rules<'a> {
        let (painted, overlays) = (painted(source), overlays(source));
        let firsts = painted.iter().map(|days| days.first).chain(overlays.iter().map(|days| days.first));
        let lasts = painted.iter().map(Painted::settled).chain(overlays.iter().map(Painted::settled));
        // A window can run into the day after the last; from the second day after it nothing changes any more.
        let (first, last) = (firsts.min().unwrap_or(0), lasts.max().unwrap_or(-3) + 2);
        let (regions, region_of) = paint_regions(first, last, &overlays);
        let mut rules = Rules {
            source,
            times: times(source),
            half_days: HashMap::new(),
            modifiers: modifiers(source.exceptions),
            regions,
            first,
            rulings: paint(first, last, &painted),
            region_of,
            turning_days: turning_days(&painted, &overlays),
        };
        rules.add_half_days();
        rules
    }

    /// How many days pass until days without a rule of their own look the same again: whole weeks.
    pub(crate) fn days_of_cycle(&self) -> u16 {
        7 * self.source.seasons.weeks_of_cycle().unwrap_or(1)
    }

    pub(crate) fn region(&self, day: i32) -> u32 {
        let at = usize::try_from(day - self.first).unwrap_or(usize::MAX);
        if day < self.first {
            return 0;
        }
        self.region_of.get(at).or(self.region_of.last()).copied().unwrap_or(0)
    }

    /// The rule of a day, and what else holds on it.
    pub(crate) fn plan(&self, day: i32) -> DayPlan {
        let region = self.region(day);
        let special = usize::try_from(day - self.first).ok().and_then(|at| *self.rulings.get(at)?);
        match special {
            Some(ruling) => self.special(day, region, ruling),
            None => self.ordinary(day, region),
        }
    }

    /// The plan of a day in a region that has no rule of its own.
    pub(crate) fn ordinary(&self, day: i32, region: u32) -> DayPlan {
        let (ruling, ordinary) = self.of_the_week(day, region);
        let weekly = weekday_number(day).into();
        let closed = match self.beyond(region) {
            Some(BeyondHorizon::Closed) => true,
            Some(BeyondHorizon::WeekdaysOnly) => is_weekend(weekday_number(day)),
            Some(BeyondHorizon::Weekly) | None => false,
        };
        if closed {
            let ruling = Ruling::ClosedBeyondHorizon;
            return DayPlan { ruling, kind: DayKind::Closed, times: CLOSED, ordinary, weekly, region };
        }
        DayPlan { ruling, kind: DayKind::OfAWeek, times: ordinary, ordinary, weekly, region }
    }

    fn special(&self, day: i32, region: u32, ruling: Ruling) -> DayPlan {
        let ordinary = self.of_the_week(day, region).1;
        let (kind, times) = match ruling {
            Ruling::Exception(place) => (DayKind::Exception, CLOSED + 2 + place),
            Ruling::Holiday(_) => self.day_off(),
            Ruling::HalfDay(place) => {
                (DayKind::HalfDay, self.half_days.get(&place).copied().unwrap_or(CLOSED))
            }
            Ruling::MakeupWorkday(place) => (DayKind::Makeup, self.makeup_times(place, day, ordinary)),
            Ruling::Weekly | Ruling::Season(_) | Ruling::ClosedBeyondHorizon => (DayKind::OfAWeek, ordinary),
        };
        DayPlan { ruling, kind, times, ordinary, weekly: weekday_number(day).into(), region }
    }

    /// The week that a day belongs to, and the place of its windows: the first season that holds, or the weekly windows.
    fn of_the_week(&self, day: i32, region: u32) -> (Ruling, u32) {
        let weekday = u32::from(weekday_number(day));
        let by_dates = &self.regions[region as usize].seasons;
        let seasons = (0_u16..).zip(self.source.seasons);
        for (at, season) in seasons {
            if by_dates.contains(&at) || season.holds_by_week(day) {
                let first = self.seasons_at() + 7 * u32::from(at);
                return (Ruling::Season(at.into()), first + weekday);
            }
        }
        (Ruling::Weekly, weekday)
    }

    fn beyond(&self, region: u32) -> Option<BeyondHorizon> {
        self.source.holidays.filter(|_| self.regions[region as usize].beyond).map(|rules| rules.beyond)
    }

    fn day_off(&self) -> (DayKind, u32) {
        let own = self.source.holidays.is_some_and(|rules| rules.policy == HolidayPolicy::OwnWindows);
        let place = CLOSED + 1;
        if own && !self.times[place as usize].minutes.is_empty() {
            (DayKind::OwnWindows, place)
        } else {
            (DayKind::Closed, CLOSED)
        }
    }

    fn makeup_times(&self, place: u32, day: i32, ordinary: u32) -> u32 {
        let as_workday = self.source.holidays.is_some_and(|rules| rules.makeup == MakeupPolicy::AsWorkday);
        match self.source.lists.entry(place) {
            Some((_, makeup)) if as_workday => {
                let sunday = ordinary - u32::from(weekday_number(day));
                sunday + u32::from(stood_for(makeup).number())
            }
            _ => ordinary,
        }
    }

    fn seasons_at(&self) -> u32 {
        CLOSED + 2 + u32::try_from(self.source.exceptions.iter().len()).unwrap_or(0)
    }

    /// What the rules say of a day, for its minutes.
    pub(crate) fn of(&self, plan: &DayPlan) -> DayRules<'_> {
        let modifiers = &self.regions[plan.region as usize].modifiers;
        DayRules {
            kind: plan.kind,
            times: &self.times[plan.times as usize],
            ordinary: &self.times[plan.ordinary as usize],
            weekly: &self.times[plan.weekly as usize],
            is_weekly: plan.ruling == Ruling::Weekly,
            modifiers: modifiers.iter().filter_map(|place| self.modifiers.get(place)).collect(),
        }
    }

    /// Half days narrow the windows of their weekday, each its own.
    fn add_half_days(&mut self) {
        let source = self.source;
        for (place, day) in (0..).zip(source.lists.days()).filter(|(_, day)| day.kind == HolidayKind::HalfDay)
        {
            let number = day_number(day.date);
            let ordinary = self.of_the_week(number, self.region(number)).1;
            let narrowed = self.times[ordinary as usize].within(&day.times);
            let at = u32::try_from(self.times.len()).unwrap_or(CLOSED);
            self.times.push(narrowed);
            self.half_days.insert(place, at);
        }
    }
}

/// The weekday whose windows a make-up workday has under `as_workday`.
pub(crate) fn stood_for(day: &HolidayDay) -> Weekday {
    day.stands_for.unwrap_or(Weekday::Monday)
}

/// The times of the weekly windows, of no window, of days off, of exceptions and of seasons, at their places.
fn times(source: &TimelineSource<'_>) -> Vec<DayTimes> {
    let mut times = week(source.windows);
    times.push(DayTimes::default());
    let of_days_off = source.holidays.map_or(&[][..], |rules| rules.own_windows);
    times.push(DayTimes::new(of_days_off.iter().copied()));
    times.extend(source.exceptions.iter().map(|exception| DayTimes::new(exception.times().iter().copied())));
    times.extend(source.seasons.iter().flat_map(|season| week(season.content())));
    times
}

fn week(windows: &WeeklyWindows) -> Vec<DayTimes> {
    let of = |weekday: Weekday| {
        DayTimes::new(windows.windows().filter(move |(day, _)| *day == weekday).map(|(_, window)| window))
    };
    Weekday::ALL.map(of).into()
}

fn modifiers(exceptions: &Exceptions) -> HashMap<u16, Modifier> {
    let modifier = |(place, exception): (u16, &Exception)| {
        let mut times = DayTimes::new(exception.times().iter().copied());
        if exception.times().is_empty() {
            times.minutes = MinuteSet::new(vec![(0, MINUTES_PER_DAY)]);
        }
        (place, Modifier { place, effect: exception.effect(), times })
    };
    let all = (0..).zip(exceptions);
    all.filter(|(_, exception)| exception.effect() != ExceptionEffect::Replace).map(modifier).collect()
}

/// The days that have a rule of their own, the stronger rules later.
fn painted(source: &TimelineSource<'_>) -> Vec<Painted<Ruling>> {
    let mut painted = source.holidays.map_or_else(Vec::new, |rules| holidays(source.lists, rules.policy));
    let exceptions: Vec<(u32, &Exception)> =
        (0..).zip(source.exceptions).filter(|(_, it)| it.effect() == ExceptionEffect::Replace).collect();
    for dated in [false, true] {
        for (place, exception) in exceptions.iter().rev().filter(|(_, it)| it.is_dated() == dated) {
            let days = day_ranges(exception, source.lists).into_iter();
            let what = Ruling::Exception(*place);
            painted.extend(days.map(|(first, last)| Painted { first, last, what }));
        }
    }
    painted
}

/// The calendars' days that rule. Days in a row that are alike share the place of the first, but for half days: each has its times.
fn holidays(lists: &HolidayLists, policy: HolidayPolicy) -> Vec<Painted<Ruling>> {
    let mut painted: Vec<Painted<Ruling>> = Vec::new();
    let mut before: Option<&HolidayDay> = None;
    for (at, day) in (0..).zip(lists.days()) {
        let Some(what) = ruling_of(at, day, policy) else { continue };
        let number = day_number(day.date);
        match painted.last_mut() {
            Some(last) if last.last + 1 == number && before.is_some_and(|before| says_same(before, day)) => {
                last.last = number;
            }
            _ => painted.push(Painted { first: number, last: number, what }),
        }
        before = Some(day);
    }
    painted
}

fn says_same(one: &HolidayDay, other: &HolidayDay) -> bool {
    let of_one_year = one.notice.is_some() || one.date.year() == other.date.year();
    let alike = one.kind == other.kind && one.name == other.name && one.stands_for == other.stands_for;
    alike && one.kind != HolidayKind::HalfDay && one.notice == other.notice && of_one_year
}

/// The rule that a day of the calendars makes, if any.
fn ruling_of(at: u32, day: &HolidayDay, policy: HolidayPolicy) -> Option<Ruling> {
    match (day.kind, policy) {
        (HolidayKind::Observance, _)
        | (HolidayKind::Holiday | HolidayKind::HalfDay, HolidayPolicy::Open)
        | (HolidayKind::MovedHoliday, HolidayPolicy::Open | HolidayPolicy::StatutoryOnly) => None,
        (HolidayKind::Holiday | HolidayKind::MovedHoliday, _) => Some(Ruling::Holiday(at)),
        (HolidayKind::MakeupWorkday, _) => Some(Ruling::MakeupWorkday(at)),
        (HolidayKind::HalfDay, _) => Some(Ruling::HalfDay(at)),
    }
}

fn overlays(source: &TimelineSource<'_>) -> Vec<Painted<Overlay>> {
    let mut overlays = Vec::new();
    for (place, season) in (0..).zip(source.seasons) {
        if let SeasonTime::Dates(dates) = season.time() {
            let what = Overlay::Season(place);
            overlays.extend(dates.day_ranges().into_iter().map(|(first, last)| Painted {
                first,
                last,
                what,
            }));
        }
    }
    let changes_beyond = source.holidays.is_some_and(|rules| rules.beyond != BeyondHorizon::Weekly);
    if let Some(known_until) = source.lists.known_until().filter(|_| changes_beyond) {
        let first = day_number(known_until) + 1;
        overlays.push(Painted { first, last: i32::MAX, what: Overlay::Beyond });
    }
    for (place, exception) in (0..).zip(source.exceptions) {
        if exception.effect() != ExceptionEffect::Replace {
            let days = day_ranges(exception, source.lists).into_iter();
            let what = Overlay::Exception(place);
            overlays.extend(days.map(|(first, last)| Painted { first, last, what }));
        }
    }
    overlays
}

/// The rule of every day of a range; of several the last holds.
fn paint(first: i32, last: i32, painted: &[Painted<Ruling>]) -> Vec<Option<Ruling>> {
    let Ok(length) = usize::try_from(last - first + 1) else { return vec![] };
    if painted.is_empty() {
        return vec![];
    }
    let mut rulings = vec![None; length];
    for days in painted {
        rulings[index(first, days.first)..=index(first, days.last)].fill(Some(days.what));
    }
    rulings
}

/// The regions, and that of every day of a range.
fn paint_regions(first: i32, last: i32, overlays: &[Painted<Overlay>]) -> (Vec<Region>, Vec<u32>) {
    let mut regions = vec![Region::default()];
    let Ok(length) = usize::try_from(last - first + 1) else { return (regions, vec![]) };
    if overlays.is_empty() {
        return (regions, vec![]);
    }
    let mut region_of = vec![0; length];
    let mut joined = HashMap::new();
    for days in overlays {
        // Most days of a range lie in one region: it need not be looked up anew for each.
        let (mut from, mut to) = (u32::MAX, 0);
        for region in &mut region_of[index(first, days.first)..=index(first, days.last.min(last))] {
            if *region != from {
                from = *region;
                to = *joined.entry((from, days.what)).or_insert_with(|| {
                    regions.push(regions[from as usize].with(days.what));
                    u32::try_from(regions.len() - 1).unwrap_or(0)
                });
            }
            *region = to;
        }
    }
    (regions, region_of)
}

impl Region {
    fn with(&self, overlay: Overlay) -> Region {
        let mut region = self.clone();
        match overlay {
            Overlay::Season(place) => region.seasons.push(place),
            Overlay::Beyond => region.beyond = true,
            Overlay::Exception(place) => region.modifiers.push(place),
        }
        region
    }
}

fn index(first: i32, day: i32) -> usize {
    usize::try_from(day - first).unwrap_or(0)
}

/// The days that may differ from the one before: the first two of every range and the two after it, since an evening
/// runs into the next day, and every make-up workday, since those depend on their weekday.
fn turning_days(painted: &[Painted<Ruling>], overlays: &[Painted<Overlay>]) -> Vec<i32> {
    let ends = |first: i32, settled: i32| [first, first + 1, settled + 1, settled + 2];
    let mut days = Vec::with_capacity(4 * (painted.len() + overlays.len()));
    for range in painted {
        days.extend(ends(range.first, range.settled()));
        if matches!(range.what, Ruling::MakeupWorkday(_)) {
            days.extend(range.first..=range.last);
        }
    }
    days.extend(overlays.iter().flat_map(|range| ends(range.first, range.settled())));
    days.sort_unstable();
    days.dedup();
    days
}
