//! The SIP stack alone as a caller: what the program's calls would cost if they were nothing but their messages.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rsipstack::{
    EndpointBuilder,
    dialog::{dialog_layer::DialogLayer, invitation::InviteOption},
    sip::Uri,
    transport::{TransportLayer, udp::UdpConnection},
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Measured, processor,
    sipp::{Callee, TALK},
};

const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\n\
      a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";

/// Calls SIPp, so many times a second; each call is hung up after the same time as those of the others.
pub(crate) async fn call(calls: usize, rate: usize) -> Measured {
    let callee = Callee::start();
    let stop = CancellationToken::new();
    let transport = TransportLayer::new(stop.child_token());
    let own = "127.0.0.1:0".parse().unwrap();
    let udp = UdpConnection::create_connection(own, None, Some(stop.child_token())).await.unwrap();
    let contact = format!("sip:bench@{};transport=udp", udp.get_addr().addr);
    transport.add_transport(udp.into());
    let mut builder = EndpointBuilder::new();
    let endpoint = builder.with_transport_layer(transport).with_cancel_token(stop.clone()).build();
    let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
    tokio::spawn(async move { endpoint.serve().await });

    let (begun, before) = (Instant::now(), processor::of(std::process::id()));
    let mut under_way = JoinSet::new();
    let callee_uri = format!("sip:13800138000@127.0.0.1:{};transport=udp", callee.port);
    for number in 0..calls {
        let due = Duration::from_secs_f64(number as f64 / rate as f64);
        tokio::time::sleep_until((begun + due).into()).await;
        under_way.spawn(call_once(Arc::clone(&dialogs), callee_uri.clone(), contact.clone()));
    }
    while let Some(ended) = under_way.join_next().await {
        ended.unwrap();
    }
    let (seconds, processor) = (begun.elapsed().as_secs_f64(), processor::of(std::process::id()) - before);
    stop.cancel();
    Measured { calls, seconds, processor }
}

async fn call_once(dialogs: Arc<DialogLayer>, callee: String, contact: String) {
    let contact: Uri = contact.as_str().try_into().unwrap();
    let option = InviteOption {
        caller: contact.clone(),
        callee: callee.as_str().try_into().unwrap(),
        contact,
        offer: Some(OFFER.to_vec()),
        ..InviteOption::default()
    };
    // What becomes of the dialog is not listened to: there is room for all of it.
    let (states, _heard) = mpsc::unbounded_channel();
    let (dialog, answer) = dialogs.do_invite(option, states).await.unwrap();
    assert_eq!(answer.unwrap().status_code.code(), 200);
    tokio::time::sleep(TALK).await;
    dialog.bye().await.unwrap();
    dialogs.remove_dialog(&dialog.id());
}
