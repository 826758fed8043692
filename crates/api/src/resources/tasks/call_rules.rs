//! What a task says of each of its calls: as it is read, beside the task's other fields, and as it is answered.

use domain::{
    AfterUnknown, AtClose, CallRate, CallRules, CallerNumber, FaultRule, Faults, LineRule,
    MAXIMUM_CALLER_IDS_OF_TASK, NumberDisplay,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{body::Decimal, choices::choice},
    resources::lines::decimal,
};

choice! {
    /// What becomes of answered calls when their task may not dial any more.
    pub(crate) enum AtCloseChoice as AtClose for AtClose {
        /// They go on to their end.
        Finish = "finish",
        /// They are ended.
        HangUp = "hang_up",
    }
}

choice! {
    /// What becomes of a number when a crash hid how its call ended.
    pub(crate) enum AfterUnknownChoice as AfterUnknown for AfterUnknown {
        /// It counts as not answered, and the redial rule says whether it is called again.
        ByRule = "by_rule",
        /// It is called again only once a person has reset it; its list is not finished before.
        Hold = "hold",
        /// It is not called again.
        GiveUp = "give_up",
    }
}

/// The fields of a body that change the rules of a task's calls: what was not sent keeps its value.
pub(super) struct SentCallRules {
    pub(super) originate_timeout: Option<i64>,
    pub(super) minimum_ring: Option<i64>,
    pub(super) maximum_talk_seconds: Option<i64>,
    pub(super) at_close: Option<AtCloseChoice>,
    pub(super) after_unknown: Option<AfterUnknownChoice>,
    pub(super) calls_per_second: Option<Decimal>,
    pub(super) caller_ids: Option<Vec<String>>,
    pub(super) record: Option<bool>,
    pub(super) recording_retention_days: Option<i64>,
}

impl SentCallRules {
    pub(super) fn apply(self, rules: &mut CallRules, faults: &mut Faults) {
        rules.originate_timeout = self.originate_timeout.or(rules.originate_timeout);
        rules.minimum_ring = self.minimum_ring.or(rules.minimum_ring);
        rules.maximum_talk_seconds = self.maximum_talk_seconds.or(rules.maximum_talk_seconds);
        rules.at_close = self.at_close.map_or(rules.at_close, AtClose::from);
        rules.after_unknown = self.after_unknown.map_or(rules.after_unknown, AfterUnknown::from);
        if let Some(rate) = self.calls_per_second {
            let thousandths = rate.scaled(CallRate::DECIMALS).ok_or(FaultRule::Line(LineRule::Rate));
            let rate = faults.check("calls_per_second", thousandths.and_then(CallRate::from_thousandths));
            rules.calls_per_second = rate.or(rules.calls_per_second);
        }
        if let Some(numbers) = self.caller_ids {
            rules.caller_ids = caller_numbers(&numbers, faults);
        }
        rules.record = self.record.or(rules.record);
        rules.recording_retention_days = self.recording_retention_days.or(rules.recording_retention_days);
        rules.check(faults);
    }
}

/// The caller ids that were sent, each once. One more than there may be is enough to tell that there are too many.
fn caller_numbers(sent: &[String], faults: &mut Faults) -> Vec<CallerNumber> {
    let mut numbers: Vec<CallerNumber> = Vec::new();
    for (index, number) in sent.iter().enumerate().take(MAXIMUM_CALLER_IDS_OF_TASK + 1) {
        let field = format!("caller_ids[{index}]");
        let Some(number) = faults.check(&field, CallerNumber::parse(number)) else { continue };
        if numbers.contains(&number) {
            faults.add(field, FaultRule::Repeated);
        }
        numbers.push(number);
    }
    numbers
}

/// What holds for each call of a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallRules)]
pub(crate) struct CallRulesView {
    /// For how many seconds a phone rings at most; the line's limit holds too.
    _originate_timeout: i64,
    /// How many seconds a phone can ring at least before the window closes: no call starts later.
    minimum_ring: i64,
    /// For how many seconds people may talk.
    maximum_talk_seconds: i64,
    /// What becomes of answered calls at a close.
    at_close: AtCloseChoice,
    /// What becomes of a number when a crash hid how its call ended.
    after_unknown: AfterUnknownChoice,
    /// The most calls that begin in a second; `null`: as many as the lines allow.
    #[schema(example = 2.5)]
    calls_per_second: Option<f64>,
    /// Those of its lines' numbers that callees see; none: any of them.
    caller_ids: Vec<String>,
    /// Whether answered calls over SIP lines are recorded; `null`: as the server's `--record-calls` says, which is no unless set.
    record: Option<bool>,
    /// For how many days recordings are kept.
    recording_retention_days: i64,
}

impl CallRulesView {
    pub(super) fn new(rules: &CallRules, numbers: NumberDisplay) -> Self {
        Self {
            _originate_timeout: rules.originate_timeout(),
            minimum_ring: rules.minimum_ring(),
            maximum_talk_seconds: rules.maximum_talk_seconds(),
            at_close: rules.at_close.into(),
            after_unknown: rules.after_unknown.into(),
            calls_per_second: rules.calls_per_second.map(|rate| decimal(rate.thousandths(), 1_000)),
            record: rules.record,
            recording_retention_days: rules.recording_retention_days(),
            caller_ids: rules.caller_ids.iter().map(|number| numbers.show(number.as_str())).collect(),
        }
    }
}
