//! The phone of the demo: it answers real SIP on this machine, so that calls can be seen from end to end without a carrier. It takes the
//! calls to any number, and does with each as the number's last digits say: it answers, is busy, rings on, and so on.

mod call;
mod manner;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::Random;
use media::ports::PortRange;
use phone::Country;
use rsipstack::{
    sip::{Method, StatusCode, prelude::HeadersExt},
    transaction::{TransactionReceiver, transaction::Transaction},
};
use tokio::{sync::Semaphore, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    bots::BotSettings,
    incoming,
    peers::Peers,
    stack::{self, Listening, SipListenError, SipSettings, Stack},
};

/// How many requests it answers at once, calls included; more get no answer.
const AT_ONCE: usize = 500;

/// How long any request may take: longer than the longest call.
const LONGEST: Duration = Duration::from_mins(10);

/// How long calls may take to end when it stops.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// How often it is asked whether they have.
const ASKED_EVERY: Duration = Duration::from_millis(20);

/// How often a port is looked for that is free over UDP and over TCP.
const ATTEMPTS: usize = 5;

/// The phone while it is there.
pub struct DemoPhone {
    stack: Arc<Stack>,
    room: Arc<Semaphore>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl DemoPhone {
    /// Starts it at a free port of loopback.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(random: Arc<dyn Random>) -> Result<Self, SipListenError> {
        let listening = listen().await?;
        let stack = Arc::clone(&listening.stack);
        let (room, stop) = (Arc::new(Semaphore::new(AT_ONCE)), CancellationToken::new());
        let serving = tokio::spawn(serve(listening, random, Arc::clone(&room), stop.clone()));
        Ok(Self { stack, room, stop, serving })
    }

    /// Where it is reached.
    pub fn address(&self) -> SocketAddr {
        self.stack.own
    }

    /// Waits until it ends by itself, which it does when its sockets fail.
    pub async fn failed(&mut self) {
        // Also where it panicked.
        let _ = (&mut self.serving).await;
    }

    /// Waits until its calls are over, for three seconds at most, and takes it away. Gives how many calls were left.
    pub async fn stop(self) -> usize {
        let idle = async {
            while self.requests() > 0 {
                tokio::time::sleep(ASKED_EVERY).await;
            }
        };
        let left = if timeout(STOP_PATIENCE, idle).await.is_ok() { 0 } else { self.requests() };
        self.stop.cancel();
        left
    }

    fn requests(&self) -> usize {
        AT_ONCE - self.room.available_permits()
    }
}

async fn listen() -> Result<Listening, SipListenError> {
    let (first, last) = PortRange::DEFAULT.bounds();
    let settings = SipSettings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public: None,
        rtp_ports: first..=last,
        tls_authorities: None,
        country: Country::CHINA,
        only_loopback: true,
        bots: BotSettings::default(),
    };
    let mut listening = stack::listen(&settings, &Peers::default()).await;
    for _ in 1..ATTEMPTS {
        if listening.is_ok() {
            break;
        }
        listening = stack::listen(&settings, &Peers::default()).await;
    }
    listening
}

async fn serve(listening: Listening, random: Arc<dyn Random>, room: Arc<Semaphore>, stop: CancellationToken) {
    let Listening { stack, endpoint, incoming } = listening;
    tokio::select! {
        () = endpoint.serve() => tracing::error!("the SIP stack of the demo's phone ended by itself"),
        () = answer_all(&stack, incoming, &*random, &room) => {}
        () = stop.cancelled() => {}
    }
    endpoint.shutdown();
}

async fn answer_all(
    stack: &Arc<Stack>,
    mut incoming: TransactionReceiver,
    random: &dyn Random,
    room: &Arc<Semaphore>,
) {
    while let Some(transaction) = incoming.recv().await {
        let Ok(place) = Arc::clone(room).try_acquire_owned() else { continue };
        let mut chance = [0; 4];
        random.fill(&mut chance);
        let (stack, chance) = (Arc::clone(stack), u32::from_le_bytes(chance));
        tokio::spawn(async move {
            if let Ok(Err(error)) = timeout(LONGEST, answer(&stack, transaction, chance)).await {
                tracing::debug!(%error, "the demo's phone could not answer a request");
            }
            drop(place);
        });
    }
}

/// Answers what is asked of the phone.
async fn answer(stack: &Stack, mut transaction: Transaction, chance: u32) -> rsipstack::Result<()> {
    if let Some(mut dialog) = stack.dialogs.match_dialog(&transaction) {
        return match transaction.original.method {
            Method::Bye => dialog.handle(&mut transaction).await,
            Method::Options | Method::Info => incoming::refuse(transaction, StatusCode::OK).await,
            _ => incoming::refuse(transaction, StatusCode::NotAcceptableHere).await,
        };
    }
    let begins = transaction.original.to_header().is_ok_and(|to| to.tag().is_ok_and(|tag| tag.is_none()));
    match transaction.original.method {
        Method::Invite if begins => call::keep(stack, transaction, chance).await,
        _ => incoming::answer_stranger(transaction).await,
    }
}
