//! The tokens of partners, and what a token may do for whom.

use std::collections::HashMap;

use domain::{AccountHold, AccountId, Name, PartnerId, Token, TokenHash, TokenId};
use jiff::Timestamp;
use uuid::Uuid;

use super::row::{TOKENS, TokenRow, token_columns};
use crate::{
    Error, Kind, Result, Session, Tx,
    database::{
        DatabaseError,
        convert::{hex, json, micros, stored_name, uuids, word},
        dialect::{Column, RowLock},
        lists,
        statement::{query, query_as},
    },
    error::on_foreign_key,
    stops::stop_covers,
};

/// Adds a token; only its hash is stored.
///
/// # Errors
/// [`Error::NotFound`] when there is no such partner, or it has not the user that the token is limited to.
pub async fn create_token(tx: &mut Tx, token: &Token, hash: &TokenHash) -> Result<()> {
    on!(tx, c => query(sql!(
        "INSERT INTO tokens (id, partner_id, hash, name, created_at, expires_at, scope, numbers, user_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"))
        .bind(token.id.uuid()).bind(token.partner_id.uuid()).bind(hash.0.to_vec()).bind(token.name.as_str())
        .bind(micros(token.created_at)).bind(token.expires_at.map(micros))
        .bind(word(token.scope)?).bind(word(token.numbers)?).bind(token.user.map(AccountId::uuid))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound(if token.user.is_some() {
        Kind::Account
    } else {
        Kind::Partner
    })))
}

/// The tokens of a partner, or of all, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_tokens(session: &mut dyn Session, partner: Option<PartnerId>) -> Result<Vec<Token>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", token_columns!(), " FROM tokens WHERE ($1 IS NULL OR partner_id = $1) ORDER BY created_at, id")))
        .bind(partner.map(PartnerId::uuid))
        .fetch_all(c).await.map(|rows| lists::readable::<_, TokenRow, _>(TOKENS, &rows)))?)
}

/// What tokens are called, of whichever partner; those that there are.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of_tokens(
    session: &mut dyn Session,
    tokens: &[TokenId],
) -> Result<HashMap<TokenId, Name>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT id, name FROM tokens WHERE {}",
        dialect.among_uuids("id", "$1")
    ));
    let ids = uuids(tokens.iter().map(|token| token.uuid()))?;
    let rows: Vec<(Uuid, String)> = on!(session, c => query_as(sql).bind(ids).fetch_all(c).await)?;
    let named = rows.into_iter().map(|(id, name)| Ok((TokenId::new(id), stored_name(&name)?)));
    Ok(named.collect::<std::result::Result<_, DatabaseError>>()?)
}

/// A token whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedToken {
    row: TokenRow,
}

/// Locks a token.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_token(tx: &mut Tx, token: TokenId) -> Result<LockedToken> {
    let sql = sql!(tx, |dialect| format!(
        concat!("SELECT ", token_columns!(), " FROM tokens WHERE id = $1{}"),
        dialect.lock(RowLock::Change)
    ));
    let row: Option<TokenRow> = on!(tx, c => query_as(sql).bind(token.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedToken { row }).ok_or(Error::NotFound(Kind::Token))
}

/// Revokes a token at once. Revoking it again changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_token(tx: &mut Tx, token: &LockedToken, now: Timestamp) -> Result<()> {
    on!(tx, c => query(sql!("UPDATE tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1"))
        .bind(token.row.id).bind(micros(now)).execute(c).await.map(drop))?;
    Ok(())
}

/// Writes when tokens were last used. A use that is older than what was written changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn note_token_uses(tx: &mut Tx, uses: &[(TokenId, Timestamp)]) -> Result<()> {
    let uses: Vec<(String, i64)> = uses.iter().map(|(token, at)| (hex(token.uuid()), micros(*at))).collect();
    let sql = sql!(tx, |dialect| format!(
        "UPDATE tokens SET last_used_at = used.at FROM {} AS used \
         WHERE tokens.id = used.id AND (tokens.last_used_at IS NULL OR tokens.last_used_at < used.at)",
        dialect.rows("$1", &[("id", Column::Uuid), ("at", Column::Integer)])
    ));
    on!(tx, c => query(sql).bind(json(&uses)?).execute(c).await.map(drop))?;
    Ok(())
}

/// What a token's hash and the accounts of a request's address lead to.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Authority {
    /// The token, good or not.
    pub token: Token,
    /// Whether the token's partner is disabled.
    pub partner_disabled: bool,
    /// Whether `user` is a user of the token's partner, and the token may act for it.
    pub owns_user: bool,
    /// Whether `sub_user` is a sub-user of that user.
    pub owns_sub_user: bool,
    /// Whether one of the two is disabled.
    pub account_disabled: bool,
    /// Whether a stop covers them.
    pub account_stopped: bool,
}

impl Authority {
    /// Why nothing of the accounts dials, if that is so.
    pub const fn hold(&self) -> Option<AccountHold> {
        AccountHold::of(self.account_stopped, self.account_disabled)
    }
}

/// Asks in one statement who a token speaks for and whether the named accounts are theirs. `None` for an unknown
/// token.
///
/// # Errors
/// When the database does not answer.
pub async fn authority(
    session: &mut dyn Session,
    hash: &TokenHash,
    user: Option<AccountId>,
    sub_user: Option<AccountId>,
) -> Result<Option<Authority>> {
    let row: Option<AuthorityRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", token_columns!(), ", p.disabled_at IS NOT NULL AS partner_disabled, \
                u.id AS found_user_id, s.id AS found_sub_user_id, \
                (u.disabled_at IS NOT NULL OR s.disabled_at IS NOT NULL) AS account_disabled, ",
                stop_covers!("tokens.partner_id", "u.id", "s.id"), " AS account_stopped \
         FROM tokens JOIN partners p ON p.id = tokens.partner_id \
         LEFT JOIN accounts u ON u.id = $2 AND u.partner_id = tokens.partner_id AND u.parent_id IS NULL \
              AND (tokens.user_id IS NULL OR tokens.user_id = u.id) \
         LEFT JOIN accounts s ON s.id = $3 AND s.partner_id = tokens.partner_id AND s.parent_id = u.id \
         WHERE tokens.hash = $1")))
        .bind(hash.0.as_slice()).bind(user.map(AccountId::uuid)).bind(sub_user.map(AccountId::uuid))
        .fetch_optional(c).await)?;
    row.map(|row| {
        Ok(Authority {
            token: row.token.try_into()?,
            partner_disabled: row.partner_disabled,
            owns_user: row.found_user_id.is_some(),
            owns_sub_user: row.found_sub_user_id.is_some(),
            account_disabled: row.account_disabled,
            account_stopped: row.account_stopped,
        })
    })
    .transpose()
}

#[derive(sqlx_macros::FromRow)]
struct AuthorityRow {
    #[sqlx(flatten)]
    token: TokenRow,
    partner_disabled: bool,
    found_user_id: Option<Uuid>,
    found_sub_user_id: Option<Uuid>,
    account_disabled: bool,
    account_stopped: bool,
}
