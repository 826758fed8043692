//! The users' shares of lines, through the platform's endpoints: a share is made, taken away and listed.
//!
//! A partner has one cloud node (云节点): whatever UUID stands for it in a request is answered as it.

use calendar::Zone;
use domain::{
    AccountId, AllocationDraft, AllocationPrice, CallerIds, Fault, FaultRule, Faults, Line, LineAllocation,
    LineAllocationId, LineId, LineRule, MAXIMUM_BOUND_SCRIPTS, MAXIMUM_CONCURRENCY,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    Page, Paged,
    lines::{self, AllocationFilter, UserShare},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decimal;
use crate::{
    Api,
    http::{
        body::{Decimal, Number, SUB_USER, fields},
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, Caller, Json, PartnerRequest},
        formats::LocalTimeSchema,
        messages::Message,
        number_view::NumberView,
        path::{AllocationPath, CallerLinePath, LineOfUserPath, LinePath, UserPath},
        problem::Problem,
        query::{Flag, Id, PageQuery, Query, QueryParameters, RequiredId, query_parameters},
        time::{self, stamp},
        values::{self, schema_of},
    },
};

/// A user's share of a line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineAllocationView {
    /// To take it away again.
    #[schema(minimum = 1, example = 11)]
    id: i64,
    line_id: Uuid,
    /// The user (主账号) whose share it is.
    belong_user: Uuid,
    /// The name of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    name: Option<String>,
    /// The most calls at once of the user and its sub-users together.
    line_concurrency: i64,
    #[schema(example = 0.13)]
    price: f64,
    /// What the partner pays itself is not known here.
    agent_cost: Option<f64>,
    #[schema(value_type = LocalTimeSchema)]
    begin_at: String,
    /// From when on nothing starts.
    #[schema(value_type = Option<LocalTimeSchema>)]
    deadline_at: Option<String>,
    /// For how many seconds calls may still start; 0 after the deadline, `null` without one.
    #[schema(minimum = 0)]
    available_time: Option<i64>,
    /// The scripts that were bound to it; without effect here.
    group_ids: Vec<i64>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
}

impl LineAllocationView {
    fn new(zone: Zone, now: Timestamp, name: Option<String>, allocation: &LineAllocation) -> Self {
        let draft = &allocation.draft;
        Self {
            id: allocation.id.get(),
            line_id: allocation.line_id.uuid(),
            belong_user: allocation.user_id.uuid(),
            name,
            line_concurrency: draft.line_concurrency,
            price: decimal(draft.price.millionths(), 1_000_000),
            agent_cost: None,
            begin_at: stamp(zone, allocation.begin_at),
            deadline_at: draft.deadline_at.map(|at| stamp(zone, at)),
            available_time: allocation.seconds_left(now),
            group_ids: allocation.scripts.clone(),
            created_at: stamp(zone, allocation.begin_at),
            updated_at: stamp(zone, allocation.updated_at),
        }
    }

    fn of_share(zone: Zone, now: Timestamp, share: UserShare) -> Self {
        Self::new(zone, now, Some(share.user_name), &share.allocation)
    }
}

/// A share as it was given, with what there is to know about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllocatedView {
    #[serde(flatten)]
    allocation: LineAllocationView,
    /// In the language of the answer.
    warnings: Vec<String>,
}

/// A share of a line.
#[derive(Debug, ToSchema)]
pub(crate) struct AllocateLine {
    /// The most calls at once of the user and its sub-users together.
    #[schema(value_type = i64, required = true, minimum = 1, maximum = 10_000, example = 1)]
    line_concurrency: Option<Number>,
    /// From when on nothing starts, or the last date on which something does; left out or empty, it has no end.
    #[schema(value_type = Option<LocalTimeSchema>)]
    deadline_at: Option<String>,
    /// What is paid, with at most 6 digits after the point; without effect here. Left out, 0.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 1_000_000, example = 0.13)]
    price: Option<Decimal>,
}

/// Fields of answers that no request sets. They are ignored, so that what was read can be sent back.
const GIVEN_BACK: &[&str] = &[
    "id",
    "line_id",
    "belong_user",
    "name",
    "agent_cost",
    "begin_at",
    "available_time",
    "group_ids",
    "created_at",
    "updated_at",
    "warnings",
];

// A misspelt deadline would be none.
fields!(AllocateLine { line_concurrency, deadline_at, price } known GIVEN_BACK);

impl AllocateLine {
    fn draft(self, zone: Zone, mut faults: Faults) -> Result<AllocationDraft, Vec<Fault>> {
        let concurrency = faults.require("line_concurrency", self.line_concurrency).map(Number::get);
        let concurrency = concurrency.and_then(|calls| {
            let good = (1..=MAXIMUM_CONCURRENCY).contains(&calls).then_some(calls);
            faults.check("line_concurrency", good.ok_or(FaultRule::OutOfRange(1, MAXIMUM_CONCURRENCY)))
        });
        let deadline_at = self.deadline_at.filter(|text| !text.is_empty());
        let deadline_at = deadline_at.and_then(|text| faults.check("deadline_at", time::end(zone, &text)));
        let price = self.price.map_or(Ok(AllocationPrice::default()), |price| {
            let millionths = price.scaled(AllocationPrice::DECIMALS);
            millionths.ok_or(FaultRule::Line(LineRule::Price)).and_then(AllocationPrice::from_millionths)
        });
        let price = faults.check("price", price);
        let draft = concurrency.zip(price).map(|(line_concurrency, price)| AllocationDraft {
            line_concurrency,
            deadline_at,
            price,
        });
        faults.finish(draft)
    }
}

/// Allocate a line to a user (分配线路)
///
/// A user has one share of a line: given again, it is replaced and keeps its id. All shares of a line together may be more than its
/// channels, which hold anyway; the answer warns of it, and of a deadline that is past. Sub-users use their user's share, counted together:
/// a `sub_user_id` is refused. So are unknown fields, by name.
#[utoipa::path(post, path = "/agent-api/new/user/{user_id}/line/{line_id}", tag = "line", operation_id = "allocate_line",
    params(LineOfUserPath), request_body = AllocateLine,
    responses((status = 200, body = Envelope<AllocatedView>)))]
pub(crate) async fn allocate(
    request: AccountRequest<LineId, Json<AllocateLine>>,
) -> Result<Answer<AllocatedView>, Problem> {
    let (body, faults, request) = request.take_body();
    let (zone, caller) = (request.api.settings.zone, &request.caller);
    let draft = body.draft(zone, faults)?;
    expect_no_sub_user(&request)?;
    let mut tx = request.begin().await?;
    let line = lines::lock(&mut tx, caller.partner, request.id).await?;
    let channels = line.line()?.draft.settings.channels;
    let allocated = lines::allocate(&mut tx, &line, request.user, &draft, &caller.change()).await?;
    tx.commit().await?;
    let view = AllocatedView {
        allocation: LineAllocationView::new(zone, caller.now, None, &allocated.allocation),
        warnings: warnings(caller, &draft, allocated.sum, channels),
    };
    Ok(Answer::new(Message::LineAllocated, view))
}

/// Shares are users': one that is given or taken for a sub-user would be its user's, whom nobody named.
fn expect_no_sub_user<I, B>(request: &AccountRequest<I, B>) -> Result<(), Problem> {
    if request.account == request.user {
        Ok(())
    } else {
        Err(Problem::fault(SUB_USER, FaultRule::UnknownField))
    }
}

fn warnings(caller: &Caller, draft: &AllocationDraft, sum: i64, channels: i64) -> Vec<String> {
    let language = caller.language;
    let sum = (sum > channels).then(|| {
        language.choose(
            format!("该线路已分配并发合计{sum}，超过线路并发{channels}；呼叫时仍以线路并发为限"),
            format!("{sum} calls at once are allocated of this line, more than its {channels} channels, which hold anyway"),
        )
    });
    let past = draft.deadline_at.filter(|deadline| *deadline <= caller.now).map(|_| {
        language
            .choose(
                "截止时间已过，该用户不能再通过此线路呼叫",
                "The deadline is past: nothing starts over this line for the user",
            )
            .to_owned()
    });
    [sum, past].into_iter().flatten().collect()
}

/// Take a line from a user (解除线路绑定用户)
///
/// By the number of the allocation (`id` as answered when it was given, and as `GET /agent-api/line/{line_id}/allocation` lists them;
/// `line_allocation.id` in the list of lines), not by the line's id. It is never refused; tasks that name the line stay as they are and
/// do not call over it.
#[utoipa::path(delete, path = "/agent-api/new/user/{user_id}/line/{line_id}", tag = "line",
    operation_id = "deallocate_line", params(AllocationPath),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn deallocate(request: AccountRequest<LineAllocationId>) -> Result<Answer<()>, Problem> {
    expect_no_sub_user(&request)?;
    let mut tx = request.begin().await?;
    let (partner, change) = (request.caller.partner, request.caller.change());
    let allocation = lines::lock_allocation(&mut tx, partner, request.user, request.id).await?;
    lines::deallocate(&mut tx, &allocation, &change).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::LineDeallocated))
}

/// The scripts to bind.
#[derive(Debug, ToSchema)]
pub(crate) struct BindScripts {
    /// The allocation's id.
    #[schema(value_type = i64, required = true, minimum = 1, example = 11)]
    id: Option<Number>,
    /// The ids of scripts; they replace those that were bound.
    #[schema(value_type = Vec<i64>, required = true, max_items = 1_000, example = json!([297]))]
    group_ids: Option<Vec<i64>>,
}

fields!(BindScripts { id, group_ids } known &[]);

/// Bind scripts to a line (线路绑定话术)
///
/// They are stored with the user's share and returned, without effect here: a task names its script itself.
#[utoipa::path(put, path = "/agent-api/new/user/{user_id}/line_bind_group", tag = "line",
    operation_id = "bind_scripts_to_line", params(UserPath), request_body = BindScripts,
    responses((status = 200, body = Envelope<LineAllocationView>)))]
pub(crate) async fn bind_scripts(
    request: AccountRequest<(), Json<BindScripts>>,
) -> Result<Answer<LineAllocationView>, Problem> {
    let (body, mut faults, request) = request.take_body();
    let id = faults.require("id", body.id).map(|id| LineAllocationId::new(id.get()));
    let scripts = faults.require("group_ids", body.group_ids);
    if scripts.as_ref().is_some_and(|scripts| scripts.len() > MAXIMUM_BOUND_SCRIPTS) {
        faults.add("group_ids", FaultRule::Line(LineRule::TooMany(MAXIMUM_BOUND_SCRIPTS)));
    }
    let (id, scripts) = faults.finish(id.zip(scripts))?;
    expect_no_sub_user(&request)?;
    let mut tx = request.begin().await?;
    let (partner, change) = (request.caller.partner, request.caller.change());
    let allocation = lines::lock_allocation(&mut tx, partner, request.user, id).await?;
    let allocation = lines::bind_scripts(&mut tx, &allocation, &scripts, &change).await?;
    tx.commit().await?;
    let view = LineAllocationView::new(request.api.settings.zone, request.caller.now, None, &allocation);
    Ok(Answer::new(Message::Updated, view))
}

/// Allocations of a line
///
/// Who has a share of it, oldest first.
#[utoipa::path(get, path = "/agent-api/line/{line_id}/allocation", tag = "line", operation_id = "line_allocations",
    params(LinePath, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<LineAllocationView>>)))]
pub(crate) async fn list_of_line(
    request: PartnerRequest,
) -> Result<Answer<Vec<LineAllocationView>>, Problem> {
    let PartnerRequest { api, caller, path, query, .. } = request;
    let line = LinePath::read(&path)?;
    let page = PageQuery::read_alone(&query)?;
    let found = lines::list_allocations(&mut api.store.read().await?, caller.partner, line, page).await?;
    Ok(Answer::page(Message::LineAllocations, page, found, |share| {
        LineAllocationView::of_share(api.settings.zone, caller.now, share)
    }))
}

query_parameters! {
    /// Filters of the list of lines.
    pub(crate) struct LineQuery {
        /// The cloud node (云节点ID); must be given.
        id: RequiredId,
        /// Only lines that this user has a share of, and no other shares.
        user_id: Id,
    }
}

/// A line as the platform's list has it, with its shares.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlatformLineView {
    id: Uuid,
    /// The cloud node, as it was asked for.
    robot_cli_node_id: Uuid,
    /// Lines belong to the partner.
    user_id: Option<Uuid>,
    gateway_id: Option<i64>,
    extension_id: Option<i64>,
    name: String,
    description: String,
    #[schema(value_type = LineTypeSchema)]
    r#type: u8,
    /// 线路并发
    call_line: i64,
    call_number_prefix: Option<String>,
    /// The first of its caller ids.
    #[schema(value_type = Option<String>)]
    origination_caller_id_number: Option<NumberView>,
    dial_string: Option<String>,
    destination_prefix: Option<String>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// How the carrier knows us.
    #[schema(example = "IP")]
    bind_type_str: &'static str,
    line_allocation: Vec<LineAllocationView>,
}

schema_of!(
    /// The platform's number for the kind of a line.
    LineTypeSchema,
    "LineType",
    values::numbers("Always 1.", [1])
);

impl PlatformLineView {
    fn new(api: &Api, caller: &Caller, node: Uuid, line: Line, shares: Vec<UserShare>) -> Self {
        let zone = api.settings.zone;
        let settings = line.draft.settings;
        let by_digest = line.draft.secret.is_some();
        Self {
            id: line.id.uuid(),
            robot_cli_node_id: node,
            user_id: None,
            gateway_id: None,
            extension_id: None,
            name: line.draft.name.as_str().to_owned(),
            description: settings.description,
            r#type: 1,
            call_line: settings.channels,
            call_number_prefix: settings.callee_form.prefix.map(|prefix| prefix.as_str().to_owned()),
            origination_caller_id_number: first_number(&settings.caller_ids, caller),
            dial_string: None,
            destination_prefix: None,
            created_at: stamp(zone, line.created_at),
            updated_at: stamp(zone, line.updated_at),
            bind_type_str: if by_digest { "REGISTER" } else { "IP" },
            line_allocation: shares
                .into_iter()
                .map(|share| LineAllocationView::of_share(zone, caller.now, share))
                .collect(),
        }
    }
}

fn first_number(ids: &CallerIds, caller: &Caller) -> Option<NumberView> {
    ids.numbers.first().map(|number| NumberView::new(number.as_str(), caller))
}

/// List lines with their allocations (线路列表)
///
/// The partner's lines, newest first, each with the users' shares of it.
#[utoipa::path(get, path = "/agent-api/new_line_list", tag = "line", operation_id = "list_lines",
    params(LineQuery, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<PlatformLineView>>)))]
pub(crate) async fn list_lines(request: PartnerRequest) -> Result<Answer<Vec<PlatformLineView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let mut faults = Faults::default();
    let page = PageQuery::read(&query, &mut faults).page();
    let LineQuery { id, user_id } = LineQuery::read(&query, &mut faults);
    let node = faults.finish(id)?;
    let (mut read, partner) = (api.store.read().await?, caller.partner);
    let found = if let Some(user) = user_id.map(AccountId::new) {
        let filter = AllocationFilter { user: Some(user), unused: false };
        let found = lines::list_shares(&mut read, partner, filter, page).await?;
        let with_share = |(line, share): (Line, Option<UserShare>)| (line, Vec::from_iter(share));
        Paged { items: found.items.into_iter().map(with_share).collect(), total: found.total }
    } else {
        let found = lines::list(&mut read, partner, page).await?;
        let ids: Vec<LineId> = found.items.iter().map(|line| line.id).collect();
        let shares = lines::allocations_of_lines(&mut read, partner, &ids, None).await?;
        Paged { items: with_shares(found.items, shares), total: found.total }
    };
    Ok(Answer::page(Message::Lines, page, found, |(line, shares)| {
        PlatformLineView::new(&api, &caller, node, line, shares)
    }))
}

fn with_shares(lines: Vec<Line>, mut shares: Vec<UserShare>) -> Vec<(Line, Vec<UserShare>)> {
    let with_its_own = |line: Line| {
        let (its_own, others) = std::mem::take(&mut shares)
            .into_iter()
            .partition(|share: &UserShare| share.allocation.line_id == line.id);
        shares = others;
        (line, its_own)
    };
    lines.into_iter().map(with_its_own).collect()
}

query_parameters! {
    /// Filters of the 1.0 list of lines.
    pub(crate) struct CallerLineQuery {
        /// Only this user's.
        user_id: Id,
        /// Only lines that nobody has a share of.
        unused: Flag,
    }
}

/// A line as the platform's 1.0 list has it: once for each user who has a share of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallerLineView {
    id: Uuid,
    name: String,
    /// Who has the share; `null` where nobody has one.
    user: Option<CallerLineUserView>,
    /// The share, or what the line has where nobody has one.
    call_line: i64,
    #[schema(value_type = Option<LocalTimeSchema>)]
    deadline_at: Option<String>,
    /// For how many seconds calls may still start.
    available_time: Option<i64>,
    #[schema(value_type = Option<LocalTimeSchema>)]
    begin_at: Option<String>,
    /// The same as `deadline_at`.
    #[schema(value_type = Option<LocalTimeSchema>)]
    available_at: Option<String>,
    /// The first of the line's caller ids.
    #[schema(value_type = Option<String>)]
    caller_number: Option<NumberView>,
    tenant: TenantView,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    description_server: String,
    qr_code: Option<String>,
    call_number: Option<String>,
}

/// The user who has a share of a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallerLineUserView {
    name: String,
    email: String,
    #[schema(value_type = String, example = "13800000000")]
    phone: NumberView,
    #[schema(example = "客户")]
    type_note: &'static str,
}

/// The partner's cloud node (云节点).
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// As it was asked for.
    id: Option<Uuid>,
    name: Option<String>,
}

impl CallerLineView {
    fn new(api: &Api, caller: &Caller, node: Option<Uuid>, line: Line, share: Option<UserShare>) -> Self {
        let zone = api.settings.zone;
        let settings = line.draft.settings;
        let allocation = share.as_ref().map(|share| &share.allocation);
        let deadline_at = allocation.and_then(|allocation| allocation.draft.deadline_at);
        let deadline_at = deadline_at.map(|at| stamp(zone, at));
        Self {
            id: line.id.uuid(),
            name: line.draft.name.as_str().to_owned(),
            call_line: allocation.map_or(settings.channels, |allocation| allocation.draft.line_concurrency),
            available_time: allocation.and_then(|allocation| allocation.seconds_left(caller.now)),
            begin_at: allocation.map(|allocation| stamp(zone, allocation.begin_at)),
            available_at: deadline_at.clone(),
            deadline_at,
            caller_number: first_number(&settings.caller_ids, caller),
            tenant: TenantView { id: node, name: None },
            created_at: stamp(zone, line.created_at),
            updated_at: stamp(zone, line.updated_at),
            description_server: settings.description,
            qr_code: None,
            call_number: None,
            user: share.map(|share| CallerLineUserView {
                name: share.user_name,
                email: share.user_email,
                phone: NumberView::new(&share.user_phone, caller),
                type_note: caller.language.choose("客户", "customer"),
            }),
        }
    }
}

/// List lines 1.0 (线路列表)
///
/// Newest first, each once for each user who has a share of it.
#[utoipa::path(get, path = "/agent-api/tenant/{tenant_id}/callerline", tag = "line", operation_id = "list_caller_lines",
    params(CallerLinePath, CallerLineQuery, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<CallerLineView>>)))]
pub(crate) async fn list_caller_lines(
    request: PartnerRequest,
) -> Result<Answer<Vec<CallerLineView>>, Problem> {
    let node = CallerLinePath::read(&request.path)?;
    caller_lines(request, Some(node.0)).await
}

/// List lines 1.0, without naming the cloud node (线路列表)
///
/// The same as the list of the partner's cloud node.
#[utoipa::path(get, path = "/agent-api/callerline", tag = "line", operation_id = "list_all_caller_lines",
    params(CallerLineQuery, PageQuery),
    responses((status = 200, body = PagedEnvelope<Vec<CallerLineView>>)))]
pub(crate) async fn list_all_caller_lines(
    request: PartnerRequest,
) -> Result<Answer<Vec<CallerLineView>>, Problem> {
    caller_lines(request, None).await
}

async fn caller_lines(
    request: PartnerRequest,
    node: Option<Uuid>,
) -> Result<Answer<Vec<CallerLineView>>, Problem> {
    let PartnerRequest { api, caller, query, .. } = request;
    let (page, filter) = caller_line_filter(&query)?;
    let found = lines::list_shares(&mut api.store.read().await?, caller.partner, filter, page).await?;
    Ok(Answer::page(Message::CallerLines, page, found, |(line, share)| {
        CallerLineView::new(&api, &caller, node, line, share)
    }))
}

fn caller_line_filter(query: &Query) -> Result<(Page, AllocationFilter), Vec<Fault>> {
    let mut faults = Faults::default();
    let page = PageQuery::read(query, &mut faults).page();
    let CallerLineQuery { user_id, unused } = CallerLineQuery::read(query, &mut faults);
    faults.finish(Some((page, AllocationFilter { user: user_id.map(AccountId::new), unused })))
}
