//! What is said to whoever answers: extensions, prompts, keys, and who ends the call.

use std::{collections::HashMap, sync::Arc};

use domain::{EndedBy, MachineHandling, OnMachine, PromptAudio, PromptId, ScriptFlow, ScriptStep, StepKind};
use media::wav::LineSound;
use serde_json::{Value, json};
use telephony::{
    CallEvent::{Answered, HungUp, Ringing},
    CallOrder, CallScript,
};
use uuid::Uuid;

use crate::{
    phone::Phone,
    sipp::{
        Sipp,
        Step::{Acknowledges, HangsUp, Hears, HearsAnswer, Invite, Says, SaysWithSoundAt, Waits},
    },
    support::{World, order, trunk},
};

/// A second of this sample, which survives A-law.
fn prompt(sample: i16) -> Arc<PromptAudio> {
    let wav = LineSound { samples: vec![sample; 8_000], is_silent: false }.to_wav();
    let sha256 = [u8::try_from(sample / 1_000).unwrap(); 32];
    Arc::new(PromptAudio { wav, samples: 8_000, sha256, is_silent: false })
}

pub(crate) const fn id(which: u128) -> PromptId {
    PromptId::new(Uuid::from_u128(which))
}

/// The prompts 1 and 2, of two sounds, and steps that play them.
pub(crate) fn script(steps: Value) -> CallScript {
    script_for(steps, OnMachine::default())
}

/// The same for whom this is done when a machine answers.
pub(crate) fn script_for(steps: Value, machine: impl Into<MachineHandling>) -> CallScript {
    let steps: Vec<ScriptStep> = serde_json::from_value(steps).unwrap();
    let flow = Arc::new(ScriptFlow::new(steps, machine).unwrap());
    let prompts = HashMap::from([(id(1), prompt(4_000)), (id(2), prompt(12_000))]);
    CallScript { flow, prompts: Arc::new(prompts), bots: None }
}

pub(crate) fn play(label: &str, which: u128) -> Value {
    json!({"label": label, "visits": 1, "action": "play", "prompt": id(which), "interruptible": false, "next": null})
}

pub(crate) fn hang_up() -> Value {
    json!({"label": "bye", "visits": 1, "action": "hang_up"})
}

/// A callee who answers and is hung up on.
pub(crate) async fn callee(phone: &Phone) -> Sipp {
    let says = SaysWithSoundAt("200 OK", phone.port());
    Sipp::start(&[Invite, Says("180 Ringing", &[]), says, Hears("ACK"), Hears("BYE"), Acknowledges]).await
}

fn order_to(sipp: &Sipp, steps: Value) -> CallOrder {
    CallOrder { script: Some(script(steps)), ..order(trunk(sipp.address), None) }
}

fn heard(phone: &Phone, sample: i16) -> usize {
    phone.heard_about(sample)
}

#[tokio::test]
async fn a_prompt_is_played_whole_and_then_we_hang_up() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = callee(&phone).await;
    world.place(&order_to(&sipp, json!([play("one", 1), hang_up()])));
    phone.listen_until(|phone| heard(phone, 4_000) == 8_000).await;
    assert_eq!(world.to_end().await, [Ringing, Answered, HungUp(EndedBy::Script)]);
    assert_eq!(phone.heard.len(), 8_000, "nothing but the prompt, and that once");
    assert_eq!(world.reached(), [StepKind::Play, StepKind::HangUp]);
    sipp.ended_well().await;
}

#[tokio::test]
async fn a_key_ends_the_prompt_and_leads_to_its_branch() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = callee(&phone).await;
    let gather = json!({"label": null, "visits": 1, "action": "gather", "prompt": id(1), "digits": 1, "first_digit": 5,
        "next_digit": 3, "branches": [{"digits": "5", "go_to": "two"}], "no_input": "bye", "no_match": "bye"});
    world.place(&order_to(&sipp, json!([gather, play("two", 2), hang_up()])));
    phone.listen_until(|phone| heard(phone, 4_000) > 1_000).await;
    phone.press(5).await;
    phone.listen_until(|phone| heard(phone, 12_000) == 8_000).await;
    assert!(heard(&phone, 4_000) < 8_000, "the key ended the first prompt");
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    sipp.ended_well().await;
}

#[tokio::test]
async fn what_was_pressed_before_hanging_up_is_told() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let says = SaysWithSoundAt("200 OK", phone.port());
    let hangs_up = [Hears("ACK"), Waits(2_000), HangsUp("Reason: Q.850;cause=16"), HearsAnswer(200)];
    let sipp = Sipp::start(&[&[Invite, Says("180 Ringing", &[]), says][..], &hangs_up].concat()).await;
    let gather = json!({"label": "card", "visits": 1, "action": "gather", "prompt": id(1), "digits": 8, "first_digit": 60,
        "next_digit": 60, "branches": [], "no_input": "bye", "no_match": "bye"});
    world.place(&order_to(&sipp, json!([gather, hang_up()])));
    phone.listen_until(|phone| heard(phone, 4_000) > 1_000).await;
    phone.press(5).await;
    phone.press(7).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Callee)));
    let notes = world.notes();
    let [pressed] = &notes.pressed[..] else { panic!("{} steps", notes.pressed.len()) };
    assert_eq!((pressed.step, pressed.label.as_deref(), pressed.keys.as_str()), (1, Some("card"), "57"));
    sipp.ended_well().await;
}

#[tokio::test]
async fn who_presses_nothing_is_asked_no_longer_than_the_script_says() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = callee(&phone).await;
    let gather = json!({"label": null, "visits": 1, "action": "gather", "prompt": null, "digits": 1, "first_digit": 1,
        "next_digit": 1, "branches": [{"digits": "5", "go_to": "bye"}], "no_input": "two", "no_match": "bye"});
    world.place(&order_to(&sipp, json!([gather, play("two", 2), hang_up()])));
    phone.listen_until(|phone| heard(phone, 12_000) == 8_000).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    sipp.ended_well().await;
}

#[tokio::test]
async fn an_extension_is_dialed_before_anything_is_said() {
    let (world, mut phone) = (World::new(), Phone::new().await);
    let sipp = callee(&phone).await;
    let mut order = order_to(&sipp, json!([play("one", 1), hang_up()]));
    order.callee.extension = "801".to_owned();
    world.place(&order);
    phone.listen_until(|phone| !phone.heard.is_empty()).await;
    assert_eq!(phone.keys(), [8, 0, 1]);
    phone.listen_until(|phone| heard(phone, 4_000) == 8_000).await;
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Script)));
    sipp.ended_well().await;
}

#[tokio::test]
async fn nobody_behind_a_switchboard_that_takes_no_keys_is_talked_to() {
    let (world, phone) = (World::new(), Phone::new().await);
    let without_keys =
        "v=0\no=sipp 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 47800 RTP/AVP 8\n";
    let says = crate::sipp::Step::SaysWithBody("200 OK", without_keys);
    let sipp = Sipp::start(&[Invite, says, Hears("ACK"), Hears("BYE"), Acknowledges]).await;
    let mut order = order_to(&sipp, json!([play("one", 1), hang_up()]));
    order.callee.extension = "801".to_owned();
    world.place(&order);
    assert_eq!(world.to_end().await.last(), Some(&HungUp(EndedBy::Line)));
    assert!(phone.heard.is_empty());
    sipp.ended_well().await;
}
