//! Partners. Their tokens are in `tokens`.

mod row;
mod tokens;

use domain::{Partner, PartnerId};
use serde::Serialize;

use self::row::{PARTNERS, PartnerRow, partner_columns};
pub use self::tokens::{
    Authority, LockedToken, authority, create_token, list_tokens, lock_token, names_of_tokens,
    note_token_uses, revoke_token,
};
use crate::{
    Error, Kind, Result, Session, Tx, Unique,
    audit::{self, Action, AuditEntry, Change, DisabledMark, NO_ACCOUNT, Subject},
    database::{
        convert::micros,
        dialect::RowLock,
        error::taken_key,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::on_foreign_key,
};

/// Adds a partner.
///
/// # Errors
/// [`Error::Taken`].
pub async fn create(tx: &mut Tx, partner: &Partner) -> Result<()> {
    on!(tx, c => query(sql!("INSERT INTO partners (id, name, created_at) VALUES ($1, $2, $3)"))
        .bind(partner.id.uuid()).bind(partner.name.as_str()).bind(micros(partner.created_at))
        .execute(c).await.map(drop))
    .map_err(|error| match taken_key(&error) {
        Some(key) if key.contains("name") => Error::Taken(Unique::PartnerName),
        _ => error.into(),
    })
}

/// All partners, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session) -> Result<Vec<Partner>> {
    Ok(on!(session, c => query(sql!(concat!(
        "SELECT ", partner_columns!(), " FROM partners ORDER BY created_at, id")))
        .fetch_all(c).await
            .map(|rows| lists::readable::<_, PartnerRow, _>(PARTNERS, &rows)))?)
}

/// Whether there is any partner yet.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any(session: &mut dyn Session) -> Result<bool> {
    Ok(on!(session, c => query_scalar(sql!("SELECT EXISTS (SELECT 1 FROM partners)")).fetch_one(c).await)?)
}

/// A partner whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedPartner {
    row: PartnerRow,
}

impl LockedPartner {
    fn id(&self) -> PartnerId {
        PartnerId::new(self.row.id)
    }
}

/// Locks a partner.
pub(crate) async fn lock(tx: &mut Tx, partner: PartnerId, lock: RowLock) -> Result<LockedPartner> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", partner_columns!(), " FROM partners WHERE id = $1{}"),
        dialect.lock(lock)
    ));
    let row: Option<PartnerRow> = on!(tx, c => query_as(sql).bind(partner.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedPartner { row }).ok_or(Error::NotFound(Kind::Partner))
}

/// Marks a partner as disabled or not. Doing it again changes nothing.
pub(crate) async fn set_disabled(
    tx: &mut Tx,
    partner: &LockedPartner,
    disabled: bool,
    change: &Change,
) -> Result<()> {
    let before = DisabledMark { disabled_at: partner.row.disabled_at };
    if before.disabled_at.is_some() == disabled {
        return Ok(());
    }
    on!(tx, c => query(sql!("UPDATE partners SET disabled_at = $2 WHERE id = $1"))
        .bind(partner.row.id).bind(disabled.then(|| micros(change.at))).execute(c).await.map(drop))?;
    record(tx, partner, Action::Update, &before, change).await
}

/// What hangs on a partner and goes with it.
const OF_PARTNER: [&str; 3] = [
    "DELETE FROM holiday_feeds WHERE subject = $1",
    "DELETE FROM tokens WHERE partner_id = $1",
    "DELETE FROM idempotency_keys WHERE partner_id = $1",
];

/// Deletes a partner without accounts, with all that hangs on it.
///
/// # Errors
/// [`Error::InUse`] when it has accounts.
pub(crate) async fn delete(tx: &mut Tx, partner: &LockedPartner, change: &Change) -> Result<()> {
    for text in OF_PARTNER {
        let sql = sql!(tx, text: &'static str = OF_PARTNER, |_dialect| text.to_owned());
        on!(tx, c => query(sql).bind(partner.row.id).execute(c).await.map(drop))?;
    }
    on!(tx, c => query(sql!("DELETE FROM partners WHERE id = $1")).bind(partner.row.id).execute(c).await.map(drop))
        .map_err(on_foreign_key(Error::InUse(Kind::Partner)))?;
    record(tx, partner, Action::Delete, &partner.row, change).await
}

async fn record<T: Serialize + Sync>(
    tx: &mut Tx,
    partner: &LockedPartner,
    action: Action,
    before: &T,
    change: &Change,
) -> Result<()> {
    let entry = AuditEntry {
        account: NO_ACCOUNT,
        subject: Subject::Partner,
        subject_id: &partner.id(),
        action,
        version: None,
        before: Some(before),
    };
    audit::write_of_partner(tx, Some(partner.id()), change, entry).await
}
