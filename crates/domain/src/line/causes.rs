//! What a carrier's answer means: from the raw facts of a call its class and its number's status.
//!
//! A line has rules of its own, which are tried before the default ones. Of both together those with a Q.850 cause are tried
//! first, then those with a phrase or a carrier's own error, then those with a SIP code; each in order.

use serde::{Deserialize, Serialize};

use crate::{NumberStatus, OutcomeClass};

/// The most rules that a line may have of its own.
pub const MAXIMUM_CAUSE_RULES: usize = 200;

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseCondition {
    /// This Q.850 cause.
    Q850(u8),
    /// The reason phrase holds this text, in letters of any case.
    Phrase(String),
    /// The carrier's own error has this number (`X-Twilio-Error`).
    CarrierError(u32),
    /// The SIP code lies between these, both included, and came from there.
    Code {
        /// The least.
        from: u16,
        /// The greatest.
        to: u16,
        /// `None`: from anywhere.
        origin: Option<CauseOrigin>,
    },
}

/// Where a SIP code came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseOrigin {
    /// The carrier sent it.
    Remote,
    /// Our own side made it: the carrier did not answer, or could not be reached.
    Local,
}

/// One rule: what holds when its condition does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseRule {
    /// When it holds.
    pub condition: CauseCondition,
    /// The class of the call.
    pub class: OutcomeClass,
    /// The status of the number; `None`: the call counts no try.
    pub status: Option<NumberStatus>,
}

/// The rules that a line has of its own; the default ones follow them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CauseMap(Vec<CauseRule>);

/// Who or what ended a call, and before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// It was answered.
    Answered,
    /// It was refused, with a code, a phrase or a cause.
    Refused,
    /// The phone rang as long as it may.
    RingLimit,
    /// We ended it because its window closed.
    CancelledAtClose,
    /// We ended it for another reason.
    Cancelled,
    /// Its bot failed.
    BotFailed,
    /// The line had no room, or took no more calls a second.
    Throttled,
    /// It never left.
    NotSent,
    /// Nobody knows: the node died.
    Unknown,
    /// The number must not be called.
    DoNotCall,
}

/// The raw facts of a call that was not answered, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct CallFacts<'f> {
    /// How it ended.
    pub end: CallEnd,
    /// Whether a phone may have rung: there was an 18x or a 2xx.
    pub rang: bool,
    /// The final SIP code.
    pub code: Option<u16>,
    /// Whose code it is.
    pub origin: CauseOrigin,
    /// The reason phrase, of the status line or of a `Reason` header.
    pub phrase: &'f str,
    /// The Q.850 cause.
    pub q850: Option<u8>,
    /// The carrier's own error.
    pub carrier_error: Option<u32>,
}

/// What a call is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallOutcome {
    /// Its class.
    pub class: OutcomeClass,
    /// The status of its number; `None`: it counts no try, and the number is due again.
    pub status: Option<NumberStatus>,
}

impl CallOutcome {
    const fn of(class: OutcomeClass) -> Self {
        Self { class, status: class.status() }
    }
}

/// In which turn a condition is tried.
const TURNS: u8 = 3;

impl CauseCondition {
    const fn turn(&self) -> u8 {
        match self {
            Self::Q850(_) => 0,
            Self::Phrase(_) | Self::CarrierError(_) => 1,
            Self::Code { .. } => 2,
        }
    }

    fn holds(&self, facts: &CallFacts<'_>) -> bool {
        match self {
            Self::Q850(cause) => facts.q850 == Some(*cause),
            Self::Phrase(text) => facts.phrase.to_lowercase().contains(&text.to_lowercase()),
            Self::CarrierError(number) => facts.carrier_error == Some(*number),
            Self::Code { from, to, origin } => {
                facts.code.is_some_and(|code| (*from..=*to).contains(&code))
                    && origin.is_none_or(|origin| origin == facts.origin)
            }
        }
    }
}

impl CauseMap {
    /// These rules before the default ones.
    pub const fn new(rules: Vec<CauseRule>) -> Self {
        Self(rules)
    }

    /// The default rules, in the order in which they are tried among those of one turn.
    pub fn default_rules() -> Vec<CauseRule> {
        default_rules()
    }

    /// The rules of its own.
    pub fn rules(&self) -> &[CauseRule] {
        &self.0
    }

    /// What a call is counted as.
    ///
    /// ```
    /// use domain::{CallEnd, CallFacts, CauseMap, CauseOrigin, NumberStatus, OutcomeClass};
    ///
    /// let busy = CallFacts {
    ///     end: CallEnd::Refused,
    ///     rang: false,
    ///     code: Some(486),
    ///     origin: CauseOrigin::Remote,
    ///     phrase: "Busy Here",
    ///     q850: None,
    ///     carrier_error: None,
    /// };
    /// let outcome = CauseMap::default().classify(&busy);
    /// assert_eq!((outcome.class, outcome.status), (OutcomeClass::Busy, Some(NumberStatus::Busy)));
    /// ```
    pub fn classify(&self, facts: &CallFacts<'_>) -> CallOutcome {
        match facts.end {
            CallEnd::Answered => CallOutcome::of(OutcomeClass::Answered),
            CallEnd::RingLimit => CallOutcome::of(OutcomeClass::NoAnswer),
            CallEnd::Unknown => CallOutcome::of(OutcomeClass::Unknown),
            CallEnd::DoNotCall => CallOutcome::of(OutcomeClass::DoNotCall),
            CallEnd::NotSent => CallOutcome::of(OutcomeClass::NotSent),
            CallEnd::Throttled => CallOutcome::of(OutcomeClass::Throttled),
            CallEnd::Cancelled | CallEnd::BotFailed if facts.rang => CallOutcome::of(OutcomeClass::Other),
            CallEnd::Cancelled | CallEnd::CancelledAtClose => CallOutcome::of(OutcomeClass::Cancelled),
            CallEnd::BotFailed => CallOutcome::of(OutcomeClass::BotFailed),
            CallEnd::Refused => self.of_refusal(facts),
        }
    }

    /// Where a phone may have rung, it was a try whatever failed afterwards.
    fn of_refusal(&self, facts: &CallFacts<'_>) -> CallOutcome {
        let found = self.first(facts);
        if facts.rang && found.status.is_none() {
            return CallOutcome { status: Some(NumberStatus::NoAnswer), ..found };
        }
        found
    }

    fn first(&self, facts: &CallFacts<'_>) -> CallOutcome {
        let default = default_rules();
        let rules = || self.0.iter().chain(&default);
        let in_turn = (0..TURNS).flat_map(|turn| rules().filter(move |rule| rule.condition.turn() == turn));
        let first = in_turn.into_iter().find(|rule| rule.condition.holds(facts));
        first.map_or(CallOutcome::of(OutcomeClass::Other), |rule| CallOutcome {
            class: rule.class,
            status: rule.status,
        })
    }
}

/// SIP codes: from and to, both included.
type CodeSpans = &'static [(u16, u16)];

/// The default map, by Q.850 cause, phrase, and SIP code.
fn default_rules() -> Vec<CauseRule> {
    use OutcomeClass::{
        Blocked, Busy, CalleeBlocked, Configuration, Declined, InArrears, IncomingBarred, InvalidNumber,
        LineFailure, NoAnswer, PoweredOff, Suspended,
    };
    const CAUSES: &[(&[u8], OutcomeClass)] = &[
        (&[17], Busy),
        (&[21], Declined),
        (&[20], PoweredOff),
        (&[55], IncomingBarred),
        (&[1, 22, 28], InvalidNumber),
        (&[18, 19], NoAnswer),
        (&[27, 34, 38, 41, 42], LineFailure),
    ];
    const PHRASES: &[(&str, OutcomeClass)] = &[
        ("关机", PoweredOff),
        ("停机", Suspended),
        ("欠费", InArrears),
        ("呼入限制", IncomingBarred),
        ("空号", InvalidNumber),
    ];
    const CODES: &[(CodeSpans, Option<CauseOrigin>, OutcomeClass)] = &[
        (&[(486, 486), (600, 600)], None, Busy),
        (&[(403, 403), (433, 433), (608, 608)], None, Blocked),
        (&[(607, 607)], None, CalleeBlocked),
        (&[(603, 603)], None, Declined),
        (&[(404, 404), (410, 410), (484, 484), (604, 604)], None, InvalidNumber),
        (&[(480, 480)], None, NoAnswer),
        (&[(408, 408)], Some(CauseOrigin::Remote), NoAnswer),
        (&[(408, 408)], Some(CauseOrigin::Local), LineFailure),
        (&[(500, 599)], None, LineFailure),
        (&[(300, 399), (401, 401), (407, 407), (415, 415), (488, 488)], None, Configuration),
    ];
    let rule = |condition, class: OutcomeClass| CauseRule { condition, class, status: class.status() };
    let causes = CAUSES.iter().flat_map(|(causes, class)| {
        causes.iter().map(move |cause| rule(CauseCondition::Q850(*cause), *class))
    });
    let phrases =
        PHRASES.iter().map(|(text, class)| rule(CauseCondition::Phrase((*text).to_owned()), *class));
    let codes = CODES.iter().flat_map(|(spans, origin, class)| {
        spans.iter().map(move |(from, to)| {
            rule(CauseCondition::Code { from: *from, to: *to, origin: *origin }, *class)
        })
    });
    // Twilio: the number is on its list of those that must not be called from there.
    let twilio = rule(CauseCondition::CarrierError(32_203), Blocked);
    causes.chain(phrases).chain([twilio]).chain(codes).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REFUSED: CallFacts<'_> = CallFacts {
        end: CallEnd::Refused,
        rang: false,
        code: None,
        origin: CauseOrigin::Remote,
        phrase: "",
        q850: None,
        carrier_error: None,
    };

    fn number_of(facts: CallFacts<'_>) -> Option<i64> {
        CauseMap::default().classify(&facts).status.map(NumberStatus::number)
    }

    /// The table of the design, line by line.
    #[test]
    fn the_default_map_is_the_documented_table() {
        for (status, codes, causes, phrases) in [
            (Some(8), &[486, 600][..], &[17][..], &[][..]),
            (Some(2), &[403, 433, 608], &[], &[]),
            (Some(12), &[607], &[], &[]),
            (Some(3), &[603], &[21], &[]),
            (Some(6), &[], &[20], &["用户已关机"]),
            (Some(7), &[], &[], &["已停机"]),
            (Some(10), &[], &[], &["欠费停"]),
            (Some(9), &[], &[55], &["呼入限制"]),
            (Some(5), &[404, 410, 484, 604], &[1, 22, 28], &["空号"]),
            (Some(4), &[480, 408, 487, 400, 481, 699], &[18, 19, 16, 31], &["nothing known"]),
            (None, &[500, 503, 599, 300, 302, 401, 407, 415, 488], &[27, 34, 38, 41, 42], &[]),
        ] {
            for code in codes {
                assert_eq!(number_of(CallFacts { code: Some(*code), ..REFUSED }), status, "{code}");
            }
            for cause in causes {
                assert_eq!(number_of(CallFacts { q850: Some(*cause), ..REFUSED }), status, "Q{cause}");
            }
            for phrase in phrases {
                assert_eq!(number_of(CallFacts { phrase, ..REFUSED }), status, "{phrase}");
            }
        }
        assert_eq!(number_of(CallFacts { carrier_error: Some(32_203), code: Some(404), ..REFUSED }), Some(2));
        let local = CallFacts { code: Some(408), origin: CauseOrigin::Local, ..REFUSED };
        assert_eq!(CauseMap::default().classify(&local).class, OutcomeClass::LineFailure);
    }

    #[test]
    fn what_we_did_ourselves_counts_a_try_only_where_a_phone_may_have_rung() {
        for (end, before_ringing, after) in [
            (CallEnd::Answered, Some(1), Some(1)),
            (CallEnd::RingLimit, Some(4), Some(4)),
            (CallEnd::Unknown, Some(4), Some(4)),
            (CallEnd::DoNotCall, Some(11), Some(11)),
            (CallEnd::NotSent, None, None),
            (CallEnd::Throttled, None, None),
            (CallEnd::CancelledAtClose, None, None),
            (CallEnd::Cancelled, None, Some(4)),
            (CallEnd::BotFailed, None, Some(4)),
        ] {
            for (rang, status) in [(false, before_ringing), (true, after)] {
                assert_eq!(number_of(CallFacts { end, rang, ..REFUSED }), status, "{end:?} {rang}");
            }
        }
        assert_eq!(number_of(CallFacts { code: Some(503), rang: true, ..REFUSED }), Some(4));
    }

    #[test]
    fn a_lines_own_rules_come_before_the_default_ones_of_the_same_turn() {
        let rule = |condition, class: OutcomeClass| CauseRule { condition, class, status: class.status() };
        let own = CauseMap::new(vec![
            rule(CauseCondition::Code { from: 480, to: 480, origin: None }, OutcomeClass::PoweredOff),
            rule(CauseCondition::Code { from: 480, to: 480, origin: None }, OutcomeClass::Busy),
            rule(CauseCondition::Phrase("Switched Off".to_owned()), OutcomeClass::PoweredOff),
            rule(CauseCondition::Q850(17), OutcomeClass::NoAnswer),
        ]);
        let class = |facts| own.classify(&facts).class;
        let code = CallFacts { code: Some(480), ..REFUSED };
        assert_eq!(class(code), OutcomeClass::PoweredOff);
        assert_eq!(class(CallFacts { q850: Some(17), ..code }), OutcomeClass::NoAnswer);
        assert_eq!(class(CallFacts { q850: Some(18), ..code }), OutcomeClass::NoAnswer);
        let phrase = CallFacts { phrase: "is switched off.", code: Some(486), ..REFUSED };
        assert_eq!(class(phrase), OutcomeClass::PoweredOff);
        assert_eq!(class(CallFacts { code: Some(486), ..REFUSED }), OutcomeClass::Busy);
    }

    fn condition() -> impl Strategy<Value = CauseCondition> {
        prop_oneof![
            (1_u8..5).prop_map(CauseCondition::Q850),
            prop::sample::select(vec!["a", "b"]).prop_map(|text| CauseCondition::Phrase(text.to_owned())),
            (600_u16..604).prop_map(|code| CauseCondition::Code { from: code, to: code, origin: None }),
        ]
    }

    proptest! {
        /// A slow second reading of the rule: Q.850 first, then phrase, then code, each in order.
        #[test]
        fn a_cause_wins_over_a_phrase_and_a_phrase_over_a_code(
            conditions in prop::collection::vec(condition(), 0..12),
            q850 in prop::option::of(1_u8..6),
            phrase in prop::sample::select(vec!["", "a", "B", "ab", "c"]),
            code in prop::option::of(600_u16..606),
        ) {
            let statuses = NumberStatus::ALL.into_iter().cycle();
            let rules: Vec<CauseRule> = conditions.into_iter().zip(statuses)
                .map(|(condition, status)| CauseRule { condition, class: OutcomeClass::Other, status: Some(status) })
                .collect();
            let facts = CallFacts { code, phrase, q850, ..REFUSED };
            let by_cause = rules.iter().find(|rule| matches!(rule.condition, CauseCondition::Q850(c) if q850 == Some(c)));
            let default_cause = q850.filter(|cause| *cause == 1).map(|_| OutcomeClass::InvalidNumber);
            let found = CauseMap::new(rules.clone()).classify(&facts);
            match (by_cause, default_cause) {
                (Some(rule), _) => prop_assert_eq!(found.status, rule.status),
                (None, Some(class)) => prop_assert_eq!(found.class, class),
                (None, None) => {
                    let phrase = phrase.to_lowercase();
                    let by_phrase = rules.iter().find(|rule|
                        matches!(&rule.condition, CauseCondition::Phrase(text) if phrase.contains(text.as_str())));
                    let by_code = rules.iter().find(|rule|
                        matches!(rule.condition, CauseCondition::Code { from, .. } if code == Some(from)));
                    if let Some(rule) = by_phrase.or(by_code) {
                        prop_assert_eq!(found.status, rule.status);
                    }
                }
            }
        }

        #[test]
        fn every_call_that_may_have_rung_and_was_refused_counts_a_try(
            code in prop::option::of(300_u16..700), q850 in prop::option::of(0_u8..128), local in any::<bool>(),
        ) {
            let origin = if local { CauseOrigin::Local } else { CauseOrigin::Remote };
            let facts = CallFacts { rang: true, code, q850, origin, ..REFUSED };
            prop_assert!(CauseMap::default().classify(&facts).status.is_some());
        }
    }
}
