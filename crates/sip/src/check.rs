//! Asks a line's addresses whether they are there (OPTIONS, RFC 3261 11): what an operator tries before anyone is called, and what is
//! tried of a line that is down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Line, LineKind, SipAddress, SipTrunk};
use rsipstack::{
    sip::{Header, HostWithPort, Method, Request, Response, typed},
    transaction::{
        endpoint::EndpointInnerRef,
        key::{TransactionKey, TransactionRole},
        transaction::Transaction,
    },
    transport::SipAddr,
};

use crate::{
    answer,
    digest::{Challenged, Credentials},
    invite,
    peers::Peers,
    request::{last_answer, own_address},
    stack::{self, Listening, SipListenError, SipSettings, Stack},
};

/// What became of asking an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressState {
    /// It answered.
    Answered {
        /// With which code of SIP.
        code: u16,
        /// In which words.
        words: String,
        /// Whether it was told who calls.
        was_told: bool,
        /// For how long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It said nothing for as long as the line waits for an answer.
    Silent,
    /// It cannot be reached.
    Unreachable(String),
}

impl AddressState {
    /// Whether a call may be tried there. Whoever refuses OPTIONS alone is there all the same; a trunk that fails, or that still asks who
    /// calls after it was told, would refuse a call too. One that asks a line without a secret may know its calls by their address.
    pub(crate) const fn may_take_calls(&self) -> bool {
        match self {
            Self::Answered { code, was_told, .. } => match code {
                401 | 407 => !*was_told,
                408 | 480 => false,
                501 | 505 => true,
                _ => *code < 500 || 600 <= *code,
            },
            Self::Silent | Self::Unreachable(_) => false,
        }
    }
}

/// An address of a line that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAddress {
    /// The address, or the proxy before it.
    pub address: String,
    /// What became of it.
    pub state: AddressState,
    /// How long that took.
    pub took: Duration,
}

/// Asks every address of a line, one after the other; none where it is not a SIP trunk. The settings name where SIP is spoken meanwhile.
///
/// # Errors
/// When SIP cannot be spoken there.
pub async fn check_line(settings: &SipSettings, line: &Line) -> Result<Vec<CheckedAddress>, SipListenError> {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return Ok(Vec::new()) };
    let Listening { stack, endpoint, .. } = stack::listen(settings, &Peers::default()).await?;
    let asking = async {
        let mut checked = Vec::new();
        for address in &trunk.addresses {
            let asked = AskedAddress { line, trunk, address, own: stack.own.ip().to_string() };
            checked.push(asked.check(&stack.dialogs.endpoint).await);
        }
        checked
    };
    tokio::select! {
        checked = asking => {
            endpoint.shutdown();
            Ok(checked)
        }
        () = endpoint.serve() => Err(SipListenError::Stack("it ended by itself".to_owned())),
    }
}

/// Asks a line's addresses, one after the other, until calls may be tried at one: whether there is such a one, and for how long the last of
/// the others wants to be left alone.
pub(crate) async fn probe(stack: Arc<Stack>, line: &Line) -> (bool, Option<Duration>) {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else { return (false, None) };
    let mut left_alone = None;
    for address in &trunk.addresses {
        let asked = AskedAddress { line, trunk, address, own: stack.own.ip().to_string() };
        let state = asked.check(&stack.dialogs.endpoint).await.state;
        if state.may_take_calls() {
            return (true, None);
        }
        if let AddressState::Answered { retry_after, .. } = state {
            left_alone = retry_after.or(left_alone);
        }
    }
    (false, left_alone)
}

struct AskedAddress<'l> {
    line: &'l Line,
    trunk: &'l SipTrunk,
    address: &'l SipAddress,
    own: String,
}

impl AskedAddress<'_> {
    async fn check(&self, endpoint: &EndpointInnerRef) -> CheckedAddress {
        let begun = Instant::now();
        let patience = Duration::from_secs(self.line.draft.settings.t1x64.unsigned_abs());
        let state = match tokio::time::timeout(patience, self.ask(endpoint)).await {
            Ok(Ok((answer, _))) if answer::is_local(&answer) => AddressState::Silent,
            Ok(Ok((answer, was_told))) => AddressState::Answered {
                code: answer.status_code.code(),
                retry_after: answer::retry_after(&answer),
                words: answer.wire_reason.unwrap_or_else(|| answer.status_code.text().to_owned()),
                was_told,
            },
            Ok(Err(error)) => AddressState::Unreachable(error.to_string()),
            Err(_) => AddressState::Silent,
        };
        let address = self.trunk.outbound_proxy.as_ref().unwrap_or(self.address);
        CheckedAddress { address: address.as_str().to_owned(), state, took: begun.elapsed() }
    }

    /// The last answer, and whether the address was told who asks.
    async fn ask(&self, endpoint: &EndpointInnerRef) -> rsipstack::Result<(Response, bool)> {
        let answer = self.send(endpoint, 1, None).await?;
        match self.proof(&answer) {
            Some(proof) => Ok((self.send(endpoint, 2, Some(proof)).await?, true)),
            None => Ok((answer, false)),
        }
    }

    fn proof(&self, answer: &Response) -> Option<Header> {
        let uri = self.called()?.to_string();
        Challenged::default().answer(
            answer,
            &Credentials::of(self.line, self.trunk)?,
            (Method::Options, &uri),
            "dialtime",
        )
    }

    fn called(&self) -> Option<rsipstack::sip::Uri> {
        let mut uri = invite::uri("", self.address.as_str())?;
        uri.auth = None;
        uri.params.extend(invite::transport_parameter(self.trunk.transport));
        Some(uri)
    }

    async fn send(
        &self,
        endpoint: &EndpointInnerRef,
        sequence: u32,
        proof: Option<Header>,
    ) -> rsipstack::Result<Response> {
        let no_address = || rsipstack::Error::Error("the address cannot be called".to_owned());
        let (mut request, to) = self.request(endpoint, sequence).ok_or_else(no_address)?;
        request.headers.extend(proof.into_iter().collect());
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        // The stack would go on without a connection, and the address would seem to be silent.
        let (connection, to) = endpoint.transport_layer.lookup(&to, None).await?;
        let mut transaction = Transaction::new_client(key, request, endpoint.clone(), Some(connection));
        transaction.destination = Some(to);
        last_answer(transaction).await
    }

    /// The request, and where it goes.
    fn request(&self, endpoint: &EndpointInnerRef, sequence: u32) -> Option<(Request, SipAddr)> {
        let transport = invite::transport(self.trunk.transport);
        let next = self.trunk.outbound_proxy.as_ref().unwrap_or(self.address);
        let to = SipAddr::new(transport, HostWithPort::try_from(next.as_str()).ok()?);
        let called = self.called()?;
        let from_user = self.trunk.from_user.as_ref().or(self.trunk.auth_user.as_ref());
        let user = from_user.map_or(invite::OWN_USER, |user| user.as_str());
        let domain = self.trunk.from_domain.as_ref().map_or(self.own.as_str(), |domain| domain.as_str());
        let from = typed::From { display_name: None, uri: invite::uri(user, domain)?, params: Vec::new() };
        let to_header = typed::To { display_name: None, uri: called.clone(), params: Vec::new() };
        let via = endpoint.get_via(own_address(endpoint, transport), None).ok()?;
        let from = from.with_tag(format!("check{sequence}").into());
        let mut request =
            endpoint.make_request(Method::Options, called, via, from, to_header, sequence, None);
        request.headers.push(Header::ContentLength(0.into()));
        Some((request, to))
    }
}
