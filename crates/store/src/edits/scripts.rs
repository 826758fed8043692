//! Edits of scripts: what they play is locked with them, and a script that is made is held by the tasks that named its id before.

use domain::{AccountId, BotSecrets, Script, ScriptDraft, ScriptId};

use crate::{
    Result, Tx, accounts,
    audit::Change,
    integer_ids::{self, Numbered},
    lines,
    scripts::{self, LockedScript},
    tasks::{self, AccountWithUser, Named},
};

/// Adds a script, under an id that the account brings along or a new one, which no task has named before. Tasks that name the id hold
/// the script from now on.
///
/// # Errors
/// [`Error::Taken`](crate::Error::Taken) when the account has a script of this id, [`Error::Limit`](crate::Error::Limit),
/// [`Error::UnknownAt`](crate::Error::UnknownAt) of prompts.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: Option<ScriptId>,
    (draft, secrets): (&ScriptDraft, &BotSecrets),
    change: &Change,
) -> Result<Script> {
    accounts::lock_for_edits(tx, account).await?;
    let user = accounts::user_of(tx, account).await?;
    let played = scripts::lock_prompts(tx, account, user, &draft.flow).await?;
    let (id, last) = match id {
        None => (ScriptId::new(integer_ids::fresh(tx, Numbered::Scripts, user).await?), 0),
        Some(id) => {
            integer_ids::reserve(tx, Numbered::Scripts, user, id.get()).await?;
            (id, scripts::last_version(tx, account, id).await?)
        }
    };
    let script = scripts::insert(tx, account, (id, last + 1), draft, secrets, change).await?;
    scripts::write_prompts(tx, account, id, &played).await?;
    lines::refer_script(tx, account, id, &draft.flow.lines()).await?;
    tasks::adopt(tx, Named::Script, AccountWithUser { account, user }, id.get()).await?;
    Ok(script)
}

/// Changes a script; calls that begin from now on follow it.
///
/// # Errors
/// [`Error::UnknownAt`](crate::Error::UnknownAt) of prompts.
pub async fn update(
    tx: &mut Tx,
    script: &LockedScript,
    (draft, secrets): (&ScriptDraft, &BotSecrets),
    change: &Change,
) -> Result<Script> {
    let account = script.account();
    let user = accounts::user_of(tx, account).await?;
    let played = scripts::lock_prompts(tx, account, user, &draft.flow).await?;
    let updated = scripts::update(tx, script, draft, secrets, change).await?;
    scripts::write_prompts(tx, account, script.id(), &played).await?;
    lines::refer_script(tx, account, script.id(), &draft.flow.lines()).await?;
    Ok(updated)
}
