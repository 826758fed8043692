//! Versions of groups as they are returned.

use calendar::Zone;
use serde::Serialize;
use store::groups::GroupVersion;
use utoipa::ToSchema;

use super::difference::{FieldChangeView, changes};
use crate::{
    Api,
    http::{
        actor::{ActorNames, ActorView},
        formats::LocalTimeSchema,
        time::stamp,
    },
    resources::groups::view::GroupView,
};

/// A version of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupVersionView {
    #[schema(minimum = 1, example = 3)]
    version: i64,
    /// What the group was called.
    name: String,
    /// When it was made.
    #[schema(value_type = LocalTimeSchema)]
    saved_at: String,
    /// Who made it; `null` where nothing says any more.
    saved_by: Option<ActorView>,
}

impl GroupVersionView {
    pub(super) fn new(zone: Zone, GroupVersion { group, by }: &GroupVersion, names: &ActorNames) -> Self {
        Self {
            version: group.version,
            name: group.draft.name.as_str().to_owned(),
            saved_at: stamp(zone, group.updated_at),
            saved_by: by.map(|by| names.view(by)),
        }
    }
}

/// A group as it was in a version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupAtVersionView {
    version: GroupVersionView,
    group: GroupView,
}

impl GroupAtVersionView {
    pub(super) fn new(api: &Api, version: GroupVersion, names: &ActorNames) -> Self {
        let zone = api.settings.zone;
        Self {
            version: GroupVersionView::new(zone, &version, names),
            group: GroupView::new(api, version.group),
        }
    }
}

/// What differs between two versions of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionDifferenceView {
    /// The version of the path.
    from: GroupVersionView,
    /// The one that it is compared with.
    to: GroupVersionView,
    /// What differs, in the order of the fields of a group.
    changes: Vec<FieldChangeView>,
}

impl VersionDifferenceView {
    pub(super) fn new(api: &Api, from: GroupVersion, to: GroupVersion, names: &ActorNames) -> Self {
        let zone = api.settings.zone;
        Self {
            from: GroupVersionView::new(zone, &from, names),
            to: GroupVersionView::new(zone, &to, names),
            changes: changes(&GroupView::new(api, from.group), &GroupView::new(api, to.group)),
        }
    }
}
