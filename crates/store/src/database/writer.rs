//! SQLite's one writer, and how the transactions that wait for it share a commit.
//!
//! A commit waits for the disk, many times longer than everything before it. So transactions take turns inside one
//! SQLite transaction, each but the first in a savepoint of its own: what one does wrong is rolled back alone.
//! Whoever ends its turn while nobody waits commits for all; each is told of success only then. With one client
//! nothing waits, and every turn commits for itself.
//!
//! Every turn ends in [`Turn::settle`], also one whose caller has gone away, so that no batch is left uncommitted.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::timeout,
};

use super::{DatabaseError, PATIENCE, error::Result, sqlite_file::DatabaseFiles};

/// How many transactions share a commit at most: the first of them waits for all.
const MOST: usize = 64;

/// The one connection that writes.
#[derive(Clone, Debug)]
pub(crate) struct Writer(Arc<SharedWriter>);

#[derive(Debug)]
struct SharedWriter {
    options: SqliteConnectOptions,
    turn: Arc<Mutex<Turn>>,
    /// How many wait for their turn; each of them will have it, whatever becomes of its caller.
    waiting: AtomicUsize,
}

/// What belongs to whoever's turn it is.
#[derive(Debug, Default)]
struct Turn {
    /// None before the first use, and after a failure that leaves its state unknown.
    connection: Option<SqliteConnection>,
    /// The open transaction, if there is one.
    batch: Option<Batch>,
    /// Nothing more is to be written.
    closed: bool,
    /// What is looked at before and after each commit, once it is known.
    files: Option<Arc<DatabaseFiles>>,
}

/// Transactions that share a commit.
#[derive(Debug)]
struct Batch {
    /// How many have done their part. The next one after the first needs a savepoint, so as not to undo theirs.
    members: usize,
    /// Says whether it was committed; dropped unsaid, it was not.
    outcome: watch::Sender<Option<bool>>,
}

/// One transaction of a batch. Dropped without [`Transaction::commit`] it is rolled back.
#[derive(Debug)]
pub(crate) struct Transaction {
    writer: Writer,
    /// None when it has ended.
    turn: Option<OwnedMutexGuard<Turn>>,
}

impl Writer {
    pub(crate) async fn open(options: SqliteConnectOptions) -> Result<Self> {
        let mut connection = options.connect().await?;
        let keys_held: bool = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut connection).await?;
        if !keys_held {
            return Err(DatabaseError::Damaged("SQLite does not hold foreign keys".to_owned()));
        }
        let turn = Turn { connection: Some(connection), ..Turn::default() };
        let turn = Arc::new(Mutex::new(turn));
        Ok(Self(Arc::new(SharedWriter { options, turn, waiting: AtomicUsize::new(0) })))
    }

    /// Has these files looked at: what is written into one that was deleted or replaced would be lost.
    pub(crate) async fn watch(&self, files: Arc<DatabaseFiles>) {
        self.0.turn.lock().await.files = Some(files);
    }

    pub(crate) fn options(&self) -> &SqliteConnectOptions {
        &self.0.options
    }

    /// Waits for a turn and opens a transaction.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        // In a task of its own: a caller that goes away must not leave a half-open transaction behind.
        let begun = tokio::spawn(self.clone().wait_and_begin());
        match timeout(PATIENCE, begun).await {
            Ok(Ok(begun)) => begun,
            Ok(Err(_)) | Err(_) => Err(DatabaseError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    async fn wait_and_begin(self) -> Result<Transaction> {
        let turn = self.0.turn.clone().lock_owned().await;
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        let mut transaction = Transaction { writer: self, turn: Some(turn) };
        transaction.open().await?;
        Ok(transaction)
    }

    /// Ends what runs and closes the connection.
    pub(crate) async fn close(&self) {
        let mut turn = self.0.turn.lock().await;
        let committed = turn.commit().await;
        turn.closed = true;
        if let (Ok(()), Some(connection)) = (committed, turn.connection.take()) {
            let _closed = connection.close().await;
        }
    }
}

impl Turn {
    async fn connect(&mut self, writer: &Writer) -> Result<&mut SqliteConnection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None if self.closed => return Err(sqlx::Error::PoolClosed.into()),
            None => writer.options().connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Ends the turn: commits for all, unless someone waits who will.
    async fn settle(&mut self, writer: &Writer) -> Result<()> {
        let full = self.batch.as_ref().is_some_and(|batch| batch.members >= MOST);
        if full || writer.0.waiting.load(Ordering::SeqCst) == 0 { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<()> {
        let (Some(batch), Some(connection)) = (self.batch.take(), self.connection.as_mut()) else {
            return Ok(());
        };
        let committed = sqlx::query("COMMIT").execute(connection).await.map_err(DatabaseError::from);
        let committed = committed.and_then(|_| self.check_files());
        if committed.is_err() {
            self.give_up();
        }
        batch.outcome.send_replace(Some(committed.is_ok()));
        committed
    }

    fn check_files(&self) -> Result<()> {
        self.files.as_ref().map_or(Ok(()), |files| files.check())
    }

    /// Forgets a connection in an unknown state; closing it rolls everything back, and all who wait are told.
    fn give_up(&mut self) {
        (self.connection, self.batch) = (None, None);
    }
}

impl Transaction {
    /// The connection to speak through.
    #[expect(clippy::expect_used, reason = "see the message")]
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        let turn =
            self.turn.as_mut().expect("only `commit` and `drop` end a turn, and both take the transaction");
        turn.connection.as_mut().expect("`open` connected, and a turn that loses its connection has ended")
    }

    async fn open(&mut self) -> Result<()> {
        let Some(turn) = self.turn.as_mut() else { return Ok(()) };
        let opened = open(turn, &self.writer).await;
        if opened.is_err() {
            turn.give_up();
        }
        opened
    }

    /// Waits until the changes last.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let (writer, turn) = (self.writer.clone(), self.turn.take());
        let Some(turn) = turn else { return Ok(()) };
        // In a task of its own, since others may wait for this very commit.
        let ended = tokio::spawn(end(turn, writer)).await;
        let mut outcome = ended.map_err(|_| DatabaseError::NotCommitted)??;
        let committed = outcome.wait_for(Option::is_some).await.is_ok_and(|outcome| *outcome == Some(true));
        if committed { Ok(()) } else { Err(DatabaseError::NotCommitted) }
    }
}

async fn open(turn: &mut Turn, writer: &Writer) -> Result<()> {
    let members = turn.batch.as_ref().map(|batch| batch.members);
    turn.check_files()?;
    let connection = turn.connect(writer).await?;
    match members {
        None => {
            // A deferred transaction fails when it turns from reading to writing beside another process's.
            sqlx::query("BEGIN IMMEDIATE").execute(connection).await?;
            turn.batch = Some(Batch { members: 0, outcome: watch::Sender::new(None) });
        }
        Some(0) => {}
        Some(_) => {
            sqlx::query("SAVEPOINT turn").execute(connection).await?;
        }
    }
    Ok(())
}

/// Ends a turn that went well; gives where its outcome will be told.
async fn end(mut turn: OwnedMutexGuard<Turn>, writer: Writer) -> Result<watch::Receiver<Option<bool>>> {
    let Turn { connection: Some(connection), batch: Some(batch), .. } = &mut *turn else {
        return Err(DatabaseError::NotCommitted);
    };
    let outcome = batch.outcome.subscribe();
    let first = batch.members == 0;
    batch.members += 1;
    if !first && let Err(error) = sqlx::query("RELEASE turn").execute(connection).await {
        turn.give_up();
        return Err(error.into());
    }
    turn.settle(&writer).await?;
    Ok(outcome)
}

/// Ends a turn that leaves no trace.
async fn undo(mut turn: OwnedMutexGuard<Turn>, writer: Writer) {
    let Turn { connection: Some(connection), batch: Some(batch), .. } = &mut *turn else { return };
    let (first, last) = (batch.members == 0, writer.0.waiting.load(Ordering::SeqCst) == 0);
    let sql = match (first, last) {
        (true, true) => "ROLLBACK",
        // A round trip less for the next one.
        (true, false) => "ROLLBACK; BEGIN IMMEDIATE",
        (false, _) => "ROLLBACK TO turn; RELEASE turn",
    };
    if let Err(error) = sqlx::raw_sql(sql).execute(connection).await {
        tracing::warn!(%error, "a transaction could not be rolled back alone");
        return turn.give_up();
    }
    if first {
        turn.batch.take_if(|_| last);
    } else if let Err(error) = turn.settle(&writer).await {
        tracing::warn!(%error, "a commit failed");
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(undo(turn, self.writer.clone()))),
            Err(_) => turn.give_up(),
        }
    }
}
