//! The script of a simulated line: what comes of each call, how long it rings, and how long people talk.
//!
//! It is pure: which of the outcomes it is follows from chance, which is an argument.

use serde::{Deserialize, Serialize};

use crate::{AnsweredBy, FaultRule, LineRule, OutcomeClass};

/// The most rules by number.
pub const MAXIMUM_SIMULATION_RULES: usize = 200;

/// The most weighted outcomes.
pub const MAXIMUM_SIMULATED_OUTCOMES: usize = 50;

/// How long a simulated phone may ring and people may talk, in seconds.
const LONGEST: i64 = 3_600;

/// What a simulated line does with its calls: the first rule whose pattern fits the number, else one of the outcomes by their
/// weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// By number, in order.
    pub rules: Vec<SimulationRule>,
    /// For all other numbers; at least one.
    pub outcomes: Vec<WeightedOutcome>,
}

impl Default for Simulation {
    /// A list as people have them: six in ten answer.
    fn default() -> Self {
        use OutcomeClass::{Answered, Busy, Declined, InvalidNumber, NoAnswer, PoweredOff};
        let outcomes =
            [(60, Answered), (18, NoAnswer), (8, Busy), (6, PoweredOff), (5, InvalidNumber), (3, Declined)];
        let outcome = |(weight, class)| WeightedOutcome { weight, outcome: SimulatedOutcome::of(class) };
        Self { rules: Vec::new(), outcomes: outcomes.map(outcome).into() }
    }
}

/// What comes of calls to the numbers of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulationRule {
    /// Which numbers.
    pub pattern: NumberPattern,
    /// What comes of them.
    pub outcome: SimulatedOutcome,
}

/// An outcome that comes so often among the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedOutcome {
    /// 1 to 1,000,000.
    pub weight: u32,
    /// What comes of the call.
    pub outcome: SimulatedOutcome,
}

/// What comes of a call, and how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedOutcome {
    /// How it ends.
    pub class: OutcomeClass,
    /// How long the phone rings before.
    pub ring: Seconds,
    /// How long people talk, where someone answers.
    pub talk: Seconds,
    /// Who answers, where someone does.
    #[serde(default = "somebody", skip_serializing_if = "is_somebody")]
    pub by: AnsweredBy,
}

const fn somebody() -> AnsweredBy {
    AnsweredBy::Human
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_somebody(by: &AnsweredBy) -> bool {
    *by == somebody()
}

impl SimulatedOutcome {
    /// With what holds when nobody says: 2 to 8 seconds of ringing, 5 to 60 of talk, with a person.
    pub const fn of(class: OutcomeClass) -> Self {
        let (ring, talk) = (Seconds { from: 2, to: 8 }, Seconds { from: 5, to: 60 });
        Self { class, ring, talk, by: somebody() }
    }
}

/// A span of seconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seconds {
    /// The least.
    pub from: i64,
    /// The most.
    pub to: i64,
}

impl Seconds {
    /// Takes a span within an hour.
    ///
    /// # Errors
    /// [`FaultRule::OutOfRange`], or [`LineRule::Span`] when it ends before it begins.
    pub const fn new(from: i64, to: i64) -> Result<Self, FaultRule> {
        if from < 0 || LONGEST < to {
            Err(FaultRule::OutOfRange(0, LONGEST))
        } else if to < from {
            Err(FaultRule::Line(LineRule::Span))
        } else {
            Ok(Self { from, to })
        }
    }

    fn at(self, chance: u64) -> i64 {
        let length = self.to.saturating_sub(self.from).max(0).unsigned_abs() + 1;
        self.from.saturating_add_unsigned(chance % length)
    }
}

/// A call as it is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulatedCall {
    /// How it ends.
    pub class: OutcomeClass,
    /// For how many seconds the phone rings.
    pub ring: i64,
    /// For how many seconds people talk; 0 where nobody answers.
    pub talk: i64,
    /// Who answers, where someone does.
    pub by: AnsweredBy,
}

impl Simulation {
    /// What comes of a call to a number, given as E.164 with its `+` or without. `chance` is any three numbers.
    pub fn call(&self, number: &str, chance: [u64; 3]) -> SimulatedCall {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let rule = self.rules.iter().find(|rule| rule.pattern.fits(digits));
        let outcome = rule.map_or_else(|| self.weighted(chance[0]), |rule| rule.outcome);
        let answered = outcome.class == OutcomeClass::Answered;
        SimulatedCall {
            class: outcome.class,
            ring: outcome.ring.at(chance[1]),
            talk: if answered { outcome.talk.at(chance[2]) } else { 0 },
            by: outcome.by,
        }
    }

    /// Whether it says of anybody who answers that it is no person: then a script finds out who does.
    pub fn has_machines(&self) -> bool {
        let by_rule = self.rules.iter().map(|rule| rule.outcome);
        let mut all = by_rule.chain(self.outcomes.iter().map(|weighted| weighted.outcome));
        all.any(|outcome| outcome.class == OutcomeClass::Answered && outcome.by != somebody())
    }

    fn weighted(&self, chance: u64) -> SimulatedOutcome {
        let total: u64 = self.outcomes.iter().map(|outcome| u64::from(outcome.weight)).sum();
        let mut left = chance % total.max(1);
        for WeightedOutcome { weight, outcome } in &self.outcomes {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return *outcome,
            }
        }
        SimulatedOutcome::of(OutcomeClass::Answered)
    }
}

/// Which numbers: digits, where `?` stands for any one and `*` for any number of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NumberPattern(String);

impl NumberPattern {
    /// Reads 1 to 32 digits, `?` and `*`, perhaps with a `+` before them, which is left out.
    ///
    /// # Errors
    /// [`LineRule::Pattern`].
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let pattern = text.strip_prefix('+').unwrap_or(text);
        let is_good = |byte: u8| byte.is_ascii_digit() || b"?*".contains(&byte);
        if (1..=32).contains(&pattern.len()) && pattern.bytes().all(is_good) {
            Ok(Self(pattern.to_owned()))
        } else {
            Err(FaultRule::Line(LineRule::Pattern))
        }
    }

    /// The pattern without a `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it fits a number. In time that grows with the product of both lengths, whatever the pattern.
    pub fn fits(&self, digits: &str) -> bool {
        let digits = digits.as_bytes();
        // Whether what was read of the pattern so far fits the first so many digits.
        let mut fits: Vec<bool> = (0..=digits.len()).map(|length| length == 0).collect();
        for part in self.0.bytes() {
            let before = fits.clone();
            for length in 0..=digits.len() {
                let last = length.checked_sub(1);
                let one_more =
                    last.is_some_and(|last| before[last] && (part == b'?' || part == digits[last]));
                let any_more = last.is_some_and(|last| fits[last]);
                fits[length] = if part == b'*' { before[length] || any_more } else { one_more };
            }
        }
        fits.last().copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(pattern: &str, number: &str) -> bool {
        NumberPattern::parse(pattern).unwrap().fits(number)
    }

    #[test]
    fn a_pattern_fits_whole_numbers() {
        for (pattern, number) in [
            ("86138*", "8613800001234"),
            ("*34", "1234"),
            ("1?3", "123"),
            ("*", ""),
            ("12", "12"),
            ("+1*2*3", "1902333"),
        ] {
            assert!(fits(pattern, number), "{pattern} {number}");
        }
        for (pattern, number) in
            [("86138*", "8613900001234"), ("1?3", "13"), ("12", "123"), ("*34", "345"), ("?", "")]
        {
            assert!(!fits(pattern, number), "{pattern} {number}");
        }
        for bad in ["", "+", "1 2", "abc", "[1]", &"1".repeat(33)] {
            assert!(NumberPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_beats_the_weights() {
        let outcome =
            |class| SimulatedOutcome { ring: Seconds { from: 1, to: 1 }, ..SimulatedOutcome::of(class) };
        let rule = |pattern, class| SimulationRule {
            pattern: NumberPattern::parse(pattern).unwrap(),
            outcome: outcome(class),
        };
        let rules = vec![rule("*1", OutcomeClass::Busy), rule("*", OutcomeClass::Declined)];
        let simulation = Simulation { rules, ..Simulation::default() };
        let class = |number| simulation.call(number, [0, 0, 0]).class;
        assert_eq!((class("+8611"), class("8612")), (OutcomeClass::Busy, OutcomeClass::Declined));
        assert_eq!(
            simulation.call("8611", [7, 7, 7]),
            SimulatedCall { class: OutcomeClass::Busy, ring: 1, talk: 0, by: AnsweredBy::Human }
        );
    }

    /// As earlier versions have stored it, and as it is stored now.
    #[test]
    fn who_answers_is_a_person_where_nobody_says() {
        let old = r#"{"class":"answered","ring":{"from":1,"to":2},"talk":{"from":3,"to":4}}"#;
        let read: SimulatedOutcome = serde_json::from_str(old).unwrap();
        assert_eq!((read.by, serde_json::to_string(&read).unwrap().as_str()), (AnsweredBy::Human, old));
        let machine = SimulatedOutcome { by: AnsweredBy::Machine, ..read };
        let with = |outcome| Simulation {
            outcomes: vec![WeightedOutcome { weight: 1, outcome }],
            rules: Vec::new(),
        };
        assert!(with(machine).has_machines() && !with(read).has_machines());
        assert!(!Simulation::default().has_machines());
        let stored = serde_json::to_string(&machine).unwrap();
        assert_eq!(serde_json::from_str::<SimulatedOutcome>(&stored).unwrap(), machine);
    }

    #[test]
    fn spans_are_checked() {
        assert!(Seconds::new(0, 3_600).is_ok() && Seconds::new(5, 5).is_ok());
        assert_eq!(Seconds::new(3, 2), Err(FaultRule::Line(LineRule::Span)));
        assert_eq!(Seconds::new(-1, 2), Err(FaultRule::OutOfRange(0, 3_600)));
        assert_eq!(Seconds::new(0, 3_601), Err(FaultRule::OutOfRange(0, 3_600)));
    }

    proptest! {
        /// Over all chances below the sum of the weights, each outcome comes as often as its weight says.
        #[test]
        fn outcomes_come_as_often_as_their_weights(weights in prop::collection::vec(1_u32..50, 1..6)) {
            let classes = [
                OutcomeClass::Answered, OutcomeClass::Busy, OutcomeClass::NoAnswer, OutcomeClass::Declined,
                OutcomeClass::PoweredOff, OutcomeClass::InvalidNumber,
            ];
            let outcomes: Vec<WeightedOutcome> = weights.iter().zip(classes)
                .map(|(weight, class)| WeightedOutcome { weight: *weight, outcome: SimulatedOutcome::of(class) })
                .collect();
            let simulation = Simulation { rules: Vec::new(), outcomes };
            let total: u32 = weights.iter().sum();
            let mut seen = vec![0_u32; weights.len()];
            for chance in 0..u64::from(total) {
                let class = simulation.call("1", [chance, 0, 0]).class;
                seen[classes.iter().position(|one| *one == class).unwrap()] += 1;
            }
            prop_assert_eq!(seen, weights);
        }

        #[test]
        fn times_lie_within_their_spans(from in 0_i64..100, more in 0_i64..100, chance: [u64; 3]) {
            let span = Seconds::new(from, from + more).unwrap();
            let outcome = SimulatedOutcome {
                ring: span, talk: span, ..SimulatedOutcome::of(OutcomeClass::Answered)
            };
            let simulation = Simulation { rules: Vec::new(), outcomes: vec![WeightedOutcome { weight: 1, outcome }] };
            let call = simulation.call("1", chance);
            prop_assert!((from..=from + more).contains(&call.ring) && (from..=from + more).contains(&call.talk));
        }
    }
}
