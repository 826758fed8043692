//! Compiles the rules of days into a [`Timeline`]: days that look alike share a pattern, and weeks that repeat share a cycle.

use std::collections::HashMap;

use crate::{
    date::weekday_number,
    day::{DayKind, pieces},
    pattern::Patterns,
    rules::{DayPlan, Rules, TimelineSource},
    timeline::{Cycle, CycleDay, Ruling, Segment, Timeline, find_flips},
};

pub(crate) fn compile(source: &TimelineSource<'_>) -> Timeline {
    let rules = Rules::new(source);
    let mut compiler = Compiler {
        rules: &rules,
        patterns: Patterns::default(),
        pattern_of: HashMap::new(),
        days: Vec::new(),
        cycle_of_region: HashMap::new(),
        cycle_of_day: HashMap::new(),
    };
    let segments = compiler.segments();
    Timeline::new(compiler.patterns, compiler.days, segments)
}

/// All that the look of a day depends on.
#[derive(PartialEq, Eq, Hash)]
struct PatternKey {
    before: (DayKind, [u32; 4], bool),
    today: (DayKind, [u32; 2], bool),
    same: bool,
}

struct Compiler<'a> {
    rules: &'a Rules<'a>,
    patterns: Patterns,
    pattern_of: HashMap<PatternKey, u32>,
    days: Vec<CycleDay>,
    cycle_of_region: HashMap<u32, Cycle>,
    cycle_of_day: HashMap<(u32, Ruling), Cycle>,
}

impl Compiler<'_> {
    /// The segments of the whole timeline: the first has no beginning, the last no end.
    fn segments(&mut self) -> Vec<Segment> {
        let rules = self.rules;
        let mut segments = vec![Segment::new(i32::MIN, self.cycle_of_region(0))];
        for day in &rules.turning_days {
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
        let of_region = self.cycle_of_region(today.region);
        let ordinary = of_region.day(&self.days, day);
        if ordinary.pattern == pattern && ordinary.ruling == today.ruling {
            return of_region;
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
        let length = i32::from(self.rules.days_of_cycle());
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
