//! Packets in any order, with losses, and heads of files.

use proptest::prelude::*;

use super::*;

const FRAME: u64 = 160;
const SILENCE: u8 = 0xd5;

/// What was recorded: the channels, and the gaps.
#[derive(Debug, Default)]
struct Recorded {
    sent: Vec<u8>,
    heard: Vec<u8>,
    gaps: Vec<RecordingGap>,
}

impl Recorded {
    fn add(&mut self, piece: RecordingPiece) {
        assert_eq!(piece.silence, 0);
        self.sent.extend(piece.bytes.iter().step_by(2));
        self.heard.extend(piece.bytes.iter().skip(1).step_by(2));
        self.gaps.extend(piece.gaps);
    }

    /// The gaps of a channel, those that touch made one.
    fn gaps(&self, channel: RecordedChannel) -> Vec<(u64, u64)> {
        let mut gaps: Vec<(u64, u64)> = Vec::new();
        for gap in self.gaps.iter().filter(|gap| gap.channel == channel) {
            match gaps.last_mut() {
                Some(last) if last.1 == gap.from => last.1 = gap.to,
                _ => gaps.push((gap.from, gap.to)),
            }
        }
        gaps
    }
}

/// What a packet of this number holds: something else than any near it, and never silence.
fn sound(number: u64) -> Vec<u8> {
    (0..FRAME).map(|place| u8::try_from((number * 7 + place) % 200).unwrap()).collect()
}

const fn packet(timestamp: u32, bytes: &[u8]) -> HeardPacket<'_> {
    HeardPacket { timestamp, codec: G711::ALaw, bytes }
}

fn timestamp(base: u32, number: u64) -> u32 {
    base.wrapping_add(u32::try_from(number * FRAME).unwrap())
}

/// Records a call in which we send a frame every 20 ms, and these packets come, each in a frame.
fn record(base: u32, frames: u64, mut come: Vec<(u64, u64)>) -> Recorded {
    come.sort_unstable();
    let mut timeline = RecordingTimeline::new(G711::ALaw, base.wrapping_mul(3));
    let (mut recorded, mut come) = (Recorded::default(), come.into_iter().peekable());
    for frame in 0..frames {
        while let Some((_, number)) = come.next_if(|(at, _)| *at == frame) {
            timeline.heard(number, Some(packet(timestamp(base, number), &sound(number))));
        }
        timeline.sent(timestamp(base.wrapping_mul(3), frame), G711::ALaw, &sound(frame + 3));
        recorded.gaps.iter().for_each(|gap| assert!(gap.from < gap.to));
        timeline.next_piece().into_iter().for_each(|piece| recorded.add(piece));
    }
    recorded.add(timeline.rest());
    recorded
}

proptest! {
    /// However packets are delayed by up to a quarter of a second, and whichever are lost, each is at its place, and what is lost is silence and
    /// named. What was sent is there bit for bit.
    #[test]
    fn each_packet_is_at_its_place(
        base: u32,
        delays in proptest::collection::vec(proptest::option::weighted(0.8, 0..13_u64), 1..120),
    ) {
        let came: Vec<(u64, u64)> = delays.iter().enumerate()
            .filter_map(|(number, delay)| Some((number as u64 + (*delay)?, number as u64))).collect();
        let frames = delays.len() as u64 + 20;
        let recorded = record(base, frames, came.clone());
        let sent: Vec<u8> = (0..frames).flat_map(|frame| sound(frame + 3)).collect();
        prop_assert_eq!(&recorded.sent[..sent.len()], &sent[..]);

        // The first that came is where the call was when it came, and all others follow from that.
        let Some((at, first)) = came.iter().min() else { return Ok(()) };
        let mut heard = vec![SILENCE; recorded.heard.len()];
        for (_, number) in &came {
            let place = usize::try_from((at + number - first) * FRAME).unwrap();
            heard[place..place + 160].copy_from_slice(&sound(*number));
        }
        prop_assert_eq!(&recorded.heard, &heard);
        let mut numbers: Vec<u64> = came.iter().map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        let place = |number: u64| (at + number - first) * FRAME;
        let gaps: Vec<(u64, u64)> = numbers.windows(2).filter(|pair| pair[0] + 1 < pair[1])
            .map(|pair| (place(pair[0] + 1), place(pair[1]))).collect();
        prop_assert_eq!(recorded.gaps(RecordedChannel::Heard), gaps);
    }

    /// Whatever numbers and times a stranger makes up, little waits, and the recording is as long as the call and a second at most.
    #[test]
    fn nothing_grows_by_what_comes(packets in proptest::collection::vec((any::<u32>(), any::<u16>(), 1..400_usize), 1..400)) {
        let mut timeline = RecordingTimeline::new(G711::MuLaw, 0);
        let mut length = 0;
        for (frame, (timestamp, number, bytes)) in packets.iter().enumerate() {
            timeline.heard(u64::from(*number), Some(packet(*timestamp, &vec![1; *bytes])));
            timeline.pass(u32::try_from((frame + 1) * 160).unwrap());
            length += timeline.next_piece().map_or(0, |piece| piece.bytes.len());
        }
        length += timeline.rest().bytes.len();
        prop_assert!(length <= (packets.len() * 160 + 8_000 + 400) * 2);
    }

    #[test]
    fn a_head_is_read_as_it_was_written(samples in 0..1_u64 << 31, notes in "[a-z\"{}]{0,200}", law in proptest::sample::select(&G711::ALL)) {
        let head = file_head(law, samples, &notes);
        prop_assert_eq!(head.len() as u64, HEAD_BYTES);
        prop_assert_eq!(read_head(&head), Some(ReadHead { law, samples, notes }));
    }
}

#[test]
fn a_pause_in_which_nothing_is_missing_is_no_gap() {
    let mut timeline = RecordingTimeline::new(G711::ALaw, 0);
    let mut recorded = Recorded::default();
    for frame in 0..200_u64 {
        // Between, keys are pressed for a second, and silence is not sent for another.
        match frame {
            0..50 | 150.. => {
                let number = if frame < 50 { frame } else { frame - 50 };
                timeline.heard(number, Some(packet(timestamp(9, frame), &sound(frame))));
            }
            50..100 => timeline.heard(frame, None),
            _ => {}
        }
        timeline.sent(timestamp(0, frame), G711::ALaw, &sound(frame));
        timeline.next_piece().into_iter().for_each(|piece| recorded.add(piece));
    }
    recorded.add(timeline.rest());
    assert_eq!(recorded.gaps, []);
    assert_eq!(&recorded.heard[150 * 160..151 * 160], sound(150));
}

#[test]
fn what_did_not_leave_is_named_and_other_laws_are_converted() {
    let mut timeline = RecordingTimeline::new(G711::ALaw, u32::MAX);
    timeline.sent(u32::MAX, G711::MuLaw, &[G711::MuLaw.encode(4_000); 160]);
    timeline.missed(320);
    timeline.sent(u32::MAX.wrapping_add(480), G711::ALaw, &[7; 160]);
    let piece = timeline.rest();
    assert_eq!(piece.bytes.len(), 640 * 2);
    assert_eq!(piece.bytes[0], G711::ALaw.encode(G711::MuLaw.decode(G711::MuLaw.encode(4_000))));
    assert_eq!((piece.bytes[640], piece.bytes[960]), (SILENCE, 7));
    assert_eq!(piece.gaps, [RecordingGap { channel: RecordedChannel::Sent, from: 160, to: 480 }]);
    assert_eq!(piece.gaps[0].milliseconds(), (20, 60));
}

#[test]
fn a_source_that_begins_anew_is_placed_anew() {
    let come: Vec<(u64, u64)> = (0..100).map(|number| (number, number)).collect();
    let mut timeline = RecordingTimeline::new(G711::ALaw, 0);
    let mut recorded = Recorded::default();
    for (frame, number) in come {
        // A source whose clock is elsewhere, and one that stood still for less than half a second.
        let at = match number {
            0..30 => timestamp(0, number),
            30..60 => timestamp(3_000_000_000, number),
            _ => timestamp(3_000_000_000, number - 20),
        };
        timeline.heard(number, Some(packet(at, &sound(number))));
        timeline.sent(timestamp(0, frame), G711::ALaw, &sound(frame));
        timeline.next_piece().into_iter().for_each(|piece| recorded.add(piece));
    }
    recorded.add(timeline.rest());
    assert_eq!(&recorded.heard[..160], sound(0));
    assert_eq!(&recorded.heard[30 * 160..31 * 160], sound(30));
    assert_eq!(&recorded.heard[99 * 160..100 * 160], sound(99));
    assert_eq!(recorded.heard.len(), 16_000);
}
