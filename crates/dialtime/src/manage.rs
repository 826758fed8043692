//! Partners, users and tokens, from the command line.

use anyhow::{Context, bail};
use domain::{
    AccountId, AccountKind, CallEvents, Clock, Email, FaultRule, Name, NewAccount, PartnerId, Phone, Profile,
    Random, Token, TokenId, TokenState,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use store::{
    Page, Store, Tx,
    accounts::{self, AccountFilter},
    audit::{Actor, Change},
    edits::accounts::{self as account_edits, Removed, Whom},
    partners,
};
use uuid::Uuid;

use crate::{
    command::{self, Database},
    output::{complain, say},
    system::{SystemClock, SystemRandom},
};

/// How many users a page of the listing asks for.
const USERS: u32 = 1_000;

pub(crate) async fn partner(database: &Database, command: command::PartnerCommand) -> anyhow::Result<()> {
    let store = match &command {
        command::PartnerCommand::Create { .. } => database.open_to_begin().await?,
        _ => database.open_existing().await?,
    };
    match command {
        command::PartnerCommand::Create { name } => {
            let (id, created_at) = (PartnerId::generate(&SystemClock, &SystemRandom), SystemClock.now());
            let name = checked("the name", Name::parse(&name))?;
            let partner = domain::Partner { id, name, created_at, disabled_at: None };
            let mut tx = store.begin().await?;
            match partners::create(&mut tx, &partner).await {
                Ok(()) => tx.commit().await?,
                Err(store::Error::Taken(_)) => {
                    bail!("there is a partner {:?} already", partner.name.as_str())
                }
                Err(other) => return Err(other.into()),
            }
            say(&id.to_string());
        }
        command::PartnerCommand::List => {
            for partner in partners::list(&mut store.read().await?).await? {
                let disabled = disabled(partner.disabled_at);
                let (id, created_at) = (partner.id, second(partner.created_at));
                say(&format!("{id}  {created_at}{disabled}  {}", partner.name.as_str()));
            }
        }
        command::PartnerCommand::Disable { id } => set_disabled(&store, partner_of(id), true).await?,
        command::PartnerCommand::Enable { id } => set_disabled(&store, partner_of(id), false).await?,
        command::PartnerCommand::Delete { id, with_everything } => {
            delete(&store, partner_of(id), with_everything).await?;
        }
    }
    Ok(())
}

const fn partner_of(id: Uuid) -> Whom {
    Whom::Partner(PartnerId::new(id))
}

/// The account of an id, with its partner.
async fn account_of(store: &Store, id: Uuid) -> anyhow::Result<Whom> {
    let account = AccountId::new(id);
    let partner =
        accounts::partner_of(&mut store.read().await?, account).await.map_err(|error| match error {
            store::Error::NotFound(_) => anyhow::anyhow!("there is no user or sub-user {id}"),
            other => other.into(),
        })?;
    Ok(Whom::Account(partner, account))
}

/// A word for a listing, with two spaces before it.
const fn disabled(disabled_at: Option<Timestamp>) -> &'static str {
    if disabled_at.is_some() { "  disabled" } else { "" }
}

pub(crate) fn change() -> Change {
    Change { actor: Actor::CommandLine, at: SystemClock.now() }
}

async fn set_disabled(store: &Store, whom: Whom, disabled: bool) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    known(account_edits::set_disabled(&mut tx, whom, disabled, &change()).await)?;
    tx.commit().await?;
    say(if disabled { "disabled" } else { "enabled" });
    Ok(())
}

async fn delete(store: &Store, whom: Whom, with_everything: bool) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let removed = known(account_edits::delete(&mut tx, whom, with_everything, &change()).await)?;
    tx.commit().await?;
    let Removed { accounts, groups, tasks } = removed;
    say(&format!("deleted: {accounts} users and sub-users, {groups} groups, {tasks} tasks"));
    Ok(())
}

/// The store's refusals in the words of the command line.
fn known<T>(result: store::Result<T>) -> anyhow::Result<T> {
    result.map_err(|error| match error {
        store::Error::NotFound(_) => anyhow::anyhow!("there is none of this id"),
        store::Error::InUse(_) => anyhow::anyhow!(
            "nothing was deleted: there are users, sub-users, groups or tasks; --with-everything deletes them, too"
        ),
        other => other.into(),
    })
}

pub(crate) async fn user(database: &Database, command: command::User) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    match command {
        command::User::Create { partner, id, name, email, phone } => {
            let password = random_password();
            let account = NewAccount {
                id: id.map_or_else(|| AccountId::generate(&SystemClock, &SystemRandom), AccountId::new),
                partner_id: PartnerId::new(partner),
                kind: AccountKind::User,
                name: checked("the name", Name::parse(&name))?,
                email: checked("the e-mail address", Email::parse(&email))?,
                phone: checked("the phone number", Phone::parse(&phone))?,
                password_hash: hash(&password)?,
                tenant_id: None,
                profile: Profile::default(),
                now: SystemClock.now(),
            };
            let mut tx = store.begin().await?;
            accounts::check_free(&mut tx, account.partner_id, &account.email, &account.phone).await?;
            let account = accounts::create(&mut tx, &account).await.map_err(|error| match error {
                store::Error::NotFound(_) => anyhow::anyhow!("there is no partner {partner}"),
                other => other.into(),
            })?;
            tx.commit().await?;
            say(&account.id.to_string());
            // Apart from the id, which a script takes.
            complain(&format!("password (shown once): {password}"));
        }
        command::User::List { partner } => list_users(&store, partner).await?,
        command::User::Disable { id } => set_disabled(&store, account_of(&store, id).await?, true).await?,
        command::User::Enable { id } => set_disabled(&store, account_of(&store, id).await?, false).await?,
        command::User::Delete { id, with_everything } => {
            delete(&store, account_of(&store, id).await?, with_everything).await?;
        }
        command::User::CallEvents { id, events, none } => {
            let whom = account_of(&store, id).await?;
            if none || !events.is_empty() {
                set_call_events(&store, whom, &events).await?;
            } else {
                show_call_events(&store, whom).await?;
            }
        }
        command::User::Password { id, stdin } => {
            set_password(&store, account_of(&store, id).await?, stdin).await?;
        }
    }
    Ok(())
}

async fn list_users(store: &Store, partner: Uuid) -> anyhow::Result<()> {
    let (page, filter) = (Page { number: 1, size: USERS }, AccountFilter::default());
    let mut read = store.read().await?;
    let partner = PartnerId::new(partner);
    let users = accounts::list(&mut read, partner, AccountKind::User, &filter, page).await?;
    for user in &users.items {
        say(&format!(
            "{}  {}  {}{}  {}",
            user.id,
            user.email.as_str(),
            user.phone.as_str(),
            disabled(user.disabled_at),
            user.name.as_str()
        ));
    }
    if users.total > i64::from(USERS) {
        say(&format!("... and {} more", users.total - i64::from(USERS)));
    }
    Ok(())
}

async fn set_password(store: &Store, whom: Whom, stdin: bool) -> anyhow::Result<()> {
    let Whom::Account(partner, account) = whom else { return Ok(()) };
    let password = if stdin { first_line()? } else { random_password() };
    checked("the password", api::check_password(&password))?;
    let hash = hash(&password)?;
    let mut tx = store.begin().await?;
    let account = known(accounts::lock(&mut tx, partner, account).await)?;
    accounts::set_password(&mut tx, &account, &hash, &change()).await?;
    tx.commit().await?;
    if stdin {
        say("changed");
    } else {
        complain(&format!("password (shown once): {password}"));
    }
    Ok(())
}

async fn set_call_events(store: &Store, whom: Whom, events: &[String]) -> anyhow::Result<()> {
    let Whom::Account(partner, account) = whom else { return Ok(()) };
    let events = CallEvents::from_codes(events).map_err(|_| anyhow::anyhow!("not an event of a call"))?;
    let mut tx = store.begin().await?;
    let account = known(accounts::lock(&mut tx, partner, account).await)?;
    accounts::set_call_events(&mut tx, &account, &events, &change()).await?;
    tx.commit().await?;
    say("changed");
    Ok(())
}

async fn show_call_events(store: &Store, whom: Whom) -> anyhow::Result<()> {
    let Whom::Account(_, account) = whom else { return Ok(()) };
    let told = accounts::call_events(&mut store.read().await?, [account]).await?.remove(&account);
    match told.unwrap_or_default().codes().as_slice() {
        [] => say("none beside call.ended"),
        codes => codes.iter().for_each(|code| say(code)),
    }
    Ok(())
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

pub(crate) async fn token(database: &Database, command: command::TokenCommand) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    let now = SystemClock.now();
    match command {
        command::TokenCommand::Create { partner, name, days, never_expires, scope, numbers, user } => {
            let lifetime = SignedDuration::from_hours(24 * i64::from(days));
            let token = Token {
                id: TokenId::generate(&SystemClock, &SystemRandom),
                partner_id: PartnerId::new(partner),
                name: checked("the name", Name::parse(&name))?,
                created_at: now,
                expires_at: if never_expires { None } else { Some(now.checked_add(lifetime)?) },
                revoked_at: None,
                scope: scope.into(),
                numbers: numbers.into(),
                user: user.map(AccountId::new),
                last_used_at: None,
            };
            let secret = api::new_secret(&SystemRandom);
            let mut tx = store.begin().await?;
            check_user(&mut tx, &token).await?;
            partners::create_token(&mut tx, &token, &api::hash_token(secret.expose_secret()))
                .await
                .with_context(|| format!("there is no partner {partner}"))?;
            tx.commit().await?;
            say(secret.expose_secret());
        }
        command::TokenCommand::List { partner } => {
            let mut read = store.read().await?;
            let partners = partners::list(&mut read).await?;
            for token in partners::list_tokens(&mut read, partner.map(PartnerId::new)).await? {
                let partner = partners.iter().find(|partner| partner.id == token.partner_id);
                let partner = partner.map_or("", |partner| partner.name.as_str());
                say(&format!("{}  {partner}  {}  {}", token.id, describe(&token, now), token.name.as_str()));
            }
        }
        command::TokenCommand::Revoke { id } => {
            let mut tx = store.begin().await?;
            let token =
                partners::lock_token(&mut tx, TokenId::new(id)).await.map_err(|error| match error {
                    store::Error::NotFound(_) => anyhow::anyhow!("there is no token {id}"),
                    other => other.into(),
                })?;
            partners::revoke_token(&mut tx, &token, now).await?;
            tx.commit().await?;
            say("revoked");
        }
    }
    Ok(())
}

/// A token may be limited to a user of its partner, and to nobody else.
async fn check_user(tx: &mut Tx, token: &Token) -> anyhow::Result<()> {
    let Some(user) = token.user else { return Ok(()) };
    match accounts::get(tx, token.partner_id, user).await {
        Ok(account) if account.kind == AccountKind::User => Ok(()),
        Ok(_) => bail!("{user} is a sub-user; a token can be limited to its user"),
        Err(store::Error::NotFound(_)) => bail!("partner {} has no user {user}", token.partner_id),
        Err(other) => Err(other.into()),
    }
}

fn describe(token: &Token, now: Timestamp) -> String {
    let user = token.user.map_or_else(|| "all users".to_owned(), |user| format!("user {user}"));
    let last_use = token.last_used_at.map(|at| format!("last used {}", second(at)));
    let last_use = last_use.unwrap_or_else(|| "never used".to_owned());
    let (scope, numbers) = (token.scope.code(), token.numbers.code());
    format!("{}  {scope}, numbers {numbers}, {user}  {last_use}", validity(token, now))
}

fn validity(token: &Token, now: Timestamp) -> String {
    match (token.state_at(now), token.expires_at) {
        (TokenState::Revoked, _) => "revoked".to_owned(),
        (TokenState::Expired, _) => "expired".to_owned(),
        (TokenState::Valid, None) => "never expires".to_owned(),
        (TokenState::Valid, Some(expires_at)) => format!("good until {}", second(expires_at)),
    }
}

/// An instant in UTC, to the second.
pub(crate) fn second(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(crate) fn hash(password: &str) -> anyhow::Result<String> {
    api::hash_password(password, &SystemRandom)
        .map_err(|error| anyhow::anyhow!("cannot hash the password: {error}"))
}

fn random_password() -> String {
    use std::fmt::Write;

    let mut bytes = [0; 12];
    SystemRandom.fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn checked<T>(what: &str, result: Result<T, FaultRule>) -> anyhow::Result<T> {
    result.map_err(|rule| anyhow::anyhow!("{what} is not allowed: {}", api::explain(&rule)))
}
