//! Frames: four bytes that say how long it is, and a message as JSON.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

/// The most bytes of a message, but for what observers are told.
pub(super) const SHORT: u32 = 64 * 1024;

/// The most bytes of what observers are told: some hundred bytes for each call.
pub(super) const LONG: u32 = 64 * 1024 * 1024;

/// A message with its length before it.
pub(super) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    Ok([&length.to_be_bytes()[..], &body].concat())
}

/// Writes a message.
pub(super) fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(message)?)
}

/// Reads the next message, which may have so many bytes.
pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read, most: u32) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    let mut body = Vec::new();
    let read = from.take(length.into()).read_to_end(&mut body)?;
    if u32::try_from(read).ok() != Some(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_as_they_went_in_and_no_longer_than_allowed() {
        let mut bytes = frame(&"one").unwrap();
        write(&mut bytes, &[1, 2]).unwrap();
        let mut from = &bytes[..];
        assert_eq!(read::<String>(&mut from, SHORT).unwrap(), "one");
        assert_eq!(read::<Vec<u8>>(&mut from, SHORT).unwrap(), [1, 2]);
        assert_eq!(read::<String>(&mut from, SHORT).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read::<String>(&mut &bytes[..], 4).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read::<String>(&mut &bytes[..7], SHORT).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
