//! Partners, users and tokens, from the command line.

use anyhow::{Context, bail};
use domain::{
    AccountId, AccountKind, Clock, Email, FaultRule, Name, NewAccount, PartnerId, Phone, Profile, Random,
    Token, TokenId, TokenState,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use store::{
    Page,
    accounts::{self, AccountFilter},
    partners,
};

use crate::{
    command::{self, Database},
    output::{complain, say},
    system::{SystemClock, SystemRandom},
};

/// How many users a page of the listing asks for.
const USERS: u32 = 1_000;

pub(crate) async fn partner(database: &Database, command: command::Partner) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    match command {
        command::Partner::Create { name } => {
            let (id, created_at) = (PartnerId::generate(&SystemClock, &SystemRandom), SystemClock.now());
            let partner = domain::Partner { id, name: checked("the name", Name::parse(&name))?, created_at };
            let mut tx = store.begin().await?;
            partners::create(&mut tx, &partner).await?;
            tx.commit().await?;
            say(&id.to_string());
        }
        command::Partner::List => {
            for partner in partners::list(&mut store.read().await?).await? {
                say(&format!("{}  {}  {}", partner.id, second(partner.created_at), partner.name.as_str()));
            }
        }
    }
    Ok(())
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
            let account = accounts::create(&mut tx, &account).await.map_err(|error| match error {
                store::Error::NotFound => anyhow::anyhow!("there is no partner {partner}"),
                other => other.into(),
            })?;
            tx.commit().await?;
            say(&account.id.to_string());
            // Apart from the id, which a script takes.
            complain(&format!("password (shown once): {password}"));
        }
        command::User::List { partner } => {
            let (page, filter) = (Page { number: 1, size: USERS }, AccountFilter::default());
            let mut read = store.read().await?;
            let partner = PartnerId::new(partner);
            let users = accounts::list(&mut read, partner, AccountKind::User, &filter, page).await?;
            for user in &users.items {
                say(&format!(
                    "{}  {}  {}  {}",
                    user.id,
                    user.email.as_str(),
                    user.phone.as_str(),
                    user.name.as_str()
                ));
            }
            if users.total > i64::from(USERS) {
                say(&format!("... and {} more", users.total - i64::from(USERS)));
            }
        }
    }
    Ok(())
}

pub(crate) async fn token(database: &Database, command: command::Token) -> anyhow::Result<()> {
    let store = database.open_existing().await?;
    let now = SystemClock.now();
    match command {
        command::Token::Create { partner, name, days, never_expires } => {
            let lifetime = SignedDuration::from_hours(24 * i64::from(days));
            let token = Token {
                id: TokenId::generate(&SystemClock, &SystemRandom),
                partner_id: PartnerId::new(partner),
                name: checked("the name", Name::parse(&name))?,
                created_at: now,
                expires_at: if never_expires { None } else { Some(now.checked_add(lifetime)?) },
                revoked_at: None,
            };
            let secret = api::new_secret(&SystemRandom);
            let mut tx = store.begin().await?;
            partners::create_token(&mut tx, &token, &api::hash_token(secret.expose_secret()))
                .await
                .with_context(|| format!("there is no partner {partner}"))?;
            tx.commit().await?;
            say(secret.expose_secret());
        }
        command::Token::List { partner } => {
            let tokens = partners::list_tokens(&mut store.read().await?, partner.map(PartnerId::new)).await?;
            for token in tokens {
                say(&format!("{}  {}  {}", token.id, describe(&token, now), token.name.as_str()));
            }
        }
        command::Token::Revoke { id } => {
            let mut tx = store.begin().await?;
            match partners::revoke_token(&mut tx, TokenId::new(id), now).await {
                Ok(()) => tx.commit().await?,
                Err(store::Error::NotFound) => bail!("there is no token {id}"),
                Err(other) => return Err(other.into()),
            }
            say("revoked");
        }
    }
    Ok(())
}

fn describe(token: &Token, now: Timestamp) -> String {
    match (token.state_at(now), token.expires_at) {
        (TokenState::Revoked, _) => "revoked".to_owned(),
        (TokenState::Expired, _) => "expired".to_owned(),
        (TokenState::Valid, None) => "never expires".to_owned(),
        (TokenState::Valid, Some(expires_at)) => format!("good until {}", second(expires_at)),
    }
}

/// An instant in UTC, to the second.
fn second(instant: Timestamp) -> String {
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
