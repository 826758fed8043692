//! The versions of a group: who made each and when, how the group was, what differs between two, and a way back.

mod difference;
mod view;

use domain::{DialTimeGroupId, FaultRule, Faults, GREATEST_INTEGER_ID, GroupChange};
use store::{
    Read, edits,
    groups::{self, GroupVersion},
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use self::view::{GroupAtVersionView, GroupVersionView, VersionDifferenceView};
use super::{know_calendars, saved_answer, view::GroupView};
use crate::http::{
    actor::ActorNames,
    envelope::{Answer, Envelope, PagedEnvelope},
    extract::{AccountRequest, EmptyBody},
    if_match::IfMatch,
    lenient,
    messages::Message,
    path::{GroupPath, GroupVersionPath, VersionOfGroup},
    problem::Problem,
    query::{PageQuery, Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
    routes::{Routes, routes},
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(super) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list))
        .routes(routes!(detail))
        .routes(routes!(difference))
        .routes(routes!(restore))
}

/// A version; `None` when none is given.
pub(crate) enum Version {}

impl QueryKind for Version {
    type Value = Option<i64>;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Option<i64> {
        let number = lenient::integer(query.decisive(name, faults)?);
        let number = number.filter(|number| (1..=GREATEST_INTEGER_ID).contains(number));
        faults.check(name, number.ok_or(FaultRule::OutOfRange(1, GREATEST_INTEGER_ID)))
    }

    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1))
            .maximum(Some(GREATEST_INTEGER_ID))
            .into()
    }
}

query_parameters! {
    /// Which other version.
    pub(crate) struct DifferenceQuery {
        /// The version to compare it with; left out, the present one.
        to: Version,
    }
}

/// List versions of a group (呼叫时间组-历史版本)
///
/// Newest first, the present one included. Each edit makes one, and so does an override. Versions that the operator has forgotten
/// (`--audit-kept-days`) are not among them.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/version", tag = "dial-time-group",
    operation_id = "list_group_versions", params(GroupPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<GroupVersionView>>)))]
pub(crate) async fn list(
    request: AccountRequest<DialTimeGroupId>,
) -> Result<Answer<Vec<GroupVersionView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    let found = groups::versions(&mut read, request.account, request.id, page).await?;
    let names = ActorNames::read(&mut read, found.items.iter().filter_map(|version| version.by)).await?;
    let zone = request.api.settings.zone;
    Ok(Answer::page(Message::GroupVersions, page, found, |version| {
        GroupVersionView::new(zone, &version, &names)
    }))
}

/// Version of a group
///
/// The group as it was then; 404 where nothing says any more how it was.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}",
    tag = "dial-time-group", operation_id = "group_version", params(GroupVersionPath, SubUserQuery),
    responses((status = 200, body = Envelope<GroupAtVersionView>)))]
pub(crate) async fn detail(
    request: AccountRequest<VersionOfGroup>,
) -> Result<Answer<GroupAtVersionView>, Problem> {
    let mut read = request.read().await?;
    let version = version(&mut read, &request).await?;
    let names = ActorNames::read(&mut read, version.by).await?;
    Ok(Answer::new(Message::GroupVersion, GroupAtVersionView::new(&request.api, version, &names)))
}

/// Difference of two versions of a group
///
/// Field by field, from the version of the path to another one: what a person can edit, and the override. Entries of lists are matched, so
/// that one that was put in between is one change. Without changes the two mean the same.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/difference",
    tag = "dial-time-group", operation_id = "group_version_difference",
    params(GroupVersionPath, DifferenceQuery, SubUserQuery),
    responses((status = 200, body = Envelope<VersionDifferenceView>)))]
pub(crate) async fn difference(
    request: AccountRequest<VersionOfGroup>,
) -> Result<Answer<VersionDifferenceView>, Problem> {
    let mut faults = Faults::default();
    let DifferenceQuery { to } = DifferenceQuery::read(&request.query, &mut faults);
    faults.finish(Some(()))?;
    let mut read = request.read().await?;
    let before = version(&mut read, &request).await?;
    let (account, group) = (request.account, request.id.group);
    let to = match to {
        Some(to) => to,
        None => groups::get(&mut read, account, group).await?.version,
    };
    let after = groups::version(&mut read, account, group, to).await?;
    let after = after.ok_or_else(|| Problem::fault("to", FaultRule::Unknown))?;
    let names = ActorNames::read(&mut read, [before.by, after.by].into_iter().flatten()).await?;
    Ok(Answer::new(Message::GroupDifference, VersionDifferenceView::new(&request.api, before, after, &names)))
}

/// Restore a version of a group
///
/// An edit as any other, after which the group is again as in that version, its place as the account's default included: it makes a new
/// version, takes effect at once for every task that uses the group, and is refused where an edit would be, as when a holiday calendar that
/// the group then followed is gone. The override of the group stays as it is. Unknown fields are refused by name.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/version/{version}/restore",
    tag = "dial-time-group", operation_id = "restore_group_version", params(GroupVersionPath, SubUserQuery, IfMatch),
    responses((status = 200, body = Envelope<GroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn restore(
    request: AccountRequest<VersionOfGroup, EmptyBody>,
) -> Result<Answer<GroupView>, Problem> {
    let then = version(&mut request.read().await?, &request).await?;
    let change = GroupChange::from(then.group.draft);
    if let Some(calendars) = &change.holiday_calendars {
        know_calendars(&request.api, request.account, calendars).await?;
    }
    let mut tx = request.begin().await?;
    let expected = request.caller.if_match.expected()?;
    let locked = edits::groups::lock_to_update(&mut tx, request.account, request.id.group, change).await?;
    locked.group().expect_version(expected)?;
    let group = edits::groups::update(&mut tx, locked, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(saved_answer(&request.api, Message::Restored, group, request.caller.language))
}

/// The version of the path.
async fn version<B>(
    read: &mut Read,
    request: &AccountRequest<VersionOfGroup, B>,
) -> Result<GroupVersion, Problem> {
    let VersionOfGroup { group, version } = request.id;
    groups::version(read, request.account, group, version).await?.ok_or(Problem::NotFound)
}
