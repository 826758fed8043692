//! What proves to a bot who calls it: HMACs by a secret that both know. Pure.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::StreamStart;

/// The header with our own signature, which covers what the stream says of itself when it starts.
pub const SIGNATURE_HEADER: &str = "X-Dialtime-Signature";

/// The header with a signature as Twilio makes it, which covers the address alone.
pub const TWILIO_SIGNATURE_HEADER: &str = "X-Twilio-Signature";

/// Our own signature: `t=` the instant in seconds since 1970, and `v1=` the HMAC-SHA256, in hexadecimal digits, of six lines with `\n` in
/// between: the instant, the address, the sids of account, call and stream, and the custom parameters as JSON whose names are sorted and that
/// has no space (`json.dumps(parameters, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` in Python).
///
/// ```
/// use media::bot::{StreamStart, sign};
/// let start = StreamStart {
///     account_sid: "AC1".into(), call_sid: "CA1".into(), stream_sid: "MZ1".into(), custom_parameters: [("a".into(), "é".into())].into(),
/// };
/// assert_eq!(sign("secret", 1_700_000_000, "wss://bot.example.com/", &start),
///     "t=1700000000,v1=0a4e418c4078e74aa7eba64f10e604f7fb95e5a3fb1816b6b35966789c171076");
/// ```
pub fn sign(secret: &str, at: i64, url: &str, start: &StreamStart) -> String {
    let parameters = serde_json::to_string(&start.custom_parameters).unwrap_or_default();
    let StreamStart { account_sid, call_sid, stream_sid, .. } = start;
    let signed = format!("{at}\n{url}\n{account_sid}\n{call_sid}\n{stream_sid}\n{parameters}");
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(signed.as_bytes());
    let mut header = format!("t={at},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a text does not fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}

/// A signature as Twilio makes it of a request without a body: the HMAC-SHA1 of the address, in base64.
pub fn sign_as_twilio(secret: &str, url: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(url.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twilio_signs_the_address_alone() {
        // As Python's hmac and base64 say.
        assert_eq!(sign_as_twilio("secret", "wss://bot.example.com/"), "u5w/dXcD9y12nXYBCREpYoZEHng=");
    }
}
