//! Ids that clients choose for what they create, because it had them elsewhere.
//!
//! Ids of accounts and tasks are unique in the installation, so a create reveals whether an id is somebody else's. So that nobody
//! tries ids out, each partner may have few refusals a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{FaultRule, PartnerId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::http::problem::Problem;

/// The most creates with a chosen id that may be refused, or still run, for one partner in a minute.
const MOST_A_MINUTE: u32 = 30;
/// The most partners that are counted; more are refused until the minute ends.
const MOST_PARTNERS: usize = 10_000;
const MINUTE: i64 = 60;

/// Reads a UUID that a client chose.
pub(crate) fn chosen_uuid(text: &str) -> Result<Uuid, FaultRule> {
    Uuid::parse_str(text).ok().filter(|uuid| !uuid.is_nil()).ok_or(FaultRule::Uuid)
}

/// Counts creates with a chosen id that did not succeed.
#[derive(Debug, Default)]
pub(crate) struct ChosenIds(Mutex<ThisMinute>);

#[derive(Debug, Default)]
struct ThisMinute {
    number: i64,
    failures: HashMap<PartnerId, u32>,
}

/// A create with a chosen id, which counts as refused until it says that it succeeded. Without a chosen id nothing is counted.
#[derive(Debug)]
pub(crate) struct CountedCreate<'i> {
    counted: Option<(&'i ChosenIds, PartnerId)>,
}

impl ChosenIds {
    /// Begins a create. [`Problem::TooManyRequests`] when it has a chosen id and too many of those were refused.
    pub(crate) fn attempt(
        &self,
        chooses_id: bool,
        partner: PartnerId,
        now: Timestamp,
    ) -> Result<CountedCreate<'_>, Problem> {
        if !chooses_id {
            return Ok(CountedCreate { counted: None });
        }
        self.count(partner, now)?;
        Ok(CountedCreate { counted: Some((self, partner)) })
    }

    fn count(&self, partner: PartnerId, now: Timestamp) -> Result<(), Problem> {
        let second = now.as_second();
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number != second.div_euclid(MINUTE) {
            *minute = ThisMinute { number: second.div_euclid(MINUTE), failures: HashMap::new() };
        }
        let failures = minute.failures.get(&partner).copied().unwrap_or(0);
        if failures >= MOST_A_MINUTE || (failures == 0 && minute.failures.len() >= MOST_PARTNERS) {
            let wait = MINUTE - second.rem_euclid(MINUTE);
            return Err(Problem::TooManyRequests { retry_after: wait.unsigned_abs() });
        }
        minute.failures.insert(partner, failures + 1);
        Ok(())
    }
}

impl CountedCreate<'_> {
    /// The create was done.
    pub(crate) fn succeeded(self) {
        let Some((ids, partner)) = self.counted else { return };
        let mut minute = ids.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = minute.failures.get_mut(&partner) {
            *failures = failures.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_has_so_many_refusals_a_minute_and_successes_cost_none() {
        let (ids, one, other) =
            (ChosenIds::default(), PartnerId::new(Uuid::max()), PartnerId::new(Uuid::nil()));
        let at = |second| Timestamp::from_second(second).unwrap();
        let refused = |retry_after| Err(Problem::TooManyRequests { retry_after });
        for _ in 0..100 {
            ids.count(one, at(600)).unwrap();
            CountedCreate { counted: Some((&ids, one)) }.succeeded();
        }
        for _ in 0..MOST_A_MINUTE {
            assert_eq!(ids.count(one, at(610)), Ok(()));
        }
        assert_eq!(ids.count(one, at(611)), refused(49));
        assert_eq!(ids.count(one, at(659)), refused(1));
        assert_eq!(ids.count(other, at(659)), Ok(()));
        assert_eq!(ids.count(one, at(660)), Ok(()));
    }

    #[test]
    fn partners_beyond_the_bound_are_refused_until_the_minute_ends() {
        let ids = ChosenIds::default();
        let partner = |number: usize| PartnerId::new(Uuid::from_u128(number as u128));
        let now = Timestamp::from_second(6_000).unwrap();
        for number in 0..MOST_PARTNERS {
            ids.count(partner(number), now).unwrap();
        }
        assert!(ids.count(partner(MOST_PARTNERS), now).is_err());
        assert!(ids.count(partner(0), now).is_ok());
    }

    #[test]
    fn an_id_is_a_uuid_that_says_something() {
        assert!(chosen_uuid("5832d184-dd53-42a0-8ace-0bf8d660f4cc").is_ok());
        for bad in ["", "427", "00000000-0000-0000-0000-000000000000", "5832d184-dd53-42a0-8ace-0bf8d660f4c"]
        {
            assert_eq!(chosen_uuid(bad), Err(FaultRule::Uuid), "{bad}");
        }
    }
}
