//! The path of a field in a body, such as `content[0].times[1].end_time`.

use std::fmt;

/// The place of a value in a body. It is written out as a path only when there is a fault.
#[derive(Clone, Copy)]
pub(crate) enum FieldPath<'p> {
    /// The whole of what is read, by its name.
    Whole(&'p str),
    Member(&'p FieldPath<'p>, &'p str),
    Entry(&'p FieldPath<'p>, usize),
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(name) | Self::Member(Self::Whole(_), name) => formatter.write_str(name),
            Self::Member(outer, name) => write!(formatter, "{outer}.{name}"),
            Self::Entry(list, index) => write!(formatter, "{list}[{index}]"),
        }
    }
}
