//! What tasks name by integer ids, scripts and redial rules, held by rows: so that a foreign key refuses to delete what a task
//! relies on. A row is written also for an id that names nothing yet; what is made later under that id is held from then on.
//!
//! A sub-user's task may name things of its user. Where both have one of the same id, its own holds.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountId, Name, RedialRuleId, ScriptId, TaskId, TaskSettings};
use uuid::Uuid;

use crate::{
    Page, Paged, Result, Session, Tx,
    database::{
        convert::{json, stored_name, uuids},
        dialect::RowLock,
        statement::{query, query_as, query_scalar},
    },
    integer_ids::{self, Numbered},
};

/// What tasks name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Scripts.
    Script,
    /// Redial rules.
    RedialRule,
}

impl Named {
    /// Both.
    const ALL: [Self; 2] = [Self::Script, Self::RedialRule];

    /// The table of the things.
    const fn things(self) -> &'static str {
        match self {
            Self::Script => "scripts",
            Self::RedialRule => "redial_rules",
        }
    }

    /// The table that says which tasks name which, and its column for the id.
    const fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Script => ("task_scripts", "script_id"),
            Self::RedialRule => ("task_redial_rules", "rule_id"),
        }
    }

    const fn numbered(self) -> Numbered {
        match self {
            Self::Script => Numbered::Scripts,
            Self::RedialRule => Numbered::RedialRules,
        }
    }
}

/// An account, and the user that it is or belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountWithUser {
    pub(crate) account: AccountId,
    pub(crate) user: AccountId,
}

/// What a task about to be written names, and whose each is. Made before any row is written: who deletes one of them waits for
/// this transaction, or is waited for.
#[derive(Debug)]
pub(crate) struct NamedThings {
    whose: AccountWithUser,
    main: i64,
    main_name: Option<String>,
    scripts: Vec<(i64, Option<AccountId>)>,
    rule: Option<(i64, Option<AccountId>)>,
}

impl NamedThings {
    /// The name of the script of its `destination_extension`, if there is one.
    pub(crate) fn main_name(&self) -> Option<&str> {
        self.main_name.as_deref()
    }
}

/// Finds and locks what a task of this account names. The account and its user are locked already, so that nothing is made
/// meanwhile under an id that it names.
pub(crate) async fn lock_named(
    tx: &mut Tx,
    whose: AccountWithUser,
    settings: &TaskSettings,
) -> Result<NamedThings> {
    let ids = settings.named_scripts();
    let owners = lock_owners(tx, whose, Named::Script, ids.iter().map(|id| id.get())).await?;
    let with_owner = |id: i64, owners: &Owners| (id, owners.get(&id).map(|(owner, _)| *owner));
    let main = settings.dialing.script.destination_extension;
    let main_name = owners.get(&main).map(|(_, name)| name.clone());
    let scripts = ids.iter().map(|id| with_owner(id.get(), &owners)).collect();
    let rule = match settings.named_redial_rule() {
        None => None,
        Some(id) => {
            let owners = lock_owners(tx, whose, Named::RedialRule, [id.get()]).await?;
            Some(with_owner(id.get(), &owners))
        }
    };
    Ok(NamedThings { whose, main, main_name, scripts, rule })
}

/// Whose things are, and their names, by their ids.
type Owners = BTreeMap<i64, (AccountId, String)>;

/// Whose the things of these ids are: the account's own before its user's.
async fn lock_owners(
    tx: &mut Tx,
    whose: AccountWithUser,
    named: Named,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Owners> {
    let ids: Vec<i64> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Owners::new());
    }
    let sql = sql!(tx, named: Named = Named::ALL, |dialect| format!(
        "SELECT account_id, id, name FROM {} WHERE account_id IN ($1, $2) AND {} ORDER BY account_id, id{}",
        named.things(),
        dialect.among("id", "$3"),
        dialect.lock(RowLock::Keep)
    ));
    let found: Vec<(Uuid, i64, String)> = on!(tx, c => query_as(sql)
        .bind(whose.account.uuid()).bind(whose.user.uuid()).bind(json(&ids)?).fetch_all(c).await)?;
    let mut owners = Owners::new();
    for (owner, id, name) in found {
        let owner = AccountId::new(owner);
        if owner == whose.account {
            owners.insert(id, (owner, name));
        } else {
            owners.entry(id).or_insert((owner, name));
        }
    }
    Ok(owners)
}

/// Writes what a task names, in place of what it named before.
pub(crate) async fn write_named(tx: &mut Tx, task: TaskId, things: &NamedThings, is_new: bool) -> Result<()> {
    let NamedThings { whose, main, scripts, rule, .. } = things;
    let scripts_named = scripts.iter().map(|named| (Named::Script, named));
    for (named, (id, owner)) in scripts_named.chain(rule.iter().map(|named| (Named::RedialRule, named))) {
        if owner.is_none() {
            integer_ids::reserve(tx, named.numbered(), whose.user, *id).await?;
        }
    }
    if !is_new {
        clear(tx, whose.account, task).await?;
    }
    for (id, owner) in scripts {
        on!(tx, c => query(sql!(
            "INSERT INTO task_scripts (account_id, task_id, script_id, user_id, owner_id, main) VALUES ($1, $2, $3, $4, $5, $6)"))
            .bind(whose.account.uuid()).bind(task.uuid()).bind(*id).bind(whose.user.uuid())
            .bind(owner.map(AccountId::uuid)).bind(id == main).execute(c).await.map(drop))?;
    }
    if let Some((id, owner)) = rule {
        on!(tx, c => query(sql!(
            "INSERT INTO task_redial_rules (account_id, task_id, rule_id, user_id, owner_id) VALUES ($1, $2, $3, $4, $5)"))
            .bind(whose.account.uuid()).bind(task.uuid()).bind(*id).bind(whose.user.uuid())
            .bind(owner.map(AccountId::uuid)).execute(c).await.map(drop))?;
    }
    Ok(())
}

async fn clear(tx: &mut Tx, account: AccountId, task: TaskId) -> Result<()> {
    for named in Named::ALL {
        let sql = sql!(tx, named: Named = Named::ALL, |_dialect| format!(
            "DELETE FROM {} WHERE account_id = $1 AND task_id = $2", named.rows().0
        ));
        on!(tx, c => query(sql).bind(account.uuid()).bind(task.uuid()).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Has the tasks that name an id hold the thing that was made under it: those of the account itself, and of a user's sub-users
/// those that have none of their own. No task of theirs is written meanwhile, for the account is locked.
pub(crate) async fn adopt(tx: &mut Tx, named: Named, owner: AccountWithUser, id: i64) -> Result<()> {
    let sql = sql!(tx, named: Named = Named::ALL, |_dialect| {
        let (rows, column) = named.rows();
        format!(
            "UPDATE {rows} SET owner_id = $1 WHERE user_id = $2 AND {column} = $3 \
             AND (account_id = $1 OR ($4 AND owner_id IS NULL))"
        )
    });
    let is_user = owner.account == owner.user;
    on!(tx, c => query(sql)
        .bind(owner.account.uuid()).bind(owner.user.uuid()).bind(id).bind(is_user).execute(c).await.map(drop))?;
    Ok(())
}

/// A task that names something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamingTask {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: String,
}

/// The tasks that name a thing of an account, those of sub-users included, in no order but always the same.
///
/// # Errors
/// When the database does not answer.
pub async fn naming(
    session: &mut dyn Session,
    named: Named,
    owner: AccountId,
    id: i64,
    page: Page,
) -> Result<Paged<NamingTask>> {
    let count = sql!(session, named: Named = Named::ALL, |_dialect| {
        let (rows, column) = named.rows();
        format!("SELECT count(*) FROM {rows} WHERE owner_id = $1 AND {column} = $2")
    });
    let total: i64 = on!(session, c => query_scalar(count).bind(owner.uuid()).bind(id).fetch_one(c).await)?;
    let select = sql!(session, named: Named = Named::ALL, |_dialect| {
        let (rows, column) = named.rows();
        format!(
            "SELECT tasks.id, tasks.name FROM {rows} named \
             JOIN tasks ON tasks.account_id = named.account_id AND tasks.id = named.task_id \
             WHERE named.owner_id = $1 AND named.{column} = $2 ORDER BY tasks.created_at, tasks.id LIMIT $3 OFFSET $4"
        )
    });
    let rows: Vec<(Uuid, String)> = on!(session, c => query_as(select)
        .bind(owner.uuid()).bind(id).bind(page.limit()).bind(page.offset()).fetch_all(c).await)?;
    let items = rows.into_iter().map(|(id, name)| NamingTask { id: TaskId::new(id), name }).collect();
    Ok(Paged { items, total })
}

/// What of a task's ids names something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskNames {
    /// The name of the script of its `destination_extension`, if there is one.
    pub script: Option<Name>,
    /// The ids of scripts that name none.
    pub unknown_scripts: BTreeSet<ScriptId>,
    /// The id of its redial rule, if that names none.
    pub unknown_rule: Option<RedialRuleId>,
}

/// A script that a task names.
#[derive(sqlx_macros::FromRow)]
struct NamedScriptRow {
    task_id: Uuid,
    script_id: i64,
    main: bool,
    owner_id: Option<Uuid>,
    name: Option<String>,
}

/// What the ids of these tasks name. A task that is left out names nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of(
    session: &mut dyn Session,
    tasks: &[(AccountId, TaskId)],
) -> Result<BTreeMap<TaskId, TaskNames>> {
    let accounts: BTreeSet<Uuid> = tasks.iter().map(|(account, _)| account.uuid()).collect();
    let (accounts, ids) = (uuids(accounts)?, uuids(tasks.iter().map(|(_, task)| task.uuid()))?);
    let mut names: BTreeMap<TaskId, TaskNames> = BTreeMap::new();
    let sql = sql!(session, |dialect| format!(
        "SELECT named.task_id, named.script_id, named.main, named.owner_id, scripts.name FROM task_scripts named \
         LEFT JOIN scripts ON scripts.account_id = named.owner_id AND scripts.id = named.script_id \
         WHERE {} AND {} AND (named.main OR named.owner_id IS NULL)",
        dialect.among_uuids("named.account_id", "$1"),
        dialect.among_uuids("named.task_id", "$2")
    ));
    let rows: Vec<NamedScriptRow> =
        on!(session, c => query_as(sql).bind(accounts.as_str()).bind(ids.as_str()).fetch_all(c).await)?;
    for row in rows {
        let names = names.entry(TaskId::new(row.task_id)).or_default();
        if row.owner_id.is_none() {
            names.unknown_scripts.insert(ScriptId::new(row.script_id));
        } else if row.main {
            names.script = row.name.map(|name| stored_name(&name)).transpose()?;
        }
    }
    let sql = sql!(session, |dialect| format!(
        "SELECT task_id, rule_id FROM task_redial_rules WHERE {} AND {} AND owner_id IS NULL",
        dialect.among_uuids("account_id", "$1"),
        dialect.among_uuids("task_id", "$2")
    ));
    let rows: Vec<(Uuid, i64)> =
        on!(session, c => query_as(sql).bind(accounts.as_str()).bind(ids.as_str()).fetch_all(c).await)?;
    for (task, id) in rows {
        names.entry(TaskId::new(task)).or_default().unknown_rule = Some(RedialRuleId::new(id));
    }
    Ok(names)
}
