//! Sound: what a telephone line carries, how files become that, and how it goes to the other side of a call and comes from there.
//!
//! It knows none of our other crates, and no SIP.

pub mod answering_machine;
pub mod bot;
pub mod g711;
pub mod ports;
pub mod recording;
pub mod rtp;
pub mod sdp;
pub mod session;
pub mod wav;
