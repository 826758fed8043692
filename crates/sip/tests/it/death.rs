//! Calls whose process is gone: another one ends them with what the first said in time.

use std::time::Duration;

use rstest::rstest;
use telephony::CallEvent::{Answered, Ringing};

use crate::{
    peer::{Peer, answer, header},
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

const WITHIN: Duration = Duration::from_secs(3);

/// A phone that rings when its process dies, and is picked up before another process is there on the same port.
#[tokio::test]
async fn who_picks_up_while_no_process_is_there_is_hung_up_on() {
    let (first, second, peer) = (World::new(), World::new(), Peer::new().await);
    let order = order(trunk(peer.address), None);
    first.place(&order);
    let (invite, from) = peer.hears(WITHIN).await.unwrap();
    peer.says(&answer(&invite, "180 Ringing", ";tag=phone"), from).await;
    first.until(|event| *event == Ringing).await;
    second.silence(&order, &first);
    let (cancel, second_at) = peer.hears(WITHIN).await.unwrap();
    assert!(cancel.starts_with("CANCEL ") && second_at != from, "{cancel}");
    peer.says(&answer(&cancel, "200 OK", ";tag=phone"), second_at).await;

    let contact = format!("Contact: <sip:phone@{}>", peer.address);
    let route = format!("Record-Route: <sip:{0};lr;hop=1>, <sip:{0};lr;hop=2>\r\n{contact}", peer.address);
    let picked_up =
        answer(&invite, "200 OK", ";tag=phone").replace("Contact: <sip:callee@127.0.0.1:9>", &route);
    let branch = header(&invite, "Via").split("branch=").nth(1).unwrap().split(';').next().unwrap();
    let forged = picked_up.replace(branch, "z9hG4bKforged");
    peer.says(&forged, second_at).await;
    assert_eq!(peer.hears(Duration::from_millis(300)).await, None, "a stranger is not listened to");

    peer.says(&picked_up, second_at).await;
    peer.says(&picked_up, second_at).await;
    let (mut acknowledgements, mut goodbyes) = (Vec::new(), Vec::new());
    while let Some((request, _)) = peer.hears(Duration::from_millis(400)).await {
        if request.starts_with("ACK ") {
            acknowledgements.push(request);
        } else {
            peer.says(&answer(&request, "200 OK", ""), second_at).await;
            goodbyes.push(request);
        }
    }
    let sequence = |request: &str| header(request, "CSeq").split_once(' ').unwrap().0.parse::<u32>().unwrap();
    assert_eq!((acknowledgements.len(), goodbyes.len()), (2, 1));
    for request in acknowledgements.iter().chain(&goodbyes) {
        let (line, _) = request.split_once("\r\n").unwrap();
        assert!(line.contains(&format!(" sip:phone@{}", peer.address)), "{request}");
        assert!(header(request, "To").ends_with(";tag=phone"), "{request}");
        let hops: Vec<_> = request.lines().filter(|line| line.starts_with("Route:")).collect();
        assert!(hops.len() == 2 && hops[0].contains("hop=2") && hops[1].contains("hop=1"), "{request}");
    }
    assert!(acknowledgements.iter().all(|ack| sequence(ack) == sequence(&invite)));
    assert!(goodbyes[0].starts_with("BYE ") && sequence(&goodbyes[0]) == sequence(&invite) + 1);
    first.end(&order);
}
