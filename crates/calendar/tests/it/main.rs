//! Everything the calendar promises, from the outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod china;
mod closures;
mod document;
mod edges;
mod holiday_years;
mod intersection;
mod layered;
mod opening_hours;
mod oracle;
mod overrides;
mod properties;
mod seeds;
mod strategies;
mod transitions;
mod varying;
mod vocabulary;
