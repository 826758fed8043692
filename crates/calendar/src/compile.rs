//! Compiles the rules of days into a [`Stretch`]: days of the same rules share a pattern.

use std::{collections::HashMap, ops::Range};

use crate::{
    date::weekday_number,
    day::{DayKind, DayPiece, pieces},
    rule_book::RuleBook,
    rule_precedence::{DayPlan, Rules},
    ruling::Ruling,
    stretch::{Stretch, StretchDay},
};

/// The days of a range, known by a number. Rules of their own may hold between the first and the last day of `special`, of which the first may
/// be the one before the range.
pub(crate) fn compile_days(
    book: &RuleBook,
    number: i32,
    days: Range<i32>,
    special: Option<(i32, i32)>,
) -> Stretch {
    let rules = Rules::new(book, special);
    let mut compiler = Compiler::new(book, &rules);
    compiler.stretch(number, days, false, |day| rules.plan(day))
}

/// The days without a rule of their own, as they are on a day and come back for ever, from a Sunday on.
pub(crate) fn compile_weeks(book: &RuleBook, like: Option<i32>) -> Stretch {
    let rules = Rules::new(book, like.map(|day| (day, day)));
    let region = like.map_or(0, |day| rules.region(day));
    let mut compiler = Compiler::new(book, &rules);
    // A day for each place of the cycle: any would do.
    let first = -i32::from(weekday_number(0));
    let days = first..first + i32::from(book.days_of_cycle());
    compiler.stretch(0, days, true, |day| rules.ordinary(day, region))
}

/// All that the pieces of a day depend on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PatternKey {
    before: (DayKind, [u32; 4], bool),
    today: (DayKind, [u32; 2], bool),
    same: bool,
}

struct Compiler<'a> {
    rules: &'a Rules<'a>,
    /// After how many days those without a rule of their own look the same again.
    cycle: usize,
    patterns: Vec<Vec<DayPiece>>,
    pattern_of: HashMap<PatternKey, usize>,
}

impl<'a> Compiler<'a> {
    fn new(book: &RuleBook, rules: &'a Rules<'a>) -> Compiler<'a> {
        let cycle = book.days_of_cycle().into();
        Compiler { rules, cycle, patterns: Vec::new(), pattern_of: HashMap::new() }
    }

    fn stretch(
        &mut self,
        number: i32,
        days: Range<i32>,
        is_endless: bool,
        plan: impl Fn(i32) -> DayPlan,
    ) -> Stretch {
        let mut before = plan(days.start - 1);
        let mut compiled: Vec<(PatternKey, StretchDay)> = Vec::with_capacity(days.len());
        for day in days {
            let today = plan(day);
            let key = PatternKey::new(&before, &today);
            // Most days are as those a cycle before: that is found without a look into the table.
            let alike = compiled.len().checked_sub(self.cycle).map(|at| compiled[at]);
            let pattern = match alike.filter(|(earlier, _)| *earlier == key) {
                Some((_, earlier)) => earlier.pattern,
                None => self.pattern(key, &before, &today),
            };
            compiled.push((key, StretchDay { pattern, ruling: today.ruling }));
            before = today;
        }
        let days: Vec<StretchDay> = compiled.into_iter().map(|(_, day)| day).collect();
        Stretch::new(number, &self.patterns, &days, is_endless)
    }

    fn pattern(&mut self, key: PatternKey, before: &DayPlan, today: &DayPlan) -> usize {
        *self.pattern_of.entry(key).or_insert_with(|| {
            self.patterns.push(pieces(&self.rules.of(before), &self.rules.of(today), key.same));
            self.patterns.len() - 1
        })
    }
}

impl PatternKey {
    fn new(before: &DayPlan, today: &DayPlan) -> PatternKey {
        let is_weekly = |plan: &DayPlan| plan.ruling == Ruling::Weekly;
        PatternKey {
            before: (
                before.kind,
                [before.times, before.ordinary, before.weekly, before.region],
                is_weekly(before),
            ),
            today: (today.kind, [today.times, today.region], is_weekly(today)),
            same: before.ruling == today.ruling,
        }
    }
}
