//! The body by which an account adds numbers that must not be called.

use std::collections::BTreeSet;

use calendar::Zone;
use domain::{
    Counted, DoNotCallEntry, Fault, FaultRule, Faults, MOST_DO_NOT_CALL_AT_ONCE, check_reason, check_source,
};
use jiff::Timestamp;
use phone::Country;
use serde_json::Value;
use utoipa::ToSchema;

use super::read_number;
use crate::{
    http::{
        body::{FieldPath, FromValue, Reading, fields},
        formats::{DoNotCallReasonSchema, DoNotCallSourceSchema, LocalTimeSchema},
        time,
    },
    resources::numbers::PhoneText,
};

/// Where an entry comes from that does not say it.
const SOURCE: &str = "api";

/// Numbers that must not be called.
#[derive(ToSchema)]
pub(crate) struct AddDoNotCall {
    #[schema(value_type = Vec<DoNotCallToAdd>, required = true, min_items = 1, max_items = 1_000)]
    data: Option<Vec<Value>>,
}

fields!(AddDoNotCall { data } known &[]);

/// A number that must not be called.
#[derive(ToSchema)]
pub(crate) struct DoNotCallToAdd {
    /// In any form in which a task's numbers can be given; an extension and a suffix are passed over.
    #[schema(value_type = String, required = true, max_length = 64, example = "13800001234")]
    phone: Option<PhoneText>,
    /// Why.
    #[schema(value_type = Option<DoNotCallReasonSchema>)]
    reason: Option<String>,
    /// Where it comes from; left out, `api`.
    #[schema(value_type = Option<DoNotCallSourceSchema>)]
    source: Option<String>,
    /// Until when it holds, not included, or a date, which is; left out, for good. What is over already is refused.
    #[schema(value_type = Option<LocalTimeSchema>)]
    until: Option<String>,
}

fields!(DoNotCallToAdd { phone, reason, source, until } known &["in_force", "created_at"]);

impl AddDoNotCall {
    /// The entries that it asks for.
    pub(super) fn entries(
        self,
        ends: Ends,
        country: Country,
        mut faults: Faults,
    ) -> Result<Vec<DoNotCallEntry>, Vec<Fault>> {
        let data = faults.require("data", self.data).unwrap_or_default();
        if data.is_empty() {
            faults.add("data", FaultRule::Empty);
        } else if data.len() > MOST_DO_NOT_CALL_AT_ONCE {
            faults.add("data", FaultRule::TooMany(Counted::Numbers, MOST_DO_NOT_CALL_AT_ONCE));
        }
        let mut seen = BTreeSet::new();
        let mut entries = Vec::new();
        for (index, value) in data.into_iter().take(MOST_DO_NOT_CALL_AT_ONCE).enumerate() {
            match DoNotCallToAdd::read(ends, country, index, value) {
                Ok(entry) if seen.insert(entry.number) => entries.push(entry),
                Ok(_) => faults.add(format!("data[{index}].phone"), FaultRule::Repeated),
                Err(found) => found.into_iter().for_each(|fault| faults.add(fault.field, fault.rule)),
            }
        }
        faults.finish(Some(entries))
    }
}

impl DoNotCallToAdd {
    /// The entry at a place of `data`.
    fn read(ends: Ends, country: Country, index: usize, value: Value) -> Result<DoNotCallEntry, Vec<Fault>> {
        let (data, mut reading) = (FieldPath::Whole("data"), Reading::new());
        let place = FieldPath::Entry(&data, index);
        let entry = Self::from_value(value, &place, &mut reading)
            .and_then(|body| body.entry(ends, country, &place.to_string(), &mut reading.faults));
        reading.faults.finish(entry)
    }

    fn entry(self, ends: Ends, country: Country, place: &str, faults: &mut Faults) -> Option<DoNotCallEntry> {
        let field = |name: &str| format!("{place}.{name}");
        let phone = faults.require(&field("phone"), self.phone);
        let number =
            phone.and_then(|PhoneText(phone)| faults.check(&field("phone"), read_number(country, &phone)));
        let reason = check_reason(self.reason.as_deref().unwrap_or_default());
        let reason = faults.check(&field("reason"), reason);
        let source = check_source(self.source.as_deref().unwrap_or_default());
        let source = faults.check(&field("source"), source);
        let until = ends.read(self.until.as_deref().unwrap_or_default());
        let until = faults.check(&field("until"), until);
        let source = source?.unwrap_or_else(|| SOURCE.to_owned());
        Some(DoNotCallEntry { number: number?, reason: reason?, source, until: until? })
    }
}

/// How the end of an entry is read.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    /// The zone of times that name none.
    pub zone: Zone,
    /// An end up to here is over: the entry would bar nobody, though whoever sends it means it to.
    pub now: Timestamp,
}

impl Ends {
    /// Until when an entry holds: a time, or a date, with which it ends. Without a text it holds for good.
    pub(super) fn read(self, text: &str) -> Result<Option<Timestamp>, FaultRule> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let until = time::end(self.zone, text)?;
        if until > self.now { Ok(Some(until)) } else { Err(FaultRule::Past) }
    }
}
