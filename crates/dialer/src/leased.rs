//! The numbers that this node has leased, to call them next.

use std::collections::{HashMap, VecDeque};

use domain::NumberPlace;
use store::dialing::LeasedNumber;

use crate::number_to_call::NumberToCall;

/// The most numbers that a node has of all lists together.
const MOST: usize = 20_000;

/// Numbers by their list, in the order in which they are to be called.
#[derive(Debug, Default)]
pub(crate) struct Leased {
    lists: HashMap<i64, VecDeque<LeasedNumber>>,
    count: usize,
    /// Those whose calls the next line of their group takes over: no more than there were calls.
    passed_on: Vec<NumberToCall>,
    /// Those that are to be given back.
    given_up: Vec<NumberPlace>,
}

impl Leased {
    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// How many there are of a list.
    pub(crate) fn of(&self, list: i64) -> usize {
        self.lists.get(&list).map_or(0, VecDeque::len)
    }

    /// The lists that have any.
    pub(crate) fn lists(&self) -> impl Iterator<Item = i64> + '_ {
        let ahead = self.lists.iter().filter(|(_, numbers)| !numbers.is_empty()).map(|(list, _)| *list);
        ahead.chain(self.lists_passed_on())
    }

    /// The lists that have a number whose call the next line takes over.
    pub(crate) fn lists_passed_on(&self) -> impl Iterator<Item = i64> + '_ {
        self.passed_on.iter().map(|one| one.number.place.list)
    }

    /// How many more there may be.
    pub(crate) const fn room(&self) -> usize {
        MOST.saturating_sub(self.count)
    }

    /// Takes numbers that were claimed.
    pub(crate) fn add(&mut self, list: i64, numbers: Vec<LeasedNumber>) {
        self.count += numbers.len();
        self.lists.entry(list).or_default().extend(numbers);
    }

    /// Gives the next number of a list.
    pub(crate) fn next(&mut self, list: i64) -> Option<LeasedNumber> {
        let next = self.lists.get_mut(&list)?.pop_front()?;
        self.count -= 1;
        Some(next)
    }

    /// Puts a number back that was not called after all, before the others.
    pub(crate) fn put_back(&mut self, to_call: NumberToCall) {
        if to_call.tried.is_some() {
            self.passed_on.push(to_call);
            return;
        }
        self.count += 1;
        self.lists.entry(to_call.number.place.list).or_default().push_front(to_call.number);
    }

    /// Puts numbers back that have to wait for a line, behind the others.
    pub(crate) fn put_last(&mut self, numbers: Vec<LeasedNumber>) {
        self.count += numbers.len();
        for number in numbers {
            self.lists.entry(number.place.list).or_default().push_back(number);
        }
    }

    /// Takes a number whose call the next line takes over.
    pub(crate) fn pass_on(&mut self, number: NumberToCall) {
        self.passed_on.push(number);
    }

    /// Gives those numbers, to choose lines for them.
    pub(crate) fn take_passed_on(&mut self) -> Vec<NumberToCall> {
        std::mem::take(&mut self.passed_on)
    }

    /// Has a number be given back.
    pub(crate) fn give_up(&mut self, number: NumberPlace) {
        self.given_up.push(number);
    }

    /// Gives away the numbers of each list beyond so many, the first of which are kept, and those that were given up. Of a list that keeps none
    /// also those that the next line takes over.
    pub(crate) fn drop_others(&mut self, keep: impl Fn(i64) -> usize) -> Vec<NumberPlace> {
        let mut dropped = Vec::new();
        self.lists.retain(|list, numbers| {
            let kept = keep(*list).min(numbers.len());
            dropped.extend(numbers.drain(kept..).map(|number| number.place));
            !numbers.is_empty()
        });
        self.count -= dropped.len();
        let others = self.passed_on.extract_if(.., |one| keep(one.number.place.list) == 0);
        dropped.extend(others.map(|one| one.number.place));
        dropped.append(&mut self.given_up);
        dropped
    }

    /// Forgets all: the lease is gone, or the rows were given back.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
