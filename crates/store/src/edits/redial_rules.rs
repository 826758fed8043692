//! Edits of redial rules that touch tasks: one that is made is held by the tasks that named its id before.

use domain::{AccountId, RedialRuleDraft, RedialRuleId, StoredRedialRule};

use crate::{
    Result, Tx, accounts,
    audit::Change,
    integer_ids::{self, Numbered},
    redial_rules,
    tasks::{self, AccountWithUser, Named},
};

/// Adds a redial rule, under an id that the account brings along or a new one, which no task has named before. Tasks that name the id
/// hold the rule from now on.
///
/// # Errors
/// [`Error::Taken`](crate::Error::Taken) when the account has a rule of this id, [`Error::Limit`](crate::Error::Limit).
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: Option<RedialRuleId>,
    draft: &RedialRuleDraft,
    change: &Change,
) -> Result<StoredRedialRule> {
    accounts::lock_for_edits(tx, account).await?;
    let user = accounts::user_of(tx, account).await?;
    let (id, last) = match id {
        None => (RedialRuleId::new(integer_ids::fresh(tx, Numbered::RedialRules, user).await?), 0),
        Some(id) => {
            integer_ids::reserve(tx, Numbered::RedialRules, user, id.get()).await?;
            (id, redial_rules::last_version(tx, account, id).await?)
        }
    };
    let rule = redial_rules::insert(tx, account, (id, last + 1), draft, change).await?;
    tasks::adopt(tx, Named::RedialRule, AccountWithUser { account, user }, id.get()).await?;
    Ok(rule)
}
