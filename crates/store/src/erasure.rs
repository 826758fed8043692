//! A telephone number is erased from all that is stored of accounts. Where it stands is read first, and then it goes in small transactions. All of it
//! can be repeated: what is gone stays gone, and what came meanwhile is found again.

use domain::{AccountId, DoNotCallEntry, ERASED, ErasureId, NumberToErase};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Error, Result, Session, Store, Tx, attempts,
    audit::{self, Action, AuditEntry, Change, Subject},
    do_not_call,
    number_callbacks::{self, ChangedCallback},
    numbers::{self, NumberErased, RefusedPlace},
};

/// How many rows of a kind a transaction erases at most.
const ROWS: u32 = 200;

/// A request to erase a number.
#[derive(Debug)]
pub struct Erasure<'e> {
    /// By which the audit knows it.
    pub id: ErasureId,
    /// Who asks: of one account or partner a part of the connections is used.
    pub whose: Uuid,
    /// What it is to go from. The first is the account that is asked for; the others are its sub-users.
    pub accounts: &'e [AccountId],
    /// The number.
    pub number: &'e NumberToErase,
    /// Whether the first account is never to call it again.
    pub suppress: bool,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Numbers of tasks.
    pub numbers: i64,
    /// Numbers that are being called, and were left out.
    pub left_out: i64,
    /// Records of calls, with their evidence.
    pub records: i64,
    /// Callbacks that named it.
    pub callbacks: i64,
    /// Refused rows of imports.
    pub refused_rows: i64,
    /// Entries of do-not-call.
    pub entries: i64,
    /// Imports that have not ended: they leave it out, and their files are deleted at their end.
    pub running_imports: i64,
}

impl Erased {
    /// Adds what was erased elsewhere.
    fn add(&mut self, other: Self) {
        self.numbers += other.numbers;
        self.left_out += other.left_out;
        self.records += other.records;
        self.callbacks += other.callbacks;
        self.refused_rows += other.refused_rows;
        self.entries += other.entries;
        self.running_imports += other.running_imports;
    }

    const fn is_nothing(self) -> bool {
        self.numbers + self.records + self.callbacks + self.refused_rows == 0
    }
}

/// Erases a number, and notes that it was.
///
/// # Errors
/// [`Error::NotFound`] of an account that is gone meanwhile; [`Error::Limit`] when the account has
/// as many entries of do-not-call as it may have. What was erased by then stays so.
pub async fn erase(store: &Store, erasure: &Erasure<'_>, change: &Change) -> Result<Erased> {
    let mut erased = Erased::default();
    for (place, account) in erasure.accounts.iter().enumerate() {
        // First of all nobody is to call it again.
        let suppress = erasure.suppress && place == 0;
        let mut tx = store.begin_for(erasure.whose).await?;
        erased.add(erase_entry(&mut tx, *account, erasure.number, suppress, change).await?);
        tx.commit().await?;
        erased.add(erase_of_account(store, erasure, *account).await?);
    }
    if let Some(account) = erasure.accounts.first() {
        let mut tx = store.begin_for(erasure.whose).await?;
        record(&mut tx, *account, erasure.id, &erased, change).await?;
        tx.commit().await?;
    }
    Ok(erased)
}

/// Whether a number stands anywhere in what is stored of these accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn is_known(store: &Store, accounts: &[AccountId], number: &NumberToErase) -> Result<bool> {
    let mut read = store.read().await?;
    for account in accounts {
        let has_entry = match do_not_call::get(&mut read, *account, number.e164()).await {
            Ok(_) => true,
            Err(Error::NotFound(_)) => false,
            Err(other) => return Err(other),
        };
        if has_entry || !find(&mut read, *account, number).await?.is_nothing() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Erases all but the entries, step by step.
async fn erase_of_account(store: &Store, erasure: &Erasure<'_>, account: AccountId) -> Result<Erased> {
    let mut all = Erased::default();
    loop {
        let found = find(&mut store.read().await?, account, erasure.number).await?;
        if found.is_nothing() {
            return Ok(all);
        }
        let mut tx = store.begin_for(erasure.whose).await?;
        let erased = erase_found(&mut tx, account, erasure.number, &found).await?;
        tx.commit().await?;
        // Those that are being called are found each time.
        all.left_out = 0;
        all.add(erased);
        if erased.is_nothing() {
            return Ok(all);
        }
    }
}

/// Where a number stands in what is stored of an account, as far as one transaction can erase it.
#[derive(Debug, Default)]
struct FoundPlaces {
    lists: Vec<i64>,
    has_records: bool,
    callbacks: Vec<ChangedCallback>,
    refused: Vec<RefusedPlace>,
}

impl FoundPlaces {
    const fn is_nothing(&self) -> bool {
        self.lists.is_empty() && !self.has_records && self.callbacks.is_empty() && self.refused.is_empty()
    }
}

async fn find(session: &mut dyn Session, account: AccountId, number: &NumberToErase) -> Result<FoundPlaces> {
    Ok(FoundPlaces {
        lists: numbers::lists_holding(session, account, number.e164(), ROWS).await?,
        has_records: attempts::is_any_of(session, account, number.e164()).await?,
        callbacks: number_callbacks::naming(session, account, number, ROWS).await?,
        refused: numbers::refused_with(session, account, number.national(), ROWS).await?,
    })
}

async fn erase_found(
    tx: &mut Tx,
    account: AccountId,
    number: &NumberToErase,
    found: &FoundPlaces,
) -> Result<Erased> {
    let NumberErased { deleted, left_out } = numbers::erase(tx, &found.lists, number.e164()).await?;
    numbers::erase_refused(tx, &found.refused).await?;
    number_callbacks::change(tx, &found.callbacks).await?;
    let records =
        if found.has_records { attempts::erase(tx, account, number.e164(), ROWS).await? } else { 0 };
    let count = |items: usize| i64::try_from(items).unwrap_or(i64::MAX);
    Ok(Erased {
        numbers: deleted,
        left_out,
        records: count(records),
        callbacks: count(found.callbacks.len()),
        refused_rows: count(found.refused.len()),
        ..Erased::default()
    })
}

/// Takes a number's entry of do-not-call away, and what the audit says of it; where it is never to be called again, an entry takes its place that
/// says nothing else. Files of imports that have ended are left to be deleted; those that have not leave the number out.
async fn erase_entry(
    tx: &mut Tx,
    account: AccountId,
    number: &NumberToErase,
    suppress: bool,
    change: &Change,
) -> Result<Erased> {
    let e164 = number.e164();
    let entries = if suppress {
        let entry = DoNotCallEntry { number: e164, reason: None, source: ERASED.to_owned(), until: None };
        do_not_call::replace(tx, account, entry, change).await?
    } else {
        do_not_call::erase(tx, account, e164).await?
    };
    audit::erase_subject(tx, account, Subject::DoNotCall, &e164.to_string()).await?;
    numbers::forget_files(tx, account).await?;
    let running_imports = numbers::leave_out(tx, account, &number.into()).await?;
    Ok(Erased { entries, running_imports, ..Erased::default() })
}

/// Notes that a number was erased, and how much of it: not which.
async fn record(
    tx: &mut Tx,
    account: AccountId,
    id: ErasureId,
    erased: &Erased,
    change: &Change,
) -> Result<()> {
    let entry = AuditEntry {
        account,
        subject: Subject::Erasure,
        subject_id: &id,
        action: Action::Delete,
        version: None,
        before: Some(erased),
    };
    audit::write(tx, change, entry).await
}
