//! Secrets that are shown once and stored as their SHA-256: tokens, and the keys of calendar subscriptions.

use domain::{Random, SubscriptionKeyHash, TokenHash};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// What every token starts with, so that a leaked one is recognised.
const PREFIX: &str = "dt_";

/// Makes the secret of a new token. Only its [`hash_token`] is ever stored.
pub fn new_token(random: &dyn Random) -> SecretString {
    self::random(PREFIX, random)
}

/// Makes a secret of 32 random bytes.
pub(crate) fn random(prefix: &str, random: &dyn Random) -> SecretString {
    use std::fmt::Write;

    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    let mut secret = prefix.to_owned();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(secret, "{byte:02x}");
    }
    secret.into()
}

/// The hash by which a token is found.
pub fn hash_token(secret: &str) -> TokenHash {
    TokenHash(Sha256::digest(secret.as_bytes()).into())
}

/// The hash by which a calendar subscription is found.
pub(crate) fn hash_subscription_key(key: &str) -> SubscriptionKeyHash {
    SubscriptionKeyHash(Sha256::digest(key.as_bytes()).into())
}

/// The hash by which lookups of a file of numbers are counted.
pub(crate) fn hash_file_key(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
