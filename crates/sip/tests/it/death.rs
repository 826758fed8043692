//! Calls whose process is gone: another one ends them with what the first said in time.

use rstest::rstest;
use telephony::CallEvent::{Answered, Ringing};

use crate::{
    sipp::{
        RINGING, Sipp,
        Step::{Acknowledges, Hears, Invite, InviteWithDigest, Says, SaysWithSound},
    },
    support::{World, order, trunk, trunk_with_user},
};

const CANCELLED: crate::sipp::Step<'_> = Says("487 Request Terminated", &[]);

#[tokio::test]
async fn another_process_cancels_a_phone_that_rings() {
    let (first, second) = (World::new(), World::new());
    let sipp = Sipp::start(&[Invite, RINGING, Hears("CANCEL"), Acknowledges, CANCELLED, Hears("ACK")]).await;
    let order = order(trunk(sipp.address), None);
    first.place(&order);
    first.until(|event| *event == Ringing).await;
    second.silence(&order, &first);
    let messages = sipp.ended_well().await;
    let branches: Vec<&str> = messages.lines().filter(|line| line.starts_with("Via:")).collect();
    assert_eq!(branches.iter().filter(|via| *via == &branches[0]).count(), branches.len(), "{messages}");
}

/// The INVITE with the digest is another transaction than that without: it is the one to be cancelled.
#[tokio::test]
async fn the_invite_that_rings_is_cancelled_and_not_the_one_that_was_challenged() {
    let (first, second) = (World::new(), World::new());
    let challenge = "WWW-Authenticate: Digest realm=\"here\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"";
    let challenged = Says("401 Unauthorized", &[challenge]);
    let asked = InviteWithDigest("secret");
    let end = [Hears("CANCEL"), Acknowledges, CANCELLED, Hears("ACK")];
    let [cancel, ok, cancelled, ack] = end;
    let sipp =
        Sipp::start(&[Invite, challenged, Hears("ACK"), asked, RINGING, cancel, ok, cancelled, ack]).await;
    let order = order(trunk_with_user(sipp.address), Some("secret"));
    first.place(&order);
    first.until(|event| *event == Ringing).await;
    second.silence(&order, &first);
    let messages = sipp.ended_well().await;
    let sequence = |method: &str| {
        let line = messages.lines().rfind(|line| line.starts_with("CSeq:") && line.ends_with(method));
        line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(sequence("CANCEL"), sequence("INVITE"));
}

#[rstest]
#[case::direct(&[])]
#[case::by_a_proxy(&["Record-Route: <sip:[local_ip]:[local_port];lr>"])]
#[tokio::test]
async fn another_process_hangs_up_on_who_talks(#[case] route: &[&str]) {
    let (first, second) = (World::new(), World::new());
    let sipp = Sipp::start(&[
        Invite,
        Says("180 Ringing", route),
        SaysWithSound("200 OK"),
        Hears("ACK"),
        Hears("BYE"),
        Acknowledges,
    ])
    .await;
    let order = order(trunk(sipp.address), None);
    first.place(&order);
    first.until(|event| *event == Answered).await;
    second.silence(&order, &first);
    let messages = sipp.ended_well().await;
    assert!(messages.contains("BYE sip:callee@127.0.0.1:"), "{messages}");
}
