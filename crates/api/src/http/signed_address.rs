//! Addresses that are good for whoever has them, for a while: what they name and until when is signed with a key of the installation. They hold no
//! token, and nothing that could be changed into the address of something else.

use domain::{AccountId, AttemptId, RECORDING_ADDRESS_LIFETIME};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use store::recordings::{AddressKey, address_key};

use super::problem::Problem;
use crate::Api;

/// How many hexadecimal digits a signature has.
pub(crate) const SIGNATURE_DIGITS: usize = 64;

/// The path and query of a recording's file, and until when they are good.
pub(crate) async fn of_recording(
    api: &Api,
    account: AccountId,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<(String, Timestamp), Problem> {
    let until = now.saturating_add(RECORDING_ADDRESS_LIFETIME).unwrap_or(now);
    let expires = until.as_second();
    let signature = signature(key(api).await?, account, attempt, expires).finalize().into_bytes();
    let signature: String = digits(&signature);
    let path = format!("/recordings/{account}/{attempt}.wav?expires={expires}&signature={signature}");
    Ok((path, Timestamp::from_second(expires).unwrap_or(until)))
}

/// Whether an address was made here and is still good.
pub(crate) async fn is_good(
    api: &Api,
    (account, attempt): (AccountId, AttemptId),
    expires: i64,
    sent: &str,
    now: Timestamp,
) -> Result<bool, Problem> {
    let Some(bytes) = read(sent) else { return Ok(false) };
    let signed = signature(key(api).await?, account, attempt, expires);
    Ok(signed.verify_slice(&bytes).is_ok() && now.as_second() < expires)
}

async fn key(api: &Api) -> Result<&AddressKey, Problem> {
    Ok(api.address_key.get_or_try_init(|| address_key(&api.store, &*api.random)).await?)
}

#[expect(clippy::expect_used, reason = "it cannot fail")]
fn signature(key: &AddressKey, account: AccountId, attempt: AttemptId, expires: i64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    mac.update(account.uuid().as_bytes());
    mac.update(attempt.uuid().as_bytes());
    mac.update(&expires.to_be_bytes());
    mac
}

fn digits(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// A signature as bytes; `None` where it cannot be one.
fn read(signature: &str) -> Option<Vec<u8>> {
    if signature.len() != SIGNATURE_DIGITS || !signature.is_ascii() {
        return None;
    }
    let byte = |place| u8::from_str_radix(signature.get(place..place + 2)?, 16).ok();
    (0..SIGNATURE_DIGITS).step_by(2).map(byte).collect()
}
