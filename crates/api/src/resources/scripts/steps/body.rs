//! The steps of a script as they are sent.

use std::collections::BTreeMap;

use domain::{
    Bot, BotConnect, BotSecret, BotStep, BotUrl, Bounded, DEFAULT_BOT_RECONNECTS, DEFAULT_FIRST_KEY,
    DEFAULT_NEXT_KEY, DEFAULT_TRANSFER_RING, DEFAULT_VISITS, DigitBranch, DigitPattern, FaultRule, Faults,
    GatherStep, PlayStep, PromptId, ScriptStep, SecretChanges, StepAction, StepLabel, TransferAddress,
    TransferExtension, TransferStep, TransferTarget, ValueKind,
};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    BotAction, BotConnectChoice, GatherAction, HangUpAction, PlayAction, StepChoice, TransferAction,
};
use crate::http::{
    body::{FieldPath, FromValue, Members, Reading, fields},
    formats::{BotSecretSchema, StepLabelSchema, TransferAddressSchema, TransferExtensionSchema},
};

/// A step to be saved.
#[derive(Debug, ToSchema)]
#[schema(as = SaveStep)]
#[serde(untagged)]
pub(crate) enum StepBody {
    Play(PlayBody),
    Gather(GatherBody),
    Bot(BotStepBody),
    Transfer(TransferBody),
    HangUp(HangUpBody),
}

/// Plays a prompt.
#[derive(Debug, ToSchema)]
#[schema(as = SavePlayStep)]
pub(crate) struct PlayBody {
    /// `play`
    #[schema(value_type = PlayAction, required = true)]
    #[expect(dead_code, reason = "it has told already which kind of step it is")]
    action: Option<StepChoice>,
    /// What other steps call it: 1 to 32 of a-z, 0-9, `_` and `-`.
    #[schema(value_type = Option<StepLabelSchema>)]
    label: Option<String>,
    /// How often it is run in one call; when it would be run once more, the call is ended. Left out, 3.
    #[schema(minimum = 1, maximum = 20)]
    visits: Option<i64>,
    /// A prompt of the account, or of its user.
    #[schema(value_type = Uuid, required = true)]
    prompt: Option<Uuid>,
    /// Whether a key ends it, and counts for a `gather` that follows; left out, yes.
    interruptible: Option<bool>,
    /// The label to go to afterwards; left out, the next step.
    #[schema(value_type = Option<StepLabelSchema>)]
    next: Option<String>,
}

fields!(PlayBody { action, label, visits, prompt, interruptible, next } known &[]);

/// Waits for keys.
#[derive(Debug, ToSchema)]
#[schema(as = SaveGatherStep)]
pub(crate) struct GatherBody {
    /// `gather`
    #[schema(value_type = GatherAction, required = true)]
    #[expect(dead_code, reason = "it has told already which kind of step it is")]
    action: Option<StepChoice>,
    /// What other steps call it: 1 to 32 of a-z, 0-9, `_` and `-`.
    #[schema(value_type = Option<StepLabelSchema>)]
    label: Option<String>,
    /// How often it is run in one call; when it would be run once more, the call is ended. Left out, 3.
    #[schema(minimum = 1, maximum = 20)]
    visits: Option<i64>,
    /// A prompt that is played meanwhile; a key ends it.
    prompt: Option<Uuid>,
    /// How many keys are waited for; `#` ends the waiting before. Left out, 1.
    #[schema(minimum = 1, maximum = 20)]
    digits: Option<i64>,
    /// Seconds to wait for the first key after the prompt; left out, 5.
    #[schema(minimum = 1, maximum = 60)]
    first_digit: Option<i64>,
    /// Seconds to wait for each further key; left out, 3.
    #[schema(minimum = 1, maximum = 60)]
    next_digit: Option<i64>,
    /// Where keys lead; at most 30.
    #[schema(max_items = 30)]
    branches: Option<Vec<BranchBody>>,
    /// The label to go to without any key; left out, the next step.
    #[schema(value_type = Option<StepLabelSchema>)]
    no_input: Option<String>,
    /// The label to go to with other keys; left out, the next step.
    #[schema(value_type = Option<StepLabelSchema>)]
    no_match: Option<String>,
}

fields!(GatherBody {
    action, label, visits, prompt, digits, first_digit, next_digit, branches, no_input, no_match,
} known &[]);

/// Where keys lead.
#[derive(Debug, ToSchema)]
#[schema(as = SaveDigitBranch)]
pub(crate) struct BranchBody {
    /// The keys: 0-9, `*` and `#`.
    #[schema(value_type = String, required = true, pattern = "^[0-9*#]{1,20}$", example = "1")]
    digits: Option<String>,
    /// The label to go to.
    #[schema(value_type = StepLabelSchema, required = true)]
    go_to: Option<String>,
}

fields!(BranchBody { digits, go_to } known &[]);

/// Hands the call to a bot over a WebSocket.
#[derive(Debug, ToSchema)]
#[schema(as = SaveBotStep)]
pub(crate) struct BotStepBody {
    /// `bot`
    #[schema(value_type = BotAction, required = true)]
    #[expect(dead_code, reason = "it has told already which kind of step it is")]
    action: Option<StepChoice>,
    /// What other steps call it: 1 to 32 of a-z, 0-9, `_` and `-`.
    #[schema(value_type = Option<StepLabelSchema>)]
    label: Option<String>,
    /// How often it is run in one call; when it would be run once more, the call is ended. Left out, 3.
    #[schema(minimum = 1, maximum = 20)]
    visits: Option<i64>,
    /// One or several, of which one is chosen by weight among those that have room.
    #[schema(value_type = Vec<BotBody>, required = true, min_items = 1, max_items = 10)]
    bots: Option<Vec<BotBody>>,
    /// What the bot is told, beside the variables of the number and of the task: at most 50 texts.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    variables: Option<VariablesBody>,
    /// When its stream is opened; left out, when the callee's phone rings.
    connect: Option<BotConnectChoice>,
    /// How often the stream is made again when it is lost: 0 by default.
    #[schema(minimum = 0, maximum = 5)]
    reconnects: Option<i64>,
    /// The label to go to when the bot closes its stream; left out, the call ends.
    #[schema(value_type = Option<StepLabelSchema>)]
    next: Option<String>,
}

fields!(BotStepBody { action, label, visits, bots, variables, connect, reconnects, next } known &[]);

/// A bot.
#[derive(Debug, ToSchema)]
#[schema(as = SaveBot)]
pub(crate) struct BotBody {
    /// `ws` or `wss`.
    #[schema(value_type = String, required = true, format = "uri", max_length = 2_000, pattern = "^wss?://", example = "wss://bot.example.com/media")]
    url: Option<String>,
    /// How often it is chosen, beside the others; left out, 1.
    #[schema(minimum = 1, maximum = 100)]
    weight: Option<i64>,
    /// How many calls it takes at once; left out, as many as there are.
    #[schema(minimum = 1, maximum = 10_000)]
    capacity: Option<i64>,
    /// What proves to the bot who calls it; never answered. Left out, the one that its address has; empty, none.
    #[schema(value_type = Option<BotSecretSchema>, write_only)]
    secret: Option<String>,
}

// What answers say of the secret is ignored.
fields!(BotBody { url, weight, capacity, secret } known &["has_secret"]);

/// Texts by their names.
#[derive(Debug)]
pub(crate) struct VariablesBody(BTreeMap<String, String>);

impl FromValue for VariablesBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let Value::Object(members) = value else {
            reading.faults.add(place.to_string(), FaultRule::Type(ValueKind::Object));
            return None;
        };
        let mut texts = BTreeMap::new();
        for (name, value) in members {
            if let Some(text) = String::from_value(value, &FieldPath::Member(place, &name), reading) {
                texts.insert(name, text);
            }
        }
        Some(Self(texts))
    }
}

/// Connects the callee with someone else.
#[derive(Debug, ToSchema)]
#[schema(as = SaveTransferStep)]
pub(crate) struct TransferBody {
    /// `transfer`
    #[schema(value_type = TransferAction, required = true)]
    #[expect(dead_code, reason = "it has told already which kind of step it is")]
    action: Option<StepChoice>,
    /// What other steps call it: 1 to 32 of a-z, 0-9, `_` and `-`.
    #[schema(value_type = Option<StepLabelSchema>)]
    label: Option<String>,
    /// How often it is run in one call; when it would be run once more, the call is ended. Left out, 3.
    #[schema(minimum = 1, maximum = 20)]
    visits: Option<i64>,
    /// Who is called, as the line's switch knows it; this or `sip_address`.
    #[schema(value_type = Option<TransferExtensionSchema>)]
    extension: Option<String>,
    /// Who is called; this or `extension`.
    #[schema(value_type = Option<TransferAddressSchema>)]
    sip_address: Option<String>,
    /// The line that it is called over.
    #[schema(value_type = Uuid, required = true)]
    line: Option<Uuid>,
    /// How many seconds it may ring; left out, 30.
    #[schema(minimum = 5, maximum = 120)]
    ring: Option<i64>,
    /// The label to go to when nobody answers; left out, the call ends.
    #[schema(value_type = Option<StepLabelSchema>)]
    no_answer: Option<String>,
}

fields!(TransferBody { action, label, visits, extension, sip_address, line, ring, no_answer } known &[]);

/// Ends the call.
#[derive(Debug, ToSchema)]
#[schema(as = SaveHangUpStep)]
pub(crate) struct HangUpBody {
    /// `hang_up`
    #[schema(value_type = HangUpAction, required = true)]
    #[expect(dead_code, reason = "it has told already which kind of step it is")]
    action: Option<StepChoice>,
    /// What other steps call it: 1 to 32 of a-z, 0-9, `_` and `-`.
    #[schema(value_type = Option<StepLabelSchema>)]
    label: Option<String>,
    /// Without effect: the call ends.
    #[schema(minimum = 1, maximum = 20)]
    visits: Option<i64>,
}

fields!(HangUpBody { action, label, visits } known &[]);

impl FromValue for StepBody {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let action = value.get("action").cloned().unwrap_or_default();
        if !value.is_object() || action.is_null() {
            // Says what is wrong with it.
            Members::of(value, place, reading)?.need::<StepChoice>("action");
            return None;
        }
        match StepChoice::from_value(action, &FieldPath::Member(place, "action"), reading)? {
            StepChoice::Play => PlayBody::from_value(value, place, reading).map(Self::Play),
            StepChoice::Gather => GatherBody::from_value(value, place, reading).map(Self::Gather),
            StepChoice::Bot => BotStepBody::from_value(value, place, reading).map(Self::Bot),
            StepChoice::Transfer => TransferBody::from_value(value, place, reading).map(Self::Transfer),
            StepChoice::HangUp => HangUpBody::from_value(value, place, reading).map(Self::HangUp),
        }
    }

    fn faulty() -> Option<Self> {
        Some(Self::HangUp(HangUpBody { action: None, label: None, visits: None }))
    }
}

/// Reads the members of one step, each by the field that it stands in.
struct StepReader<'r> {
    place: String,
    faults: &'r mut Faults,
    secrets: &'r mut SecretChanges,
}

impl StepReader<'_> {
    fn check<T>(&mut self, field: &str, result: Result<T, FaultRule>) -> Option<T> {
        self.faults.check(&format!("{}.{field}", self.place), result)
    }

    fn require<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        self.check(field, value.ok_or(FaultRule::Required))
    }

    /// A label that may be left out; one that is faulty is noted, and the whole refused.
    fn label(&mut self, field: &str, text: Option<String>) -> Option<StepLabel> {
        self.check(field, StepLabel::parse(&text?))
    }

    fn bounded<const LEAST: i64, const MOST: i64>(
        &mut self,
        field: &str,
        number: Option<i64>,
        default: Bounded<LEAST, MOST>,
    ) -> Bounded<LEAST, MOST> {
        number.and_then(|number| self.check(field, Bounded::new(number))).unwrap_or(default)
    }

    fn step(&mut self, body: StepBody) -> Option<ScriptStep> {
        let (label, visits, action) = match body {
            StepBody::Play(body) => (body.label.clone(), body.visits, self.play(body).map(StepAction::Play)),
            StepBody::Gather(body) => {
                (body.label.clone(), body.visits, Some(StepAction::Gather(self.gather(body))))
            }
            StepBody::Bot(body) => {
                (body.label.clone(), body.visits, Some(StepAction::Bot(self.bot_step(body))))
            }
            StepBody::Transfer(body) => {
                (body.label.clone(), body.visits, self.transfer(body).map(StepAction::Transfer))
            }
            StepBody::HangUp(body) => (body.label, body.visits, Some(StepAction::HangUp)),
        };
        let label = self.label("label", label);
        let visits = self.bounded("visits", visits, DEFAULT_VISITS);
        action.map(|action| ScriptStep { label, visits, action })
    }

    fn play(&mut self, body: PlayBody) -> Option<PlayStep> {
        let next = self.label("next", body.next);
        let prompt = self.require("prompt", body.prompt)?;
        let interruptible = body.interruptible.unwrap_or(true);
        Some(PlayStep { prompt: PromptId::new(prompt), interruptible, next })
    }

    fn gather(&mut self, body: GatherBody) -> GatherStep {
        let branches = body.branches.unwrap_or_default().into_iter().enumerate();
        let branches = branches.filter_map(|(index, branch)| {
            let field = |name: &str| format!("branches[{index}].{name}");
            let digits = self.require(&field("digits"), branch.digits);
            let digits = digits.and_then(|digits| self.check(&field("digits"), DigitPattern::parse(&digits)));
            let go_to = self.require(&field("go_to"), branch.go_to);
            let go_to = go_to.and_then(|go_to| self.label(&field("go_to"), Some(go_to)));
            digits.zip(go_to).map(|(digits, go_to)| DigitBranch { digits, go_to })
        });
        let branches = branches.collect();
        GatherStep {
            prompt: body.prompt.map(PromptId::new),
            digits: self.bounded("digits", body.digits, Bounded::or(1)),
            first_digit: self.bounded("first_digit", body.first_digit, DEFAULT_FIRST_KEY),
            next_digit: self.bounded("next_digit", body.next_digit, DEFAULT_NEXT_KEY),
            branches,
            no_input: self.label("no_input", body.no_input),
            no_match: self.label("no_match", body.no_match),
        }
    }

    fn bot_step(&mut self, body: BotStepBody) -> BotStep {
        let bots = self.require("bots", body.bots).unwrap_or_default().into_iter().enumerate();
        let bots = bots.filter_map(|(index, bot)| self.bot(index, bot)).collect();
        BotStep {
            bots,
            variables: body.variables.map(|variables| variables.0).unwrap_or_default(),
            connect: body.connect.map(BotConnect::from).unwrap_or_default(),
            reconnects: self.bounded("reconnects", body.reconnects, DEFAULT_BOT_RECONNECTS),
            next: self.label("next", body.next),
        }
    }

    fn bot(&mut self, index: usize, body: BotBody) -> Option<Bot> {
        let field = |name: &str| format!("bots[{index}].{name}");
        let url = self.require(&field("url"), body.url);
        let url = url.and_then(|url| self.check(&field("url"), BotUrl::parse(&url)));
        let weight = self.bounded(&field("weight"), body.weight, Bounded::or(1));
        let capacity =
            body.capacity.and_then(|capacity| self.check(&field("capacity"), Bounded::new(capacity)));
        let secret = match body.secret {
            None => None,
            Some(text) if text.is_empty() => Some(None),
            Some(text) => self.check(&field("secret"), BotSecret::parse(&text)).map(Some),
        };
        if let Some((url, secret)) = url.clone().zip(secret) {
            let before = self.secrets.insert(url, secret.clone());
            if before.is_some_and(|before| before != secret) {
                self.check::<()>(&field("secret"), Err(FaultRule::Repeated));
            }
        }
        Some(Bot { url: url?, weight, capacity })
    }

    fn transfer(&mut self, body: TransferBody) -> Option<TransferStep> {
        let to = match (body.extension, body.sip_address) {
            (Some(_), Some(_)) => self.check("sip_address", Err(FaultRule::Excludes("extension"))),
            (Some(extension), None) => {
                self.check("extension", TransferExtension::parse(&extension)).map(TransferTarget::Extension)
            }
            (None, Some(address)) => {
                self.check("sip_address", TransferAddress::parse(&address)).map(TransferTarget::SipAddress)
            }
            (None, None) => self.require("extension", None),
        };
        let line = self.require("line", body.line);
        let ring = self.bounded("ring", body.ring, DEFAULT_TRANSFER_RING);
        let no_answer = self.label("no_answer", body.no_answer);
        Some(TransferStep { to: to?, line: line?, ring, no_answer })
    }
}

/// The steps that are asked for, and what is said of secrets; `None` when any is faulty.
pub(crate) fn read_steps(
    bodies: Vec<StepBody>,
    faults: &mut Faults,
    secrets: &mut SecretChanges,
) -> Option<Vec<ScriptStep>> {
    let count = bodies.len();
    let steps = bodies.into_iter().enumerate().filter_map(|(place, body)| {
        StepReader { place: format!("steps[{place}]"), faults, secrets }.step(body)
    });
    let steps: Vec<ScriptStep> = steps.collect();
    Some(steps).filter(|steps| steps.len() == count && faults.is_empty())
}
