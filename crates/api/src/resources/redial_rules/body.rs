//! The bodies that a redial rule is saved from and updated with.

use domain::{Fault, FaultRule, Faults, NumberStatus, RedialRule, RedialRuleDraft, RedialRuleId};
use utoipa::ToSchema;

use crate::http::{
    body::{Number, checked_remark, fields, required_name},
    formats::{NameSchema, RemarkSchema},
    values::{self, schema_of},
};

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &["user_id", "version", "created_at", "updated_at"];

schema_of!(
    /// A status after which a number may be tried again.
    RedialedStatusSchema,
    "RedialedStatus",
    values::numbers(
        "The documented status of a number: 2 to 12 without 5 (空号) and 11 (黑名单), after which none is tried again.",
        [2, 3, 4, 6, 7, 8, 9, 10, 12]
    )
);

/// What a redial rule is saved from.
#[derive(Debug, ToSchema)]
pub(crate) struct SaveRedialRule {
    /// The id it had elsewhere, which no other rule of the account may have; left out, a new one. Tasks that name the id hold the rule
    /// from now on.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    id: Option<Number>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    #[schema(value_type = Option<RemarkSchema>)]
    remark: Option<String>,
    /// After which outcomes a number is tried again, as the documented statuses.
    #[schema(value_type = Vec<RedialedStatusSchema>, required = true, min_items = 1, max_items = 100, example = json!([3, 4, 8]))]
    statuses: Option<Vec<i64>>,
    /// Minutes between the end of a call and the next try, at most a week.
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 10_080, example = 30)]
    interval: Option<i64>,
    /// How often a number is tried beside the first time.
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 50, example = 3)]
    times: Option<i64>,
    /// The most tries of a number on one day, by the clock of the task's group; 0 or left out: as many as `times` allows.
    #[schema(minimum = 0, maximum = 50)]
    daily_limit: Option<i64>,
}

fields!(SaveRedialRule { id, name, remark, statuses, interval, times, daily_limit } known GIVEN_BACK);

/// What a redial rule is updated with; a field left out keeps its value.
#[derive(Debug, ToSchema)]
pub(crate) struct UpdateRedialRule {
    /// The id of the rule, which may be repeated; a rule never gets another.
    #[schema(ignore)]
    id: Option<Number>,
    #[schema(value_type = Option<NameSchema>)]
    name: Option<String>,
    #[schema(value_type = Option<RemarkSchema>)]
    remark: Option<String>,
    /// After which outcomes a number is tried again; they replace the old ones as a whole.
    #[schema(value_type = Option<Vec<RedialedStatusSchema>>, min_items = 1, max_items = 100)]
    statuses: Option<Vec<i64>>,
    /// Minutes between the end of a call and the next try, at most a week.
    #[schema(minimum = 1, maximum = 10_080)]
    interval: Option<i64>,
    /// How often a number is tried beside the first time.
    #[schema(minimum = 1, maximum = 50)]
    times: Option<i64>,
    /// The most tries of a number on one day; 0: as many as `times` allows.
    #[schema(minimum = 0, maximum = 50)]
    daily_limit: Option<i64>,
}

fields!(UpdateRedialRule { id, name, remark, statuses, interval, times, daily_limit } known GIVEN_BACK);

impl SaveRedialRule {
    /// The rule that it asks for, and the id that its client chose.
    pub(super) fn draft(
        self,
        mut faults: Faults,
    ) -> Result<(Option<RedialRuleId>, RedialRuleDraft), Vec<Fault>> {
        let id = self.id.and_then(|id| faults.check("id", RedialRuleId::parse(id.get())));
        let name = required_name(self.name, &mut faults);
        let remark = checked_remark(self.remark, &mut faults);
        let statuses = faults.require("statuses", self.statuses);
        let interval = faults.require("interval", self.interval);
        let times = faults.require("times", self.times);
        // What is missing is told already; the rest is checked all the same.
        let (statuses, interval, times) =
            (statuses.unwrap_or_default(), interval.unwrap_or_default(), times.unwrap_or_default());
        let rule = rule(&statuses, interval, times, self.daily_limit, &mut faults);
        faults.finish(name.zip(rule).map(|(name, rule)| (id, RedialRuleDraft { name, remark, rule })))
    }
}

impl UpdateRedialRule {
    /// The rule of this id after the change.
    pub(super) fn draft(
        self,
        id: RedialRuleId,
        present: RedialRuleDraft,
        mut faults: Faults,
    ) -> Result<RedialRuleDraft, Vec<Fault>> {
        if self.id.is_some_and(|given| given.get() != id.get()) {
            faults.add("id", FaultRule::Differs("rule_id"));
        }
        let name = match self.name {
            Some(name) => required_name(Some(name), &mut faults),
            None => Some(present.name),
        };
        let remark = match self.remark {
            Some(remark) => checked_remark(Some(remark), &mut faults),
            None => present.remark,
        };
        let present = present.rule;
        let statuses =
            self.statuses.unwrap_or_else(|| present.statuses().map(NumberStatus::number).collect());
        let interval = self.interval.unwrap_or_else(|| present.interval());
        let times = self.times.unwrap_or_else(|| present.times());
        let daily_limit = self.daily_limit.or_else(|| present.daily_limit());
        let rule = rule(&statuses, interval, times, daily_limit, &mut faults);
        faults.finish(name.zip(rule).map(|(name, rule)| RedialRuleDraft { name, remark, rule }))
    }
}

fn rule(
    statuses: &[i64],
    interval: i64,
    times: i64,
    daily_limit: Option<i64>,
    faults: &mut Faults,
) -> Option<RedialRule> {
    let daily_limit = daily_limit.filter(|limit| *limit != 0);
    match RedialRule::new(statuses, interval, times, daily_limit) {
        Ok(rule) => Some(rule),
        Err(found) => {
            for (field, rule) in found {
                faults.add(field, rule);
            }
            None
        }
    }
}
