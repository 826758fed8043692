//! The encodings that files of text are read in, by the names that people give them.

use encoding_rs::{BIG5, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};
use serde::{Deserialize, Serialize};

/// An encoding that files of text are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextEncoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, which says so by its byte order mark; nobody can ask for it.
    #[serde(rename = "utf-16")]
    Utf16,
    /// GB18030, in which all of GBK and GB2312 is.
    Gb18030,
    /// Big5.
    Big5,
    /// `Shift_JIS`.
    #[serde(rename = "shift_jis")]
    ShiftJis,
    /// Windows-1252, in which all of Latin-1 is.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl TextEncoding {
    /// The names of those that can be asked for.
    pub const ASKED: &'static [&'static str] = &["utf-8", "gb18030", "big5", "shift_jis", "windows-1252"];
    /// The names of all of them.
    pub const CODES: &'static [&'static str] =
        &["utf-8", "utf-16", "gb18030", "big5", "shift_jis", "windows-1252"];

    const ALL: [Self; 6] =
        [Self::Utf8, Self::Utf16, Self::Gb18030, Self::Big5, Self::ShiftJis, Self::Windows1252];

    /// Its name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Gb18030 => "gb18030",
            Self::Big5 => "big5",
            Self::ShiftJis => "shift_jis",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The one of a name that can be asked for.
    pub fn asked(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.code() == name && *encoding != Self::Utf16)
    }

    /// What it is read by; UTF-16 is made UTF-8 first.
    pub const fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 | Self::Utf16 => UTF_8,
            Self::Gb18030 => GB18030,
            Self::Big5 => BIG5,
            Self::ShiftJis => SHIFT_JIS,
            Self::Windows1252 => WINDOWS_1252,
        }
    }

    /// The one that a text is read by.
    pub fn of(encoding: &'static Encoding) -> Option<Self> {
        Self::ALL.into_iter().find(|one| *one != Self::Utf16 && one.encoding() == encoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        let codes = TextEncoding::ALL.map(TextEncoding::code);
        assert_eq!(codes, TextEncoding::CODES);
        let asked: Vec<&str> = codes.into_iter().filter(|code| TextEncoding::asked(code).is_some()).collect();
        assert_eq!(asked, TextEncoding::ASKED);
        for encoding in TextEncoding::ALL {
            assert_eq!(serde_json::to_value(encoding).unwrap(), encoding.code());
        }
        assert_eq!(TextEncoding::of(UTF_8), Some(TextEncoding::Utf8));
    }
}
