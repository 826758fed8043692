//! Dial time groups (呼叫时间组).

mod body;
mod exceptions;
mod overrides;
mod seasons;
mod versions;
mod view;
pub(crate) mod windows;

use domain::{
    AccountId, DialTimeGroup, DialTimeGroupId, Fault, FaultRule, Faults, FollowedCalendars, HolidayCalendarId,
};
use store::{Kind, Read, edits, groups, holidays, schedules, tasks};

use self::{
    body::ReplaceGroup,
    view::{GroupInUse, ReplacedView},
};
pub(crate) use self::{
    body::{GIVEN_BACK, SaveGroup, UpdateGroup, exceptions},
    exceptions::{ExceptionBody, ExceptionView},
    overrides::{SetOverride, removal},
    view::{GroupView, warnings},
    windows::WeekdayWindows,
};
use crate::{
    Api,
    http::{
        cache::CachedAnswer,
        envelope::{Answer, EmptyEnvelope, Envelope, Outcome, PagedEnvelope},
        extract::{AccountRequest, Json},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        if_match::IfMatch,
        language::Language,
        messages::Message,
        path::{GroupPath, UserPath},
        problem::Problem,
        query::{Flag, PageQuery, QueryParameters, Search, SubUserQuery, query_parameters},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, save))
        .routes(routes!(detail, update, delete))
        .routes(routes!(replace))
        .merge(overrides::routes())
        .merge(versions::routes())
}

query_parameters! {
    /// Filters of a list of groups, and what it shows of each.
    pub(crate) struct GroupQuery {
        /// The name contains this.
        name: Search,
        /// Whether each group also carries its `task_count`.
        task_count: Flag,
    }
}

/// List groups (呼叫时间组-列表)
///
/// Newest first.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group", tag = "dial-time-group",
    operation_id = "list_groups", params(UserPath, PageQuery, GroupQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<GroupView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Outcome, Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(&request.query, &mut faults).page();
    let GroupQuery { name, task_count: with_task_count } = GroupQuery::read(&request.query, &mut faults);
    faults.finish(Some(()))?;
    let account = request.account;
    let read = async |read: &mut Read| {
        let groups = match &name {
            None => groups::list(read, account, page).await?,
            Some(name) => groups::list_named(read, account, name, page).await?,
        };
        let task_counts = if with_task_count {
            let ids: Vec<_> = groups.items.iter().map(|group| group.id).collect();
            Some(tasks::count_by_group(read, account, &ids).await?)
        } else {
            None
        };
        Ok(Answer::page(Message::Groups, page, groups, |group| {
            let task_count = task_counts.as_ref().map(|counts| counts.get(&group.id).copied().unwrap_or(0));
            GroupView::new(&request.api, group).with_task_count(task_count)
        }))
    };
    // Only the plain page is cached: it is the same for everyone who asks for no more.
    if name.is_none() && !with_task_count {
        return request.cached(CachedAnswer::Groups(account, page), read).await;
    }
    Ok(read(&mut request.read().await?).await?.into())
}

/// Save a group (呼叫时间组-保存)
///
/// Saved as default, it takes the flag off the account's present default. Who moves here from elsewhere may give it the `id` it
/// had there: each account has ids of its own.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group", tag = "dial-time-group",
    operation_id = "save_group", params(UserPath, SubUserQuery, IdempotencyKey),
    request_body = SaveGroup,
    responses((status = 200, body = Envelope<GroupView>)))]
pub(crate) async fn save(request: AccountRequest<(), Json<SaveGroup>>) -> Result<Answer<GroupView>, Problem> {
    let AccountRequest { api, caller, account, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (id, draft) = body.draft(api.settings.zone, faults)?;
    know_calendars(&api, account, &draft.holiday_calendars).await?;
    let mut tx = match idempotency::begin(&api, &caller, Message::Saved).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let group = match id {
        None => edits::groups::create(&mut tx, account, &draft, &caller.change()).await?,
        Some(id) => edits::groups::bring(&mut tx, account, id, &draft, &caller.change()).await?,
    };
    let view = GroupView::new(&api, group).with_warnings(view::warnings(&draft, caller.language));
    idempotency::finish(tx, &caller, Message::Saved, &view).await
}

/// Group detail (呼叫时间组-详情)
///
/// With its version, which is its `ETag`.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "group_detail", params(GroupPath, SubUserQuery),
    responses((status = 200, body = Envelope<GroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn detail(request: AccountRequest<DialTimeGroupId>) -> Result<Outcome, Problem> {
    let read = async |read: &mut Read| {
        let group = groups::get(read, request.account, request.id).await?;
        Ok(group_answer(&request.api, Message::GroupDetail, group))
    };
    request.cached(CachedAnswer::Group(request.account, request.id), read).await
}

/// Update a group (呼叫时间组-更新)
///
/// Takes effect at once for every task that uses the group.
#[utoipa::path(put, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "update_group", params(GroupPath, SubUserQuery, IfMatch),
    request_body = UpdateGroup,
    responses((status = 200, body = Envelope<GroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn update(
    request: AccountRequest<DialTimeGroupId, Json<UpdateGroup>>,
) -> Result<Answer<GroupView>, Problem> {
    let (body, faults, request) = request.take_body();
    let group_change = body.change(request.id, faults)?;
    if let Some(calendars) = &group_change.holiday_calendars {
        know_calendars(&request.api, request.account, calendars).await?;
    }
    let mut tx = request.begin().await?;
    let expected = expected(&request)?;
    let locked = edits::groups::lock_to_update(&mut tx, request.account, request.id, group_change).await?;
    locked.group().expect_version(expected)?;
    let group = edits::groups::update(&mut tx, locked, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(saved_answer(&request.api, Message::Updated, group, request.caller.language))
}

/// Delete a group (呼叫时间组-删除)
///
/// Refused with code 8101 while any task, paused and finished ones too, uses it, and with 8109 while it is a ceiling.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}", tag = "dial-time-group",
    operation_id = "delete_group", params(GroupPath, SubUserQuery, IfMatch),
    responses((status = 200, body = EmptyEnvelope),
        GroupInUse))]
pub(crate) async fn delete(request: AccountRequest<DialTimeGroupId>) -> Result<Answer<()>, Problem> {
    let mut tx = request.begin().await?;
    let expected = expected(&request)?;
    let group = edits::groups::lock_to_delete(&mut tx, request.account, request.id).await?;
    group.expect_version(expected)?;
    edits::groups::delete(&mut tx, &group, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

/// Replace a group
///
/// Points every task that uses it to another group of the account and deletes it, in one transaction. Refused with code 8109 while it is a ceiling.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/dial-time-group/{group_id}/replace", tag = "dial-time-group",
    operation_id = "replace_group", params(GroupPath, SubUserQuery, IfMatch),
    request_body = ReplaceGroup,
    responses((status = 200, body = Envelope<ReplacedView>),
        GroupInUse))]
pub(crate) async fn replace(
    request: AccountRequest<DialTimeGroupId, Json<ReplaceGroup>>,
) -> Result<Answer<ReplacedView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let with = faults.require("with", body.with);
    let with = faults.finish(with)?;
    if with == request.id.get() {
        return Err(Problem::fault("with", FaultRule::Itself));
    }
    let mut tx = request.begin().await?;
    let expected = expected(&request)?;
    let (account, with) = (request.account, DialTimeGroupId::new(with));
    let locked = edits::groups::lock_to_replace(&mut tx, account, request.id, with).await;
    let locked = locked.map_err(|error| match error {
        store::Error::Unknown(Kind::Group) => Problem::fault("with", FaultRule::Unknown),
        other => other.into(),
    })?;
    locked.group().expect_version(expected)?;
    let tasks = edits::groups::replace(&mut tx, locked, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::Replaced, ReplacedView { tasks }))
}

/// The versions that the group may have; `None` for any.
fn expected(request: &AccountRequest<DialTimeGroupId>) -> Result<Option<&[i64]>, Problem> {
    request.caller.if_match.expected()
}

fn group_answer(api: &Api, message: Message, group: DialTimeGroup) -> Answer<GroupView> {
    let version = group.version;
    Answer::new(message, GroupView::new(api, group)).with_version(version)
}

/// The answer to who changed a group, which says what deserves a second look.
fn saved_answer(api: &Api, message: Message, group: DialTimeGroup, language: Language) -> Answer<GroupView> {
    let (version, warnings) = (group.version, view::warnings(&group.draft, language));
    Answer::new(message, GroupView::new(api, group).with_warnings(warnings)).with_version(version)
}

/// Refuses unknown calendars before anything else is done; that they stay is for the transaction to see to.
pub(crate) async fn know_calendars(
    api: &Api,
    account: AccountId,
    followed: &FollowedCalendars,
) -> Result<(), Problem> {
    let mut unknown = Vec::new();
    for (place, id) in followed.all().iter().enumerate() {
        if *id == HolidayCalendarId::default() {
            continue;
        }
        let mut read = api.store.read().await?;
        let calendars = schedules::current_calendars(&mut read).await?;
        if calendars.get(id.as_str()).is_none() || !holidays::is_open_to(&mut read, account, id).await? {
            unknown.push(Fault::new(followed.field(place), FaultRule::Unknown));
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(unknown.into()) }
}
