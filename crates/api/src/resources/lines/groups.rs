//! Line groups: lines in an order, with failover. A task names one where it could name a line. Ours: the platform has none.

use domain::{
    DEFAULT_FAILOVER, DESCRIPTION_CHARACTERS, Fault, FaultRule, Faults, LineGroup, LineGroupDraft,
    LineGroupId, LineId, OutcomeClass, legible_within,
};
use serde::Serialize;
use store::{Kind, lines};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{
        body::{fields, required_name},
        choices::choice,
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{Caller, EmptyBody, Json, PartnerRequest},
        formats::{DescriptionSchema, LocalTimeSchema, NameSchema},
        idempotency::{self, Creation},
        idempotency_key::IdempotencyKey,
        if_match::IfMatch,
        messages::Message,
        path::{LineGroupPath, Path},
        problem::{InUse, Problem, UsedThing},
        query::PageQuery,
        time::stamp,
    },
};

choice! {
    /// An outcome after which a call may go on to the next line of a group: no phone has rung.
    pub(crate) enum FailoverChoice as FailoverClass {
        LineFailure = "line_failure",
        Throttled = "throttled",
        Configuration = "configuration",
        Blocked = "blocked",
        PoweredOff = "powered_off",
        Suspended = "suspended",
        InArrears = "in_arrears",
        IncomingBarred = "incoming_barred",
        InvalidNumber = "invalid_number",
    }
}

/// Both ways between the words and the classes that they stand for.
macro_rules! failover {
    ($($variant:ident),+) => {
        impl FailoverChoice {
            const fn class(self) -> OutcomeClass {
                match self { $(Self::$variant => OutcomeClass::$variant,)+ }
            }

            /// The word of a class, if a call may go on after it.
            const fn of(class: OutcomeClass) -> Option<Self> {
                match class { $(OutcomeClass::$variant => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
failover!(
    LineFailure,
    Throttled,
    Configuration,
    Blocked,
    PoweredOff,
    Suspended,
    InArrears,
    IncomingBarred,
    InvalidNumber
);

/// A line group as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineGroupView {
    /// For `caller_line_id` and `line` of tasks.
    id: Uuid,
    name: String,
    description: String,
    /// The lines in their order.
    lines: Vec<Uuid>,
    /// After which outcomes the next line takes a call.
    failover: Vec<FailoverChoice>,
    /// 1 when made, one more with each change; the `ETag` to send as `If-Match`.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl LineGroupView {
    fn new(api: &Api, group: LineGroup) -> Self {
        let (zone, draft) = (api.settings.zone, group.draft);
        Self {
            id: group.id.uuid(),
            name: draft.name.as_str().to_owned(),
            description: draft.description,
            lines: draft.lines.into_iter().map(LineId::uuid).collect(),
            failover: draft.failover.into_iter().filter_map(FailoverChoice::of).collect(),
            version: group.version,
            created_at: stamp(zone, group.created_at),
            updated_at: stamp(zone, group.updated_at),
        }
    }
}

/// A line group.
#[derive(ToSchema)]
pub(crate) struct SaveLineGroup {
    /// The id of the group, which may be repeated; a group never gets another.
    #[schema(ignore)]
    id: Option<Uuid>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    #[schema(value_type = Option<DescriptionSchema>)]
    description: Option<String>,
    /// Lines of the partner, each once: the first is tried before the others.
    #[schema(value_type = Vec<Uuid>, required = true, min_items = 1, max_items = 20)]
    lines: Option<Vec<Uuid>>,
    /// After which outcomes the next line takes a call, each once; left out, `line_failure`, `throttled` and `configuration`.
    #[schema(max_items = 9)]
    failover: Option<Vec<FailoverChoice>>,
}

fields!(SaveLineGroup { id, name, description, lines, failover } known &["version", "created_at", "updated_at"]);

impl SaveLineGroup {
    fn draft(self, id: Option<LineGroupId>, mut faults: Faults) -> Result<LineGroupDraft, Vec<Fault>> {
        if id.zip(self.id).is_some_and(|(own, given)| own.uuid() != given) {
            faults.add("id", FaultRule::Differs("line_group_id"));
        }
        let name = required_name(self.name, &mut faults);
        let description = self.description.unwrap_or_default();
        faults.check("description", legible_within(&description, DESCRIPTION_CHARACTERS));
        let lines = faults.require("lines", self.lines).unwrap_or_default();
        let lines: Vec<LineId> = lines.into_iter().map(LineId::new).collect();
        let failover = self.failover.map(|classes| classes.into_iter().map(FailoverChoice::class).collect());
        let failover: Vec<OutcomeClass> = failover.unwrap_or_else(|| DEFAULT_FAILOVER.to_vec());
        LineGroupDraft::check(&lines, &failover, &mut faults);
        faults.finish(name.map(|name| LineGroupDraft { name, description, lines, failover }))
    }
}

/// List line groups
///
/// The partner's, newest first.
#[utoipa::path(get, path = "/agent-api/line-group", tag = "line", operation_id = "list_line_groups", params(PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<LineGroupView>>)))]
pub(crate) async fn list_groups(request: PartnerRequest) -> Result<Answer<Vec<LineGroupView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let page = PageQuery::read_alone(&query)?;
    let found = lines::list_groups(&mut api.store.read().await?, caller.partner, page).await?;
    Ok(Answer::page(Message::LineGroups, page, found, |group| LineGroupView::new(&api, group)))
}

/// Create a line group
///
/// Calls of a task that names it in the place of a line go over its first line that the task's user has a share of, and over the next
/// one where that fails in one of the ways that `failover` names. Each user's share of each line holds.
#[utoipa::path(post, path = "/agent-api/line-group", tag = "line", operation_id = "create_line_group",
    params(IdempotencyKey), request_body = SaveLineGroup,
    responses((status = 200, body = Envelope<LineGroupView>)))]
pub(crate) async fn create_group(
    request: PartnerRequest<Json<SaveLineGroup>>,
) -> Result<Answer<LineGroupView>, Problem> {
    let PartnerRequest { api, caller, body, .. } = request;
    let (body, faults) = body.into_parts();
    let draft = body.draft(None, faults)?;
    let mut tx = match idempotency::begin(&api, &caller, Message::Created).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    let id = LineGroupId::generate(&*api.clock, &*api.random);
    let group = lines::create_group(&mut tx, caller.partner, id, &draft, &caller.change()).await?;
    idempotency::finish(tx, &caller, Message::Created, &LineGroupView::new(&api, group)).await
}

/// Line group detail
///
/// With its version, which is its `ETag`.
#[utoipa::path(get, path = "/agent-api/line-group/{line_group_id}", tag = "line", operation_id = "line_group_detail",
    params(LineGroupPath),
    responses((status = 200, body = Envelope<LineGroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn group_detail(request: PartnerRequest) -> Result<Answer<LineGroupView>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let group = lines::get_group(&mut api.store.read().await?, caller.partner, id(&path)?).await?;
    Ok(answer(&api, Message::LineGroupDetail, group))
}

/// Replace a line group
///
/// As a whole: what is left out is as when a group is created. Calls that begin from now on go over its new lines.
#[utoipa::path(put, path = "/agent-api/line-group/{line_group_id}", tag = "line", operation_id = "replace_line_group",
    params(LineGroupPath, IfMatch), request_body = SaveLineGroup,
    responses((status = 200, body = Envelope<LineGroupView>, headers(
        ("ETag" = String, description = "The version, to be sent as `If-Match`")))))]
pub(crate) async fn replace_group(
    request: PartnerRequest<Json<SaveLineGroup>>,
) -> Result<Answer<LineGroupView>, Problem> {
    let PartnerRequest { api, caller, path, body, .. } = request;
    let (id, (body, faults)) = (id(&path)?, body.into_parts());
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let locked = lines::lock_group(&mut tx, caller.partner, id).await?;
    locked.expect_version(caller.if_match.expected()?)?;
    let draft = body.draft(Some(id), faults)?;
    let group = lines::replace_group(&mut tx, &locked, &draft, &caller.change()).await?;
    tx.commit().await?;
    Ok(answer(&api, Message::Replaced, group))
}

/// Delete a line group
///
/// Refused with code 8107 while tasks name it, paused and finished ones too. `data` names the first 20 of them.
#[utoipa::path(delete, path = "/agent-api/line-group/{line_group_id}", tag = "line", operation_id = "delete_line_group",
    params(LineGroupPath, IfMatch),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete_group(request: PartnerRequest<EmptyBody>) -> Result<Answer<()>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let id = id(&path)?;
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let group = lines::lock_group_to_delete(&mut tx, caller.partner, id).await?;
    group.expect_version(caller.if_match.expected()?)?;
    match lines::delete_group(&mut tx, &group, &caller.change()).await {
        Ok(()) => tx.commit().await?,
        Err(store::Error::InUse(Kind::LineGroup)) => {
            // The transaction is dead; and who reads must hold no other connection.
            drop(tx);
            return Err(in_use(&api, &caller, id).await?);
        }
        Err(other) => return Err(other.into()),
    }
    Ok(Answer::empty(Message::Deleted))
}

async fn in_use(api: &Api, caller: &Caller, id: LineGroupId) -> Result<Problem, Problem> {
    let mut read = api.store.read().await?;
    let tasks = lines::tasks_naming_group(&mut read, caller.partner, id, InUse::TOLD).await?;
    Ok(Problem::InUse(InUse::by_tasks(UsedThing::LineGroup, tasks)))
}

fn id(path: &Path) -> Result<LineGroupId, Problem> {
    Ok(LineGroupPath::read(path)?)
}

fn answer(api: &Api, message: Message, group: LineGroup) -> Answer<LineGroupView> {
    let version = group.version;
    Answer::new(message, LineGroupView::new(api, group)).with_version(version)
}
