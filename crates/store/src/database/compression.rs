//! Texts in fewer bytes.

use std::io::{Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use super::{DatabaseError, convert::damaged};

/// No text is longer than this, in bytes: what says otherwise is damaged.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A text in fewer bytes, unless it is short.
pub(crate) fn compress(text: &str) -> Result<Vec<u8>, DatabaseError> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    encoder.write_all(text.as_bytes()).map_err(damaged)?;
    encoder.finish().map_err(damaged)
}

/// The text again.
pub(crate) fn decompress(compressed: &[u8]) -> Result<String, DatabaseError> {
    let mut text = String::new();
    ZlibDecoder::new(compressed).take(LONGEST).read_to_string(&mut text).map_err(damaged)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let long = r#"{"begin_time": "08:00", "end_time": "20:00"}"#.repeat(200) + "组";
        let compressed = compress(&long).unwrap();
        assert!(compressed.len() * 20 < long.len(), "{} of {}", compressed.len(), long.len());
        assert_eq!(decompress(&compressed).unwrap(), long);
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let compressed = compress(&"x".repeat(1_000)).unwrap();
        for damaged in [&compressed[..4], &[0; 20], &[]] {
            assert!(matches!(decompress(damaged), Err(DatabaseError::Damaged(_))), "{damaged:?}");
        }
    }
}
