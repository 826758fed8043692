//! The carrier against other people's SIP (SIPp), and against peers that say nothing or the wrong thing. Everything is on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on should stop and say why"
)]

mod callees;
mod calls;
mod chances;
mod checks;
mod closings;
mod conversations;
mod death;
mod demo_phone;
mod holding;
mod kamailio;
mod listening;
mod losses;
mod machines;
mod peer;
mod phone;
mod proxies;
mod registrations;
mod scenarios;
mod silence;
mod sipp;
mod support;
mod torture;
mod transfers;
