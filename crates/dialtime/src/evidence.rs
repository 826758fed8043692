//! `dialtime evidence`: why a number was called then.

use anyhow::{Context, bail};
use domain::{AttemptId, DecidedAgain, Evidence};
use store::{attempts, groups, schedules};

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
    let Some(evidence) = attempts::evidence(&mut read, account, id).await? else {
        bail!("this attempt was recorded without evidence");
    };
    say(&told(&evidence));
    let group = groups::at_version(&mut read, account, evidence.group_id, evidence.group_version).await?;
    let Some(group) = group else {
        bail!(
            "nothing says any more how group {} was in version {}",
            evidence.group_id,
            evidence.group_version
        );
    };
    let calendars = schedules::current_calendars(&mut read).await?;
    let DecidedAgain { allowed, rule, agrees } = evidence.decide_again(&group.draft.schedule(&calendars));
    let answer = if allowed { "allowed" } else { "not allowed" };
    say(&format!("decided again: {answer}, by rule {}", rule.code()));
    if !agrees {
        bail!("that is not what was decided then");
    }
    say("that is what was decided then");
    Ok(())
}

fn told(evidence: &Evidence) -> String {
    let time = |at: Option<jiff::Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    format!(
        "decided at {}: a call was allowed, by rule {}\n\
         group {} in version {}, zone {}, holidays of revision {}, {}\n\
         allowed until {}, no start after {}, cancelled unanswered at {}",
        evidence.decided_at,
        evidence.rule,
        evidence.group_id,
        evidence.group_version,
        evidence.timezone,
        evidence.holidays_revision,
        evidence.built_in,
        time(evidence.allowed_until),
        time(evidence.latest_start),
        time(evidence.cancel_at),
    )
}
