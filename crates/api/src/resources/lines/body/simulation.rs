//! The script of a simulated line.

use domain::{
    FaultRule, Faults, MAXIMUM_SIMULATED_OUTCOMES, MAXIMUM_SIMULATION_RULES, NumberPattern, Seconds,
    SimulatedOutcome, Simulation, SimulationRule, WeightedOutcome,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::parts::at_most;
use crate::http::{
    answerers::AnsweredByView,
    body::fields,
    outcomes::{CarrierOutcomeBody, CarrierOutcomeSchema},
};

/// A span of seconds, both ends included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seconds)]
pub(crate) struct SecondsBody {
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 3_600)]
    from: Option<i64>,
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 3_600)]
    to: Option<i64>,
}

fields!(SecondsBody { from, to } known &[]);

impl SecondsBody {
    const fn shown(span: Seconds) -> Self {
        Self { from: Some(span.from), to: Some(span.to) }
    }

    fn check(self, place: &str, faults: &mut Faults) -> Option<Seconds> {
        let from = faults.require(&format!("{place}.from"), self.from);
        let to = faults.require(&format!("{place}.to"), self.to);
        let (from, to) = from.zip(to)?;
        faults.check(&format!("{place}.to"), Seconds::new(from, to))
    }
}

/// What comes of calls to the numbers of a pattern.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulationRule)]
pub(crate) struct SimulationRuleBody {
    /// Digits of the E.164 number, where `?` stands for any one and `*` for any number of them.
    #[schema(value_type = String, required = true, min_length = 1, max_length = 33, pattern = r"^\+?[0-9?*]{1,32}$", example = "86138*")]
    pattern: Option<String>,
    #[schema(value_type = CarrierOutcomeSchema, required = true)]
    outcome: Option<CarrierOutcomeBody>,
    /// How long the phone rings; left out, 2 to 8 seconds.
    ring: Option<SecondsBody>,
    /// How long people talk, where someone answers; left out, 5 to 60 seconds.
    talk: Option<SecondsBody>,
    /// Who answers, where someone does; left out, a person. A machine greets for 4 seconds and beeps; it is told from a person where the
    /// script's `on_machine` asks for that.
    answered_by: Option<AnsweredByView>,
}

fields!(SimulationRuleBody { pattern, outcome, ring, talk, answered_by } known &[]);

/// What comes of so many of the other calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WeightedOutcome)]
pub(crate) struct WeightedOutcomeBody {
    /// How often, beside the weights of the others; left out, 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    weight: Option<i64>,
    #[schema(value_type = CarrierOutcomeSchema, required = true)]
    outcome: Option<CarrierOutcomeBody>,
    /// How long the phone rings; left out, 2 to 8 seconds.
    ring: Option<SecondsBody>,
    /// How long people talk, where someone answers; left out, 5 to 60 seconds.
    talk: Option<SecondsBody>,
    /// Who answers, where someone does; left out, a person. A machine greets for 4 seconds and beeps; it is told from a person where the
    /// script's `on_machine` asks for that.
    answered_by: Option<AnsweredByView>,
}

fields!(WeightedOutcomeBody { weight, outcome, ring, talk, answered_by } known &[]);

/// What comes of a simulated line's calls: the first rule whose pattern fits the number, else one of `outcomes` by its weight.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulation)]
pub(crate) struct SimulationBody {
    #[schema(max_items = 200)]
    rules: Option<Vec<SimulationRuleBody>>,
    /// Left out or empty: 60 in 100 answer, 18 do not, 8 are busy, 6 off, 5 no numbers, and 3 decline.
    #[schema(max_items = 50)]
    outcomes: Option<Vec<WeightedOutcomeBody>>,
}

fields!(SimulationBody { rules, outcomes } known &[]);

const HEAVIEST: i64 = 1_000_000;

impl SimulationBody {
    pub(super) fn shown(simulation: &Simulation) -> Self {
        let parts = |SimulatedOutcome { class, ring, talk, by }: SimulatedOutcome| {
            let (outcome, answered_by) = (Some(class.into()), Some(by.into()));
            (outcome, Some(SecondsBody::shown(ring)), Some(SecondsBody::shown(talk)), answered_by)
        };
        let rule = |rule: &SimulationRule| {
            let (outcome, ring, talk, answered_by) = parts(rule.outcome);
            SimulationRuleBody {
                pattern: Some(rule.pattern.as_str().to_owned()),
                outcome,
                ring,
                talk,
                answered_by,
            }
        };
        let weighted = |weighted: &WeightedOutcome| {
            let (outcome, ring, talk, answered_by) = parts(weighted.outcome);
            WeightedOutcomeBody { weight: Some(weighted.weight.into()), outcome, ring, talk, answered_by }
        };
        Self {
            rules: Some(simulation.rules.iter().map(rule).collect()),
            outcomes: Some(simulation.outcomes.iter().map(weighted).collect()),
        }
    }

    pub(super) fn check(self, faults: &mut Faults) -> Simulation {
        let (rules, outcomes) = (self.rules.unwrap_or_default(), self.outcomes.unwrap_or_default());
        at_most("simulation.rules", rules.len(), MAXIMUM_SIMULATION_RULES, faults);
        at_most("simulation.outcomes", outcomes.len(), MAXIMUM_SIMULATED_OUTCOMES, faults);
        let numbered = rules.into_iter().take(MAXIMUM_SIMULATION_RULES).enumerate();
        let rules = numbered.filter_map(|(index, rule)| {
            let place = format!("simulation.rules[{index}]");
            let pattern = faults.require(&format!("{place}.pattern"), rule.pattern);
            let pattern = pattern
                .and_then(|text| faults.check(&format!("{place}.pattern"), NumberPattern::parse(&text)));
            let outcome = outcome(&place, (rule.outcome, rule.answered_by), (rule.ring, rule.talk), faults);
            pattern.zip(outcome).map(|(pattern, outcome)| SimulationRule { pattern, outcome })
        });
        let rules = rules.collect();
        let numbered = outcomes.into_iter().take(MAXIMUM_SIMULATED_OUTCOMES).enumerate();
        let outcomes: Vec<WeightedOutcome> = numbered
            .filter_map(|(index, one)| one.check(&format!("simulation.outcomes[{index}]"), faults))
            .collect();
        let outcomes = if outcomes.is_empty() { Simulation::default().outcomes } else { outcomes };
        Simulation { rules, outcomes }
    }
}

impl WeightedOutcomeBody {
    fn check(self, place: &str, faults: &mut Faults) -> Option<WeightedOutcome> {
        let weight = u32::try_from(self.weight.unwrap_or(1)).ok();
        let weight = weight.filter(|weight| (1..=HEAVIEST).contains(&i64::from(*weight)));
        let weight =
            faults.check(&format!("{place}.weight"), weight.ok_or(FaultRule::OutOfRange(1, HEAVIEST)));
        let outcome = outcome(place, (self.outcome, self.answered_by), (self.ring, self.talk), faults);
        weight.zip(outcome).map(|(weight, outcome)| WeightedOutcome { weight, outcome })
    }
}

fn outcome(
    place: &str,
    (class, by): (Option<CarrierOutcomeBody>, Option<AnsweredByView>),
    (ring, talk): (Option<SecondsBody>, Option<SecondsBody>),
    faults: &mut Faults,
) -> Option<SimulatedOutcome> {
    let ring = ring.and_then(|span| span.check(&format!("{place}.ring"), faults));
    let talk = talk.and_then(|span| span.check(&format!("{place}.talk"), faults));
    let class = faults.require(&format!("{place}.outcome"), class)?.into();
    let usual = SimulatedOutcome::of(class);
    let by = by.map_or(usual.by, Into::into);
    Some(SimulatedOutcome { class, ring: ring.unwrap_or(usual.ring), talk: talk.unwrap_or(usual.talk), by })
}
