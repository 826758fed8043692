//! The lines over which the scripts of tasks transfer calls.

use std::collections::HashMap;

use domain::{LineId, ScriptId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{
        convert::{json, timestamp},
        statement::query_as,
    },
};

/// A line over which a script that a task names transfers calls.
#[derive(Clone, Copy, Debug)]
pub struct NamedTransfer {
    /// The script.
    pub script: ScriptId,
    /// The line that it names.
    pub line: LineId,
    /// Whether that is one of the partner's.
    pub is_there: bool,
    /// How many calls at once the task's user may have over it, and until when; `None`: it has no share.
    pub share: Option<(i64, Option<Timestamp>)>,
}

/// A row of what [`named_transfers`] reads.
type TransferRow = (i64, i64, Uuid, bool, Option<i64>, Option<i64>);

/// The lines over which the scripts that the tasks of these lists name transfer calls, by list.
pub(super) async fn named_transfers(
    session: &mut dyn Session,
    lists: &[i64],
) -> Result<HashMap<i64, Vec<NamedTransfer>>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT number_lists.id, transfers.script_id, transfers.named, transfers.line_id IS NOT NULL, \
             shares.line_concurrency, shares.deadline_at \
         FROM number_lists \
         JOIN accounts ON accounts.id = number_lists.account_id \
         JOIN task_scripts named ON named.account_id = number_lists.account_id AND named.task_id = number_lists.task_id \
         JOIN script_lines transfers ON transfers.account_id = named.owner_id AND transfers.script_id = named.script_id \
         LEFT JOIN line_allocations shares ON shares.partner_id = transfers.partner_id \
             AND shares.line_id = transfers.line_id AND shares.user_id = coalesce(accounts.parent_id, accounts.id) \
         WHERE {}",
        dialect.among("number_lists.id", "$1")
    ));
    let rows: Vec<TransferRow> = on!(session, c => query_as(sql).bind(json(&lists)?).fetch_all(c).await)?;
    let mut found: HashMap<i64, Vec<NamedTransfer>> = HashMap::new();
    for (list, script, line, is_there, calls, deadline) in rows {
        let deadline_at = deadline.map(timestamp).transpose()?;
        let share = calls.map(|calls| (calls, deadline_at));
        let (script, line) = (ScriptId::new(script), LineId::new(line));
        found.entry(list).or_default().push(NamedTransfer { script, line, is_there, share });
    }
    Ok(found)
}
