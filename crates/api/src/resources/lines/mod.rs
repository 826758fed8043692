//! Lines (线路): the SIP trunks of a partner. Who has a share of one, and the platform's own endpoints, are in `allocations`; lines in an
//! order in `groups`.

mod activity;
mod allocations;
mod body;
mod causes;
mod decimal;
mod groups;
mod offered;
mod standing;
mod view;

use std::slice;

use domain::{FaultRule, Line, LineGroup, LineId};
use store::{
    Session, Unique,
    lines::{self, UserShare},
};

pub(crate) use self::offered::{OfferedLineView, offered};
pub(crate) use self::{
    activity::LineFailureView,
    body::{CreateLine, SipTransportChoice},
    decimal::decimal,
    view::LineView,
};
use self::{body::LineFields, standing::LineStandings};
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{Caller, EmptyBody, Json, PartnerRequest},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        if_match::IfMatch,
        messages::Message,
        path::{LinePath, Path},
        problem::{
            InUse, NamingLineGroupView, NamingScriptView, NamingShareView, NamingThing, Problem, UsedThing,
        },
        query::PageQuery,
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(activity::line_activity))
        .routes(routes!(causes::default_cause_map))
        .routes(routes!(detail, update, delete))
        .routes(routes!(groups::list_groups, groups::create_group))
        .routes(routes!(groups::group_detail, groups::replace_group, groups::delete_group))
        .routes(routes!(allocations::list_of_line))
        .routes(routes!(allocations::allocate, allocations::deallocate))
        .routes(routes!(allocations::bind_scripts))
        .routes(routes!(allocations::list_lines))
        .routes(routes!(allocations::list_caller_lines))
        .routes(routes!(allocations::list_all_caller_lines))
}

/// List lines
///
/// The partner's, newest first; without their secrets.
#[utoipa::path(get, path = "/agent-api/line", tag = "line", operation_id = "list_partner_lines", params(PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<LineView>>)))]
pub(crate) async fn list(request: PartnerRequest) -> Result<Answer<Vec<LineView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let page = PageQuery::read_alone(&query)?;
    let mut read = api.store.read().await?;
    let found = lines::list(&mut read, caller.partner, page).await?;
    let standings = standings(&mut read, &api, &caller, &found.items).await?;
    Ok(Answer::page(Message::Lines, page, found, |line| LineView::new(&api, &caller, &line, &standings)))
}

/// Create a line
///
/// Of kind `simulated`, which calls nobody and follows a script, or of kind `sip`. Tasks that name the `id` it brings along hold it from
/// then on. Unknown fields are refused by name.
#[utoipa::path(post, path = "/agent-api/line", tag = "line", operation_id = "create_line", params(IdempotencyKey),
    request_body = CreateLine,
    responses((status = 200, body = Envelope<LineView>)))]
pub(crate) async fn create(request: PartnerRequest<Json<CreateLine>>) -> Result<Answer<LineView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let (chosen, draft) = body.checked(faults)?;
    let attempt = api.chosen_ids.attempt(chosen.is_some(), caller.partner, caller.now)?;
    let mut tx = match idempotency::begin(&api, &caller, Message::Created).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => {
            attempt.succeeded();
            return Ok(answer);
        }
    };
    let (partner, change) = (caller.partner, caller.change());
    let line = if let Some(id) = chosen {
        lines::bring(&mut tx, partner, id, &draft, &change).await
    } else {
        let id = LineId::generate(&*api.clock, &*api.random);
        lines::create(&mut tx, partner, id, &draft, &change).await
    };
    let line = line.map_err(|error| match error {
        store::Error::Taken(Unique::LineId) => Problem::fault("id", FaultRule::IdUnavailable),
        other => other.into(),
    })?;
    let standings = standings(&mut tx, &api, &caller, slice::from_ref(&line)).await?;
    let view = LineView::new(&api, &caller, &line, &standings);
    let answer = idempotency::finish(tx, &caller, Message::Created, &view).await?;
    attempt.succeeded();
    Ok(answer)
}

/// Line detail
///
/// With its version, which is its `ETag`; without its secret.
#[utoipa::path(get, path = "/agent-api/line/{line_id}", tag = "line", operation_id = "line_detail", params(LinePath),
    responses((status = 200, body = Envelope<LineView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn detail(request: PartnerRequest) -> Result<Answer<LineView>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let mut read = api.store.read().await?;
    let line = lines::get(&mut read, caller.partner, id(&path)?).await?;
    answer(&mut read, &api, &caller, (Message::LineDetail, &line)).await
}

/// Update a line
///
/// A field left out keeps its value; an object or a list that is given replaces the one there was, but for `sip.auth_secret`, which stays
/// when it is left out.
#[utoipa::path(put, path = "/agent-api/line/{line_id}", tag = "line", operation_id = "update_line",
    params(LinePath, IfMatch), request_body = LineFields,
    responses((status = 200, body = Envelope<LineView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn update(request: PartnerRequest<Json<LineFields>>) -> Result<Answer<LineView>, Problem> {
    let PartnerRequest { api, caller, path, body, .. } = request;
    let (id, (body, faults)) = (id(&path)?, body.into_parts());
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let locked = lines::lock(&mut tx, caller.partner, id).await?;
    locked.expect_version(caller.if_match.expected()?)?;
    let draft = body.update(id, locked.line()?.draft, faults)?;
    let line = lines::update(&mut tx, &locked, &draft, &caller.change()).await?;
    let answer = answer(&mut tx, &api, &caller, (Message::Updated, &line)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Delete a line
///
/// Refused with code 8106 while line groups have it, else with 8105 while tasks name it, paused and finished ones too, while
/// scripts transfer calls over it, or while anyone has a share of it. `data` names the first 20 groups, or of each the first 20 tasks, scripts and
/// shares.
#[utoipa::path(delete, path = "/agent-api/line/{line_id}", tag = "line", operation_id = "delete_line",
    params(LinePath, IfMatch),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let id = id(&path)?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let line = lines::lock_to_delete(&mut tx, caller.partner, id).await?;
    line.expect_version(caller.if_match.expected()?)?;
    match lines::delete(&mut tx, &line, &caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(_)) => {
            // The transaction is dead; and who reads must hold no other connection.
            drop(tx);
            return Err(in_use(&api, &caller, id).await?);
        }
        Err(other) => return Err(other.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

async fn in_use(api: &Api, caller: &Caller, id: LineId) -> Result<Problem, Problem> {
    let mut read = api.store.read().await?;
    let groups = lines::groups_with_line(&mut read, caller.partner, id, InUse::TOLD).await?;
    if groups.total > 0 {
        let naming = |group: LineGroup| {
            let (id, name) = (group.id.uuid(), group.draft.name.as_str().to_owned());
            NamingThing::LineGroup(NamingLineGroupView { id, name })
        };
        let by = groups.items.into_iter().map(naming).collect();
        return Ok(Problem::InUse(InUse { what: UsedThing::GroupedLine, by, total: groups.total }));
    }
    let tasks = lines::tasks_naming(&mut read, caller.partner, id, InUse::TOLD).await?;
    let scripts = lines::scripts_naming(&mut read, caller.partner, id, InUse::TOLD).await?;
    let shares = lines::list_allocations(&mut read, caller.partner, id, InUse::TOLD).await?;
    let mut in_use = InUse::by_tasks(UsedThing::Line, tasks);
    in_use.total += scripts.total + shares.total;
    let naming = scripts
        .items
        .into_iter()
        .map(|script| NamingThing::Script(NamingScriptView { id: script.id.get(), name: script.name }));
    in_use.by.extend(naming);
    in_use.by.extend(shares.items.into_iter().map(naming_share));
    Ok(Problem::InUse(in_use))
}

fn naming_share(share: UserShare) -> NamingThing {
    let UserShare { allocation, user_name: name, .. } = share;
    let (allocation_id, user_id) = (allocation.id.get(), allocation.user_id.uuid());
    NamingThing::Share(NamingShareView { allocation_id, user_id, name })
}

fn id(path: &Path) -> Result<LineId, Problem> {
    Ok(LinePath::read(path)?)
}

async fn answer(
    session: &mut dyn Session,
    api: &Api,
    caller: &Caller,
    (message, line): (Message, &Line),
) -> Result<Answer<LineView>, Problem> {
    let standings = standings(session, api, caller, slice::from_ref(line)).await?;
    Ok(Answer::new(message, LineView::new(api, caller, line, &standings)).with_version(line.version))
}

async fn standings(
    session: &mut dyn Session,
    api: &Api,
    caller: &Caller,
    lines: &[Line],
) -> Result<LineStandings, Problem> {
    let lines: Vec<LineId> = lines.iter().map(|line| line.id).collect();
    let at = (api.settings.zone, caller.now);
    Ok(LineStandings::read(session, caller.partner, &lines, at).await?)
}
