//! In which encoding a file of text is written.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Decoder, DecoderResult, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};

use crate::western_text::is_western;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A byte that stands nowhere in UTF-8.
const NO_CHARACTER: u8 = 0xff;

/// How much is decoded at once.
const PIECE: usize = 16 * 1_024;

/// The encoding of a text: UTF-8 after its byte order mark, else the first of UTF-8, Windows-1252 where all words beyond ASCII are Western ones, Big5 or `Shift_JIS` where a detector is sure of it, and GB18030
/// in which all of it can be read, or at least more characters beyond ASCII than places that hold none: a few broken bytes do not make a
/// file one of another encoding. Where it is none of these it is UTF-8 with broken lines, if most lines are whole. `None`: they are not. What is cut off
/// at the end of a text that is not whole is not held against it.
///
/// ```
/// let name = |bytes, is_whole| domain::text_encoding(bytes, is_whole).map(|encoding| encoding.name());
/// assert_eq!(name("手机号\n1,王".as_bytes(), true), Some("UTF-8"));
/// assert_eq!(name(b"\xca\xd6\xbb\xfa\xba\xc5", true), Some("gb18030"));
/// assert_eq!(name(b"phone\n1\n2\xff\n", true), Some("UTF-8"));
/// assert_eq!(name(b"M\xfcller\n", true), Some("windows-1252"));
/// assert_eq!(name(b"\xff\xff", true), None);
/// ```
pub fn text_encoding(bytes: &[u8], is_whole: bool) -> Option<&'static Encoding> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Some(UTF_8);
    }
    let read =
        |encoding: &'static Encoding| read(encoding.new_decoder_without_bom_handling(), bytes, is_whole);
    let is_text = |encoding: &&'static Encoding| {
        let (characters, faults) = read(encoding);
        faults == 0 || characters > faults
    };
    // GB18030 is asked last: nearly any two bytes are a character of it.
    let other = || {
        let usual = Some(GB18030).filter(is_text);
        let detected = detected(bytes, is_whole).filter(is_text);
        detected.filter(|other| usual.is_none_or(|usual| read(other).1 <= read(usual).1)).or(usual)
    };
    // What is ASCII but for a few bytes holds no characters to count.
    let nearly_ascii = || Some(UTF_8).filter(|_| most_lines_are_whole(bytes));
    let western = || Some(WINDOWS_1252).filter(|_| is_western(bytes));
    Some(UTF_8).filter(is_text).or_else(western).or_else(other).or_else(nearly_ascii)
}

/// Whether most lines that say something are UTF-8: where a few are not, these are broken, and the file is of no other kind.
fn most_lines_are_whole(bytes: &[u8]) -> bool {
    let lines =
        bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.trim_ascii().is_empty());
    let (broken, all) = lines.fold((0_usize, 0_usize), |(broken, all), line| {
        (broken + usize::from(str::from_utf8(line).is_err()), all + 1)
    });
    broken * 2 < all
}

/// Makes UTF-8 of UTF-16 that begins with its byte order mark, as Excel's "Unicode text" does, piece by piece. What is no character becomes a byte
/// that is none in UTF-8 either, so that it costs its row alone.
///
/// ```
/// let mut text = domain::Utf16Text::of(b"\xff\xfea\0").unwrap();
/// assert_eq!(text.utf_8(b"\xff\xfea\0", true), "\u{FEFF}a".as_bytes());
/// ```
pub struct Utf16Text {
    decoder: Decoder,
    is_begun: bool,
}

impl Utf16Text {
    /// Of a text that begins so; `None`: it is not UTF-16, or does not say so.
    pub fn of(beginning: &[u8]) -> Option<Self> {
        let (encoding, _) = Encoding::for_bom(beginning).filter(|(encoding, _)| *encoding != UTF_8)?;
        Some(Self { decoder: encoding.new_decoder_with_bom_removal(), is_begun: false })
    }

    /// The next piece, after its byte order mark if it is the first.
    pub fn utf_8(&mut self, mut piece: &[u8], is_last: bool) -> Vec<u8> {
        let mut text = if self.is_begun { Vec::new() } else { BYTE_ORDER_MARK.to_vec() };
        self.is_begun = true;
        let mut decoded = String::with_capacity(PIECE);
        loop {
            let (result, taken) =
                self.decoder.decode_to_string_without_replacement(piece, &mut decoded, is_last);
            text.extend_from_slice(decoded.as_bytes());
            decoded.clear();
            piece = &piece[taken..];
            match result {
                DecoderResult::InputEmpty => return text,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => text.push(NO_CHARACTER),
            }
        }
    }
}

/// Big5 or `Shift_JIS`, which the detector does not say of texts in others; of the rest it is not sure where words are few.
fn detected(bytes: &[u8], is_whole: bool) -> Option<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, is_whole);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    Some(guessed).filter(|guessed| *guessed == BIG5 || *guessed == SHIFT_JIS)
}

/// How many characters beyond ASCII a text holds, and how many places that are none.
fn read(mut decoder: Decoder, mut bytes: &[u8], is_whole: bool) -> (usize, usize) {
    let (mut characters, mut faults) = (0, 0);
    let mut text = String::with_capacity(PIECE);
    loop {
        let (result, taken) = decoder.decode_to_string_without_replacement(bytes, &mut text, is_whole);
        characters += text.chars().filter(|character| !character.is_ascii()).count();
        text.clear();
        bytes = &bytes[taken..];
        match result {
            DecoderResult::InputEmpty => return (characters, faults),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => faults += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> Option<&'static str> {
        text_encoding(bytes, true).map(Encoding::name)
    }

    #[test]
    fn a_few_broken_bytes_do_not_make_it_another_encoding() {
        let names = "手机号,姓名\n13800138000,王芳\n13800138001,李娜\n";
        let gb18030 = GB18030.encode(names).0.into_owned();
        for broken in [&b"13800138002,\xe5\x90\n"[..], b"13800138002,\xff\n", b"13800138002,\xe9a\n"] {
            assert_eq!(name(&[names.as_bytes(), broken].concat()), Some("UTF-8"), "{broken:?}");
        }
        assert_eq!(name(&[&gb18030[..], b"13800138002,\xff\n"].concat()), Some("gb18030"));
        // Each name is cut off in the middle of a character, as programs do that count bytes.
        let cut: Vec<u8> =
            (0..20).flat_map(|_| b"13800138000,\xe5\xbc\xa0\xe4\xb8\x89\xe6\x9d\n".to_vec()).collect();
        assert_eq!(name(&cut), Some("UTF-8"));
        assert_eq!(name(b"\xef\xbb\xbfphone,name\n1,\xcd\xf5\xb7\xbc"), Some("UTF-8"), "it says so");
        assert_eq!(name(b"phone,name\n1,\xcd\xf5"), Some("gb18030"));
        assert_eq!(name(b"phone\n\xff\xff\n"), None);
        // Of ASCII there are no characters to count.
        for broken in [&b"13800138002,b\xff\n"[..], b"13800138002,\xe9\n"] {
            let file = [&b"phone,name\n13800138000,a\r13800138001,a\r\n"[..], broken].concat();
            assert_eq!(name(&file), Some("UTF-8"), "{broken:?}");
            assert_eq!(name(&[&b"phone,name\n"[..], broken, broken].concat()), None, "{broken:?}");
        }
    }

    #[test]
    fn utf_16_is_read_in_pieces_and_a_broken_character_is_none() {
        let whole = |bytes: &[u8]| Utf16Text::of(bytes).map(|mut text| text.utf_8(bytes, true));
        assert_eq!(whole(b"\xfe\xff\x73\x8b\0a").unwrap(), "\u{FEFF}王a".as_bytes());
        // The second is half a character, as is the end.
        assert_eq!(whole(b"\xff\xfea\0\0\xd8b\0c").unwrap(), b"\xef\xbb\xbfa\xffb\xff");
        assert!([&b""[..], b"a\0", "\u{FEFF}a".as_bytes()].iter().all(|text| whole(text).is_none()));
        let names = "王芳😀\n".repeat(PIECE);
        let bytes: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(names.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let mut text = Utf16Text::of(&bytes).unwrap();
        let mut read: Vec<u8> = bytes.chunks(1_001).flat_map(|piece| text.utf_8(piece, false)).collect();
        read.extend(text.utf_8(b"", true));
        assert!(read == format!("\u{FEFF}{names}").as_bytes());
    }

    /// Names of people, each alone and many together.
    #[test]
    fn big5_is_no_gb18030_and_gb18030_no_big5() {
        let families = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕";
        let given = [
            "伟", "芳", "秀英", "敏", "静", "丽华", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明",
            "超", "霞", "桂英", "建国", "梦琪",
        ];
        let all: Vec<String> =
            families.chars().flat_map(|family| given.map(|name| format!("{family}{name}"))).collect();
        let row = |name: &str| format!("13800138000,{name}\n");
        for name in &all {
            let text = format!("手机号,姓名\n{}", row(name));
            assert_eq!(text_encoding(&GB18030.encode(&text).0, true), Some(GB18030), "{name}");
        }
        let china: String = all.iter().map(|name| row(name)).collect();
        assert_eq!(text_encoding(&GB18030.encode(&china).0, true), Some(GB18030));
        let taiwan =
            "電話號碼,姓名\n0912345678,陳怡君\n0923456789,林志豪\n0934567890,張雅婷\n0945678901,黃淑芬\n";
        let big5 = BIG5.encode(taiwan).0.into_owned();
        assert_eq!(text_encoding(&big5, true), Some(BIG5));
        // The sample of a long file may end within a character.
        assert_eq!(text_encoding(&big5[..big5.len() - 2], false), Some(BIG5));
        let japan = "電話番号,氏名\n09012345678,佐藤さくら\n08012345678,鈴木ひろし\n";
        assert_eq!(text_encoding(&SHIFT_JIS.encode(japan).0, true), Some(SHIFT_JIS));
    }

    #[test]
    fn what_is_cut_off_is_no_fault() {
        let text = "王".as_bytes();
        assert_eq!(read(UTF_8.new_decoder_without_bom_handling(), &text[..2], false), (0, 0));
        assert_eq!(read(UTF_8.new_decoder_without_bom_handling(), &text[..2], true), (0, 1));
        let long = "王".repeat(PIECE);
        assert_eq!(read(UTF_8.new_decoder_without_bom_handling(), long.as_bytes(), true), (PIECE, 0));
    }
}
