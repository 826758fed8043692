//! Addresses of recordings.

use domain::{AccountId, AttemptId, Counted, FaultRule, Faults, TaskId};
use store::recordings;
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};
use uuid::Uuid;

use super::{get, recording_view::RecordingAddressView};
use crate::{
    Api,
    http::{
        envelope::{Answer, Envelope},
        extract::AccountRequest,
        messages::Message,
        path::{RecordOfTask, RecordPath, TaskPath},
        problem::Problem,
        query::{Query, QueryKind, QueryParameters, SubUserQuery, query_parameters},
        routes::{Routes, routes},
        signed_address,
    },
};

/// The most records whose recordings are asked for at once, as documented.
const MAXIMUM_RECORDS: usize = 30;

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(of_record)).routes(routes!(of_records))
}

/// The recording of a record (下载通话录音)
///
/// An address of its file that expires: a WAV file of two channels. 404 where the call was not recorded, a moment after its end at most, and when
/// the recording was deleted.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/record/{record_id}/download-full-voice",
    tag = "record", operation_id = "recording", params(RecordPath, SubUserQuery),
    responses((status = 200, body = Envelope<RecordingAddressView>)))]
pub(crate) async fn of_record(
    request: AccountRequest<RecordOfTask>,
) -> Result<Answer<RecordingAddressView>, Problem> {
    let AccountRequest { api, account, id, .. } = &request;
    get(&mut request.read().await?, *account, *id).await?;
    address(api, *account, id.record).await
}

/// The address of the recording of an attempt of an account.
pub(super) async fn address(
    api: &Api,
    account: AccountId,
    record: AttemptId,
) -> Result<Answer<RecordingAddressView>, Problem> {
    let mut views = addresses(api, account, &[record]).await?;
    let view = views.pop().ok_or(Problem::NoRecording)?;
    Ok(Answer::new(Message::RecordingAddress, view))
}

/// The recordings of several records (批量播放通话录音地址)
///
/// The same for each of them, in the order in which they are named; one without a recording has no address. 404 where none has one.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/batch_record/download-full-voice",
    tag = "record", operation_id = "recordings", params(TaskPath, RecordIdsQuery, SubUserQuery),
    responses((status = 200, body = Envelope<Vec<RecordingAddressView>>)))]
pub(crate) async fn of_records(
    request: AccountRequest<TaskId>,
) -> Result<Answer<Vec<RecordingAddressView>>, Problem> {
    let mut faults = Faults::default();
    let records = RecordIdsQuery::read(&request.query, &mut faults).recordIds;
    faults.finish(Some(()))?;
    let records: Vec<AttemptId> = records.into_iter().map(AttemptId::new).collect();
    let mut read = request.read().await?;
    for record in &records {
        get(&mut read, request.account, RecordOfTask { task: request.id, record: *record }).await?;
    }
    drop(read);
    let views = addresses(&request.api, request.account, &records).await?;
    Ok(Answer::new(Message::RecordingAddress, views))
}

/// The addresses of the recordings of attempts, if any has one.
async fn addresses(
    api: &Api,
    account: AccountId,
    records: &[AttemptId],
) -> Result<Vec<RecordingAddressView>, Problem> {
    let now = api.clock.now();
    let mut found = recordings::of_attempts(&mut api.store.read().await?, account, records).await?;
    found.retain(|_, recording| recording.is_there(now));
    if found.is_empty() {
        return Err(Problem::NoRecording);
    }
    let mut views = Vec::with_capacity(records.len());
    for record in records {
        let audible = match found.get(record) {
            Some(recording) => {
                let (path, until) = signed_address::of_recording(api, account, *record, now).await?;
                Some((recording, path, until))
            }
            None => None,
        };
        views.push(RecordingAddressView::new(api, record.uuid(), audible));
    }
    Ok(views)
}

/// Records by their ids: at least one.
pub(crate) enum RecordIds {}

impl QueryKind for RecordIds {
    type Value = Vec<Uuid>;

    const REQUIRED: bool = true;

    fn read(query: &Query, name: &'static str, faults: &mut Faults) -> Vec<Uuid> {
        let texts = query.listed(name);
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
