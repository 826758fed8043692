//! What people, programs and bots ask of calls that are under way.

use std::{sync::Arc, time::Duration};

use domain::CallInstruction;
use store::{
    Result,
    dialing::{self, InstructedCall},
};
use telephony::LiveInstruction;

use crate::{calls::AskedOfCall, dialer::Dialer};

/// How often it is looked for something that was asked.
const EVERY: Duration = Duration::from_millis(100);

impl Dialer {
    /// Does what was asked of this node's calls.
    pub(crate) async fn obey(&mut self) -> Result<()> {
        let now = self.now();
        let Some(lease) = self.lease else { return Ok(()) };
        if now.steady < self.commands_at || self.calls.is_empty() {
            return Ok(());
        }
        self.commands_at = now.steady.saturating_add(EVERY);
        if !dialing::has_commands(&mut self.parts.store.read().await?, lease.node).await? {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        let commands = dialing::take_commands(&mut tx, lease.node).await?;
        tx.commit().await?;
        for command in commands {
            let attempt = command.attempt;
            if let Some(asked) = self.asked(command).await? {
                self.calls.control(attempt, asked, self.now());
            }
        }
        Ok(())
    }

    /// What is asked, with all that it needs; `None`: that is not there.
    async fn asked(&self, command: InstructedCall) -> Result<Option<AskedOfCall>> {
        Ok(Some(AskedOfCall::OfCarrier(match command.control {
            CallInstruction::HangUp { by_bot: false } => return Ok(Some(AskedOfCall::HangUp)),
            CallInstruction::HangUp { by_bot: true } => LiveInstruction::HangUp,
            CallInstruction::Transfer { to } => LiveInstruction::Transfer(to),
            CallInstruction::SendDigits { digits } => LiveInstruction::SendDigits(digits),
            CallInstruction::GoTo { step } => LiveInstruction::GoTo(step),
            CallInstruction::Play { prompt } => {
                let mut read = self.parts.store.read().await?;
                match dialing::prompt_audio(&mut read, command.account, prompt).await? {
                    Some(audio) => LiveInstruction::Play(Arc::new(audio)),
                    None => return Ok(None),
                }
            }
        })))
    }
}
