//! The numbers that this node has leased, to call them next.

use std::collections::{HashMap, VecDeque};

use domain::NumberPlace;
use store::dialing::LeasedNumber;

/// The most numbers that a node has of all lists together.
const MOST: usize = 20_000;

/// Numbers by their list, in the order in which they are to be called.
#[derive(Debug, Default)]
pub(crate) struct Leased {
    lists: HashMap<i64, VecDeque<LeasedNumber>>,
    count: usize,
}

impl Leased {
    /// How many there are of a list.
    pub(crate) fn of(&self, list: i64) -> usize {
        self.lists.get(&list).map_or(0, VecDeque::len)
    }

    /// The lists that have any.
    pub(crate) fn lists(&self) -> impl Iterator<Item = i64> + '_ {
        self.lists.iter().filter(|(_, numbers)| !numbers.is_empty()).map(|(list, _)| *list)
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

    /// Puts numbers back that were not called after all, before the others.
    pub(crate) fn put_back(&mut self, number: LeasedNumber) {
        self.count += 1;
        self.lists.entry(number.place.list).or_default().push_front(number);
    }

    /// Gives away the numbers of all lists but these.
    pub(crate) fn drop_others(&mut self, keep: impl Fn(i64) -> bool) -> Vec<NumberPlace> {
        let mut dropped = Vec::new();
        self.lists.retain(|list, numbers| {
            if keep(*list) {
                return !numbers.is_empty();
            }
            dropped.extend(numbers.iter().map(|number| number.place));
            false
        });
        self.count -= dropped.len();
        dropped
    }

    /// Forgets all: the lease is gone, or the rows were given back.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
