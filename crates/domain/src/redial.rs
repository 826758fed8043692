//! Redial rules (重呼规则): whether and when a number is tried again.
//!
//! A task names a rule of its account, or has one of its own in its `redial_*` fields, which beats the named one while
//! `redial_enabled` is 1.

use std::collections::BTreeSet;

use calendar::Zone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use crate::{
    AccountId, FaultRule, Name, NumberStatus, RedialRuleId, RedialSettings, ValueKind, task::whole_number,
};

/// The most redial rules that an account may have.
pub const MAXIMUM_REDIAL_RULES: usize = 200;

/// How long after a call's end the next try may be at the latest: a week, in minutes.
pub const LONGEST_REDIAL_INTERVAL: i64 = 7 * 24 * 60;

/// How often a number may be tried again at most, and how often on one day: the documented bound of recycling.
pub const MOST_REDIALS: i64 = 50;

/// The outcomes that are never tried again, whatever a rule says: 5 空号, there is no such number, and 11 黑名单, it must not be
/// called.
pub const NEVER_REDIALED: [NumberStatus; 2] = [NumberStatus::Invalid, NumberStatus::DoNotCall];

/// After which outcomes, when and how often a number is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedialRule {
    statuses: BTreeSet<NumberStatus>,
    interval: i64,
    times: i64,
    daily_limit: Option<i64>,
}

/// How often a number has been tried, the try that has just ended included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// In all.
    pub so_far: i64,
    /// Of these, those that were begun on the day of the end, by the clock of the task's group.
    pub today: i64,
}

/// What becomes of a number after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterTry {
    /// It is due again at the instant. Whether the task's group is open then is asked when the time has come.
    Due(Timestamp),
    /// It is not tried again.
    Final,
}

impl RedialRule {
    /// A rule: after which outcomes, how many minutes after the end of a call, how often beside the first try, and how often on
    /// one day at most.
    ///
    /// # Errors
    /// The parts that are out of bounds, each by the name that it has on the wire.
    pub fn new(
        statuses: &[i64],
        interval: i64,
        times: i64,
        daily_limit: Option<i64>,
    ) -> Result<Self, Vec<(String, FaultRule)>> {
        let mut faults = Vec::new();
        let mut within = |name: &str, value: i64, most: i64| {
            if !(1..=most).contains(&value) {
                faults.push((name.to_owned(), FaultRule::OutOfRange(1, most)));
            }
        };
        within("interval", interval, LONGEST_REDIAL_INTERVAL);
        within("times", times, MOST_REDIALS);
        within("daily_limit", daily_limit.unwrap_or(1), MOST_REDIALS);
        if statuses.is_empty() {
            faults.push(("statuses".to_owned(), FaultRule::Empty));
        }
        let mut kept = BTreeSet::new();
        for (place, status) in statuses.iter().enumerate() {
            match redialed(*status) {
                Ok(status) => drop(kept.insert(status)),
                Err(rule) => faults.push((format!("statuses[{place}]"), rule)),
            }
        }
        if faults.is_empty() {
            Ok(Self { statuses: kept, interval, times, daily_limit })
        } else {
            Err(faults)
        }
    }

    /// After which outcomes.
    pub fn statuses(&self) -> impl Iterator<Item = NumberStatus> {
        self.statuses.iter().copied()
    }

    /// Minutes between the end of a call and the next try.
    pub const fn interval(&self) -> i64 {
        self.interval
    }

    /// How often beside the first try.
    pub const fn times(&self) -> i64 {
        self.times
    }

    /// The most tries on one day, by the clock of the task's group; `None`: as many as `times` allows.
    pub const fn daily_limit(&self) -> Option<i64> {
        self.daily_limit
    }

    /// What becomes of a number after a try that ended with this status at this instant. `zone` is that of the task's group.
    pub fn after_try(&self, outcome: NumberStatus, tries: Tries, end: Timestamp, zone: Zone) -> AfterTry {
        if !self.statuses.contains(&outcome) || tries.so_far > self.times {
            return AfterTry::Final;
        }
        let minutes = SignedDuration::from_mins(self.interval);
        let Ok(due) = end.checked_add(minutes) else { return AfterTry::Final };
        if self.daily_limit.is_none_or(|limit| tries.today < limit) {
            return AfterTry::Due(due);
        }
        // The day's tries are used up: the first instant of the next one, if that is later.
        match next_day(end, zone) {
            Some(tomorrow) => AfterTry::Due(due.max(tomorrow)),
            None => AfterTry::Final,
        }
    }
}

/// A status after which a number may be tried again.
fn redialed(number: i64) -> Result<NumberStatus, FaultRule> {
    let first = NumberStatus::Blocked.number();
    let last = NumberStatus::CalleeBlocked.number();
    let status = NumberStatus::from_number(number).filter(|status| status.number() >= first);
    let status = status.ok_or(FaultRule::OutOfRange(first, last))?;
    if NEVER_REDIALED.contains(&status) { Err(FaultRule::NeverRedialed) } else { Ok(status) }
}

/// The first instant of the day after that of an instant.
fn next_day(instant: Timestamp, zone: Zone) -> Option<Timestamp> {
    let zone = zone.time_zone();
    let day = zone.to_datetime(instant).date().checked_add(1.day()).ok()?;
    zone.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

/// A redial rule as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRedialRule {
    /// Its id.
    pub id: RedialRuleId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// All that a person decides about it.
    pub draft: RedialRuleDraft,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// All that a person decides about a redial rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedialRuleDraft {
    /// Its name.
    pub name: Name,
    /// A remark.
    pub remark: Option<String>,
    /// The rule.
    pub rule: RedialRule,
}

impl RedialSettings {
    /// Whether each call of a number is made with another caller id than the one before, where there are several.
    pub fn takes_another_caller_id(&self) -> bool {
        self.redial_new_number_policy.as_ref().and_then(whole_number) == Some(1)
    }

    /// The rule by which a task redials: its own while `redial_enabled` is 1, else the named one. `None`: no number is tried
    /// again.
    pub fn rule(&self, named: Option<&RedialRule>) -> Option<RedialRule> {
        if self.has_own_rule() { self.own_rule() } else { named.cloned() }
    }

    /// Whether the task's own fields hold.
    pub fn has_own_rule(&self) -> bool {
        self.redial_enabled
            .as_ref()
            .is_some_and(|enabled| enabled.as_bool() == Some(true) || whole_number(enabled) == Some(1))
    }

    /// What is wrong with the task's own fields while they hold, each by the name that it has on the wire.
    pub fn faults(&self) -> Vec<(String, FaultRule)> {
        if !self.has_own_rule() {
            return Vec::new();
        }
        let bounded = |name: &str, value: Option<i64>, most: i64| {
            let rule = match value {
                None => FaultRule::Required,
                Some(value) if (1..=most).contains(&value) => return None,
                Some(_) => FaultRule::OutOfRange(1, most),
            };
            Some((name.to_owned(), rule))
        };
        let numbers = [
            bounded("redial_interval", self.redial_interval, LONGEST_REDIAL_INTERVAL),
            bounded("redial_max_times", self.redial_max_times, MOST_REDIALS),
        ];
        numbers.into_iter().flatten().chain(self.faulty_statuses()).collect()
    }

    fn faulty_statuses(&self) -> Vec<(String, FaultRule)> {
        const FIELD: &str = "redial_conditions.da_status";
        match self.redial_conditions.as_ref().and_then(|conditions| conditions.get("da_status")) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(statuses)) => {
                let fault = |(place, status): (usize, &Value)| {
                    let number = whole_number(status).ok_or(FaultRule::Type(ValueKind::Integer));
                    let rule = number.and_then(redialed).err()?;
                    Some((format!("{FIELD}[{place}]"), rule))
                };
                statuses.iter().enumerate().filter_map(fault).collect()
            }
            Some(_) => vec![(FIELD.to_owned(), FaultRule::Type(ValueKind::List))],
        }
    }

    /// The rule of the task's own fields. What was sent beyond the bounds of a rule is cut to them, and outcomes that are never
    /// tried again are left out. `None` where a field is missing: nobody is called more often than someone has said.
    fn own_rule(&self) -> Option<RedialRule> {
        let statuses = self.redial_conditions.as_ref()?.get("da_status")?.as_array()?;
        let statuses: Vec<i64> = statuses.iter().filter_map(whole_number).collect();
        let statuses: Vec<i64> = statuses.into_iter().filter(|status| redialed(*status).is_ok()).collect();
        let interval = self.redial_interval?.clamp(1, LONGEST_REDIAL_INTERVAL);
        let times = self.redial_max_times?.min(MOST_REDIALS);
        RedialRule::new(&statuses, interval, times, None).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn zone() -> Zone {
        Zone::parse("Asia/Shanghai").unwrap()
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rule(daily_limit: Option<i64>) -> RedialRule {
        RedialRule::new(&[3, 4, 8], 30, 3, daily_limit).unwrap()
    }

    fn after(rule: &RedialRule, status: NumberStatus, so_far: i64, today: i64, end: &str) -> AfterTry {
        rule.after_try(status, Tries { so_far, today }, instant(end), zone())
    }

    #[test]
    fn a_number_is_due_again_some_minutes_after_its_end_so_many_times() {
        let (end, due) = ("2026-06-10T10:00:00+08:00", AfterTry::Due(instant("2026-06-10T10:30:00+08:00")));
        for so_far in 1..=3 {
            assert_eq!(after(&rule(None), NumberStatus::Busy, so_far, so_far, end), due);
        }
        assert_eq!(after(&rule(None), NumberStatus::Busy, 4, 4, end), AfterTry::Final);
        for status in [NumberStatus::Answered, NumberStatus::PoweredOff, NumberStatus::Invalid] {
            assert_eq!(after(&rule(None), status, 1, 1, end), AfterTry::Final);
        }
    }

    #[test]
    fn the_limit_of_a_day_moves_the_next_try_to_the_next_day_of_the_group() {
        let rule = rule(Some(2));
        let tomorrow = AfterTry::Due(instant("2026-06-11T00:00:00+08:00"));
        let end = "2026-06-10T10:00:00+08:00";
        assert_ne!(after(&rule, NumberStatus::Busy, 1, 1, end), tomorrow);
        assert_eq!(after(&rule, NumberStatus::Busy, 2, 2, end), tomorrow);
        // Over midnight in Shanghai, which is 16:00 UTC, the interval ends on the next day anyway.
        let late = AfterTry::Due(instant("2026-06-10T16:10:00Z"));
        assert_eq!(after(&rule, NumberStatus::Busy, 2, 2, "2026-06-10T15:40:00Z"), late);
    }

    #[test]
    fn what_is_out_of_bounds_is_told_part_by_part() {
        let faults = RedialRule::new(&[4, 5, 11, 0, 1, 13], 0, 51, Some(0)).unwrap_err();
        let fields: Vec<(&str, &FaultRule)> =
            faults.iter().map(|(field, rule)| (field.as_str(), rule)).collect();
        let outcome = &FaultRule::OutOfRange(2, 12);
        assert_eq!(
            fields,
            [
                ("interval", &FaultRule::OutOfRange(1, LONGEST_REDIAL_INTERVAL)),
                ("times", &FaultRule::OutOfRange(1, MOST_REDIALS)),
                ("daily_limit", &FaultRule::OutOfRange(1, MOST_REDIALS)),
                ("statuses[1]", &FaultRule::NeverRedialed),
                ("statuses[2]", &FaultRule::NeverRedialed),
                ("statuses[3]", outcome),
                ("statuses[4]", outcome),
                ("statuses[5]", outcome),
            ]
        );
        assert_eq!(
            RedialRule::new(&[], 1, 1, None).unwrap_err(),
            [("statuses".to_owned(), FaultRule::Empty)]
        );
    }

    #[test]
    fn a_tasks_own_fields_beat_the_rule_that_it_names() {
        let named = rule(None);
        let own = |enabled: Value| RedialSettings {
            redial_enabled: Some(enabled),
            redial_interval: Some(3),
            redial_max_times: Some(3),
            redial_conditions: Some(json!({ "da_status": [2, "3", 5, 11, 99] })),
            ..RedialSettings::default()
        };
        for enabled in [json!(1), json!("1"), json!(true)] {
            let found = own(enabled).rule(Some(&named)).unwrap();
            assert_eq!(found, RedialRule::new(&[2, 3], 3, 3, None).unwrap());
        }
        for disabled in [json!(0), json!("0"), json!(false), json!("yes"), json!(null)] {
            assert_eq!(own(disabled).rule(Some(&named)), Some(named.clone()));
        }
        assert_eq!(RedialSettings::default().rule(None), None);
        let incomplete = RedialSettings { redial_max_times: None, ..own(json!(1)) };
        assert_eq!(incomplete.rule(Some(&named)), None, "half a rule of its own calls nobody again");
        let extreme =
            RedialSettings { redial_interval: Some(0), redial_max_times: Some(1_000), ..own(json!(1)) };
        assert_eq!(extreme.rule(None), Some(RedialRule::new(&[2, 3], 1, MOST_REDIALS, None).unwrap()));
    }

    proptest! {
        /// A number is followed from its first try to its last, each begun when it is due and ended some minutes later.
        #[test]
        fn no_rule_calls_more_often_or_sooner_than_it_says(
            interval in 1..2_000_i64,
            times in 1..=MOST_REDIALS,
            limit in proptest::option::of(1..5_i64),
            second in 0..100_000_000_i64,
            length in 0..3_000_i64,
        ) {
            let rule = RedialRule::new(&[4], interval, times, limit).unwrap();
            let day = |at: Timestamp| zone().time_zone().to_datetime(at).date();
            let mut start = Timestamp::from_second(1_700_000_000 + second).unwrap();
            let mut starts = vec![start];
            loop {
                let end = start + SignedDuration::from_secs(length);
                let today = starts.iter().filter(|at| day(**at) == day(end)).count();
                let tries = Tries { so_far: starts.len().try_into().unwrap(), today: today.try_into().unwrap() };
                let AfterTry::Due(due) = rule.after_try(NumberStatus::NoAnswer, tries, end, zone()) else { break };
                prop_assert!(due.duration_since(end) >= SignedDuration::from_mins(interval));
                start = due;
                starts.push(start);
            }
            prop_assert_eq!(i64::try_from(starts.len()).unwrap(), times + 1);
            if let Some(limit) = limit {
                for at in &starts {
                    let on_day = starts.iter().filter(|other| day(**other) == day(*at)).count();
                    prop_assert!(i64::try_from(on_day).unwrap() <= limit);
                }
            }
        }

        #[test]
        fn what_never_may_be_called_again_is_final_under_every_rule(
            statuses in proptest::collection::vec(0..14_i64, 1..13),
            so_far in 1..60_i64,
            second in 0..100_000_000_i64,
        ) {
            let Ok(rule) = RedialRule::new(&statuses, 1, 3, None) else { return Ok(()) };
            let end = Timestamp::from_second(second).unwrap();
            for status in [NumberStatus::Invalid, NumberStatus::DoNotCall, NumberStatus::Answered, NumberStatus::Waiting] {
                let after = rule.after_try(status, Tries { so_far, today: 1 }, end, zone());
                prop_assert_eq!(after, AfterTry::Final);
            }
        }
    }
}
