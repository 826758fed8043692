//! Lines that are asked whether they are there.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::{LineDraft, SipTransport, SipTrunk};
use rstest::rstest;
use sip::{AddressState, check_line, check_registration};
use telephony::{Carrier, LineReport};

use crate::{
    kamailio::Kamailio,
    sipp::{
        Sipp,
        Step::{Acknowledges, Hears, Refuses},
    },
    support::{PATIENCE, World, order, settings, trunk},
};

/// What became of the only address of a trunk.
async fn checked(trunk: SipTrunk, secret: Option<&str>, authority: Option<Vec<u8>>) -> AddressState {
    let mut line = (*order(trunk, secret).line).clone();
    let LineDraft { settings: of_line, .. } = &mut line.draft;
    of_line.t1x64 = 4;
    let mut checked = check_line(&settings(authority), &line).await.unwrap();
    assert_eq!(checked.len(), 1);
    checked.remove(0).state
}

fn answered(code: u16, words: &str, was_told: bool) -> AddressState {
    AddressState::Answered { code, words: words.to_owned(), was_told, retry_after: None }
}

#[tokio::test]
async fn an_address_that_answers_is_there_whatever_it_says() {
    let sipp = Sipp::start(&[Hears("OPTIONS"), Acknowledges]).await;
    assert_eq!(checked(trunk(sipp.address), None, None).await, answered(200, "OK", false));
    sipp.ended_well().await;
    let sipp = Sipp::start(&[Hears("OPTIONS"), Refuses("403 Who are you")]).await;
    assert_eq!(checked(trunk(sipp.address), None, None).await, answered(403, "Who are you", false));
    sipp.ended_well().await;
}

#[rstest]
#[case::right(Some("secret"), answered(200, "Alive", true))]
#[case::wrong(Some("wrong"), answered(407, "Proxy Authentication Required", true))]
#[case::none(None, answered(407, "Proxy Authentication Required", false))]
#[tokio::test]
async fn a_proxy_says_whether_it_knows_us(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
    #[case] secret: Option<&str>,
    #[case] expected: AddressState,
) {
    let proxy = Kamailio::before(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    assert_eq!(checked(proxy.trunk(transport), secret, Some(proxy.authority())).await, expected);
}

#[tokio::test]
async fn who_says_nothing_and_who_cannot_be_reached_are_told_apart() {
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = checked(trunk(nobody.local_addr().unwrap()), None, None).await;
    assert_eq!(silent, AddressState::Silent);
    let proxy = Kamailio::before(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    for state in [
        checked(proxy.trunk(SipTransport::Tls), Some("secret"), None).await,
        checked(SipTrunk { transport: SipTransport::Tcp, ..trunk(nobody.local_addr().unwrap()) }, None, None)
            .await,
    ] {
        assert!(matches!(state, AddressState::Unreachable(_)), "{state:?}");
    }
}

/// What is reported of a trunk that is down and is asked: whether calls may be tried, and the pause that it asks for.
async fn probed(trunk: SipTrunk, secret: Option<&str>) -> (bool, Option<Duration>) {
    let world = World::new();
    let mut line = (*order(trunk, secret).line).clone();
    line.draft.settings.t1x64 = 2;
    let line = Arc::new(line);
    world.carrier.probe(&line).unwrap();
    world.carrier.probe(&line).expect_err("it is being asked");
    let reported = async {
        loop {
            match world.carrier.line_reports().pop() {
                Some(LineReport { line: id, may_take_calls, retry_after }) => {
                    assert_eq!(id, line.id);
                    return (may_take_calls, retry_after);
                }
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, reported).await.expect("nothing is reported")
}

#[rstest]
#[case::it_is_there("200 OK", (true, None))]
#[case::it_does_not_know_the_question("405 Method Not Allowed", (true, None))]
#[case::nobody_is_called_so("404 Not Found", (true, None))]
#[case::it_does_not_know_the_method("501 Not Implemented", (true, None))]
#[case::it_asks_who_calls("401 Unauthorized", (true, None))]
#[case::it_fails("500 Server Internal Error", (false, None))]
#[case::it_is_too_busy("503 Service Unavailable\nRetry-After: 30", (false, Some(Duration::from_secs(30))))]
#[tokio::test]
async fn a_line_that_is_down_is_asked_whether_calls_may_be_tried(
    #[case] says: &str,
    #[case] expected: (bool, Option<Duration>),
) {
    let sipp = Sipp::start(&[Hears("OPTIONS"), Refuses(says)]).await;
    assert_eq!(probed(trunk(sipp.address), None).await, expected);
    sipp.ended_well().await;
}

#[tokio::test]
async fn of_a_line_that_is_down_the_next_address_is_asked_too() {
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = trunk(nobody.local_addr().unwrap());
    assert_eq!(probed(silent.clone(), None).await, (false, None));
    let sipp = Sipp::start(&[Hears("OPTIONS"), Acknowledges]).await;
    let mut two = silent;
    two.addresses.extend(trunk(sipp.address).addresses);
    assert_eq!(probed(two, None).await, (true, None));
    sipp.ended_well().await;
}

#[rstest]
#[case::right("secret", true)]
#[case::wrong("wrong", false)]
#[tokio::test]
async fn a_line_that_knows_us_no_more_is_not_tried(#[case] secret: &str, #[case] expected: bool) {
    let proxy = Kamailio::before(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    assert_eq!(probed(proxy.trunk(SipTransport::Udp), Some(secret)).await.0, expected);
}

/// What became of registering at the only address of a trunk.
async fn registered(trunk: SipTrunk, secret: Option<&str>, authority: Option<Vec<u8>>) -> AddressState {
    let mut line = (*order(SipTrunk { register: true, ..trunk }, secret).line).clone();
    line.draft.settings.t1x64 = 2;
    let mut checked = check_registration(&settings(authority), &line).await.unwrap();
    assert_eq!(checked.len(), 1);
    checked.remove(0).state
}

#[rstest]
#[case::right(Some("secret"), answered(200, "OK", true))]
#[case::wrong(Some("wrong"), answered(401, "Unauthorized", true))]
#[case::none(None, answered(401, "Unauthorized", false))]
#[tokio::test]
async fn a_registrar_takes_us_and_forgets_us_again(
    #[values(SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls)] transport: SipTransport,
    #[case] secret: Option<&str>,
    #[case] expected: AddressState,
) {
    let registrar = Kamailio::before(SocketAddr::from(([127, 0, 0, 1], 9))).await;
    let is_taken = expected == answered(200, "OK", true);
    assert_eq!(registered(registrar.trunk(transport), secret, Some(registrar.authority())).await, expected);
    let expected: &[&str] = if is_taken { &["bindings 1", "bindings 0"] } else { &[] };
    assert_eq!(registrar.registrations(expected.len()).await, expected);
}

#[tokio::test]
async fn a_registrar_may_want_us_for_longer() {
    let sipp = Sipp::start(&[
        Hears("REGISTER"),
        Refuses("423 Interval Too Brief\nMin-Expires: 1800"),
        Hears("REGISTER"),
        Acknowledges,
        Hears("REGISTER"),
        Acknowledges,
    ])
    .await;
    assert_eq!(registered(trunk(sipp.address), None, None).await, answered(200, "OK", false));
    let heard = sipp.ended_well().await;
    let expires: Vec<&str> = heard.lines().filter_map(|line| line.strip_prefix("Expires: ")).collect();
    assert_eq!(expires, ["60", "1800", "0"]);
    let ids: std::collections::BTreeSet<&str> =
        heard.lines().filter(|line| line.starts_with("Call-ID: ")).collect();
    assert_eq!(ids.len(), 1, "they belong together");
}

#[rstest]
#[case::not_let("403 Forbidden", 403)]
#[case::no_account("404 Not Found", 404)]
#[case::longer_than_a_day("423 Interval Too Brief\nMin-Expires: 99999999", 423)]
#[case::overloaded("503 Service Unavailable", 503)]
#[tokio::test]
async fn a_registrar_refuses(#[case] says: &str, #[case] code: u16) {
    let sipp = Sipp::start(&[Hears("REGISTER"), Refuses(says)]).await;
    let words = says.lines().next().unwrap().split_once(' ').unwrap().1;
    assert_eq!(registered(trunk(sipp.address), None, None).await, answered(code, words, false));
    sipp.ended_well().await;
}

#[tokio::test]
async fn where_one_registrar_says_nothing_the_next_is_tried() {
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let sipp = Sipp::start(&[Hears("REGISTER"), Acknowledges, Hears("REGISTER"), Acknowledges]).await;
    let mut two = SipTrunk { register: true, ..trunk(nobody.local_addr().unwrap()) };
    two.addresses.extend(trunk(sipp.address).addresses);
    let mut line = (*order(two, None).line).clone();
    line.draft.settings.t1x64 = 2;
    let states: Vec<AddressState> =
        check_registration(&settings(None), &line).await.unwrap().into_iter().map(|one| one.state).collect();
    assert_eq!(states, [AddressState::Silent, answered(200, "OK", false)]);
    sipp.ended_well().await;
}
