//! Which prompts a script plays: its account's own, or its user's. A row for each, so that a foreign key refuses to delete a prompt
//! that a script plays.

use std::collections::BTreeMap;

use domain::{AccountId, PromptId, ScriptFlow, ScriptId};
use uuid::Uuid;

use crate::{
    Error, Kind, Page, Paged, Result, Session, Tx,
    database::{
        convert::uuids,
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
};

/// The prompts that a script about to be written plays, and whose each is. Made before any row is written: who deletes one of them
/// waits for this transaction, or is waited for.
#[derive(Debug)]
pub(crate) struct PlayedPrompts(BTreeMap<PromptId, AccountId>);

/// Finds and locks what a script of this account plays; `user` is the account's user, or itself.
///
/// # Errors
/// [`Error::UnknownAt`] with the first field that names no prompt of either.
pub(crate) async fn lock_prompts(
    tx: &mut Tx,
    account: AccountId,
    user: AccountId,
    flow: &ScriptFlow,
) -> Result<PlayedPrompts> {
    let named = flow.prompts();
    if named.is_empty() {
        return Ok(PlayedPrompts(BTreeMap::new()));
    }
    let sql = sql!(tx, |dialect| format!(
        "SELECT account_id, id FROM prompts WHERE account_id IN ($1, $2) AND {} ORDER BY account_id, id{}",
        dialect.among_uuids("id", "$3"),
        dialect.lock(RowLock::Keep)
    ));
    let ids = uuids(named.iter().map(|(_, id)| id.uuid()))?;
    let found: Vec<(Uuid, Uuid)> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(user.uuid()).bind(ids).fetch_all(c).await)?;
    let found = found.into_iter().map(|(owner, id)| (PromptId::new(id), AccountId::new(owner))).collect();
    let played = PlayedPrompts(found);
    let unknown: Vec<String> =
        named.into_iter().filter(|(_, id)| !played.0.contains_key(id)).map(|(field, _)| field).collect();
    if unknown.is_empty() {
        Ok(played)
    } else {
        Err(Error::UnknownAt { kind: Kind::Prompt, fields: unknown })
    }
}

/// Writes which prompts a script plays, in place of those of before.
pub(crate) async fn write_prompts(
    tx: &mut Tx,
    account: AccountId,
    script: ScriptId,
    played: &PlayedPrompts,
) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM script_prompts WHERE account_id = $1 AND script_id = $2"))
        .bind(account.uuid()).bind(script.get()).execute(c).await.map(drop))?;
    for (prompt, owner) in &played.0 {
        on!(tx, c => query(sql!(
            "INSERT INTO script_prompts (account_id, script_id, prompt_id, owner_id) VALUES ($1, $2, $3, $4)"))
            .bind(account.uuid()).bind(script.get()).bind(prompt.uuid()).bind(owner.uuid())
            .execute(c).await.map(drop))?;
    }
    Ok(())
}

/// A script that plays something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayingScript {
    /// Its id.
    pub id: ScriptId,
    /// Its name.
    pub name: String,
}

/// The scripts that play a prompt of an account, those of sub-users included; oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn playing(
    session: &mut dyn Session,
    owner: AccountId,
    prompt: PromptId,
    page: Page,
) -> Result<Paged<PlayingScript>> {
    let total: i64 = on!(session, c => query_scalar(sql!(
        "SELECT count(*) FROM script_prompts WHERE owner_id = $1 AND prompt_id = $2"))
        .bind(owner.uuid()).bind(prompt.uuid()).fetch_one(c).await)?;
    let rows: Vec<(i64, String)> = on!(session, c => query_as(sql!(
        "SELECT scripts.id, scripts.name FROM script_prompts played \
         JOIN scripts ON scripts.account_id = played.account_id AND scripts.id = played.script_id \
         WHERE played.owner_id = $1 AND played.prompt_id = $2 ORDER BY scripts.created_at, scripts.id LIMIT $3 OFFSET $4"))
        .bind(owner.uuid()).bind(prompt.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = rows.into_iter().map(|(id, name)| PlayingScript { id: ScriptId::new(id), name }).collect();
    Ok(Paged { items, total })
}
