//! The stream of a call to a bot: Twilio Media Streams, spoken from the telephone's side over a WebSocket.
//!
//! What is said (`messages`) and what is made of the sound that comes ([`HeardFrames`]) are pure; [`connect()`] makes the connection and
//! [`BotStream`] keeps it for one call. The words are Twilio's, so that a bot that was written for them works unchanged.

mod authorities;
mod connect;
mod heard;
mod messages;
mod signature;
mod stream;

pub use self::{
    authorities::{BotAuthorities, BotAuthoritiesFault},
    connect::{BotAddress, BotConnectFault, BotSocket, check, connect},
    heard::{FRAME_BYTES, HeardFrames},
    messages::{BotMessage, BotMessageFault, StreamStart, StreamWriter},
    signature::{SIGNATURE_HEADER, TWILIO_SIGNATURE_HEADER, sign, sign_as_twilio},
    stream::{BotClose, BotFailure, BotNews, BotStream, BotStreamParts, OpenBotSocket},
};

/// The longest message that a bot may send, in bytes: some seconds of sound in one.
pub const LONGEST_MESSAGE: usize = 64 * 1024;
