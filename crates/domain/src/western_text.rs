//! Whether a file is written in Windows-1252, in which programs of Western Europe and America write names: each letter is a byte.
//!
//! Nearly any two bytes are a character of GB18030, the `ül` of `Müller` too. What tells them apart is how bytes beyond ASCII stand: each by itself among
//! letters of ASCII in Western words, while each of the 6,763 characters that Chinese is nearly always written with is two of them side by side, and of the others no
//! text has more letters of ASCII in it than such bytes.

/// Whether words with letters beyond ASCII are all Western ones, and there is one. In doubt it is not: Chinese is never to be misread.
pub(crate) fn is_western(bytes: &[u8]) -> bool {
    let words = bytes.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic());
    let mut found = false;
    for word in words.filter(|word| !word.is_ascii()) {
        match WordKind::of(word) {
            WordKind::Western => found = true,
            WordKind::Unclear => {}
            WordKind::Other => return false,
        }
    }
    found
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WordKind {
    Western,
    /// It may be anything.
    Unclear,
    Other,
}

impl WordKind {
    /// Of letters of ASCII and bytes beyond it.
    fn of(word: &[u8]) -> Self {
        let mut place = 0;
        // Letters beyond ASCII, bytes that would be a character of GB18030 with the letter behind, and letters of ASCII.
        let (mut beyond, mut pairs, mut letters) = (0, 0, 0);
        while let Some(byte) = word.get(place) {
            if byte.is_ascii() {
                letters += 1;
                place += 1;
                continue;
            }
            let run = word[place..].iter().take_while(|byte| !byte.is_ascii()).count();
            let (before, after) = (place.checked_sub(1).map(|place| word[place]), word.get(place + run));
            match &word[place..place + run] {
                [mark] if is_mark(*mark) => pairs += usize::from(after.is_some()),
                [letter] if is_letter_between(*letter, before, after.copied()) => {
                    beyond += 1;
                    pairs += usize::from(after.is_some());
                }
                // As in `Größe`: no evidence.
                [0xe4 | 0xf6 | 0xfc, 0xdf] if before.is_some() => {}
                _ => return Self::Other,
            }
            place += run;
        }
        match () {
            () if letters < 2 * pairs && beyond > 1 => Self::Other,
            () if beyond > 0 && letters >= 2 && letters >= 2 * pairs => Self::Western,
            () => Self::Unclear,
        }
    }
}

/// Whether a byte is a mark that stands in Western texts, such as the apostrophe of word processors, or no character at all.
const fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        0x80 | 0x91..=0x97 | 0xa0 | 0xa9 | 0xaa | 0xab | 0xae | 0xb0 | 0xb4 | 0xb7 | 0xba | 0xbb | 0xff
    )
}

/// Whether a byte is a letter, and a capital or not as those around it demand.
fn is_letter_between(byte: u8, before: Option<u8>, after: Option<u8>) -> bool {
    let is_small = matches!(byte, 0xdf..=0xf6 | 0xf8..=0xfe | 0x9a | 0x9c | 0x9e);
    let is_capital = matches!(byte, 0xc0..=0xd6 | 0xd8..=0xde | 0x8a | 0x8c | 0x8e | 0x9f);
    let all = |neighbours: [Option<u8>; 2], is_so: fn(&u8) -> bool| neighbours.iter().flatten().all(is_so);
    match before {
        _ if is_small => all([after, None], u8::is_ascii_lowercase),
        None => is_capital,
        Some(_) => is_capital && all([before, after], u8::is_ascii_uppercase),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GB18030, SHIFT_JIS, WINDOWS_1252};

    use super::*;

    const WESTERN: &[&str] = &[
        "Müller",
        "Jäger",
        "Groß",
        "José",
        "Zoë",
        "Özil",
        "Åsa Lindström",
        "François Hélène",
        "Désirée",
        "Muñoz",
        "MÜLLER",
        "Émile",
        "Søren",
        "Göran Ångström",
        "Béré",
        "Großmann",
        "André d’Aubigné",
        "Šimek",
    ];

    #[test]
    fn western_names_are_known_each_alone() {
        for name in WESTERN {
            let bytes = WINDOWS_1252.encode(name).0.into_owned();
            for text in [bytes.clone(), [b"phone,name\n13800138000,", &bytes[..], b"\r\n"].concat()] {
                assert!(is_western(&text), "{name}");
            }
        }
        let all = WESTERN.join("\n") + "\nÖz, à, Größe, O’Brien – 5 €\nPlain Name\n";
        assert!(is_western(&WINDOWS_1252.encode(&all).0));
        for unclear in [&b"plain"[..], b"a\xff", b",\xe9,", b"b\xe9", b"Gr\xf6\xdfe", b"\xd6z"] {
            assert!(!is_western(unclear), "{unclear:?}");
        }
    }

    /// Every character of GB2312, alone, doubled, and among and beside letters; and rarer ones.
    #[test]
    fn chinese_is_never_western() {
        for (lead, trail) in
            (0xa1..=0xf7_u8).flat_map(|lead| (0xa1..=0xfe_u8).map(move |trail| (lead, trail)))
        {
            for text in [
                &[lead, trail][..],
                &[lead, trail, lead, trail],
                &[b'A', lead, trail],
                &[lead, trail, b'b', b'c'],
            ] {
                assert!(!is_western(text), "{text:x?}");
            }
        }
        let families = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗欧阳闫邹郝佟龚邢缪陳張劉黃馬龍鄭";
        let given = "伟芳秀敏静丽强磊洋艳勇杰娟涛明超霞玥珺翀祎昇喆堃彧旻鑫淼婷琪妍靜鳳鋒銀";
        let mut all = String::from("姓名，Name（备注）\n");
        for family in families.chars() {
            for name in given.chars() {
                for text in [format!("{family}{name}"), format!("{name}"), format!("Tom {family}{name} VIP")]
                {
                    for encoding in [GB18030, BIG5, SHIFT_JIS] {
                        let (bytes, _, is_lost) = encoding.encode(&text);
                        assert!(is_lost || !is_western(&bytes), "{text} {}", encoding.name());
                    }
                    all.push_str(&text);
                    all.push('\n');
                }
            }
        }
        assert!(!is_western(&GB18030.encode(&all).0));
        // Among ever so many Western words one Chinese name decides: in doubt it is Chinese.
        let mixed =
            [WINDOWS_1252.encode("Müller\n").0.repeat(1_000), GB18030.encode("王芳\n").0.into_owned()]
                .concat();
        assert!(!is_western(&mixed));
    }
}
