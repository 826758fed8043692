//! Passwords of accounts: hashed with argon2id and never read back by this program.

use std::fmt;

use argon2::{Argon2, password_hash::PasswordHasher};
use domain::{FaultRule, Random};
use serde_json::Value;

use crate::body::{FromValue, Place, Reading};

/// Bounds of a password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A password as it was sent. Neither its `Debug` form nor a refusal of its type repeats it.
pub(crate) struct Password(pub(crate) String);

impl FromValue for Password {
    fn from_value(value: Value, place: &Place<'_>, reading: &mut Reading) -> Option<Self> {
        String::from_value(value, place, reading).map(Self)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Checks a password that is about to be set.
pub(crate) fn check(password: &str) -> Result<(), FaultRule> {
    let length = password.chars().count();
    if length < *LENGTH.start() {
        Err(FaultRule::TooShort(*LENGTH.start()))
    } else if length > *LENGTH.end() {
        Err(FaultRule::TooLong(*LENGTH.end()))
    } else {
        Ok(())
    }
}

/// Hashes a password into the PHC string format. Takes tens of milliseconds on purpose: call it off the async
/// threads.
///
/// # Errors
/// The hasher's own, for a password beyond its (enormous) bounds.
pub fn hash(password: &str, random: &dyn Random) -> Result<String, argon2::password_hash::Error> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string())
}
