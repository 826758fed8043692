//! The text of a file.

use std::borrow::Cow;

use crate::{encoding, fault::FileFault};

/// The text of a file, without a byte order mark and blanks around it.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, FileFault> {
    if bytes.len() > crate::LARGEST_FILE {
        return Err(FileFault::TooLarge);
    }
    let bytes = &*unfolded(bytes);
    let encoding = encoding::of(bytes).ok_or(FileFault::NotText)?;
    let (text, _, is_broken) = encoding.decode(bytes);
    if is_broken {
        return Err(FileFault::NotText);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    if text.is_empty() { Err(FileFault::Empty) } else { Ok(text.to_owned()) }
}

/// An iCalendar file's bytes with its folded lines joined. Lines are folded at 75 bytes, also within a character (RFC 5545 3.1): before
/// they are joined such a file is no text.
fn unfolded(bytes: &[u8]) -> Cow<'_, [u8]> {
    const FIRST_LINE: &[u8] = b"BEGIN:VCALENDAR";
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    if !text.get(..FIRST_LINE.len()).is_some_and(|start| start.eq_ignore_ascii_case(FIRST_LINE)) {
        return Cow::Borrowed(bytes);
    }
    let mut joined: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, ends) = rest.split_at(end);
        let (line_end, next) = ends.split_at(if ends.starts_with(b"\r\n") { 2 } else { 1 });
        joined.extend_from_slice(line);
        if let [b' ' | b'\t', more @ ..] = next {
            rest = more;
        } else {
            joined.extend_from_slice(line_end);
            rest = next;
        }
    }
    joined.extend_from_slice(rest);
    Cow::Owned(joined)
}
