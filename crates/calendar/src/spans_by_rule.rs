//! What holds between two instants, and by which rule: for pages that show many days at a glance.

use jiff::Timestamp;

use crate::{
    decision::Reason,
    overrides::EffectiveSchedule,
    schedule::{floor_second, timestamp},
    spans::Span,
};

/// A span in which one answer holds by one rule. Example at [`EffectiveSchedule::ruled_spans`].
#[derive(Clone, Copy, Debug)]
pub struct RuledSpan<'a> {
    /// From when to when.
    pub span: Span,
    /// Whether calling is allowed.
    pub open: bool,
    /// The rule that decides, as it decides at the begin: the date that it speaks of is the first of the span's.
    pub reason: Reason<'a>,
}

impl RuledSpan<'_> {
    /// Whether the same holds in both, by the same rule of the same name.
    fn is_as(&self, other: &RuledSpan<'_>) -> bool {
        let (one, two) = (&self.reason, &other.reason);
        self.open == other.open
            && (one.rule, one.effect, one.own_windows) == (two.rule, two.effect, two.own_windows)
            && one.name == two.name
    }
}

impl EffectiveSchedule {
    /// What holds between two instants and by which rule, in order and without gaps; no two neighbours are alike in both.
    ///
    /// ```
    /// use calendar::{EffectiveSchedule, HolidayCalendar, Schedule, WeeklyWindows, Zone};
    ///
    /// let windows: WeeklyWindows =
    ///     serde_json::from_str(r#"[{"week":4,"times":[{"begin_time":"9:00","end_time":"18:00"}]}]"#)?;
    /// let schedule = Schedule::builder(&windows, &Zone::parse("Asia/Shanghai")?)
    ///     .holidays(HolidayCalendar::china())
    ///     .compile();
    /// let effective = EffectiveSchedule::from(schedule);
    /// let spans = effective.ruled_spans("2026-09-30T12:00:00+08:00".parse()?, "2026-10-08T12:00:00+08:00".parse()?);
    /// let told: Vec<_> = spans.map(|ruled| (ruled.open, ruled.reason.rule.code())).collect();
    /// assert_eq!(told, [(false, "weekly"), (false, "holiday"), (false, "weekly"), (true, "weekly")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ruled_spans(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = RuledSpan<'_>> {
        let mut at = Some(from);
        let mut pieces = std::iter::from_fn(move || {
            let begin = at.take().filter(|at| *at < to)?;
            let own = self.schedule().decision_parts(floor_second(begin));
            let look = self.look_beside(floor_second(begin), &own);
            // Between the bounds of all layers one rule decides, and the answer is the same.
            let end = timestamp(Some(own.until)).into_iter().chain(self.next_layer(begin)).min();
            at = end.filter(|end| *end < to);
            let span = Span { begin, end: at.unwrap_or(to) };
            Some(RuledSpan { span, open: look.is_open(), reason: self.reason(&look, &own) })
        })
        .peekable();
        std::iter::from_fn(move || {
            let mut ruled = pieces.next()?;
            while let Some(more) = pieces.next_if(|next| ruled.is_as(next)) {
                ruled.span.end = more.span.end;
            }
            Some(ruled)
        })
    }
}
