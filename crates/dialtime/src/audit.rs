//! `dialtime audit`: who changed what of the whole installation, its partners and their accounts.

use std::collections::HashMap;

use domain::{AccountId, Name, TokenId};
use store::{
    Page,
    audit::{Action, Actor, AuditFilter, AuditLog, AuditedChange, NO_ACCOUNT, Subject, list},
    partners,
};

use crate::{
    command::{AuditedChanges, Database},
    manage::second,
    output::say,
};

pub(crate) async fn run(database: &Database, changes: AuditedChanges) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    let AuditedChanges { user, subject, subject_id, action, from, until, limit } = changes;
    let filter = AuditFilter {
        log: AuditLog::Installation,
        account: user.map(AccountId::new),
        actor: None,
        subject: subject.as_deref().and_then(Subject::parse),
        subject_id,
        action: action.as_deref().and_then(Action::parse),
        from,
        until,
    };
    let mut read = store.read().await?;
    let found = list(&mut read, &filter, Page { number: 1, size: limit }).await?.items;
    let mut tokens: Vec<TokenId> = found.iter().filter_map(|change| token(change.actor?)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let names = partners::names_of_tokens(&mut read, &tokens).await?;
    for change in &found {
        say(&line(change, &names));
    }
    Ok(())
}

const fn token(actor: Actor) -> Option<TokenId> {
    match actor {
        Actor::Token(token) => Some(token),
        Actor::CommandLine | Actor::ResumePolicy | Actor::EndOfList | Actor::CalendarFeed => None,
    }
}

fn line(change: &AuditedChange, names: &HashMap<TokenId, Name>) -> String {
    let AuditedChange { at, account, actor, action, subject, subject_id, .. } = change;
    let account = if *account == NO_ACCOUNT { "-".to_owned() } else { account.to_string() };
    let actor = actor.map_or_else(
        || "unknown".to_owned(),
        |actor| match token(actor).and_then(|token| names.get(&token)) {
            Some(name) => format!("{actor} ({})", name.as_str()),
            None => actor.to_string(),
        },
    );
    let (at, action, subject) = (second(*at), action.as_str(), subject.as_str());
    format!("{at}  {action}  {subject}  {subject_id}  {account}  {actor}")
}
