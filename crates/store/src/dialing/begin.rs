//! Attempts begin: their rows are written while their numbers are leased, and before their calls start.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{
    AccountId, AttemptBots, AttemptId, BotOfScript, CallHandle, CallMilestones, LineAllocationId, LineId,
    NodeId, NumberState, OpenAttempt, ScriptId,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{
    PLACE_COLUMNS, Route,
    open::{self, COLUMNS, open_attempt_columns, values},
    place_rows, told,
};
use crate::{
    Result, Session, Tx,
    database::{
        convert::{self, hex, micros, nearest_timestamp, uuids},
        dialect::{Column, RowLock},
        statement::{query, query_as, query_scalar},
    },
    numbers::CountChanges,
};

/// Has this transaction alone begin attempts by these shares of lines, so that calls can be counted before more are begun.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_shares(tx: &mut Tx, shares: &[LineAllocationId]) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id FROM line_allocations WHERE {} ORDER BY id{}",
        dialect.among("id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let ids: Vec<i64> = shares.iter().map(|share| share.get()).collect();
    let _locked: Vec<i64> = on!(tx, c => query_scalar(sql).bind(convert::json(&ids)?).fetch_all(c).await)?;
    Ok(())
}

/// Has this transaction alone begin attempts of these lists. Gives those that still belong to a task, each with when its task, if it
/// spaces its calls, started the last one.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_lists(tx: &mut Tx, lists: &[i64]) -> Result<BTreeMap<i64, Option<Timestamp>>> {
    let sql = sql!(tx, |dialect| format!(
        "SELECT id, last_start_at FROM number_lists WHERE {} AND deleted_at IS NULL ORDER BY id{}",
        dialect.among("id", "$1"),
        dialect.lock(RowLock::Change)
    ));
    let rows: Vec<(i64, Option<i64>)> =
        on!(tx, c => query_as(sql).bind(convert::json(&lists)?).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(list, last)| (list, last.map(nearest_timestamp))).collect())
}

/// Notes when the tasks of these lists started the last call.
///
/// # Errors
/// When the database does not answer.
pub async fn note_last_starts(tx: &mut Tx, starts: &BTreeMap<i64, Timestamp>) -> Result<()> {
    if starts.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = starts.iter().map(|(list, at)| json!([list, micros(*at)])).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE number_lists SET last_start_at = spaced.last_start_at FROM {} AS spaced WHERE number_lists.id = spaced.id",
        dialect.rows("$1", &[("id", Column::Integer), ("last_start_at", Column::Integer)])
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// How many calls there are now, over all nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallsUnderWay {
    /// Of each list, by line.
    pub by_list: HashMap<i64, HashMap<LineId, i64>>,
    /// Of each user and its sub-users, by line.
    pub by_user: HashMap<(AccountId, LineId), i64>,
    /// Of each bot of a script.
    pub by_bot: HashMap<BotOfScript, i64>,
}

impl CallsUnderWay {
    /// All calls of a list.
    pub fn of_list(&self, list: i64) -> i64 {
        self.by_list.get(&list).map_or(0, |calls| calls.values().sum())
    }

    /// The calls of a list over all lines of a route.
    pub fn of_route(&self, list: i64, route: &Route) -> i64 {
        let Some(calls) = self.by_list.get(&list) else { return 0 };
        route.lines.iter().filter_map(|line| calls.get(&line.line)).sum()
    }

    /// The calls of a user and its sub-users over a line.
    pub fn of_user_over(&self, user: AccountId, line: LineId) -> i64 {
        self.by_user.get(&(user, line)).copied().unwrap_or(0)
    }

    /// The calls that a bot of a script has or may be handed.
    pub fn of_bot(&self, bot: &BotOfScript) -> i64 {
        self.by_bot.get(bot).copied().unwrap_or(0)
    }

    /// Adds the bots of a call.
    pub fn add_bots(&mut self, bots: &AttemptBots) {
        for bot in bots.of_script() {
            *self.by_bot.entry(bot).or_default() += 1;
        }
    }

    /// Adds a call.
    pub fn add(&mut self, list: i64, user: AccountId, line: LineId) {
        *self.by_list.entry(list).or_default().entry(line).or_default() += 1;
        *self.by_user.entry((user, line)).or_default() += 1;
    }
}

/// Counts the calls of these lists, and those of these users over whatever line, their legs among them.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_under_way(
    session: &mut dyn Session,
    lists: &[i64],
    users: &[AccountId],
) -> Result<CallsUnderWay> {
    let sql = sql!(session, |dialect| format!(
        "SELECT list_id, line_id, count(*) FROM open_attempts WHERE {} GROUP BY list_id, line_id",
        dialect.among("list_id", "$1")
    ));
    let by_list: Vec<(i64, Uuid, i64)> =
        on!(session, c => query_as(sql).bind(convert::json(&lists)?).fetch_all(c).await)?;
    let sql = sql!(session, |dialect| format!(
        "SELECT user_id, line_id, count(*) FROM (SELECT user_id, line_id FROM open_attempts WHERE {among} \
             UNION ALL SELECT user_id, line_id FROM open_legs WHERE is_open AND {among}) AS calls GROUP BY user_id, line_id",
        among = dialect.among_uuids("user_id", "$1")
    ));
    let users = uuids(users.iter().map(|user| user.uuid()))?;
    let by_user: Vec<(Uuid, Uuid, i64)> = on!(session, c => query_as(sql).bind(users).fetch_all(c).await)?;
    let mut of_lists: HashMap<i64, HashMap<LineId, i64>> = HashMap::new();
    for (list, line, calls) in by_list {
        of_lists.entry(list).or_default().insert(LineId::new(line), calls);
    }
    Ok(CallsUnderWay {
        by_list: of_lists,
        by_user: by_user
            .into_iter()
            .map(|(user, line, calls)| ((AccountId::new(user), LineId::new(line)), calls))
            .collect(),
        by_bot: HashMap::new(),
    })
}

/// Has this transaction alone begin attempts that run these scripts, by owner and id, so that the calls of their bots can be counted before
/// more are begun. To be done before lists are locked.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_scripts(tx: &mut Tx, scripts: &BTreeSet<(AccountId, ScriptId)>) -> Result<()> {
    for (owner, script) in scripts {
        let sql = sql!(tx, |dialect| format!(
            "SELECT id FROM scripts WHERE account_id = $1 AND id = $2{}",
            dialect.lock(RowLock::Change)
        ));
        let _locked: Option<i64> = on!(tx, c => query_scalar(sql)
            .bind(owner.uuid()).bind(script.get()).fetch_optional(c).await)?;
    }
    Ok(())
}

/// Counts the calls that bots of these users' scripts have or may be handed.
///
/// # Errors
/// When the database does not answer.
pub async fn calls_of_bots(
    session: &mut dyn Session,
    users: &[AccountId],
) -> Result<HashMap<BotOfScript, i64>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT bots, count(*) FROM open_attempts WHERE bots IS NOT NULL AND {} GROUP BY bots",
        dialect.among_uuids("user_id", "$1")
    ));
    let users = uuids(users.iter().map(|user| user.uuid()))?;
    let rows: Vec<(String, i64)> = on!(session, c => query_as(sql).bind(users).fetch_all(c).await)?;
    let mut counted = HashMap::new();
    for (bots, calls) in rows {
        let bots: AttemptBots = convert::from_json(&bots)?;
        for bot in bots.of_script() {
            *counted.entry(bot).or_default() += calls;
        }
    }
    Ok(counted)
}

/// Writes attempts whose numbers the node still has. Gives those that were written: the others' numbers are another's by now, or
/// their callees are in a call of the account.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_attempts(tx: &mut Tx, node: NodeId, attempts: &[OpenAttempt]) -> Result<Vec<AttemptId>> {
    if attempts.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> = attempts.iter().map(values).collect::<std::result::Result<_, _>>()?;
    let sql = sql!(tx, |dialect| format!(
        concat!(
            "INSERT INTO open_attempts (",
            open_attempt_columns!(),
            ") SELECT ",
            open_attempt_columns!(),
            " FROM {} AS begun WHERE EXISTS (SELECT 1 FROM numbers WHERE numbers.list_id = begun.list_id \
              AND numbers.id = begun.number_id AND numbers.state = 1 AND numbers.leased_by = $2) \
              ON CONFLICT DO NOTHING RETURNING id"
        ),
        dialect.rows("$1", COLUMNS)
    ));
    let begun: HashSet<Uuid> = on!(tx, c => query_scalar(sql)
        .bind(convert::json(&rows)?).bind(node.uuid()).fetch_all(c).await)?
    .into_iter()
    .collect();
    let is_begun = |attempt: &&OpenAttempt| begun.contains(&attempt.id.uuid());
    let begun: Vec<&OpenAttempt> = attempts.iter().filter(is_begun).collect();
    note_in_call(tx, &begun).await?;
    Ok(begun.into_iter().map(|attempt| attempt.id).collect())
}

async fn note_in_call(tx: &mut Tx, begun: &[&OpenAttempt]) -> Result<()> {
    let sql = sql!(tx, |dialect| format!(
        "UPDATE numbers SET state = 2 WHERE (list_id, id) IN (SELECT list_id, id FROM {} AS begun)",
        dialect.rows("$1", &PLACE_COLUMNS)
    ));
    let places = place_rows(begun.iter().map(|attempt| attempt.place))?;
    on!(tx, c => query(sql).bind(places).execute(c).await.map(drop))?;
    let mut counts = CountChanges::default();
    for attempt in begun {
        let status = attempt.before.status;
        counts.moved(attempt.place.list, (status, NumberState::Leased), (status, NumberState::InCall));
    }
    counts.save(tx).await
}

/// Notes how far calls have come, for whoever ends them should this node die.
///
/// # Errors
/// When the database does not answer.
pub async fn note_milestones(
    tx: &mut Tx,
    calls: &[(AccountId, AttemptId, CallMilestones)],
    now: Timestamp,
) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    told::publish_heard(tx, calls, now).await?;
    let row = |(account, id, milestones): &(AccountId, AttemptId, CallMilestones)| {
        let mut row = vec![json!(hex(account.uuid())), json!(hex(id.uuid()))];
        row.extend(open::heard_values(milestones)?);
        Ok(row)
    };
    let rows = calls.iter().map(row).collect::<Result<Vec<_>>>()?;
    let sql = sql!(tx, |dialect| format!(
        "UPDATE open_attempts SET {} \
         FROM {} AS heard WHERE open_attempts.account_id = heard.account_id AND open_attempts.id = heard.id",
        open::HEARD_COLUMNS.map(|(name, _)| format!("{name} = heard.{name}")).join(", "),
        dialect.rows(
            "$1",
            &[&[("account_id", Column::Uuid), ("id", Column::Uuid)], &open::HEARD_COLUMNS[..]].concat()
        )
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}

/// Notes what another process can end calls with.
///
/// # Errors
/// When the database does not answer.
pub async fn note_handles(tx: &mut Tx, calls: &[(AccountId, AttemptId, CallHandle)]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let row = |(account, id, handle): &(AccountId, AttemptId, CallHandle)| {
        json!([hex(account.uuid()), hex(id.uuid()), handle.as_str()])
    };
    let rows: Vec<_> = calls.iter().map(row).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE open_attempts SET handle = noted.handle \
         FROM {} AS noted WHERE open_attempts.account_id = noted.account_id AND open_attempts.id = noted.id",
        dialect.rows("$1", &[("account_id", Column::Uuid), ("id", Column::Uuid), ("handle", Column::Text)])
    ));
    on!(tx, c => query(sql).bind(convert::json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}
