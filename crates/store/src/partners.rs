//! Partners and their tokens.

use domain::{AccountId, Name, Partner, PartnerId, Token, TokenHash, TokenId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    convert::{damaged, micros, timestamp},
    error::on_foreign_key,
    lists,
};

/// Adds a partner.
///
/// # Errors
/// When the database does not answer.
pub async fn create(tx: &mut Tx, partner: &Partner) -> Result<()> {
    on!(tx, c => sqlx::query("INSERT INTO partners (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(partner.id.uuid()).bind(partner.name.as_str()).bind(micros(partner.created_at))
        .execute(c).await.map(drop))?;
    Ok(())
}

/// All partners, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut impl Session) -> Result<Vec<Partner>> {
    Ok(on!(session, c =>
        sqlx::query("SELECT id, name, created_at FROM partners ORDER BY created_at, id").fetch_all(c).await
            .map(|rows| lists::readable::<_, PartnerRow, _>("partners", &rows)))?)
}

/// Adds a token; only its hash is kept.
///
/// # Errors
/// [`Error::NotFound`] when there is no such partner.
pub async fn create_token(tx: &mut Tx, token: &Token, hash: &TokenHash) -> Result<()> {
    on!(tx, c => sqlx::query(
        "INSERT INTO tokens (id, partner_id, hash, name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(token.id.uuid()).bind(token.partner_id.uuid()).bind(hash.0.to_vec()).bind(token.name.as_str())
        .bind(micros(token.created_at)).bind(token.expires_at.map(micros))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound))
}

/// The tokens of a partner, or of all, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_tokens(session: &mut impl Session, partner: Option<PartnerId>) -> Result<Vec<Token>> {
    Ok(on!(session, c => sqlx::query(
        "SELECT id, partner_id, name, created_at, expires_at, revoked_at FROM tokens \
         WHERE ($1 IS NULL OR partner_id = $1) ORDER BY created_at, id")
        .bind(partner.map(PartnerId::uuid))
        .fetch_all(c).await.map(|rows| lists::readable::<_, TokenRow, _>("tokens", &rows)))?)
}

/// Revokes a token at once. Revoking it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`] when there is no such token.
pub async fn revoke_token(tx: &mut Tx, token: TokenId, now: Timestamp) -> Result<()> {
    let revoked = on!(tx, c => sqlx::query(
        "UPDATE tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1")
        .bind(token.uuid()).bind(micros(now))
        .execute(c).await.map(|done| done.rows_affected()))?;
    if revoked == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// What a token's hash and the accounts of a request's address lead to.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The token, good or not.
    pub token: Token,
    /// Whether `user` is a user of the token's partner.
    pub owns_user: bool,
    /// Whether `sub_user` is a sub-user of that user.
    pub owns_sub_user: bool,
}

/// Asks in one statement who a token speaks for and whether the named accounts are theirs. `None` for an unknown
/// token.
///
/// # Errors
/// When the database does not answer.
pub async fn authority(
    session: &mut impl Session,
    hash: &TokenHash,
    user: Option<AccountId>,
    sub_user: Option<AccountId>,
) -> Result<Option<Authority>> {
    let row: Option<AuthorityRow> = on!(session, c => sqlx::query_as(
        "SELECT t.id, t.partner_id, t.name, t.created_at, t.expires_at, t.revoked_at, \
                u.id AS user_id, s.id AS sub_user_id \
         FROM tokens t \
         LEFT JOIN accounts u ON u.id = $2 AND u.partner_id = t.partner_id AND u.parent_id IS NULL \
         LEFT JOIN accounts s ON s.id = $3 AND s.partner_id = t.partner_id AND s.parent_id = u.id \
         WHERE t.hash = $1")
        .bind(hash.0.as_slice()).bind(user.map(AccountId::uuid)).bind(sub_user.map(AccountId::uuid))
        .fetch_optional(c).await)?;
    row.map(|row| {
        Ok(Authority {
            token: row.token.try_into()?,
            owns_user: row.user_id.is_some(),
            owns_sub_user: row.sub_user_id.is_some(),
        })
    })
    .transpose()
}

#[derive(sqlx::FromRow)]
struct AuthorityRow {
    #[sqlx(flatten)]
    token: TokenRow,
    user_id: Option<Uuid>,
    sub_user_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct PartnerRow {
    id: Uuid,
    name: String,
    created_at: i64,
}

impl TryFrom<PartnerRow> for Partner {
    type Error = Error;

    fn try_from(row: PartnerRow) -> Result<Self> {
        Ok(Self {
            id: PartnerId::new(row.id),
            name: stored_name(&row.name)?,
            created_at: timestamp(row.created_at)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    partner_id: Uuid,
    name: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<TokenRow> for Token {
    type Error = Error;

    fn try_from(row: TokenRow) -> Result<Self> {
        Ok(Self {
            id: TokenId::new(row.id),
            partner_id: PartnerId::new(row.partner_id),
            name: stored_name(&row.name)?,
            created_at: timestamp(row.created_at)?,
            expires_at: row.expires_at.map(timestamp).transpose()?,
            revoked_at: row.revoked_at.map(timestamp).transpose()?,
        })
    }
}

pub(crate) fn stored_name(name: &str) -> Result<Name> {
    Name::stored(name).map_err(|rule| damaged(format!("name: {rule:?}")))
}
