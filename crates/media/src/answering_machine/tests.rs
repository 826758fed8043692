use std::f32::consts::TAU;

use proptest::prelude::*;

use super::{
    AnswererKind::{Human, Machine, Unsure},
    *,
};
use crate::g711::G711;

/// So many milliseconds of sums of tones, each of this height.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn tones(milliseconds: u32, frequencies: &[f32], height: f32) -> Vec<i16> {
    let sample = |at: u32| {
        let angle = TAU * at as f32 / 8_000.0;
        (frequencies.iter().map(|frequency| (angle * frequency).sin()).sum::<f32>() * height) as i16
    };
    (0..milliseconds * 8).map(sample).collect()
}

fn silence(milliseconds: usize) -> Vec<i16> {
    vec![0; milliseconds * 8]
}

/// Something like a voice that hums: a tone with its overtones, whose height and loudness change as those of syllables do.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn voice(milliseconds: u32) -> Vec<i16> {
    let mut phase = 0.0_f32;
    let sample = |at: u32| {
        let now = at as f32 / 8_000.0;
        phase += (130.0 + 25.0 * (TAU * 2.0 * now).sin()) / 8_000.0;
        let vowel = 600.0 + 300.0 * (TAU * 3.0 * now).sin();
        let overtones = (1..24_u8).map(|number| {
            let number = f32::from(number);
            let away = (number * 130.0 - vowel) / 250.0;
            (TAU * phase * number).sin() * (0.08 + (-away * away).exp())
        });
        (overtones.sum::<f32>() * 2_500.0 * (0.65 + 0.35 * (TAU * 4.0 * now).sin())) as i16
    };
    (0..milliseconds * 8).map(sample).collect()
}

/// What is heard of this over a line.
fn heard(sound: &[Vec<i16>]) -> Vec<DetectionEvent> {
    let mut detector = AnswerDetector::new(DetectionSettings::default());
    let bytes: Vec<u8> = sound.concat().into_iter().map(|sample| G711::ALaw.encode(sample)).collect();
    bytes
        .chunks(160)
        .flat_map(|frame| detector.hear(frame.iter().map(|byte| G711::ALaw.decode(*byte))))
        .collect()
}

fn verdicts(events: &[DetectionEvent]) -> Vec<(AnswererKind, HeardReason)> {
    let verdict = |event: &DetectionEvent| match event {
        DetectionEvent::Verdict(found) => Some((found.verdict, found.reason)),
        DetectionEvent::Beep(_) | DetectionEvent::Quiet(_) => None,
    };
    events.iter().filter_map(verdict).collect()
}

fn beeps(events: &[DetectionEvent]) -> Vec<HeardBeep> {
    let beep = |event: &DetectionEvent| match event {
        DetectionEvent::Beep(beep) => Some(*beep),
        DetectionEvent::Verdict(_) | DetectionEvent::Quiet(_) => None,
    };
    events.iter().filter_map(beep).collect()
}

#[test]
fn a_short_greeting_is_a_persons_and_a_long_one_a_machines() {
    let short = heard(&[silence(500), voice(600), silence(2_000)]);
    assert_eq!(verdicts(&short), [(Human, HeardReason::ShortGreeting)]);
    let long = heard(&[silence(500), voice(3_000), silence(1_000)]);
    assert_eq!(verdicts(&long), [(Machine, HeardReason::LongGreeting)]);
}

/// The same over noise like that of a line, which begins before anybody speaks and goes on.
fn in_noise(sound: &[Vec<i16>]) -> Vec<i16> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i16::try_from(state >> 16 & 0x7FF).expect("it has eleven bits") - 1_024
    };
    sound.concat().into_iter().map(|sample| sample.saturating_add(noise())).collect()
}

#[test]
fn who_speaks_in_noise_is_heard() {
    let long = heard(&[in_noise(&[silence(800), voice(4_000), silence(2_000)])]);
    assert_eq!(verdicts(&long).last(), Some(&(Machine, HeardReason::LongGreeting)), "{long:?}");
    let short = heard(&[in_noise(&[silence(800), voice(600), silence(3_000)])]);
    assert_eq!(verdicts(&short), [(Human, HeardReason::ShortGreeting)]);
    let nobody = heard(&[in_noise(&[silence(6_000)])]);
    assert_eq!(verdicts(&nobody), [(Unsure, HeardReason::NotSpeech)]);
}

#[test]
fn the_syllables_of_a_word_are_one_word() {
    let syllables = [voice(150), silence(96)].concat().repeat(4);
    let events = heard(&[silence(500), syllables, silence(2_000)]);
    assert_eq!(verdicts(&events), [(Human, HeardReason::ShortGreeting)]);
}

#[test]
fn a_person_becomes_a_machine_by_a_monologue_or_a_beep() {
    let monologue = heard(&[silence(300), voice(500), silence(900), voice(6_000)]);
    assert_eq!(
        verdicts(&monologue),
        [(Human, HeardReason::ShortGreeting), (Machine, HeardReason::Monologue)]
    );
    let beep =
        heard(&[silence(300), voice(500), silence(900), tones(300, &[1_000.0], 9_000.0), silence(900)]);
    assert_eq!(verdicts(&beep), [(Human, HeardReason::ShortGreeting), (Machine, HeardReason::Beep)]);
}

#[test]
fn who_speaks_late_is_judged_all_the_same() {
    let late = heard(&[silence(4_000), voice(500), silence(2_000)]);
    let expected = [(Machine, HeardReason::InitialSilence), (Human, HeardReason::ShortGreeting)];
    assert_eq!(verdicts(&late), expected);
}

#[test]
fn ringing_is_nobody() {
    for ring in [&[425.0][..], &[450.0], &[440.0, 480.0], &[400.0, 450.0]] {
        let burst = [tones(1_000, ring, 7_000.0), silence(3_000)];
        let events = heard(&[burst.concat(), burst.concat(), burst.concat()]);
        assert_eq!(verdicts(&events), [(Unsure, HeardReason::NotSpeech)], "{ring:?}");
        assert_eq!(beeps(&events), [], "{ring:?}");
    }
}

#[test]
fn a_beep_is_found_where_it_is_and_makes_a_machine() {
    for frequency in [600.0, 850.0, 1_000.0, 1_400.0, 2_000.0] {
        for length in [160, 400, 1_000] {
            let events = heard(&[silence(640), tones(length, &[frequency], 6_000.0), silence(1_000)]);
            let [beep] = beeps(&events)[..] else { panic!("{frequency} Hz for {length} ms: {events:?}") };
            assert!(beep.from.abs_diff(640) <= 32 && beep.to.abs_diff(640 + length) <= 32, "{beep:?}");
            assert_eq!(verdicts(&events), [(Machine, HeardReason::Beep)], "{frequency} Hz for {length} ms");
        }
    }
}

#[test]
fn what_is_no_beep_is_taken_for_none() {
    let melody: Vec<_> =
        [523.0, 659.0, 784.0, 659.0].iter().map(|note| tones(300, &[*note], 6_000.0)).collect();
    let sounds = [
        ("a click", vec![silence(500), tones(40, &[1_000.0], 9_000.0), silence(900)]),
        ("a tone without end", vec![tones(6_000, &[1_000.0], 9_000.0), silence(900)]),
        ("a melody", [melody.clone(), melody].concat()),
        ("a chord", vec![silence(300), tones(400, &[700.0, 880.0, 1_050.0], 3_000.0), silence(900)]),
        ("a key", vec![silence(300), tones(300, &[770.0, 1_336.0], 5_000.0), silence(900)]),
        ("a voice", vec![voice(5_000)]),
    ];
    for (name, sound) in sounds {
        assert_eq!(beeps(&heard(&sound)), [], "{name}");
    }
}

#[test]
fn a_machine_that_has_said_all_is_told_of() {
    let events = heard(&[silence(500), voice(3_000), silence(2_600)]);
    let [DetectionEvent::Verdict(verdict), DetectionEvent::Quiet(at)] = events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(verdict.reason, HeardReason::LongGreeting);
    assert!(at.abs_diff(5_500) < 200, "{at}");
    let person = heard(&[silence(500), voice(600), silence(4_000)]);
    assert!(matches!(person[..], [DetectionEvent::Verdict(_)]), "{person:?}");
}

#[test]
fn settings_are_brought_within_their_bounds() {
    let least = DetectionSettings::of(|_| 0);
    assert_eq!((least.most_words, least.word, least.total, least.listening), (1, 20, 1_000, 1_000));
    let most = DetectionSettings::of(|_| u32::MAX);
    assert_eq!((most.most_words, most.initial_silence, most.listening), (20, 10_000, 120_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, and however it is cut: the same verdicts, no more than may be told, none twice in a row, none after the end.
    #[test]
    fn any_sound_is_judged(bytes in proptest::collection::vec(any::<u8>(), 0..6_000), cut in 1..700_usize, often in 1..12_usize) {
        let settings = DetectionSettings::of(|setting| match setting {
            DetectionSetting::Listening => 4_000,
            other => other.default(),
        });
        let sound: Vec<i16> = bytes.repeat(often).into_iter().map(|byte| G711::MuLaw.decode(byte)).collect();
        let mut whole = AnswerDetector::new(settings);
        let at_once = whole.hear(sound.iter().copied());
        let mut parts = AnswerDetector::new(settings);
        let cut: Vec<_> = sound.chunks(cut).flat_map(|part| parts.hear(part.iter().copied())).collect();
        prop_assert_eq!(&at_once, &cut);
        prop_assert!(at_once.len() <= MOST_DETECTIONS);
        let found = verdicts(&at_once);
        prop_assert!(found.windows(2).all(|pair| pair[0].0 != pair[1].0));
        let latest = at_once.iter().map(|event| match event {
            DetectionEvent::Verdict(verdict) => verdict.at,
            DetectionEvent::Beep(beep) => beep.to,
            DetectionEvent::Quiet(at) => *at,
        });
        prop_assert!(latest.max().is_none_or(|latest| latest <= settings.listening));
    }
}
