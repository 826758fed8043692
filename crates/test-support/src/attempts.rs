//! Attempts that have ended, for tests of what is made of them.

use domain::{
    AccountId, Attempt, AttemptId, AttemptTimes, CalledNumber, CalleeDetails, EndedBy, NetworkCause,
    NumberStatus, OutcomeClass, ReasonPhrase, TaskId,
};
use jiff::{SignedDuration, Timestamp};
use store::{Store, attempts};

use crate::anything;

/// An attempt that was dialed at an instant, rang after 3 seconds, was answered after 10 and ended after 50.
pub fn answered_attempt(account: AccountId, task: TaskId, dialed_at: Timestamp) -> Attempt {
    let after = |seconds| dialed_at + SignedDuration::from_secs(seconds);
    let details =
        CalleeDetails { name: Some("张三".to_owned()), company: None, extra: Some("x-1".to_owned()) };
    Attempt {
        id: AttemptId::new(anything()),
        account_id: account,
        task_id: task,
        task_name: "task".to_owned(),
        number: CalledNumber { e164: 8_613_800_001_234, phone: "13800001234".to_owned(), details },
        line_id: Some(anything()),
        caller_id: Some("02161234567".to_owned()),
        script_id: Some(297),
        class: OutcomeClass::Answered,
        status: Some(NumberStatus::Answered),
        cause: NetworkCause { code: Some(200), ..NetworkCause::default() },
        ended_by: EndedBy::Callee,
        end_reason: None,
        pressed: Vec::new(),
        answerer: None,
        early_answerer: None,
        steps: Vec::new(),
        bots: Vec::new(),
        times: AttemptTimes {
            dialed_at,
            ringing_at: Some(after(3)),
            early_media_at: None,
            answered_at: Some(after(10)),
            ended_at: after(50),
        },
        legs: Vec::new(),
        is_simulated: true,
    }
}

/// An attempt that was refused by the callee's side at once.
pub fn refused_attempt(
    account: AccountId,
    task: TaskId,
    dialed_at: Timestamp,
    class: OutcomeClass,
) -> Attempt {
    let phrase = Some(ReasonPhrase::of("Refused"));
    let attempt = answered_attempt(account, task, dialed_at);
    Attempt {
        class,
        status: class.status(),
        cause: NetworkCause { code: Some(486), phrase, q850: Some(17), is_local: false },
        times: AttemptTimes {
            ringing_at: None,
            answered_at: None,
            ended_at: dialed_at + SignedDuration::from_secs(1),
            ..attempt.times
        },
        ..attempt
    }
}

/// Records attempts that have ended.
pub async fn record_attempts(store: &Store, ended: &[Attempt]) {
    let mut tx = store.begin().await.unwrap();
    attempts::record(&mut tx, ended).await.unwrap();
    tx.commit().await.unwrap();
}
