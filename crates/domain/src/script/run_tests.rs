//! Scripts as people write them, and callees as they are.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{OnMachine, ScriptStep};

const PROMPTS: [&str; 3] = [
    "0197a2b0-0000-7000-8000-000000000001",
    "0197a2b0-0000-7000-8000-000000000002",
    "0197a2b0-0000-7000-8000-000000000003",
];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn flow(steps: &Value) -> Arc<ScriptFlow> {
    let steps: Vec<ScriptStep> = serde_json::from_value(steps.clone()).unwrap();
    Arc::new(ScriptFlow::new(steps, OnMachine::default()).unwrap())
}

fn play(label: &str, prompt: usize, interruptible: bool) -> Value {
    json!({ "label": label, "visits": 3, "action": "play", "prompt": PROMPTS[prompt], "interruptible": interruptible, "next": null })
}

fn gather(label: &str, digits: u8, branches: &[(&str, &str)], no_input: &str, no_match: &str) -> Value {
    let branches: Vec<Value> =
        branches.iter().map(|(digits, go_to)| json!({ "digits": digits, "go_to": go_to })).collect();
    json!({ "label": label, "visits": 3, "action": "gather", "prompt": PROMPTS[2], "digits": digits, "first_digit": 5,
            "next_digit": 3, "branches": branches, "no_input": no_input, "no_match": no_match })
}

fn hang_up(label: &str) -> Value {
    json!({ "label": label, "visits": 1, "action": "hang_up" })
}

/// What is said, as few words: `play 1`, `stop`, `hang up`.
fn words(commands: &[ScriptCommand]) -> Vec<String> {
    let word = |command: &ScriptCommand| match command {
        ScriptCommand::Play { prompt, ends_at_key, .. } => {
            let place = PROMPTS.iter().position(|id| *id == prompt.to_string()).unwrap();
            format!("play {place}{}", if *ends_at_key { "" } else { " whole" })
        }
        ScriptCommand::StopPlaying => "stop".to_owned(),
        ScriptCommand::Bot(..) => "bot".to_owned(),
        ScriptCommand::Transfer(_) => "transfer".to_owned(),
        ScriptCommand::HangUp(end) => format!("hang up {end:?}"),
    };
    commands.iter().map(word).collect()
}

/// A menu: a greeting, one key, and a branch for two of them.
fn menu() -> Arc<ScriptFlow> {
    flow(&json!([
        play("hello", 0, true),
        gather("menu", 1, &[("1", "yes"), ("2", "bye")], "menu", "hello"),
        play("yes", 1, false),
        hang_up("bye"),
    ]))
}

#[test]
fn a_prompt_is_played_and_the_call_ended() {
    let flow = flow(&json!([play("hello", 0, false), hang_up("bye")]));
    let (mut run, commands) = ScriptRun::begin(flow, seconds(0));
    assert_eq!(words(&commands), ["play 0 whole"]);
    assert!(run.key(seconds(1), '1').is_empty() && run.deadline().is_none());
    assert!(run.played(seconds(2), 7, true).is_empty(), "another prompt");
    assert_eq!(words(&run.played(seconds(2), 1, true)), ["hang up Step"]);
    assert!(run.is_over() && run.played(seconds(2), 1, true).is_empty());
}

#[test]
fn keys_lead_where_the_branches_say() {
    let (mut run, commands) = ScriptRun::begin(menu(), seconds(0));
    assert_eq!(words(&commands), ["play 0"]);
    assert_eq!(words(&run.played(seconds(1), 1, true)), ["play 2"]);
    assert!(run.played(seconds(2), 2, true).is_empty());
    assert_eq!(run.deadline(), Some(seconds(7)), "the first key, after the prompt");
    assert_eq!(words(&run.key(seconds(4), '1')), ["play 1 whole"]);
    assert_eq!(words(&run.played(seconds(5), 3, true)), ["hang up Step"]);
}

/// The carrier ends the prompt when the key goes down, and tells of the key when it is up.
#[test]
fn a_key_that_ends_a_greeting_counts_for_what_follows() {
    let (mut run, _) = ScriptRun::begin(menu(), seconds(0));
    assert!(run.played(seconds(1), 1, false).is_empty(), "nothing else is played meanwhile");
    assert_eq!(run.deadline(), Some(seconds(6)));
    assert_eq!(words(&run.key(seconds(2), '2')), ["hang up Step"]);

    let (mut run, _) = ScriptRun::begin(menu(), seconds(0));
    assert_eq!(words(&run.key(seconds(1), '1')), ["stop", "play 1 whole"], "it was down before");
    assert!(run.played(seconds(1), 1, false).is_empty(), "late");

    let (mut run, _) = ScriptRun::begin(menu(), seconds(0));
    run.played(seconds(1), 1, false);
    assert_eq!(words(&run.is_time(seconds(6))), ["play 2"], "a key that never comes");
}

#[test]
fn who_says_nothing_or_something_else_goes_where_the_step_says() {
    let (mut run, _) = ScriptRun::begin(menu(), seconds(0));
    run.played(seconds(1), 1, true);
    run.played(seconds(2), 2, true);
    assert!(run.is_time(seconds(6)).is_empty(), "too early");
    assert_eq!(words(&run.is_time(seconds(7))), ["play 2"], "no input");
    run.played(seconds(8), 3, true);
    assert_eq!(words(&run.key(seconds(9), '9')), ["play 0"], "no match");
    assert!(run.key(seconds(9), 'A').is_empty(), "no key of a script");
    run.played(seconds(10), 4, true);
    run.played(seconds(11), 5, true);
    assert_eq!(words(&run.is_time(seconds(16))), ["hang up Visits"], "three times is enough");
}

#[test]
fn several_keys_end_by_their_count_a_hash_or_time() {
    let branches = [("12", "a"), ("1", "b"), ("*#", "c"), ("123", "d")];
    let steps = json!([
        gather("g", 3, &branches, "none", "other"),
        play("a", 0, false),
        hang_up("x"),
        play("b", 1, false),
        hang_up("y"),
        hang_up("c"),
        hang_up("d"),
        hang_up("none"),
        play("other", 0, true),
        hang_up("z"),
    ]);
    let pressed = |keys: &str, at_last: bool| {
        let (mut run, _) = ScriptRun::begin(flow(&steps), seconds(0));
        let mut said = run.played(seconds(1), 1, true);
        for key in keys.chars() {
            assert!(said.is_empty(), "{keys}");
            said = run.key(seconds(2), key);
        }
        if at_last {
            assert!(said.is_empty(), "{keys}");
            said = run.is_time(run.deadline().unwrap());
        }
        (words(&said), run.place)
    };
    assert_eq!(pressed("12#", false), (vec!["play 0 whole".to_owned()], 1));
    assert_eq!(pressed("1#", false), (vec!["play 1 whole".to_owned()], 3));
    assert_eq!(pressed("12", true).1, 1);
    assert_eq!(pressed("1", true).1, 3);
    assert_eq!(pressed("123", false).1, 6);
    assert_eq!(pressed("*#", true).1, 5, "a hash that a branch means");
    assert_eq!(pressed("", true).1, 7);
    assert_eq!(pressed("99#", false).1, 8);
    assert_eq!(pressed("#", false).1, 8, "a hash alone is not nothing");
}

#[test]
fn the_keys_of_a_step_that_waits_for_more_are_told_when_the_call_ends() {
    let told = |keys: &str| {
        let (mut run, _) = ScriptRun::begin(menu_of_three(), seconds(0));
        run.played(seconds(1), 1, true);
        keys.chars().for_each(|key| drop(run.key(seconds(2), key)));
        run.call_ended();
        assert!(run.is_over() && run.deadline().is_none() && run.key(seconds(3), '1').is_empty());
        run.take_gathered().into_iter().map(|gathered| (gathered.step, gathered.keys)).collect::<Vec<_>>()
    };
    assert_eq!(told("12"), [(1, "12".to_owned())]);
    assert_eq!(told("123"), [(1, "123".to_owned())], "told once");
    assert_eq!(told("1234"), [(1, "123".to_owned())], "nobody waited for the last");
    assert!(told("").is_empty());
}

/// Three keys, and the end.
fn menu_of_three() -> Arc<ScriptFlow> {
    flow(&json!([gather("g", 3, &[], "bye", "bye"), hang_up("bye")]))
}

#[test]
fn keys_pressed_ahead_pass_over_what_is_known() {
    let steps = json!([
        gather("first", 1, &[("1", "more")], "bye", "bye"),
        play("more", 0, true),
        gather("second", 2, &[("23", "bot")], "bye", "bye"),
        { "label": "bot", "visits": 1, "action": "bot", "bots": [{ "url": "wss://bot.example.com/", "weight": 1, "capacity": null }],
          "variables": {}, "connect": "answer", "next": "pass" },
        { "label": "pass", "visits": 1, "action": "transfer", "to": { "extension": "100" }, "line": PROMPTS[0], "ring": 30, "no_answer": null },
        hang_up("bye"),
    ]);
    let (mut run, _) = ScriptRun::begin(flow(&steps), seconds(0));
    assert_eq!(words(&run.key(seconds(1), '1')), ["stop", "play 0"]);
    assert_eq!(words(&run.key(seconds(1), '2')), ["stop"]);
    assert_eq!(words(&run.key(seconds(2), '3')), ["bot"]);
    assert!(run.key(seconds(3), '1').is_empty() && run.transfer_failed(seconds(3)).is_empty());
    assert_eq!(words(&run.bot_closed(seconds(4))), ["transfer"]);
    assert!(run.bot_closed(seconds(4)).is_empty());
    assert_eq!(words(&run.transfer_failed(seconds(5))), ["hang up TransferFailed"]);
}

#[derive(Clone, Debug)]
enum Happening {
    Key(char),
    Played(u64, bool),
    Time(u64),
    BotClosed,
}

proptest! {
    /// Whatever happens, in whatever order: a script that waits for something says for what, and its time comes to an end.
    #[test]
    fn every_script_ends(happenings in proptest::collection::vec(prop_oneof![
        "[0-9*#AB]".prop_map(|key| Happening::Key(key.chars().next().unwrap())),
        (0..12_u64, any::<bool>()).prop_map(|(id, is_complete)| Happening::Played(id, is_complete)),
        (0..8_u64).prop_map(Happening::Time),
        Just(Happening::BotClosed),
    ], 0..80)) {
        let (mut run, mut commands) = ScriptRun::begin(menu(), seconds(0));
        let mut now = seconds(0);
        for happening in happenings {
            commands.extend(match happening {
                Happening::Key(key) => run.key(now, key),
                Happening::Played(id, is_complete) => run.played(now, id, is_complete),
                Happening::Time(passed) => { now += seconds(passed); run.is_time(now) }
                Happening::BotClosed => run.bot_closed(now),
            });
        }
        for _ in 0..40 {
            let id = run.played;
            commands.extend(match run.deadline() {
                Some(deadline) => run.is_time(deadline),
                None => run.played(now, id, true),
            });
        }
        prop_assert!(run.is_over());
        let ends = commands.iter().filter(|command| matches!(command, ScriptCommand::HangUp(_))).count();
        prop_assert_eq!(ends, 1);
        prop_assert!(matches!(commands.last(), Some(ScriptCommand::HangUp(_))));
    }
}

#[test]
fn the_steps_that_a_call_comes_to_are_told_and_the_one_that_ends_it() {
    let (mut run, _) = ScriptRun::begin(menu(), seconds(0));
    let entered = |run: &mut ScriptRun| {
        let step = |entered: EnteredStep| {
            let label = entered.label.map(|label| label.as_str().to_owned());
            (entered.step.unwrap(), label.unwrap(), entered.kind)
        };
        run.take_entered().into_iter().map(step).collect::<Vec<_>>()
    };
    assert_eq!(entered(&mut run), [(1, "hello".to_owned(), StepKind::Play)]);
    run.played(seconds(1), 1, true);
    assert_eq!(entered(&mut run), [(2, "menu".to_owned(), StepKind::Gather)]);
    run.key(seconds(2), '1');
    assert_eq!(entered(&mut run), [(3, "yes".to_owned(), StepKind::Play)]);
    assert_eq!(words(&run.played(seconds(3), 3, true)), ["hang up Step"]);
    assert_eq!(entered(&mut run), [(4, "bye".to_owned(), StepKind::HangUp)]);
    assert_eq!(entered(&mut run), []);
}
