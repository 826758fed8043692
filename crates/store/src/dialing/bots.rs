//! Bots that take no calls, as far as nodes know.

use std::collections::HashMap;

use domain::{BotState, BotUrl, NodeId};
use jiff::Timestamp;

use crate::{
    Result, Session, Tx,
    database::{
        convert::{damaged, json, micros},
        statement::{query, query_as},
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
    state: BotState,
    now: Timestamp,
) -> Result<()> {
    if state == BotState::Ready {
        on!(tx, c => query(sql!("DELETE FROM bot_states WHERE node_id = $1 AND url = $2"))
            .bind(node.uuid()).bind(url.as_str()).execute(c).await.map(drop))?;
        return Ok(());
    }
    on!(tx, c => query(sql!(
        "INSERT INTO bot_states (node_id, url, is_full, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (node_id, url) DO UPDATE SET is_full = excluded.is_full, since = excluded.since"))
        .bind(node.uuid()).bind(url.as_str()).bind(state == BotState::Full).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets what a node found of a bot that it asks no more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_bot(tx: &mut Tx, node: NodeId, url: &BotUrl) -> Result<()> {
    note_bot(tx, node, url, BotState::Ready, Timestamp::UNIX_EPOCH).await
}

/// Those of these bots that take no calls, as far as a node that lives has found; the worst that one says.
///
/// # Errors
/// When the database does not answer.
pub async fn bot_states(session: &mut impl Session, urls: &[BotUrl]) -> Result<HashMap<BotUrl, BotState>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT url, is_full FROM bot_states JOIN nodes ON nodes.id = bot_states.node_id \
         WHERE nodes.lease_until > {} AND {}",
        dialect.now(),
        dialect.among_texts("url", "$1")
    ));
    let rows: Vec<(String, bool)> = on!(session, c => query_as(sql).bind(json(&urls)?).fetch_all(c).await)?;
    let mut states = HashMap::new();
    for (url, is_full) in rows {
        let url = BotUrl::parse(&url).map_err(|_| damaged("an address of a bot"))?;
        let state = if is_full { BotState::Full } else { BotState::Down };
        let worst = states.entry(url).or_insert(state);
        if !is_full {
            *worst = BotState::Down;
        }
    }
    Ok(states)
}
