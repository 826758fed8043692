//! The dialer over a telephone network of simulated lines, on both databases, by a clock that the tests set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop and say why"
)]

mod crashes;
mod dialing;
mod limits;
mod outages;
mod routes;
mod rules;
mod support;
mod windows;
