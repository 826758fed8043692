//! The default cause map: what carriers' answers mean where a line says nothing else.

use domain::{CauseCondition, CauseMap, CauseOrigin, CauseRule, NumberStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    choices::choice,
    envelope::{Answer, Envelope},
    extract::PartnerRequest,
    messages::Message,
    outcomes::OutcomeClassView,
    problem::Problem,
};

choice! {
    /// Where a SIP code came from: the carrier sent it (`remote`), or it did not answer (`local`).
    pub(crate) enum CauseOriginView as CauseOriginWord for CauseOrigin {
        /// The carrier sent it.
        Remote = "remote",
        /// Our own side made it.
        Local = "local",
    }
}

/// A rule of the default cause map. One of `q850`, `phrase`, `code` and `carrier_error` says what it asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DefaultCauseRule)]
pub(crate) struct DefaultCauseRuleView {
    q850: Option<u8>,
    phrase: Option<String>,
    code: Option<u16>,
    /// The last code, where it asks for several: those from `code` on.
    to_code: Option<u16>,
    /// Where the code has to come from; `null`: from anywhere.
    origin: Option<CauseOriginView>,
    carrier_error: Option<u32>,
    class: OutcomeClassView,
    /// The status of the number; `null`: the call counts no try.
    status: Option<i64>,
}

impl From<CauseRule> for DefaultCauseRuleView {
    fn from(rule: CauseRule) -> Self {
        let class = rule.class.into();
        let status = rule.status.map(NumberStatus::number);
        let none = Self {
            q850: None,
            phrase: None,
            code: None,
            to_code: None,
            origin: None,
            carrier_error: None,
            class,
            status,
        };
        match rule.condition {
            CauseCondition::Q850(cause) => Self { q850: Some(cause), ..none },
            CauseCondition::Phrase(text) => Self { phrase: Some(text), ..none },
            CauseCondition::CarrierError(number) => Self { carrier_error: Some(number), ..none },
            CauseCondition::Code { from, to, origin } => {
                Self { code: Some(from), to_code: Some(to), origin: origin.map(Into::into), ..none }
            }
        }
    }
}

/// Default cause map
///
/// What carriers' answers mean where a line's own `cause_map` says nothing else. Rules with a Q.850 cause are tried first, then those with a
/// phrase or a carrier's error, then those with a code; each in order. What none of them names is `other`.
#[utoipa::path(get, path = "/agent-api/default-cause-map", tag = "line", operation_id = "default_cause_map",
    responses((status = 200, body = Envelope<Vec<DefaultCauseRuleView>>)))]
pub(crate) async fn default_cause_map(
    _request: PartnerRequest,
) -> Result<Answer<Vec<DefaultCauseRuleView>>, Problem> {
    let rules = CauseMap::default_rules().into_iter().map(Into::into).collect();
    Ok(Answer::new(Message::DefaultCauseMap, rules))
}
