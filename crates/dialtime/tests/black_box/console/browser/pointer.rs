//! What a hand does: the mouse and the fingers.

use std::time::Duration;

use serde_json::{Value, json};

use thirtyfour::common::command::{Actions, Command as DriverCommand};

use super::Browser;

/// A place in the window, in pixels of CSS from its top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Browser {
    /// Clicks several times in one place, as fast as people do; whatever lies there by then is clicked.
    #[track_caller]
    pub(crate) fn click_again_and_again(&self, selector: &str, times: usize) {
        let place = self.point_in(selector, 0.5, 0.5);
        let there = json!({"type": "pointerMove", "duration": 0, "x": place.x, "y": place.y});
        let click = [
            json!({"type": "pointerDown", "button": 0}),
            json!({"type": "pointerUp", "button": 0}),
            json!({"type": "pause", "duration": 150}),
        ];
        let clicks = std::iter::repeat_n(click, times).flatten();
        // In one command, so that a busy machine does not make them slow.
        self.mouse(&std::iter::once(there).chain(clicks).collect::<Vec<Value>>());
    }

    /// Taps the middle of an element with a finger.
    #[track_caller]
    pub(crate) fn tap(&self, selector: &str) {
        let point = self.point_in(selector, 0.5, 0.5);
        self.touch_drag(Duration::ZERO, &[point]);
    }

    /// A place in the first element for a selector, as fractions of its width and height, scrolled to if it is out of sight. Ask for
    /// every place before the first is used only when they are in sight together.
    #[track_caller]
    pub(crate) fn point_in(&self, selector: &str, x: f64, y: f64) -> Point {
        const PLACE: &str = "const [selector, x, y] = arguments;
            const element = document.querySelector(selector);
            element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
            const box = element.getBoundingClientRect();
            return [box.left + x * box.width, box.top + y * box.height];";
        self.wait_for(selector);
        let place = self.script(PLACE, &[json!(selector), json!(x), json!(y)]);
        Point { x: place[0].as_f64().unwrap(), y: place[1].as_f64().unwrap() }
    }

    /// Presses the mouse at the first of some places and moves it over the others to the last, in many small steps; lets it go there.
    #[track_caller]
    pub(crate) fn drag(&self, way: &[Point]) {
        self.hold(way);
        self.mouse(&[json!({"type": "pointerUp", "button": 0})]);
    }

    /// The same, but the mouse stays pressed.
    #[track_caller]
    pub(crate) fn hold(&self, way: &[Point]) {
        let mut actions: Vec<Value> = steps(way)
            .into_iter()
            .map(|point| json!({"type": "pointerMove", "duration": 0, "x": point.x, "y": point.y}))
            .collect();
        actions.insert(1, json!({"type": "pointerDown", "button": 0}));
        self.mouse(&actions);
    }

    #[track_caller]
    fn mouse(&self, actions: &[Value]) {
        let mouse = json!([{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions,
        }]);
        let command = DriverCommand::PerformActions(Actions::from(mouse));
        self.must("moves the mouse", self.driver.cmd(command));
    }

    /// Puts a finger on the first of some places, lets it rest there for a while, and draws it over the others to the last, in many
    /// small steps; lifts it there.
    #[track_caller]
    pub(crate) fn touch_drag(&self, rest: Duration, way: &[Point]) {
        for (number, point) in steps(way).into_iter().enumerate() {
            let kind = if number == 0 { "touchStart" } else { "touchMove" };
            if number == 1 {
                std::thread::sleep(rest);
            }
            let finger = json!([{"x": point.x, "y": point.y}]);
            self.chromium("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": finger}));
        }
        self.chromium("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []}));
    }
}

/// A way in steps so small that a page sees a movement and not a jump.
fn steps(way: &[Point]) -> Vec<Point> {
    const STEPS: u8 = 8;
    let mut points: Vec<Point> = way.iter().take(1).copied().collect();
    for leg in way.windows(2) {
        let (from, to) = (leg[0], leg[1]);
        points.extend((1..=STEPS).map(|step| {
            let part = f64::from(step) / f64::from(STEPS);
            Point { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }
        }));
    }
    points
}
