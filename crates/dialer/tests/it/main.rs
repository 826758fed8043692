//! The dialer over a telephone network of simulated lines, on both databases, by a clock that the tests set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop and say why, and one that draws lots says how to have it again"
)]

mod clocks;
mod crashes;
mod dialing;
mod giving_back;
mod legs;
mod limits;
mod line_events;
mod oracle;
mod outages;
mod preparing;
mod registering;
mod routes;
mod rules;
mod support;
mod windows;
