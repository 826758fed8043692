//! Between the domain's types and a column's.

use domain::Name;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{DatabaseError, error::Result};

pub(crate) fn micros(timestamp: Timestamp) -> i64 {
    timestamp.as_microsecond()
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp> {
    instant(micros).map_err(damaged)
}

/// The instant of so many microseconds; of [`Timestamp::MAX`], too, which jiff's own function does not take back.
fn instant(micros: i64) -> std::result::Result<Timestamp, jiff::Error> {
    const SECOND: i64 = 1_000_000;
    let nanoseconds = i32::try_from(micros.rem_euclid(SECOND) * 1_000).unwrap_or(0);
    Timestamp::new(micros.div_euclid(SECOND), nanoseconds)
}

/// An instant at rest; one that is out of reach is the first or the last there is.
pub(crate) fn nearest_timestamp(micros: i64) -> Timestamp {
    let bound = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    instant(micros).unwrap_or(bound)
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(damaged)
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(damaged)
}

/// The wire's word for a variant of an enum without fields.
pub(crate) fn word<T: Serialize>(value: T) -> Result<String> {
    match serde_json::to_value(value).map_err(damaged)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(damaged(other)),
    }
}

pub(crate) fn from_word<T: DeserializeOwned>(word: &str) -> Result<T> {
    serde_json::from_value(word.into()).map_err(damaged)
}

/// UUIDs as the dialect's functions take them: a JSON array of 32 hexadecimal digits each.
pub(crate) fn uuids(ids: impl IntoIterator<Item = Uuid>) -> Result<String> {
    let ids: Vec<String> = ids.into_iter().map(hex).collect();
    json(&ids)
}

/// A UUID as 32 hexadecimal digits.
pub(crate) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// Bytes as two hexadecimal digits each.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(digit.into(), 16));
        }
        hex
    })
}

/// A name that was valid when it was stored.
pub(crate) fn stored_name(name: &str) -> Result<Name> {
    Name::stored(name).map_err(|rule| damaged(format!("name: {rule:?}")))
}

pub(crate) fn damaged(error: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_two_digits_each() {
        assert_eq!(hex_of(&[0, 9, 0xa0, 0xff]), "0009a0ff");
    }

    #[test]
    fn every_instant_that_is_stored_is_read_again_to_the_microsecond() {
        for instant in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert_eq!(micros(timestamp(micros(instant)).unwrap()), micros(instant));
        }
        assert!(timestamp(micros(Timestamp::MAX) + 1).is_err() && timestamp(i64::MIN).is_err());
        assert_eq!(micros(nearest_timestamp(i64::MAX)), micros(Timestamp::MAX));
    }
}
