//! The lines over which scripts transfer calls, as far as they connect nobody: a script may name one before it is there, or before its user
//! has a share of it, and whoever saves it is told.

use std::collections::HashMap;

use domain::{AccountId, LineId, Script, StepAction};
use store::{Session, lines};

use crate::http::{
    language::Language,
    problem::Problem,
    warning::{FieldWarning, FieldWarningView},
};

/// The lines that are there of those that scripts of an account name, and whether it has a share of them.
pub(super) struct TransferLines(HashMap<LineId, bool>);

impl TransferLines {
    /// Reads them, if any are named.
    pub(super) async fn read(
        session: &mut dyn Session,
        account: AccountId,
        scripts: &[Script],
    ) -> Result<Self, Problem> {
        let named: Vec<LineId> = scripts.iter().flat_map(|script| script.draft.flow.lines()).collect();
        if named.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        Ok(Self(lines::shared_among(session, account, named).await?))
    }

    /// What there is to say of a script.
    pub(super) fn warnings(&self, script: &Script, language: Language) -> Vec<FieldWarningView> {
        let steps = script.draft.flow.steps().iter().enumerate();
        let named = steps.filter_map(|(place, step)| match &step.action {
            StepAction::Transfer(transfer) => Some((place, LineId::new(transfer.line))),
            _ => None,
        });
        let warning = |(place, line)| {
            let warning = match self.0.get(&line) {
                Some(true) => return None,
                Some(false) => FieldWarning::UnsharedLine(line),
                None => FieldWarning::UnknownTransferLine(line),
            };
            Some(FieldWarningView::new(format!("steps[{place}].line"), warning, language))
        };
        named.filter_map(warning).collect()
    }
}

/// What there is to say of one script.
pub(super) async fn warnings(
    session: &mut dyn Session,
    script: &Script,
    language: Language,
) -> Result<Vec<FieldWarningView>, Problem> {
    let lines = TransferLines::read(session, script.account_id, std::slice::from_ref(script)).await?;
    Ok(lines.warnings(script, language))
}
