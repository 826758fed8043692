//! What a script does when a machine answers, on the wire.

use domain::{Bounded, Faults, MachineHandling, MachineTimings, OnMachine, PromptId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{body::fields, choices::choice};

choice! {
    /// What is done when a machine answers: nothing, and nobody finds out (`continue`); it is found out and noted in the record (`note`); the call
    /// ends (`hang_up`); or a prompt is played after the beep, or two seconds after the greeting, and then the call ends (`leave_message`).
    pub(crate) enum MachineChoice as MachineAction {
        Continue = "continue",
        Note = "note",
        HangUp = "hang_up",
        LeaveMessage = "leave_message",
    }
}

/// What is done when a machine answers.
#[derive(Debug, ToSchema)]
#[schema(as = SaveOnMachine)]
pub(crate) struct OnMachineBody {
    #[schema(value_type = MachineChoice, required = true)]
    action: Option<MachineChoice>,
    /// The prompt of `leave_message`.
    prompt: Option<Uuid>,
    /// How a machine is told from a person.
    timings: Option<MachineTimingsBody>,
}

fields!(OnMachineBody { action, prompt, timings } known &[]);

/// The timings by which a machine is told from a person, in milliseconds but `most_words`.
#[derive(Debug, Default, ToSchema)]
#[schema(as = SaveMachineTimings)]
pub(crate) struct MachineTimingsBody {
    /// After so much silence at first, it is a machine; left out, 2,200.
    #[schema(minimum = 500, maximum = 10_000)]
    initial_silence: Option<i64>,
    /// A greeting that goes on for longer is a machine's; left out, 1,350.
    #[schema(minimum = 500, maximum = 10_000)]
    greeting: Option<i64>,
    /// Whoever is silent for so long after a greeting is a person; left out, 600.
    #[schema(minimum = 200, maximum = 5_000)]
    after_greeting: Option<i64>,
    /// A greeting of more words is a machine's; left out, 3.
    #[schema(minimum = 1, maximum = 20)]
    most_words: Option<i64>,
    /// What is said for a shorter time is no word; left out, 80.
    #[schema(minimum = 20, maximum = 1_000)]
    word: Option<i64>,
    /// After so much silence the next word begins; left out, 120.
    #[schema(minimum = 20, maximum = 1_000)]
    between_words: Option<i64>,
    /// Where nothing else decided by then, it is `unsure`; left out, 5,000.
    #[schema(minimum = 1_000, maximum = 20_000)]
    total: Option<i64>,
    /// Until when is listened, from the answer on; left out, 30,000.
    #[schema(minimum = 1_000, maximum = 120_000)]
    listening: Option<i64>,
}

fields!(MachineTimingsBody {
    initial_silence, greeting, after_greeting, most_words, word, between_words, total, listening
} known &[]);

/// What is done when a machine answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OnMachine)]
pub(crate) struct OnMachineView {
    action: MachineChoice,
    /// The prompt of `leave_message`.
    prompt: Option<Uuid>,
    /// How a machine is told from a person.
    timings: MachineTimingsView,
}

/// The timings by which a machine is told from a person, in milliseconds but `most_words`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MachineTimings)]
pub(crate) struct MachineTimingsView {
    /// After so much silence at first, it is a machine; null: 2,200.
    #[schema(minimum = 500, maximum = 10_000)]
    initial_silence: Option<i64>,
    /// A greeting that goes on for longer is a machine's; null: 1,350.
    #[schema(minimum = 500, maximum = 10_000)]
    greeting: Option<i64>,
    /// Whoever is silent for so long after a greeting is a person; null: 600.
    #[schema(minimum = 200, maximum = 5_000)]
    after_greeting: Option<i64>,
    /// A greeting of more words is a machine's; null: 3.
    #[schema(minimum = 1, maximum = 20)]
    most_words: Option<i64>,
    /// What is said for a shorter time is no word; null: 80.
    #[schema(minimum = 20, maximum = 1_000)]
    word: Option<i64>,
    /// After so much silence the next word begins; null: 120.
    #[schema(minimum = 20, maximum = 1_000)]
    between_words: Option<i64>,
    /// Where nothing else decided by then, it is `unsure`; null: 5,000.
    #[schema(minimum = 1_000, maximum = 20_000)]
    total: Option<i64>,
    /// Until when is listened, from the answer on; null: 30,000.
    #[schema(minimum = 1_000, maximum = 120_000)]
    listening: Option<i64>,
}

/// What is done when a machine answers; `None` where it is faulty.
pub(crate) fn read_on_machine(body: &OnMachineBody, faults: &mut Faults) -> Option<MachineHandling> {
    let timings = body.timings.as_ref().map(|timings| read_timings(timings, faults)).unwrap_or_default();
    let on_machine = match faults.require("on_machine.action", body.action)? {
        MachineChoice::Continue => OnMachine::Continue,
        MachineChoice::Note => OnMachine::Note,
        MachineChoice::HangUp => OnMachine::HangUp,
        MachineChoice::LeaveMessage => {
            let prompt = faults.require("on_machine.prompt", body.prompt)?;
            OnMachine::LeaveMessage { prompt: PromptId::new(prompt) }
        }
    };
    Some(MachineHandling { on_machine, timings })
}

fn read_timings(body: &MachineTimingsBody, faults: &mut Faults) -> MachineTimings {
    MachineTimings {
        initial_silence: bounded("initial_silence", body.initial_silence, faults),
        greeting: bounded("greeting", body.greeting, faults),
        after_greeting: bounded("after_greeting", body.after_greeting, faults),
        most_words: bounded("most_words", body.most_words, faults),
        word: bounded("word", body.word, faults),
        between_words: bounded("between_words", body.between_words, faults),
        total: bounded("total", body.total, faults),
        listening: bounded("listening", body.listening, faults),
    }
}

fn bounded<const LEAST: i64, const MOST: i64>(
    name: &str,
    given: Option<i64>,
    faults: &mut Faults,
) -> Option<Bounded<LEAST, MOST>> {
    faults.check(&format!("on_machine.timings.{name}"), Bounded::new(given?))
}

impl From<MachineHandling> for OnMachineView {
    fn from(machine: MachineHandling) -> Self {
        let (action, prompt) = match machine.on_machine {
            OnMachine::Continue => (MachineChoice::Continue, None),
            OnMachine::Note => (MachineChoice::Note, None),
            OnMachine::HangUp => (MachineChoice::HangUp, None),
            OnMachine::LeaveMessage { prompt } => (MachineChoice::LeaveMessage, Some(prompt.uuid())),
        };
        Self { action, prompt, timings: machine.timings.into() }
    }
}

impl From<MachineTimings> for MachineTimingsView {
    fn from(timings: MachineTimings) -> Self {
        Self {
            initial_silence: timings.initial_silence.map(Bounded::get),
            greeting: timings.greeting.map(Bounded::get),
            after_greeting: timings.after_greeting.map(Bounded::get),
            most_words: timings.most_words.map(Bounded::get),
            word: timings.word.map(Bounded::get),
            between_words: timings.between_words.map(Bounded::get),
            total: timings.total.map(Bounded::get),
            listening: timings.listening.map(Bounded::get),
        }
    }
}
