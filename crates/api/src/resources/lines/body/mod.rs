//! What a line is created and changed with.

mod parts;
mod simulation;
mod sip;
mod texts;

use domain::{
    CallRate, DESCRIPTION_CHARACTERS, DialDigits, Fault, FaultRule, Faults, LineDraft, LineId, LineKind,
    LineRule, LineSecret, LineSettings, MAXIMUM_CHANNELS, MAXIMUM_PREFIXES, NumberBase, NumberDisplay,
    RING_LIMIT, Simulation, T1X64, legible_within,
};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use self::{parts::at_most, texts::DialPrefixSchema};
pub(crate) use self::{
    parts::{CallerIdsBody, CauseRuleBody, NumberFormBody},
    simulation::SimulationBody,
    sip::{SipBody, SipTransportChoice},
};
use crate::http::{
    body::{Decimal, FieldPath, FromValue, Number, Reading, fields, required_name},
    choices::choice,
    chosen_ids::chosen_uuid,
    formats::{DescriptionSchema, NameSchema},
};

choice! {
    /// What carries a line's calls.
    pub(crate) enum LineKindChoice as LineKind {
        /// Nobody: what comes of calls follows a script.
        Simulated = "simulated",
        /// A SIP trunk.
        Sip = "sip",
    }
}

/// What a line is made of. Of a line that is changed, a field left out keeps its value, and each object or list that is given replaces
/// the one there was.
#[derive(ToSchema)]
#[schema(as = SaveLine)]
pub(crate) struct LineFields {
    /// Of a new line the id it had elsewhere, which no other line may have; left out, a new one. Of one that is there its own, which may
    /// be repeated.
    #[schema(value_type = Option<Uuid>)]
    id: Option<String>,
    /// Must be given when a line is made.
    #[schema(value_type = Option<NameSchema>)]
    name: Option<String>,
    #[schema(value_type = Option<DescriptionSchema>)]
    description: Option<String>,
    /// Must be given when a line is made.
    kind: Option<LineKindChoice>,
    /// The most calls at once (线路并发); must be given when a line is made.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 10_000, example = 30)]
    channels: Option<Number>,
    /// The most calls that begin in a second, with at most 3 digits after the point; left out, 1.
    #[schema(value_type = Option<f64>, minimum = 0.001, maximum = 1_000, example = 2.5)]
    cps: Option<Decimal>,
    /// For how many seconds a callee's phone rings at most; left out, 60.
    #[schema(minimum = 5, maximum = 180)]
    ring_limit: Option<i64>,
    /// For how many seconds the carrier may leave an INVITE unanswered; left out, 8.
    #[schema(minimum = 4, maximum = 32)]
    t1x64: Option<i64>,
    /// The numbers that callees see; left out, those of the trunk.
    caller_ids: Option<CallerIdsBody>,
    /// How the carrier wants a callee's number; left out, `+E.164`.
    callee_form: Option<NumberFormBody>,
    /// How the carrier wants the caller's number; left out, `as_sent`.
    caller_form: Option<NumberFormBody>,
    /// What the carrier's answers mean where that is not the default. Of these rules and the default ones together, those with a Q.850
    /// cause are tried first, then those with a phrase or a carrier's error, then those with a code; each in order, these first.
    #[schema(max_items = 200)]
    cause_map: Option<Vec<CauseRuleBody>>,
    /// The beginnings of the E.164 numbers that may be called; none: all may.
    #[schema(value_type = Option<Vec<DialPrefixSchema>>, max_items = 200, example = json!(["86"]))]
    allowed_prefixes: Option<Vec<String>>,
    /// Of a line of kind `sip`, which must have it.
    sip: Option<SipBody>,
    /// Of a line of kind `simulated`.
    simulation: Option<SimulationBody>,
}

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] =
    &["state", "starts_per_second", "breaker", "warnings", "version", "created_at", "updated_at"];

fields!(LineFields {
    id, name, description, kind, channels, cps, ring_limit, t1x64, caller_ids, callee_form, caller_form, cause_map,
    allowed_prefixes, sip, simulation,
} known GIVEN_BACK);

/// A line to be made: some of the fields must be given.
pub(crate) struct CreateLine(LineFields);

impl FromValue for CreateLine {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        LineFields::from_value(value, place, reading).map(Self)
    }
}

impl PartialSchema for CreateLine {
    /// That of the fields, but for those that must be given.
    fn schema() -> RefOr<Schema> {
        let mut schema = LineFields::schema();
        if let RefOr::T(Schema::Object(fields)) = &mut schema {
            fields.description = Some("A line to be made.".to_owned());
            for (name, given) in [
                ("name", Ref::from_schema_name(NameSchema::name()).into()),
                ("kind", Ref::from_schema_name(LineKindChoice::name()).into()),
                ("channels", channels_given()),
            ] {
                fields.properties.insert(name.to_owned(), given);
                fields.required.push(name.to_owned());
            }
        }
        schema
    }
}

/// The most calls at once, which of a new line must be given.
fn channels_given() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .description(Some("The most calls at once (线路并发)."))
        .minimum(Some(1))
        .maximum(Some(MAXIMUM_CHANNELS))
        .examples([30])
        .into()
}

impl ToSchema for CreateLine {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        LineFields::schemas(schemas);
    }
}

impl CreateLine {
    /// The line to make, and the id that its client chose.
    pub(crate) fn checked(self, mut faults: Faults) -> Result<(Option<LineId>, LineDraft), Vec<Fault>> {
        let Self(fields) = self;
        let id = fields.id.as_deref().and_then(|text| faults.check("id", chosen_uuid(text))).map(LineId::new);
        faults.require("kind", fields.kind);
        faults.require("channels", fields.channels);
        let draft = fields.draft(None, &mut faults);
        faults.finish(draft.map(|draft| (id, draft)))
    }
}

impl LineFields {
    /// What it makes of the line of this id.
    pub(crate) fn update(
        self,
        line: LineId,
        present: LineDraft,
        mut faults: Faults,
    ) -> Result<LineDraft, Vec<Fault>> {
        if let Some(text) = &self.id {
            let id = faults.check("id", chosen_uuid(text));
            if id.is_some_and(|id| id != line.uuid()) {
                faults.add("id", FaultRule::Differs("line_id"));
            }
        }
        let draft = self.draft(Some(present), &mut faults);
        faults.finish(draft)
    }

    fn draft(mut self, present: Option<LineDraft>, faults: &mut Faults) -> Option<LineDraft> {
        let (name, secret, settings) = match present {
            None => (required_name(self.name.take(), faults), None, None),
            Some(LineDraft { name, secret, settings }) => {
                let renamed = self.name.take().map(|name| required_name(Some(name), faults));
                (renamed.unwrap_or(Some(name)), secret, Some(settings))
            }
        };
        let (kind, secret) = self.kind(settings.as_ref().map(|settings| &settings.kind), secret, faults);
        let start = settings.or_else(|| kind.clone().map(|kind| LineSettings::new(kind, 1)));
        let settings = self.settings(start, faults);
        let (name, kind) = name.zip(kind)?;
        Some(LineDraft { name, secret, settings: LineSettings { kind, ..settings } })
    }

    /// What carries the calls, from what is given and what there is. What belongs to the other kind is refused.
    fn kind(
        &mut self,
        present: Option<&LineKind>,
        secret: Option<LineSecret>,
        faults: &mut Faults,
    ) -> (Option<LineKind>, Option<LineSecret>) {
        let (sip, simulation) = (self.sip.take(), self.simulation.take());
        let kind = self.kind.or_else(|| present.map(LineKindChoice::of));
        match (kind, present) {
            (None, _) => (None, None),
            (Some(LineKindChoice::Simulated), Some(LineKind::Sip(trunk))) => {
                faults.add("kind", FaultRule::Line(LineRule::StaysSip));
                (Some(LineKind::Sip(trunk.clone())), secret)
            }
            (Some(LineKindChoice::Simulated), present) => {
                if sip.is_some() {
                    faults.add("sip", FaultRule::Line(LineRule::OnlySip));
                }
                let given = simulation.map(|simulation| simulation.check(faults));
                let simulation = given.unwrap_or_else(|| match present {
                    Some(LineKind::Simulated(simulation)) => simulation.clone(),
                    _ => Simulation::default(),
                });
                (Some(LineKind::Simulated(simulation)), None)
            }
            (Some(LineKindChoice::Sip), present) => {
                if simulation.is_some() {
                    faults.add("simulation", FaultRule::Line(LineRule::OnlySimulated));
                }
                match (sip, present) {
                    (None, Some(LineKind::Sip(trunk))) => (Some(LineKind::Sip(trunk.clone())), secret),
                    (sip, _) => {
                        let Some(sip) = faults.require("sip", sip) else { return (None, None) };
                        let (trunk, secret) = sip.check(secret, faults);
                        (trunk.map(|trunk| LineKind::Sip(Box::new(trunk))), secret)
                    }
                }
            }
        }
    }

    /// Sets what is given beside the kind.
    fn settings(self, start: Option<LineSettings>, faults: &mut Faults) -> LineSettings {
        let any = || LineSettings::new(LineKind::Simulated(Simulation::default()), 1);
        let mut settings = start.unwrap_or_else(any);
        if let Some(description) = self.description {
            faults.check("description", legible_within(&description, DESCRIPTION_CHARACTERS));
            settings.description = description;
        }
        let mut number = |field: &str, given: Option<i64>, (least, most): (i64, i64), set: &mut i64| {
            if let Some(number) = given {
                let is_good = (least..=most).contains(&number);
                faults.check(field, if is_good { Ok(()) } else { Err(FaultRule::OutOfRange(least, most)) });
                *set = number;
            }
        };
        number("channels", self.channels.map(Number::get), (1, MAXIMUM_CHANNELS), &mut settings.channels);
        number("ring_limit", self.ring_limit, RING_LIMIT, &mut settings.ring_limit);
        number("t1x64", self.t1x64, T1X64, &mut settings.t1x64);
        if let Some(cps) = self.cps {
            let thousandths = cps.scaled(CallRate::DECIMALS).ok_or(FaultRule::Line(LineRule::Rate));
            let rate = faults.check("cps", thousandths.and_then(CallRate::from_thousandths));
            settings.cps = rate.unwrap_or(settings.cps);
        }
        if let Some(ids) = self.caller_ids {
            settings.caller_ids = ids.check(faults);
        }
        if let Some(form) = self.callee_form {
            settings.callee_form = form.check("callee_form", NumberBase::PlusE164, faults);
        }
        if let Some(form) = self.caller_form {
            settings.caller_form = form.check("caller_form", NumberBase::AsSent, faults);
        }
        if let Some(rules) = self.cause_map {
            settings.cause_map = CauseRuleBody::check_all(rules, faults);
        }
        if let Some(given) = self.allowed_prefixes {
            settings.allowed_prefixes = prefixes(&given, faults);
        }
        settings
    }
}

impl LineKindChoice {
    pub(crate) const fn of(kind: &LineKind) -> Self {
        match kind {
            LineKind::Simulated(_) => Self::Simulated,
            LineKind::Sip(_) => Self::Sip,
        }
    }
}

fn prefixes(given: &[String], faults: &mut Faults) -> Vec<DialDigits> {
    at_most("allowed_prefixes", given.len(), MAXIMUM_PREFIXES, faults);
    let numbered = given.iter().take(MAXIMUM_PREFIXES).enumerate();
    let parsed = numbered.filter_map(|(index, text)| {
        faults.check(&format!("allowed_prefixes[{index}]"), DialDigits::parse_prefix(text))
    });
    parsed.collect()
}

/// The parts of a line as they are answered.
pub(super) struct LineParts {
    pub(super) caller_ids: CallerIdsBody,
    pub(super) callee_form: NumberFormBody,
    pub(super) caller_form: NumberFormBody,
    pub(super) cause_map: Vec<CauseRuleBody>,
    pub(super) sip: Option<SipBody>,
    pub(super) simulation: Option<SimulationBody>,
}

impl LineParts {
    pub(super) fn of(draft: &LineDraft, numbers: NumberDisplay) -> Self {
        let settings = &draft.settings;
        let (sip, simulation) = match &settings.kind {
            LineKind::Sip(trunk) => (Some(SipBody::shown(trunk, draft.secret.is_some(), numbers)), None),
            LineKind::Simulated(simulation) => (None, Some(SimulationBody::shown(simulation))),
        };
        Self {
            caller_ids: CallerIdsBody::shown(&settings.caller_ids, numbers),
            callee_form: NumberFormBody::shown(&settings.callee_form),
            caller_form: NumberFormBody::shown(&settings.caller_form),
            cause_map: CauseRuleBody::shown(&settings.cause_map),
            sip,
            simulation,
        }
    }
}
