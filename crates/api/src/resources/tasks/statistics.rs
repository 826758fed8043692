//! The statistics of a task.

use domain::TaskId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    envelope::{Answer, Envelope},
    extract::AccountRequest,
    messages::Message,
    path::TaskPath,
    problem::Problem,
    query::SubUserQuery,
};

/// A task's statistics. All counts are zero: this version places no calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    answer_rate: AnswerRateView,
    intention: Vec<IntentionView>,
    number_status: Vec<NumberStatusView>,
    /// Calls by how many rounds they had.
    #[schema(value_type = Object)]
    rounds: serde_json::Map<String, serde_json::Value>,
}

/// How many numbers answered.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswerRateView {
    answered: i64,
    no_answer: i64,
    /// Percent; spelled so in the documents.
    call_completet_rate: f64,
    /// Percent of the numbers that are done.
    task_progress: i64,
}

/// How many calls ended with an intention.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntentionView {
    intention_results: u8,
    name: &'static str,
    total: i64,
    percent: f64,
}

/// How many numbers have a status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberStatusView {
    status: u8,
    status_str: &'static str,
    count: i64,
}

/// In Chinese, as documented, and in English.
const INTENTIONS: [(&str, &str); 5] = [
    ("A级(有明确意向)", "A (clear interest)"),
    ("B级(可能有意向)", "B (possible interest)"),
    ("C级(明确拒绝)", "C (clear refusal)"),
    ("D级(用户在忙)", "D (busy)"),
    ("E级(其他)", "E (other)"),
];
const NUMBER_STATUS: [(&str, &str); 13] = [
    ("等待呼叫", "waiting to be called"),
    ("呼叫成功", "answered"),
    ("运营商拦截", "blocked by the carrier"),
    ("拒接", "declined"),
    ("无应答、无人接听", "no answer"),
    ("空号", "number does not exist"),
    ("关机", "switched off"),
    ("停机", "out of service"),
    ("占线、用户正忙", "busy"),
    ("呼入限制", "incoming calls barred"),
    ("欠费", "in arrears"),
    ("黑名单", "on the blocklist"),
    ("用户屏蔽", "blocked by the callee"),
];
const ROUNDS: [&str; 5] = ["1", "2~5", "6~10", "11~20", ">20"];

/// Task statistics (任务统计, both generations)
///
/// All counts are zero: this version places no calls.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/stat", tag = "task 1.0",
    operation_id = "task_statistics", params(TaskPath, SubUserQuery),
    responses((status = 200, body = Envelope<StatisticsView>)))]
pub(crate) async fn of_task(request: AccountRequest<TaskId>) -> Result<Answer<StatisticsView>, Problem> {
    super::get(&request).await?;
    let language = request.caller.language;
    let text = |(chinese, english)| language.choose(chinese, english);
    let intention = |(number, name)| IntentionView {
        intention_results: number,
        name: text(name),
        total: 0,
        percent: 0.0,
    };
    let status = |(number, word)| NumberStatusView { status: number, status_str: text(word), count: 0 };
    let view = StatisticsView {
        answer_rate: AnswerRateView::default(),
        intention: (1..).zip(INTENTIONS).map(intention).collect(),
        number_status: (0..).zip(NUMBER_STATUS).map(status).collect(),
        rounds: ROUNDS.iter().map(|rounds| ((*rounds).to_owned(), 0.into())).collect(),
    };
    Ok(Answer::new(Message::TaskStatistics, view))
}
