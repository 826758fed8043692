//! The parts of a line that are read and written alike: how numbers look, and what a carrier's answers mean.

use domain::{
    CallerIdPolicy, CallerIds, CallerNumber, CauseCondition, CauseMap, CauseRule, DialDigits, FaultRule,
    Faults, LineRule, MAXIMUM_CALLER_IDS, MAXIMUM_CAUSE_RULES, NumberBase, NumberDisplay, NumberForm,
    NumberStatus, OutcomeClass,
};
use phone::Country;
use serde::Serialize;
use utoipa::ToSchema;

use super::texts::{CallerNumberSchema, CausePhraseSchema};
use crate::http::{
    body::fields,
    choices::choice,
    outcomes::{CauseClassBody, CauseClassSchema},
};

choice! {
    /// How the caller's number of a call is chosen.
    pub(crate) enum CallerIdPolicyChoice as CallerIdPolicy for CallerIdPolicy {
        /// Always the first.
        Fixed = "fixed",
        /// Each in turn.
        RoundRobin = "round_robin",
        /// A callee sees the same one each time.
        SameForCallee = "same_for_callee",
    }
}

choice! {
    /// What a number is written as before anything is taken off or put before it.
    pub(crate) enum NumberBaseChoice as NumberBase for NumberBase {
        /// `+8613800001234`
        PlusE164 = "+E.164",
        /// `8613800001234`
        E164 = "E.164",
        /// As it is dialed in the line's country; numbers of other countries after its international prefix (`00447911123456`).
        National = "national",
        /// As it was sent.
        AsSent = "as_sent",
    }
}

/// The numbers that callees see.
#[derive(Serialize, ToSchema)]
#[schema(as = CallerIds)]
pub(crate) struct CallerIdsBody {
    /// Left out, `fixed`.
    policy: Option<CallerIdPolicyChoice>,
    /// E.164, or what the carrier wants in its place; each once.
    #[schema(value_type = Option<Vec<CallerNumberSchema>>, max_items = 1_000, example = json!(["+862161234567"]))]
    numbers: Option<Vec<String>>,
}

fields!(CallerIdsBody { policy, numbers } known &[]);

impl CallerIdsBody {
    pub(super) fn shown(ids: &CallerIds, numbers: NumberDisplay) -> Self {
        let shown = |number: &CallerNumber| numbers.show(number.as_str());
        Self { policy: Some(ids.policy.into()), numbers: Some(ids.numbers.iter().map(shown).collect()) }
    }

    pub(super) fn check(self, faults: &mut Faults) -> CallerIds {
        let given = self.numbers.unwrap_or_default();
        let mut numbers: Vec<CallerNumber> = Vec::new();
        at_most("caller_ids.numbers", given.len(), MAXIMUM_CALLER_IDS, faults);
        for (index, number) in given.iter().enumerate().take(MAXIMUM_CALLER_IDS) {
            let field = format!("caller_ids.numbers[{index}]");
            let Some(number) = faults.check(&field, CallerNumber::parse(number)) else { continue };
            if numbers.contains(&number) {
                faults.add(field, FaultRule::Repeated);
            }
            numbers.push(number);
        }
        CallerIds { policy: self.policy.map(CallerIdPolicy::from).unwrap_or_default(), numbers }
    }
}

/// Notes that there are more than there may be.
pub(super) fn at_most(field: &str, count: usize, most: usize, faults: &mut Faults) {
    if count > most {
        faults.add(field, FaultRule::Line(LineRule::TooMany(most)));
    }
}

/// How the carrier wants a number: written as `form`, then `strip` taken off its beginning, then `prefix` put before it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NumberForm)]
pub(crate) struct NumberFormBody {
    /// Left out, `+E.164`; of the caller's number `as_sent`.
    form: Option<NumberBaseChoice>,
    /// What is taken off the beginning, where it begins so.
    #[schema(max_length = 20, pattern = r"^\+?[0-9*#]*$")]
    strip: Option<String>,
    /// What is put before it then.
    #[schema(max_length = 20, pattern = r"^\+?[0-9*#]*$", example = "9")]
    prefix: Option<String>,
    /// The area of the line. It is kept and changes nothing: a leading 0 before mobiles of another area is not put.
    #[schema(max_length = 20, pattern = r"^\+?[0-9*#]*$", example = "021")]
    areacode: Option<String>,
    /// Where the line is, for the form `national`: numbers of other countries are dialed after its international prefix. Left out, where the
    /// server is (`--default-country`).
    #[schema(min_length = 2, max_length = 2, pattern = "^[A-Za-z]{2}$", example = "CN")]
    country: Option<String>,
}

fields!(NumberFormBody { form, strip, prefix, areacode, country } known &[]);

impl NumberFormBody {
    pub(super) fn shown(form: &NumberForm) -> Self {
        let text = |digits: &Option<DialDigits>| digits.as_ref().map(|digits| digits.as_str().to_owned());
        Self {
            form: Some(form.base.into()),
            strip: text(&form.strip),
            prefix: text(&form.prefix),
            areacode: text(&form.areacode),
            country: form.country.map(|country| country.to_string()),
        }
    }

    pub(super) fn check(self, place: &str, otherwise: NumberBase, faults: &mut Faults) -> NumberForm {
        let country = self.country.filter(|text| !text.is_empty()).and_then(|text| {
            faults.check(&format!("{place}.country"), Country::parse(&text).map_err(FaultRule::Number))
        });
        let mut digits = |field: &str, text: Option<String>| {
            let text = text.filter(|text| !text.is_empty())?;
            faults.check(&format!("{place}.{field}"), DialDigits::parse(&text))
        };
        NumberForm {
            base: self.form.map_or(otherwise, NumberBase::from),
            country,
            strip: digits("strip", self.strip),
            prefix: digits("prefix", self.prefix),
            areacode: digits("areacode", self.areacode),
        }
    }
}

/// What an answer of the carrier means. Exactly one of `q850`, `phrase`, `code` and `carrier_error` says which answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CauseRule)]
pub(crate) struct CauseRuleBody {
    /// The Q.850 cause.
    #[schema(minimum = 1, maximum = 127)]
    #[serde(skip_serializing_if = "Option::is_none")]
    q850: Option<i64>,
    /// What the reason phrase holds, in letters of any case.
    #[schema(value_type = Option<CausePhraseSchema>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    phrase: Option<String>,
    /// The SIP code.
    #[schema(minimum = 300, maximum = 699)]
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    /// The carrier's own error (`X-Twilio-Error`).
    #[schema(minimum = 1, maximum = 999_999)]
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier_error: Option<i64>,
    /// What kind of end the call had.
    #[schema(value_type = CauseClassSchema, required = true)]
    class: Option<CauseClassBody>,
    /// The status of the number (1 to 12); left out, the one that the class has. Of a line failure and the like there is none: the call
    /// counts no try.
    #[schema(minimum = 1, maximum = 12)]
    status: Option<i64>,
}

fields!(CauseRuleBody { q850, phrase, code, carrier_error, class, status } known &[]);

const PHRASE_CHARACTERS: usize = 100;

impl CauseRuleBody {
    pub(super) fn shown(map: &CauseMap) -> Vec<Self> {
        map.rules().iter().map(Self::of_rule).collect()
    }

    fn of_rule(rule: &CauseRule) -> Self {
        let class = Some(rule.class.into());
        let status = rule.status.map(NumberStatus::number);
        let none = Self { q850: None, phrase: None, code: None, carrier_error: None, class, status };
        match &rule.condition {
            CauseCondition::Q850(cause) => Self { q850: Some(i64::from(*cause)), ..none },
            CauseCondition::Phrase(text) => Self { phrase: Some(text.clone()), ..none },
            CauseCondition::CarrierError(number) => Self { carrier_error: Some(i64::from(*number)), ..none },
            CauseCondition::Code { from, .. } => Self { code: Some(i64::from(*from)), ..none },
        }
    }

    pub(super) fn check_all(rules: Vec<Self>, faults: &mut Faults) -> CauseMap {
        at_most("cause_map", rules.len(), MAXIMUM_CAUSE_RULES, faults);
        let numbered = rules.into_iter().take(MAXIMUM_CAUSE_RULES).enumerate();
        let checked = numbered.filter_map(|(index, rule)| rule.check(&format!("cause_map[{index}]"), faults));
        CauseMap::new(checked.collect())
    }

    fn check(self, place: &str, faults: &mut Faults) -> Option<CauseRule> {
        let class: Option<OutcomeClass> =
            faults.require(&format!("{place}.class"), self.class).map(Into::into);
        let status = self.status.map(|number| {
            let status = NumberStatus::from_number(number).filter(|status| *status != NumberStatus::Waiting);
            faults.check(&format!("{place}.status"), status.ok_or(FaultRule::OutOfRange(1, 12)))
        });
        let condition = self.condition(place, faults);
        condition.zip(class).map(|(condition, class)| CauseRule {
            condition,
            class,
            status: status.flatten().or(class.status()),
        })
    }

    fn condition(self, place: &str, faults: &mut Faults) -> Option<CauseCondition> {
        let mut number = |field: &str, given: Option<i64>, least: u32, most: u32| {
            let number = given.map(|number| {
                let number = u32::try_from(number).ok().filter(|number| (least..=most).contains(number));
                number.ok_or(FaultRule::OutOfRange(least.into(), most.into()))
            });
            number.map(|number| faults.check(&format!("{place}.{field}"), number).unwrap_or(least))
        };
        let q850 = number("q850", self.q850, 1, 127).and_then(|cause| u8::try_from(cause).ok());
        let code = number("code", self.code, 300, 699).and_then(|code| u16::try_from(code).ok());
        let error = number("carrier_error", self.carrier_error, 1, 999_999);
        if let Some(text) = &self.phrase {
            faults.check(&format!("{place}.phrase"), check_phrase(text));
        }
        match (q850, self.phrase, code, error) {
            (Some(cause), None, None, None) => Some(CauseCondition::Q850(cause)),
            (None, Some(text), None, None) => Some(CauseCondition::Phrase(text)),
            (None, None, Some(code), None) => {
                Some(CauseCondition::Code { from: code, to: code, origin: None })
            }
            (None, None, None, Some(error)) => Some(CauseCondition::CarrierError(error)),
            _ => {
                faults.add(place, FaultRule::Line(LineRule::Condition));
                None
            }
        }
    }
}

fn check_phrase(text: &str) -> Result<(), FaultRule> {
    if text.trim().is_empty() {
        Err(FaultRule::Empty)
    } else if text.chars().count() > PHRASE_CHARACTERS {
        Err(FaultRule::TooLong(PHRASE_CHARACTERS))
    } else if text.chars().any(char::is_control) {
        Err(FaultRule::ControlCharacter)
    } else {
        Ok(())
    }
}
