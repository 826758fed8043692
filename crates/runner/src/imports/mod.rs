//! Imports of numbers from files.

mod source;

pub use source::{FilePlace, Source, SourceRow};
