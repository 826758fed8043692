//! Lines that are asked whether they are there.

use std::net::SocketAddr;

use domain::{LineDraft, SipTransport, SipTrunk};
use rstest::rstest;
use sip::{AddressState, check_line};

use crate::{
    kamailio::Kamailio,
    sipp::{
        Sipp,
        Step::{Acknowledges, Hears, Refuses},
    },
    support::{order, settings, trunk},
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
    AddressState::Answered { code, words: words.to_owned(), was_told }
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
