//! What the phone does with a call. It goes by the last digits of the number, so that each number of a list always meets the same.

use std::time::Duration;

use rsipstack::sip::StatusCode;

/// How long a phone rings that nobody answers, if nobody gives up before.
const LONGEST_RING: Duration = Duration::from_mins(3);

/// How long someone stays on the line who leaves it to the caller to hang up.
const LONGEST_TALK: Duration = Duration::from_mins(5);

/// What the phone does with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PhoneManner {
    /// Whether it rings. It does after [`Self::BEFORE_RINGING`].
    pub(super) rings: bool,
    /// How long it takes from then on until the rest.
    pub(super) takes: Duration,
    /// What happens then.
    pub(super) then: PhoneAnswer,
}

/// What comes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PhoneAnswer {
    /// Someone answers, and hangs up after so long.
    Talks {
        /// When a key is pressed, and which.
        key: Option<(Duration, char)>,
        /// How long it lasts.
        lasts: Duration,
    },
    /// It is refused with this code, for this reason.
    Refuses(StatusCode, Option<&'static str>),
}

impl PhoneManner {
    /// How long a call takes to reach the phone.
    pub(super) const BEFORE_RINGING: Duration = Duration::from_millis(300);

    /// What happens to calls to a number.
    pub(super) fn of_number(number: &str) -> Self {
        let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
        match digits.as_slice() {
            // Now and then the carrier has no room.
            [.., b'1', b'9'] => Self::refuses(0, StatusCode::ServiceUnavailable, None),
            [.., b'1'] => Self::talks(1, Some((3, '1')), None),
            [.., b'2'] => Self::talks(3, None, Some(4)),
            [.., b'3'] => Self::refuses(0, StatusCode::BusyHere, Some("Q.850;cause=17;text=\"User busy\"")),
            [.., b'4'] => Self {
                rings: true,
                takes: LONGEST_RING,
                then: PhoneAnswer::Refuses(StatusCode::TemporarilyUnavailable, None),
            },
            [.., b'5'] => {
                Self::refuses(0, StatusCode::NotFound, Some("Q.850;cause=1;text=\"Unallocated number\""))
            }
            [.., b'6'] => {
                Self::refuses(2, StatusCode::Decline, Some("Q.850;cause=21;text=\"Call rejected\""))
            }
            [.., b'7'] => Self::talks(4, Some((2, '2')), Some(12)),
            [.., b'8'] => Self::refuses(
                0,
                StatusCode::TemporarilyUnavailable,
                Some("Q.850;cause=20;text=\"Subscriber absent\""),
            ),
            _ => Self::talks(2, None, None),
        }
    }

    /// Someone answers after so many seconds, presses a key, and hangs up or leaves that to the caller.
    fn talks(after: u64, key: Option<(u64, char)>, lasts: Option<u64>) -> Self {
        let key = key.map(|(after, key)| (Duration::from_secs(after), key));
        let lasts = lasts.map_or(LONGEST_TALK, Duration::from_secs);
        Self { rings: true, takes: Duration::from_secs(after), then: PhoneAnswer::Talks { key, lasts } }
    }

    /// A call is refused: at once, or after it has rung for so many seconds.
    fn refuses(after: u64, status: StatusCode, reason: Option<&'static str>) -> Self {
        let takes = Duration::from_secs(after);
        Self { rings: after > 0, takes, then: PhoneAnswer::Refuses(status, reason) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_say_what_comes_of_a_call() {
        let code = |number: &str| match PhoneManner::of_number(number).then {
            PhoneAnswer::Talks { .. } => 200,
            PhoneAnswer::Refuses(status, _) => status.code(),
        };
        let codes: Vec<u16> = (0..10).map(|last| code(&format!("+861390000000{last}"))).collect();
        assert_eq!(codes, [200, 200, 200, 486, 480, 404, 603, 200, 480, 200]);
        assert_eq!((code("+8613900000019"), code("+8613900000029"), code("")), (503, 200, 200));
        assert_eq!(PhoneManner::of_number("13900000003"), PhoneManner::of_number("+8613900000013"));
    }

    #[test]
    fn everything_ends_by_itself() {
        for number in 0..100 {
            let manner = PhoneManner::of_number(&number.to_string());
            let talks = match manner.then {
                PhoneAnswer::Talks { key, lasts } => {
                    assert!(key.is_none_or(|(after, _)| after < lasts));
                    lasts
                }
                PhoneAnswer::Refuses(..) => Duration::ZERO,
            };
            assert!(manner.takes + talks < Duration::from_mins(6), "{number}");
        }
    }
}
