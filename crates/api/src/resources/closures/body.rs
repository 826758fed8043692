//! What a closure is planned from.

use calendar::Zone;
use domain::{Fault, FaultRule, Faults, Name};
use jiff::Timestamp;
use utoipa::ToSchema;

use crate::http::{
    body::{fields, required_name},
    formats::{LocalTimeSchema, NameSchema},
    time::parse,
};

/// A closure: when, and what it is called.
#[derive(Debug, ToSchema)]
pub(crate) struct PlanClosure {
    /// What decisions call it.
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    /// The first instant at which nothing dials; left out, now.
    #[schema(value_type = Option<LocalTimeSchema>)]
    begin: Option<String>,
    /// The first instant after it, in the future and after `begin`.
    #[schema(value_type = LocalTimeSchema, required = true)]
    end: Option<String>,
}

fields!(PlanClosure { name, begin, end } known &[]);

impl PlanClosure {
    /// Its name, its begin and its end.
    pub(super) fn checked(
        self,
        zone: Zone,
        now: Timestamp,
        mut faults: Faults,
    ) -> Result<(Name, Timestamp, Timestamp), Vec<Fault>> {
        let name = required_name(self.name, &mut faults);
        let begin = self.begin.map_or(Ok(now), |text| parse(zone, &text));
        let begin = faults.check("begin", begin);
        let end = faults.require("end", self.end);
        let end = end.and_then(|text| faults.check("end", parse(zone, &text)));
        if begin.zip(end).is_some_and(|(begin, end)| end <= begin || end <= now) {
            faults.add("end", FaultRule::NotAfter("begin"));
        }
        faults.finish(name.zip(begin).zip(end).map(|((name, begin), end)| (name, begin, end)))
    }
}
