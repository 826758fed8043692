//! How SIP is spoken: the options of the built-in carrier.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use media::bot::BotAuthorities;
use phone::Country;
use sip::{BotReach, BotSettings, SipSettings};

/// Where Debian, Alpine and their like keep the authorities that a machine trusts.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// How SIP lines are spoken to. Nothing is opened before the first call over one.
#[derive(Clone, Debug, Args)]
pub(crate) struct SipOptions {
    /// Where SIP is spoken, over UDP and TCP, from the first call over a SIP line on: the address that calls leave from. TLS
    /// connections are made from any port; `line check` asks from any, and `line test-call` calls from another where this one is taken.
    #[arg(long, env = "DIALTIME_SIP_LISTEN", value_name = "ADDRESS", default_value = "0.0.0.0:5060")]
    sip_listen: SocketAddr,
    /// The address by which carriers reach this machine, where a NAT gives it another. Left out, the one that is listened on or, where that is
    /// every address, the first that is no loopback.
    #[arg(long, env = "DIALTIME_SIP_PUBLIC_ADDRESS", value_name = "IP")]
    sip_public_address: Option<IpAddr>,
    /// The UDP ports for the sound of calls, from and to: each call takes an even one.
    #[arg(long, env = "DIALTIME_RTP_PORTS", value_name = "FROM-TO", default_value = "20000-29999", value_parser = ports)]
    rtp_ports: RangeInclusive<u16>,
    /// A file with the certificates (PEM) of the authorities that carriers over TLS may name. Left out, those that this machine trusts.
    #[arg(long, env = "DIALTIME_SIP_AUTHORITIES", value_name = "FILE")]
    sip_authorities: Option<PathBuf>,
    /// Connect to bots of scripts at addresses of the public Internet alone: for installations whose accounts are strangers. Whoever may save a
    /// script can otherwise have this machine connect to what only it can reach.
    #[arg(long, env = "DIALTIME_BOTS_ONLY_PUBLIC")]
    bots_only_public: bool,
    /// A file with the certificates (PEM) of authorities of your own that bots over `wss` may name, beside those of the public web.
    #[arg(long, env = "DIALTIME_BOT_AUTHORITIES", value_name = "FILE")]
    bot_authorities: Option<PathBuf>,
    /// Whether nothing may leave this machine; not for the command line.
    #[arg(skip)]
    only_loopback: bool,
}

impl SipOptions {
    /// The same, spoken at a free port of this machine and to nobody beyond it.
    pub(crate) fn on_loopback(self) -> Self {
        let sip_listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { sip_listen, sip_public_address: None, only_loopback: true, ..self }
    }

    /// The settings of the carrier.
    ///
    /// # Errors
    /// A file of authorities that cannot be read, or that has none where they are bots'.
    pub(crate) fn settings(&self, country: Country) -> anyhow::Result<SipSettings> {
        let tls_authorities = match &self.sip_authorities {
            Some(file) => Some(authorities(file)?),
            None => std::fs::read(Path::new(AUTHORITIES)).ok(),
        };
        Ok(SipSettings {
            listen: self.sip_listen,
            public: self.sip_public_address,
            rtp_ports: self.rtp_ports.clone(),
            tls_authorities,
            country,
            only_loopback: self.only_loopback,
            bots: BotSettings {
                reach: if self.bots_only_public { BotReach::Public } else { BotReach::Anywhere },
                authorities: self
                    .bot_authorities
                    .as_deref()
                    .map_or_else(|| Ok(BotAuthorities::default()), authorities_of_bots)?,
                api: None,
            },
        })
    }
}

fn authorities(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read the authorities in {}", file.display()))
}

fn authorities_of_bots(file: &Path) -> anyhow::Result<BotAuthorities> {
    let known = BotAuthorities::with(&authorities(file)?);
    known.with_context(|| format!("cannot use the authorities in {}", file.display()))
}

/// Ports from and to, both included: at least one pair.
fn ports(text: &str) -> Result<RangeInclusive<u16>, &'static str> {
    let range = text
        .split_once('-')
        .and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?)));
    range
        .filter(|(from, to): &(u16, u16)| *from >= 1_024 && to.saturating_sub(*from) >= 1)
        .map(|(from, to)| from..=to)
        .ok_or("not two ports from 1024 on, such as 20000-29999")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_two_of_which_the_first_is_less() {
        assert_eq!(ports("20000-29999"), Ok(20_000..=29_999));
        for bad in ["", "20000", "20000-20000", "2-1", "30000-20000", "80-90", "1-70000", "a-b"] {
            assert!(ports(bad).is_err(), "{bad}");
        }
    }
}
