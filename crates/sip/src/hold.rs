//! INVITEs that are made and must not leave yet. What another process ends a call with is known only once its INVITE is made, and has to be
//! written down before a phone may ring. The stack sends a request as soon as it knows where to: so one that is held goes to a host of a made-up
//! name, for which the stack asks here, and is answered once the INVITE may leave.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rsipstack::{
    sip::{Host, HostWithPort},
    transport::{
        SipAddr,
        transport_layer::{DefaultDomainResolver, DomainResolver},
    },
};
use tokio::sync::watch;

/// The domain of made-up names (RFC 2606 2), which are in no message.
const DOMAIN: &str = "held.invalid";

/// The INVITEs that are held: where each goes, and whether it may leave, by the name that stands for it.
#[derive(Clone, Default)]
pub(crate) struct HeldInvites(Arc<Mutex<Names>>);

#[derive(Default)]
struct Names {
    last: u64,
    held: HashMap<String, HeldInvite>,
}

#[derive(Clone)]
struct HeldInvite {
    to: SipAddr,
    may_leave: watch::Receiver<bool>,
}

/// That an INVITE is held, or was until [`Self::release`]. It is kept for as long as the INVITE: when it is dropped sooner, that never leaves.
pub(crate) struct Hold {
    invites: HeldInvites,
    name: String,
    may_leave: watch::Sender<bool>,
    transport: Option<rsipstack::sip::Transport>,
}

impl HeldInvites {
    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds an INVITE that goes to this address, which is one with a number.
    pub(crate) fn hold(&self, to: SipAddr) -> Hold {
        let (may_leave, told) = watch::channel(false);
        let transport = to.r#type;
        let mut names = self.names();
        names.last += 1;
        let name = format!("{}.{DOMAIN}", names.last);
        names.held.insert(name.clone(), HeldInvite { to, may_leave: told });
        drop(names);
        Hold { invites: self.clone(), name, may_leave, transport }
    }
}

impl Hold {
    /// The address that the stack is told; `None`: it cannot be named.
    pub(crate) fn address(&self) -> Option<SipAddr> {
        let host_with_port = HostWithPort::try_from(self.name.as_str()).ok()?;
        Some(SipAddr { r#type: self.transport, addr: host_with_port })
    }

    /// Lets it leave.
    pub(crate) fn release(&self) {
        self.may_leave.send_replace(true);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.invites.names().held.remove(&self.name);
    }
}

/// Finds addresses for the stack: of an INVITE that is held once it may leave, and of real names as usual.
pub(crate) struct Resolver {
    invites: HeldInvites,
    names: DefaultDomainResolver,
}

impl Resolver {
    pub(crate) fn new(invites: HeldInvites) -> Self {
        Self { invites, names: DefaultDomainResolver::default() }
    }
}

#[async_trait::async_trait]
impl DomainResolver for Resolver {
    async fn resolve(&self, target: &SipAddr) -> rsipstack::Result<SipAddr> {
        let held = match &target.addr.host {
            Host::Domain(name) => self.invites.names().held.get(&name.to_string()).cloned(),
            Host::IpAddr(_) => None,
        };
        let Some(HeldInvite { to, mut may_leave }) = held else { return self.names.resolve(target).await };
        match may_leave.wait_for(|may_leave| *may_leave).await {
            Ok(_) => Ok(to),
            Err(_) => Err(rsipstack::Error::Error("the INVITE is not to leave".to_owned())),
        }
    }
}
