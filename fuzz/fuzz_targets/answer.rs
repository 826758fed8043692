//! Reads whatever comes as what the other side of a call says in SIP, and checks what is promised of it. Run it with `scripts/fuzz`.
#![no_main]

#[allow(dead_code, reason = "the crate itself uses more of it")]
#[path = "../../crates/sip/src/answer.rs"]
mod answer;
#[allow(dead_code, reason = "the crate itself uses more of it")]
#[path = "../../crates/sip/src/digest.rs"]
mod digest;

use libfuzzer_sys::fuzz_target;
use media::{
    g711::G711,
    sdp::{MediaDirection, OwnMedia},
};
use rsipstack::{
    dialog::DialogId,
    sip::{Header, Method, Response, SipMessage, ToTypedHeader, prelude::HeadersExt},
    transaction::key::{TransactionKey, TransactionRole},
};

use self::digest::{Challenged, Credentials};

fuzz_target!(|text: &[u8]| {
    let Ok(message) = SipMessage::try_from(text) else { return };
    match message {
        SipMessage::Request(request) => {
            // What the stack and we look at in a request of a stranger.
            let _ = TransactionKey::from_request(&request, TransactionRole::Server);
            let _ = DialogId::try_from((&request, TransactionRole::Server));
            let _ = request.contact_header().map(|contact| contact.typed().map(drop));
            let _ = answer::Reasons::of(&request.headers);
            check_sound(&request.body);
        }
        SipMessage::Response(response) => check(response),
    }
});

fn check(mut response: Response) {
    answer::mark(&mut response, false);
    assert!(!answer::is_local(&response), "nobody else can say that an answer is ours");
    let _ = TransactionKey::from_response(&response, TransactionRole::Client);
    let _ = response.contact_header().map(|contact| contact.typed().map(drop));
    for header in response.headers.iter() {
        if let Header::RecordRoute(route) = header {
            let _ = route.typed();
        }
    }
    let refusal = answer::refusal(&response);
    assert!(refusal.cause.q850.is_none_or(|cause| cause < 128) && !refusal.cause.is_local);
    if let Some(phrase) = &refusal.cause.phrase {
        assert!(phrase.as_str().len() <= 1_024, "{} bytes", phrase.as_str().len());
    }
    check_challenge(&response);
    check_sound(&response.body);
    answer::mark(&mut response, true);
    assert!(answer::is_local(&response));
}

/// A challenge is answered twice at most, in one line that names no secret.
fn check_challenge(response: &Response) {
    let credentials = Credentials { user: "al\"ice".to_owned(), secret: "s3cr3t-of-alice".to_owned() };
    let mut challenged = Challenged::default();
    for times in 0..3 {
        let Some(header) = challenged.answer(response, &credentials, (Method::Invite, "sip:1@h"), "c") else {
            break;
        };
        assert!(times < 2, "a third answer");
        let (Header::Authorization(_) | Header::ProxyAuthorization(_)) = &header else { panic!("{header}") };
        let text = header.to_string();
        assert!(!text.contains(['\r', '\n', '\0']), "{text:?}");
        assert!(!text.contains("s3cr3t-of-alice"), "{text:?}");
    }
}

fn check_sound(body: &[u8]) {
    let mut own = OwnMedia::new(1, [192, 0, 2, 1].into(), 20_000, &G711::ALL);
    own.offer(MediaDirection::SendReceive);
    let _ = own.read_answer(body);
}
