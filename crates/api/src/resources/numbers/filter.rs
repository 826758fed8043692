//! What a list of numbers is narrowed to.

use calendar::Zone;
use domain::{FaultRule, Faults};
use store::numbers::NumberListFilter;

use crate::{
    http::query::{Flag, LocalTime, query_parameters, start_and_end},
    resources::records::Statuses,
};

query_parameters! {
    /// Filters of a list of numbers.
    pub(crate) struct NumberQuery {
        /// One or several: `status[]=2&status[]=3`.
        status: Statuses,
        /// Added at this time or later; a day begins at 00:00:00.
        start_at: LocalTime,
        /// Added at this time or before; a day ends at 23:59:59.
        end_at: LocalTime,
        /// Only `false`: encrypted numbers are not known here.
        encryption: Flag,
    }
}

impl NumberQuery {
    pub(super) fn filter(self, zone: Zone, faults: &mut Faults) -> NumberListFilter {
        if self.encryption {
            faults.add("encryption", FaultRule::Encrypted);
        }
        let (from, until) = start_and_end(zone, self.start_at.as_deref(), self.end_at.as_deref(), faults);
        NumberListFilter { statuses: self.status.unwrap_or_default(), from, until }
    }
}
