//! Which rule holds on which day of a span: exception, holiday, make-up workday, season, weekly windows.
//!
//! It runs once for each stretch of a schedule. What the rules make of a day's minutes is in `day`.

use std::collections::HashMap;

use crate::{
    date::{day_number, is_weekend, weekday_number},
    day::{DayKind, DayRules},
    exception_days::day_ranges,
    exceptions::ExceptionEffect,
    holiday_policy::{BeyondHorizon, HolidayPolicy},
    holidays::{HolidayDay, HolidayKind},
    minutes::DayTimes,
    rule_book::{CLOSED, ExceptionRule, RuleBook},
    ruling::Ruling,
    seasons::SeasonTime,
};

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

/// Days in a row, both ends included, and what holds on them: the part that lies in a span.
#[derive(Clone, Copy)]
struct Painted<T> {
    first: i32,
    last: i32,
    what: T,
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

/// The rules of every day of a span, whose last day stands for all that follow it and whose first for all before.
pub(crate) struct Rules<'a> {
    book: &'a RuleBook,
    /// The windows of half days, whose places come after those of the book.
    narrowed: Vec<DayTimes>,
    /// The place of the windows of each half day, by its place in the lists.
    half_days: HashMap<u32, u32>,
    /// The first is that of days without overlay.
    regions: Vec<Region>,
    /// The day of the first entries of `rulings` and `region_of`.
    first: i32,
    /// The rule of a day that is none of its week's; empty where there is none.
    rulings: Vec<Option<Ruling>>,
    region_of: Vec<u32>,
}

impl<'a> Rules<'a> {
    /// The rules of the days of a span, both ends included; `None`: no day has a rule of its own.
    pub(crate) fn new(book: &'a RuleBook, span: Option<(i32, i32)>) -> Rules<'a> {
        let (painted, overlays) =
            span.map_or_else(Default::default, |span| (painted(book, span), overlays(book, span)));
        let (first, last) = span.unwrap_or((0, -1));
        let (regions, region_of) = paint_regions(first, last, &overlays);
        let mut rules = Rules {
            book,
            narrowed: Vec::new(),
            half_days: HashMap::new(),
            regions,
            first,
            rulings: paint(first, last, &painted),
            region_of,
        };
        rules.add_half_days(&painted);
        rules
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
            Ruling::Exception(place) => (DayKind::Exception, RuleBook::of_exception(place)),
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
        for (at, season) in (0_u16..).zip(&self.book.seasons) {
            if by_dates.contains(&at) || season.time.holds_by_week(day) {
                return (Ruling::Season(at.into()), self.book.of_season(at) + weekday);
            }
        }
        (Ruling::Weekly, weekday)
    }

    fn beyond(&self, region: u32) -> Option<BeyondHorizon> {
        self.book.holidays.filter(|_| self.regions[region as usize].beyond).map(|rules| rules.beyond)
    }

    fn day_off(&self) -> (DayKind, u32) {
        self.book.days_off().map_or((DayKind::Closed, CLOSED), |place| (DayKind::OwnWindows, place))
    }

    fn makeup_times(&self, place: u32, day: i32, ordinary: u32) -> u32 {
        let sunday = ordinary - u32::from(weekday_number(day));
        self.book.makeup_windows_of(place).map_or(ordinary, |weekday| sunday + u32::from(weekday.number()))
    }

    /// What the rules say of a day, for its minutes.
    pub(crate) fn of(&self, plan: &DayPlan) -> DayRules<'_> {
        let modifiers = &self.regions[plan.region as usize].modifiers;
        DayRules {
            kind: plan.kind,
            times: self.times(plan.times),
            ordinary: self.times(plan.ordinary),
            weekly: self.times(plan.weekly),
            is_weekly: plan.ruling == Ruling::Weekly,
            modifiers: modifiers.iter().map(|place| self.book.modifier(*place)).collect(),
        }
    }

    fn times(&self, place: u32) -> &DayTimes {
        let narrowed = place.checked_sub(self.book.places());
        narrowed.map_or_else(|| self.book.times(place), |at| &self.narrowed[at as usize])
    }

    /// Half days narrow the windows of their weekday: those of one date, of several calendars, all do.
    fn add_half_days(&mut self, painted: &[Painted<Ruling>]) {
        let book = self.book;
        for days in painted {
            let Ruling::HalfDay(place) = days.what else { continue };
            let Some((_, day)) = book.lists.entry(place) else { continue };
            let ordinary = self.of_the_week(days.first, self.region(days.first)).1;
            let at = book.places() + u32::try_from(self.narrowed.len()).unwrap_or(u32::MAX);
            let narrowed = book.times(ordinary).within(&day.times);
            let others = book.lists.half_days(day.date).filter(|half| !std::ptr::eq(*half, day));
            self.narrowed.push(others.fold(narrowed, |times, half| times.within(&half.times)));
            self.half_days.insert(place, at);
        }
    }
}

/// The days of a span that have a rule of their own, the stronger rules later.
fn painted(book: &RuleBook, span: (i32, i32)) -> Vec<Painted<Ruling>> {
    let mut painted = book.holidays.map_or_else(Vec::new, |rules| holidays(book, rules.policy, span));
    let replaces = |it: &ExceptionRule| it.effect == ExceptionEffect::Replace;
    let exceptions: Vec<(u32, &ExceptionRule)> =
        (0..).zip(&book.exceptions).filter(|(_, it)| replaces(it)).collect();
    for dated in [false, true] {
        for (place, exception) in exceptions.iter().rev().filter(|(_, it)| it.is_dated == dated) {
            let days = day_ranges(exception, &book.lists, span);
            painted.extend(within(span, days, Ruling::Exception(*place)));
        }
    }
    painted
}

/// What lies of ranges within a span, which they meet.
fn within<T: Copy>(
    (first, last): (i32, i32),
    days: Vec<(i32, i32)>,
    what: T,
) -> impl Iterator<Item = Painted<T>> {
    let within =
        move |(begin, end): (i32, i32)| Painted { first: begin.max(first), last: end.min(last), what };
    days.into_iter().map(within).filter(|days| days.first <= days.last)
}

/// The calendars' days that rule. Days in a row that are alike share the place of the first, but for half days: each has its times.
fn holidays(book: &RuleBook, policy: HolidayPolicy, span: (i32, i32)) -> Vec<Painted<Ruling>> {
    let mut painted: Vec<Painted<Ruling>> = Vec::new();
    let mut before: Option<&HolidayDay> = None;
    for (place, day) in book.lists.days_within(span) {
        let Some(what) = ruling_of(place, day, policy) else { continue };
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

fn overlays(book: &RuleBook, span: (i32, i32)) -> Vec<Painted<Overlay>> {
    let mut overlays = Vec::new();
    for (place, season) in (0..).zip(&book.seasons) {
        if let SeasonTime::Dates(dates) = season.time {
            overlays.extend(within(span, dates.day_ranges(span), Overlay::Season(place)));
        }
    }
    let beyond = book.first_beyond().map(|first| (first, i32::MAX));
    overlays.extend(within(span, beyond.into_iter().collect(), Overlay::Beyond));
    for (place, exception) in (0..).zip(&book.exceptions) {
        if exception.effect != ExceptionEffect::Replace {
            let days = day_ranges(exception, &book.lists, span);
            overlays.extend(within(span, days, Overlay::Exception(place)));
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
        for region in &mut region_of[index(first, days.first)..=index(first, days.last)] {
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
    fn with(&self, what: Overlay) -> Region {
        let mut region = self.clone();
        match what {
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
