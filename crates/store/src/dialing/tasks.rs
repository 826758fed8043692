//! Tasks that may have something to dial, with all that says how.

use std::collections::HashMap;

use domain::{
    AccountHold, AccountId, BotSecrets, DialTimeGroup, PartnerId, RedialRule, ScriptBots, ScriptFlow,
    ScriptId, Task, TaskInGroup, TaskScripts,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::transfers::{NamedTransfer, named_transfers};
use crate::{
    Result, Session,
    accounts::disabled::account_disabled,
    database::{
        DatabaseError,
        convert::{damaged, from_json, json, micros},
        error, lists,
        statement::{query, query_as},
    },
    groups::group_columns,
    schedules,
    stops::account_stopped,
    tasks::{TASKS, TaskInGroupRow, task_columns, tasks_in_groups},
};

/// A task with its list of numbers, and all that says how they are dialed beside the lines.
#[derive(Clone, Debug)]
pub struct DialableTask {
    /// Its list.
    pub list: i64,
    /// The partner whose lines it uses.
    pub partner: PartnerId,
    /// The user that its account is, or is a sub-user of.
    pub user: AccountId,
    /// The task and its group.
    pub item: TaskInGroup,
    /// The scripts that its calls may run.
    pub scripts: TaskScripts,
    /// The secrets of their bots.
    pub bot_secrets: BotSecrets,
    /// The lines over which these transfer calls.
    pub transfers: Vec<NamedTransfer>,
    /// The redial rule that it names.
    pub named_rule: Option<RedialRule>,
}

#[derive(sqlx_macros::FromRow)]
struct DialableRow {
    list_id: i64,
    partner_id: Uuid,
    user_id: Uuid,
    rule_statuses: Option<String>,
    rule_minutes: Option<i64>,
    rule_times: Option<i64>,
    rule_daily_limit: Option<i64>,
    #[sqlx(flatten)]
    task: TaskInGroupRow,
}

/// A row that could be read.
struct Found {
    list: i64,
    partner: PartnerId,
    user: AccountId,
    named_rule: Option<RedialRule>,
    task: (Task, DialTimeGroup, Option<AccountHold>),
}

impl TryFrom<DialableRow> for Found {
    type Error = DatabaseError;

    fn try_from(row: DialableRow) -> error::Result<Self> {
        Ok(Self {
            list: row.list_id,
            partner: PartnerId::new(row.partner_id),
            user: AccountId::new(row.user_id),
            named_rule: row.named_rule()?,
            task: row.task.try_into()?,
        })
    }
}

impl DialableRow {
    fn named_rule(&self) -> error::Result<Option<RedialRule>> {
        let (Some(statuses), Some(minutes), Some(times)) =
            (&self.rule_statuses, self.rule_minutes, self.rule_times)
        else {
            return Ok(None);
        };
        let statuses: Vec<i64> = from_json(statuses)?;
        let rule = RedialRule::new(&statuses, minutes, times, self.rule_daily_limit);
        rule.map(Some).map_err(|faults| damaged(format!("redial rule: {faults:?}")))
    }
}

/// The columns of [`DialableRow`], and the tables they are from.
macro_rules! dialable {
    () => {
        concat!(
            "SELECT number_lists.id AS list_id, owner.partner_id, coalesce(owner.parent_id, owner.id) AS user_id, \
             rule.statuses AS rule_statuses, rule.minutes AS rule_minutes, rule.times AS rule_times, \
             rule.daily_limit AS rule_daily_limit, ",
            tasks_in_groups!(),
            "JOIN number_lists ON number_lists.account_id = tasks.account_id AND number_lists.task_id = tasks.id \
                 AND number_lists.deleted_at IS NULL \
             JOIN accounts owner ON owner.id = tasks.account_id \
             LEFT JOIN task_redial_rules named ON named.account_id = tasks.account_id AND named.task_id = tasks.id \
             LEFT JOIN redial_rules rule ON rule.account_id = named.owner_id AND rule.id = named.rule_id "
        )
    };
}

/// Groups that may be open within [`NEXT_TURNS`]: all but those that were published as closed and turn later. Of an account that was
/// published as stopped all groups are closed by that, which may have ended; and what was published after now says nothing.
macro_rules! may_be_open {
    () => {
        "(dial_time_groups.published_open OR dial_time_groups.next_change_at <= $3 \
          OR dial_time_groups.published_at > $2 OR owner.published_stopped)"
    };
}

/// For how long what was read of groups that are closed is looked ahead.
const NEXT_TURNS: SignedDuration = SignedDuration::from_secs(10);

/// The enabled tasks that have a number to call, now or later, and whose groups are open or are soon to open; at most `most` of them.
///
/// # Errors
/// When the database does not answer.
pub async fn dialable_tasks(
    session: &mut dyn Session,
    now: Timestamp,
    most: u32,
) -> Result<Vec<DialableTask>> {
    let soon = micros(now).saturating_add(i64::try_from(NEXT_TURNS.as_micros()).unwrap_or(0));
    let found = on!(session, c => query(sql!(concat!(
        dialable!(), "WHERE tasks.enabled AND number_lists.id IN \
             (SELECT list_id FROM number_counts WHERE state = 0 AND numbers > 0) \
             AND ", may_be_open!(), " ORDER BY number_lists.id LIMIT $1")))
        .bind(i64::from(most)).bind(micros(now)).bind(soon)
        .fetch_all(c).await.map(|rows| lists::readable::<_, DialableRow, Found>(TASKS, &rows)))?;
    with_schedules(session, found).await
}

/// The tasks that have these lists, whatever their state.
///
/// # Errors
/// When the database does not answer.
pub async fn tasks_of_lists(session: &mut dyn Session, of: &[i64]) -> Result<Vec<DialableTask>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let sql = sql!(session, |dialect| format!(
        concat!(dialable!(), "WHERE {}"),
        dialect.among("number_lists.id", "$1")
    ));
    let found = on!(session, c => query(sql).bind(json(&of)?).fetch_all(c).await
        .map(|rows| lists::readable::<_, DialableRow, Found>(TASKS, &rows)))?;
    with_schedules(session, found).await
}

async fn with_schedules(session: &mut dyn Session, found: Vec<Found>) -> Result<Vec<DialableTask>> {
    let lists: Vec<i64> = found.iter().map(|found| found.list).collect();
    let named = named_scripts(session, &lists).await?;
    let mut transfers = named_transfers(session, &lists).await?;
    let mut tasks = Vec::with_capacity(found.len());
    for Found { list, partner, user, named_rule, task } in found {
        let item = schedules::in_group(session, task).await?;
        let choice = &item.task.draft.settings.dialing.script;
        let may_run: Vec<&NamedScript> =
            choice.may_run().filter_map(|script| named.get(&(list, script))).collect();
        let is_named = ScriptId::parse(choice.destination_extension).is_ok();
        let scripts = TaskScripts {
            are_there: is_named && may_run.iter().all(|script| script.is_there),
            bots: may_run.iter().filter_map(|script| script.bots.clone()).collect(),
        };
        let bot_secrets = may_run.iter().flat_map(|script| script.secrets.clone()).collect();
        let mut transfers = transfers.remove(&list).unwrap_or_default();
        transfers.retain(|transfer| choice.may_run().any(|script| script == transfer.script));
        tasks.push(DialableTask { list, partner, user, item, scripts, bot_secrets, transfers, named_rule });
    }
    Ok(tasks)
}

/// A script that a task names and that is not there, or has bots.
struct NamedScript {
    is_there: bool,
    bots: Option<ScriptBots>,
    secrets: BotSecrets,
}

#[derive(sqlx_macros::FromRow)]
struct ScriptOfTaskRow {
    list_id: i64,
    script_id: i64,
    /// Whose it is; of one that is not there nobody's.
    owner_id: Option<Uuid>,
    /// The steps of one that is there.
    flow: Option<String>,
    secrets: Option<String>,
}

impl NamedScript {
    /// One whose steps cannot be read is as good as not there, and hides no other.
    fn of(row: &ScriptOfTaskRow) -> Self {
        let flow: Option<ScriptFlow> = row.flow.as_deref().and_then(|flow| from_json(flow).ok());
        let owner = row.owner_id.map(AccountId::new);
        let bots = flow
            .as_ref()
            .zip(owner)
            .and_then(|(flow, owner)| ScriptBots::of(owner, ScriptId::new(row.script_id), flow));
        let secrets = row.secrets.as_deref().and_then(|secrets| from_json(secrets).ok()).unwrap_or_default();
        Self { is_there: flow.is_some(), bots, secrets }
    }
}

/// The scripts that the tasks of these lists name, as far as they keep calls from being made or need more than sound.
async fn named_scripts(
    session: &mut dyn Session,
    lists: &[i64],
) -> Result<HashMap<(i64, ScriptId), NamedScript>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT number_lists.id AS list_id, named.script_id, named.owner_id, scripts.flow, scripts.secrets \
         FROM number_lists \
         JOIN task_scripts named ON named.account_id = number_lists.account_id AND named.task_id = number_lists.task_id \
         LEFT JOIN scripts ON scripts.account_id = named.owner_id AND scripts.id = named.script_id \
         WHERE (scripts.id IS NULL OR scripts.has_bot) AND {among}",
        among = dialect.among("number_lists.id", "$1")
    ));
    let rows: Vec<ScriptOfTaskRow> = on!(session, c => query_as(sql).bind(json(&lists)?).fetch_all(c).await)?;
    Ok(rows.iter().map(|row| ((row.list_id, ScriptId::new(row.script_id)), NamedScript::of(row))).collect())
}
