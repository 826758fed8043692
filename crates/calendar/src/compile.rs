//! Compiles the rules of days into a [`Stretch`]: days that look alike share a pattern, and weeks that repeat share a cycle.

use std::collections::HashMap;

use crate::{
    date::weekday_number,
    day::{DayKind, pieces},
    pattern::Patterns,
    rule_book::RuleBook,
    rules::{DayPlan, Rules},
    ruling::Ruling,
    stretch::{Cycle, CycleDay, Segment, Stretch, find_flips},
};

/// The days that a stretch is about.
#[derive(Clone, Copy)]
pub(crate) struct StretchDays {
    /// The first, unless it has none.
    pub(crate) begin: Option<i32>,
    /// The first after it, unless it goes on without end.
    pub(crate) end: Option<i32>,
    /// The first and the last day, of which the first may be the one before it, between which days may have rules of their own.
    pub(crate) special: Option<(i32, i32)>,
}

/// Compiles the days of a stretch.
pub(crate) fn compile(book: &RuleBook, days: StretchDays) -> Stretch {
    let rules = Rules::new(book, days.special);
    let mut compiler = Compiler {
        book,
        rules: &rules,
        patterns: Patterns::default(),
        pattern_of: HashMap::new(),
        days: Vec::new(),
        cycle_of_region: HashMap::new(),
        cycle_of_day: HashMap::new(),
    };
    let segments = compiler.segments(days.begin);
    Stretch::new(compiler.patterns, compiler.days, segments, days.end)
}

/// All that the look of a day depends on.
#[derive(PartialEq, Eq, Hash)]
struct PatternKey {
    before: (DayKind, [u32; 4], bool),
    today: (DayKind, [u32; 2], bool),
    same: bool,
}

struct Compiler<'a> {
    book: &'a RuleBook,
    rules: &'a Rules<'a>,
    patterns: Patterns,
    pattern_of: HashMap<PatternKey, u32>,
    days: Vec<CycleDay>,
    cycle_of_region: HashMap<u32, Cycle>,
    cycle_of_day: HashMap<(u32, Ruling), Cycle>,
}

impl Compiler<'_> {
    /// The segments from the first day of the stretch on. Without one, the first segment is of the weekly days before all others.
    fn segments(&mut self, begin: Option<i32>) -> Vec<Segment> {
        let rules = self.rules;
        let first = match begin {
            None => Segment::new(i32::MIN, self.cycle_of_region(0)),
            Some(day) => Segment::new(day, self.cycle(day)),
        };
        let begin = first.first_day();
        let mut segments = vec![first];
        for day in rules.turning_days.iter().filter(|day| **day > begin) {
            let cycle = self.cycle(*day);
            if segments.last().is_none_or(|segment| segment.cycle != cycle) {
                segments.push(Segment::new(*day, cycle));
            }
        }
        segments
    }

    /// The cycle that a day belongs to: that of its region where the day is an ordinary one of it.
    fn cycle(&mut self, day: i32) -> Cycle {
        let (before, today) = (self.rules.plan(day - 1), self.rules.plan(day));
        let pattern = self.pattern(&before, &today);
        if !self.rules.is_short(today.region) {
            let of_region = self.cycle_of_region(today.region);
            let ordinary = of_region.day(&self.days, day);
            if ordinary.pattern == pattern && ordinary.ruling == today.ruling {
                return of_region;
            }
        }
        if let Some(cycle) = self.cycle_of_day.get(&(pattern, today.ruling)) {
            return *cycle;
        }
        let cycle = self.add_cycle(vec![CycleDay::new(pattern, today.ruling)]);
        self.cycle_of_day.insert((pattern, today.ruling), cycle);
        cycle
    }

    /// The cycle of a region's days that have no rule of their own.
    fn cycle_of_region(&mut self, region: u32) -> Cycle {
        if let Some(cycle) = self.cycle_of_region.get(&region) {
            return *cycle;
        }
        let length = i32::from(self.book.days_of_cycle());
        // A day for each place of the cycle: any would do.
        let first = -i32::from(weekday_number(0));
        let days = (first..first + length).map(|day| {
            let before = self.rules.ordinary(day - 1, region);
            let today = self.rules.ordinary(day, region);
            CycleDay::new(self.pattern(&before, &today), today.ruling)
        });
        let days: Vec<CycleDay> = days.collect();
        let cycle = self.add_cycle(days);
        self.cycle_of_region.insert(region, cycle);
        cycle
    }

    fn add_cycle(&mut self, mut days: Vec<CycleDay>) -> Cycle {
        find_flips(&self.patterns, &mut days);
        let first = u32::try_from(self.days.len()).unwrap_or(u32::MAX);
        let length = u16::try_from(days.len()).unwrap_or(u16::MAX);
        self.days.extend(days);
        Cycle { first, length }
    }

    fn pattern(&mut self, before: &DayPlan, today: &DayPlan) -> u32 {
        let is_weekly = |plan: &DayPlan| plan.ruling == Ruling::Weekly;
        let key = PatternKey {
            before: (
                before.kind,
                [before.times, before.ordinary, before.weekly, before.region],
                is_weekly(before),
            ),
            today: (today.kind, [today.times, today.region], is_weekly(today)),
            same: before.ruling == today.ruling,
        };
        if let Some(pattern) = self.pattern_of.get(&key) {
            return *pattern;
        }
        let pieces = pieces(&self.rules.of(before), &self.rules.of(today), key.same);
        let pattern = self.patterns.add(&pieces);
        self.pattern_of.insert(key, pattern);
        pattern
    }
}
