//! A line as it is returned.

use calendar::Zone;
use domain::{DialDigits, Line, LineWarning, NumberDisplay};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{
        CallerIdsBody, CauseRuleBody, LineKindChoice, LineParts, NumberFormBody, SimulationBody, SipBody,
    },
    decimal,
    standing::{LineBreakerView, LineStandings},
};
use crate::{
    Api,
    http::{choices::choice, extract::Caller, formats::LocalTimeSchema, language::Language, time::stamp},
};

choice! {
    /// Whether calls can go over a line, by what is built in; whether it is registered is told by `line-activity`.
    pub(crate) enum LineStateView as LineState {
        /// They can.
        Ready = "ready",
    }
}

/// A line as it is returned.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineView {
    id: Uuid,
    name: String,
    description: String,
    kind: LineKindChoice,
    state: LineStateView,
    /// What there is to know before it is used, in the language of the answer.
    warnings: Vec<&'static str>,
    /// The most calls at once.
    channels: i64,
    /// The most calls that begin in a second.
    #[schema(example = 2.5)]
    cps: f64,
    /// How many calls to numbers of tasks begin in a second now, of the last ten; those to whom callees are connected are not counted. Left out at the command
    /// line.
    #[schema(required = false, value_type = f64, minimum = 0, example = 1.7)]
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_per_second: Option<f64>,
    /// Whether calls start over it, as far as its health goes. Left out at the command line.
    #[schema(required = false, value_type = LineBreakerView)]
    #[serde(skip_serializing_if = "Option::is_none")]
    breaker: Option<LineBreakerView>,
    ring_limit: i64,
    t1x64: i64,
    caller_ids: CallerIdsBody,
    callee_form: NumberFormBody,
    caller_form: NumberFormBody,
    /// The rules of its own; the default ones follow them.
    cause_map: Vec<CauseRuleBody>,
    /// The beginnings of the E.164 numbers that may be called; none: all may.
    allowed_prefixes: Vec<String>,
    /// Of a line of kind `sip`.
    sip: Option<SipBody>,
    /// Of a line of kind `simulated`.
    simulation: Option<SimulationBody>,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl LineView {
    pub(crate) fn new(api: &Api, caller: &Caller, line: &Line, standings: &LineStandings) -> Self {
        let seen = (caller.authority.token.numbers, caller.language);
        Self {
            starts_per_second: Some(standings.starts_per_second(line.id)),
            breaker: Some(standings.breaker(line.id)),
            ..Self::shown(api.settings.zone, seen, line)
        }
    }

    /// With times on a zone's clock, and as much of telephone numbers as may be seen.
    pub(crate) fn shown(zone: Zone, (numbers, language): (NumberDisplay, Language), line: &Line) -> Self {
        let settings = &line.draft.settings;
        let LineParts { caller_ids, callee_form, caller_form, cause_map, sip, simulation } =
            LineParts::of(&line.draft, numbers);
        let warnings = line.draft.warnings().into_iter().map(|one| warning(one, language)).collect();
        Self {
            id: line.id.uuid(),
            name: line.draft.name.as_str().to_owned(),
            description: settings.description.clone(),
            kind: LineKindChoice::of(&settings.kind),
            state: LineStateView::Ready,
            warnings,
            channels: settings.channels,
            cps: decimal(settings.cps.thousandths(), 1_000),
            starts_per_second: None,
            breaker: None,
            ring_limit: settings.ring_limit,
            t1x64: settings.t1x64,
            caller_ids,
            callee_form,
            caller_form,
            cause_map,
            allowed_prefixes: settings
                .allowed_prefixes
                .iter()
                .map(DialDigits::as_str)
                .map(str::to_owned)
                .collect(),
            sip,
            simulation,
            version: line.version,
            created_at: stamp(zone, line.created_at),
            updated_at: stamp(zone, line.updated_at),
        }
    }
}

fn warning(warning: LineWarning, language: Language) -> &'static str {
    let (chinese, english) = match warning {
        LineWarning::RegistersUnknown => (
            "线路需要注册，但没有填写auth_user与auth_secret：多数运营商会拒绝注册",
            "The line registers without `auth_user` and `auth_secret`: most carriers refuse that",
        ),
        LineWarning::NoSecret => (
            "填写了auth_user，但没有auth_secret：运营商要求认证时无法应答",
            "The line has an `auth_user` without an `auth_secret`: it cannot answer a carrier that asks for it",
        ),
        LineWarning::Anonymous => (
            "没有主叫号码（caller_ids）与from_user：呼叫以anonymous发出，许多运营商会拒绝",
            "The line has neither `caller_ids` nor a `from_user`: calls leave as `anonymous`, which many carriers refuse",
        ),
        LineWarning::AreaCode => (
            "areacode仅保存，不起作用：不会为外地手机号加拨0",
            "The `areacode` is kept and changes nothing: no leading 0 is put before mobiles of another area",
        ),
        LineWarning::UnreachedRule => (
            "cause_map中有规则永远不会生效：其前面的规则已包含全部情况",
            "A rule of the `cause_map` is never reached: one before it takes all that it would",
        ),
    };
    language.choose(chinese, english)
}
