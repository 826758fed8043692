//! Prompts: what scripts play. The audio has a table of its own, which only who plays or downloads it reads.

mod row;

use domain::{
    AccountId, MAXIMUM_PROMPT_SECONDS, MAXIMUM_PROMPTS, Name, PROMPT_RATE, Prompt, PromptAudio, PromptId,
};

use self::row::{PROMPTS, PromptRow, prompt_columns};
use crate::{
    Error, Kind, Limited, Page, Paged, Result, Session, Tx, accounts,
    audit::{self, Action, AuditEntry, Change, Subject},
    database::{
        convert::micros,
        dialect::RowLock,
        lists,
        statement::{query, query_as, query_scalar},
    },
    error::{expect_version, on_foreign_key},
};

/// A prompt of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(session: &mut dyn Session, account: AccountId, id: PromptId) -> Result<Prompt> {
    let row: Option<PromptRow> = on!(session, c => query_as(sql!(concat!(
        "SELECT ", prompt_columns!(), " FROM prompts WHERE account_id = $1 AND id = $2")))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.ok_or(Error::NotFound(Kind::Prompt))?.try_into()?)
}

/// The audio of a prompt of an account: a WAV file.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn audio(session: &mut dyn Session, account: AccountId, id: PromptId) -> Result<Vec<u8>> {
    let wav: Option<Vec<u8>> = on!(session, c => query_scalar(sql!(
        "SELECT wav FROM prompt_audio WHERE account_id = $1 AND prompt_id = $2"))
        .bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    wav.ok_or(Error::NotFound(Kind::Prompt))
}

/// The prompts of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(session: &mut dyn Session, account: AccountId, page: Page) -> Result<Paged<Prompt>> {
    let total = extent(session, account).await?.count;
    let items = on!(session, c => query(sql!(concat!(
        "SELECT ", prompt_columns!(), " FROM prompts WHERE account_id = $1 \
         ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3")))
        .bind(account.uuid()).bind(page.limit()).bind(page.offset()).fetch_all(c).await
        .map(|rows| lists::readable::<_, PromptRow, _>(PROMPTS, &rows)))?;
    Ok(Paged { items, total })
}

/// How many prompts an account has, and how many samples these have together.
#[derive(sqlx_macros::FromRow)]
struct PromptExtent {
    count: i64,
    samples: i64,
}

async fn extent(session: &mut dyn Session, account: AccountId) -> Result<PromptExtent> {
    Ok(on!(session, c => query_as(sql!(
        "SELECT count(*) AS count, CAST(coalesce(sum(samples), 0) AS BIGINT) AS samples FROM prompts WHERE account_id = $1"))
        .bind(account.uuid()).fetch_one(c).await)?)
}

/// Refuses more than an account may have: `more` prompts with so many samples on top of what it has.
async fn check_room(tx: &mut Tx, account: AccountId, more: i64, samples: i64) -> Result<()> {
    let extent = extent(tx, account).await?;
    let most = MAXIMUM_PROMPTS;
    if more > 0 && usize::try_from(extent.count + more).is_ok_and(|count| count > most) {
        return Err(Error::Limit { of: Limited::Prompts, most });
    }
    if extent.samples + samples > MAXIMUM_PROMPT_SECONDS * i64::from(PROMPT_RATE) {
        let most = usize::try_from(MAXIMUM_PROMPT_SECONDS).unwrap_or(usize::MAX);
        return Err(Error::Limit { of: Limited::PromptSeconds, most });
    }
    Ok(())
}

/// Adds a prompt.
///
/// # Errors
/// [`Error::Limit`] when the account has as many, or as long ones, as it may have.
pub async fn create(
    tx: &mut Tx,
    account: AccountId,
    id: PromptId,
    name: &Name,
    audio: &PromptAudio,
    change: &Change,
) -> Result<Prompt> {
    accounts::lock_for_edits(tx, account).await?;
    check_room(tx, account, 1, audio.samples).await?;
    let row = PromptRow {
        account_id: account.uuid(),
        id: id.uuid(),
        name: name.as_str().to_owned(),
        samples: audio.samples,
        sha256: audio.sha256.to_vec(),
        silent: audio.is_silent,
        version: 1,
        created_at: micros(change.at),
        updated_at: micros(change.at),
    };
    on!(tx, c => query(sql!(
        "INSERT INTO prompts (account_id, id, name, samples, sha256, silent, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"))
        .bind(row.account_id).bind(row.id).bind(&row.name).bind(row.samples).bind(&row.sha256).bind(row.silent)
        .bind(row.version).bind(row.created_at).execute(c).await.map(drop))?;
    on!(tx, c => query(sql!("INSERT INTO prompt_audio (account_id, prompt_id, wav) VALUES ($1, $2, $3)"))
        .bind(row.account_id).bind(row.id).bind(audio.wav.as_slice()).execute(c).await.map(drop))?;
    record(tx, &row, Action::Create, change).await?;
    Ok(row.try_into()?)
}

/// A prompt whose row this transaction has locked. Only a read that locks makes one, and writes over the row take it.
#[derive(Debug)]
pub struct LockedPrompt {
    row: PromptRow,
}

impl LockedPrompt {
    /// Refuses unless the prompt has one of these versions; `None` allows any.
    ///
    /// # Errors
    /// [`Error::VersionMismatch`].
    pub fn expect_version(&self, expected: Option<&[i64]>) -> Result<()> {
        expect_version(Kind::Prompt, self.row.version, expected)
    }
}

/// Locks a prompt of an account, to change it. The account is locked before, for what it may have is counted.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock(tx: &mut Tx, account: AccountId, id: PromptId) -> Result<LockedPrompt> {
    accounts::lock_for_edits(tx, account).await?;
    lock_for(tx, account, id, RowLock::Change).await
}

/// Locks a prompt of an account, to delete it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock_to_delete(tx: &mut Tx, account: AccountId, id: PromptId) -> Result<LockedPrompt> {
    lock_for(tx, account, id, RowLock::Delete).await
}

async fn lock_for(tx: &mut Tx, account: AccountId, id: PromptId, lock: RowLock) -> Result<LockedPrompt> {
    let sql = sql!(tx, lock: RowLock = RowLock::ALL, |dialect| format!(
        concat!("SELECT ", prompt_columns!(), " FROM prompts WHERE account_id = $1 AND id = $2{}"),
        dialect.lock(lock)
    ));
    let row: Option<PromptRow> =
        on!(tx, c => query_as(sql).bind(account.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    row.map(|row| LockedPrompt { row }).ok_or(Error::NotFound(Kind::Prompt))
}

/// Gives a prompt another name.
///
/// # Errors
/// When the database does not answer.
pub async fn rename(tx: &mut Tx, prompt: &LockedPrompt, name: &Name, change: &Change) -> Result<Prompt> {
    record(tx, &prompt.row, Action::Update, change).await?;
    let row: PromptRow = on!(tx, c => query_as(sql!(concat!(
        "UPDATE prompts SET name = $3, version = version + 1, updated_at = $4 WHERE account_id = $1 AND id = $2 RETURNING ",
        prompt_columns!())))
        .bind(prompt.row.account_id).bind(prompt.row.id).bind(name.as_str()).bind(micros(change.at))
        .fetch_one(c).await)?;
    Ok(row.try_into()?)
}

/// Gives a prompt other audio, which calls play from now on.
///
/// # Errors
/// [`Error::Limit`] when the account's prompts would last too long.
pub async fn replace(
    tx: &mut Tx,
    prompt: &LockedPrompt,
    audio: &PromptAudio,
    change: &Change,
) -> Result<Prompt> {
    let account = AccountId::new(prompt.row.account_id);
    check_room(tx, account, 0, audio.samples - prompt.row.samples).await?;
    record(tx, &prompt.row, Action::Update, change).await?;
    on!(tx, c => query(sql!("UPDATE prompt_audio SET wav = $3 WHERE account_id = $1 AND prompt_id = $2"))
        .bind(prompt.row.account_id).bind(prompt.row.id).bind(audio.wav.as_slice()).execute(c).await.map(drop))?;
    let row: PromptRow = on!(tx, c => query_as(sql!(concat!(
        "UPDATE prompts SET samples = $3, sha256 = $4, silent = $5, version = version + 1, updated_at = $6 \
         WHERE account_id = $1 AND id = $2 RETURNING ", prompt_columns!())))
        .bind(prompt.row.account_id).bind(prompt.row.id).bind(audio.samples).bind(audio.sha256.to_vec())
        .bind(audio.is_silent).bind(micros(change.at)).fetch_one(c).await)?;
    Ok(row.try_into()?)
}

/// Deletes a prompt. That no script plays it is the foreign key's to say, in this one statement.
///
/// # Errors
/// [`Error::InUse`].
pub async fn delete(tx: &mut Tx, prompt: &LockedPrompt, change: &Change) -> Result<()> {
    on!(tx, c => query(sql!("DELETE FROM prompts WHERE account_id = $1 AND id = $2"))
        .bind(prompt.row.account_id).bind(prompt.row.id).execute(c).await.map(drop))
    .map_err(on_foreign_key(Error::InUse(Kind::Prompt)))?;
    record(tx, &prompt.row, Action::Delete, change).await
}

async fn record(tx: &mut Tx, row: &PromptRow, action: Action, change: &Change) -> Result<()> {
    let is_new = matches!(action, Action::Create);
    let entry = AuditEntry {
        account: AccountId::new(row.account_id),
        subject: Subject::Prompt,
        subject_id: &row.id,
        action,
        version: (!is_new).then_some(row.version),
        before: (!is_new).then_some(row),
    };
    audit::write(tx, change, entry).await
}
