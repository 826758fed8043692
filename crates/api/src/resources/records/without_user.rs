//! The same by the platform's old routes, which name no user: of whichever of the partner's accounts has the task.

use domain::{AccountId, TaskId};
use store::tasks;

use super::{
    detail_of,
    filter::{RecordFilter, RecordQuery},
    list_of_task,
    recording_view::RecordingAddressView,
    recordings,
    view::{RecordDetailView, RecordView},
};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope, PagedEnvelope},
        extract::{Caller, PartnerRequest},
        path::{PathWithoutUser, RecordOfTask},
        problem::{Forbidden, Problem},
        query::PageQuery,
        routes::{Routes, routes},
    },
};

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(detail)).routes(routes!(recording))
}

/// List a task's records, by the old route (通话列表)
///
/// Prefer the route that names the user: this one finds a task by its id alone, and so no deleted one.
#[utoipa::path(get, path = "/agent-api/task/{task_id}/record", tag = "record",
    operation_id = "list_task_records_without_user", params(PathWithoutUser<TaskId>, PageQuery, RecordQuery),
    responses((status = 200, body = PagedEnvelope<Vec<RecordView>>)))]
pub(crate) async fn list(request: PartnerRequest) -> Result<Answer<Vec<RecordView>>, Problem> {
    let PartnerRequest { api, caller, path, query, .. } = request;
    let task = PathWithoutUser::<TaskId>::read(&path)?;
    let filter = RecordFilter::read(&query, api.settings.zone, &caller)?;
    let account = owner(&api, &caller, task).await?;
    list_of_task(&api, &caller, (account, task), &filter).await
}

/// Record detail, by the old route (通话详情)
///
/// Prefer the route that names the user: this one finds a task by its id alone, and so no deleted one.
#[utoipa::path(get, path = "/agent-api/task/{task_id}/detail/{record_id}", tag = "record",
    operation_id = "record_detail_without_user", params(PathWithoutUser<RecordOfTask>),
    responses((status = 200, body = Envelope<RecordDetailView>)))]
pub(crate) async fn detail(request: PartnerRequest) -> Result<Answer<RecordDetailView>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let attempt = get(&api, &caller, PathWithoutUser::<RecordOfTask>::read(&path)?).await?;
    detail_of(&mut api.store.read().await?, &api, &caller, attempt).await
}

/// The recording of a record, by the old route (下载通话录音)
///
/// Prefer the route that names the user: this one finds a task by its id alone, and so no deleted one.
#[utoipa::path(get, path = "/agent-api/task/{task_id}/record/{record_id}/download-full-voice", tag = "record",
    operation_id = "recording_without_user", params(PathWithoutUser<RecordOfTask>),
    responses((status = 200, body = Envelope<RecordingAddressView>)))]
pub(crate) async fn recording(request: PartnerRequest) -> Result<Answer<RecordingAddressView>, Problem> {
    let PartnerRequest { api, caller, path, .. } = request;
    let attempt = get(&api, &caller, PathWithoutUser::<RecordOfTask>::read(&path)?).await?;
    recordings::address(&api, attempt.account_id, attempt.id).await
}

async fn get(api: &Api, caller: &Caller, id: RecordOfTask) -> Result<domain::Attempt, Problem> {
    let account = owner(api, caller, id.task).await?;
    super::get(&mut api.store.read().await?, account, id).await
}

/// The account that has the task, if the token may act for it.
async fn owner(api: &Api, caller: &Caller, task: TaskId) -> Result<AccountId, Problem> {
    let owner = tasks::owner(&mut api.store.read().await?, caller.partner, task).await?;
    if caller.authority.token.user.is_some_and(|user| user != owner.user) {
        return Err(Problem::NotFound);
    }
    if owner.is_disabled { Err(Problem::Forbidden(Forbidden::AccountDisabled)) } else { Ok(owner.account) }
}
