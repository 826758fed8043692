//! What the other side asks of us: of calls that are under way, and otherwise.
//!
//! Of a call the stack is handed a BYE alone: it does not repeat its answer to a re-INVITE until that is acknowledged, nor ask where a
//! request comes from.

use std::{net::IpAddr, sync::Arc, time::Duration};

use rsipstack::{
    dialog::dialog::Dialog,
    sip::{Header, Method, Response, StatusCode, StatusCodeKind, ToTypedHeader, prelude::HeadersExt},
    transaction::{TransactionReceiver, transaction::Transaction},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    answer::Reasons,
    invite::{ALLOWED, own_contact},
    peers::{self, Peers},
    stack::Stack,
};

/// How many requests are answered at once: more are not, and their senders ask again.
const AT_ONCE: usize = 1_000;

/// How long a request may take: its sender has given up by then.
const LONGEST: Duration = Duration::from_secs(32);

/// How long a call may take to answer an offer.
const OFFER_PATIENCE: Duration = Duration::from_secs(1);

/// When an answer is repeated that was not acknowledged: first, and at most (T1 and T2 of RFC 3261).
const REPEAT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));

/// Answers what comes, until nothing can come any more.
pub(crate) async fn answer_all(stack: Arc<Stack>, peers: Peers, mut incoming: TransactionReceiver) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(transaction) = incoming.recv().await {
        let Ok(place) = room.clone().try_acquire_owned() else { continue };
        let (stack, peers) = (Arc::clone(&stack), peers.clone());
        tokio::spawn(async move {
            if let Ok(Err(error)) = timeout(LONGEST, answer(&stack, &peers, transaction)).await {
                tracing::debug!(%error, "a request of the other side could not be answered");
            }
            drop(place);
        });
    }
}

async fn answer(stack: &Stack, peers: &Peers, mut transaction: Transaction) -> rsipstack::Result<()> {
    let Some(mut dialog) = stack.dialogs.match_dialog(&transaction) else {
        return answer_stranger(transaction).await;
    };
    let call_id = transaction.original.call_id_header()?.value().to_owned();
    if !source(&transaction).is_some_and(|source| peers.may_send(&call_id, source)) {
        tracing::debug!("a request for a call came from where none of its answers came from");
        return refuse(transaction, StatusCode::CallTransactionDoesNotExist).await;
    }
    let is_answered = matches!(&dialog, Dialog::Invite(call) if call.state().is_confirmed());
    match transaction.original.method {
        Method::Bye if is_answered => {
            let Reasons { q850, .. } = Reasons::of(&transaction.original.headers);
            let answered = dialog.handle(&mut transaction).await;
            peers.hang_up(&call_id, q850).await;
            answered
        }
        Method::Invite | Method::Update if is_answered => {
            let contact = transaction.original.contact_header().ok().and_then(|contact| contact.typed().ok());
            if let (Some(contact), Dialog::Invite(_)) = (contact, &dialog) {
                dialog.set_remote_target(contact.uri, None);
            }
            answer_offer(stack, peers, &call_id, transaction).await
        }
        Method::Invite | Method::Update => refuse(transaction, StatusCode::RequestPending).await,
        Method::Options | Method::Info | Method::Message | Method::Notify => {
            refuse(transaction, StatusCode::OK).await
        }
        Method::Refer => refuse(transaction, StatusCode::Decline).await,
        _ => refuse(transaction, StatusCode::CallTransactionDoesNotExist).await,
    }
}

/// A re-INVITE or an UPDATE: of a session that is refreshed, put on hold, or moved.
async fn answer_offer(
    stack: &Stack,
    peers: &Peers,
    call_id: &str,
    mut transaction: Transaction,
) -> rsipstack::Result<()> {
    let (offer, method) = (transaction.original.body.clone(), transaction.original.method);
    let body = if method == Method::Update && offer.is_empty() {
        Some(Vec::new())
    } else {
        timeout(OFFER_PATIENCE, peers.answer_offer(call_id, offer)).await.ok().flatten()
    };
    let Some(body) = body else {
        return refuse(transaction, StatusCode::NotAcceptableHere).await;
    };
    let mut headers = vec![Header::Allow(ALLOWED.into())];
    headers.extend(own_contact(stack.own, transaction.connection.as_ref()));
    if !body.is_empty() {
        headers.push(Header::ContentType("application/sdp".into()));
    }
    let body = (!body.is_empty()).then_some(body);
    transaction.reply_with(StatusCode::OK, headers, body).await?;
    if method == Method::Invite {
        repeat_until_acknowledged(&mut transaction).await?;
    }
    Ok(())
}

/// RFC 3261 13.3.1.4: over whatever transport, for the ACK may be lost behind it.
async fn repeat_until_acknowledged(transaction: &mut Transaction) -> rsipstack::Result<()> {
    let (mut wait, longest) = REPEAT;
    let Some(answer): Option<Response> = transaction.last_response.clone() else { return Ok(()) };
    loop {
        match timeout(wait, transaction.receive()).await {
            Ok(_) => return Ok(()),
            Err(_) => transaction.respond(answer.clone()).await?,
        }
        wait = (wait * 2).min(longest);
    }
}

/// What is asked outside of any call.
pub(crate) async fn answer_stranger(transaction: Transaction) -> rsipstack::Result<()> {
    let has_tag = transaction.original.to_header().is_ok_and(|to| to.tag().is_ok_and(|tag| tag.is_some()));
    let status = match transaction.original.method {
        Method::Ack => return Ok(()),
        Method::Options if !has_tag => StatusCode::OK,
        Method::Invite if !has_tag => StatusCode::TemporarilyUnavailable,
        Method::Bye | Method::Info | Method::Update => StatusCode::CallTransactionDoesNotExist,
        _ if has_tag => StatusCode::CallTransactionDoesNotExist,
        _ => StatusCode::MethodNotAllowed,
    };
    refuse(transaction, status).await
}

/// Answers with a status alone. The refusal of an INVITE is repeated by the stack until it is acknowledged.
pub(crate) async fn refuse(mut transaction: Transaction, status: StatusCode) -> rsipstack::Result<()> {
    let is_refusal = status.kind() != StatusCodeKind::Successful;
    transaction.reply_with(status, vec![Header::Allow(ALLOWED.into())], None).await?;
    if is_refusal && transaction.original.method == Method::Invite {
        while transaction.receive().await.is_some() {}
    }
    Ok(())
}

fn source(transaction: &Transaction) -> Option<IpAddr> {
    peers::source(transaction.connection.as_ref()?.get_remote_addr()?)
}
