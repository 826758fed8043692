//! Has the messages of calls traced, as they are on the wire but for what proves who we are.

use std::net::IpAddr;

use domain::{CallTrace, SipTransport, TracedMessage};
use jiff::Timestamp;
use rsipstack::{
    sip::{SipMessage, Transport, prelude::HeadersExt},
    transport::SipAddr,
};

use crate::peers::{self, Peers};

/// What stands in a trace for what proves who we are.
const HIDDEN: &str = "(hidden)";

/// A message leaves.
pub(crate) fn sent(peers: &Peers, message: &SipMessage, to: Option<&SipAddr>) {
    note(peers, message, None, |at| traced(message, true, to, at));
}

/// A message has come.
pub(crate) fn received(peers: &Peers, message: &SipMessage, from: &SipAddr) {
    if let Some(source) = peers::source(from) {
        note(peers, message, Some(source), |at| traced(message, false, Some(from), at));
    }
}

fn note(
    peers: &Peers,
    message: &SipMessage,
    from: Option<IpAddr>,
    traced: impl FnOnce(Timestamp) -> TracedMessage,
) {
    let call_id = match message {
        SipMessage::Request(request) => request.call_id_header(),
        SipMessage::Response(response) => response.call_id_header(),
    };
    if let Ok(call_id) = call_id {
        peers.trace(call_id.value(), from, traced);
    }
}

fn traced(message: &SipMessage, is_sent: bool, peer: Option<&SipAddr>, at: Timestamp) -> TracedMessage {
    let transport = match peer.and_then(|peer| peer.r#type) {
        Some(Transport::Tcp) => SipTransport::Tcp,
        Some(Transport::Tls) => SipTransport::Tls,
        _ => SipTransport::Udp,
    };
    let peer = peer.map(|peer| peer.addr.to_string()).unwrap_or_default();
    TracedMessage { at, is_sent, transport, peer, text: without_proof(&message.to_string()), leg: None }
}

/// A message as it may be shown: whoever has an answer to a challenge can try passwords on it.
fn without_proof(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut is_head = true;
    for line in message.split_inclusive('\n') {
        is_head &= !line.trim().is_empty();
        match line.split_once(':') {
            Some((name, _)) if is_head && is_proof(name) => {
                shown.push_str(name);
                shown.push_str(": ");
                shown.push_str(HIDDEN);
                shown.push_str("\r\n");
            }
            _ => shown.push_str(line),
        }
    }
    shown
}

/// Whether a trace has a message of ours that answers a challenge.
pub fn has_digest(trace: &CallTrace) -> bool {
    let hidden = format!(": {HIDDEN}\r\n");
    let proves =
        |line: &str| line.ends_with(&hidden) && line.split_once(':').is_some_and(|(name, _)| is_proof(name));
    trace.messages.iter().any(|message| message.is_sent && message.text.split_inclusive('\n').any(proves))
}

fn is_proof(name: &str) -> bool {
    ["Authorization", "Proxy-Authorization"].iter().any(|proof| name.trim().eq_ignore_ascii_case(proof))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_with_an_answer_to_a_challenge_is_known() {
        let message = |text: &str, is_sent| TracedMessage {
            at: Timestamp::UNIX_EPOCH,
            is_sent,
            transport: SipTransport::Udp,
            peer: String::new(),
            text: without_proof(text),
            leg: None,
        };
        let proof = "INVITE sip:a@b SIP/2.0\r\nProxy-Authorization: Digest response=\"1\"\r\n\r\n";
        for (text, is_sent, expected) in
            [(proof, true, true), (proof, false, false), ("INVITE sip:a@b SIP/2.0\r\n\r\n", true, false)]
        {
            let trace = CallTrace { messages: vec![message(text, is_sent)], is_cut: false };
            assert_eq!(has_digest(&trace), expected, "{text}");
        }
    }

    #[test]
    fn what_proves_who_we_are_is_not_shown_and_all_else_is() {
        let message = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nproxy-authorization : Digest response=\"1\"\r\n\
                       Authorization: Digest response=\"2\"\r\n\r\nAuthorization: of the body\r\n";
        assert_eq!(
            without_proof(message),
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nproxy-authorization : (hidden)\r\nAuthorization: (hidden)\r\n\r\n\
             Authorization: of the body\r\n"
        );
    }
}
