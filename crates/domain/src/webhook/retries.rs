//! What follows an attempt to deliver an event to a webhook: when it is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

/// How long a failing delivery is tried again before its webhook is disabled.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// How much of an answer is stored, in characters.
const STORED_ANSWER: usize = 1_000;

/// How long to wait after the first failure, how many times longer after each that follows, and at most.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(5);
const RETRY_FACTOR: i32 = 4;
const LONGEST_RETRY: SignedDuration = SignedDuration::from_hours(6);

/// How an attempt to deliver ended.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAttempt {
    /// It was delivered.
    Delivered,
    /// It is tried again at the instant.
    Retry(Timestamp),
    /// It has failed for [`TRIED_FOR`]: its webhook is disabled, and it is tried again at the instant if someone enables
    /// the webhook before.
    DisableWebhook(Timestamp),
    /// A test that has failed for [`TRIED_FOR`] is not tried any more.
    GiveUpTest,
}

impl DeliveryAttempt {
    /// Whether it was answered with 2xx.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// As much of the answer as is stored. NUL is left out, which not every database takes in a text.
    pub fn stored_answer(&self) -> String {
        self.answer.chars().filter(|character| *character != '\0').take(STORED_ANSWER).collect()
    }

    /// What becomes of a delivery, or of a test, that has been tried since an instant. `wait` is how long it waits before
    /// it is tried again; see [`retry_delay`].
    pub fn then(
        &self,
        is_test: bool,
        since: Timestamp,
        wait: SignedDuration,
        now: Timestamp,
    ) -> AfterAttempt {
        let retry_at = now.saturating_add(wait).unwrap_or(now);
        match (self.succeeded(), now.duration_since(since) >= TRIED_FOR) {
            (true, _) => AfterAttempt::Delivered,
            (false, false) => AfterAttempt::Retry(retry_at),
            (false, true) if is_test => AfterAttempt::GiveUpTest,
            (false, true) => AfterAttempt::DisableWebhook(retry_at),
        }
    }
}

impl AfterAttempt {
    /// When the delivery is tried again.
    pub const fn next_attempt_at(self) -> Option<Timestamp> {
        match self {
            Self::Retry(instant) | Self::DisableWebhook(instant) => Some(instant),
            Self::Delivered | Self::GiveUpTest => None,
        }
    }
}

/// How long to wait before the next attempt, after so many that failed before the last one: longer after each, and never
/// quite the same, for receivers that come back must not be stormed. `chance` is any byte.
pub fn retry_delay(attempts: i64, chance: u8) -> SignedDuration {
    let exponent = u32::try_from(attempts).unwrap_or(u32::MAX).min(10);
    let delay = FIRST_RETRY.checked_mul(RETRY_FACTOR.saturating_pow(exponent)).unwrap_or(LONGEST_RETRY);
    // Between 80 and 120 per cent.
    delay.min(LONGEST_RETRY).mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINCE: Timestamp = Timestamp::UNIX_EPOCH;

    fn attempt(status: Option<u16>) -> DeliveryAttempt {
        DeliveryAttempt { status, answer: String::new() }
    }

    #[test]
    fn a_delivery_is_tried_again_until_it_has_failed_for_two_days() {
        let wait = SignedDuration::from_secs(5);
        let then = |status, is_test, now| attempt(status).then(is_test, SINCE, wait, now);
        let (early, late) = (SINCE + TRIED_FOR - SignedDuration::from_micros(1), SINCE + TRIED_FOR);
        for status in [None, Some(199), Some(300), Some(404), Some(500)] {
            for is_test in [false, true] {
                assert_eq!(then(status, is_test, early), AfterAttempt::Retry(early + wait), "{status:?}");
            }
            assert_eq!(then(status, false, late), AfterAttempt::DisableWebhook(late + wait), "{status:?}");
            assert_eq!(then(status, true, late), AfterAttempt::GiveUpTest, "{status:?}");
        }
        for status in [200, 204, 299] {
            assert_eq!(then(Some(status), false, late), AfterAttempt::Delivered, "{status}");
        }
        assert_eq!(then(None, false, late).next_attempt_at(), Some(late + wait));
        assert_eq!(AfterAttempt::GiveUpTest.next_attempt_at(), None);
    }

    #[test]
    fn retries_come_later_and_later_up_to_six_hours_each_give_or_take_a_fifth() {
        let seconds = |attempts, chance| retry_delay(attempts, chance).as_secs();
        assert_eq!([seconds(0, 0), seconds(0, 255)], [4, 6]);
        assert_eq!([seconds(1, 0), seconds(1, 255)], [16, 24]);
        assert_eq!([seconds(2, 0), seconds(2, 255)], [64, 96]);
        let six_hours = 6 * 3_600;
        for attempts in [7, 10, 1_000, i64::MAX] {
            assert_eq!(seconds(attempts, 0), six_hours * 4 / 5, "{attempts}");
            assert_eq!(seconds(attempts, 255), six_hours * 6 / 5, "{attempts}");
        }
    }

    #[test]
    fn an_answer_is_stored_in_part_and_without_nul() {
        let long = DeliveryAttempt { answer: "a\0好".repeat(1_000), ..attempt(None) };
        assert_eq!(long.stored_answer(), "a好".repeat(500));
    }
}
