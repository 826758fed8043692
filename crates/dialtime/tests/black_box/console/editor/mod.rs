//! Editing a group: the brush by mouse, finger and keyboard, exact times, the look before saving, and what someone else saves meanwhile.

mod brush;
mod fields;
mod saving;

use std::time::Duration;

use serde_json::{Value, json};

use super::{browser::Point, person::Person};
use crate::support::{Reply, World, group};

/// Columns of the week, as people read it.
const MONDAY: usize = 0;
const WEDNESDAY: usize = 2;
const THURSDAY: usize = 3;
const FRIDAY: usize = 4;
const SATURDAY: usize = 5;
const SUNDAY: usize = 6;

/// For how long a finger rests before it is drawn along: longer than the page asks for.
const HOLD: Duration = Duration::from_millis(600);

const SAVE: &str = ".bar .primary";
const CONFIRM: &str = "dialog .primary";

impl Person<'_> {
    /// Opens a group, with the whole week in sight.
    #[track_caller]
    fn edit(&self, id: i64) {
        self.go(&format!("/groups/{id}"));
        self.browser.wait_for("week-grid .days");
        self.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'start'})", &[]);
    }

    /// The place in the picture of a time of a day.
    #[track_caller]
    fn at(&self, column: usize, hours: f64) -> Point {
        let column = u32::try_from(column).unwrap();
        self.browser.point_in(".days", (f64::from(column) + 0.5) / 7.0, hours / 24.0)
    }

    #[track_caller]
    fn drag_from(&self, from: (usize, f64), to: (usize, f64)) {
        self.browser.drag(&[self.at(from.0, from.1), self.at(to.0, to.1)]);
    }

    /// The exact times beside the picture, Monday first: `08:00-20:00 20:30-22:00`.
    #[track_caller]
    fn times(&self) -> Vec<String> {
        const TIMES: &str = "return [...document.querySelectorAll('week-times li')].map(day =>
            [...day.querySelectorAll('.times')].map(times =>
                [...times.querySelectorAll('input')].map(field => field.value).join('-')).join(' '))";
        let times = self.browser.script(TIMES, &[]);
        times.as_array().unwrap().iter().map(|day| day.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the days have these times, those that are not named none.
    #[track_caller]
    fn expect_times(&self, expected: &[(usize, &str)]) {
        let mut week = vec![String::new(); 7];
        for (column, times) in expected {
            (*times).clone_into(&mut week[*column]);
        }
        let mut seen = Vec::new();
        let waiting = format!("the week is {week:?}");
        self.browser.wait_until(&waiting, || {
            seen = self.times();
            seen == week
        });
    }

    /// Looks and saves, and waits until that is done.
    #[track_caller]
    fn save(&self) {
        self.browser.click(SAVE);
        self.browser.wait_for("dialog h3");
        self.browser.click(CONFIRM);
        self.browser.wait_gone("dialog");
        self.browser.wait_for_text(".notice", "已保存");
    }

    #[track_caller]
    fn stored(&self, id: i64) -> Value {
        self.world.client.get(&self.world.path(&format!("/dial-time-group/{id}"))).data().clone()
    }
}

/// Someone else changes a group.
#[track_caller]
fn change(world: &World, id: i64, body: &Value) -> Reply {
    let reply = world.client.put(&world.path(&format!("/dial-time-group/{id}")), body);
    reply.data();
    reply
}

fn window(begin_time: &str, end_time: &str) -> Value {
    json!({"begin_time": begin_time, "end_time": end_time})
}

/// Saves a group with this content.
#[track_caller]
fn group_of(world: &World, content: &Value) -> i64 {
    let mut body = group("work");
    body["content"] = content.clone();
    world.client.post(&world.path("/dial-time-group"), &body).data()["id"].as_i64().unwrap()
}
