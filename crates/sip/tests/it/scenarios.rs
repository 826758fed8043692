//! One call each, against SIPp: what both sides send, in which order, and what is reported of it.

use std::time::Duration;

use domain::{EndedBy, SipHeader, SipIdentity, TracedMessage};
use jiff::SignedDuration;
use rstest::rstest;
use telephony::CallEvent::{self, Answered, EarlyMedia, HungUp, Ringing};

use crate::{
    sipp::{
        RINGING, Sipp,
        Step::{
            self, Acknowledges, Acks, Asks, HangsUp, Hears, HearsAnswer, Invite, InviteWithDigest, Says,
            SaysWithSound, Waits,
        },
    },
    support::{World, order, refusal, trunk, trunk_with_user},
};

const TRYING: Step<'_> = Says("100 Trying", &[]);

#[tokio::test]
async fn a_call_is_answered_and_we_hang_up() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        TRYING,
        RINGING,
        Waits(200),
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Hears("BYE"),
        Acknowledges,
    ])
    .await;
    let mut trunk = trunk(sipp.address);
    trunk.asserted_identity = SipIdentity::parse("tel:+862161234567").ok();
    trunk.headers = vec![SipHeader { name: "X-Account".to_owned(), value: "账户 7".to_owned() }];
    let order = order(trunk, None);
    world.place(&order);
    assert_eq!(world.until(|event| *event == Answered).await, [Ringing, Answered]);
    world.end(&order);
    assert_eq!(world.to_end().await, [HungUp(EndedBy::Dialtime)]);
    let messages = sipp.ended_well().await;
    let call_id = format!("Call-ID: {}@127.0.0.1", order.attempt.uuid());
    for part in [
        "INVITE sip:+8613800001234@127.0.0.1:",
        call_id.as_str(),
        "P-Asserted-Identity: <tel:+862161234567>",
        "X-Account: 账户 7",
        "User-Agent: Dialtime/",
        "m=audio 4",
        "RTP/AVP 8 0 101",
    ] {
        assert!(messages.contains(part), "{part} is not in {messages}");
    }
}

#[tokio::test]
async fn a_call_is_answered_and_the_callee_hangs_up() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        RINGING,
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Waits(200),
        Asks("BYE", false),
        HearsAnswer(200),
    ])
    .await;
    world.place(&order(trunk(sipp.address), None));
    assert_eq!(world.to_end().await, [Ringing, Answered, HungUp(EndedBy::Callee)]);
    sipp.ended_well().await;
}

#[rstest]
#[case("Reason: Q.850;cause=16", 16, EndedBy::Callee)]
#[case("Reason: SIP;cause=200;text=\"Timer\", Q.850;cause=38", 38, EndedBy::Line)]
#[tokio::test]
async fn a_bye_says_who_ended_a_call_and_why(#[case] header: &str, #[case] q850: u8, #[case] by: EndedBy) {
    let world = World::new();
    let answers = [Invite, SaysWithSound("200 OK"), Hears("ACK"), Waits(200)];
    let sipp = Sipp::start(&[&answers[..], &[HangsUp(header), HearsAnswer(200)]].concat()).await;
    world.place(&order(trunk(sipp.address), None));
    assert_eq!(world.to_end().await, [Answered, HungUp(by)]);
    let notes = world.notes();
    assert_eq!(notes.q850, Some(q850));
    let said = |message: &TracedMessage| message.text.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let said: Vec<String> = notes.trace.unwrap().messages.iter().map(said).collect();
    assert!(
        said.last().is_some_and(|last| last == "SIP/2.0 200"),
        "the answer to the BYE is missing: {said:?}"
    );
    sipp.ended_well().await;
}

#[rstest]
#[case("486 Busy Here", &["Reason: Q.850;cause=17;text=\"User busy\""], Some(17))]
#[case("603 Decline", &["Reason: Q.850;cause=21"], Some(21))]
#[case("404 Not Found", &["Reason: Q.850;cause=1"], Some(1))]
#[case("503 Service Unavailable", &["Reason: Q.850;cause=34"], Some(34))]
#[case("302 Moved Temporarily", &["Diversion: <sip:1@127.0.0.1>"], None)]
#[tokio::test]
async fn a_refusal_is_acknowledged_and_reported_as_it_came(
    #[case] status: &str,
    #[case] headers: &[&str],
    #[case] q850: Option<u8>,
) {
    let world = World::new();
    let sipp = Sipp::start(&[Invite, TRYING, Says(status, headers), Hears("ACK")]).await;
    world.place(&order(trunk(sipp.address), None));
    let reports = world.to_end().await;
    let cause = &refusal(&reports).cause;
    assert_eq!(
        (cause.code, cause.q850, cause.is_local),
        (status.get(..3).unwrap().parse().ok(), q850, false)
    );
    assert_eq!(reports.len(), 1);
    sipp.ended_well().await;
}

#[tokio::test]
async fn a_phone_that_nobody_answers_is_cancelled_at_the_ring_limit() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        RINGING,
        Hears("CANCEL"),
        Acknowledges,
        Says("487 Request Terminated", &[]),
        Hears("ACK"),
    ])
    .await;
    let mut order = order(trunk(sipp.address), None);
    order.deadlines.ring_limit = SignedDuration::from_secs(1);
    world.place(&order);
    let reports = world.to_end().await;
    assert_eq!((reports.first(), refusal(&reports).cause.code), (Some(&Ringing), Some(487)));
    sipp.ended_well().await;
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_is_hung_up_at_once() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        TRYING,
        Hears("CANCEL"),
        Acknowledges,
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Hears("BYE"),
        Acknowledges,
    ])
    .await;
    let order = order(trunk(sipp.address), None);
    world.place(&order);
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.end(&order);
    let reports = world.to_end().await;
    assert_eq!((reports.first(), refusal(&reports).cause.code), (Some(&Ringing), None));
    sipp.ended_well().await;
}

#[rstest]
#[case("401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"")]
#[case("401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", opaque=\"o\"")]
#[tokio::test]
async fn who_calls_is_proved_to_who_asks(#[case] status: &str, #[case] challenge: &str) {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        Says(status, &[challenge]),
        Hears("ACK"),
        InviteWithDigest("secret"),
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Hears("BYE"),
        Acknowledges,
    ])
    .await;
    let order = order(trunk_with_user(sipp.address), Some("secret"));
    world.place(&order);
    world.until(|event| *event == Answered).await;
    world.end(&order);
    sipp.ended_well().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_tried_once() {
    let world = World::new();
    let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
    let sipp = Sipp::start(&[
        Invite,
        Says("401 Unauthorized", &[challenge]),
        Hears("ACK"),
        Invite,
        Says("401 Unauthorized", &[challenge]),
        Hears("ACK"),
    ])
    .await;
    world.place(&order(trunk_with_user(sipp.address), Some("wrong")));
    assert_eq!(refusal(&world.to_end().await).cause.code, Some(401));
    let messages = sipp.ended_well().await;
    assert_eq!(messages.matches("Authorization: Digest username=\"alice\"").count(), 1);
}

#[tokio::test]
async fn a_proxy_is_told_who_calls() {
    let world = World::new();
    let challenge = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"";
    let sipp = Sipp::start(&[
        Invite,
        Says("407 Proxy Authentication Required", &[challenge]),
        Hears("ACK"),
        Invite,
        Says("486 Busy Here", &[]),
        Hears("ACK"),
    ])
    .await;
    world.place(&order(trunk_with_user(sipp.address), Some("secret")));
    assert_eq!(refusal(&world.to_end().await).cause.code, Some(486));
    let messages = sipp.ended_well().await;
    assert!(messages.contains("Proxy-Authorization: Digest username=\"alice\""), "{messages}");
}

#[tokio::test]
async fn without_a_secret_a_challenge_is_final() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        Says("401 Unauthorized", &["WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""]),
        Hears("ACK"),
    ])
    .await;
    world.place(&order(trunk(sipp.address), None));
    assert_eq!(refusal(&world.to_end().await).cause.code, Some(401));
    sipp.ended_well().await;
}

#[tokio::test]
async fn sound_before_the_answer_is_told_apart() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        TRYING,
        SaysWithSound("183 Session Progress"),
        Waits(200),
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Asks("BYE", false),
        HearsAnswer(200),
    ])
    .await;
    world.place(&order(trunk(sipp.address), None));
    assert_eq!(world.to_end().await, [Ringing, EarlyMedia, Answered, HungUp(EndedBy::Callee)]);
    sipp.ended_well().await;
}

#[tokio::test]
async fn an_answer_without_sound_is_hung_up() {
    let world = World::new();
    let sipp =
        Sipp::start(&[Invite, RINGING, Says("200 OK", &[]), Hears("ACK"), Hears("BYE"), Acknowledges]).await;
    world.place(&order(trunk(sipp.address), None));
    let reports = world.to_end().await;
    let cause = &refusal(&reports).cause;
    assert_eq!((cause.code, cause.is_local), (Some(488), true));
    assert!(!reports.contains(&CallEvent::Answered));
    sipp.ended_well().await;
}

#[tokio::test]
async fn what_is_asked_during_a_call_is_answered() {
    let world = World::new();
    let sipp = Sipp::start(&[
        Invite,
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Asks("OPTIONS", false),
        HearsAnswer(200),
        Asks("INVITE", true),
        HearsAnswer(200),
        Acks,
        Asks("INFO", false),
        HearsAnswer(200),
        Asks("UPDATE", true),
        HearsAnswer(200),
        Asks("BYE", false),
        HearsAnswer(200),
    ])
    .await;
    world.place(&order(trunk(sipp.address), None));
    assert_eq!(world.to_end().await, [Answered, HungUp(EndedBy::Callee)]);
    sipp.ended_well().await;
}
