//! Editing a group: the brush by mouse, finger and keyboard, exact times, the look before saving, and what someone else saves meanwhile.

mod brush;
mod fields;
mod saving;

use std::time::Duration;

use serde_json::{Value, json};

use super::{browser::Point, person::Person, setup::stored_group};
use crate::support::{Reply, World};

/// Columns of the week, as people read it.
const MONDAY: usize = 0;
const WEDNESDAY: usize = 2;
const THURSDAY: usize = 3;
const FRIDAY: usize = 4;
const SATURDAY: usize = 5;
const SUNDAY: usize = 6;

/// For how long a finger rests before it is drawn along: longer than the page asks for.
const HOLD: Duration = Duration::from_millis(600);

const SAVE: &str = ".savebar .primary";
const CONFIRM: &str = "dialog .primary";

impl Person<'_> {
    /// Opens a group, with the whole week in sight and its settings as fields.
    #[track_caller]
    fn edit(&self, id: i64) {
        self.go(&format!("/groups/{id}"));
        self.browser.wait_for("week-grid .days");
        self.browser.click("group-settings header button");
        self.browser.wait_for("input[name=name]");
        self.browser.script("document.querySelector('week-grid').scrollIntoView({block: 'center'})", &[]);
    }

    /// Takes what is done in the week: `draw`, `erase` or `write`.
    #[track_caller]
    fn take(&self, tool: &str) {
        self.browser.click(&format!(".week-panel button[value={tool}]"));
        self.browser.wait_for(&format!(".week-panel button[value={tool}][aria-pressed=true]"));
    }

    /// The place in the picture of a time of a day.
    #[track_caller]
    fn at(&self, row: usize, hours: f64) -> Point {
        let row = u32::try_from(row).unwrap();
        self.browser.point_in(".days", hours / 24.0, (f64::from(row) + 0.5) / 7.0)
    }

    #[track_caller]
    fn drag_from(&self, from: (usize, f64), to: (usize, f64)) {
        self.browser.drag(&[self.at(from.0, from.1), self.at(to.0, to.1)]);
    }

    /// The windows that are drawn, or the exact times that are written, Monday first: `08:00-20:00 20:30-22:00`.
    #[track_caller]
    fn times(&self) -> Vec<String> {
        const TIMES: &str = "
            const written = [...document.querySelectorAll('week-times li')];
            if (written.length > 0) return written.map(day => [...day.querySelectorAll('.times')].map(times =>
                [...times.querySelectorAll('input')].map(field => field.value).join('-')).join(' '));
            const { windows } = document.querySelector('week-grid');
            const drawn = document.querySelectorAll('week-grid .piece[tabindex]').length;
            return [1, 2, 3, 4, 5, 6, 0].map(day => windows.filter(({ week }) => week === day)
                .map(({ begin_time, end_time }) => `${begin_time}-${end_time}`).join(' '))
                .concat(drawn === windows.length ? [] : ['not all are drawn'])";
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

    /// Waits until what would change is known, saves, and waits until that is done.
    #[track_caller]
    fn save(&self) {
        // Who leaves a field is done with it.
        self.browser.script("document.activeElement.blur()", &[]);
        self.browser.wait_for(".effects [aria-busy=false]");
        self.browser.click(SAVE);
        self.browser.wait_for_text(".notice", "已保存");
    }

    #[track_caller]
    fn stored(&self, id: i64) -> Value {
        stored_group(self.world, id)
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
