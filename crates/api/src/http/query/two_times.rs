//! A range of time as the platform's queries have it: a list of two times.

use calendar::Zone;
use domain::{FaultRule, Faults, InstantRange};
use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder, RefOr, Schema,
    schema::{SchemaType, Type},
};

use super::{OneOrMany, Query, QueryKind};
use crate::http::time;

/// Two times, from and to: `YYYY-MM-DD HH:MM:SS`, or dates. The second or the day of the latter is in the range.
pub(crate) enum TwoTimes {}

impl QueryKind for TwoTimes {
    type Value = Option<[String; 2]>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let times = match query.one_or_many(name) {
            OneOrMany::None => return None,
            OneOrMany::One(time) => vec![time],
            OneOrMany::Many(times) => times,
        };
        faults.check(name, times.try_into().map_err(|_| FaultRule::TwoTimes))
    }

    fn schema() -> RefOr<Schema> {
        let time = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        ArrayBuilder::new().items(time).min_items(Some(2)).max_items(Some(2)).into()
    }
}

impl TwoTimes {
    /// Reads what was given on a zone's wall clock.
    pub(crate) fn range(
        times: Option<[String; 2]>,
        name: &str,
        zone: Zone,
        faults: &mut Faults,
    ) -> Option<InstantRange> {
        let [from, until] = times?;
        let from = faults.check(name, time::range_start(zone, &from));
        let until = faults.check(name, time::range_end(zone, &until));
        let (from, until) = from.zip(until)?;
        let range = if from < until { Ok(InstantRange { from, until }) } else { Err(FaultRule::TwoTimes) };
        faults.check(name, range)
    }
}
