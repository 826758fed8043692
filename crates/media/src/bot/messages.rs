//! The messages of a stream: what we write, and what a bot may write. Pure.
//!
//! Source: Twilio's documentation "Media Streams - WebSocket Messages". `answerer` is ours alone: what was written for Twilio passes over events that it
//! does not know.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use crate::answering_machine::KnownAnswerer;

/// The longest name of a mark, in characters.
const LONGEST_MARK: usize = 256;

/// What a stream says of itself when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStart {
    /// Whose call it is, as `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// Which call, as `CA` and 32 hexadecimal digits.
    pub call_sid: String,
    /// Which stream, as `MZ` and 32 hexadecimal digits.
    pub stream_sid: String,
    /// What the bot is told of the call.
    pub custom_parameters: BTreeMap<String, String>,
}

/// Writes the messages of one stream, in order.
#[derive(Debug)]
pub struct StreamWriter {
    start: StreamStart,
    sequence: u64,
    chunk: u64,
    /// How much sound was written, in samples.
    samples: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MediaFormat {
    encoding: &'static str,
    sample_rate: u32,
    channels: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamStartBody<'s> {
    account_sid: &'s str,
    stream_sid: &'s str,
    call_sid: &'s str,
    tracks: [&'static str; 1],
    media_format: MediaFormat,
    custom_parameters: &'s BTreeMap<String, String>,
}

#[derive(Serialize)]
struct StreamMediaBody {
    track: &'static str,
    chunk: String,
    timestamp: String,
    payload: String,
}

#[derive(Serialize)]
struct StreamDigitBody {
    track: &'static str,
    digit: String,
}

#[derive(Serialize)]
struct StreamMarkBody<'s> {
    name: &'s str,
}

/// Milliseconds since the answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamAnswererBody {
    answered_by: &'static str,
    reason: &'static str,
    after: u32,
    beep_after: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamStopBody<'s> {
    account_sid: &'s str,
    call_sid: &'s str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NumberedMessage<'s, B: Serialize> {
    event: &'static str,
    sequence_number: String,
    #[serde(flatten)]
    body: EventBody<B>,
    stream_sid: &'s str,
}

/// A body under the name of its event.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum EventBody<B> {
    Start(B),
    Media(B),
    Dtmf(B),
    Mark(B),
    Answerer(B),
    Stop(B),
}

impl StreamWriter {
    /// A stream of which nothing was written.
    pub const fn new(start: StreamStart) -> Self {
        Self { start, sequence: 0, chunk: 0, samples: 0 }
    }

    /// The stream.
    pub const fn start(&self) -> &StreamStart {
        &self.start
    }

    /// The first message, before [`Self::started`].
    pub fn connected() -> String {
        r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#.to_owned()
    }

    /// That the stream starts.
    pub fn started(&mut self) -> String {
        let body = StreamStartBody {
            account_sid: &self.start.account_sid,
            stream_sid: &self.start.stream_sid,
            call_sid: &self.start.call_sid,
            tracks: ["inbound"],
            media_format: MediaFormat { encoding: "audio/x-mulaw", sample_rate: 8_000, channels: 1 },
            custom_parameters: &self.start.custom_parameters,
        };
        self.sequence += 1;
        written("start", self.sequence, EventBody::Start(body), &self.start)
    }

    /// Sound by the mu-law, a byte for each sample, that follows on what was written before.
    pub fn media(&mut self, mu_law: &[u8]) -> String {
        self.sequence += 1;
        self.chunk += 1;
        let body = StreamMediaBody {
            track: "inbound",
            chunk: self.chunk.to_string(),
            timestamp: (self.samples / 8).to_string(),
            payload: BASE64_STANDARD.encode(mu_law),
        };
        self.samples += u64::try_from(mu_law.len()).unwrap_or(0);
        written("media", self.sequence, EventBody::Media(body), &self.start)
    }

    /// A key that the callee pressed.
    pub fn digit(&mut self, digit: char) -> String {
        self.sequence += 1;
        let body = StreamDigitBody { track: "inbound_track", digit: digit.to_string() };
        written("dtmf", self.sequence, EventBody::Dtmf(body), &self.start)
    }

    /// That the sound before a mark has left, or was cleared.
    pub fn mark(&mut self, name: &str) -> String {
        self.sequence += 1;
        written("mark", self.sequence, EventBody::Mark(StreamMarkBody { name }), &self.start)
    }

    /// Who answered, as far as is known.
    pub fn answerer(&mut self, known: KnownAnswerer) -> String {
        self.sequence += 1;
        let body = StreamAnswererBody {
            answered_by: known.verdict.verdict.code(),
            reason: known.verdict.reason.code(),
            after: known.verdict.at,
            beep_after: known.beep_from,
        };
        written("answerer", self.sequence, EventBody::Answerer(body), &self.start)
    }

    /// The last message: the call has ended, or the script has gone on.
    pub fn stopped(&mut self) -> String {
        self.sequence += 1;
        let body = StreamStopBody { account_sid: &self.start.account_sid, call_sid: &self.start.call_sid };
        written("stop", self.sequence, EventBody::Stop(body), &self.start)
    }
}

fn written<B: Serialize>(
    event: &'static str,
    sequence: u64,
    body: EventBody<B>,
    start: &StreamStart,
) -> String {
    let message =
        NumberedMessage { event, sequence_number: sequence.to_string(), body, stream_sid: &start.stream_sid };
    // Texts and numbers under texts: there is nothing in it that could not be written.
    serde_json::to_string(&message).unwrap_or_default()
}

/// What a bot says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotMessage {
    /// Sound to play, by the mu-law, after what it sent before.
    Media(Vec<u8>),
    /// Asks to be told when the sound before this has left.
    Mark(String),
    /// Forget the sound that has not left.
    Clear,
    /// Something that is of no use to us, or is about another stream.
    Other,
}

/// What is wrong with what a bot said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BotMessageFault {
    /// It is no JSON object with an `event`.
    #[error("a message is no JSON object with an `event`")]
    NoEvent,
    /// Its sound is missing, or is no base64.
    #[error("a `media` message has no base64 `payload`")]
    Payload,
    /// A mark has no name, or one of more than 256 characters.
    #[error("a `mark` message has no `name` of at most 256 characters")]
    MarkName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SaidMessage {
    event: String,
    stream_sid: Option<String>,
    media: Option<SaidMedia>,
    mark: Option<SaidMark>,
}

#[derive(Deserialize)]
struct SaidMedia {
    payload: Option<String>,
}

#[derive(Deserialize)]
struct SaidMark {
    name: Option<String>,
}

impl BotMessage {
    /// Reads a message of a bot on this stream. Events that are not known mean nothing, so that bots may be newer than this.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, stream_sid: &str) -> Result<Self, BotMessageFault> {
        let said: SaidMessage = serde_json::from_str(text).map_err(|_| BotMessageFault::NoEvent)?;
        if said.stream_sid.is_some_and(|sid| sid != stream_sid) {
            return Ok(Self::Other);
        }
        match said.event.as_str() {
            "media" => {
                let payload = said.media.and_then(|media| media.payload).ok_or(BotMessageFault::Payload)?;
                let sound = BASE64_STANDARD.decode(payload).map_err(|_| BotMessageFault::Payload)?;
                Ok(Self::Media(sound))
            }
            "mark" => {
                let name = said.mark.and_then(|mark| mark.name);
                let name = name.filter(|name| name.chars().count() <= LONGEST_MARK);
                name.map(Self::Mark).ok_or(BotMessageFault::MarkName)
            }
            "clear" => Ok(Self::Clear),
            _ => Ok(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::answering_machine::{AnswererKind, HeardReason, HeardVerdict};

    fn writer() -> StreamWriter {
        StreamWriter::new(StreamStart {
            account_sid: "AC1".to_owned(),
            call_sid: "CA1".to_owned(),
            stream_sid: "MZ1".to_owned(),
            custom_parameters: [("to_number".to_owned(), "+8613800000000".to_owned())].into(),
        })
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn messages_are_written_as_documented() {
        let mut writer = writer();
        assert_eq!(
            value(&StreamWriter::connected()),
            json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        );
        assert_eq!(
            value(&writer.started()),
            json!({
                "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
                "start": {
                    "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                    "customParameters": {"to_number": "+8613800000000"}
                }
            })
        );
        for (chunk, timestamp) in [("1", "0"), ("2", "20")] {
            let sequence = chunk.parse::<u64>().unwrap() + 1;
            assert_eq!(
                value(&writer.media(&[0xff; 160])),
                json!({
                    "event": "media", "sequenceNumber": sequence.to_string(), "streamSid": "MZ1",
                    "media": {"track": "inbound", "chunk": chunk, "timestamp": timestamp,
                              "payload": BASE64_STANDARD.encode([0xff; 160])}
                })
            );
        }
        assert_eq!(
            value(&writer.digit('#')),
            json!({"event": "dtmf", "sequenceNumber": "4", "streamSid": "MZ1",
                   "dtmf": {"track": "inbound_track", "digit": "#"}})
        );
        assert_eq!(
            value(&writer.mark("end")),
            json!({"event": "mark", "sequenceNumber": "5", "streamSid": "MZ1", "mark": {"name": "end"}})
        );
        let verdict = HeardVerdict { verdict: AnswererKind::Machine, reason: HeardReason::Beep, at: 2_304 };
        assert_eq!(
            value(&writer.answerer(KnownAnswerer { verdict, beep_from: Some(1_840) })),
            json!({"event": "answerer", "sequenceNumber": "6", "streamSid": "MZ1",
                   "answerer": {"answeredBy": "machine", "reason": "beep", "after": 2304, "beepAfter": 1840}})
        );
        assert_eq!(
            value(&writer.stopped()),
            json!({"event": "stop", "sequenceNumber": "7", "streamSid": "MZ1",
                   "stop": {"accountSid": "AC1", "callSid": "CA1"}})
        );
    }

    #[test]
    fn what_a_bot_says_is_read_or_refused() {
        let read = |text: &str| BotMessage::read(text, "MZ1");
        let media = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}"#;
        assert_eq!(read(media), Ok(BotMessage::Media(vec![0xff, 0xff])));
        assert_eq!(read(r#"{"event":"clear"}"#), Ok(BotMessage::Clear));
        let mark = r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"a"}}"#;
        assert_eq!(read(mark), Ok(BotMessage::Mark("a".to_owned())));
        for other in [r#"{"event":"clear","streamSid":"MZ2"}"#, r#"{"event":"wave","media":{}}"#] {
            assert_eq!(read(other), Ok(BotMessage::Other), "{other}");
        }
        for (bad, fault) in [
            ("", BotMessageFault::NoEvent),
            ("[]", BotMessageFault::NoEvent),
            (r#"{"media":{"payload":""}}"#, BotMessageFault::NoEvent),
            (r#"{"event":"media"}"#, BotMessageFault::Payload),
            (r#"{"event":"media","media":{"payload":"?"}}"#, BotMessageFault::Payload),
            (r#"{"event":"mark","mark":{}}"#, BotMessageFault::MarkName),
        ] {
            assert_eq!(read(bad), Err(fault), "{bad}");
        }
    }
}
