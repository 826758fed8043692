//! Partners and their tokens.

use domain::{AccountId, Name, Partner, PartnerId, Token, TokenHash, TokenId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Error, Result, Session, Tx,
    database::{
        connection::dialect,
        convert::{damaged, from_word, json, micros, timestamp, word},
        dialect::Column,
        error::on_foreign_key,
        lists,
    },
};

/// Adds a partner.
///
/// # Errors
/// [`Error::NameTaken`].
pub async fn create(tx: &mut Tx, partner: &Partner) -> Result<()> {
    on!(tx, c => sqlx::query("INSERT INTO partners (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(partner.id.uuid()).bind(partner.name.as_str()).bind(micros(partner.created_at))
        .execute(c).await.map(drop))
    .map_err(name_taken)
}

/// SQLite names the columns, PostgreSQL the index, which is named after them.
fn name_taken(error: sqlx::Error) -> Error {
    let database = error.as_database_error();
    let taken = database.is_some_and(|error| error.is_unique_violation() && error.message().contains("name"));
    if taken { Error::NameTaken } else { error.into() }
}

/// All partners, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut impl Session) -> Result<Vec<Partner>> {
    Ok(on!(session, c => sqlx::query(
        "SELECT id, name, created_at, disabled_at FROM partners ORDER BY created_at, id")
        .fetch_all(c).await
            .map(|rows| lists::readable::<_, PartnerRow, _>("partners", &rows)))?)
}

/// Adds a token; only its hash is kept.
///
/// # Errors
/// [`Error::NotFound`] when there is no such partner, or it has not the user that the token is limited to.
pub async fn create_token(tx: &mut Tx, token: &Token, hash: &TokenHash) -> Result<()> {
    on!(tx, c => sqlx::query(
        "INSERT INTO tokens (id, partner_id, hash, name, created_at, expires_at, scope, numbers, user_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(token.id.uuid()).bind(token.partner_id.uuid()).bind(hash.0.to_vec()).bind(token.name.as_str())
        .bind(micros(token.created_at)).bind(token.expires_at.map(micros))
        .bind(word(token.scope)?).bind(word(token.numbers)?).bind(token.user.map(AccountId::uuid))
        .execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::NotFound))
}

/// The tokens of a partner, or of all, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_tokens(session: &mut impl Session, partner: Option<PartnerId>) -> Result<Vec<Token>> {
    Ok(on!(session, c => sqlx::query(
        "SELECT id, partner_id, name, created_at, expires_at, revoked_at, scope, numbers, user_id, last_used_at \
         FROM tokens \
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

/// Writes when tokens were last used. A use that is older than what was written changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn note_token_uses(tx: &mut Tx, uses: &[(TokenId, Timestamp)]) -> Result<()> {
    let uses: Vec<(String, i64)> =
        uses.iter().map(|(token, at)| (token.uuid().simple().to_string(), micros(*at))).collect();
    let columns = [("id", Column::Uuid), ("at", Column::Integer)];
    let sql = sqlx::AssertSqlSafe(format!(
        "UPDATE tokens SET last_used_at = used.at FROM {} AS used \
         WHERE tokens.id = used.id AND (tokens.last_used_at IS NULL OR tokens.last_used_at < used.at)",
        dialect(tx).rows("$1", &columns)
    ));
    on!(tx, c => sqlx::query(sql).bind(json(&uses)?).execute(c).await.map(drop))?;
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
        "SELECT t.id, t.partner_id, t.name, t.created_at, t.expires_at, t.revoked_at, t.scope, t.numbers, t.user_id, \
                t.last_used_at, p.disabled_at IS NOT NULL AS partner_disabled, \
                u.id AS found_user_id, s.id AS found_sub_user_id, \
                (u.disabled_at IS NOT NULL OR s.disabled_at IS NOT NULL) AS account_disabled \
         FROM tokens t JOIN partners p ON p.id = t.partner_id \
         LEFT JOIN accounts u ON u.id = $2 AND u.partner_id = t.partner_id AND u.parent_id IS NULL \
              AND (t.user_id IS NULL OR t.user_id = u.id) \
         LEFT JOIN accounts s ON s.id = $3 AND s.partner_id = t.partner_id AND s.parent_id = u.id \
         WHERE t.hash = $1")
        .bind(hash.0.as_slice()).bind(user.map(AccountId::uuid)).bind(sub_user.map(AccountId::uuid))
        .fetch_optional(c).await)?;
    row.map(|row| {
        Ok(Authority {
            token: row.token.try_into()?,
            partner_disabled: row.partner_disabled,
            owns_user: row.found_user_id.is_some(),
            owns_sub_user: row.found_sub_user_id.is_some(),
            account_disabled: row.account_disabled,
        })
    })
    .transpose()
}

#[derive(sqlx::FromRow)]
struct AuthorityRow {
    #[sqlx(flatten)]
    token: TokenRow,
    partner_disabled: bool,
    found_user_id: Option<Uuid>,
    found_sub_user_id: Option<Uuid>,
    account_disabled: bool,
}

#[derive(sqlx::FromRow)]
struct PartnerRow {
    id: Uuid,
    name: String,
    created_at: i64,
    disabled_at: Option<i64>,
}

impl TryFrom<PartnerRow> for Partner {
    type Error = Error;

    fn try_from(row: PartnerRow) -> Result<Self> {
        Ok(Self {
            id: PartnerId::new(row.id),
            name: stored_name(&row.name)?,
            created_at: timestamp(row.created_at)?,
            disabled_at: row.disabled_at.map(timestamp).transpose()?,
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
    scope: String,
    numbers: String,
    user_id: Option<Uuid>,
    last_used_at: Option<i64>,
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
            scope: from_word(&row.scope)?,
            numbers: from_word(&row.numbers)?,
            user: row.user_id.map(AccountId::new),
            last_used_at: row.last_used_at.map(timestamp).transpose()?,
        })
    }
}

pub(crate) fn stored_name(name: &str) -> Result<Name> {
    Name::stored(name).map_err(|rule| damaged(format!("name: {rule:?}")))
}
