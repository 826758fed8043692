//! Registers lines at their carriers (RFC 3261 10): once, to see whether the carrier takes that, or for as long as a node keeps the line.
//!
//! `course` decides what is sent when, and is pure; `granted` reads what a registrar grants; `keeping` does it.

mod course;
mod granted;
mod keeping;

use domain::{Line, LineKind};
use rsipstack::{
    sip::{Header, Method, Response, Uri, headers::CallId},
    transaction::{CallIdFormat, endpoint::EndpointInnerRef, make_call_id},
};

pub(crate) use self::keeping::keep;
use crate::{
    asking::{AddressState, AskedAddress, CheckedAddress, LineRequest, MOST_REQUESTS},
    invite,
    stack::{self, SipListenError, SipSettings, Stack},
};

/// For how many seconds we ask to be registered where that is taken back at once.
const SECONDS_OF_CHECK: u32 = 60;

/// The most that a registrar may want at least.
const MOST_SECONDS: u32 = 86_400;

/// Registers a line at its addresses, one after the other, until one takes that; there the registration is taken back. None where the line does
/// not register. The settings name where SIP is spoken meanwhile.
///
/// # Errors
/// When SIP cannot be spoken there.
pub async fn check_registration(
    settings: &SipSettings,
    line: &Line,
) -> Result<Vec<CheckedAddress>, SipListenError> {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return Ok(Vec::new()) };
    if !trunk.register {
        return Ok(Vec::new());
    }
    stack::meanwhile(settings, async |stack| {
        let mut checked = Vec::new();
        let mut sender = RegisterSender::new(stack);
        for address in &trunk.addresses {
            let asked = AskedAddress { line, trunk, address, own: stack.own };
            let Some(registrar) = Registrar::new(asked) else { continue };
            let one = registrar.check(&mut sender, &stack.dialogs.endpoint).await;
            let is_taken = is_taken(&one.state);
            checked.push(one);
            if is_taken {
                break;
            }
        }
        checked
    })
    .await
}

/// Whether a registrar took what it was asked.
const fn is_taken(state: &AddressState) -> bool {
    matches!(state, AddressState::Answered { code: 200..=299, .. })
}

/// What all requests have in common that keep one registration.
struct RegisterSender {
    call_id: CallId,
    sequence: u32,
}

impl RegisterSender {
    fn new(stack: &Stack) -> Self {
        let call_id = make_call_id(Some(&invite::host_text(stack.own)), CallIdFormat::default());
        Self { call_id, sequence: 1 }
    }

    /// The number of the next request, after which those follow that tell who asks.
    const fn next_sequence(&mut self) -> u32 {
        let next = self.sequence;
        // It has 31 bits.
        self.sequence = (next + MOST_REQUESTS) % 0x7FFF_0000;
        next
    }
}

/// One of a line's addresses, where it registers.
struct Registrar<'l> {
    asked: AskedAddress<'l>,
    /// Who registers.
    record: Uri,
    contact: Uri,
}

impl<'l> Registrar<'l> {
    /// `None`: the address cannot be called.
    fn new(asked: AskedAddress<'l>) -> Option<Self> {
        let trunk = asked.trunk;
        let user = trunk.auth_user.as_ref().or(trunk.from_user.as_ref());
        let user = user.map_or(invite::OWN_USER, |user| user.as_str());
        let mut record = invite::uri(user, asked.address.as_str())?;
        if let Some(domain) = &trunk.from_domain {
            record = invite::uri(user, domain.as_str())?;
        }
        let mut contact = invite::uri(invite::OWN_USER, &asked.own.to_string())?;
        contact.params.extend(invite::transport_parameter(trunk.transport));
        Some(Self { asked, record, contact })
    }

    /// Our own address, as the contact names it.
    fn own_address(&self) -> String {
        format!("{}@{}", invite::OWN_USER, self.contact.host_with_port)
    }

    async fn check(&self, sender: &mut RegisterSender, endpoint: &EndpointInnerRef) -> CheckedAddress {
        let (answer, mut checked) = self.register(sender, endpoint, SECONDS_OF_CHECK).await;
        let least = answer.as_ref().and_then(granted::least_seconds);
        if let Some(seconds) = least.filter(|seconds| *seconds <= MOST_SECONDS) {
            checked = self.register(sender, endpoint, seconds).await.1;
        }
        if is_taken(&checked.state) {
            // Where this is not heard it ends by itself soon.
            let _ = self.register(sender, endpoint, 0).await;
        }
        checked
    }

    async fn register(
        &self,
        sender: &mut RegisterSender,
        endpoint: &EndpointInnerRef,
        seconds: u32,
    ) -> (Option<Response>, CheckedAddress) {
        let contact = format!("<{}>", self.contact);
        let question = LineRequest {
            method: Method::Register,
            from: Some(self.record.clone()),
            to: Some(self.record.clone()),
            call_id: Some(sender.call_id.clone()),
            sequence: sender.next_sequence(),
            headers: vec![Header::Contact(contact.into()), Header::Expires(seconds.into())],
        };
        self.asked.ask(endpoint, &question).await
    }
}
