//! The text of a file.

use domain::text_encoding;

use crate::fault::FileFault;

/// The text of a file, without a byte order mark and blanks around it.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, FileFault> {
    if bytes.len() > crate::LARGEST_FILE {
        return Err(FileFault::TooLarge);
    }
    let encoding = text_encoding(bytes, true).ok_or(FileFault::NotText)?;
    let (text, _, is_broken) = encoding.decode(bytes);
    if is_broken {
        return Err(FileFault::NotText);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    if text.is_empty() { Err(FileFault::Empty) } else { Ok(text.to_owned()) }
}
