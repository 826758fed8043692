//! The way to a bot: its addresses, and the headers that prove who calls.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{Clock, Random, is_public_address};
use media::bot::{
    BotAddress, BotAuthorities, BotConnectFault, BotSocket, SIGNATURE_HEADER, StreamStart,
    TWILIO_SIGNATURE_HEADER, connect, sign, sign_as_twilio,
};
use telephony::KnownBot;
use tokio::time::timeout;
use url::{Host, Url};
use uuid::Uuid;

use super::BotReach;

/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How bots are connected to.
#[derive(Clone)]
pub(crate) struct BotWay {
    /// Where they may be.
    pub(crate) reach: BotReach,
    /// Whom they may be vouched for by.
    pub(crate) authorities: BotAuthorities,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
}

impl BotWay {
    /// Connects to a bot for a stream.
    ///
    /// # Errors
    /// Why it cannot be connected to.
    pub(crate) async fn open(
        &self,
        bot: &KnownBot,
        start: &StreamStart,
    ) -> Result<BotSocket, BotConnectFault> {
        let opening = async {
            let url: Url = bot.url.as_str().parse().map_err(|_| unreachable("it is no address"))?;
            let addresses = self.addresses(&url).await?;
            let address = BotAddress {
                url,
                addresses,
                headers: self.headers(bot, start),
                authorities: self.authorities.clone(),
            };
            connect(&address, PATIENCE).await
        };
        timeout(PATIENCE, opening).await.unwrap_or(Err(BotConnectFault::TimedOut(PATIENCE)))
    }

    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, BotConnectFault> {
        let port = url.port_or_known_default().unwrap_or(0);
        let found: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => {
                let found = tokio::net::lookup_host((name, port)).await;
                found.map_err(|error| unreachable(&error.to_string()))?.collect()
            }
            None => Vec::new(),
        };
        let is_allowed = |address: &SocketAddr| match self.reach {
            BotReach::Anywhere => true,
            BotReach::Public => is_public_address(address.ip()),
            BotReach::Loopback => address.ip().is_loopback(),
        };
        let allowed: Vec<SocketAddr> = found.into_iter().filter(is_allowed).collect();
        if allowed.is_empty() { Err(unreachable("it is nowhere where bots may be")) } else { Ok(allowed) }
    }

    fn headers(&self, bot: &KnownBot, start: &StreamStart) -> Vec<(&'static str, String)> {
        let Some(secret) = bot.secret.as_ref().map(domain::BotSecret::expose) else { return Vec::new() };
        let url = bot.url.as_str();
        let at = self.clock.now().as_second();
        vec![
            (SIGNATURE_HEADER, sign(secret, at, url, start)),
            (TWILIO_SIGNATURE_HEADER, sign_as_twilio(secret, url)),
        ]
    }
}

fn unreachable(words: &str) -> BotConnectFault {
    BotConnectFault::Unreachable(words.to_owned())
}

/// The name of a stream that nobody else has.
pub(crate) fn new_stream_sid(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    format!("MZ{}", Uuid::from_bytes(bytes).simple())
}
