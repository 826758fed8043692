//! Whom the demo calls: nobody, over a simulated line, or over real SIP a phone in this program. Beside that its list is the same.

use std::{f64::consts::TAU, net::SocketAddr};

use anyhow::anyhow;
use domain::{
    AccountId, AnsweredBy, CallRate, DEFAULT_NEXT_KEY, DEFAULT_VISITS, DigitBranch, DigitCount, DigitPattern,
    GatherStep, KeySeconds, LineDraft, LineKind, LineSettings, Name, OnMachine, OutcomeClass, PlayStep,
    PromptId, ScriptFlow, ScriptStep, Seconds, SimulatedOutcome, Simulation, SipAddress, SipTrunk, SipUser,
    StepAction, StepLabel, WeightedOutcome,
};
use media::wav::{LINE_RATE, LineSound};
use store::{Tx, prompts};

use crate::{
    manage::{change, checked},
    system::{SystemClock, SystemRandom},
};

/// Who calls the phone.
const CALLER: &str = "dialtime-demo";

/// For how many seconds the phone may ring: less than anyone would, so that there is something to see soon.
const RING_LIMIT: i64 = 12;

/// The notes of the prompt in hertz, and how long each lasts in tenths of a second.
const MELODY: [(f64, u32); 8] =
    [(523.25, 4), (587.33, 4), (659.25, 4), (783.99, 6), (659.25, 4), (587.33, 4), (523.25, 8), (0.0, 4)];

/// How loud it is: about 12 dB below the loudest.
const LOUDNESS: f64 = 8_000.0;

/// Whom the demo calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum DemoCallees {
    /// Nobody.
    Simulated,
    /// A phone at this address.
    Phone(SocketAddr),
}

impl DemoCallees {
    /// The line that they are called over.
    pub(super) fn line(self) -> anyhow::Result<LineDraft> {
        let (name, description, kind) = match self {
            Self::Simulated => ("模拟线路", "模拟线路，不会真正呼叫", LineKind::Simulated(short_calls())),
            Self::Phone(address) => {
                let address = checked("the address", SipAddress::parse(&address.to_string()))?;
                let from_user = Some(checked("the caller", SipUser::parse(CALLER))?);
                let trunk = SipTrunk { from_user, ..SipTrunk::new(vec![address]) };
                ("本机 SIP 线路", "呼叫本程序内的话机，不会离开本机", LineKind::Sip(Box::new(trunk)))
            }
        };
        let line = LineSettings::new(kind, 100);
        let ring_limit = if matches!(self, Self::Phone(_)) { RING_LIMIT } else { line.ring_limit };
        let cps = CallRate::from_thousandths(5_000).unwrap_or(CallRate::ONE);
        let settings = LineSettings { description: description.to_owned(), cps, ring_limit, ..line };
        Ok(LineDraft { name: checked("the name", Name::parse(name))?, secret: None, settings })
    }

    /// What they hear. A simulated line has its own mind, but for machines, on which a message is left; the phone hears a prompt and may press 1
    /// to hear it once more.
    pub(super) async fn script(self, tx: &mut Tx, user: AccountId) -> anyhow::Result<ScriptFlow> {
        let prompt = create_prompt(tx, user).await?;
        let steps = match self {
            Self::Simulated => vec![step(None, StepAction::HangUp)],
            Self::Phone(_) => steps(prompt)?,
        };
        let on_machine = match self {
            Self::Simulated => OnMachine::LeaveMessage { prompt },
            Self::Phone(_) => OnMachine::default(),
        };
        ScriptFlow::new(steps, on_machine).map_err(|faults| anyhow!("{faults:?}"))
    }

    /// What the calls of its list are called.
    pub(super) const fn task_name(self) -> &'static str {
        match self {
            Self::Simulated => "模拟外呼演示",
            Self::Phone(_) => "SIP 外呼演示",
        }
    }
}

/// Calls that are soon over, so that there is something to see at once. Of three that answer one is a machine.
fn short_calls() -> Simulation {
    let mut simulation = Simulation::default();
    if let Some(answered) =
        simulation.outcomes.iter_mut().find(|one| one.outcome.class == OutcomeClass::Answered)
    {
        let weight = answered.weight / 3;
        answered.weight -= weight;
        let outcome = SimulatedOutcome { by: AnsweredBy::Machine, ..answered.outcome };
        simulation.outcomes.push(WeightedOutcome { weight, outcome });
    }
    for outcome in &mut simulation.outcomes {
        outcome.outcome.ring = Seconds { from: 1, to: 4 };
        outcome.outcome.talk = Seconds { from: 3, to: 15 };
    }
    simulation
}

const fn step(label: Option<StepLabel>, action: StepAction) -> ScriptStep {
    ScriptStep { label, visits: DEFAULT_VISITS, action }
}

fn steps(prompt: PromptId) -> anyhow::Result<Vec<ScriptStep>> {
    let again = checked("the label", StepLabel::parse("again"))?;
    let one = checked("the key", DigitPattern::parse("1"))?;
    let gather = GatherStep {
        prompt: Some(prompt),
        digits: DigitCount::or(1),
        first_digit: KeySeconds::or(2),
        next_digit: DEFAULT_NEXT_KEY,
        branches: vec![DigitBranch { digits: one, go_to: again.clone() }],
        no_input: None,
        no_match: None,
    };
    let play = PlayStep { prompt, interruptible: true, next: None };
    Ok(vec![
        step(None, StepAction::Gather(gather)),
        step(None, StepAction::HangUp),
        step(Some(again), StepAction::Play(play)),
        step(None, StepAction::HangUp),
    ])
}

async fn create_prompt(tx: &mut Tx, user: AccountId) -> anyhow::Result<PromptId> {
    let samples = MELODY.iter().flat_map(|(hertz, tenths)| note(*hertz, *tenths)).collect();
    let file = LineSound { samples, is_silent: false }.to_wav();
    let audio = api::read_prompt(&file).map_err(|rule| anyhow!("{rule:?}"))?;
    let id = PromptId::generate(&SystemClock, &SystemRandom);
    let name = checked("the name", Name::parse("演示提示音"))?;
    prompts::create(tx, user, id, &name, &audio, &change()).await?;
    Ok(id)
}

/// A note that fades, so that it does not click.
#[expect(clippy::cast_possible_truncation, reason = "samples of a tone")]
fn note(hertz: f64, tenths: u32) -> impl Iterator<Item = i16> {
    let length = tenths * LINE_RATE / 10;
    (0..length).map(move |place| {
        let left = f64::from(length - place) / f64::from(length);
        let turns = hertz * f64::from(place) / f64::from(LINE_RATE);
        ((TAU * turns).sin() * LOUDNESS * left) as i16
    })
}
