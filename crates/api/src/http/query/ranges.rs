//! Ranges of time as the platform's queries have them: a list of two times, or `start_at` and `end_at`.

use calendar::Zone;
use domain::{FaultRule, Faults, InstantRange};
use jiff::Timestamp;
use utoipa::{
    PartialSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use super::{Query, QueryKind};
use crate::http::{formats::LocalTimeSchema, time};

/// Two times, from and to: `YYYY-MM-DD HH:MM:SS`, or dates. The second or the day of the latter is in the range.
pub(crate) enum TwoTimes {}

impl QueryKind for TwoTimes {
    type Value = Option<[String; 2]>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Self::Value {
        let times = query.listed(name);
        if times.is_empty() {
            return None;
        }
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

/// A time on the server's clock, which its reader turns into an instant; `None` when none is given.
pub(crate) enum LocalTime {}

impl QueryKind for LocalTime {
    type Value = Option<String>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<String> {
        query.decisive(name, faults).map(str::to_owned)
    }

    fn schema() -> RefOr<Schema> {
        LocalTimeSchema::schema()
    }
}

/// The first instant of `start_at`, and the first after `end_at`, on a zone's wall clock.
pub(crate) fn start_and_end(
    zone: Zone,
    start: Option<&str>,
    end: Option<&str>,
    faults: &mut Faults,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = start.and_then(|text| faults.check("start_at", time::range_start(zone, text)));
    let until = end.and_then(|text| faults.check("end_at", time::range_end(zone, text)));
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        faults.add("end_at", FaultRule::NotAfter("start_at"));
    }
    (from, until)
}
