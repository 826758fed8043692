//! The steps of a script as a whole. One that could hang, or has a step that nothing leads to, cannot be made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    machine::{MachineHandling, OnMachine},
    parts::{BotUrl, StepLabel},
    step::{BotStep, GatherStep, ScriptStep, StepAction},
};
use crate::{Counted, FaultRule, LineId, PromptId, ScriptRule};

/// The most steps that a script may have.
pub const MAXIMUM_STEPS: usize = 100;
/// The most branches of a step.
pub const MAXIMUM_BRANCHES: usize = 30;
/// The most bots of a step.
pub const MAXIMUM_BOTS: usize = 10;
/// The most variables of a step, and the most characters of their names and values.
pub const MAXIMUM_VARIABLES: usize = 50;
/// See [`MAXIMUM_VARIABLES`].
pub const VARIABLE_NAME_CHARACTERS: usize = 64;
/// See [`MAXIMUM_VARIABLES`].
pub const VARIABLE_CHARACTERS: usize = 1_000;

/// What happens in a call once someone answers: it begins with the first step. Every label exists, every step can be reached,
/// from every step the call comes to an end, and a loop ends because each step is run only so often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedFlow")]
pub struct ScriptFlow {
    steps: Vec<ScriptStep>,
    #[serde(flatten)]
    machine: MachineHandling,
}

/// A flow as it is stored, before it is checked again.
#[derive(Deserialize)]
struct UncheckedFlow {
    steps: Vec<ScriptStep>,
    #[serde(flatten)]
    machine: MachineHandling,
}

impl TryFrom<UncheckedFlow> for ScriptFlow {
    type Error = String;

    fn try_from(flow: UncheckedFlow) -> Result<Self, String> {
        Self::new(flow.steps, flow.machine).map_err(|faults| format!("steps: {faults:?}"))
    }
}

/// What is wrong with steps: the field, from `steps` on, and the rule it breaks.
type FlowFaults = Vec<(String, FaultRule)>;

impl ScriptFlow {
    /// Puts steps together.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn new(
        steps: Vec<ScriptStep>,
        machine: impl Into<MachineHandling>,
    ) -> Result<Self, Vec<(String, FaultRule)>> {
        if steps.is_empty() {
            return Err(vec![("steps".to_owned(), FaultRule::Empty)]);
        }
        if steps.len() > MAXIMUM_STEPS {
            return Err(vec![("steps".to_owned(), FaultRule::TooMany(Counted::Steps, MAXIMUM_STEPS))]);
        }
        let mut faults = FlowFaults::new();
        for (place, step) in steps.iter().enumerate() {
            check_step(place, step, &mut faults);
        }
        let places = places(&steps, &mut faults);
        let paths: Vec<Vec<usize>> = steps
            .iter()
            .enumerate()
            .map(|(place, step)| successors(place, step, &places, &mut faults))
            .collect();
        check_ends(&steps, &mut faults);
        // What is wrong with labels would be told again by steps that nothing leads to.
        if faults.is_empty() {
            check_paths(&steps, &paths, &mut faults);
        }
        if faults.is_empty() { Ok(Self { steps, machine: machine.into() }) } else { Err(faults) }
    }

    /// The steps.
    pub fn steps(&self) -> &[ScriptStep] {
        &self.steps
    }

    /// What is done when a machine answers.
    pub const fn machine(&self) -> MachineHandling {
        self.machine
    }

    /// The step of a label.
    pub fn step(&self, label: &StepLabel) -> Option<&ScriptStep> {
        self.steps.iter().find(|step| step.label.as_ref() == Some(label))
    }

    /// Whether it hands calls to a bot.
    pub fn has_bot(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, StepAction::Bot(_)))
    }

    /// The prompts that it plays, each with the field that names it.
    pub fn prompts(&self) -> Vec<(String, PromptId)> {
        let of_steps = self.steps.iter().enumerate();
        let of_steps =
            of_steps.filter_map(|(place, step)| Some((format!("steps[{place}].prompt"), step.prompt()?)));
        let of_machine = match self.machine.on_machine {
            OnMachine::LeaveMessage { prompt } => Some(("on_machine.prompt".to_owned(), prompt)),
            OnMachine::Continue | OnMachine::Note | OnMachine::HangUp => None,
        };
        of_steps.chain(of_machine).collect()
    }

    /// The lines over which it transfers calls.
    pub fn lines(&self) -> BTreeSet<LineId> {
        let line = |step: &ScriptStep| match &step.action {
            StepAction::Transfer(transfer) => Some(LineId::new(transfer.line)),
            _ => None,
        };
        self.steps.iter().filter_map(line).collect()
    }

    /// The addresses of its bots.
    pub fn bot_urls(&self) -> BTreeSet<&BotUrl> {
        let bots = self.steps.iter().filter_map(|step| match &step.action {
            StepAction::Bot(bot) => Some(&bot.bots),
            _ => None,
        });
        bots.flatten().map(|bot| &bot.url).collect()
    }
}

/// Where each label is.
fn places<'s>(steps: &'s [ScriptStep], faults: &mut FlowFaults) -> BTreeMap<&'s StepLabel, usize> {
    let mut places = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        if let Some(label) = &step.label
            && places.insert(label, place).is_some()
        {
            faults.push((format!("steps[{place}].label"), FaultRule::Repeated));
        }
    }
    places
}

/// The steps that may follow one.
fn successors(
    place: usize,
    step: &ScriptStep,
    places: &BTreeMap<&StepLabel, usize>,
    faults: &mut FlowFaults,
) -> Vec<usize> {
    let mut found = Vec::new();
    for (field, label) in step.targets() {
        match places.get(label) {
            Some(target) => found.push(*target),
            None => faults.push((format!("steps[{place}].{field}"), FaultRule::Unknown)),
        }
    }
    found.extend(step.falls_through().then_some(place + 1));
    found
}

/// What a step holds by itself.
fn check_step(place: usize, step: &ScriptStep, faults: &mut FlowFaults) {
    let mut add = |field: &str, rule| faults.push((format!("steps[{place}].{field}"), rule));
    match &step.action {
        StepAction::Gather(gather) => check_branches(gather, &mut add),
        StepAction::Bot(bot) => {
            check_bots(bot, &mut add);
            check_variables(&bot.variables, &mut add);
        }
        StepAction::Play(_) | StepAction::Transfer(_) | StepAction::HangUp => {}
    }
}

fn check_branches(gather: &GatherStep, add: &mut impl FnMut(&str, FaultRule)) {
    if gather.branches.len() > MAXIMUM_BRANCHES {
        add("branches", FaultRule::TooMany(Counted::Branches, MAXIMUM_BRANCHES));
    }
    let most = usize::try_from(gather.digits.get()).unwrap_or(usize::MAX);
    let mut seen = BTreeSet::new();
    for (index, branch) in gather.branches.iter().enumerate() {
        let field = format!("branches[{index}].digits");
        if !seen.insert(&branch.digits) {
            add(&field, FaultRule::Repeated);
        } else if branch.digits.as_str().len() > most {
            add(&field, FaultRule::TooLong(most));
        }
    }
}

fn check_bots(bot: &BotStep, add: &mut impl FnMut(&str, FaultRule)) {
    if bot.bots.is_empty() {
        add("bots", FaultRule::Empty);
    } else if bot.bots.len() > MAXIMUM_BOTS {
        add("bots", FaultRule::TooMany(Counted::Bots, MAXIMUM_BOTS));
    }
    let mut seen = BTreeSet::new();
    for (index, bot) in bot.bots.iter().enumerate() {
        if !seen.insert(&bot.url) {
            add(&format!("bots[{index}].url"), FaultRule::Repeated);
        }
    }
}

fn check_variables(variables: &BTreeMap<String, String>, add: &mut impl FnMut(&str, FaultRule)) {
    if variables.len() > MAXIMUM_VARIABLES {
        add("variables", FaultRule::TooMany(Counted::Variables, MAXIMUM_VARIABLES));
    }
    for (name, value) in variables {
        if name.is_empty() {
            add("variables", FaultRule::Empty);
        } else if name.chars().count() > VARIABLE_NAME_CHARACTERS {
            add("variables", FaultRule::TooLong(VARIABLE_NAME_CHARACTERS));
        } else if value.chars().count() > VARIABLE_CHARACTERS {
            add(&format!("variables.{name}"), FaultRule::TooLong(VARIABLE_CHARACTERS));
        } else if name.chars().chain(value.chars()).any(char::is_control) {
            add(&format!("variables.{name}"), FaultRule::ControlCharacter);
        }
    }
}

/// After the last step there is none to go on to.
fn check_ends(steps: &[ScriptStep], faults: &mut FlowFaults) {
    let last = steps.len() - 1;
    if steps[last].falls_through() {
        faults.push((format!("steps[{last}]"), FaultRule::Script(ScriptRule::NoEnd)));
    }
}

/// Every step is reached from the first or, where a bot may send the call there, has a label; and an end is reached from every step.
fn check_paths(steps: &[ScriptStep], paths: &[Vec<usize>], faults: &mut FlowFaults) {
    let mut reached = vec![false; steps.len()];
    let has_bot = steps.iter().any(|step| matches!(step.action, StepAction::Bot(_)));
    let by_bot = |step: &ScriptStep| has_bot && step.label.is_some();
    let mut waiting: Vec<usize> =
        (0..steps.len()).filter(|place| *place == 0 || by_bot(&steps[*place])).collect();
    while let Some(place) = waiting.pop() {
        if !std::mem::replace(&mut reached[place], true) {
            waiting.extend(&paths[place]);
        }
    }
    let mut ends: Vec<bool> = steps.iter().map(ScriptStep::may_end).collect();
    // An end is at most as many steps away as there are.
    for _ in 0..steps.len() {
        for (place, next) in paths.iter().enumerate() {
            ends[place] |= next.iter().any(|next| ends[*next]);
        }
    }
    for (place, (reached, ends)) in reached.into_iter().zip(ends).enumerate() {
        let rule = match (reached, ends) {
            (false, _) => ScriptRule::Unreachable,
            (true, false) => ScriptRule::Endless,
            (true, true) => continue,
        };
        faults.push((format!("steps[{place}]"), FaultRule::Script(rule)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const PROMPT: &str = "0197a2b0-0000-7000-8000-000000000001";

    fn flow(steps: &Value) -> Result<ScriptFlow, FlowFaults> {
        let steps: Vec<ScriptStep> = serde_json::from_value(steps.clone()).unwrap();
        ScriptFlow::new(steps, OnMachine::default())
    }

    fn faults(steps: &Value) -> Vec<(String, FaultRule)> {
        flow(steps).unwrap_err()
    }

    fn play(label: Option<&str>, next: Option<&str>) -> Value {
        json!({ "label": label, "visits": 3, "action": "play", "prompt": PROMPT, "interruptible": true, "next": next })
    }

    fn gather(
        label: Option<&str>,
        branches: &[(&str, &str)],
        no_input: Option<&str>,
        no_match: Option<&str>,
    ) -> Value {
        let branches: Vec<Value> =
            branches.iter().map(|(digits, go_to)| json!({ "digits": digits, "go_to": go_to })).collect();
        json!({ "label": label, "visits": 3, "action": "gather", "prompt": null, "digits": 1, "first_digit": 5,
                "next_digit": 3, "branches": branches, "no_input": no_input, "no_match": no_match })
    }

    fn bot(label: Option<&str>, urls: &[&str]) -> Value {
        let bots: Vec<Value> =
            urls.iter().map(|url| json!({ "url": url, "weight": 1, "capacity": null })).collect();
        json!({ "label": label, "visits": 1, "action": "bot", "bots": bots, "variables": {}, "connect": "ringing", "next": null })
    }

    fn hang_up(label: Option<&str>) -> Value {
        json!({ "label": label, "visits": 1, "action": "hang_up" })
    }

    fn script(rule: ScriptRule) -> FaultRule {
        FaultRule::Script(rule)
    }

    #[test]
    fn a_menu_that_repeats_itself_is_a_script() {
        let steps = json!([
            play(Some("menu"), None),
            gather(None, &[("1", "bot"), ("2", "bye"), ("9", "menu")], Some("menu"), Some("menu")),
            bot(Some("bot"), &["wss://bot.example.com/a"]),
            hang_up(Some("bye")),
        ]);
        let made = flow(&steps).unwrap();
        assert_eq!((made.steps().len(), made.prompts().len(), made.bot_urls().len()), (4, 1, 1));
        assert_eq!(made.prompts()[0].0, "steps[0].prompt");
        assert!(made.step(&StepLabel::parse("bye").unwrap()).is_some());
        let stored = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<ScriptFlow>(&stored).unwrap(), made);
        let broken = stored.replace("\"go_to\":\"bye\"", "\"go_to\":\"gone\"");
        assert!(serde_json::from_str::<ScriptFlow>(&broken).is_err(), "a stored flow is checked, too");
    }

    #[test]
    fn labels_must_exist_once() {
        let steps = json!([
            play(Some("a"), Some("b")),
            play(Some("a"), Some("a")),
            gather(None, &[("1", "c")], Some("d"), None),
            hang_up(None)
        ]);
        let expected = [
            ("steps[1].label", FaultRule::Repeated),
            ("steps[0].next", FaultRule::Unknown),
            ("steps[2].branches[0].go_to", FaultRule::Unknown),
            ("steps[2].no_input", FaultRule::Unknown),
        ];
        assert_eq!(faults(&steps), expected.map(|(field, rule)| (field.to_owned(), rule)));
    }

    #[test]
    fn a_script_ends_and_every_step_is_reached() {
        let fault = |place: usize, rule| vec![(format!("steps[{place}]"), script(rule))];
        assert_eq!(faults(&json!([])), [("steps".to_owned(), FaultRule::Empty)]);
        assert_eq!(faults(&json!([play(None, None)])), fault(0, ScriptRule::NoEnd));
        assert_eq!(faults(&json!([play(Some("a"), Some("a"))])), fault(0, ScriptRule::Endless));
        assert_eq!(faults(&json!([hang_up(None), hang_up(None)])), fault(1, ScriptRule::Unreachable));
        let bot = json!({
            "label": null, "visits": 1, "action": "bot", "bots": [{"url": "ws://a.example.com/", "weight": 1, "capacity": null}],
            "variables": {}, "connect": "answer", "next": null,
        });
        assert!(flow(&json!([bot, hang_up(Some("end"))])).is_ok(), "a bot may send the call there");
        assert_eq!(faults(&json!([bot, hang_up(None)])), fault(1, ScriptRule::Unreachable));
        let two = json!([play(Some("a"), Some("b")), play(Some("b"), Some("a")), hang_up(None)]);
        let expected =
            [fault(0, ScriptRule::Endless), fault(1, ScriptRule::Endless), fault(2, ScriptRule::Unreachable)];
        assert_eq!(faults(&two), expected.concat());
        assert!(flow(&json!([hang_up(None)])).is_ok());
        let many: Vec<Value> = (0..=MAXIMUM_STEPS).map(|_| hang_up(None)).collect();
        assert!(matches!(
            faults(&many.into()).as_slice(),
            [(_, FaultRule::TooMany(Counted::Steps, MAXIMUM_STEPS))]
        ));
    }

    #[test]
    fn bots_and_branches_are_told_apart() {
        let url = "wss://bot.example.com/a";
        assert_eq!(
            faults(&json!([bot(None, &[url, url])])),
            [("steps[0].bots[1].url".to_owned(), FaultRule::Repeated)]
        );
        assert_eq!(faults(&json!([bot(None, &[])])), [("steps[0].bots".to_owned(), FaultRule::Empty)]);
        let steps =
            json!([gather(None, &[("1", "a"), ("1", "a"), ("12", "a")], None, None), hang_up(Some("a"))]);
        let expected = [
            ("steps[0].branches[1].digits", FaultRule::Repeated),
            ("steps[0].branches[2].digits", FaultRule::TooLong(1)),
        ];
        assert_eq!(faults(&steps), expected.map(|(field, rule)| (field.to_owned(), rule)));
        let mut long = bot(None, &[url]);
        long["variables"] = json!({ "": "x", "a": "x".repeat(1_001), "b": "x\ny" });
        let fields: Vec<String> = faults(&json!([long])).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["steps[0].variables", "steps[0].variables.a", "steps[0].variables.b"]);
    }

    /// Steps at random, whose labels are their places.
    fn steps() -> impl Strategy<Value = Vec<Value>> {
        let label = |place: usize| format!("s{place}");
        (1..8_usize).prop_flat_map(move |count| {
            let step = (0..4_u8, 0..count, 0..count, any::<bool>(), any::<bool>());
            proptest::collection::vec(step, count).prop_map(move |steps| {
                let made = steps.into_iter().enumerate().map(|(place, (kind, one, other, goes, ends))| {
                    let (own, one, other) = (label(place), label(one), label(other));
                    match kind {
                        0 => play(Some(&own), goes.then_some(one.as_str())),
                        1 => gather(
                            Some(&own),
                            &[("1", &one)],
                            goes.then_some(other.as_str()),
                            ends.then_some(one.as_str()),
                        ),
                        2 => bot(Some(&own), &["wss://bot.example.com/"]),
                        _ => hang_up(Some(&own)),
                    }
                });
                made.collect()
            })
        })
    }

    proptest! {
        /// Whatever way is taken through a script that was made, it never leaves its steps, and it ends.
        #[test]
        fn every_way_through_a_script_ends(steps in steps(), choices in proptest::collection::vec(any::<u8>(), 400)) {
            let Ok(made) = flow(&steps.into()) else { return Ok(()) };
            let mut visits = vec![0; made.steps().len()];
            let (mut place, mut ended) = (0, false);
            for choice in choices {
                let step = &made.steps()[place];
                visits[place] += 1;
                if visits[place] > step.visits.get() || matches!(step.action, StepAction::HangUp | StepAction::Bot(_)) {
                    ended = true;
                    break;
                }
                let mut ways: Vec<usize> = step.targets().iter().map(|(_, label)| {
                    made.steps().iter().position(|step| step.label.as_ref() == Some(*label)).unwrap()
                }).collect();
                ways.extend(step.falls_through().then_some(place + 1));
                place = ways[usize::from(choice) % ways.len()];
                prop_assert!(place < made.steps().len());
            }
            prop_assert!(ended);
        }
    }
}
