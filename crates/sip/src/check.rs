//! Asks a line's addresses whether they are there (OPTIONS, RFC 3261 11): what an operator tries before anyone is called, and what is
//! tried of a line that is down.

use std::{sync::Arc, time::Duration};

use domain::{Line, LineKind};
use rsipstack::{sip::Method, transaction::endpoint::EndpointInnerRef};

use crate::{
    asking::{AddressState, AskedAddress, CheckedAddress, LineRequest},
    invite,
    stack::{self, SipListenError, SipSettings, Stack},
};

/// Asks every address of a line, one after the other; none where it is not a SIP trunk. The settings name where SIP is spoken meanwhile.
///
/// # Errors
/// When SIP cannot be spoken there.
pub async fn check_line(settings: &SipSettings, line: &Line) -> Result<Vec<CheckedAddress>, SipListenError> {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return Ok(Vec::new()) };
    stack::meanwhile(settings, async |stack| {
        let mut checked = Vec::new();
        for address in &trunk.addresses {
            let asked = AskedAddress { line, trunk, address, own: stack.own };
            checked.push(options(&asked, &stack.dialogs.endpoint).await);
        }
        checked
    })
    .await
}

/// Asks a line's addresses, one after the other, until calls may be tried at one: whether there is such a one, and for how long the last of
/// the others wants to be left alone.
pub(crate) async fn probe(stack: Arc<Stack>, line: &Line) -> (bool, Option<Duration>) {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return (false, None) };
    let mut left_alone = None;
    for address in &trunk.addresses {
        let asked = AskedAddress { line, trunk, address, own: stack.own };
        let state = options(&asked, &stack.dialogs.endpoint).await.state;
        if state.may_take_calls() {
            return (true, None);
        }
        if let AddressState::Answered { retry_after, .. } = state {
            left_alone = retry_after.or(left_alone);
        }
    }
    (false, left_alone)
}

/// Whether the address is there.
async fn options(asked: &AskedAddress<'_>, endpoint: &EndpointInnerRef) -> CheckedAddress {
    let trunk = asked.trunk;
    let user = trunk.from_user.as_ref().or(trunk.auth_user.as_ref());
    let user = user.map_or(invite::OWN_USER, |user| user.as_str());
    let own = invite::host_text(asked.own);
    let domain = trunk.from_domain.as_ref().map_or(own.as_str(), |domain| domain.as_str());
    let question = LineRequest {
        method: Method::Options,
        from: invite::uri(user, domain),
        to: asked.uri(),
        call_id: None,
        sequence: 1,
        headers: Vec::new(),
    };
    asked.ask(endpoint, &question).await.1
}
