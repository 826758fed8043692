//! From numbers that are due to attempts that have ended: claims, paces, decides, originates, redials and reaps.
//!
//! - [`Dialer`] does what is due, round by round, by whatever clock it is given. What it rests on is in the database; what it has in
//!   memory is leased there.
//! - [`RunningDialer`] is one that runs in a node, and how it stops.
//! - [`Calls`] are the calls of this node. They are placed, heard and ended in memory, so that a database that is away silences no
//!   phone late.
//! - What decides is pure: who is next (`pick`), how fast (`pace`), whether a line is well (`breaker`), and what
//!   a call and its transfer come to (`call`, `transfer`).
//!
//! It knows the [`store`], the [`domain`] and the port of [`telephony`]. It never names a carrier.

mod beginning;
mod bots;
mod breaker;
mod call;
mod caller_turns;
mod calls;
mod claiming;
mod commands;
mod dialer;
mod directory;
mod ends;
mod failover;
mod figures;
mod known_bots;
mod leased;
mod node;
mod number_to_call;
mod pace;
mod pick;
mod prompts;
mod reaping;
mod run;
mod settings;
mod sharing;
mod standing;
mod transfer;
mod transferring;
mod writing;

pub use self::{
    calls::Calls,
    dialer::{Dialer, DialerParts},
    run::{ROUND_EVERY, RunningDialer},
    settings::DialerSettings,
};
