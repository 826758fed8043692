//! Callees who are connected with someone else: two phones hear each other, and when one hangs up so does the other.

use std::time::Duration;

use domain::{EndedBy, TransferAddress, TransferExtension, TransferTarget};
use media::g711::G711;
use rstest::rstest;
use serde_json::json;
use telephony::{
    CallEvent::{self, Answered, HungUp, Refused, Ringing, TransferWanted},
    CallOrder, CallRefusal,
};

use crate::{
    conversations::{hang_up, play, script},
    phone::Phone,
    sipp::{
        RINGING, Sipp,
        Step::{
            self, Acknowledges, Acks, Asks, Hears, HearsAnswer, Invite, Says, SaysWithBody, SaysWithSoundAt,
            Waits,
        },
    },
    support::{World, order, trunk},
};

const CANCELLED: Step<'_> = Says("487 Request Terminated", &[]);

fn extension() -> TransferTarget {
    TransferTarget::Extension(TransferExtension::parse("801").unwrap())
}

/// A call whose script transfers at once, and plays the second prompt where nobody answers.
fn transferring(callee: &Sipp) -> CallOrder {
    let transfer = json!({"label": null, "visits": 1, "action": "transfer", "to": {"extension": "801"},
        "line": "0197c0de-0000-7000-8000-000000000001", "ring": 30, "no_answer": "two"});
    CallOrder {
        script: Some(script(json!([transfer, play("two", 2), hang_up()]))),
        ..order(trunk(callee.address), None)
    }
}

async fn wanted(world: &World, order: &CallOrder) {
    world.place(order);
    world.until(|event| matches!(event, TransferWanted(_))).await;
}

/// A callee who waits to be hung up on.
async fn patient(phone: &Phone) -> Sipp {
    let answers = SaysWithSoundAt("200 OK", phone.port());
    Sipp::start(&[Invite, RINGING, answers, Hears("ACK"), Hears("BYE"), Acknowledges]).await
}

fn of_leg(reports: &[(bool, CallEvent)]) -> Vec<CallEvent> {
    reports.iter().filter(|(is_leg, _)| *is_leg).map(|(_, event)| event.clone()).collect()
}

/// Each by a law of its own. Before, the callee hears the phone ring.
#[tokio::test]
async fn callee_and_agent_hear_each_other_until_the_callee_hangs_up() {
    let (world, mut phone, mut agent) = (World::new(), Phone::new().await, Phone::new().await);
    let answers = SaysWithSoundAt("200 OK", phone.port());
    let leaves = [Asks("BYE", false), HearsAnswer(200)];
    let callee =
        Sipp::start(&[&[Invite, RINGING, answers, Hears("ACK"), Waits(3_500)][..], &leaves].concat()).await;
    let body = format!(
        "v=0\no=sipp 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio {} RTP/AVP 0 101\n\
         a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n",
        agent.port()
    );
    let answers = SaysWithBody("200 OK", &body);
    let there =
        Sipp::start(&[Invite, RINGING, Waits(700), answers, Hears("ACK"), Hears("BYE"), Acknowledges]).await;
    let order = transferring(&callee);
    wanted(&world, &order).await;
    world.place_leg(&order, &self::order(trunk(there.address), None), &extension(), 30);
    phone.listen_until(|phone| phone.heard.len() > 1_000).await;
    world.until_either(|is_leg, event| is_leg && *event == Answered).await;
    agent.listen_for(Duration::from_secs(1)).await;
    phone.heard.clear();
    let speak = async {
        tokio::join!(phone.say(G711::ALaw, 4_000, 500), agent.say(G711::MuLaw, 12_000, 500));
    };
    speak.await;
    agent.listen_until(|agent| agent.heard_about(4_000) > 3_000).await;
    phone.listen_until(|phone| phone.heard_about(12_000) > 3_000).await;
    tokio::join!(phone.press(5), agent.press(7));
    agent.listen_until(|agent| agent.keys() == [5]).await;
    phone.listen_until(|phone| phone.keys() == [7]).await;
    let reports = world.until_either(|is_leg, event| !is_leg && event.is_end()).await;
    let ended = HungUp(EndedBy::Callee);
    assert_eq!(reports, [(true, ended.clone()), (false, ended)]);
    callee.ended_well().await;
    assert!(there.ended_well().await.contains("INVITE sip:801@127.0.0.1:"));
}

/// What the agent's phone offers anew meanwhile is answered.
#[tokio::test]
async fn when_the_agent_hangs_up_so_do_we() {
    let (world, phone) = (World::new(), Phone::new().await);
    let callee = patient(&phone).await;
    let offers =
        [Asks("INVITE", true), HearsAnswer(200), Acks, Waits(200), Asks("BYE", false), HearsAnswer(200)];
    let answers = SaysWithSoundAt("200 OK", phone.port());
    let there = Sipp::start(&[&[Invite, answers, Hears("ACK"), Waits(200)][..], &offers].concat()).await;
    let order = transferring(&callee);
    wanted(&world, &order).await;
    let target = TransferTarget::SipAddress(TransferAddress::parse("sip:1001@pbx.example.com").unwrap());
    world.place_leg(&order, &self::order(trunk(there.address), None), &target, 30);
    let reports = world.until_either(|is_leg, event| !is_leg && event.is_end()).await;
    assert_eq!(of_leg(&reports), [Answered, HungUp(EndedBy::Agent)]);
    assert_eq!(reports.last(), Some(&(false, HungUp(EndedBy::Agent))));
    callee.ended_well().await;
    assert!(there.ended_well().await.contains("INVITE sip:1001@pbx.example.com SIP/2.0"));
}

/// Busy, silent for as long as it may ring, and never called: the script goes on.
#[rstest]
#[case::busy(Some(&[Invite, Says("486 Busy Here", &[]), Hears("ACK")][..]))]
#[case::rings(Some(&[Invite, RINGING, Hears("CANCEL"), Acknowledges, CANCELLED, Hears("ACK")][..]))]
#[case::never_called(None)]
#[tokio::test]
async fn where_nobody_answers_the_script_goes_on(#[case] agent: Option<&[Step<'static>]>) {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let callee = patient(&phone).await;
    let there = match agent {
        Some(steps) => Some(Sipp::start(steps).await),
        None => None,
    };
    let order = transferring(&callee);
    wanted(&world, &order).await;
    match &there {
        Some(there) => {
            world.place_leg(&order, &self::order(trunk(there.address), None), &extension(), 1);
            let reports = world.until_either(|is_leg, event| is_leg && event.is_end()).await;
            assert!(matches!(reports.last(), Some((true, Refused(_)))), "{reports:?}");
        }
        None => world.end_transfer(&order),
    }
    phone.listen_until(|phone| phone.heard_about(12_000) == 8_000).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    callee.ended_well().await;
    if let Some(there) = there {
        there.ended_well().await;
    }
}

#[tokio::test]
async fn nobody_is_rung_for_a_callee_who_has_hung_up() {
    let (world, phone) = (World::new(), Phone::new().await);
    let answers = SaysWithSoundAt("200 OK", phone.port());
    let leaves = [Waits(800), Asks("BYE", false), HearsAnswer(200)];
    let callee = Sipp::start(&[&[Invite, answers, Hears("ACK")][..], &leaves].concat()).await;
    let there = Sipp::start(&[Invite, RINGING, Hears("CANCEL"), Acknowledges, CANCELLED, Hears("ACK")]).await;
    let order = transferring(&callee);
    wanted(&world, &order).await;
    world.place_leg(&order, &self::order(trunk(there.address), None), &extension(), 30);
    let reports = world.until_either(|is_leg, event| !is_leg && event.is_end()).await;
    assert_eq!(of_leg(&reports)[0], Ringing);
    assert!(matches!(of_leg(&reports)[1], Refused(CallRefusal { .. })));
    assert_eq!(reports.last(), Some(&(false, HungUp(EndedBy::Callee))));
    callee.ended_well().await;
    there.ended_well().await;
}

#[tokio::test]
async fn who_ends_a_call_ends_both_sides_of_it() {
    let (world, phone) = (World::new(), Phone::new().await);
    let (callee, there) = (patient(&phone).await, patient(&phone).await);
    let order = transferring(&callee);
    wanted(&world, &order).await;
    world.place_leg(&order, &self::order(trunk(there.address), None), &extension(), 30);
    world.until_either(|is_leg, event| is_leg && *event == Answered).await;
    world.end(&order);
    let reports = world.until_either(|is_leg, event| !is_leg && event.is_end()).await;
    let ended = HungUp(EndedBy::Dialtime);
    assert_eq!(reports, [(true, ended.clone()), (false, ended)]);
    callee.ended_well().await;
    there.ended_well().await;
}
