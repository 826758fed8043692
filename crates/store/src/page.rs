//! Pages of lists.

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Counted from 1.
    pub number: u32,
    /// How many items it holds at most.
    pub size: u32,
}

impl Page {
    pub(crate) fn limit(self) -> i64 {
        i64::from(self.size)
    }

    pub(crate) fn offset(self) -> i64 {
        i64::from(self.number.saturating_sub(1)).saturating_mul(i64::from(self.size))
    }
}

/// The items of one page, and how many there are on all of them.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// This page's items.
    pub items: Vec<T>,
    /// The number of items on all pages.
    pub total: i64,
}
