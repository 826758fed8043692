//! Who answers a simulated call, and what comes of that: nobody is heard there, so it happens by the clock, as it would with the usual timings. A mailbox
//! greets for some seconds and beeps.

use std::collections::VecDeque;

use domain::{AnsweredBy, Answerer, AnswererReason, EndedBy, OnMachine, ReachedStep, StepKind};
use jiff::{SignedDuration, Timestamp};

use crate::{CallEvent, CallNotes};

/// What comes of a call, and when.
pub(super) type Plan = VecDeque<(Timestamp, CallEvent)>;

/// When it is clear who answered, in milliseconds since the answer.
const GREETED: i64 = 1_296;
const GREETED_LONG: i64 = 1_504;
const HEARD_NOISE: i64 = 1_408;

/// When a mailbox beeps, and when that is over.
const BEEP: i64 = 4_000;
const BEEP_OVER: i64 = 4_544;

/// When a message is left that is played after the beep.
const LEFT: i64 = 8_000;

/// What is to come of a call that somebody answers at an instant, from then on and until it ends.
pub(super) fn answered(by: AnsweredBy, on_machine: OnMachine, from: Timestamp, end: Timestamp) -> Plan {
    let after = |milliseconds: i64| {
        from.saturating_add(SignedDuration::from_millis(milliseconds)).unwrap_or(Timestamp::MAX)
    };
    let mut plan = Plan::from([(from, CallEvent::Answered)]);
    let told = if on_machine == OnMachine::Continue { Vec::new() } else { verdicts(by) };
    plan.extend(told.into_iter().map(|(at, answerer)| (after(at), CallEvent::Judged(answerer))));
    let left = match on_machine {
        _ if by != AnsweredBy::Machine => None,
        OnMachine::Continue | OnMachine::Note => None,
        OnMachine::HangUp => Some(after(GREETED_LONG)),
        OnMachine::LeaveMessage { .. } => {
            let at = after(GREETED_LONG);
            let step = ReachedStep { at, step: None, label: None, kind: StepKind::LeaveMessage };
            plan.insert(plan.len().min(2), (at, CallEvent::Reached(step)));
            Some(after(LEFT))
        }
    };
    if let Some(left) = left.filter(|left| *left <= end) {
        plan.retain(|(at, _)| *at <= left);
        let notes = CallNotes { is_for_machine: true, ..CallNotes::default() };
        plan.extend([(left, CallEvent::Noted(notes)), (left, CallEvent::HungUp(EndedBy::Script))]);
    } else {
        plan.retain(|(at, _)| *at <= end);
        plan.push_back((end, CallEvent::HungUp(EndedBy::Callee)));
    }
    plan
}

/// What is found out about who answered, and when.
fn verdicts(by: AnsweredBy) -> Vec<(i64, Answerer)> {
    let judged = |reason, after| (after, Answerer { by, reason, after, beep_after: None });
    match by {
        AnsweredBy::Human => vec![judged(AnswererReason::ShortGreeting, GREETED)],
        AnsweredBy::Unsure => vec![judged(AnswererReason::NotSpeech, HEARD_NOISE)],
        AnsweredBy::Machine => {
            let (at, greeting) = judged(AnswererReason::LongGreeting, GREETED_LONG);
            vec![(at, greeting), (BEEP_OVER, Answerer { beep_after: Some(BEEP), ..greeting })]
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::PromptId;
    use uuid::Uuid;

    use super::*;

    /// What comes of a call, with milliseconds since the answer.
    fn plan(by: AnsweredBy, on_machine: OnMachine, talk: i64) -> Vec<(i64, String)> {
        let (from, end) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_millis(talk));
        let word = |event: CallEvent| match event {
            CallEvent::Answered => "answered".to_owned(),
            CallEvent::Judged(answerer) => format!("{:?} {:?}", answerer.by, answerer.beep_after),
            CallEvent::Reached(step) => format!("{:?}", step.kind),
            CallEvent::Noted(notes) => format!("for a machine: {}", notes.is_for_machine),
            CallEvent::HungUp(by) => format!("ended by {by:?}"),
            other => panic!("{other:?}"),
        };
        answered(by, on_machine, from, end)
            .into_iter()
            .map(|(at, event)| (at.as_millisecond(), word(event)))
            .collect()
    }

    fn expect(found: &[(i64, String)], expected: &[(i64, &str)]) {
        let found: Vec<(i64, &str)> = found.iter().map(|(at, word)| (*at, word.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_machine_is_done_with_as_the_script_says() {
        let leave = OnMachine::LeaveMessage { prompt: PromptId::new(Uuid::nil()) };
        let (clear, beep) = ((1_504, "Machine None"), (4_544, "Machine Some(4000)"));
        expect(
            &plan(AnsweredBy::Machine, leave, 60_000),
            &[
                (0, "answered"),
                clear,
                (1_504, "LeaveMessage"),
                beep,
                (8_000, "for a machine: true"),
                (8_000, "ended by Script"),
            ],
        );
        expect(
            &plan(AnsweredBy::Machine, OnMachine::HangUp, 60_000),
            &[(0, "answered"), clear, (1_504, "for a machine: true"), (1_504, "ended by Script")],
        );
        expect(
            &plan(AnsweredBy::Machine, OnMachine::Note, 9_000),
            &[(0, "answered"), clear, beep, (9_000, "ended by Callee")],
        );
    }

    #[test]
    fn others_talk_and_who_does_not_ask_is_told_nothing() {
        let leave = OnMachine::LeaveMessage { prompt: PromptId::new(Uuid::nil()) };
        let over = (9_000, "ended by Callee");
        expect(&plan(AnsweredBy::Human, leave, 9_000), &[(0, "answered"), (1_296, "Human None"), over]);
        expect(&plan(AnsweredBy::Unsure, leave, 9_000), &[(0, "answered"), (1_408, "Unsure None"), over]);
        expect(&plan(AnsweredBy::Machine, OnMachine::Continue, 9_000), &[(0, "answered"), over]);
        // A mailbox that hangs up before all is said.
        expect(
            &plan(AnsweredBy::Machine, leave, 2_000),
            &[(0, "answered"), (1_504, "Machine None"), (1_504, "LeaveMessage"), (2_000, "ended by Callee")],
        );
        expect(&plan(AnsweredBy::Human, leave, 1_000), &[(0, "answered"), (1_000, "ended by Callee")]);
    }
}
