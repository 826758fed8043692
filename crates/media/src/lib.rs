//! Sound: what a telephone line carries, and how files become that.
//!
//! It knows none of our other crates, no network and no clock.

pub mod wav;
