//! Records as a CSV file, read from the database as fast as the client takes them.

use axum::response::Response;
use bytes::Bytes;
use domain::{
    Attempt, AttemptId, AttemptTimes, Intention, Name, NumberStatus, PressedKeys, ReasonPhrase, Recording,
    Score,
};
use futures_util::stream;
use http::{HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use store::attempts::{self, AttemptScope, ResultSummary};

use super::{
    filter::{self, RecordFilter, RecordQuery, RecordTaskQuery},
    result::shown_text,
    words::{answered_by_text, class_text, end_reason_text, ended_by_text},
};
use crate::{
    Api,
    http::{
        csv_cells::{UTF_8_MARK, text_cell},
        extract::{self, AccountRequest, Caller},
        language::Language,
        number_view::shown_number,
        path::UserPath,
        problem::Problem,
        query::SubUserQuery,
        routes::{Routes, routes},
        second_proof,
        time::stamp,
    },
    resources::tasks::status_text,
};

/// How many records are in memory for each file that is being sent.
const ROWS: u32 = 500;

pub(super) fn routes() -> Routes {
    Routes::new().routes(routes!(export))
}

/// Export records as CSV
///
/// The same records as in the list, all of them, in the same order, for programs for spreadsheets: UTF-8 with a byte order mark, a header in the
/// language that is asked for, times on the server's clock. A text that such a program might take for a formula has a `'` before it. Records
/// that come meanwhile are not in it.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/record/export", tag = "record", operation_id = "export_records",
    params(UserPath, RecordTaskQuery, RecordQuery, SubUserQuery),
    responses((status = 200, body = String, content_type = "text/csv", description = "The records.")))]
pub(crate) async fn export(request: AccountRequest) -> Result<Response, Problem> {
    let AccountRequest { api, caller, account, query, .. } = request;
    let scope = filter::scope(&query, account)?;
    let filter = RecordFilter::read(&query, api.settings.zone, &caller)?;
    let name = format!(
        "attachment; filename=\"records-{}.csv\"",
        stamp(api.settings.zone, caller.now).replace([' ', ':'], "-")
    );
    let (whole, claim) = (api.clone(), caller.claim);
    let export = Export { api, caller, scope, filter };
    let blocks = stream::try_unfold((export, ExportPlace::Header), async |(export, place)| {
        let next = export.block(place).await?;
        store::Result::Ok(next.map(|(block, place)| (Bytes::from(block), (export, place))))
    });
    let mut response = Response::new(second_proof::file_of(blocks, extract::owns_still(whole, claim)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.extend(HeaderValue::from_str(&name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}

/// What is exported, and for whom.
struct Export {
    api: Api,
    caller: Caller,
    scope: AttemptScope,
    filter: RecordFilter,
}

/// How far an export is.
#[derive(Clone, Copy)]
enum ExportPlace {
    /// Its header comes next.
    Header,
    /// The records after this one come next, and the first ones after none.
    After(Option<(Timestamp, AttemptId)>),
}

impl Export {
    /// The next part of the file, and what comes after it; `None`: it is whole.
    async fn block(&self, place: ExportPlace) -> store::Result<Option<(String, ExportPlace)>> {
        match place {
            ExportPlace::Header => {
                let names = COLUMNS.iter().map(|column| column.name(self.caller.language).to_owned());
                Ok(Some((format!("{UTF_8_MARK}{}", line(names)), ExportPlace::After(None))))
            }
            ExportPlace::After(last) => self.rows(last).await,
        }
    }

    async fn rows(
        &self,
        last: Option<(Timestamp, AttemptId)>,
    ) -> store::Result<Option<(String, ExportPlace)>> {
        let mut read = self.api.store.read().await?;
        let found = attempts::list_after(&mut read, self.scope, &self.filter.attempts, last, ROWS).await?;
        let Some(end) = found.last() else { return Ok(None) };
        let place = ExportPlace::After(Some((end.times.dialed_at, end.id)));
        let (account, ids) = (end.account_id, found.iter().map(|attempt| attempt.id));
        let results = attempts::result_summaries(&mut read, account, ids.clone()).await?;
        let recordings = store::recordings::of_attempts(&mut read, account, &ids.collect::<Vec<_>>()).await?;
        let mut rows = String::new();
        for attempt in &found {
            let (result, recording) = (results.get(&attempt.id), recordings.get(&attempt.id));
            let record = ExportedRecord { export: self, attempt, result, recording };
            rows += &line(COLUMNS.iter().map(|column| (column.value)(&record).unwrap_or_default()));
        }
        Ok(Some((rows, place)))
    }
}

/// Texts as a line of CSV.
fn line(texts: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = texts.map(|text| text_cell(&text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A record with what is known beside it.
struct ExportedRecord<'e> {
    export: &'e Export,
    attempt: &'e Attempt,
    result: Option<&'e ResultSummary>,
    recording: Option<&'e Recording>,
}

/// A column: its name in both languages, and what it says of a record, if that has any.
struct ExportColumn {
    chinese: &'static str,
    english: &'static str,
    value: fn(&ExportedRecord<'_>) -> Option<String>,
}

impl ExportColumn {
    const fn new(
        chinese: &'static str,
        english: &'static str,
        value: fn(&ExportedRecord<'_>) -> Option<String>,
    ) -> Self {
        Self { chinese, english, value }
    }

    fn name(&self, language: Language) -> &'static str {
        language.choose(self.chinese, self.english)
    }
}

/// The columns, in their order.
const COLUMNS: &[ExportColumn] = &[
    ExportColumn::new("记录编号", "Record", |record| Some(record.attempt.id.to_string())),
    ExportColumn::new("任务", "Task", |record| Some(record.attempt.task_name.clone())),
    ExportColumn::new("任务编号", "Task ID", |record| Some(record.attempt.task_id.to_string())),
    ExportColumn::new("被叫", "Callee", |record| {
        Some(shown_number(&record.attempt.number.phone, &record.export.caller))
    }),
    ExportColumn::new("姓名", "Name", |record| record.attempt.number.details.name.clone()),
    ExportColumn::new("公司", "Company", |record| record.attempt.number.details.company.clone()),
    ExportColumn::new("附加信息", "Extra", |record| record.attempt.number.details.extra.clone()),
    ExportColumn::new("状态", "Status", |record| record.attempt.status.map(|status| record.status(status))),
    ExportColumn::new("结果", "Outcome", |record| {
        Some(class_text(record.attempt.class, record.language()).to_owned())
    }),
    ExportColumn::new("拨号时间", "Dialed at", |record| {
        record.time(Some(record.attempt.times.dialed_at))
    }),
    ExportColumn::new("振铃时间", "Ringing at", |record| record.time(record.attempt.times.ringing_at)),
    ExportColumn::new("接听时间", "Answered at", |record| record.time(record.attempt.times.answered_at)),
    ExportColumn::new("结束时间", "Ended at", |record| record.time(Some(record.attempt.times.ended_at))),
    ExportColumn::new("振铃（秒）", "Ringing (s)", |record| ringing(record.attempt.times)),
    ExportColumn::new("通话（秒）", "Talk (s)", |record| {
        let times = record.attempt.times;
        times.answered_at.map(|_| times.talk().as_secs().to_string())
    }),
    ExportColumn::new("SIP代码", "SIP code", |record| text(record.attempt.cause.code)),
    ExportColumn::new("SIP原因", "SIP phrase", |record| {
        record.attempt.cause.phrase.as_ref().map(ReasonPhrase::as_str).map(str::to_owned)
    }),
    ExportColumn::new("Q.850", "Q.850", |record| text(record.attempt.cause.q850)),
    ExportColumn::new("挂断方", "Ended by", |record| {
        Some(ended_by_text(record.attempt.ended_by, record.language()).to_owned())
    }),
    ExportColumn::new("挂断原因", "End reason", |record| {
        record.attempt.end_reason.map(|reason| end_reason_text(reason, record.language()).to_owned())
    }),
    ExportColumn::new("按键", "Keys", |record| Some(keys(&record.attempt.pressed))),
    ExportColumn::new("意向", "Intention", |record| {
        record.result?.intention.map(Intention::letter).map(str::to_owned)
    }),
    ExportColumn::new("标签", "Tags", |record| {
        let tags: Vec<&str> = record.result?.tags.iter().map(Name::as_str).collect();
        Some(record.shown(&tags.join("; ")))
    }),
    ExportColumn::new("评分", "Score", |record| text(record.result?.score.map(Score::number))),
    ExportColumn::new("对话轮次", "Rounds", |record| text(Some(record.result?.rounds))),
    ExportColumn::new("摘要", "Summary", |record| {
        record.result?.summary.as_deref().map(|summary| record.shown(summary))
    }),
    ExportColumn::new("录音（秒）", "Recording (s)", |record| {
        let recording = record.recording.filter(|recording| recording.is_there(record.export.caller.now))?;
        Some(SignedDuration::from_millis(recording.duration_ms).as_secs().to_string())
    }),
    ExportColumn::new("主叫", "Caller ID", |record| record.attempt.caller_id.clone()),
    ExportColumn::new("线路编号", "Line ID", |record| text(record.attempt.line_id)),
    ExportColumn::new("话术编号", "Script ID", |record| text(record.attempt.script_id)),
    ExportColumn::new("模拟", "Simulated", |record| {
        record.attempt.is_simulated.then(|| record.language().choose("是", "Yes").to_owned())
    }),
    ExportColumn::new("接听者", "Answered by", |record| {
        Some(answered_by_text(record.attempt.answerer.as_ref()?.by, record.language()).to_owned())
    }),
    ExportColumn::new("机器人", "Bots", |record| {
        let bots: Vec<&str> = record.attempt.bots.iter().map(|bot| bot.url.as_str()).collect();
        Some(bots.join("; "))
    }),
];

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// The keys of each step, as they were pressed.
fn keys(pressed: &[PressedKeys]) -> String {
    pressed.iter().map(|pressed| pressed.keys.as_str()).collect::<Vec<_>>().join("; ")
}

impl ExportedRecord<'_> {
    const fn language(&self) -> Language {
        self.export.caller.language
    }

    fn status(&self, status: NumberStatus) -> String {
        status_text(status, self.language()).to_owned()
    }

    fn time(&self, at: Option<Timestamp>) -> Option<String> {
        at.map(|at| stamp(self.export.api.settings.zone, at))
    }

    fn shown(&self, text: &str) -> String {
        shown_text(text, &self.export.caller)
    }
}

/// For how many seconds it rang, to the tenth.
fn ringing(times: AttemptTimes) -> Option<String> {
    let rang = times.answered_at.unwrap_or(times.ended_at).duration_since(times.ringing_at?);
    let tenths = rang.as_millis().max(0) / 100;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}
