//! The steps of a script as they are returned.

use std::collections::BTreeMap;

use domain::{
    Bot, BotSecrets, BotStep, DigitBranch, GatherStep, PlayStep, ScriptStep, StepAction, StepLabel,
    TransferStep, TransferTarget,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    BotAction, BotConnectChoice, GatherAction, HangUpAction, PlayAction, StepChoice, TransferAction,
};

/// A step of a script.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
#[serde(untagged)]
pub(crate) enum StepView {
    Play(PlayView),
    Gather(GatherView),
    Bot(BotStepView),
    Transfer(TransferView),
    HangUp(HangUpView),
}

/// Plays a prompt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlayStep)]
pub(crate) struct PlayView {
    /// `play`
    #[schema(value_type = PlayAction)]
    action: StepChoice,
    label: Option<String>,
    /// How often it is run in one call.
    visits: i64,
    prompt: Uuid,
    /// Whether a key ends it.
    interruptible: bool,
    /// The label that it goes to; `null`: the next step.
    next: Option<String>,
}

/// Waits for keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GatherStep)]
pub(crate) struct GatherView {
    /// `gather`
    #[schema(value_type = GatherAction)]
    action: StepChoice,
    label: Option<String>,
    /// How often it is run in one call.
    visits: i64,
    prompt: Option<Uuid>,
    /// How many keys are waited for.
    digits: i64,
    /// Seconds to wait for the first key.
    first_digit: i64,
    /// Seconds to wait for each further key.
    next_digit: i64,
    branches: Vec<BranchView>,
    /// The label that it goes to without any key; `null`: the next step.
    no_input: Option<String>,
    /// The label that it goes to with other keys; `null`: the next step.
    no_match: Option<String>,
}

/// Where keys lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DigitBranch)]
pub(crate) struct BranchView {
    digits: String,
    go_to: String,
}

/// Hands the call to a bot over a WebSocket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BotStep)]
pub(crate) struct BotStepView {
    /// `bot`
    #[schema(value_type = BotAction)]
    action: StepChoice,
    label: Option<String>,
    /// How often it is run in one call.
    visits: i64,
    bots: Vec<BotView>,
    variables: BTreeMap<String, String>,
    connect: BotConnectChoice,
    /// How often the stream is made again when it is lost.
    reconnects: i64,
    /// The label that it goes to when the bot closes its stream; `null`: the call ends.
    next: Option<String>,
}

/// A bot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bot)]
pub(crate) struct BotView {
    url: String,
    weight: i64,
    /// How many calls it takes at once; `null`: as many as there are.
    capacity: Option<i64>,
    /// Whether it is told a secret, which is never answered.
    has_secret: bool,
}

/// Connects the callee with someone else.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferStep)]
pub(crate) struct TransferView {
    /// `transfer`
    #[schema(value_type = TransferAction)]
    action: StepChoice,
    label: Option<String>,
    /// How often it is run in one call.
    visits: i64,
    extension: Option<String>,
    sip_address: Option<String>,
    line: Uuid,
    /// How many seconds it may ring.
    ring: i64,
    /// The label that it goes to when nobody answers; `null`: the call ends.
    no_answer: Option<String>,
}

/// Ends the call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HangUpStep)]
pub(crate) struct HangUpView {
    /// `hang_up`
    #[schema(value_type = HangUpAction)]
    action: StepChoice,
    label: Option<String>,
    visits: i64,
}

fn text(label: Option<&StepLabel>) -> Option<String> {
    label.map(|label| label.as_str().to_owned())
}

impl StepView {
    pub(crate) fn new(step: &ScriptStep, secrets: &BotSecrets) -> Self {
        let (label, visits) = (text(step.label.as_ref()), step.visits.get());
        match &step.action {
            StepAction::Play(play) => Self::Play(PlayView::new(label, visits, play)),
            StepAction::Gather(gather) => Self::Gather(GatherView::new(label, visits, gather)),
            StepAction::Bot(bot) => Self::Bot(BotStepView::new(label, visits, bot, secrets)),
            StepAction::Transfer(transfer) => Self::Transfer(TransferView::new(label, visits, transfer)),
            StepAction::HangUp => Self::HangUp(HangUpView { action: StepChoice::HangUp, label, visits }),
        }
    }
}

impl PlayView {
    fn new(label: Option<String>, visits: i64, step: &PlayStep) -> Self {
        let PlayStep { prompt, interruptible, next } = step;
        let (prompt, next) = (prompt.uuid(), text(next.as_ref()));
        Self { action: StepChoice::Play, label, visits, prompt, interruptible: *interruptible, next }
    }
}

impl GatherView {
    fn new(label: Option<String>, visits: i64, step: &GatherStep) -> Self {
        let branch = |branch: &DigitBranch| BranchView {
            digits: branch.digits.as_str().to_owned(),
            go_to: branch.go_to.as_str().to_owned(),
        };
        Self {
            action: StepChoice::Gather,
            label,
            visits,
            prompt: step.prompt.map(domain::PromptId::uuid),
            digits: step.digits.get(),
            first_digit: step.first_digit.get(),
            next_digit: step.next_digit.get(),
            branches: step.branches.iter().map(branch).collect(),
            no_input: text(step.no_input.as_ref()),
            no_match: text(step.no_match.as_ref()),
        }
    }
}

impl BotStepView {
    fn new(label: Option<String>, visits: i64, step: &BotStep, secrets: &BotSecrets) -> Self {
        let bot = |bot: &Bot| BotView {
            url: bot.url.as_str().to_owned(),
            weight: bot.weight.get(),
            capacity: bot.capacity.map(domain::Bounded::get),
            has_secret: secrets.contains_key(&bot.url),
        };
        Self {
            action: StepChoice::Bot,
            label,
            visits,
            bots: step.bots.iter().map(bot).collect(),
            variables: step.variables.clone(),
            connect: step.connect.into(),
            reconnects: step.reconnects.get(),
            next: text(step.next.as_ref()),
        }
    }
}

impl TransferView {
    fn new(label: Option<String>, visits: i64, step: &TransferStep) -> Self {
        let (extension, sip_address) = match &step.to {
            TransferTarget::Extension(extension) => (Some(extension.as_str().to_owned()), None),
            TransferTarget::SipAddress(address) => (None, Some(address.as_str().to_owned())),
        };
        let (ring, no_answer) = (step.ring.get(), text(step.no_answer.as_ref()));
        Self {
            action: StepChoice::Transfer,
            label,
            visits,
            extension,
            sip_address,
            line: step.line,
            ring,
            no_answer,
        }
    }
}
