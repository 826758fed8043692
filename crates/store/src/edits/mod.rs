//! Edits that concern several aggregates at once.

pub mod removal;
