//! The statistics of a task.

use domain::{Faults, InstantRange, Intention, NumberState, NumberStatus, RoundsBand, TaskId};
use serde::Serialize;
use store::{
    attempts::{self, AttemptScope, CountsByOutcome, CountsByResult},
    numbers::{self, NumberCounts},
    tasks,
};
use utoipa::ToSchema;

use crate::http::{
    envelope::{Answer, Envelope},
    extract::AccountRequest,
    language::Language,
    messages::Message,
    path::TaskPath,
    problem::Problem,
    query::{QueryParameters, SubUserQuery, TwoTimes, query_parameters},
};

query_parameters! {
    /// Which calls a task's statistics count.
    pub(crate) struct StatisticsQuery {
        /// Only those that were dialed between these two times.
        date: TwoTimes,
    }
}

/// A task's statistics.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    answer_rate: AnswerRateView,
    /// Calls by what the callee wanted, as far as the bot or another program said.
    intention: Vec<IntentionView>,
    number_status: Vec<NumberStatusView>,
    /// Calls by how often the callee spoke; those in which the callee said nothing are counted nowhere.
    #[schema(value_type = Object)]
    rounds: serde_json::Map<String, serde_json::Value>,
}

/// How many calls were answered.
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
    /// Of the calls that have an intention.
    percent: f64,
}

/// How many numbers have a status; or how many calls gave their number it.
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
    ("空号", "no such number"),
    ("关机", "switched off"),
    ("停机", "out of service"),
    ("占线、用户正忙", "busy"),
    ("呼入限制", "incoming calls barred"),
    ("欠费", "in arrears"),
    ("黑名单", "on the blocklist"),
    ("用户屏蔽", "blocked by the callee"),
];

/// A status in words.
pub(crate) fn status_text(status: NumberStatus, language: Language) -> &'static str {
    let (chinese, english) = NUMBER_STATUS[status as usize];
    language.choose(chinese, english)
}

/// Task statistics (任务统计, both generations)
///
/// Counts the task's numbers by what became of them, and its calls; with `date`, and of a task without numbers, only calls. An attempt in which no phone can
/// have rung counts nowhere.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/stat", tag = "task 1.0",
    operation_id = "task_statistics", params(TaskPath, StatisticsQuery, SubUserQuery),
    responses((status = 200, body = Envelope<StatisticsView>)))]
pub(crate) async fn of_task(request: AccountRequest<TaskId>) -> Result<Answer<StatisticsView>, Problem> {
    let mut faults = Faults::default();
    let date = StatisticsQuery::read(&request.query, &mut faults).date;
    let dialed = TwoTimes::range(date, "date", request.api.settings.zone, &mut faults);
    faults.finish(Some(()))?;
    let mut read = request.read().await?;
    tasks::expect(&mut read, request.account, request.id).await?;
    let scope = AttemptScope::Task(request.account, request.id);
    let range = dialed.unwrap_or(InstantRange::ALL);
    let calls = attempts::count_by_outcome(&mut read, scope, range).await?;
    let numbers = numbers::counts(&mut read, request.account, request.id).await?;
    let results = attempts::count_by_result(&mut read, scope, range).await?;
    let mut view = StatisticsView::new(&calls, &results, request.caller.language);
    view.answer_rate.task_progress = progress(&numbers);
    if dialed.is_none() && numbers.total() > 0 {
        view.count_numbers(&numbers);
    }
    Ok(Answer::new(Message::TaskStatistics, view))
}

impl StatisticsView {
    fn new(counts: &CountsByOutcome, results: &CountsByResult, language: Language) -> Self {
        let with_intention =
            Intention::ALL.into_iter().map(|intention| results.of_intention(intention)).sum();
        let intention = |((number, intention), (chinese, english)): ((u8, Intention), (_, _))| {
            let total = results.of_intention(intention);
            let name = language.choose(chinese, english);
            IntentionView { intention_results: number, name, total, percent: percent(total, with_intention) }
        };
        let rounds = |(name, band): (&&str, RoundsBand)| ((*name).to_owned(), results.of_band(band).into());
        let status = |(number, status): (u8, NumberStatus)| NumberStatusView {
            status: number,
            status_str: status_text(status, language),
            count: counts.of(Some(status)),
        };
        Self {
            answer_rate: AnswerRateView::new(counts),
            intention: (1..).zip(Intention::ALL).zip(INTENTIONS).map(intention).collect(),
            number_status: (0..).zip(NumberStatus::ALL).map(status).collect(),
            rounds: RoundsBand::CODES.iter().zip(RoundsBand::ALL).map(rounds).collect(),
        }
    }

    /// Has the statuses tell what became of numbers.
    fn count_numbers(&mut self, numbers: &NumberCounts) {
        for (status, view) in NumberStatus::ALL.into_iter().zip(&mut self.number_status) {
            view.count = numbers.of_status(status);
        }
    }
}

impl AnswerRateView {
    fn new(counts: &CountsByOutcome) -> Self {
        let (tries, answered) = (counts.tries(), counts.of(Some(NumberStatus::Answered)));
        Self {
            answered,
            no_answer: tries - answered,
            call_completet_rate: percent(answered, tries),
            task_progress: 0,
        }
    }
}

/// How many percent of a task's numbers are done; 0 when it has none.
fn progress(numbers: &NumberCounts) -> i64 {
    (numbers.in_state(NumberState::Done) * 100).checked_div(numbers.total()).unwrap_or(0)
}

/// Percent, to two decimals; 0 of nothing.
fn percent(part: i64, whole: i64) -> f64 {
    let hundredths = part.saturating_mul(10_000).saturating_add(whole / 2).checked_div(whole).unwrap_or(0);
    i32::try_from(hundredths).map_or(0.0, |hundredths| f64::from(hundredths) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_to_two_decimals() {
        let shares = [percent(61, 67), percent(0, 0), percent(1, 3), percent(5, 5)];
        assert_eq!(shares.map(|share| share.to_string()), ["91.04", "0", "33.33", "100"]);
    }
}
