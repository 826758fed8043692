//! Where two schedules differ: what an edit of one into the other closes and opens.

use jiff::Timestamp;

use crate::{overrides::EffectiveSchedule, spans::Span};

/// A span in which one schedule is open and another one is not. Example at [`EffectiveSchedule::differences`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// From when to when.
    pub span: Span,
    /// Whether it is the other one that is open.
    pub opens: bool,
}

impl EffectiveSchedule {
    /// The spans between two instants in which `other` is open and this is not, or the other way round, in order; no two neighbours are alike.
    ///
    /// ```
    /// use calendar::{EffectiveSchedule, Schedule, WeeklyWindows, Zone};
    ///
    /// let daily = |begin: &str| {
    ///     let windows = format!(r#"[{{"week":1,"times":[{{"begin_time":"{begin}","end_time":"18:00"}}]}}]"#);
    ///     let windows: WeeklyWindows = serde_json::from_str(&windows).unwrap();
    ///     EffectiveSchedule::from(Schedule::builder(&windows, &Zone::parse("UTC").unwrap()).compile())
    /// };
    /// let (before, after) = (daily("08:00"), daily("09:00"));
    /// // A Monday.
    /// let differences = before.differences(&after, "2026-01-05T00:00:00Z".parse()?, "2026-01-06T00:00:00Z".parse()?);
    /// let told: Vec<_> = differences.map(|one| (one.span.to_string(), one.opens)).collect();
    /// assert_eq!(told, [("2026-01-05T08:00:00Z/2026-01-05T09:00:00Z".to_owned(), false)]);
    /// # Ok::<(), jiff::Error>(())
    /// ```
    pub fn differences<'a>(
        &'a self,
        other: &'a EffectiveSchedule,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = Difference> + 'a {
        let mut at = Some(from);
        std::iter::from_fn(move || {
            loop {
                let begin = at.take().filter(|at| *at < to)?;
                let opens = other.is_open(begin);
                let differs = self.is_open(begin) != opens;
                let changes = self.next_change(begin).into_iter().chain(other.next_change(begin));
                at = changes.min().filter(|end| *end < to);
                if differs {
                    return Some(Difference { span: Span { begin, end: at.unwrap_or(to) }, opens });
                }
            }
        })
    }
}
