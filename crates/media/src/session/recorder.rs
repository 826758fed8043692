//! Records a call while its session lasts.

use super::{CallMedia, HeardSound};
use crate::recording::{
    HeardPacket, RecordedChannel, RecordingGap, RecordingPiece, RecordingSink, RecordingTimeline, add_gap,
};

/// What becomes of a frame that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameFate {
    /// It left.
    Left,
    /// The system refused it.
    Failed,
    /// None was due: the other side wants nothing.
    None,
}

/// A call that is being recorded. When it is dropped, all that there is goes to the sink, and the recording is over.
#[derive(Debug)]
pub(super) struct CallRecorder {
    timeline: RecordingTimeline,
    sink: Box<dyn RecordingSink>,
    /// What the sink had no room for, and has to be told of.
    owed: RecordingPiece,
    /// How many samples went to the sink or were to.
    samples: u64,
    /// The number of the packet that came last.
    heard: Option<u64>,
}

impl CallRecorder {
    /// Begins to record a call.
    pub(super) fn new(media: &CallMedia, mut sink: Box<dyn RecordingSink>) -> Self {
        let timeline = RecordingTimeline::new(media.codec(), media.timestamp());
        sink.begin(timeline.law());
        Self::of_timeline(timeline, sink)
    }

    pub(super) fn of_timeline(timeline: RecordingTimeline, sink: Box<dyn RecordingSink>) -> Self {
        Self { timeline, sink, owed: RecordingPiece::default(), samples: 0, heard: None }
    }

    /// Frames were passed over because their time was over.
    pub(super) fn skipped(&mut self, frames: u32, media: &CallMedia) {
        let samples = u64::try_from(media.frame().as_millis()).unwrap_or(0) * 8;
        self.timeline.missed(samples * u64::from(frames));
    }

    /// The time of a frame has come.
    pub(super) fn frame(&mut self, media: &CallMedia, fate: FrameFate) {
        match (media.sent_sound(), fate) {
            (Some((timestamp, sound)), FrameFate::Left) => {
                self.timeline.sent(timestamp, media.codec(), sound);
            }
            (Some((_, sound)), FrameFate::Failed) => {
                self.timeline.missed(u64::try_from(sound.len()).unwrap_or(0));
            }
            _ => {}
        }
        self.timeline.pass(media.timestamp());
        self.write_ready();
    }

    fn write_ready(&mut self) {
        if let Some(piece) = self.timeline.next_piece() {
            self.write(piece);
        }
    }

    #[cfg(test)]
    pub(super) fn sent(&mut self, timestamp: u32, sound: &[u8]) {
        self.timeline.sent(timestamp, self.timeline.law(), sound);
        self.write_ready();
    }

    /// Something came: the number of the last packet of the other side, which is the same as before where this was none, and its sound.
    pub(super) fn heard(&mut self, number: u64, heard: Option<&HeardSound>) {
        if self.heard.replace(number) == Some(number) {
            return;
        }
        let packet = heard.map(|heard| HeardPacket {
            timestamp: heard.timestamp,
            codec: heard.codec,
            bytes: &heard.bytes,
        });
        self.timeline.heard(number, packet);
    }

    fn write(&mut self, mut piece: RecordingPiece) {
        let samples = u64::try_from(piece.bytes.len() / 2).unwrap_or(0);
        let (from, to) = (self.samples, self.samples + samples);
        self.samples = to;
        let owed = std::mem::take(&mut self.owed);
        piece.silence = owed.silence;
        piece.gaps.splice(0..0, owed.gaps);
        if !self.sink.write(&mut piece) {
            self.owed.silence = piece.silence + samples;
            for gap in piece.gaps {
                add_gap(&mut self.owed.gaps, gap);
            }
            for channel in [RecordedChannel::Sent, RecordedChannel::Heard] {
                add_gap(&mut self.owed.gaps, RecordingGap { channel, from, to });
            }
        }
    }
}

impl Drop for CallRecorder {
    fn drop(&mut self) {
        let rest = self.timeline.rest();
        self.write(rest);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::g711::G711;

    #[test]
    fn what_nobody_had_room_for_is_silence_and_named() {
        #[derive(Debug)]
        struct Full(Arc<Mutex<Vec<RecordingPiece>>>, u32);
        impl RecordingSink for Full {
            fn begin(&mut self, _: G711) {}
            fn write(&mut self, piece: &mut RecordingPiece) -> bool {
                self.1 += 1;
                // The second and the third come too early.
                let takes = !(2..=3).contains(&self.1);
                if takes {
                    self.0.lock().unwrap().push(std::mem::take(piece));
                }
                takes
            }
        }
        let took = Arc::default();
        let mut recorder = CallRecorder::of_timeline(
            RecordingTimeline::new(G711::ALaw, 0),
            Box::new(Full(Arc::clone(&took), 0)),
        );
        for frame in 0..150_u64 {
            recorder.sent(u32::try_from(frame * 160).unwrap(), &[u8::try_from(frame).unwrap(); 160]);
        }
        drop(recorder);
        let took = took.lock().unwrap();
        let samples: u64 = took.iter().map(|piece| piece.silence + piece.bytes.len() as u64 / 2).sum();
        assert_eq!(samples, 150 * 160);
        assert_eq!(took[1].silence, 2 * 4_000);
        let gap = |channel| RecordingGap { channel, from: 4_000, to: 12_000 };
        assert_eq!(took[1].gaps, [gap(RecordedChannel::Sent), gap(RecordedChannel::Heard)]);
        assert_eq!(took[0].bytes.iter().step_by(2).copied().collect::<Vec<u8>>()[..160], [0; 160]);
    }
}
