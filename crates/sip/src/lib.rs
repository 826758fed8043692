//! The built-in carrier of SIP trunks: it places the calls that the dialer asks for, and tells what becomes of them.
//!
//! - [`SipCarrier`] is the carrier; one task keeps each call (`call`), and decides nothing by itself: a pure state machine does, which is fed
//!   with what the other side sends and with the time.
//! - What an INVITE says (`invite`, `number`, `digest`) and what an answer means (`answer`) are pure functions.
//! - `stack` holds the sockets. It and `call` are the only places that move anything.
//! - `demo_phone` is no part of the carrier: it is who the demo calls.
//!
//! No other crate names the SIP stack. Every wait has a bound of our own: the silence of the other side holds nothing.

mod answer;
mod asking;
mod bots;
mod call;
mod carrier;
mod check;
mod demo_phone;
mod digest;
mod door;
mod figures;
mod hold;
mod incoming;
mod invite;
mod keepers;
mod late_answers;
mod number;
mod orphan;
mod peers;
mod prompts;
mod registration;
mod request;
mod shared;
mod sound;
mod stack;
mod trace;

pub use self::{
    asking::{AddressState, CheckedAddress},
    bots::{BotReach, BotSettings},
    carrier::{SipCarrier, SipParts},
    check::check_line,
    demo_phone::DemoPhone,
    registration::check_registration,
    stack::{SipListenError, SipSettings},
    trace::has_digest,
};
