//! What ends a call whose process is gone: a CANCEL while its phone rings, a BYE once it was answered. The process that makes the call says in
//! advance what another one has to send; a handle is that request in full, behind the address that it goes to. Who picked up while no process
//! was there has to hear more: an ACK and a BYE, for a CANCEL comes too late.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::CallHandle;
use rsipstack::{
    dialog::dialog::DialogSnapshot,
    sip::{
        Header, HostWithPort, Method, Request, Response, ToTypedHeader, Transport, Uri, Version,
        prelude::HeadersExt, uri::ParamsExt,
    },
    transaction::{
        endpoint::EndpointInnerRef,
        key::{TransactionKey, TransactionRole},
        transaction::Transaction,
    },
    transport::SipAddr,
};

use crate::{
    late_answers::AwaitedAnswers,
    request::{last_answer, own_address},
    stack::Stack,
};

/// How long the other side may take to answer; the request is repeated meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// For how long whoever picked up may say so: an answer that is not acknowledged is repeated for 32 s (RFC 3261 13.3.1.4).
const LATEST_ANSWER: Duration = Duration::from_secs(35);

/// How many phones of one call are hung up on.
const MOST_PHONES: usize = 8;

/// The CANCEL of an INVITE that goes to this address (RFC 3261 9.1). `None`: the INVITE is none.
pub(crate) fn cancelling(invite: &Request, to: &SipAddr) -> Option<CallHandle> {
    let sequence = invite.cseq_header().ok()?.seq().ok()?;
    let is_kept = |header: &&Header| {
        matches!(
            header,
            Header::Via(_) | Header::From(_) | Header::To(_) | Header::CallId(_) | Header::Route(_)
        )
    };
    let mut headers: Vec<Header> = invite.headers.iter().filter(is_kept).cloned().collect();
    headers.extend(ending(sequence, Method::Cancel));
    handle(Some(to), &request(Method::Cancel, invite.uri.clone(), headers))
}

/// The BYE in a dialog (RFC 3261 15.1.1). `None`: it is not said where it would go.
pub(crate) fn hanging_up(dialog: &DialogSnapshot) -> Option<CallHandle> {
    let target = dialog.remote_contact.as_ref()?.typed().ok()?.uri;
    let mut headers = vec![
        Header::From(dialog.from.to_string().into()),
        Header::To(dialog.to.to_string().into()),
        Header::CallId(dialog.id.call_id.clone().into()),
    ];
    headers.extend(dialog.route_set.iter().cloned().map(Header::Route));
    headers.extend(ending(dialog.local_cseq.saturating_add(1), Method::Bye));
    handle(None, &request(Method::Bye, target, headers))
}

fn ending(sequence: u32, method: Method) -> [Header; 3] {
    let sequence = format!("{sequence} {method}");
    [Header::CSeq(sequence.into()), Header::MaxForwards(70.into()), Header::ContentLength(0.into())]
}

fn request(method: Method, uri: Uri, headers: Vec<Header>) -> Request {
    Request { method, uri, headers: headers.into(), body: Vec::new(), version: Version::V2 }
}

fn handle(to: Option<&SipAddr>, request: &Request) -> Option<CallHandle> {
    let to = to.map(|to| format!("{} {}", to.r#type.unwrap_or_default(), to.addr)).unwrap_or_default();
    CallHandle::new(format!("{to}\n{request}"))
}

/// Reads a handle: the request, and where it goes if that is not in its own words. `None`: it is another carrier's.
fn read(handle: &CallHandle) -> Option<(Option<SipAddr>, Request)> {
    let (to, request) = handle.as_str().split_once('\n')?;
    let to = match to.split_once(' ') {
        Some((transport, address)) => {
            Some(SipAddr::new(Transport::try_from(transport).ok()?, HostWithPort::try_from(address).ok()?))
        }
        None => None,
    };
    let request = Request::try_from(request).ok()?;
    matches!(request.method, Method::Cancel | Method::Bye).then_some((to, request))
}

/// Ends a call of another process, as far as the other side listens to this one.
pub(crate) async fn end(stack: Arc<Stack>, handle: CallHandle) {
    let Some((to, request)) = read(&handle) else { return };
    let endpoint = stack.dialogs.endpoint.clone();
    let late = stack.late_answers.to_invite_of(&request);
    let hanging_up = async {
        if let Some(answers) = late {
            let _ = tokio::time::timeout(LATEST_ANSWER, hang_up_on(&endpoint, answers)).await;
        }
    };
    tokio::join!(end_by(endpoint.clone(), to, request), hanging_up);
}

async fn end_by(endpoint: EndpointInnerRef, to: Option<SipAddr>, request: Request) {
    let method = request.method;
    match tokio::time::timeout(PATIENCE, send(endpoint, to, request)).await {
        Ok(Ok(())) => tracing::info!(%method, "ended a call of a process that is gone"),
        Ok(Err(error)) => tracing::warn!(%error, %method, "could not end a call of a process that is gone"),
        Err(_) => tracing::warn!(%method, "nobody answers for a call of a process that is gone"),
    }
}

/// Hangs up on whoever has picked up: each answer is acknowledged, and each phone hears one BYE.
async fn hang_up_on(endpoint: &EndpointInnerRef, mut answers: AwaitedAnswers) {
    let mut phones = HashSet::new();
    while let Some(answer) = answers.next().await {
        let Some([acknowledgement, bye]) = ack_and_bye(&answer) else { continue };
        if let Err(error) = acknowledge(endpoint, acknowledgement).await {
            tracing::warn!(%error, "could not acknowledge an answer to a call of a process that is gone");
        }
        let phone = answer.to_header().map(|to| to.value().to_owned()).unwrap_or_default();
        if phones.len() < MOST_PHONES && phones.insert(phone) {
            tokio::spawn(end_by(endpoint.clone(), None, bye));
        }
    }
}

/// What acknowledges an answer to an INVITE and what hangs up then, without their Via (RFC 3261 12.1.2, 13.2.2.4). `None`: it is not said where
/// they would go.
fn ack_and_bye(answer: &Response) -> Option<[Request; 2]> {
    let target = answer.contact_header().ok()?.typed().ok()?.uri;
    let sequence = answer.cseq_header().ok()?.seq().ok()?;
    let is_kept = |header: &&Header| matches!(header, Header::From(_) | Header::To(_) | Header::CallId(_));
    let mut route: Vec<String> =
        answer.typed_record_route_headers().ok()?.iter().map(ToString::to_string).collect();
    route.reverse();
    let ours = |method: Method, sequence: u32| {
        let mut headers: Vec<Header> = answer.headers.iter().filter(is_kept).cloned().collect();
        headers.extend(route.iter().map(|hop| Header::Route(hop.as_str().into())));
        headers.extend(ending(sequence, method));
        request(method, target.clone(), headers)
    };
    Some([ours(Method::Ack, sequence), ours(Method::Bye, sequence.saturating_add(1))])
}

/// Sends an ACK, which nobody answers.
async fn acknowledge(endpoint: &EndpointInnerRef, mut ack: Request) -> rsipstack::Result<()> {
    ack.headers.push_front(own_via(endpoint, &ack).ok_or_else(no_address)?);
    let to = SipAddr::try_from(&ack.destination())?;
    let (connection, to) = endpoint.transport_layer.lookup(&to, None).await?;
    connection.send(ack.into(), Some(&to)).await
}

/// What says where answers to a request of ours go; `None`: the stack has no address.
fn own_via(endpoint: &EndpointInnerRef, request: &Request) -> Option<Header> {
    let via = endpoint.get_via(own_address(endpoint, transport_of(request)), None).ok()?;
    Some(Header::Via(via.into()))
}

async fn send(
    endpoint: EndpointInnerRef,
    to: Option<SipAddr>,
    mut request: Request,
) -> rsipstack::Result<()> {
    if request.method == Method::Bye {
        request.headers.push_front(own_via(&endpoint, &request).ok_or_else(no_address)?);
    }
    let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
    let mut transaction = Transaction::new_client(key, request, endpoint, None);
    transaction.destination = to;
    last_answer(transaction).await.map(drop)
}

fn no_address() -> rsipstack::Error {
    rsipstack::Error::Error("no address of ours".to_owned())
}

/// The transport that a request goes over.
fn transport_of(request: &Request) -> Transport {
    let route = request.route_header().and_then(|route| route.typed().ok());
    let next = route.map_or_else(|| request.uri.clone(), |route| route.uri);
    next.transport().copied().unwrap_or_default()
}
