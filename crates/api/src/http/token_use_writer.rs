//! The loop that writes when each token was last used, beside the requests.

use std::{sync::Arc, time::Duration};

use domain::{LoopStatus, TokenId};
use jiff::Timestamp;
use store::partners;

use crate::Api;

/// How often the loop looks whether there is something to write.
const LOOK: Duration = Duration::from_secs(2);

/// A loop of the node, which writes the uses of tokens; for ever.
pub async fn record_token_uses(api: Api, status: Arc<LoopStatus>) {
    loop {
        match write(&api, api.token_uses.due(false)).await {
            Ok(()) => status.succeed(api.clock.now()),
            // They stay due.
            Err(error) => {
                tracing::warn!(%error, "the last use of tokens could not be written; trying again");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Writes what was not written yet, when the node stops. A database that is away must not hold up the end.
pub async fn record_last_token_uses(api: &Api) {
    let written = tokio::time::timeout(LOOK, write(api, api.token_uses.due(true))).await;
    if !matches!(written, Ok(Ok(()))) {
        tracing::warn!("the last use of tokens could not be written");
    }
}

async fn write(api: &Api, due: Vec<(TokenId, Timestamp)>) -> store::Result<()> {
    if !due.is_empty() {
        let mut tx = api.store.begin().await?;
        partners::note_token_uses(&mut tx, &due).await?;
        tx.commit().await?;
    }
    api.token_uses.wrote(&due, api.clock.now());
    Ok(())
}
