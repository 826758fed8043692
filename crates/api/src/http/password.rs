//! Passwords of accounts: hashed with argon2id and never read back by this program.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use domain::{FaultRule, Random};
use serde_json::Value;

use crate::http::body::{FieldPath, FromValue, Reading};

/// Bounds of a password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A password as it was sent. Neither its `Debug` form nor a refusal of its type repeats it.
pub(crate) struct Password(pub(crate) String);

impl FromValue for Password {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        String::from_value(value, place, reading).map(Self)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Checks a password that is about to be set.
///
/// # Errors
/// The rule it breaks: 8 to 128 characters.
pub fn check(password: &str) -> Result<(), FaultRule> {
    let length = password.chars().count();
    if length < *LENGTH.start() {
        Err(FaultRule::TooShort(*LENGTH.start()))
    } else if length > *LENGTH.end() {
        Err(FaultRule::TooLong(*LENGTH.end()))
    } else {
        Ok(())
    }
}

/// The memory that a hash takes, to be used again; empty until the first.
#[derive(Default)]
pub(crate) struct HashMemory(Vec<Block>);

/// Hashes a password into the PHC string format. Takes tens of milliseconds on purpose: call it off the async
/// threads.
///
/// # Errors
/// The hasher's own, for a password beyond its (enormous) bounds.
pub fn hash(password: &str, random: &dyn Random) -> Result<String, argon2::password_hash::Error> {
    hash_in(&mut HashMemory::default(), password, random)
}

/// As [`hash`], in memory that was used before.
pub(crate) fn hash_in(
    memory: &mut HashMemory,
    password: &str,
    random: &dyn Random,
) -> Result<String, argon2::password_hash::Error> {
    let (mut salt, mut output) = ([0; 16], [0; Params::DEFAULT_OUTPUT_LEN]);
    random.fill(&mut salt);
    let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
    memory.0.resize(params.block_count(), Block::default());
    Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(
        password.as_bytes(),
        &salt,
        &mut output,
        &mut memory.0,
    )?;
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: params.try_into()?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    struct Counting;

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        }
    }

    #[test]
    fn memory_that_was_used_before_makes_no_difference() {
        let mut memory = HashMemory::default();
        let first = hash_in(&mut memory, "one password", &Counting).unwrap();
        let second = hash_in(&mut memory, "another password", &Counting).unwrap();
        assert_eq!(second, hash("another password", &Counting).unwrap());
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        let verify =
            |password: &str, hash: &str| Argon2::default().verify_password(password.as_bytes(), hash);
        verify("one password", &first).unwrap();
        verify("another password", &second).unwrap();
        verify("one password", &second).unwrap_err();
    }
}
