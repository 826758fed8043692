use domain::NetworkCause;
use jiff::Timestamp;

use super::*;

const CLOSE: i64 = 1_000;

fn at(millisecond: i64) -> Present {
    let span = SignedDuration::from_millis(millisecond);
    Present { wall: Timestamp::UNIX_EPOCH.saturating_add(span).unwrap(), steady: span.unsigned_abs() }
}

fn deadlines() -> CallDeadlines {
    let second = |second| Some(Timestamp::from_second(second).unwrap());
    CallDeadlines {
        latest_start: second(CLOSE - 30),
        cancel_at: second(CLOSE - 2),
        ring_limit: SignedDuration::from_secs(60),
        longest_talk: SignedDuration::from_secs(100),
        latest_end: None,
    }
}

/// A call whose INVITE is made from this millisecond on, with so many other addresses.
fn unsent(begun: i64, addresses_left: usize) -> CallCourse {
    CallCourse::new(&deadlines(), SignedDuration::from_secs(8), addresses_left, (at(begun), at(begun)))
}

/// A call whose INVITE is sent at this millisecond.
fn call(begun: i64) -> CallCourse {
    let mut course = unsent(begun, 0);
    send(&mut course, begun);
    course
}

/// The INVITE is ready and leaves.
fn send(course: &mut CallCourse, millisecond: i64) {
    assert_eq!(course.hear(CallInput::Ready, at(millisecond)), []);
    assert_eq!(course.hear(CallInput::MayLeave, at(millisecond)), [CallStep::Send]);
}

fn progress(rings: bool) -> CallInput {
    CallInput::Progress { rings, has_sound: false }
}

fn report(event: CallEvent) -> CallStep {
    CallStep::Report(event)
}

fn unanswered() -> CallStep {
    report(CallEvent::Refused(CallRefusal::default()))
}

fn busy() -> CallRefusal {
    CallRefusal {
        cause: NetworkCause { code: Some(486), ..NetworkCause::default() },
        ..CallRefusal::default()
    }
}

#[test]
fn a_call_is_answered_and_hung_up_by_either_side() {
    let mut course = call(0);
    assert_eq!(course.hear(CallInput::Trying, at(10)), []);
    assert_eq!(course.hear(progress(true), at(20)), [report(CallEvent::Ringing)]);
    assert_eq!(course.hear(progress(true), at(30)), []);
    assert_eq!(
        course.hear(CallInput::Answered { is_usable: true }, at(40)),
        [report(CallEvent::Answered), CallStep::Converse]
    );
    assert_eq!(
        course.hear(CallInput::HungUp { q850: None }, at(50)),
        [report(CallEvent::HungUp(EndedBy::Callee))]
    );
    assert!(course.is_over() && course.end(at(60)).is_empty());

    let mut course = call(0);
    course.hear(CallInput::Answered { is_usable: true }, at(40));
    assert_eq!(course.end(at(50)), [CallStep::Bye]);
    assert_eq!(course.hear(CallInput::ByeDone, at(60)), [report(CallEvent::HungUp(EndedBy::Dialtime))]);

    let mut course = call(0);
    assert_eq!(course.hear(CallInput::SaidAll(EndedBy::Script), at(1)), [], "nobody has answered");
    course.hear(CallInput::Answered { is_usable: true }, at(40));
    assert_eq!(course.hear(CallInput::SaidAll(EndedBy::Script), at(50)), [CallStep::Bye]);
    assert_eq!(course.hear(CallInput::ByeDone, at(60)), [report(CallEvent::HungUp(EndedBy::Script))]);
}

#[test]
fn before_an_answer_a_call_is_abandoned_and_afterwards_cancelled() {
    let mut course = call(0);
    assert_eq!(course.end(at(1)), [CallStep::Abandon, unanswered()]);
    let mut course = call(0);
    course.hear(CallInput::Trying, at(1));
    assert_eq!(course.end(at(2)), [CallStep::Cancel]);
    assert_eq!(course.hear(CallInput::Refused(busy()), at(3)), [report(CallEvent::Refused(busy()))]);
}

#[test]
fn the_silence_of_the_other_side_holds_nothing() {
    // No answer at all.
    let mut course = call(0);
    assert_eq!(course.pass(at(7_999)), []);
    let steps = course.pass(at(8_000));
    let [CallStep::Abandon, CallStep::Report(CallEvent::Refused(refusal))] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    assert!(refusal.cause.is_local && refusal.cause.code == Some(408));
    // No answer to a CANCEL.
    let mut course = call(0);
    course.hear(progress(true), at(1));
    assert_eq!(course.pass(at(60_049)), []);
    assert_eq!(course.pass(at(60_050)), [CallStep::Cancel]);
    assert_eq!(course.pass(at(62_049)), []);
    assert_eq!(course.pass(at(62_050)), [unanswered()]);
    // No answer to a BYE, after the longest talk.
    let mut course = call(0);
    course.hear(CallInput::Answered { is_usable: true }, at(1_000));
    assert_eq!(course.pass(at(101_050)), [CallStep::Bye]);
    assert_eq!(course.pass(at(106_050)), [report(CallEvent::HungUp(EndedBy::Dialtime))]);
}

#[test]
fn nobodys_phone_rings_at_close_by_whichever_clock() {
    let begun = (CLOSE - 31) * 1_000;
    let cancel_at = (CLOSE - 2) * 1_000;
    let mut course = call(begun);
    course.hear(progress(true), at(begun));
    assert_eq!(course.pass(at(cancel_at - 1)), []);
    assert_eq!(course.pass(at(cancel_at)), [CallStep::Cancel]);
    // The clock on the wall is set forward, or back.
    for moment in [
        Present { wall: at(cancel_at).wall, steady: at(begun + 10).steady },
        Present { wall: at(begun).wall, steady: at(cancel_at).steady },
    ] {
        let mut course = call(begun);
        course.hear(progress(true), at(begun));
        assert_eq!(course.pass(moment), [CallStep::Cancel]);
    }
}

#[test]
fn no_invite_leaves_too_late_not_even_one_with_a_digest() {
    let latest = (CLOSE - 30) * 1_000;
    let mut course = call(latest - 100);
    assert!(course.may_invite(at(latest - 1)) && !course.may_invite(at(latest)));
    assert_eq!(course.hear(CallInput::Challenged, at(latest - 1)), [CallStep::InviteAgain]);
    let is_refused_here = |steps: &[CallStep]| {
        let Some(CallStep::Report(CallEvent::Refused(refusal))) = steps.last() else { panic!("{steps:?}") };
        assert!(refusal.cause.is_local);
    };
    course.hear(CallInput::Ready, at(latest - 1));
    let steps = course.hear(CallInput::MayLeave, at(latest));
    assert!(!steps.contains(&CallStep::Send));
    is_refused_here(&steps);
    let mut course = call(latest - 100);
    is_refused_here(&course.hear(CallInput::Challenged, at(latest + 5)));
    // The first one.
    let mut course = unsent(latest - 100, 0);
    course.hear(CallInput::Ready, at(latest - 90));
    assert_eq!(course.hear(CallInput::MayLeave, at(latest)), [CallStep::Abandon, unanswered()]);
}

#[test]
fn an_invite_that_gets_no_leave_ends_its_call_and_never_leaves() {
    let mut course = call(0);
    course.hear(CallInput::Challenged, at(10));
    assert_eq!(course.hear(CallInput::MayLeave, at(15)), [], "it is not ready");
    course.hear(CallInput::Ready, at(20));
    assert_eq!(course.pass(at(5_019)), []);
    let steps = course.pass(at(5_020));
    let [CallStep::Abandon, CallStep::Report(CallEvent::Refused(refusal))] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    assert!(refusal.cause.is_local);
    assert_eq!(course.hear(CallInput::MayLeave, at(5_030)), []);
    // Ended while it is made ready, or waits.
    let mut course = unsent(0, 0);
    assert_eq!(course.end(at(1)), [CallStep::Abandon, unanswered()]);
    let mut course = unsent(0, 0);
    course.hear(CallInput::Ready, at(1));
    assert_eq!(course.end(at(2)), [CallStep::Abandon, unanswered()]);
}

#[test]
fn a_phone_may_ring_for_its_time_from_when_the_invite_left() {
    let mut course = unsent(0, 0);
    send(&mut course, 500);
    course.hear(progress(true), at(600));
    assert_eq!(course.pass(at(60_549)), []);
    assert_eq!(course.pass(at(60_550)), [CallStep::Cancel]);
}

#[test]
fn the_next_address_has_its_turn_while_there_is_time() {
    let of_two = |begun| {
        let mut course = unsent(begun, 1);
        send(&mut course, begun);
        course
    };
    let mut course = of_two(0);
    assert_eq!(course.pass(at(8_000)), [CallStep::Abandon, CallStep::InviteNext]);
    send(&mut course, 8_100);
    assert_eq!(course.pass(at(16_100)).len(), 2);
    assert!(course.is_over());
    // No way to the first is found.
    let mut course = unsent(0, 1);
    assert_eq!(course.pass(at(899)), []);
    assert_eq!(course.pass(at(900)), [CallStep::Abandon, CallStep::InviteNext]);
    send(&mut course, 910);
    let mut course = unsent(0, 1);
    let unreachable = CallInput::Refused(failed_here(503, "x"));
    assert_eq!(course.hear(unreachable, at(1)), [CallStep::Abandon, CallStep::InviteNext]);
    let mut course = of_two((CLOSE - 31) * 1_000);
    course.pass(at((CLOSE - 23) * 1_000));
    assert!(course.is_over(), "it is too late for another INVITE");
    // Who has the INVITE is not passed over.
    let mut course = of_two(0);
    course.hear(CallInput::Trying, at(1));
    course.hear(CallInput::Refused(failed_here(503, "x")), at(2));
    assert!(course.is_over());
}

#[test]
fn an_answer_that_crosses_the_cancel_is_ended_and_was_a_try() {
    let mut course = call(0);
    course.hear(CallInput::Trying, at(1));
    course.end(at(2));
    let steps = course.hear(CallInput::Answered { is_usable: true }, at(3));
    assert_eq!(steps, [report(CallEvent::Ringing), CallStep::Bye]);
    assert_eq!(course.hear(CallInput::ByeDone, at(4)), [unanswered()]);
}

#[test]
fn an_answer_without_a_codec_is_ended_as_a_fault_of_the_line() {
    let mut course = call(0);
    course.hear(progress(true), at(1));
    assert_eq!(course.hear(CallInput::Answered { is_usable: false }, at(2)), [CallStep::Bye]);
    let steps = course.hear(CallInput::ByeDone, at(3));
    let [CallStep::Report(CallEvent::Refused(refusal))] = steps.as_slice() else { panic!("{steps:?}") };
    assert!(refusal.cause.is_local && refusal.cause.code == Some(488));
}
