//! The loop that passes wake-ups on between nodes, and finds those that were lost.

use std::{collections::HashMap, time::Duration};

use domain::AccountId;
use store::{Exchange, Result, Store};
use tokio::time::Instant;

use crate::rounds::{RETRY, Rounds};

/// How often this node asks which followed logs have grown: who follows one waits no longer, whatever was lost.
const SWEEP: Duration = Duration::from_secs(5);

/// The shortest time between two messages to other nodes.
const REST: Duration = Duration::from_millis(20);

/// Passes wake-ups on, for ever.
pub(crate) async fn run(store: Store, mut rounds: Rounds) {
    let mut swept = HashMap::new();
    loop {
        let lost = pass_on(&store, &mut swept, &mut rounds).await;
        rounds.note(lost);
        tokio::time::sleep(RETRY).await;
    }
}

/// Passes wake-ups on until the database fails.
async fn pass_on(store: &Store, swept: &mut HashMap<AccountId, i64>, rounds: &mut Rounds) -> Result<()> {
    match store.exchange().await? {
        Some(exchange) => {
            tokio::try_join!(exchange.hear(), send_and_sweep(store, Some(&exchange), swept, rounds)).map(drop)
        }
        None => send_and_sweep(store, None, swept, rounds).await,
    }
}

async fn send_and_sweep(
    store: &Store,
    exchange: Option<&Exchange>,
    swept: &mut HashMap<AccountId, i64>,
    rounds: &mut Rounds,
) -> Result<()> {
    let mut next_sweep = Instant::now();
    loop {
        tokio::select! {
            exchange = something_to_send(exchange) => {
                exchange.send().await?;
                tokio::time::sleep(REST).await;
            }
            () = tokio::time::sleep_until(next_sweep) => {
                store.sweep_wake_ups(swept).await?;
                rounds.note(Ok(()));
                next_sweep = Instant::now() + SWEEP;
            }
        }
    }
}

async fn something_to_send(exchange: Option<&Exchange>) -> &Exchange {
    let Some(exchange) = exchange else { return std::future::pending().await };
    exchange.wait().await;
    exchange
}
