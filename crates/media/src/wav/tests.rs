//! Files as people make them, and broken ones.

use super::*;

/// A file of this form with these bytes of sound, after a chunk of odd length that means nothing.
fn file(format: u16, channels: u16, rate: u32, bits: u16, sound: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
    file.extend_from_slice(&format.to_le_bytes());
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * u32::from(frame)).to_le_bytes());
    file.extend_from_slice(&frame.to_le_bytes());
    file.extend_from_slice(&bits.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&u32::try_from(sound.len()).unwrap().to_le_bytes());
    file.extend_from_slice(sound);
    file
}

/// Samples of half the height, in each width.
fn half(bits: u16, count: usize) -> Vec<u8> {
    let sample: &[u8] = match bits {
        8 => &[192],
        16 => &[0, 0x40],
        24 => &[0, 0, 0x40],
        _ => &[0, 0, 0, 0x40],
    };
    sample.repeat(count)
}

fn assert_half(sound: &LineSound, length: usize, what: &str) {
    assert_eq!(sound.samples.len(), length, "{what}");
    let middle = sound.samples[length / 2];
    assert!((16_300..16_500).contains(&middle), "{what}: {middle}");
    assert!(!sound.is_silent, "{what}");
}

#[test]
fn every_usual_form_becomes_that_of_calls() {
    for rate in [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        for bits in [8, 16, 24, 32] {
            for channels in [1, 2] {
                let frames = usize::try_from(rate).unwrap();
                let sound = half(bits, frames * usize::from(channels));
                let what = format!("{rate} Hz, {bits} bits, {channels} channels");
                assert_half(&convert(&file(1, channels, rate, bits, &sound), 600).unwrap(), 8_000, &what);
            }
        }
    }
    let float = 0.5_f32.to_le_bytes().repeat(16_000);
    assert_half(&convert(&file(3, 1, 16_000, 32, &float), 600).unwrap(), 8_000, "floating point");
    // 0x8f and 0xda are near half the height.
    let mu_law = convert(&file(7, 1, 8_000, 8, &[0x8f; 800]), 600).unwrap();
    assert_eq!((mu_law.samples.len(), mu_law.samples[400]), (800, 16_764));
    let a_law = convert(&file(6, 2, 8_000, 8, &[0xa5; 1_600]), 600).unwrap();
    assert_eq!((a_law.samples.len(), a_law.samples[400]), (800, 16_896));
}

/// A file whose header is in the extensible form: the kind behind the rest, and how many bits of a sample are good.
fn extensible(kind: u16, bits: u16, good: u16, sound: &[u8]) -> Vec<u8> {
    let mut file = file(0xfffe, 1, 8_000, bits, sound);
    let at = 12 + 12 + 4;
    file[at..at + 4].copy_from_slice(&40_u32.to_le_bytes());
    let mut more = vec![22, 0];
    more.extend_from_slice(&good.to_le_bytes());
    more.extend_from_slice(&[4, 0, 0, 0]);
    more.extend_from_slice(&kind.to_le_bytes());
    more.extend_from_slice(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    file.splice(at + 20..at + 20, more);
    file
}

/// With two bytes more in its header, as many programs write what is not of the oldest kind.
fn longer(mut file: Vec<u8>) -> Vec<u8> {
    let at = 12 + 12 + 4;
    file[at] = 18;
    file.splice(at + 20..at + 20, [0, 0]);
    file
}

#[test]
fn every_kind_and_width_is_read_in_every_form_of_a_header() {
    let kinds = [
        (1, 8, half(8, 800)),
        (1, 16, half(16, 800)),
        (1, 24, half(24, 800)),
        (1, 32, half(32, 800)),
        (3, 32, 0.5_f32.to_le_bytes().repeat(800)),
        (3, 64, 0.5_f64.to_le_bytes().repeat(800)),
        (6, 8, vec![0xa5; 800]),
        (7, 8, vec![0x8f; 800]),
    ];
    for (kind, bits, sound) in kinds {
        let plain = file(kind, 1, 8_000, bits, &sound);
        for (form, file) in [
            ("plain", plain.clone()),
            ("longer", longer(plain)),
            ("extensible", extensible(kind, bits, bits, &sound)),
            ("extensible, good bits unknown", extensible(kind, bits, 0, &sound)),
        ] {
            let converted = convert(&file, 60).unwrap();
            assert_eq!(converted.samples.len(), 800, "kind {kind}, {bits} bits, {form}");
            let middle = converted.samples[400];
            assert!((16_300..17_000).contains(&middle), "kind {kind}, {bits} bits, {form}: {middle}");
        }
    }
    // Of 24 good bits in 32 those that matter are the highest.
    assert_half(&convert(&extensible(1, 32, 24, &half(32, 800)), 60).unwrap(), 800, "24 of 32");
    // What is louder than can be is as loud as can be, and what is no number is silence.
    let odd = [2.0, f64::MAX, -f64::MAX, f64::NAN].map(f64::to_le_bytes).concat();
    let odd = convert(&file(3, 1, 8_000, 64, &odd), 60).unwrap();
    assert_eq!(odd.samples, [32_767, 32_767, -32_768, 0]);
}

#[test]
fn a_refusal_says_what_is_true() {
    let refused = |file: &[u8]| convert(file, 600).unwrap_err();
    for (kind, bits) in [(1, 12), (1, 20), (1, 40), (1, 64), (3, 16), (3, 24), (6, 16), (7, 16)] {
        let sound = vec![1; 640];
        assert_eq!(refused(&file(kind, 1, 8_000, bits, &sound)), WavError::Width, "kind {kind}, {bits} bits");
        assert_eq!(
            refused(&extensible(kind, bits, bits, &sound)),
            WavError::Width,
            "kind {kind}, {bits} bits"
        );
    }
    assert_eq!(refused(&extensible(2, 8, 8, &[1; 64])), WavError::Compressed);
    let mut guid = extensible(1, 16, 16, &half(16, 800));
    guid[12 + 12 + 8 + 39] = 0;
    assert_eq!(refused(&guid), WavError::Compressed, "another list of kinds");
    // The header says that it is extensible, and has no room for what that needs.
    assert_eq!(refused(&file(0xfffe, 1, 8_000, 16, &half(16, 800))), WavError::Broken);
    // A frame of one byte has no room for 16 bits.
    let mut frame = file(1, 1, 8_000, 16, &half(16, 800));
    frame[12 + 12 + 8 + 12] = 1;
    assert_eq!(refused(&frame), WavError::Broken);
    // How many bytes a second takes follows from the rest, and hides no sound where it is wrong.
    let mut rate = file(1, 1, 8_000, 16, &half(16, 800));
    rate[12 + 12 + 8 + 8] ^= 1;
    assert_half(&convert(&rate, 60).unwrap(), 800, "a wrong rate of bytes");
    // No sound is in the file, and nothing of it is missing.
    let good = file(1, 1, 8_000, 16, &[]);
    assert_eq!(refused(&good[..good.len() - 8]), WavError::NoSamples);
    let mut cut = good[..good.len() - 8].to_vec();
    cut[4] = 200;
    assert_eq!(refused(&cut), WavError::Truncated);
}

#[test]
fn two_channels_are_mixed() {
    // One at half the height, the other as much below.
    let sound = [0_u8, 0x40, 0, 0xc0].repeat(8_000);
    let mixed = convert(&file(1, 2, 8_000, 16, &sound), 600).unwrap();
    assert!(mixed.samples.iter().all(|sample| *sample == 0) && mixed.is_silent);
}

#[test]
fn silence_is_noticed() {
    assert!(convert(&file(1, 1, 8_000, 16, &[0; 1_600]), 600).unwrap().is_silent);
    assert!(
        convert(&file(1, 1, 8_000, 16, &[4, 0].repeat(800)), 600).unwrap().is_silent,
        "a hiss that no ear hears"
    );
    assert!(convert(&file(7, 1, 8_000, 8, &[0xff; 800]), 600).unwrap().is_silent);
}

#[test]
fn what_is_wrong_is_told() {
    let good = file(1, 1, 8_000, 16, &half(16, 800));
    let refused = |file: &[u8]| convert(file, 600).unwrap_err();
    assert_eq!(refused(b""), WavError::NotWav);
    assert_eq!(refused(b"ID3\x04\0\0\0\0\0\0\0\0\0\0"), WavError::NotWav);
    assert_eq!(refused(b"RIFF\0\0\0\0AVI LIST"), WavError::NotWav);
    for end in [12, 20, 30, 60, good.len() - 1] {
        assert_eq!(refused(&good[..end]), WavError::Truncated, "cut at {end}");
    }
    assert_eq!(refused(&file(1, 1, 8_000, 16, &[])), WavError::NoSamples);
    for compressed in [2, 17, 49, 80, 85] {
        assert_eq!(refused(&file(compressed, 1, 8_000, 16, &[1; 64])), WavError::Compressed, "{compressed}");
    }
    assert_eq!(refused(&file(7, 1, 8_000, 16, &[1; 64])), WavError::Width);
    for rate in [0, 4_000, 7_999, 48_001, 96_000] {
        let error = refused(&file(1, 1, rate, 16, &half(16, 800)));
        assert!(matches!(error, WavError::Rate), "{rate}: {error}");
        assert!(error.to_string().contains("between 8000 and 48000"), "{error}");
    }
    assert_eq!(refused(&file(1, 3, 8_000, 16, &half(16, 900))), WavError::Channels);
    assert!(matches!(refused(&file(1, 0, 8_000, 16, &half(16, 900))), WavError::Broken | WavError::Channels));
    assert_eq!(refused(&file(7, 1, 8_000, 8, &vec![0; 600 * 8_000 + 1])), WavError::TooLong);
    assert!(convert(&file(7, 1, 8_000, 8, &vec![0; 600 * 8_000]), 600).is_ok());
    let mut before = b"RIFF\0\0\0\0WAVEdata\x02\0\0\0ab".to_vec();
    before.extend_from_slice(&good[12..]);
    assert_eq!(refused(&before), WavError::Broken, "the sound stands before its form");
}

/// As ffmpeg writes it into a pipe.
#[test]
fn a_length_that_was_not_known_is_up_to_the_end_of_the_file() {
    let mut file = file(1, 1, 8_000, 16, &half(16, 8_000));
    let at = file.len() - 16_000 - 4;
    file[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    file.push(7);
    assert_half(&convert(&file, 600).unwrap(), 8_000, "a pipe");
}

#[test]
fn what_is_made_is_read_again() {
    let sound = LineSound {
        samples: (0..800).map(|at| i16::try_from(at * 40 - 16_000).unwrap()).collect(),
        is_silent: false,
    };
    let file = sound.to_wav();
    assert_eq!((file.len(), hound::WavReader::new(file.as_slice()).unwrap().len()), (44 + 1_600, 800));
    assert!(convert(&file, 600).unwrap() == sound, "nothing is lost");
}

proptest::proptest! {
    /// Whatever the bytes are, they are taken or refused, and nothing grows beyond them.
    #[test]
    fn no_bytes_are_too_much(
        format in 0..8_u16, channels in 0..4_u16, rate in 0..60_000_u32, bits in 0..40_u16, length: u32,
        sound in proptest::collection::vec(proptest::num::u8::ANY, 0..2_000),
    ) {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend_from_slice(&format.to_le_bytes());
        file.extend_from_slice(&channels.to_le_bytes());
        file.extend_from_slice(&rate.to_le_bytes());
        file.extend_from_slice(&rate.wrapping_mul(2).to_le_bytes());
        file.extend_from_slice(&(channels * (bits / 8)).to_le_bytes());
        file.extend_from_slice(&bits.to_le_bytes());
        file.extend_from_slice(b"data");
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&sound);
        if let Ok(sound) = convert(&file, 600) {
            proptest::prop_assert!(sound.samples.len() <= 2_000);
        }
        let _ = convert(&sound, 600);
    }
}

#[test]
fn a_channel_is_taken_alone_or_both_are_mixed() {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for sample in [1_000_i16, 3_000, 1_000, 3_000] {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    for (taken, sample) in
        [(WavChannels::Both, 2_000), (WavChannels::First, 1_000), (WavChannels::Second, 3_000)]
    {
        assert_eq!(convert_channels(file.get_ref(), 60, taken).unwrap().samples, [sample; 2]);
    }
}
