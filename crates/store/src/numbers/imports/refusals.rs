//! The rows of an import that were refused.

use domain::{NumberJobId, RefusedRow, RowRefusal};

use super::RunningImport;
use crate::{
    Result, Session, Tx,
    database::{
        convert::json,
        dialect::Column,
        statement::{query, query_as},
    },
};

/// The next refused rows of an import after a line, at most so many.
///
/// # Errors
/// When the database does not answer.
pub async fn refused_rows(
    session: &mut dyn Session,
    import: NumberJobId,
    after: i64,
    most: u32,
) -> Result<Vec<RefusedRow>> {
    let rows: Vec<(i64, String, String)> = on!(session, c => query_as(sql!(
        "SELECT line, reason, content FROM number_refusals WHERE job_id = $1 AND line > $2 ORDER BY line LIMIT $3"))
        .bind(import.uuid()).bind(after).bind(i64::from(most)).fetch_all(c).await)?;
    let refused = |(line, reason, text): (i64, String, String)| RefusedRow {
        line,
        reason: RowRefusal::from_code(&reason),
        text,
    };
    Ok(rows.into_iter().map(refused).collect())
}

const COLUMNS: [(&str, Column); 3] =
    [("line", Column::Integer), ("reason", Column::Text), ("content", Column::Text)];

/// Stores refused rows: the number of each line, why, and the beginning of it.
pub(super) async fn store(tx: &mut Tx, import: &RunningImport, rows: &[(i64, String, &str)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = sql!(tx, |dialect| format!(
        "INSERT INTO number_refusals (job_id, line, reason, content) \
         SELECT $1, line, reason, content FROM {} AS refused WHERE true ON CONFLICT (job_id, line) DO NOTHING",
        dialect.rows("$2", &COLUMNS)
    ));
    on!(tx, c => query(sql).bind(import.id.uuid()).bind(json(&rows)?).execute(c).await.map(drop))?;
    Ok(())
}
