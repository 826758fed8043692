//! A number that must not be called, as it is returned.

use domain::StoredDoNotCall;
use serde::Serialize;
use store::do_not_call::EntriesAdded;
use utoipa::ToSchema;

use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, number_view::NumberView, time::stamp},
};

/// A number that must not be called.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoNotCallView {
    /// In the form of E.164; as much of it as the token may see.
    #[schema(value_type = String, example = "+8613800001234")]
    phone: NumberView,
    reason: Option<String>,
    /// Where it comes from.
    #[schema(example = "api")]
    source: String,
    /// Until when it holds, not included; `null`: for good.
    #[schema(value_type = Option<LocalTimeSchema>)]
    until: Option<String>,
    /// Whether it holds now.
    in_force: bool,
    /// When it was added or changed last.
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
}

impl DoNotCallView {
    pub(super) fn new(api: &Api, caller: &Caller, stored: &StoredDoNotCall) -> Self {
        let (zone, entry) = (api.settings.zone, &stored.entry);
        Self {
            phone: NumberView::new(&format!("+{}", entry.number), caller),
            reason: entry.reason.clone(),
            source: entry.source.clone(),
            until: entry.until.map(|until| stamp(zone, until)),
            in_force: entry.holds_at(caller.now),
            created_at: stamp(zone, stored.created_at),
        }
    }
}

/// What became of numbers that were added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoNotCallAddedView {
    /// New ones.
    #[schema(minimum = 0)]
    added: i64,
    /// Those that were there, and have the new reason, source and end.
    #[schema(minimum = 0)]
    changed: i64,
    /// Those whose number was erased: the entry that is left of it stays as it is, for good.
    #[schema(minimum = 0)]
    erased: i64,
}

impl From<EntriesAdded> for DoNotCallAddedView {
    fn from(EntriesAdded { added, changed, erased }: EntriesAdded) -> Self {
        Self { added, changed, erased }
    }
}
