//! The core with a clock made up, and sessions that talk to each other over loopback.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use rtp_types::RtpPacket;
use test_support::address_of_our_own;
use tokio::{net::UdpSocket, sync::mpsc, time::timeout};

use super::*;
use crate::{
    ports::{PortRange, RtpPorts},
    rtp::{DigitSender, DigitSignal, RtpSender},
    sdp::{AgreedMedia, MediaDirection, OwnMedia, PayloadKind, PayloadTypes},
};

const PEER: &str = "198.51.100.9:4000";

fn agreed() -> AgreedMedia {
    let mut receive = PayloadTypes::NONE;
    receive.add(0, PayloadKind::Sound(G711::MuLaw));
    receive.add(8, PayloadKind::Sound(G711::ALaw));
    receive.add(101, PayloadKind::Digits);
    AgreedMedia {
        codec: G711::ALaw,
        send_sound: 8,
        send_digits: Some(96),
        receive,
        remote: Some(PEER.parse().unwrap()),
        direction: MediaDirection::SendReceive,
        frame_milliseconds: 20,
    }
}

fn settings() -> MediaSettings {
    MediaSettings { answered: true, ..MediaSettings::of_chance(3) }
}

/// A call, its clock, and a phone on its other side.
struct Bench {
    media: CallMedia,
    now: Instant,
    phone: RtpSender,
}

/// A packet as it left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    payload_type: u8,
    marker: bool,
    timestamp: u32,
    payload: Vec<u8>,
}

impl Bench {
    fn new(agreed: AgreedMedia, settings: &MediaSettings) -> Self {
        let now = Instant::now();
        Self { media: CallMedia::new(now, agreed, settings), now, phone: RtpSender::new(5, 5, 5) }
    }

    /// Sends so many frames.
    fn frames(&mut self, count: usize) -> Vec<Option<Sent>> {
        (0..count).map(|_| self.frame()).collect()
    }

    fn frame(&mut self) -> Option<Sent> {
        self.now += self.media.frame();
        let (target, packet) = self.media.next_packet(self.now)?;
        assert_eq!(target, PEER.parse().unwrap());
        let packet = RtpPacket::parse(packet).unwrap();
        Some(Sent {
            payload_type: packet.payload_type(),
            marker: packet.marker_bit(),
            timestamp: packet.timestamp(),
            payload: packet.payload().to_vec(),
        })
    }

    fn events(&mut self) -> Vec<MediaEvent> {
        std::iter::from_fn(|| self.media.event()).collect()
    }

    /// The phone says something.
    fn hear(&mut self, payload_type: u8, payload: &[u8]) -> Option<HeardSound> {
        let mut packet = Vec::new();
        self.phone.sound(payload_type, payload, false, &mut packet);
        self.media.receive(self.now, PEER.parse().unwrap(), &packet)
    }

    /// Keys are pressed on the phone, which sends them in this type.
    fn press(&mut self, keys: &str, payload_type: u8) {
        let mut digits = DigitSender::default();
        assert!(digits.queue(keys));
        while !digits.is_idle() {
            let mut packet = Vec::new();
            if let DigitSignal::Event { timestamp, payload, begins } =
                digits.next(self.phone.timestamp(), 160)
            {
                self.phone.event(payload_type, timestamp, payload, begins, &mut packet);
                self.media.receive(self.now, PEER.parse().unwrap(), &packet);
            }
            self.phone.pass(160);
            self.now += Duration::from_millis(20);
        }
    }
}

fn prompt(samples: usize) -> Arc<PromptSound> {
    let samples = (0..samples).map(|place| i16::try_from(place * 37 % 20_000).unwrap()).collect();
    Arc::new(PromptSound::new(samples))
}

fn played(id: u64, is_complete: bool, milliseconds: u64) -> MediaEvent {
    MediaEvent::Played { id, is_complete, length: Duration::from_millis(milliseconds) }
}

#[test]
fn silence_is_sent_while_nothing_is_played() {
    let mut bench = Bench::new(agreed(), &settings());
    let sent: Vec<Sent> = bench.frames(5).into_iter().flatten().collect();
    assert!(sent.iter().all(|sent| sent.payload_type == 8 && sent.payload == [0xd5; 160]));
    assert_eq!(sent.iter().map(|sent| sent.marker).collect::<Vec<_>>(), [true, false, false, false, false]);
    assert!(sent.windows(2).all(|two| two[1].timestamp == two[0].timestamp.wrapping_add(160)));
}

/// What was sent is what was to be played, to the byte, in each law and with every length of packets.
#[test]
fn a_prompt_is_sent_as_it_is() {
    for codec in G711::ALL {
        for frame_milliseconds in [10, 20, 30, 60] {
            let frame = usize::from(frame_milliseconds) * 8;
            let prompt = prompt(1_000);
            let mut bench = Bench::new(AgreedMedia { codec, frame_milliseconds, ..agreed() }, &settings());
            bench.frame();
            bench.media.play(1, Arc::clone(&prompt), false);
            let count = 1_000_usize.div_ceil(frame);
            let sent: Vec<Sent> = bench.frames(count).into_iter().flatten().collect();
            assert_eq!(bench.events(), [played(1, true, 125)]);
            let bytes = sent.iter().flat_map(|sent| sent.payload.clone()).collect::<Vec<u8>>();
            assert_eq!(&bytes[..1_000], prompt.bytes(codec));
            assert!(bytes[1_000..].iter().all(|byte| *byte == codec.silence()));
            let markers: Vec<bool> = sent.iter().map(|sent| sent.marker).collect();
            assert!(markers[0] && !markers[1..].contains(&true), "one talk spurt");
            assert_eq!(bench.frame().unwrap().payload, vec![codec.silence(); frame]);
        }
    }
}

#[test]
fn a_prompt_of_no_sound_is_over_at_once() {
    let mut bench = Bench::new(agreed(), &settings());
    bench.media.play(1, prompt(0), false);
    bench.frame();
    assert_eq!(bench.events(), [played(1, true, 0)]);
    assert_eq!(prompt(800).length(), Duration::from_millis(100));
}

#[test]
fn a_key_another_prompt_or_a_command_ends_what_is_played() {
    let mut bench = Bench::new(agreed(), &settings());
    bench.media.play(1, prompt(8_000), false);
    bench.frames(3);
    bench.media.play(2, prompt(8_000), true);
    bench.frames(2);
    bench.press("7", 101);
    bench.media.play(3, prompt(8_000), false);
    bench.press("8", 101);
    bench.frames(1);
    bench.media.stop();
    bench.media.stop();
    let digit = |key| MediaEvent::Digit {
        digit: Digit::of_character(key).unwrap(),
        duration: Duration::from_millis(160),
    };
    let first = MediaEvent::FirstPacket { is_early: false };
    let expected = [played(1, false, 60), played(2, false, 40), digit('7'), digit('8'), played(3, false, 20)];
    let told: Vec<_> = bench.events().into_iter().filter(|event| *event != first).collect();
    assert_eq!(told, expected);
}

#[test]
fn what_comes_before_the_answer_is_kept_apart() {
    let mut bench = Bench::new(agreed(), &MediaSettings::of_chance(1));
    assert!(bench.hear(8, &[1; 160]).unwrap().is_early);
    bench.press("5", 101);
    assert_eq!(bench.events(), [MediaEvent::FirstPacket { is_early: true }], "no key counts before");
    bench.media.answered(bench.now);
    bench.media.answered(bench.now);
    assert!(!bench.hear(0, &[1; 160]).unwrap().is_early);
    bench.press("5", 101);
    let events = bench.events();
    assert_eq!(events[0], MediaEvent::FirstPacket { is_early: false });
    assert!(matches!(events[1..], [MediaEvent::Digit { .. }]));
    let (received, early, ..) = bench.media.counts();
    assert_eq!((received.received, early), (22, 11));
}

#[test]
fn digits_are_sent_in_the_type_of_the_answer_while_what_is_played_waits() {
    let mut bench = Bench::new(agreed(), &settings());
    let prompt = prompt(800);
    bench.media.play(1, Arc::clone(&prompt), false);
    bench.media.send_digits("12");
    let sent: Vec<Sent> = bench.frames(60).into_iter().flatten().collect();
    let digits: Vec<&Sent> = sent.iter().filter(|sent| sent.payload_type == 96).collect();
    assert_eq!(
        digits.iter().filter(|sent| sent.marker).map(|sent| sent.payload[0]).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(digits.iter().filter(|sent| sent.payload[1] & 0x80 != 0).count(), 6);
    assert_eq!(bench.events(), [MediaEvent::DigitsSent { is_sent: true }, played(1, true, 100)]);
    let sound: Vec<u8> = sent
        .iter()
        .filter(|sent| sent.payload_type == 8)
        .flat_map(|sent| sent.payload.clone())
        .skip_while(|byte| *byte == 0xd5)
        .collect();
    let bytes = prompt.bytes(G711::ALaw);
    let begin = bytes.iter().position(|byte| *byte != 0xd5).unwrap();
    assert_eq!(sound[..bytes.len() - begin], bytes[begin..]);

    let mut deaf = Bench::new(AgreedMedia { send_digits: None, ..agreed() }, &settings());
    deaf.media.send_digits("1");
    bench.media.send_digits("x");
    assert_eq!(deaf.events(), [MediaEvent::DigitsSent { is_sent: false }]);
    assert_eq!(bench.events(), [MediaEvent::DigitsSent { is_sent: false }]);
}

#[test]
fn on_hold_nothing_is_sent_and_what_is_played_waits() {
    let mut bench = Bench::new(agreed(), &settings());
    bench.media.play(1, prompt(800), false);
    let before = bench.frames(2)[1].clone().unwrap();
    bench.media.retarget(bench.now, AgreedMedia { direction: MediaDirection::ReceiveOnly, ..agreed() });
    assert_eq!(bench.frames(10), vec![None; 10]);
    assert!(bench.events().is_empty());
    let back = AgreedMedia { codec: G711::MuLaw, send_sound: 0, ..agreed() };
    bench.media.retarget(bench.now, back);
    let sent: Vec<Sent> = bench.frames(3).into_iter().flatten().collect();
    assert!(sent[0].marker && sent.iter().all(|sent| sent.payload_type == 0));
    assert_eq!(sent[0].timestamp.wrapping_sub(before.timestamp), 11 * 160, "time passed meanwhile");
    assert_eq!(sent[0].payload, prompt(800).bytes(G711::MuLaw)[320..480]);
    assert_eq!(bench.events(), [played(1, true, 100)]);
}

#[test]
fn silence_of_the_other_side_is_told_once_where_it_should_speak() {
    let silence = Some(Duration::from_secs(2));
    let mut bench = Bench::new(agreed(), &MediaSettings { silence, ..settings() });
    bench.frames(99);
    assert!(bench.events().is_empty());
    bench.frames(100);
    assert!(
        matches!(bench.events()[..], [MediaEvent::Silent { lasting }] if lasting == Duration::from_secs(2))
    );
    bench.hear(13, &[0]);
    bench.frames(100);
    assert!(matches!(bench.events()[..], [MediaEvent::FirstPacket { .. }, MediaEvent::Silent { .. }]));
    bench.media.retarget(bench.now, AgreedMedia { direction: MediaDirection::SendOnly, ..agreed() });
    bench.hear(8, &[0; 160]);
    bench.frames(300);
    assert!(bench.events().is_empty(), "on hold it owes nothing");
    bench.media.retarget(bench.now, agreed());
    bench.frames(99);
    assert!(bench.events().is_empty());
    bench.frames(1);
    assert_eq!(bench.events().len(), 1);
}

#[test]
fn events_that_nobody_takes_are_counted() {
    let mut bench = Bench::new(agreed(), &settings());
    for _ in 0..100 {
        bench.media.send_digits("x");
    }
    assert_eq!((bench.events().len(), bench.media.counts().3), (MOST_EVENTS, 100 - MOST_EVENTS as u64));
}

#[test]
fn lateness_is_told_by_parts() {
    let mut late = SendLateness::default();
    assert_eq!(late.percentile(0.99), Duration::ZERO);
    (0..99).for_each(|_| late.add(Duration::from_micros(900)));
    late.add(Duration::from_secs(3));
    assert_eq!(
        (late.percentile(0.5), late.percentile(0.99)),
        (Duration::from_millis(1), Duration::from_millis(1))
    );
    let filled: Vec<_> = late.steps().filter(|(_, count)| *count > 0).collect();
    assert_eq!(filled, [(Some(Duration::from_millis(1)), 99), (None, 1)]);
    let mut all = SendLateness::default();
    all.merge(&late);
    assert_eq!((all.percentile(1.0), all.most()), (Duration::from_secs(3), Duration::from_secs(3)));
}

#[derive(Clone, Debug)]
enum Step {
    Frames(usize),
    Play(usize, bool),
    Digits(String),
    Direction(bool, bool),
    Frame(u8),
    Hear(Vec<u8>),
    Press(String),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..20_usize).prop_map(Step::Frames),
        (0..3_000_usize, any::<bool>()).prop_map(|(samples, ends)| Step::Play(samples, ends)),
        "[0-9,x]{0,3}".prop_map(Step::Digits),
        any::<(bool, bool)>().prop_map(|(sends, receives)| Step::Direction(sends, receives)),
        (1..7_u8).prop_map(|tens| Step::Frame(tens * 10)),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(Step::Hear),
        "[0-9]{1,2}".prop_map(Step::Press),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    /// Whatever happens: each frame's packet is as long as its time, and each prompt is over once.
    #[test]
    fn time_passes_evenly(steps in steps()) {
        let mut bench = Bench::new(agreed(), &settings());
        let mut wanted = agreed();
        let (mut begun, mut over, mut last) = (0, 0, None::<(u32, u32)>);
        let mut passed = 0_u32;
        for step in steps {
            match step {
                Step::Frames(count) => for sent in bench.frames(count) {
                    let frame = u32::from(wanted.frame_milliseconds) * 8;
                    if let Some(sent) = sent && sent.payload_type != 96 {
                        prop_assert_eq!(sent.payload.len(), frame as usize);
                        if let Some((timestamp, at)) = last {
                            prop_assert_eq!(sent.timestamp.wrapping_sub(timestamp), passed - at);
                        }
                        last = Some((sent.timestamp, passed));
                    }
                    passed += frame;
                },
                Step::Play(samples, ends_at_digit) => {
                    begun += 1;
                    bench.media.play(begun, prompt(samples), ends_at_digit);
                }
                Step::Digits(digits) => bench.media.send_digits(&digits),
                Step::Direction(sends, receives) => wanted.direction = MediaDirection::of(sends, receives),
                Step::Frame(milliseconds) => wanted.frame_milliseconds = milliseconds,
                Step::Hear(bytes) => { bench.media.receive(bench.now, PEER.parse().unwrap(), &bytes); }
                Step::Press(keys) => bench.press(&keys, 101),
            }
            bench.media.retarget(bench.now, wanted.clone());
            over += bench.events().iter().filter(|event| matches!(event, MediaEvent::Played { .. })).count();
        }
        bench.media.stop();
        over += bench.events().iter().filter(|event| matches!(event, MediaEvent::Played { .. })).count();
        prop_assert_eq!(u64::try_from(over).unwrap(), begun);
    }
}

fn ports() -> RtpPorts {
    RtpPorts::new(address_of_our_own(), PortRange::new(22_000, 22_399).unwrap())
}

/// Two sides that agreed.
fn two(
    ports: &RtpPorts,
    settings: impl Fn(u64) -> MediaSettings,
) -> (MediaSession, MediaSession, SocketAddr) {
    let (one, other) = (ports.open().unwrap(), ports.open().unwrap());
    let mut caller = OwnMedia::new(1, address_of_our_own(), one.port(), &G711::ALL);
    let mut phone = OwnMedia::new(2, address_of_our_own(), other.port(), &[G711::MuLaw]);
    let offer = caller.offer(MediaDirection::SendReceive);
    let (answer, of_phone) = phone.answer(offer.as_bytes(), MediaDirection::SendReceive).unwrap();
    let of_caller = caller.read_answer(answer.as_bytes()).unwrap();
    let at = one.local_address().unwrap();
    (MediaSession::start(one, of_caller, settings(1)), MediaSession::start(other, of_phone, settings(2)), at)
}

/// The next event that is one of these.
async fn until<T>(session: &mut MediaSession, wanted: impl Fn(MediaEvent) -> Option<T>) -> T {
    timeout(Duration::from_secs(10), async {
        loop {
            if let Some(found) = wanted(session.event().await.expect("the session lasts")) {
                return found;
            }
        }
    })
    .await
    .expect("it happens in time")
}

#[tokio::test]
async fn two_sides_hear_each_other() {
    let ports = ports();
    let (listener, mut heard) = mpsc::channel(1_000);
    let (mut caller, mut phone, _) = two(&ports, |chance| MediaSettings {
        answered: true,
        listener: (chance == 2).then(|| listener.clone()),
        ..MediaSettings::of_chance(chance)
    });
    drop(listener);
    let prompt = prompt(4_000);
    assert!(caller.control().play(9, Arc::clone(&prompt), false));
    let is_played =
        |event| matches!(event, MediaEvent::Played { id: 9, is_complete: true, .. }).then_some(());
    until(&mut caller, is_played).await;
    phone.control().send_digits("4*");
    for key in ['4', '*'] {
        let found = until(&mut caller, |event| match event {
            MediaEvent::Digit { digit, duration } => Some((digit.character(), duration.as_millis())),
            _ => None,
        });
        assert_eq!(found.await, (key, 160));
    }
    until(&mut phone, |event| matches!(event, MediaEvent::DigitsSent { is_sent: true }).then_some(())).await;

    let (caller, phone) = (caller.end().await, phone.end().await);
    assert_eq!(ports.free(), 200);
    assert_eq!((phone.received.lost, phone.received.foreign, phone.send_failures), (0, 0, 0));
    assert!(caller.sent >= 50 && phone.received.received + 2 >= caller.sent, "{caller:?} {phone:?}");
    let mut sound = Vec::new();
    while let Some(packet) = heard.recv().await {
        sound.extend(packet.bytes);
    }
    let bytes = prompt.bytes(G711::ALaw);
    assert!(sound.windows(bytes.len()).any(|window| window == bytes), "every byte, without a gap");
}

/// Who talks in one call is heard in the other as it was said, and what is played goes first; when one ends, the other goes on in silence.
#[tokio::test]
async fn bridged_calls_hear_each_other() {
    let ports = ports();
    let (listener, mut heard) = mpsc::channel(1_000);
    let settings = |chance| MediaSettings { answered: true, ..MediaSettings::of_chance(chance) };
    let (one, talker, _) = two(&ports, settings);
    let (other, hearer, _) = two(&ports, |chance| MediaSettings {
        listener: (chance == 2).then(|| listener.clone()),
        ..settings(chance)
    });
    drop(listener);
    assert!(one.control().bridge(other.control()));
    let said = Arc::new(PromptSound::new(vec![9_000; 4_000]));
    talker.control().play(1, said, false);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(one.end().await.received.received > 20);
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop((other, hearer, talker));
    let mut loud = 0;
    while let Some(packet) = heard.recv().await {
        loud += packet.bytes.iter().filter(|byte| G711::ALaw.decode(**byte) > 8_000).count();
    }
    assert!((3_200..=4_000).contains(&loud), "{loud} samples of 4,000");
}

#[test]
fn relayed_sound_is_sent_by_the_law_of_the_call_it_goes_to() {
    let mut bench = Bench::new(agreed(), &settings());
    for place in 0..3_u32 {
        let bytes = vec![G711::MuLaw.encode(9_000); 160].into();
        bench.media.relay(&HeardSound {
            is_early: false,
            codec: G711::MuLaw,
            number: place.into(),
            timestamp: place * 160,
            bytes,
        });
    }
    let sent: Vec<Sent> = bench.frames(4).into_iter().flatten().collect();
    let law = G711::ALaw.encode(G711::MuLaw.decode(G711::MuLaw.encode(9_000)));
    assert!(sent[..3].iter().all(|sent| sent.payload == vec![law; 160] && sent.payload_type == 8));
    assert_eq!(sent[3].payload, vec![G711::ALaw.silence(); 160]);
    bench.media.play(1, prompt(160), false);
    bench.media.end_relay();
    assert_eq!(bench.frame().unwrap().payload, prompt(160).bytes(G711::ALaw));
}

#[tokio::test]
async fn a_flood_of_strangers_changes_nothing() {
    let ports = ports();
    let (mut caller, phone, at) =
        two(&ports, |chance| MediaSettings { answered: true, ..MediaSettings::of_chance(chance) });
    until(&mut caller, |event| matches!(event, MediaEvent::FirstPacket { .. }).then_some(())).await;
    let stranger = UdpSocket::bind((address_of_our_own(), 0)).await.unwrap();
    let mut packet = Vec::new();
    let mut sender = RtpSender::new(66, 0, 0);
    for _ in 0..500 {
        sender.sound(8, &[7; 160], false, &mut packet);
        stranger.send_to(&packet, at).await.unwrap();
        stranger.send_to(&[0xff; 2_000], at).await.unwrap();
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (caller, phone) = (caller.end().await, phone.end().await);
    assert!(caller.received.foreign > 500, "{caller:?}");
    assert!(caller.received.received <= phone.sent, "none of theirs counts: {caller:?}");
}

#[tokio::test]
async fn a_session_that_is_dropped_gives_its_port_back() {
    let ports = ports();
    let (caller, phone, _) = two(&ports, MediaSettings::of_chance);
    let control = caller.control().clone();
    drop((caller, phone));
    timeout(Duration::from_secs(5), async {
        while ports.free() < 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    assert!(!control.stop(), "nobody is there to be told");
}

/// Many calls at once: what is sent arrives, and no port stays taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_lose_nothing() {
    let ports = ports();
    let prompt = prompt(8_000);
    let mut sessions = Vec::new();
    for _ in 0..50 {
        let (caller, phone, _) =
            two(&ports, |chance| MediaSettings { answered: true, ..MediaSettings::of_chance(chance) });
        caller.control().play(1, Arc::clone(&prompt), false);
        sessions.push((caller, phone));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut lateness = SendLateness::default();
    for (caller, phone) in sessions {
        let (caller, phone) = (caller.end().await, phone.end().await);
        lateness.merge(&caller.lateness);
        assert!(caller.sent > 0 && phone.received.lost == 0, "{phone:?}");
    }
    assert!(lateness.most() >= lateness.percentile(0.5));
    assert_eq!(ports.free(), 200);
}

/// Takes all of a recording.
#[derive(Clone, Debug, Default)]
struct Tape(Arc<std::sync::Mutex<Vec<crate::recording::RecordingPiece>>>);

impl crate::recording::RecordingSink for Tape {
    fn begin(&mut self, _: G711) {}

    fn write(&mut self, piece: &mut crate::recording::RecordingPiece) -> bool {
        self.0.lock().unwrap().push(std::mem::take(piece));
        true
    }
}

impl Tape {
    fn channels(&self) -> (Vec<u8>, Vec<u8>) {
        let bytes: Vec<u8> = self.0.lock().unwrap().iter().flat_map(|piece| piece.bytes.clone()).collect();
        (bytes.iter().step_by(2).copied().collect(), bytes.iter().skip(1).step_by(2).copied().collect())
    }
}

/// Where one sound is in another, bit for bit.
fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

#[tokio::test]
async fn a_recording_is_bit_for_bit_what_was_sent_and_heard() {
    let ports = ports();
    let settings = |chance| MediaSettings { answered: true, ..MediaSettings::of_chance(chance) };
    let (mut caller, mut phone, _) = two(&ports, settings);
    let (tape, one, other) = (Tape::default(), prompt(8_000), prompt(4_321));
    assert!(caller.control().record(Box::new(tape.clone())));
    caller.control().play(1, Arc::clone(&one), false);
    phone.control().play(2, Arc::clone(&other), false);
    let is_played = |event| matches!(event, MediaEvent::Played { is_complete: true, .. }).then_some(());
    until(&mut caller, is_played).await;
    until(&mut phone, is_played).await;
    drop(phone);
    caller.end().await;
    let (sent, heard) = tape.channels();
    assert_eq!(sent.len(), heard.len());
    assert!(find(&sent, one.bytes(G711::ALaw)).is_some(), "{} samples", sent.len());
    assert!(find(&heard, other.bytes(G711::ALaw)).is_some());
    assert!(tape.0.lock().unwrap().iter().all(|piece| piece.gaps.is_empty()));
}
