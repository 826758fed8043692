//! The bodies that numbers are added, deleted and reset with.

use calendar::Zone;
use domain::{
    Counted, Fault, FaultRule, Faults, MAXIMUM_ASYNC_BATCH, MAXIMUM_BATCH, MAXIMUM_NAMED_NUMBERS, NumberKey,
    NumberSelection, NumberStatus,
};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    number_key,
    row::{NumberToAddSchema, PhoneText},
};
use crate::{
    Api,
    http::{body::fields, formats::LocalTimeSchema, query::start_and_end},
    resources::records::NumberStatusSchema,
};

/// The most characters of a part of a number to look for.
const LONGEST_KEYWORD: usize = 64;

/// Numbers to add.
#[derive(ToSchema)]
pub(crate) struct AddNumbers {
    #[schema(value_type = Vec<NumberToAddSchema>, required = true, min_items = 1, max_items = 100)]
    data: Option<Vec<Value>>,
    /// Whether numbers that cannot be added are left out; else one refuses all.
    skip_error: Option<bool>,
    /// Whether each number gets a suffix of its own, `_` and six lower-case letters and digits, so that it can be there twice; behind the one
    /// that it is sent with, if it has one (`13800138000_a1b2_k3v9ab`). Suffixes have at most 32 characters together.
    number_add_suffix: Option<bool>,
    /// Taken, without effect: there is no CRM pool.
    #[expect(dead_code, reason = "its type is checked")]
    ignore_crm: Option<bool>,
    /// Only `false`: what is encrypted cannot be read here.
    encryption: Option<bool>,
}

fields!(AddNumbers { data, skip_error, number_add_suffix, ignore_crm, encryption });

/// Numbers to add, no two of them the same.
#[derive(ToSchema)]
pub(crate) struct AddNumbersAsync {
    #[schema(value_type = Vec<NumberToAddSchema>, required = true, min_items = 1, max_items = 200)]
    data: Option<Vec<Value>>,
    /// Whether each number gets a suffix of its own, `_` and six lower-case letters and digits, so that it can be there twice; behind the one
    /// that it is sent with, if it has one (`13800138000_a1b2_k3v9ab`). Suffixes have at most 32 characters together.
    number_add_suffix: Option<bool>,
    /// Taken, without effect: there is no CRM pool.
    #[expect(dead_code, reason = "its type is checked")]
    ignore_crm: Option<bool>,
    /// Only `false`: what is encrypted cannot be read here.
    encryption: Option<bool>,
}

fields!(AddNumbersAsync { data, number_add_suffix, ignore_crm, encryption });

/// What is to be added, as far as it is the same for both ways to add.
pub(super) struct NumberBatch {
    pub(super) rows: Vec<Value>,
    pub(super) adds_suffix: bool,
    pub(super) on_fault: OnFault,
}

/// What becomes of numbers that cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFault {
    /// They are left out and named.
    Skip,
    /// All are refused.
    Refuse,
    /// All are refused, but for those that the task has already, which are left out.
    RefuseAllButKnown,
}

impl AddNumbers {
    pub(super) fn batch(self, faults: Faults) -> Result<NumberBatch, Vec<Fault>> {
        let skips = self.skip_error.unwrap_or(false);
        let rows = rows(self.data, self.encryption, MAXIMUM_BATCH, faults)?;
        let on_fault = if skips { OnFault::Skip } else { OnFault::Refuse };
        Ok(NumberBatch { rows, adds_suffix: self.number_add_suffix.unwrap_or(false), on_fault })
    }
}

impl AddNumbersAsync {
    pub(super) fn batch(self, faults: Faults) -> Result<NumberBatch, Vec<Fault>> {
        let rows = rows(self.data, self.encryption, MAXIMUM_ASYNC_BATCH, faults)?;
        let adds_suffix = self.number_add_suffix.unwrap_or(false);
        Ok(NumberBatch { rows, adds_suffix, on_fault: OnFault::RefuseAllButKnown })
    }
}

/// The rows of a batch, as they were sent.
fn rows(
    data: Option<Vec<Value>>,
    encryption: Option<bool>,
    most: usize,
    mut faults: Faults,
) -> Result<Vec<Value>, Vec<Fault>> {
    refuse_encryption(encryption, &mut faults);
    let rows = faults.require("data", data);
    match rows.as_ref().map(Vec::len) {
        Some(0) => faults.add("data", FaultRule::Empty),
        Some(length) if length > most => faults.add("data", FaultRule::TooMany(Counted::Numbers, most)),
        _ => {}
    }
    faults.finish(rows)
}

fn refuse_encryption(encryption: Option<bool>, faults: &mut Faults) {
    if encryption == Some(true) {
        faults.add("encryption", FaultRule::Encrypted);
    }
}

/// Numbers to delete.
#[derive(ToSchema)]
pub(crate) struct DeleteNumbers {
    #[schema(value_type = Vec<NamedNumber>, required = true, min_items = 1, max_items = 1_000)]
    customer_info_list: Option<Vec<NamedNumber>>,
    /// Only `false`: what is encrypted cannot be read here.
    encryption: Option<bool>,
}

fields!(DeleteNumbers { customer_info_list, encryption } known &[]);

/// A number, in any of the forms that it can be added in.
#[derive(ToSchema)]
pub(crate) struct NamedNumber {
    #[schema(value_type = String, required = true, max_length = 64, example = "13800138000")]
    phone: Option<PhoneText>,
}

fields!(NamedNumber { phone });

impl DeleteNumbers {
    pub(super) fn keys(self, api: &Api, mut faults: Faults) -> Result<Vec<NumberKey>, Vec<Fault>> {
        refuse_encryption(self.encryption, &mut faults);
        let named = faults.require("customer_info_list", self.customer_info_list).unwrap_or_default();
        if named.is_empty() {
            faults.add("customer_info_list", FaultRule::Empty);
        }
        let phones = named.into_iter().map(|named| named.phone.map(|PhoneText(text)| text)).collect();
        let keys = keys(api, phones, "customer_info_list", ".phone", &mut faults);
        faults.finish(Some(keys))
    }
}

/// The keys of numbers in a list, noting what is wrong with each.
fn keys(
    api: &Api,
    phones: Vec<Option<String>>,
    list: &'static str,
    member: &str,
    faults: &mut Faults,
) -> Vec<NumberKey> {
    if phones.len() > MAXIMUM_NAMED_NUMBERS {
        faults.add(list, FaultRule::TooMany(Counted::Numbers, MAXIMUM_NAMED_NUMBERS));
    }
    let mut keys = Vec::with_capacity(phones.len());
    for (index, phone) in phones.into_iter().enumerate().take(MAXIMUM_NAMED_NUMBERS) {
        let key = phone.ok_or(FaultRule::Required).and_then(|text| number_key(api, &text));
        keys.extend(faults.check(&format!("{list}[{index}]{member}"), key));
    }
    keys
}

/// Which numbers are to be reset.
#[derive(ToSchema)]
pub(crate) struct ResetNumbers {
    /// A part of the number as it was sent.
    #[schema(value_type = Option<String>, max_length = 64)]
    keyword: Option<PhoneText>,
    /// These numbers, each in any of the forms that it can be added in.
    #[schema(value_type = Option<Vec<String>>, max_items = 1_000)]
    phones: Option<Vec<PhoneText>>,
    /// Added at this time or later; together with `end_at`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    start_at: Option<String>,
    /// Added at this time or before; together with `start_at`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    end_at: Option<String>,
    /// With one of these statuses.
    #[schema(value_type = Option<Vec<NumberStatusSchema>>)]
    status: Option<Vec<i64>>,
    /// Taken, without effect.
    #[expect(dead_code, reason = "its type is checked")]
    is_new_task: Option<bool>,
    /// Only `false`: what is encrypted cannot be read here.
    encryption: Option<bool>,
}

// One that is misspelt, beside others, would have more numbers called again than are meant.
fields!(ResetNumbers { keyword, phones, start_at, end_at, status, is_new_task, encryption } known &[]);

/// Of which one must be given.
const FILTERS: &[&str] = &["keyword", "phones", "start_at", "status"];
/// With one of these something was given, though it may be faulty.
const GIVEN: [&str; 5] = ["keyword", "phones", "start_at", "end_at", "status"];

/// The numbers that a reset means.
pub(super) struct Meant {
    pub(super) selection: NumberSelection,
    /// Only these of them, if they are named.
    pub(super) keys: Option<Vec<NumberKey>>,
}

impl ResetNumbers {
    /// Whether it looks for numbers, which not every token may.
    pub(super) fn looks_for_numbers(&self) -> bool {
        self.keyword.is_some() || self.phones.is_some()
    }

    /// Whether nothing is given that says which numbers are meant.
    fn is_blank(&self) -> bool {
        let texts = [
            self.start_at.as_deref(),
            self.end_at.as_deref(),
            self.keyword.as_ref().map(|keyword| keyword.0.as_str()),
        ];
        let lists = [self.phones.as_ref().map_or(0, Vec::len), self.status.as_ref().map_or(0, Vec::len)];
        texts.iter().flatten().all(|text| text.is_empty()) && lists == [0, 0]
    }

    pub(super) fn meant(self, api: &Api, mut faults: Faults) -> Result<Meant, Vec<Fault>> {
        refuse_encryption(self.encryption, &mut faults);
        if self.is_blank() && !GIVEN.iter().any(|field| faults.is_faulty(field)) {
            faults.add("body", FaultRule::OneNeeded(FILTERS));
        }
        let zone = api.settings.zone;
        let (from, until) = span(zone, self.start_at.as_deref(), self.end_at.as_deref(), &mut faults);
        let statuses = statuses(self.status.unwrap_or_default(), &mut faults);
        let keyword = self.keyword.map(|PhoneText(text)| text).filter(|text| !text.is_empty());
        if keyword.as_ref().is_some_and(|keyword| keyword.chars().count() > LONGEST_KEYWORD) {
            faults.add("keyword", FaultRule::TooLong(LONGEST_KEYWORD));
        }
        let phones = self.phones.filter(|phones| !phones.is_empty());
        let phones = phones.map(|phones| phones.into_iter().map(|PhoneText(text)| Some(text)).collect());
        let keys = phones.map(|phones| keys(api, phones, "phones", "", &mut faults));
        let selection = NumberSelection { statuses, from, until, keyword };
        faults.finish(Some(Meant { selection, keys }))
    }
}

/// The two ends of a time, of which neither comes alone.
fn span(
    zone: Zone,
    start: Option<&str>,
    end: Option<&str>,
    faults: &mut Faults,
) -> (Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
    let (start, end) = (start.filter(|text| !text.is_empty()), end.filter(|text| !text.is_empty()));
    match (start, end) {
        (Some(_), None) => faults.add("end_at", FaultRule::Required),
        (None, Some(_)) => faults.add("start_at", FaultRule::Required),
        _ => {}
    }
    start_and_end(zone, start, end, faults)
}

fn statuses(numbers: Vec<i64>, faults: &mut Faults) -> Vec<NumberStatus> {
    let mut statuses = Vec::new();
    for (index, number) in numbers.into_iter().enumerate() {
        let status = NumberStatus::from_number(number).ok_or(FaultRule::OutOfRange(0, 12));
        if let Some(status) = faults.check(&format!("status[{index}]"), status)
            && !statuses.contains(&status)
        {
            statuses.push(status);
        }
    }
    statuses
}
