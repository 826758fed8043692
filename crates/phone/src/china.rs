//! How long Chinese numbers are: the plan's data takes 7 to 12 digits for possible, and has no digits of ranges that are newly
//! given out.
//!
//! From China's telecommunications numbering plan: a mobile has 11 digits from `13` to `19`; a fixed line has an area code of two digits (`10`, `2x`) or three,
//! without the leading 0, and then seven or eight; longer numbers from `106` are for short messages.

use crate::Refusal;

/// The area codes of two digits are followed by eight, those of three by seven or eight.
const SUBSCRIBER_DIGITS: std::ops::RangeInclusive<usize> = 7..=8;
const MOBILE_DIGITS: usize = 11;

/// Whether the digits after +86 begin as those of a mobile.
pub(crate) fn is_mobile(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..])
}

/// Refuses what has another length than its beginning asks for.
pub(crate) fn check(digits: &str) -> Result<(), Refusal> {
    if is_mobile(digits) {
        return check_length(digits.len(), MOBILE_DIGITS..=MOBILE_DIGITS)
            .and_then(|()| check_satellite(digits));
    }
    if is_service(digits) {
        return Err(Refusal::Service);
    }
    let (area, subscriber) = match digits.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => digits.split_at(2),
        [b'3'..=b'9', ..] if digits.len() > 3 => digits.split_at(3),
        _ => return Err(Refusal::NotPossible),
    };
    // An area code before a short number, as in 021-95588.
    if (3..=6).contains(&subscriber.len()) && subscriber.starts_with(['1', '9']) {
        return Err(Refusal::Service);
    }
    let shortest = if area.len() == 2 { 8 } else { *SUBSCRIBER_DIGITS.start() };
    check_length(subscriber.len(), shortest..=*SUBSCRIBER_DIGITS.end())
}

/// Long service numbers that look like fixed lines: those from 106, and those from 95105 and 95013.
fn is_service(digits: &str) -> bool {
    digits.starts_with("95105")
        || digits.starts_with("95013")
        || (digits.starts_with("106") && digits.len() > 10)
}

fn check_length(length: usize, range: std::ops::RangeInclusive<usize>) -> Result<(), Refusal> {
    if length < *range.start() {
        Err(Refusal::TooShort)
    } else if length > *range.end() {
        Err(Refusal::TooLong)
    } else {
        Ok(())
    }
}

/// 1349 is the satellite network's; the plan's data has it among mobiles.
fn check_satellite(digits: &str) -> Result<(), Refusal> {
    if digits.starts_with("1349") { Err(Refusal::Satellite) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_says_how_long_a_number_is() {
        for (digits, expected) in [
            ("17412345678", Ok(())),
            ("2161234567", Ok(())),
            ("7551234567", Ok(())),
            ("75512345678", Ok(())),
            ("1061234567", Ok(())),
            ("1741234567", Err(Refusal::TooShort)),
            ("174123456789", Err(Refusal::TooLong)),
            ("21612345678", Err(Refusal::TooLong)),
            ("216123456", Err(Refusal::TooShort)),
            ("755123456789", Err(Refusal::TooLong)),
            ("2195588", Err(Refusal::Service)),
            ("1010086", Err(Refusal::Service)),
            ("10658012345", Err(Refusal::Service)),
            ("9510512345", Err(Refusal::Service)),
            ("13492345678", Err(Refusal::Satellite)),
            ("12345678901", Err(Refusal::NotPossible)),
            ("110", Err(Refusal::NotPossible)),
        ] {
            assert_eq!(check(digits), expected, "{digits}");
        }
    }
}
