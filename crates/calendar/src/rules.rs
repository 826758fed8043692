//! The rules: which of them holds on a day (exception, holiday, make-up workday, weekly windows), and what happens at midnight, in
//! days and minutes of the wall clock. Compiles windows, holidays and exceptions into a [`Timeline`].
//!
//! It runs once for each schedule, so it need not be fast.

use std::collections::HashMap;

use crate::{
    date::weekday_number,
    exceptions::{Exception, Exceptions},
    holidays::{HolidayCalendar, HolidayDay, HolidayKind},
    pattern::{MINUTES_PER_WEEK, Minutes, Pattern},
    policy::{BeyondHorizon, MakeupPolicy},
    time_of_day::{MINUTES_PER_DAY, TimeOfDay},
    timeline::{Ruling, Segment, Timeline},
    weekday::Weekday,
    windows::{WeeklyWindows, Window},
};

/// The place of the day without a window. Those of the weekdays come before it, those of the exceptions and then of the half days
/// after it.
const CLOSED: usize = 7;

const SATURDAY: u16 = Weekday::Saturday as u16;
const SUNDAY: u16 = Weekday::Sunday as u16;

/// What a timeline is compiled from.
pub(crate) struct TimelineSource<'a> {
    pub(crate) windows: &'a WeeklyWindows,
    pub(crate) calendar: Option<&'a HolidayCalendar>,
    pub(crate) makeup_policy: MakeupPolicy,
    pub(crate) beyond_horizon: BeyondHorizon,
    pub(crate) exceptions: &'a Exceptions,
}

/// The windows that begin on a day: what they open of the day itself, and until when of the next.
#[derive(Default)]
struct DayProgram {
    spans: Vec<Minutes>,
    tail: u16,
}

impl DayProgram {
    /// What these times leave of a day: nothing runs on after midnight.
    fn within(&self, times: &[Window]) -> DayProgram {
        let end = |time: &Window| {
            if time.end_time() == TimeOfDay::MIDNIGHT { MINUTES_PER_DAY } else { time.end_time().minutes() }
        };
        let narrowed = times.iter().flat_map(|time| {
            let (first, last) = (time.begin_time().minutes(), end(time));
            self.spans.iter().map(move |(begin, end)| (*begin.max(&first), *end.min(&last)))
        });
        DayProgram { spans: narrowed.filter(|(begin, end)| begin < end).collect(), tail: 0 }
    }

    fn add(&mut self, window: Window) {
        let (begin, end) = (window.begin_time().minutes(), window.end_time().minutes());
        if end > begin {
            self.spans.push((begin, end));
        } else {
            self.spans.push((begin, MINUTES_PER_DAY));
            self.tail = self.tail.max(end);
        }
    }
}

/// How long after 00:00 a day still belongs to the evening before: open because of it, or closed although a window of it runs
/// on, because another rule holds on the day.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Inflow {
    tail: u16,
    lost: u16,
}

/// Days in a row, both ends included; `i32::MAX` as the last means all that follow.
struct Painted {
    first: i32,
    last: i32,
    ruling: Ruling,
}

impl Painted {
    /// The last day on which something begins or ends.
    fn settled(&self) -> i32 {
        if self.last == i32::MAX { self.first } else { self.last }
    }
}

pub(crate) fn compile(source: &TimelineSource<'_>) -> Timeline {
    let mut compiler = Compiler::new(source);
    let segments = compiler.segments();
    Timeline::new(compiler.patterns, segments)
}

struct Compiler<'a> {
    source: &'a TimelineSource<'a>,
    programs: Vec<DayProgram>,
    /// The places of the half days among the calendar's days, in order.
    half_days: Vec<u32>,
    patterns: Vec<Pattern>,
    /// The patterns of single days, by program and inflow.
    day_patterns: HashMap<(usize, Inflow), u32>,
    /// The pattern of a week beyond the horizon under `weekdays_only`; the plain week's is 0.
    weekdays_pattern: u32,
}

impl<'a> Compiler<'a> {
    fn new(source: &'a TimelineSource<'a>) -> Compiler<'a> {
        let half_days = half_days(source).map(|(at, _)| at).collect();
        let mut compiler = Compiler {
            source,
            programs: programs(source),
            half_days,
            patterns: vec![],
            day_patterns: HashMap::new(),
            weekdays_pattern: 0,
        };
        compiler.add_week(Ruling::Weekly);
        if source.beyond_horizon == BeyondHorizon::WeekdaysOnly && source.calendar.is_some() {
            compiler.weekdays_pattern = compiler.add_week(Ruling::WeekdaysBeyondHorizon);
        }
        compiler
    }

    /// The segments of the whole timeline: the first has no beginning, the last no end.
    fn segments(&mut self) -> Vec<Segment> {
        let mut segments = vec![Segment::new(i32::MIN, 0, Ruling::Weekly)];
        let painted = self.painted();
        let Some(first) = painted.iter().map(|days| days.first).min() else {
            return segments;
        };
        // A window can run into the day after the last; from the second day after it nothing changes any more.
        let last = painted.iter().map(Painted::settled).max().unwrap_or(first) + 2;
        let rulings = paint(first, last, &painted);
        let ruling = |day: i32| usize::try_from(day - first).map_or(Ruling::Weekly, |at| rulings[at]);
        for day in turning_days(&painted) {
            let pattern = self.pattern(ruling(day - 1), ruling(day), day);
            if segments.last().is_none_or(|segment| !segment.continues(pattern, ruling(day))) {
                segments.push(Segment::new(day, pattern, ruling(day)));
            }
        }
        segments
    }

    /// The days on which another rule than the weekly windows holds, the stronger rules later.
    fn painted(&self) -> Vec<Painted> {
        let mut painted = Vec::new();
        if let Some(calendar) = self.source.calendar {
            painted.extend(self.days_beyond(calendar));
            painted.extend(calendar_days(calendar));
        }
        let exceptions: Vec<(u32, &Exception)> = (0..).zip(self.source.exceptions).collect();
        for yearly in [true, false] {
            for (place, exception) in exceptions.iter().rev().filter(|(_, it)| it.is_yearly() == yearly) {
                let ruling = Ruling::Exception(*place);
                let days = exception.day_ranges().into_iter();
                painted.extend(days.map(|(first, last)| Painted { first, last, ruling }));
            }
        }
        painted
    }

    fn days_beyond(&self, calendar: &HolidayCalendar) -> Option<Painted> {
        let first = calendar.horizon() + 1;
        let ruling = self.ruling_beyond();
        (ruling != Ruling::Weekly).then_some(Painted { first, last: i32::MAX, ruling })
    }

    fn ruling_beyond(&self) -> Ruling {
        match self.source.beyond_horizon {
            BeyondHorizon::Weekly => Ruling::Weekly,
            BeyondHorizon::Closed => Ruling::ClosedBeyondHorizon,
            BeyondHorizon::WeekdaysOnly => Ruling::WeekdaysBeyondHorizon,
        }
    }

    /// The pattern of a day: that of a whole week where the day is an ordinary one of it.
    fn pattern(&mut self, before: Ruling, ruling: Ruling, day: i32) -> u32 {
        let weekday = weekday_number(day);
        let (program, inflow) = (self.program(ruling, weekday), self.inflow(before, ruling, weekday));
        let week = if ruling == Ruling::WeekdaysBeyondHorizon { self.weekdays_pattern } else { 0 };
        if self.is_ordinary(week, program, inflow, weekday) {
            return week;
        }
        *self.day_patterns.entry((program, inflow)).or_insert_with(|| {
            self.patterns.push(day_pattern(&self.programs[program], inflow));
            place(self.patterns.len() - 1)
        })
    }

    fn is_ordinary(&self, week: u32, program: usize, inflow: Inflow, weekday: u16) -> bool {
        let (pattern, at) = (&self.patterns[week as usize], usize::from(weekday));
        let ordinary = if week != 0 && is_weekend(weekday) { CLOSED } else { at };
        program == ordinary && inflow == Inflow { tail: pattern.tails[at], lost: pattern.lost_tails[at] }
    }

    /// Adds the pattern of seven days that all have one ruling.
    fn add_week(&mut self, ruling: Ruling) -> u32 {
        let mut spans = Vec::new();
        let inflows = [0, 1, 2, 3, 4, 5, 6].map(|weekday| self.inflow(ruling, ruling, weekday));
        for (weekday, inflow) in (0..).zip(inflows) {
            let midnight = weekday * MINUTES_PER_DAY;
            let program = &self.programs[self.program(ruling, weekday)];
            let day = spans_of(program, inflow);
            spans.extend(day.map(|(begin, end)| (midnight + begin, midnight + end)));
        }
        let mut pattern = Pattern::new(MINUTES_PER_WEEK, spans);
        pattern.tails = inflows.map(|inflow| inflow.tail);
        pattern.lost_tails = inflows.map(|inflow| inflow.lost);
        self.patterns.push(pattern);
        place(self.patterns.len() - 1)
    }

    /// The program that begins on a day.
    fn program(&self, ruling: Ruling, weekday: u16) -> usize {
        let own = usize::from(weekday);
        match ruling {
            Ruling::WeekdaysBeyondHorizon if is_weekend(weekday) => CLOSED,
            Ruling::Weekly | Ruling::WeekdaysBeyondHorizon => own,
            Ruling::Holiday(_) | Ruling::ClosedBeyondHorizon => CLOSED,
            Ruling::MakeupWorkday(at) => match (self.source.makeup_policy, self.source.calendar) {
                (MakeupPolicy::AsWorkday, Some(calendar)) => {
                    usize::from(stood_for(&calendar.days()[at as usize]).number())
                }
                _ => own,
            },
            Ruling::Exception(at) => CLOSED + 1 + at as usize,
            Ruling::HalfDay(at) => {
                let before = self.half_days.binary_search(&at).unwrap_or_else(|place| place);
                CLOSED + 1 + self.source.exceptions.iter().len() + before
            }
        }
    }

    /// What the evening before brings into a day.
    ///
    /// A closed day takes nothing in, and the days of an exception take in nothing but what exceptions began.
    fn inflow(&self, before: Ruling, ruling: Ruling, weekday: u16) -> Inflow {
        let barred = matches!(ruling, Ruling::Exception(_)) && !matches!(before, Ruling::Exception(_));
        if barred || self.closes(ruling, weekday) {
            return Inflow::default();
        }
        let weekday_before = (weekday + 6) % 7;
        let tail = self.programs[self.program(before, weekday_before)].tail;
        let ordinary = self.programs[usize::from(weekday_before)].tail;
        let as_today = before == ruling && !self.closes(before, weekday_before);
        let lost = if before == Ruling::Weekly || as_today { 0 } else { ordinary };
        Inflow { tail, lost }
    }

    /// Whether the ruling closes the day, rather than the day having no window.
    fn closes(&self, ruling: Ruling, weekday: u16) -> bool {
        match ruling {
            Ruling::Weekly | Ruling::MakeupWorkday(_) => false,
            // The evening before a half day ends at midnight, as before a day off.
            Ruling::Holiday(_) | Ruling::HalfDay(_) | Ruling::ClosedBeyondHorizon => true,
            Ruling::WeekdaysBeyondHorizon => is_weekend(weekday),
            Ruling::Exception(at) => self.programs[CLOSED + 1 + at as usize].spans.is_empty(),
        }
    }
}

/// The days that may differ from the one before: the first two of every range and the two after it, since an evening
/// runs into the next day, and every make-up workday, since those depend on their weekday.
fn turning_days(painted: &[Painted]) -> Vec<i32> {
    let mut days = Vec::with_capacity(4 * painted.len());
    for range in painted {
        days.extend([range.first, range.first + 1, range.settled() + 1, range.settled() + 2]);
        if matches!(range.ruling, Ruling::MakeupWorkday(_)) {
            days.extend(range.first..=range.last);
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

/// The weekday whose windows a make-up workday has under `as_workday`.
pub(crate) fn stood_for(day: &HolidayDay) -> Weekday {
    day.stands_for.unwrap_or(Weekday::Monday)
}

pub(crate) fn is_weekend(weekday: u16) -> bool {
    weekday == SATURDAY || weekday == SUNDAY
}

fn programs(source: &TimelineSource<'_>) -> Vec<DayProgram> {
    let mut programs: Vec<DayProgram> = (0..=CLOSED).map(|_| DayProgram::default()).collect();
    for (weekday, window) in source.windows.windows() {
        programs[usize::from(weekday.number())].add(window);
    }
    programs.extend(source.exceptions.iter().map(|exception| {
        let mut program = DayProgram::default();
        exception.times().iter().for_each(|window| program.add(*window));
        program
    }));
    let half_days: Vec<DayProgram> = half_days(source)
        .map(|(_, day)| programs[usize::from(Weekday::from(day.date.weekday()).number())].within(&day.times))
        .collect();
    programs.extend(half_days);
    programs
}

/// The half days of the calendar, with their places among its days.
fn half_days<'a>(source: &TimelineSource<'a>) -> impl Iterator<Item = (u32, &'a HolidayDay)> {
    let days = source.calendar.into_iter().flat_map(HolidayCalendar::days);
    (0..).zip(days).filter(|(_, day)| day.kind == HolidayKind::HalfDay)
}

/// The calendar's days that rule. Days in a row that are alike share the place of the first, but for half days: each has a program.
fn calendar_days(calendar: &HolidayCalendar) -> Vec<Painted> {
    let mut painted: Vec<Painted> = Vec::new();
    let mut before: Option<&HolidayDay> = None;
    for (at, day) in (0..).zip(calendar.days()) {
        let Some(ruling) = ruling_of(at, day) else { continue };
        let number = crate::date::day_number(day.date);
        match painted.last_mut() {
            Some(last) if last.last + 1 == number && before.is_some_and(|before| says_same(before, day)) => {
                last.last = number;
            }
            _ => painted.push(Painted { first: number, last: number, ruling }),
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

/// The rule that a day of the calendar makes, if any.
fn ruling_of(at: u32, day: &HolidayDay) -> Option<Ruling> {
    match day.kind {
        HolidayKind::Holiday | HolidayKind::MovedHoliday => Some(Ruling::Holiday(at)),
        HolidayKind::MakeupWorkday => Some(Ruling::MakeupWorkday(at)),
        HolidayKind::HalfDay => Some(Ruling::HalfDay(at)),
        HolidayKind::Observance => None,
    }
}

/// The rule of every day of a range; of several the last holds.
fn paint(first: i32, last: i32, painted: &[Painted]) -> Vec<Ruling> {
    let at = |day: i32| usize::try_from(day - first).unwrap_or(0);
    let mut rulings = vec![Ruling::Weekly; at(last) + 1];
    for days in painted {
        rulings[at(days.first)..=at(days.last.min(last))].fill(days.ruling);
    }
    rulings
}

fn spans_of(program: &DayProgram, inflow: Inflow) -> impl Iterator<Item = Minutes> + '_ {
    let tail = (inflow.tail > 0).then_some((0, inflow.tail));
    program.spans.iter().copied().chain(tail)
}

fn day_pattern(program: &DayProgram, inflow: Inflow) -> Pattern {
    let mut pattern = Pattern::new(MINUTES_PER_DAY, spans_of(program, inflow).collect());
    pattern.tails = [inflow.tail; 7];
    pattern.lost_tails = [inflow.lost; 7];
    pattern
}

fn place(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
