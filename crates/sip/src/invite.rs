//! What an INVITE says: from the order of the dialer and the settings of its line.

use std::{fmt::Write as _, net::SocketAddr};

use domain::{CallerNumber, Line, LineSettings, SipAddress, SipTransport, SipTrunk, TransferTarget};
use jiff::{SignedDuration, Timestamp};
use phone::Country;
use rsipstack::{
    dialog::invitation::InviteOption,
    sip::{Auth, Header, Host, HostWithPort, Param, Scheme, Transport, Uri, typed::Route},
    transport::{SipAddr, SipConnection},
};
use telephony::Callee;
use uuid::Uuid;

use crate::number;

/// Who calls where nobody says.
const ANONYMOUS: &str = "anonymous";

/// The user part of our own address.
pub(crate) const OWN_USER: &str = "dialtime";

/// What may be asked of us.
pub(crate) const ALLOWED: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";

/// Who is called.
pub(crate) enum Called {
    /// A callee of a list.
    Callee(Callee),
    /// Whoever a call is transferred to.
    Target(TransferTarget),
}

/// What all INVITEs of a call say.
pub(crate) struct Invitation<'o> {
    /// The local part of the Call-ID.
    pub(crate) call_id: Uuid,
    /// The line it goes over.
    pub(crate) line: &'o Line,
    /// Who is called.
    pub(crate) called: &'o Called,
    /// The number that is seen there; `None`: the line's own.
    pub(crate) caller: Option<&'o CallerNumber>,
    /// When it is cancelled if nobody has answered by then.
    pub(crate) cancel_at: Option<Timestamp>,
    /// The trunk it goes over.
    pub(crate) trunk: &'o SipTrunk,
    /// Our own address, as the other side sees it.
    pub(crate) own: SocketAddr,
    /// The country of lines that name none.
    pub(crate) country: Country,
}

impl Invitation<'_> {
    /// The Call-ID: its local part is the attempt's id.
    pub(crate) fn call_id(&self) -> String {
        format!("{}@{}", self.call_id, host_text(self.own))
    }

    /// The address that is called, by way of one of the line's.
    pub(crate) fn called(&self, address: &SipAddress) -> Option<Uri> {
        let user = match self.called {
            Called::Callee(callee) => number::of_callee(&self.settings().callee_form, callee, self.country),
            Called::Target(TransferTarget::Extension(extension)) => extension.as_str().to_owned(),
            // The line's side finds the way there: nothing goes to a host that its owner has not named.
            Called::Target(TransferTarget::SipAddress(address)) => {
                return Uri::try_from(address.as_str()).ok();
            }
        };
        let mut uri = uri(&user, address.as_str())?;
        uri.params.extend(transport_parameter(self.trunk.transport));
        Some(uri)
    }

    /// Where an INVITE to one of the line's addresses is sent; `None`: nothing can be sent there.
    pub(crate) fn next_hop(&self, address: &SipAddress) -> Option<SipAddr> {
        let next = self.trunk.outbound_proxy.as_ref().unwrap_or(address);
        Some(SipAddr::new(transport(self.trunk.transport), HostWithPort::try_from(next.as_str()).ok()?))
    }

    /// The INVITE to one of the line's addresses, by way of this destination; `None`: the address cannot be called.
    pub(crate) fn to(
        &self,
        address: &SipAddress,
        destination: SipAddr,
        offer: Vec<u8>,
        authorization: Option<Header>,
        now: Timestamp,
    ) -> Option<InviteOption> {
        let transport = transport(self.trunk.transport);
        let mut contact = uri(OWN_USER, &self.own.to_string())?;
        contact.params.push(Param::Transport(transport));
        let name = self.trunk.display_name.as_ref().map(|name| escaped(name.as_str()));
        Some(InviteOption {
            caller_display_name: name,
            caller: self.caller()?,
            callee: self.called(address)?,
            destination: Some(destination),
            offer: Some(offer),
            contact,
            headers: Some(self.headers(authorization, now)),
            call_id: Some(self.call_id()),
            route_set: self.proxies(),
            ..InviteOption::default()
        })
    }

    const fn settings(&self) -> &LineSettings {
        &self.line.draft.settings
    }

    fn caller(&self) -> Option<Uri> {
        let number = || Some(number::of_caller(&self.settings().caller_form, self.caller?, self.country));
        let user = self.trunk.from_user.as_ref().map(|user| user.as_str().to_owned()).or_else(number);
        let own = host_text(self.own);
        let domain = self.trunk.from_domain.as_ref().map_or(own.as_str(), |domain| domain.as_str());
        uri(user.as_deref().unwrap_or(ANONYMOUS), domain)
    }

    /// A proxy on the way is named, so that it knows that the call is not for itself.
    fn proxies(&self) -> Vec<Route> {
        let proxy = self.trunk.outbound_proxy.as_ref().and_then(|proxy| {
            let host_with_port = HostWithPort::try_from(proxy.as_str()).ok()?;
            let mut params: Vec<Param> = transport_parameter(self.trunk.transport).into_iter().collect();
            params.push(Param::Lr);
            let uri =
                Uri { scheme: Some(Scheme::Sip), auth: None, host_with_port, params, headers: Vec::new() };
            Route::parse(&format!("<{uri}>")).ok()
        });
        proxy.into_iter().collect()
    }

    fn headers(&self, authorization: Option<Header>, now: Timestamp) -> Vec<Header> {
        let mut headers = vec![Header::Allow(ALLOWED.into())];
        if let Some(seconds) = self.cancel_at.map(|at| whole_seconds(at.duration_since(now))) {
            headers.push(Header::Expires(seconds.into()));
        }
        if let Some(identity) = &self.trunk.asserted_identity {
            headers.push(Header::PAssertedIdentity(format!("<{}>", identity.as_str()).into()));
        }
        headers.extend(
            self.trunk.headers.iter().map(|header| Header::Other(header.name.clone(), header.value.clone())),
        );
        headers.extend(authorization);
        headers
    }
}

/// A call that may ring for less than a second more still says one: zero would mean for ever to some.
fn whole_seconds(left: SignedDuration) -> u32 {
    u32::try_from(left.as_secs()).unwrap_or(0).max(1)
}

/// Whether calls over a trunk go to this machine, as far as its addresses say: a name may be resolved to anything.
pub(crate) fn is_on_loopback(trunk: &SipTrunk) -> bool {
    let is_here = |address: &SipAddress| {
        let host = HostWithPort::try_from(address.as_str()).map(|address| address.host);
        matches!(host, Ok(Host::IpAddr(address)) if address.is_loopback())
    };
    trunk.addresses.iter().chain(&trunk.outbound_proxy).all(is_here)
}

pub(crate) const fn transport(transport: SipTransport) -> Transport {
    match transport {
        SipTransport::Udp => Transport::Udp,
        SipTransport::Tcp => Transport::Tcp,
        SipTransport::Tls => Transport::Tls,
    }
}

/// Our own address in an answer that came over this connection.
pub(crate) fn own_contact(own: SocketAddr, over: Option<&SipConnection>) -> Option<Header> {
    let mut contact = uri(OWN_USER, &own.to_string())?;
    contact.params.extend(over.and_then(|over| over.get_addr().r#type).map(Param::Transport));
    Some(Header::Contact(format!("<{contact}>").into()))
}

pub(crate) fn transport_parameter(kind: SipTransport) -> Option<Param> {
    (kind != SipTransport::Udp).then(|| Param::Transport(transport(kind)))
}

/// The URI of a user at a host, which may name a port.
pub(crate) fn uri(user: &str, host: &str) -> Option<Uri> {
    let host_with_port = HostWithPort::try_from(host).ok()?;
    let auth = Some(Auth { user: user_text(user), password: None });
    Some(Uri { scheme: Some(Scheme::Sip), auth, host_with_port, params: Vec::new(), headers: Vec::new() })
}

/// The host of an address, as it stands in a URI.
pub(crate) fn host_text(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// A user part in which nothing can end it (RFC 3261 25.1).
fn user_text(user: &str) -> String {
    let mut text = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"")
}
