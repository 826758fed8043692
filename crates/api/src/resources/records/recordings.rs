//! Addresses of recordings. Nothing is recorded yet, so none of a record that exists is found either.

use domain::{AttemptId, Counted, FaultRule, Faults, TaskId};
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::get;
use crate::{
    Api,
    http::{
        envelope::{Answer, EmptyEnvelope},
        extract::AccountRequest,
        path::{RecordOfTask, RecordPath, TaskPath},
        problem::Problem,
        query::{Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
    },
};

/// The most records whose recordings are asked for at once, as documented.
const MAXIMUM_RECORDS: usize = 30;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(of_record)).routes(routes!(of_records))
}

/// The recording of a record (下载通话录音)
///
/// 404 until calls are recorded.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/record/{record_id}/download-full-voice",
    tag = "record", operation_id = "recording", params(RecordPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn of_record(request: AccountRequest<RecordOfTask>) -> Result<Answer<()>, Problem> {
    get(&mut request.read().await?, request.account, request.id).await?;
    Err(Problem::NoRecording)
}

/// The recordings of several records (批量播放通话录音地址)
///
/// 404 until calls are recorded.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/batch_record/download-full-voice",
    tag = "record", operation_id = "recordings", params(TaskPath, RecordIdsQuery, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn of_records(request: AccountRequest<TaskId>) -> Result<Answer<()>, Problem> {
    let mut faults = Faults::default();
    let records = RecordIdsQuery::read(&request.query, &mut faults).recordIds;
    faults.finish(Some(()))?;
    let mut read = request.read().await?;
    for record in records {
        let id = RecordOfTask { task: request.id, record: AttemptId::new(record) };
        get(&mut read, request.account, id).await?;
    }
    Err(Problem::NoRecording)
}

/// Records by their ids: at least one.
pub(crate) enum RecordIds {}

impl QueryKind for RecordIds {
    type Value = Vec<Uuid>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Vec<Uuid> {
        let texts = query.several(name);
        if texts.is_empty() {
            faults.add(name, FaultRule::Required);
        } else if texts.len() > MAXIMUM_RECORDS {
            faults.add(name, FaultRule::TooMany(Counted::Records, MAXIMUM_RECORDS));
        }
        let id = |text: &String| faults.check(name, Uuid::parse_str(text).map_err(|_| FaultRule::Uuid));
        texts.iter().take(MAXIMUM_RECORDS).filter_map(id).collect()
    }

    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        let id = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).format(Some(format));
        ArrayBuilder::new().items(id).min_items(Some(1)).max_items(Some(MAXIMUM_RECORDS)).into()
    }
}

query_parameters! {
    /// Which records are meant.
    #[expect(non_snake_case, reason = "the documented name")]
    pub(crate) struct RecordIdsQuery {
        /// The records, at most 30 (`recordIds[]=..&recordIds[]=..`). Required.
        recordIds: RecordIds,
    }
}
