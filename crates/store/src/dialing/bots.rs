//! Bots that take no calls, as far as nodes know, and who was told of that.

use std::collections::HashMap;

use domain::{AccountId, BotCondition, BotState, BotUrl, NodeId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{damaged, from_json, json, micros, timestamp, uuids},
        statement::{query, query_as, query_scalar},
    },
};

/// Notes what a node found of a bot: of one that takes calls nothing is kept.
///
/// # Errors
/// When the database does not answer.
pub async fn note_bot(
    tx: &mut Tx,
    node: NodeId,
    url: &BotUrl,
    condition: &BotCondition,
    now: Timestamp,
) -> Result<()> {
    if condition.state == BotState::Ready {
        on!(tx, c => query(sql!("DELETE FROM bot_states WHERE node_id = $1 AND url = $2"))
            .bind(node.uuid()).bind(url.as_str()).execute(c).await.map(drop))?;
        return Ok(());
    }
    let fault = condition.fault.as_ref().map(json).transpose()?;
    let is_full = condition.state != BotState::Down;
    on!(tx, c => query(sql!(
        "INSERT INTO bot_states (node_id, url, is_full, since, fault, until) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (node_id, url) DO UPDATE SET \
             is_full = excluded.is_full, since = excluded.since, fault = excluded.fault, until = excluded.until"))
        .bind(node.uuid()).bind(url.as_str()).bind(is_full).bind(micros(now)).bind(fault).bind(condition.until.map(micros))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets what a node found of a bot that it asks no more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_bot(tx: &mut Tx, node: NodeId, url: &BotUrl) -> Result<()> {
    note_bot(tx, node, url, &BotCondition::READY, Timestamp::UNIX_EPOCH).await
}

/// Those of these bots that take no calls, as far as a node that lives has found; the worst that one says.
///
/// # Errors
/// When the database does not answer.
pub async fn bot_conditions(
    session: &mut dyn Session,
    urls: &[BotUrl],
) -> Result<HashMap<BotUrl, BotCondition>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT url, is_full, fault, until FROM bot_states JOIN nodes ON nodes.id = bot_states.node_id \
         WHERE nodes.lease_until > {} AND {} ORDER BY since",
        dialect.now(),
        dialect.among_texts("url", "$1")
    ));
    let rows: Vec<(String, bool, Option<String>, Option<i64>)> =
        on!(session, c => query_as(sql).bind(json(&urls)?).fetch_all(c).await)?;
    let mut conditions: HashMap<BotUrl, BotCondition> = HashMap::new();
    for (url, is_full, fault, until) in rows {
        let url = bot_url(&url)?;
        let state = if is_full { BotState::Full } else { BotState::Down };
        if !is_full || !conditions.contains_key(&url) {
            let fault = fault.as_deref().map(from_json).transpose()?;
            let until = until.map(timestamp).transpose()?;
            conditions.insert(url, BotCondition { state, fault, until });
        }
    }
    Ok(conditions)
}

fn bot_url(text: &str) -> Result<BotUrl> {
    Ok(BotUrl::parse(text).map_err(|_| damaged("an address of a bot"))?)
}

/// Notes that these accounts are told that a bot cannot be reached. Gives those that were not told before, by whichever node.
///
/// # Errors
/// When the database does not answer.
pub async fn note_bot_told_down(tx: &mut Tx, url: &BotUrl, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO bots_told_down (account_id, url) SELECT id, $2 FROM accounts WHERE {} ORDER BY id \
         ON CONFLICT (account_id, url) DO NOTHING RETURNING account_id",
        dialect.among_uuids("id", "$1")
    ));
    let accounts = uuids(accounts.iter().map(|account| account.uuid()))?;
    let told: Vec<Uuid> =
        on!(tx, c => query_scalar(sql).bind(accounts).bind(url.as_str()).fetch_all(c).await)?;
    Ok(told.into_iter().map(AccountId::new).collect())
}

/// When an account was told that a bot cannot be reached, it is one of `$1`, and no node that lives finds so.
macro_rules! can_be_reached_again {
    ($dialect:ident) => {
        format!(
            "{} AND NOT EXISTS (SELECT 1 FROM bot_states AS s JOIN nodes AS n ON n.id = s.node_id \
                 WHERE s.url = bots_told_down.url AND NOT s.is_full AND n.lease_until > {})",
            $dialect.among_texts("bots_told_down.url", "$1"),
            $dialect.now()
        )
    };
}

/// Whether anybody was told that one of these bots cannot be reached, and is to be told that it can again.
///
/// # Errors
/// When the database does not answer.
pub async fn has_bots_to_tell_up(session: &mut dyn Session, urls: &[BotUrl]) -> Result<bool> {
    let sql = sql!(session, |dialect| format!(
        "SELECT EXISTS (SELECT 1 FROM bots_told_down WHERE {})",
        can_be_reached_again!(dialect)
    ));
    Ok(on!(session, c => query_scalar(sql).bind(json(&urls)?).fetch_one(c).await)?)
}

/// Notes that accounts are told which of these bots can be reached again. Gives whom, and of which.
///
/// # Errors
/// When the database does not answer.
pub async fn note_bots_told_up(tx: &mut Tx, urls: &[BotUrl]) -> Result<Vec<(AccountId, BotUrl)>> {
    let sql = sql!(tx, |dialect| format!(
        "DELETE FROM bots_told_down WHERE {} RETURNING account_id, url",
        can_be_reached_again!(dialect)
    ));
    let rows: Vec<(Uuid, String)> = on!(tx, c => query_as(sql).bind(json(&urls)?).fetch_all(c).await)?;
    rows.iter().map(|(account, url)| Ok((AccountId::new(*account), bot_url(url)?))).collect()
}
