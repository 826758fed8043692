//! In which encoding a file of text is written.

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How much is decoded at once.
const PIECE: usize = 16 * 1_024;

/// The encoding of a text: UTF-8 after its byte order mark, else the first of UTF-8 and GB18030 in which all of it can be read, or at least
/// more characters beyond ASCII than places that hold none: a few broken bytes do not make a file one of another encoding. `None`: it is
/// neither. What is cut off at the end of a text that is not whole is not held against it.
///
/// ```
/// let name = |bytes, is_whole| domain::text_encoding(bytes, is_whole).map(|encoding| encoding.name());
/// assert_eq!(name("手机号\n1,王".as_bytes(), true), Some("UTF-8"));
/// assert_eq!(name(b"\xca\xd6\xbb\xfa\xba\xc5", true), Some("gb18030"));
/// assert_eq!(name(b"\xff\xff", true), None);
/// ```
pub fn text_encoding(bytes: &[u8], is_whole: bool) -> Option<&'static Encoding> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Some(UTF_8);
    }
    // GB18030 is asked second: nearly any two bytes are a character of it.
    [UTF_8, GB18030].into_iter().find(|encoding| {
        let (characters, faults) = read(encoding.new_decoder_without_bom_handling(), bytes, is_whole);
        faults == 0 || characters > faults
    })
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
