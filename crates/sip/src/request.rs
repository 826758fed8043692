//! Requests outside of the calls of this process: what they have in common.

use rsipstack::{
    sip::{Response, SipMessage, Transport},
    transaction::{endpoint::EndpointInnerRef, transaction::Transaction},
    transport::SipAddr,
};

/// Sends a request, and waits for its last answer.
pub(crate) async fn last_answer(mut transaction: Transaction) -> rsipstack::Result<Response> {
    transaction.send().await?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(answer) = message
            && answer.status_code.code() >= 200
        {
            return Ok(answer);
        }
    }
    Err(rsipstack::Error::Error("no answer".to_owned()))
}

/// Our address as it stands in requests over a transport; `None`: over UDP, the stack knows it.
pub(crate) fn own_address(endpoint: &EndpointInnerRef, transport: Transport) -> Option<SipAddr> {
    if transport == Transport::Udp {
        return None;
    }
    let mut own = endpoint.transport_layer.get_listen_addrs().into_iter().next()?;
    own.r#type = Some(transport);
    Some(own)
}
