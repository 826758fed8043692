//! The engine on a simulated clock, on both databases: what it writes down is what the calendar says.
#![expect(clippy::unwrap_used, reason = "tests")]

mod clock;
mod horizon;
mod month;
mod random;
mod world;
