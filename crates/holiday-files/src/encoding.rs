//! In which encoding a file of holidays is written.
//!
//! UTF-8 and GB18030 are what most are in, and nearly any two bytes are a character of GB18030: a file in Big5 would be one of other
//! names and marks. So a detector is asked as well. Of few words it is not sure: there what names of holidays are made of counts first.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use domain::text_encoding;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// Characters that names and marks of holidays are made of, in Chinese, Japanese and Korean. In a text that is read in another encoding
/// than its own they are rare.
const OF_HOLIDAYS: &str =
    "年月日节節祝休班假放補补调調工作上元旦春清明劳勞动動端午中秋国國庆慶除夕阳陽生纪紀念날일절정";

/// The encoding of a text. `None`: it is no text, or nobody can say in which.
pub(crate) fn of(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        return Some(marked);
    }
    // What is broken is refused later, and no text of another encoding.
    if text(UTF_8, bytes).is_some() || is_broken_utf_8(bytes) {
        return Some(UTF_8);
    }
    // Every file of holidays has dates.
    let usual = text_encoding(bytes, true).filter(|usual| *usual != UTF_8);
    if !bytes.iter().any(u8::is_ascii_digit) {
        return usual;
    }
    // Of the encodings of the West the detector knows more.
    if usual.is_some_and(|usual| usual != GB18030 && usual != WINDOWS_1252) {
        return usual;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    if guessed == GBK || guessed == GB18030 {
        return Some(GB18030);
    }
    let plain = || usual.filter(|_| guessed.is_single_byte() && is_plain_chinese(bytes));
    by_words(bytes, guessed).or_else(plain).or(Some(guessed))
}

/// The encoding in which a text has the most of what names of holidays are made of; of equals the one that was guessed.
fn by_words(bytes: &[u8], guessed: &'static Encoding) -> Option<&'static Encoding> {
    let count = |encoding| {
        let text = text(encoding, bytes)?;
        Some(text.chars().filter(|character| OF_HOLIDAYS.contains(*character)).count())
    };
    let counted = [EUC_KR, EUC_JP, SHIFT_JIS, BIG5, GB18030].map(|encoding| (count(encoding), encoding));
    let (most, encoding) =
        counted.into_iter().max_by_key(|(count, encoding)| (*count, *encoding == guessed))?;
    most.is_some_and(|count| count > 0).then_some(encoding)
}

/// A text in an encoding, if all of it is one.
fn text<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Option<std::borrow::Cow<'b, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

/// Whether a text is UTF-8 but for a few places. What is in another encoding may have some characters of two bytes by chance, but not of three.
fn is_broken_utf_8(bytes: &[u8]) -> bool {
    let (mut long, mut broken) = (0, 0);
    for character in String::from_utf8_lossy(bytes).chars() {
        match character {
            char::REPLACEMENT_CHARACTER => broken += 1,
            '\u{800}'.. => long += 1,
            _ => {}
        }
    }
    long > broken
}

/// Whether all that is not ASCII is two bytes of GB2312, as nearly all of GB18030 is. In texts of one byte to a letter, letters stand alone as well.
fn is_plain_chinese(bytes: &[u8]) -> bool {
    let mut runs = bytes.split(u8::is_ascii);
    runs.all(|run| run.len().is_multiple_of(2) && run.iter().all(|byte| *byte > 0xa0))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CHINA: &[&str] = &[
        "元旦",
        "春节",
        "清明节",
        "劳动节",
        "端午节",
        "中秋节",
        "国庆节",
        "司庆",
        "除夕",
        "元旦（休）",
        "春节（班）",
        "国庆节 补班",
        "五一放假",
        "公司年会",
        "停止上班",
        "儿童节",
        "妇女节",
        "建军节",
        "停电",
        "团建",
        "王芳生日",
    ];
    const TAIWAN: &[&str] = &[
        "元旦",
        "農曆除夕",
        "春節",
        "和平紀念日",
        "兒童節",
        "清明節",
        "端午節",
        "中秋節",
        "國慶日",
        "補假",
        "補行上班",
        "勞動節",
        "開國紀念日",
        "小年夜",
        "調整放假",
        "光復節",
        "行憲紀念日",
    ];
    const JAPAN: &[&str] = &[
        "元日",
        "成人の日",
        "建国記念の日",
        "天皇誕生日",
        "春分の日",
        "昭和の日",
        "憲法記念日",
        "みどりの日",
        "こどもの日",
        "海の日",
        "山の日",
        "敬老の日",
        "秋分の日",
        "スポーツの日",
        "文化の日",
        "勤労感謝の日",
        "休日",
        "国民の祝日・休日",
    ];
    const KOREA: &[&str] = &["신정", "설날", "삼일절", "어린이날", "광복절", "개천절", "한글날"];
    const WEST: &[&str] = &["Jour férié", "Noël", "Assomption", "Mariä Himmelfahrt", "Año Nuevo"];

    /// Each name alone, and all of them, in a table and in an event.
    #[rstest]
    #[case(GB18030, CHINA)]
    #[case(BIG5, TAIWAN)]
    #[case(SHIFT_JIS, JAPAN)]
    #[case(EUC_JP, JAPAN)]
    #[case(EUC_KR, KOREA)]
    #[case(WINDOWS_1252, WEST)]
    fn names_of_holidays_are_read_in_their_own_encoding(
        #[case] encoding: &'static Encoding,
        #[case] names: &[&str],
    ) {
        let all = names.join(",");
        for name in names.iter().copied().chain([all.as_str()]) {
            for written in [
                format!("date,name,kind\n2027-01-01,\"{name}\",holiday\n"),
                format!(
                    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270101\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n"
                ),
            ] {
                let (bytes, _, is_lossy) = encoding.encode(&written);
                assert!(!is_lossy, "{name}");
                let read = text(of(&bytes).unwrap(), &bytes);
                assert_eq!(read.as_deref(), Some(written.as_str()), "{name}: {:?}", of(&bytes));
            }
        }
    }

    #[test]
    fn marks_say_it_themselves() {
        let utf_16 =
            [&b"\xff\xfe"[..], &"date,名称".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]
                .concat();
        assert_eq!(of(&utf_16).map(Encoding::name), Some("UTF-16LE"));
        assert_eq!(of("date,名称".as_bytes()), Some(UTF_8));
    }
}
