//! Registers a line at its carrier (RFC 3261 10) to see whether the carrier takes that, and takes it back.

use domain::{Line, LineKind};
use rsipstack::{
    sip::{Header, Method, Response, Uri, headers::CallId},
    transaction::{CallIdFormat, endpoint::EndpointInnerRef, make_call_id},
};

use crate::{
    asking::{AddressState, AskedAddress, CheckedAddress, LineRequest},
    invite,
    stack::{self, SipListenError, SipSettings},
};

/// For how many seconds we ask to be registered, and the most that a registrar may want at least.
const SECONDS: u32 = 60;
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
        for address in &trunk.addresses {
            let asked = AskedAddress { line, trunk, address, own: stack.own };
            let Some(registrar) = Registrar::new(asked) else { continue };
            let one = registrar.check(&stack.dialogs.endpoint).await;
            let is_taken = matches!(one.state, AddressState::Answered { code: 200..=299, .. });
            checked.push(one);
            if is_taken {
                break;
            }
        }
        checked
    })
    .await
}

/// One of a line's addresses, where it registers.
struct Registrar<'l> {
    asked: AskedAddress<'l>,
    /// Who registers.
    record: Uri,
    contact: Uri,
    call_id: CallId,
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
        let call_id = make_call_id(Some(&invite::host_text(asked.own)), CallIdFormat::default());
        Some(Self { asked, record, contact, call_id })
    }

    async fn check(&self, endpoint: &EndpointInnerRef) -> CheckedAddress {
        let (answer, mut checked) = self.register(endpoint, 1, SECONDS).await;
        if let Some(seconds) = answer.as_ref().and_then(least_seconds) {
            checked = self.register(endpoint, 3, seconds).await.1;
        }
        if matches!(checked.state, AddressState::Answered { code: 200..=299, .. }) {
            // Where this is not heard it ends by itself soon.
            let _ = self.register(endpoint, 5, 0).await;
        }
        checked
    }

    async fn register(
        &self,
        endpoint: &EndpointInnerRef,
        sequence: u32,
        seconds: u32,
    ) -> (Option<Response>, CheckedAddress) {
        let contact = format!("<{}>", self.contact);
        let question = LineRequest {
            method: Method::Register,
            from: Some(self.record.clone()),
            to: Some(self.record.clone()),
            call_id: Some(self.call_id.clone()),
            sequence,
            headers: vec![Header::Contact(contact.into()), Header::Expires(seconds.into())],
        };
        self.asked.ask(endpoint, &question).await
    }
}

/// For how long a registrar wants to be registered at least that found our time too short.
fn least_seconds(answer: &Response) -> Option<u32> {
    let value = answer.headers.iter().find_map(|header| match header {
        Header::MinExpires(value) => Some(value.value()),
        _ => None,
    });
    let seconds: u32 = value.filter(|_| answer.status_code.code() == 423)?.trim().parse().ok()?;
    (seconds <= MOST_SECONDS).then_some(seconds)
}
