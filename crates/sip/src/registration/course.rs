//! The course of a line's registration: what is asked of which registrar, and when. It is fed with what registrars say and with the time, and
//! moves nothing itself.

use domain::{Deadline, Present};
use std::time::Duration;

use jiff::SignedDuration;

use super::MOST_SECONDS;

/// For how many seconds we ask to be registered: short enough that what a NAT remembers of us, and whom it lets through, is renewed.
const SECONDS: u32 = 300;

/// The pause after all addresses failed, first and at most; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// No registrar is asked again sooner than this, however short the time is that it grants.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// For how long nobody doubts a registration that was asked for.
const BEYOND_DOUBT: SignedDuration = SignedDuration::from_secs(10);

/// After which part of its time a registration is renewed, in thousandths: somewhere between these, so that lines do not all renew at once.
const RENEWED_AFTER: (u32, u32) = (500, 800);

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegistrationStep {
    /// Ask the registrar at this of the line's addresses to be registered for so many seconds.
    Register {
        /// Which of them.
        address: usize,
        /// For how long.
        seconds: u32,
    },
    /// Nothing, until then.
    Wait(Deadline),
}

/// What came of asking a registrar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegistrarAnswer {
    /// It registers us for so many seconds, from when it was asked.
    Granted(u32),
    /// It would, for so many seconds at least.
    TooBrief(u32),
    /// It does not, or cannot be asked; perhaps it wants to be left alone for so long.
    Failed(Option<Duration>),
}

/// The course of a registration.
#[derive(Clone, Debug)]
pub(super) struct RegistrationCourse {
    addresses: usize,
    /// How many addresses failed since the last pause, and the one that was asked first.
    failed: usize,
    first: usize,
    /// For how long we ask to be registered.
    seconds: u32,
    /// Whether the address that is asked has said already that our time is too short.
    was_too_brief: bool,
    renewed_after: u32,
    due: Deadline,
    pause: Duration,
    /// For how long the registrars that failed since the last pause want to be left alone.
    left_alone: Duration,
    granted: Option<Grant>,
    /// From when on it may be doubted.
    doubtful_from: Deadline,
}

/// That a registrar has registered us.
#[derive(Clone, Copy, Debug)]
struct Grant {
    address: usize,
    until: Deadline,
}

impl RegistrationCourse {
    /// A course of a line with so many addresses, which begins now. `chance`: anything, by which it differs from other lines'.
    pub(super) fn new(addresses: usize, chance: u32, now: Present) -> Self {
        let (least, most) = RENEWED_AFTER;
        Self {
            addresses,
            failed: 0,
            first: 0,
            seconds: SECONDS,
            was_too_brief: false,
            renewed_after: least + chance % (most - least),
            due: now.steadily_after(SignedDuration::ZERO),
            pause: FIRST_PAUSE,
            left_alone: Duration::ZERO,
            granted: None,
            doubtful_from: Deadline::NEVER,
        }
    }

    /// What is to be done now.
    pub(super) fn step(&self, now: Present) -> RegistrationStep {
        if self.addresses == 0 {
            return RegistrationStep::Wait(Deadline::NEVER);
        }
        if self.due.is_over(now) {
            return RegistrationStep::Register { address: self.address(), seconds: self.seconds };
        }
        // It may be over before it is renewed.
        let over = self.granted.filter(|grant| !grant.until.is_over(now));
        RegistrationStep::Wait(over.map_or(self.due, |grant| grant.until.sooner(self.due)))
    }

    fn address(&self) -> usize {
        (self.first + self.failed) % self.addresses.max(1)
    }

    /// The address at which we are registered.
    pub(super) fn registered_at(&self, now: Present) -> Option<usize> {
        self.granted.filter(|grant| !grant.until.is_over(now)).map(|grant| grant.address)
    }

    /// Hears what came of asking, and when that began.
    pub(super) fn hear(&mut self, answer: RegistrarAnswer, asked: Present, now: Present) {
        match answer {
            RegistrarAnswer::Granted(0) => self.fail(None, now),
            RegistrarAnswer::Granted(seconds) => self.grant(seconds.min(MOST_SECONDS), asked, now),
            RegistrarAnswer::TooBrief(seconds)
                if self.seconds < seconds && seconds <= MOST_SECONDS && !self.was_too_brief =>
            {
                self.seconds = seconds;
                self.was_too_brief = true;
            }
            RegistrarAnswer::TooBrief(_) => self.fail(None, now),
            RegistrarAnswer::Failed(left_alone) => self.fail(left_alone, now),
        }
    }

    /// A call was refused like one of somebody who is not registered: the registrar may have forgotten us, and is asked at once, but not time and
    /// again.
    pub(super) fn doubt(&mut self, now: Present) {
        if self.doubtful_from.is_over(now) {
            self.doubtful_from = now.steadily_after(BEYOND_DOUBT);
            self.due = now.steadily_after(SignedDuration::ZERO);
        }
    }

    /// Begins again: whatever was granted was granted to another address of ours.
    pub(super) fn begin_again(&mut self, now: Present) {
        let Self { addresses, renewed_after, .. } = *self;
        *self = Self { renewed_after, ..Self::new(addresses, 0, now) };
    }

    fn grant(&mut self, seconds: u32, asked: Present, now: Present) {
        let span = SignedDuration::from_secs(seconds.into());
        let (address, until) = (self.address(), asked.after(span));
        self.granted = Some(Grant { address, until });
        let renewed_after = Duration::from_secs(seconds.into()).saturating_mul(self.renewed_after) / 1_000;
        self.doubtful_from = now.steadily_after(BEYOND_DOUBT);
        self.first = address;
        self.pause = FIRST_PAUSE;
        self.begin_round(Duration::ZERO, now);
        let pause =
            SignedDuration::try_from(renewed_after.max(SHORTEST_PAUSE)).unwrap_or(SignedDuration::MAX);
        // By both clocks, as it ends: one that is set forward ends it, and renews it.
        self.due = now.after(pause);
    }

    fn fail(&mut self, left_alone: Option<Duration>, now: Present) {
        self.left_alone = self.left_alone.max(left_alone.unwrap_or_default());
        self.failed += 1;
        self.was_too_brief = false;
        if self.failed < self.addresses {
            return;
        }
        let pause = self.pause.max(self.left_alone).min(LONGEST_PAUSE);
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
        self.begin_round(pause, now);
    }

    /// All addresses are to be asked after a pause, that first which has registered us last.
    fn begin_round(&mut self, pause: Duration, now: Present) {
        self.failed = 0;
        self.was_too_brief = false;
        self.left_alone = Duration::ZERO;
        self.due = now.steadily_after(SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::{RegistrarAnswer::*, *};

    /// A course and the time, of which as much passes by either clock.
    struct Tested {
        course: RegistrationCourse,
        passed: Duration,
        /// How far the clock on the wall was set forward.
        set_forward: i64,
    }

    impl Tested {
        fn new(addresses: usize) -> Self {
            let now = Present { wall: Timestamp::UNIX_EPOCH, steady: Duration::ZERO };
            Self {
                course: RegistrationCourse::new(addresses, 0, now),
                passed: Duration::ZERO,
                set_forward: 0,
            }
        }

        fn now(&self) -> Present {
            let seconds = SignedDuration::from_secs(self.set_forward);
            let wall = Timestamp::UNIX_EPOCH + SignedDuration::try_from(self.passed).unwrap() + seconds;
            Present { wall, steady: self.passed }
        }

        /// Waits until a registrar is to be asked: after how many seconds, which of them, and for how long.
        fn asks(&mut self) -> (u64, usize, u32) {
            let begun = self.passed;
            loop {
                match self.course.step(self.now()) {
                    RegistrationStep::Register { address, seconds } => {
                        return (self.passed.saturating_sub(begun).as_secs(), address, seconds);
                    }
                    RegistrationStep::Wait(due) => {
                        self.passed += due.left(self.now()).max(Duration::from_millis(1));
                    }
                }
            }
        }

        fn hears(&mut self, answer: RegistrarAnswer) {
            let now = self.now();
            self.course.hear(answer, now, now);
        }

        fn is_registered(&self) -> bool {
            self.course.registered_at(self.now()).is_some()
        }
    }

    #[test]
    fn what_is_granted_is_renewed_in_time() {
        let mut tested = Tested::new(1);
        assert_eq!(tested.asks(), (0, 0, 300));
        assert!(!tested.is_registered());
        tested.hears(Granted(60));
        assert!(tested.is_registered());
        assert_eq!(tested.asks(), (30, 0, 300));
        assert!(tested.is_registered());
        tested.hears(Granted(3600));
        assert_eq!(tested.asks().0, 1800);
        tested.hears(Granted(u32::MAX));
        assert_eq!(tested.asks().0, 43_200, "a day at most");
    }

    #[test]
    fn a_line_that_cannot_be_renewed_is_registered_until_its_time_is_over() {
        let mut tested = Tested::new(1);
        tested.asks();
        tested.hears(Granted(60));
        tested.asks();
        let mut pauses = Vec::new();
        while tested.is_registered() {
            tested.hears(Failed(None));
            pauses.push(tested.asks().0);
        }
        assert_eq!(pauses, [5, 10, 20], "30 seconds after the first failure it is over");
        tested.hears(Granted(60));
        assert!(tested.is_registered());
        assert_eq!(tested.asks().0, 30);
        tested.hears(Failed(None));
        assert_eq!(tested.asks().0, 5, "the pauses begin again");
    }

    #[test]
    fn pauses_double_up_to_five_minutes_and_are_longer_where_that_is_asked_for() {
        let mut tested = Tested::new(1);
        tested.asks();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            tested.hears(Failed(None));
            pauses.push(tested.asks().0);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300]);
        let mut tested = Tested::new(2);
        tested.hears(Failed(Some(Duration::from_secs(30))));
        tested.hears(Failed(None));
        assert_eq!(tested.asks().0, 30);
        tested.hears(Failed(Some(Duration::from_hours(24))));
        tested.hears(Failed(None));
        assert_eq!(tested.asks().0, 300);
    }

    #[test]
    fn addresses_are_asked_in_order_beginning_with_the_one_that_registered_us() {
        let mut tested = Tested::new(3);
        assert_eq!(tested.asks(), (0, 0, 300));
        tested.hears(Failed(None));
        assert_eq!(tested.asks(), (0, 1, 300));
        tested.hears(Granted(100));
        assert_eq!(tested.course.registered_at(tested.now()), Some(1));
        for expected in [(50, 1), (0, 2), (0, 0), (5, 1)] {
            let (after, address, _) = tested.asks();
            assert_eq!((after, address), expected);
            tested.hears(Failed(None));
        }
    }

    #[test]
    fn a_time_that_is_too_short_is_asked_for_longer_once() {
        let mut tested = Tested::new(2);
        tested.asks();
        tested.hears(TooBrief(900));
        assert_eq!(tested.asks(), (0, 0, 900));
        tested.hears(TooBrief(1800));
        assert_eq!(tested.asks(), (0, 1, 900), "no registrar is asked for ever");
        tested.hears(TooBrief(900));
        assert_eq!(tested.asks().0, 5);
        tested.hears(TooBrief(MOST_SECONDS + 1));
        assert_eq!(tested.asks(), (0, 1, 900));
        tested.hears(Granted(900));
        assert!(tested.is_registered());
    }

    #[test]
    fn a_registration_that_is_doubted_is_renewed_at_once_and_not_time_and_again() {
        let mut tested = Tested::new(1);
        tested.course.doubt(tested.now());
        tested.asks();
        tested.hears(Granted(3_600));
        tested.course.doubt(tested.now());
        tested.passed += Duration::from_secs(10);
        assert!(matches!(tested.course.step(tested.now()), RegistrationStep::Wait(_)), "it was new");
        tested.course.doubt(tested.now());
        assert_eq!(tested.asks().0, 0);
        tested.hears(Failed(None));
        tested.course.doubt(tested.now());
        assert_eq!(tested.asks().0, 5);
        assert!(tested.is_registered(), "nobody has said that it is over");
    }

    #[test]
    fn an_answer_that_grants_no_time_is_none() {
        let mut tested = Tested::new(1);
        tested.asks();
        tested.hears(Granted(0));
        assert!(!tested.is_registered());
        assert_eq!(tested.asks().0, 5);
    }

    #[test]
    fn a_clock_that_is_set_forward_ends_a_registration_and_renews_it() {
        let mut tested = Tested::new(1);
        tested.asks();
        tested.hears(Granted(60));
        tested.set_forward = 3_600;
        assert!(!tested.is_registered());
        assert_eq!(tested.asks().0, 0);
    }

    proptest! {
        /// Whatever registrars say, none is asked faster than its pauses allow, and no registration is believed longer than it was granted.
        #[test]
        fn registrars_are_left_in_peace_and_believed_no_longer_than_they_say(
            addresses in 1..5_usize, chance in any::<u32>(), answers in proptest::collection::vec((0..4_u8, 0..5_000_u32, 0..20_u64), 1..200),
        ) {
            let mut tested = Tested::new(addresses);
            tested.course.renewed_after = RENEWED_AFTER.0 + chance % (RENEWED_AFTER.1 - RENEWED_AFTER.0);
            let mut granted_until = Duration::ZERO;
            let mut in_a_row = 0;
            for (kind, seconds, took) in answers {
                let (after, address, wanted) = tested.asks();
                prop_assert!(address < addresses && wanted <= MOST_SECONDS);
                in_a_row = if after == 0 { in_a_row + 1 } else { 0 };
                // Each address twice at most: with our time, and with the registrar's.
                prop_assert!(in_a_row <= 2 * addresses, "{in_a_row} in a row");
                let asked = tested.now();
                tested.passed += Duration::from_secs(took);
                let answer = match kind {
                    0 => Granted(seconds),
                    1 => TooBrief(seconds),
                    2 => Failed(None),
                    _ => Failed(Some(Duration::from_secs(seconds.into()))),
                };
                if kind == 0 && seconds > 0 {
                    granted_until = asked.steady + Duration::from_secs(seconds.into());
                }
                let now = tested.now();
                tested.course.hear(answer, asked, now);
                prop_assert_eq!(tested.is_registered(), now.steady < granted_until);
            }
        }
    }
}
