//! Requests to the addresses of a line outside of calls: OPTIONS and REGISTER, with the line's digest where it is asked for.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use domain::{Line, SipAddress, SipTrunk};
use rsipstack::{
    sip::{Header, HostWithPort, Method, Request, Response, Uri, headers::CallId, typed},
    transaction::{
        endpoint::EndpointInnerRef,
        key::{TransactionKey, TransactionRole},
        make_tag,
        transaction::Transaction,
    },
    transport::SipAddr,
};

use crate::{
    answer,
    digest::{Challenged, Credentials},
    invite,
    request::{last_answer, own_address},
};

/// How many requests asking once may take: without a digest, with one, and with another where the first was only stale.
pub(crate) const MOST_REQUESTS: u32 = 3;

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
    pub(crate) fn answered(answer: &Response, was_told: bool) -> Self {
        let own_words = answer.wire_reason.clone();
        Self::Answered {
            code: answer.status_code.code(),
            words: own_words.unwrap_or_else(|| answer.status_code.text().to_owned()),
            was_told,
            retry_after: answer::retry_after(answer),
        }
    }

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

/// An address of a line that is asked something.
pub(crate) struct AskedAddress<'l> {
    pub(crate) line: &'l Line,
    pub(crate) trunk: &'l SipTrunk,
    pub(crate) address: &'l SipAddress,
    /// Our own, as the other side sees it.
    pub(crate) own: SocketAddr,
}

/// What an address is asked.
pub(crate) struct LineRequest {
    pub(crate) method: Method,
    /// Who asks, and about whom; `None`: the address cannot be called.
    pub(crate) from: Option<Uri>,
    pub(crate) to: Option<Uri>,
    /// The ID of all requests that belong together, and the number of the first.
    pub(crate) call_id: Option<CallId>,
    pub(crate) sequence: u32,
    pub(crate) headers: Vec<Header>,
}

impl AskedAddress<'_> {
    /// Asks once, and again with a digest where that is asked for, at most [`MOST_REQUESTS`] times: the last answer, if there is one, and what became of asking.
    pub(crate) async fn ask(
        &self,
        endpoint: &EndpointInnerRef,
        question: &LineRequest,
    ) -> (Option<Response>, CheckedAddress) {
        let begun = Instant::now();
        let patience = Duration::from_secs(self.line.draft.settings.t1x64.unsigned_abs());
        let (answer, state) = match tokio::time::timeout(patience, self.last(endpoint, question)).await {
            Ok(Ok((answer, _))) if answer::is_local(&answer) => (None, AddressState::Silent),
            Ok(Ok((answer, was_told))) => {
                let state = AddressState::answered(&answer, was_told);
                (Some(answer), state)
            }
            Ok(Err(error)) => (None, AddressState::Unreachable(error.to_string())),
            Err(_) => (None, AddressState::Silent),
        };
        let address = self.trunk.outbound_proxy.as_ref().unwrap_or(self.address);
        (answer, CheckedAddress { address: address.as_str().to_owned(), state, took: begun.elapsed() })
    }

    /// The last answer, and whether the address was told who asks.
    async fn last(
        &self,
        endpoint: &EndpointInnerRef,
        question: &LineRequest,
    ) -> rsipstack::Result<(Response, bool)> {
        let (mut sequence, mut challenged) = (question.sequence, Challenged::default());
        let mut answer = self.send(endpoint, question, sequence, None).await?;
        while let Some(proof) = self.proof(&mut challenged, &answer, question.method) {
            sequence += 1;
            answer = self.send(endpoint, question, sequence, Some(proof)).await?;
        }
        Ok((answer, sequence > question.sequence))
    }

    fn proof(&self, challenged: &mut Challenged, answer: &Response, method: Method) -> Option<Header> {
        let uri = self.uri()?.to_string();
        let credentials = Credentials::of(self.line, self.trunk)?;
        challenged.answer(answer, &credentials, (method, &uri), "dialtime")
    }

    /// The address itself, with nobody there.
    pub(crate) fn uri(&self) -> Option<Uri> {
        let mut uri = invite::uri("", self.address.as_str())?;
        uri.auth = None;
        uri.params.extend(invite::transport_parameter(self.trunk.transport));
        Some(uri)
    }

    async fn send(
        &self,
        endpoint: &EndpointInnerRef,
        question: &LineRequest,
        sequence: u32,
        proof: Option<Header>,
    ) -> rsipstack::Result<Response> {
        let no_address = || rsipstack::Error::Error("the address cannot be called".to_owned());
        let (mut request, to) = self.request(endpoint, question, sequence).ok_or_else(no_address)?;
        request.headers.extend(proof.into_iter().collect());
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        // The stack would go on without a connection, and the address would seem to be silent.
        let (connection, to) = endpoint.transport_layer.lookup(&to, None).await?;
        let mut transaction = Transaction::new_client(key, request, endpoint.clone(), Some(connection));
        transaction.destination = Some(to);
        last_answer(transaction).await
    }

    /// The request, and where it goes.
    fn request(
        &self,
        endpoint: &EndpointInnerRef,
        question: &LineRequest,
        sequence: u32,
    ) -> Option<(Request, SipAddr)> {
        let transport = invite::transport(self.trunk.transport);
        let next = self.trunk.outbound_proxy.as_ref().unwrap_or(self.address);
        let destination = SipAddr::new(transport, HostWithPort::try_from(next.as_str()).ok()?);
        let from = typed::From { display_name: None, uri: question.from.clone()?, params: Vec::new() };
        let to = typed::To { display_name: None, uri: question.to.clone()?, params: Vec::new() };
        let via = endpoint.get_via(own_address(endpoint, transport), None).ok()?;
        let from = from.with_tag(make_tag());
        let call_id = question.call_id.clone();
        let mut request =
            endpoint.make_request(question.method, self.uri()?, via, from, to, sequence, call_id);
        request.headers.extend(question.headers.clone());
        request.headers.push(Header::ContentLength(0.into()));
        Some((request, destination))
    }
}
