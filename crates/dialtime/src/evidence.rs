//! `dialtime evidence`: why a number was called then.

use anyhow::{Context, bail};
use domain::{AttemptId, DecidedAgain, Evidence};
use jiff::Timestamp;
use store::{attempts, schedules};

use crate::{
    command::{Database, EvidenceCommand},
    output::say,
};

pub(crate) async fn run(database: &Database, command: EvidenceCommand) -> anyhow::Result<()> {
    let EvidenceCommand::Explain { attempt } = command;
    let store = database.open_to_look().await?;
    let mut read = store.read().await?;
    let id = AttemptId::new(attempt);
    let account = attempts::owner(&mut read, id).await.context("no record has this id")?;
    let Some(stored) = attempts::evidence(&mut read, account, id).await? else {
        bail!("this attempt was recorded without evidence");
    };
    let evidence = &stored.evidence;
    say(&told(evidence));
    let Some(item) = attempts::decided_on(&mut read, account, &stored).await? else {
        bail!(
            "nothing says any more how the task or group {} was in version {}",
            evidence.group_id,
            evidence.group_version
        );
    };
    let built_in = schedules::built_in_data();
    let DecidedAgain { allowed, rule, allowed_until, agrees, same_built_in } =
        evidence.decide_again(&item, &built_in);
    let answer = if allowed { "allowed" } else { "not allowed" };
    let until = allowed_until.map_or_else(String::new, |at| format!(", until {at}"));
    say(&format!("decided again: {answer}, by rule {}{until}", rule.code()));
    if !same_built_in {
        say(&format!("the program's own zones and holidays are others now: {built_in}"));
    }
    if !agrees {
        bail!("that is not what was decided then");
    }
    say("that is what was decided then");
    Ok(())
}

/// When the window closes, and what follows from that.
fn close(evidence: &Evidence) -> String {
    let Evidence { allowed_until, latest_start, cancel_at, .. } = evidence;
    let told = |what: &str, at: &Option<Timestamp>| at.map(|at| format!("{what} {at}"));
    let until = told("allowed until", allowed_until).unwrap_or_else(|| "the window never closes".to_owned());
    let start = told("no start after", latest_start);
    let cancelled = told("cancelled unanswered at", cancel_at);
    [Some(until), start, cancelled].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn told(evidence: &Evidence) -> String {
    format!(
        "decided at {}: a call was allowed, by rule {}\n\
         task last changed {}, group {} in version {}, zone {}, holidays of revision {}, {}\n\
         {}",
        evidence.decided_at,
        evidence.rule,
        evidence.task_altered_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        evidence.group_id,
        evidence.group_version,
        evidence.timezone,
        evidence.holidays_revision,
        evidence.built_in,
        close(evidence),
    )
}
