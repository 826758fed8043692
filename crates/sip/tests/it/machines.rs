//! Who answers, and what is done when it is a machine: a mailbox greets, beeps or not, and hears what it is to hear.

use std::f32::consts::TAU;

use domain::{
    AnsweredBy, AnswererReason, Bounded, EndedBy, MachineHandling, MachineTimings, OnMachine, StepKind,
};
use serde_json::{Value, json};
use telephony::{
    CallEvent::{Answered, HungUp},
    CallOrder,
};

use crate::{
    conversations::{callee, hang_up, id, script_for},
    phone::Phone,
    sipp::{
        Sipp,
        Step::{Acknowledges, Hears, Invite, SaysWithSoundAt, Waits},
    },
    support::{World, order, trunk},
};

/// Something like a voice: a tone with its overtones, whose height and loudness change as those of syllables do.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn voice(milliseconds: u32) -> Vec<i16> {
    let mut phase = 0.0_f32;
    let sample = |at: u32| {
        let now = at as f32 / 8_000.0;
        phase += (130.0 + 25.0 * (TAU * 2.0 * now).sin()) / 8_000.0;
        let vowel = 600.0 + 300.0 * (TAU * 3.0 * now).sin();
        let overtones = (1..24_u8).map(|number| {
            let number = f32::from(number);
            let away = (number * 130.0 - vowel) / 250.0;
            (TAU * phase * number).sin() * (0.08 + (-away * away).exp())
        });
        (overtones.sum::<f32>() * 2_500.0 * (0.65 + 0.35 * (TAU * 4.0 * now).sin())) as i16
    };
    (0..milliseconds * 8).map(sample).collect()
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn beep(milliseconds: u32) -> Vec<i16> {
    (0..milliseconds * 8).map(|at| ((TAU * 1_000.0 * at as f32 / 8_000.0).sin() * 8_000.0) as i16).collect()
}

fn silence(milliseconds: usize) -> Vec<i16> {
    vec![0; milliseconds * 8]
}

/// Waits for keys for so many seconds, and then hangs up.
fn waits(seconds: i64) -> Value {
    json!([
        {"label": null, "visits": 1, "action": "gather", "prompt": null, "digits": 1, "first_digit": seconds,
         "next_digit": 1, "branches": [{"digits": "5", "go_to": "bye"}], "no_input": "bye", "no_match": "bye"},
        hang_up()
    ])
}

/// A call that is answered, and what its script does on a machine.
async fn answered(
    world: &World,
    phone: &mut Phone,
    seconds: i64,
    machine: impl Into<MachineHandling>,
) -> Sipp {
    let sipp = callee(phone).await;
    let script = Some(script_for(waits(seconds), machine));
    world.place(&CallOrder { script, ..order(trunk(sipp.address), None) });
    phone.listen_for(crate::support::PATIENCE).await;
    sipp
}

const LEAVE: OnMachine = OnMachine::LeaveMessage { prompt: id(2) };

#[tokio::test]
async fn a_machine_is_hung_up_on() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = answered(&world, &mut phone, 60, OnMachine::HangUp).await;
    phone.say_sound(&[silence(300), voice(3_000)].concat()).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    let notes = world.notes();
    let answerer = world.answerer().unwrap();
    assert_eq!((answerer.by, answerer.reason), (AnsweredBy::Machine, AnswererReason::LongGreeting));
    assert!((1_500..3_000).contains(&answerer.after) && notes.is_for_machine, "{notes:?}");
    sipp.ended_well().await;
}

/// The greeting is a person's by the timings that hold where a script has none.
#[tokio::test]
async fn a_script_may_have_timings_of_its_own() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let timings = MachineTimings { greeting: Some(Bounded::or(500)), ..MachineTimings::default() };
    let machine = MachineHandling { on_machine: OnMachine::HangUp, timings };
    let sipp = answered(&world, &mut phone, 60, machine).await;
    phone.say_sound(&[silence(300), voice(1_000), silence(1_000)].concat()).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    let answerer = world.answerer().unwrap();
    assert_eq!((answerer.by, answerer.reason), (AnsweredBy::Machine, AnswererReason::LongGreeting));
    assert!((500..1_300).contains(&answerer.after), "{answerer:?}");
    sipp.ended_well().await;
}

#[tokio::test]
async fn a_message_is_left_after_the_beep() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = answered(&world, &mut phone, 60, LEAVE).await;
    let before = [silence(300), voice(3_000), silence(400), beep(400)].concat();
    phone.say_sound(&before).await;
    assert_eq!(phone.heard.len(), 0, "nothing is said before the beep is over");
    phone.say_sound(&silence(1_800)).await;
    assert_eq!(phone.heard_about(12_000), 8_000);
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    let notes = world.notes();
    assert!(notes.is_for_machine);
    let beep_after = world.answerer().unwrap().beep_after.unwrap();
    assert!((3_500..4_100).contains(&beep_after), "{beep_after}");
    assert_eq!(world.reached(), [StepKind::Gather, StepKind::LeaveMessage]);
    sipp.ended_well().await;
}

#[tokio::test]
async fn where_no_beep_comes_a_message_is_left_after_the_greeting() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = answered(&world, &mut phone, 60, LEAVE).await;
    phone.say_sound(&[silence(300), voice(3_000), silence(1_500)].concat()).await;
    assert_eq!(phone.heard.len(), 0);
    // From here on the line sends nothing, as some do while nobody speaks.
    phone.listen_until(|phone| phone.heard_about(12_000) == 8_000).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    sipp.ended_well().await;
}

#[tokio::test]
async fn a_person_hears_the_script() {
    let hears = async |on_machine| {
        let (world, mut phone) = (World::new(), Phone::new().await);
        let sipp = answered(&world, &mut phone, 3, on_machine).await;
        phone.say_sound(&[silence(300), voice(500), silence(1_000)].concat()).await;
        assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
        let notes = world.notes();
        let answerer = world.answerer().unwrap();
        assert_eq!((answerer.by, answerer.reason), (AnsweredBy::Human, AnswererReason::ShortGreeting));
        assert!(!notes.is_for_machine && phone.heard.is_empty());
        sipp.ended_well().await;
    };
    tokio::join!(hears(OnMachine::HangUp), hears(LEAVE), hears(OnMachine::Note));
}

#[tokio::test]
async fn who_does_not_ask_is_told_nothing() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = answered(&world, &mut phone, 3, OnMachine::Continue).await;
    phone.say_sound(&voice(2_500)).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    assert_eq!(world.answerer(), None);
    sipp.ended_well().await;
}

/// Two seconds of ringing.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
fn ringing() -> Vec<i16> {
    (0..16_000).map(|at| ((TAU * 425.0 * at as f32 / 8_000.0).sin() * 6_000.0) as i16).collect()
}

/// A ringback, an announcement or a mailbox before the answer is no verdict on who answers then.
#[tokio::test]
async fn what_is_heard_before_the_answer_is_judged_apart() {
    let announcement = [silence(300), voice(3_000), silence(300), beep(400), silence(500)].concat();
    let is_judged = async |early: Vec<i16>, by, has_beep| {
        let (world, mut phone) = (World::new(), Phone::new().await);
        let sounding = |status| SaysWithSoundAt(status, phone.port());
        let sipp = Sipp::start(&[
            Invite,
            sounding("183 Session Progress"),
            Waits(6_000),
            sounding("200 OK"),
            Hears("ACK"),
            Hears("BYE"),
            Acknowledges,
        ])
        .await;
        let script = Some(script_for(waits(3), LEAVE));
        world.place(&CallOrder { script, ..order(trunk(sipp.address), None) });
        phone.listen_for(crate::support::PATIENCE).await;
        phone.say_sound(&early).await;
        assert_eq!(world.answerer(), None);
        world.until(|event| *event == Answered).await;
        let heard = world.early_answerer().unwrap();
        assert_eq!((heard.by, heard.beep_after.is_some()), (by, has_beep), "{heard:?}");
        phone.say_sound(&[silence(300), voice(500), silence(1_000)].concat()).await;
        assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
        let answerer = world.answerer().unwrap();
        assert_eq!((answerer.by, answerer.reason), (AnsweredBy::Human, AnswererReason::ShortGreeting));
        assert!((500..2_500).contains(&answerer.after), "since the answer: {answerer:?}");
        assert!(!world.notes().is_for_machine && phone.heard.is_empty());
        assert_eq!(world.early_answerer(), Some(heard), "what comes later is none of it");
        assert_eq!(world.reached(), [StepKind::Gather, StepKind::HangUp]);
        sipp.ended_well().await;
    };
    tokio::join!(
        is_judged(announcement, AnsweredBy::Machine, true),
        is_judged(ringing(), AnsweredBy::Unsure, false)
    );
}
