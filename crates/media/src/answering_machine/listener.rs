//! Hears a call beside all else that happens in it: a task of its own, so that nothing that is said or sent waits for a verdict.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::{AnswerDetector, DetectionEvent, DetectionSettings, MOST_DETECTIONS};
use crate::{
    g711::G711,
    rtp::SAMPLES_A_MILLISECOND,
    session::{HeardSound, MediaControl},
};

/// How many packets may wait: more than a second. What there is no room for is heard as silence.
const MOST_PACKETS: usize = 64;

/// How long packets may stay away before that is silence: a line may send none while nobody speaks.
const PATIENCE: Duration = Duration::from_millis(100);

/// How far what is heard stays behind the time then: packets that were only late come all at once, and find their place.
const BEHIND: u32 = 200;

/// The longest silence between two packets, in samples; what is farther away is another stream.
const LONGEST_GAP: i64 = 10_000 * SAMPLES_A_MILLISECOND as i64;

/// Listens to who answered. It ends when it is dropped, or when it has listened long enough.
#[derive(Debug)]
pub struct AnswerListener {
    events: mpsc::Receiver<DetectionEvent>,
    task: JoinHandle<()>,
}

impl AnswerListener {
    /// Begins to listen to a call that is answered now: what comes before the answer is not heard. Must be called within a tokio runtime.
    pub fn begin(sound: &MediaControl, settings: DetectionSettings) -> Self {
        Self::listen(sound, settings, false)
    }

    /// Begins to listen to what a call sounds like before it is answered: what comes from the answer on is not heard. Its instants are since now.
    pub fn begin_early(sound: &MediaControl, settings: DetectionSettings) -> Self {
        Self::listen(sound, settings, true)
    }

    fn listen(sound: &MediaControl, settings: DetectionSettings, is_early: bool) -> Self {
        let (heard, packets) = mpsc::channel(MOST_PACKETS);
        // There is room for all that is ever told.
        let (told, events) = mpsc::channel(MOST_DETECTIONS);
        sound.listen(heard);
        Self { events, task: tokio::spawn(listen((packets, is_early), settings, told)) }
    }

    /// What is found out next; `None`: nothing more. May be dropped and asked again without loss.
    pub async fn event(&mut self) -> Option<DetectionEvent> {
        self.events.recv().await
    }
}

impl Drop for AnswerListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(
    (mut packets, is_early): (mpsc::Receiver<HeardSound>, bool),
    settings: DetectionSettings,
    told: mpsc::Sender<DetectionEvent>,
) {
    let mut detector = AnswerDetector::new(settings);
    let mut order = PacketOrder::default();
    let began = Instant::now();
    while !detector.is_over() {
        let samples = match timeout(PATIENCE, packets.recv()).await {
            Ok(None) => return,
            Ok(Some(packet)) if packet.is_early != is_early => continue,
            Ok(Some(packet)) => order.take(&packet),
            Err(_) => {
                let passed = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
                order.silence(passed.saturating_sub(detector.milliseconds().saturating_add(BEHIND)))
            }
        };
        for event in detector.hear(samples) {
            if told.try_send(event).is_err() {
                return;
            }
        }
    }
}

/// Puts packets at the places that their timestamps say.
#[derive(Debug, Default)]
struct PacketOrder {
    /// The timestamp that comes next, and how much silence was heard since the last packet.
    next: Option<u32>,
    silent: i64,
}

impl PacketOrder {
    /// The samples of a packet, with the silence before it; none of one that comes too late.
    fn take(&mut self, packet: &HeardSound) -> Vec<i16> {
        let away = self.next.map_or(0, |next| packet.timestamp.wrapping_sub(next).cast_signed());
        let away = i64::from(away);
        if (-LONGEST_GAP..0).contains(&away) {
            return Vec::new();
        }
        let silent = std::mem::take(&mut self.silent);
        let missing = if away > LONGEST_GAP { 0 } else { (away - silent).max(0) };
        let length = u32::try_from(packet.bytes.len()).unwrap_or(0);
        self.next = Some(packet.timestamp.wrapping_add(length));
        let mut samples = vec![0; usize::try_from(missing).unwrap_or(0)];
        samples.extend(packet.bytes.iter().map(|byte| G711::decode(packet.codec, *byte)));
        samples
    }

    /// Silence of so many milliseconds, in place of packets.
    fn silence(&mut self, milliseconds: u32) -> Vec<i16> {
        let samples = milliseconds.saturating_mul(SAMPLES_A_MILLISECOND);
        self.silent += i64::from(samples);
        vec![0; usize::try_from(samples).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(timestamp: u32) -> HeardSound {
        let bytes = vec![G711::ALaw.encode(9_000); 160].into();
        HeardSound { is_early: false, codec: G711::ALaw, number: 0, timestamp, bytes }
    }

    #[test]
    fn packets_are_heard_where_their_timestamps_say() {
        let mut order = PacketOrder::default();
        assert_eq!(order.take(&packet(u32::MAX - 100)).len(), 160);
        assert_eq!(order.take(&packet(59)).len(), 160, "over the end of the numbers");
        assert_eq!(order.take(&packet(59)).len(), 0, "the same once more");
        assert_eq!(order.take(&packet(379)).len(), 160 + 160, "one is lost");
        assert_eq!(order.silence(100).len(), 800);
        assert_eq!(order.take(&packet(539 + 1_000)).len(), 200 + 160, "silence that was heard counts once");
        assert_eq!(order.take(&packet(3_000_000)).len(), 160, "another stream");
    }
}
