//! Several schedules that must all be open at once, such as those of an account, a law and a callee.

use jiff::Timestamp;

use crate::{
    decision::Decision,
    schedule::{Schedule, floor_second, timestamp},
};

/// How many openings are looked at, at most, in search of one that all layers share: the days of eleven years, which is as long as the days of a
/// [`Schedule`] stay compiled.
pub const INTERSECTION_STEPS: usize = 4_000;

/// One of the schedules that must all be open, and its name. Example at [`Intersection`].
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// What to call it when it closes: `account`, `law`, `callee`.
    pub name: &'a str,
    /// When it is open.
    pub schedule: &'a Schedule,
}

/// Schedules that must all be open. Borrows its layers, and so costs nothing to make.
///
/// An intersection of nothing is always open. The search for the next opening goes from one layer's opening to the
/// next and tries [`INTERSECTION_STEPS`] of them at most; layers that share none of those count as never open
/// together.
///
/// ```
/// use calendar::{Intersection, Layer, Schedule, WeeklyWindows, Zone};
///
/// let windows: WeeklyWindows =
///     serde_json::from_str(r#"[{"week":1,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
/// let shanghai = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?).compile();
/// let tokyo = Schedule::builder(&windows, &Zone::parse("Asia/Tokyo")?).compile();
/// let layers =
///     [Layer { name: "group", schedule: &shanghai }, Layer { name: "callee", schedule: &tokyo }];
/// let both = Intersection::new(&layers);
///
/// let decision = both.decide("2026-01-05T17:30:00+08:00".parse()?).unwrap();
/// assert!(!decision.allowed);
/// assert_eq!(decision.layer, Some("callee"));
/// assert_eq!(decision.next_opening, Some("2026-01-12T09:00:00+08:00".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Intersection<'a> {
    layers: &'a [Layer<'a>],
}

impl<'a> Intersection<'a> {
    /// All of these. Example at [`Intersection`].
    pub const fn new(layers: &'a [Layer<'a>]) -> Intersection<'a> {
        Intersection { layers }
    }

    /// Whether all layers are open at `instant`.
    ///
    /// ```
    /// assert!(calendar::Intersection::new(&[]).is_open(jiff::Timestamp::UNIX_EPOCH));
    /// ```
    pub fn is_open(&self, instant: Timestamp) -> bool {
        self.layers.iter().all(|layer| layer.schedule.is_open(instant))
    }

    /// The first later instant at which the answer of [`is_open`](Intersection::is_open) is another, if the search
    /// finds one.
    ///
    /// ```
    /// assert_eq!(calendar::Intersection::new(&[]).next_change(jiff::Timestamp::UNIX_EPOCH), None);
    /// ```
    pub fn next_change(&self, instant: Timestamp) -> Option<Timestamp> {
        timestamp(self.change_after(floor_second(instant)).1)
    }

    /// The first later instant at which what was closed opens, if the search finds one.
    ///
    /// ```
    /// assert_eq!(calendar::Intersection::new(&[]).next_opening(jiff::Timestamp::UNIX_EPOCH), None);
    /// ```
    pub fn next_opening(&self, instant: Timestamp) -> Option<Timestamp> {
        let (open, change) = self.change_after(floor_second(instant));
        timestamp(self.opening_after(open, change))
    }

    /// Whether calling is allowed at `instant`, why, and when next: the reason is that of the first layer that is
    /// closed, or of the first layer if all are open. `None` without layers. Example at [`Intersection`].
    ///
    /// ```
    /// # use calendar::Intersection;
    /// assert!(Intersection::new(&[]).decide(jiff::Timestamp::UNIX_EPOCH).is_none());
    /// ```
    pub fn decide(&self, instant: Timestamp) -> Option<Decision<'a>> {
        let second = floor_second(instant);
        let (open, change) = self.change_after(second);
        let closed = self.layers.iter().find(|layer| !layer.schedule.is_open(instant));
        let decision = closed.or(self.layers.first())?.schedule.decide(instant);
        Some(Decision {
            next_change: timestamp(change),
            next_opening: timestamp(self.opening_after(open, change)),
            valid_until: timestamp(change.into_iter().chain(self.horizons(second)).min()),
            warning: self.layers.iter().find_map(|layer| layer.schedule.decide(instant).warning),
            layer: closed.map(|layer| layer.name),
            ..decision
        })
    }

    fn horizons(&self, second: i64) -> impl Iterator<Item = i64> + '_ {
        self.layers.iter().filter_map(move |layer| layer.schedule.horizon_after(second))
    }

    fn opening_after(&self, open: bool, change: Option<i64>) -> Option<i64> {
        if open { self.change_after(change?).1 } else { change }
    }

    /// Whether all are open, and when that changes.
    fn change_after(&self, second: i64) -> (bool, Option<i64>) {
        let states = || self.layers.iter().map(|layer| layer.schedule.state_at(second));
        if states().all(|state| state.open) {
            return (true, states().filter_map(|state| state.change).min());
        }
        (false, self.shared_opening(second))
    }

    /// The first instant from `second` on at which all are open: as long as one is closed, nothing before its opening
    /// can be.
    fn shared_opening(&self, mut second: i64) -> Option<i64> {
        for _ in 0..INTERSECTION_STEPS {
            let closed =
                self.layers.iter().map(|layer| layer.schedule.state_at(second)).find(|state| !state.open);
            match closed {
                Some(state) => second = state.change?,
                None => return Some(second),
            }
        }
        None
    }
}
