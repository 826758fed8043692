//! Settings of a task that would dial otherwise than whoever sent them meant are refused, in both generations; those without effect are named.

use rstest::rstest;
use serde_json::{Value, json};

use super::{detail, extras, second_fields, uuid, with};
use crate::support::{Database, World, task};

/// The redial rule of a task's own, and what is changed of it.
fn redial(change: &Value) -> Value {
    let own = json!({
        "redial_enabled": 1, "redial_interval": 3, "redial_max_times": 3, "redial_conditions": {"da_status": [4, "8"]},
    });
    with(own, change)
}

/// Parts of `task_extras`, and the field and rule that they break.
fn faulty_extras() -> Vec<(Value, &'static str, &'static str)> {
    let by_time = |entry: Value| json!({"destination_extension_list": [entry]});
    let by_number = |entry: Value| json!({"destination_extension_with_variable_list": [entry]});
    vec![
        (redial(&json!({"redial_interval": null})), "redial_interval", "required"),
        (redial(&json!({"redial_enabled": true, "redial_interval": 0})), "redial_interval", "out_of_range"),
        (redial(&json!({"redial_interval": 10_081})), "redial_interval", "out_of_range"),
        (redial(&json!({"redial_max_times": null})), "redial_max_times", "required"),
        (redial(&json!({"redial_max_times": 51})), "redial_max_times", "out_of_range"),
        (redial(&json!({"redial_conditions": {"da_status": 4}})), "redial_conditions.da_status", "type"),
        (
            redial(&json!({"redial_conditions": {"da_status": [4, 13]}})),
            "redial_conditions.da_status[1]",
            "out_of_range",
        ),
        (
            redial(&json!({"redial_conditions": {"da_status": [5]}})),
            "redial_conditions.da_status[0]",
            "never_redialed",
        ),
        (json!({"destination_extension_list": 7}), "destination_extension_list", "type"),
        (json!({"destination_extension_list": [7]}), "destination_extension_list[0]", "type"),
        (
            by_time(json!({"end": "12:00", "destination_extension": 1})),
            "destination_extension_list[0].begin",
            "required",
        ),
        (
            by_time(json!({"begin": "09:00", "end": "noon", "destination_extension": 1})),
            "destination_extension_list[0].end",
            "time_format",
        ),
        (
            by_time(json!({"begin": "09:00", "end": "12:00"})),
            "destination_extension_list[0].destination_extension",
            "required",
        ),
        (
            by_number(json!({"values": "a", "destination_extension": 1, "sort": 0})),
            "destination_extension_with_variable_list[0].values",
            "type",
        ),
        (
            by_number(json!({"values": ["a"], "destination_extension": 1, "sort": "first"})),
            "destination_extension_with_variable_list[0].sort",
            "type",
        ),
    ]
}

#[rstest]
fn settings_that_would_dial_otherwise_are_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = task(world.group("group"));
    let refused = |change: &Value| -> Vec<Vec<(String, String)>> {
        let body = with(body.clone(), change);
        let owned = |(field, rule): (&str, &str)| (field.to_owned(), rule.to_owned());
        let paths = [world.path("/task"), world.new_path("/task")];
        paths.map(|path| world.client.post(&path, &body).faults().into_iter().map(owned).collect()).into()
    };
    for (change, field, rule) in faulty_extras() {
        let extras = with(body["task_extras"].clone(), &change);
        let fault = vec![(format!("task_extras.{field}"), rule.to_owned())];
        assert_eq!(refused(&json!({"task_extras": extras})), [fault.clone(), fault], "{change}");
    }
    for (change, field, rule) in [
        (json!({"task_type": 8}), "task_type", "out_of_range"),
        (json!({"is_group_switch": 3}), "is_group_switch", "out_of_range"),
        (json!({"group_switch_rule": 7}), "group_switch_rule", "type"),
        (json!({"group_switch_rule": [7]}), "group_switch_rule[0]", "type"),
        (json!({"interval_time": 5}), "interval_time", "unknown_field"),
        (json!({"redial_enabled": 1}), "redial_enabled", "unknown_field"),
        (json!({"line": [{"id": "x"}]}), "line", "unknown_field"),
    ] {
        let fault = vec![(field.to_owned(), rule.to_owned())];
        assert_eq!(refused(&change), [fault.clone(), fault], "{change}");
    }
    // While the rule is off its fields say nothing, and what is empty is none.
    for change in [
        redial(&json!({"redial_enabled": 0, "redial_interval": 0, "redial_max_times": 0})),
        json!({"destination_extension_list": "", "destination_extension_with_variable_list": {}}),
    ] {
        let extras = with(body["task_extras"].clone(), &change);
        let body = with(body.clone(), &json!({"task_extras": extras, "line": [], "redial_conditions": null}));
        assert_eq!(world.client.post(&world.new_path("/task"), &body).status, 200, "{change}");
    }
}

#[rstest]
fn fields_without_effect_are_named_in_both_languages_and_null_is_as_if_unsent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let body = with(second_fields(world.group("group")), &json!({"task_extras": extras()}));
    let path = world.new_path("/task");
    let created = world.client.post(&path, &with(body.clone(), &json!({"calls_per_second": 2.5})));
    let idle = |warnings: &Value| -> Vec<Value> {
        let idle = |warning: &&Value| warning["rule"] == "no_effect";
        warnings.as_array().unwrap().iter().filter(idle).map(|warning| warning["field"].clone()).collect()
    };
    let all = [
        "background_id",
        "bridge_group_id",
        "elasticity_type",
        "group_type",
        "llm_intention_id",
        "task_extras.pop_mode",
        "score_scheme_id",
    ];
    assert_eq!(idle(&created.data()["warnings"]), all);
    let task = uuid(&created);
    let edit = format!("{path}/{task}/edit");
    let english = world.client.send("GET", &edit, &[("Accept-Language", "en")], None);
    let warnings = english.data()["warnings"].as_array().unwrap().clone();
    assert!(warnings.iter().any(|one| one["message"] == "It is kept and returned, and has no effect"));
    let nulls = json!({"calls_per_second": null, "minimum_ring": null, "call_pause_second": null});
    world.client.put(&format!("{path}/{task}"), &with(body, &nulls)).data();
    assert_eq!(detail(&world, &task)["calls_per_second"], 2.5);
}
