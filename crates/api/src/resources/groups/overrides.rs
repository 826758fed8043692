//! The override of a group: closed or open for a while, and then as its windows say.

use calendar::Zone;
use domain::{DialTimeGroupId, FaultRule, Faults, OverrideEnd, OverrideOrder, StatedReason};
use jiff::Timestamp;
use store::{
    edits::{self, groups::OverrideRemoval},
    groups,
};
use utoipa::ToSchema;

use super::{
    expected, saved_answer,
    view::{GroupView, OverrideState, OverrideView},
};
use crate::http::{
    body::fields,
    envelope::{Answer, Envelope},
    extract::{AccountRequest, Json},
    formats::{NEXT_CHANGE, OverrideEndSchema, StatedReasonSchema},
    if_match::IfMatch,
    messages::Message,
    path::GroupPath,
    problem::Problem,
    query::{Flag, NotEmpty, QueryParameters, SubUserQuery, query_parameters},
    routes::{Routes, routes},
    time::parse,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(detail, set, end))
}

/// What to set a group to.
#[derive(Debug, ToSchema)]
pub(crate) struct SetOverride {
    #[schema(required = true, value_type = OverrideState)]
    state: Option<OverrideState>,
    /// Until when; left out, `next_change`.
    #[schema(value_type = Option<OverrideEndSchema>)]
    until: Option<String>,
    /// Why, for whoever reads it in decisions, the console and the log.
    #[schema(required = true, value_type = StatedReasonSchema)]
    reason: Option<String>,
}

fields!(SetOverride { state, until, reason } known &[]);

impl SetOverride {
    /// What it asks for, by whoever sends the request.
    pub(crate) fn order<I>(self, request: &AccountRequest<I>, faults: &mut Faults) -> Option<OverrideOrder> {
        let state = faults.require("state", self.state);
        let (zone, now) = (request.api.settings.zone, request.caller.now);
        let until = faults.check("until", end_of(self.until.as_deref(), zone, now));
        let reason = faults.require("reason", self.reason);
        let reason = reason.and_then(|text| faults.check("reason", StatedReason::parse(&text)));
        state.zip(until).zip(reason).map(|((state, until), reason)| OverrideOrder {
            open: state == OverrideState::Open,
            until,
            reason,
            by: request.caller.set_by(),
        })
    }
}

fn end_of(text: Option<&str>, zone: Zone, now: Timestamp) -> Result<OverrideEnd, FaultRule> {
    match text {
        None | Some(NEXT_CHANGE) => Ok(OverrideEnd::NextChange),
        Some(text) => {
            let end = parse(zone, text)?;
            if end <= now { Err(FaultRule::Past) } else { Ok(OverrideEnd::At(end)) }
        }
    }
}

query_parameters! {
    /// What the removal of an override leaves.
    pub(crate) struct EndOverrideQuery {
        /// Restores the override that the removed one took the place of, if it would still hold.
        restore: NotEmpty<Flag>,
    }
}

/// What a removal leaves, with or without the override that was replaced.
pub(crate) const fn removal(restore: bool) -> OverrideRemoval {
    if restore { OverrideRemoval::Replaced } else { OverrideRemoval::Nothing }
}

/// Override of a group
///
/// The one that holds; 404 when none does, for it was never set, was removed or has ended.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", tag = "dial-time-group",
    operation_id = "group_override", params(GroupPath, SubUserQuery),
    responses((status = 200, body = Envelope<OverrideView>)))]
pub(crate) async fn detail(
    request: AccountRequest<DialTimeGroupId>,
) -> Result<Answer<OverrideView>, Problem> {
    let group = groups::get(&mut request.read().await?, request.account, request.id).await?;
    let over = group.over.filter(|over| over.holds_at(request.caller.now)).ok_or(Problem::NotFound)?;
    Ok(Answer::new(Message::GroupOverride, OverrideView::new(request.api.settings.zone, &over)))
}

/// Close or open a group for a while
///
/// At once and until the time given, or until the group would next open or close by itself; then it follows its windows again. It beats
/// all rules of the group: exceptions, holidays and windows. It beats nothing that lies above the group: an emergency stop and a disabled
/// account still hold, and so do the task's own limits. A later one takes the place of an earlier one, which its removal can restore. The instant of the next change is
/// fixed when the override is set; it is the `until` of the answer. Unknown fields are refused by name.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", tag = "dial-time-group",
    operation_id = "override_group", params(GroupPath, SubUserQuery, IfMatch),
    request_body = SetOverride,
    responses((status = 200, body = Envelope<GroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn set(
    request: AccountRequest<DialTimeGroupId, Json<SetOverride>>,
) -> Result<Answer<GroupView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let order = body.order(&request, &mut faults);
    let order = faults.finish(order)?;
    let mut tx = request.begin().await?;
    let expected = expected(&request)?;
    let group = edits::groups::lock_to_override(&mut tx, request.account, request.id).await?;
    group.expect_version(expected)?;
    let group = edits::groups::set_override(&mut tx, group, order, &request.caller.change()).await?;
    let group = group.ok_or_else(|| Problem::fault("until", FaultRule::NoNextChange))?;
    tx.commit().await?;
    Ok(saved_answer(&request.api, Message::Updated, group, request.caller.language))
}

/// Remove the override of a group
///
/// At once: the group follows its windows again, also where another override held when this one was set (its `replaced`); with `restore=true` that one holds
/// again, from now until it was to end, unless it would have ended by now. The `override` of the answer is what holds. 404 when no override holds.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/override", tag = "dial-time-group",
    operation_id = "end_group_override", params(GroupPath, SubUserQuery, EndOverrideQuery, IfMatch),
    responses((status = 200, body = Envelope<GroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn end(request: AccountRequest<DialTimeGroupId>) -> Result<Answer<GroupView>, Problem> {
    let mut faults = Faults::default();
    let query = EndOverrideQuery::read(&request.query, &mut faults);
    let removal = removal(faults.finish(Some(query.restore))?);
    let mut tx = request.begin().await?;
    let expected = expected(&request)?;
    let group = edits::groups::lock_to_override(&mut tx, request.account, request.id).await?;
    group.expect_version(expected)?;
    let group = edits::groups::end_override(&mut tx, group, removal, &request.caller.change()).await?;
    let group = group.ok_or(Problem::NotFound)?;
    tx.commit().await?;
    Ok(saved_answer(&request.api, Message::Updated, group, request.caller.language))
}
