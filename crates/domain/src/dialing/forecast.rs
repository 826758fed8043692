//! How the rest of a list goes on if it is dialed as fast as now: while its task may dial, and at no other time.

use jiff::{SignedDuration, Timestamp};

/// How many openings and closings are looked ahead.
const MOST_TURNS: usize = 60;

/// How many numbers are still to be called at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastPoint {
    /// When.
    pub at: Timestamp,
    /// How many.
    pub numbers: i64,
}

/// What is to be called, and how fast that goes.
#[derive(Clone, Copy, Debug)]
pub struct DialingRate {
    /// How many numbers are still to be called.
    pub numbers: i64,
    /// Before this the last of them is not due.
    pub last_due_at: Option<Timestamp>,
    /// So many calls begin in a span.
    pub calls: (i64, SignedDuration),
}

/// How many numbers are left now, at each opening and closing to come, and when none is, at a rate.
/// `decide` says whether the task may dial at an instant, and when that changes. Nothing where nothing is left, or nothing was called
/// lately.
pub fn forecast(
    rate: DialingRate,
    now: Timestamp,
    decide: impl Fn(Timestamp) -> (bool, Option<Timestamp>),
) -> Vec<ForecastPoint> {
    let DialingRate { numbers, last_due_at, calls: (calls, rate_span) } = rate;
    let span = i64::try_from(rate_span.as_micros()).unwrap_or(i64::MAX);
    if numbers <= 0 || calls <= 0 || span <= 0 {
        return Vec::new();
    }
    let mut points = vec![ForecastPoint { at: now, numbers }];
    while points.len() <= MOST_TURNS {
        let Some(last) = points.last().copied() else { break };
        let (may_dial, change) = decide(last.at);
        let end = if may_dial { ended_at(last, calls, span) } else { None };
        let end = end.map(|end| last_due_at.map_or(end, |due| end.max(due)));
        match (end, change) {
            (Some(end), Some(change)) if change < end => points.push(dialed_until(last, change, calls, span)),
            (Some(end), _) => {
                points.push(ForecastPoint { at: end, numbers: 0 });
                break;
            }
            (None, Some(change)) => points.push(ForecastPoint { at: change, numbers: last.numbers }),
            (None, None) => break,
        }
    }
    points
}

/// When nothing is left; `None` where that is beyond all calendars.
fn ended_at(from: ForecastPoint, calls: i64, span: i64) -> Option<Timestamp> {
    let micros = i128::from(from.numbers) * i128::from(span) / i128::from(calls);
    let length = SignedDuration::from_micros(i64::try_from(micros).ok()?);
    from.at.checked_add(length).ok()
}

/// What is left at a close.
fn dialed_until(from: ForecastPoint, close: Timestamp, calls: i64, span: i64) -> ForecastPoint {
    let open = i128::from(close.as_microsecond()) - i128::from(from.at.as_microsecond());
    let dialed = open * i128::from(calls) / i128::from(span);
    let numbers = from.numbers - i64::try_from(dialed).unwrap_or(from.numbers);
    ForecastPoint { at: close, numbers: numbers.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    /// So many numbers, of which so many are called in a minute.
    fn rate(numbers: i64, calls: i64) -> DialingRate {
        DialingRate { numbers, last_due_at: None, calls: (calls, MINUTE) }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + 60 * minute).unwrap()
    }

    fn point(minute: i64, numbers: i64) -> ForecastPoint {
        ForecastPoint { at: at(minute), numbers }
    }

    /// Open for the first ten minutes of each half hour.
    fn half_hours(instant: Timestamp) -> (bool, Option<Timestamp>) {
        let minute = instant.duration_since(at(0)).as_mins();
        let begin = minute.div_euclid(30) * 30;
        let open = minute - begin < 10;
        (open, Some(at(if open { begin + 10 } else { begin + 30 })))
    }

    #[test]
    fn numbers_go_only_while_the_task_may_dial() {
        let found = forecast(rate(25, 1), at(0), half_hours);
        let expected = [point(0, 25), point(10, 15), point(30, 15), point(40, 5), point(60, 5), point(65, 0)];
        assert_eq!(found, expected);
        assert_eq!(forecast(rate(4, 2), at(1), half_hours), [point(1, 4), point(3, 0)]);
    }

    #[test]
    fn the_end_is_not_before_the_last_number_is_due() {
        let due = |minute| DialingRate { last_due_at: Some(at(minute)), ..rate(4, 2) };
        assert_eq!(forecast(due(8), at(1), half_hours), [point(1, 4), point(8, 0)]);
        let expected = [point(1, 4), point(10, 1), point(30, 1), point(35, 0)];
        assert_eq!(forecast(due(35), at(1), half_hours), expected);
        let found = forecast(due(15), at(1), half_hours);
        assert_eq!((found.len(), &found[..3]), (4, &[point(1, 4), point(10, 1), point(30, 1)][..]));
        assert_eq!(forecast(due(-5), at(1), half_hours), [point(1, 4), point(3, 0)]);
    }

    #[test]
    fn where_nothing_is_called_nothing_is_foretold() {
        assert_eq!(forecast(rate(25, 0), at(0), half_hours), []);
        assert_eq!(forecast(rate(0, 5), at(0), half_hours), []);
    }

    #[test]
    fn a_task_that_does_not_open_again_keeps_its_rest() {
        let closes = |instant: Timestamp| (instant < at(10), (instant < at(10)).then(|| at(10)));
        assert_eq!(forecast(rate(25, 1), at(0), closes), [point(0, 25), point(10, 15)]);
        assert_eq!(forecast(rate(25, 1), at(20), closes), [point(20, 25)]);
    }

    #[test]
    fn it_looks_ahead_only_so_far() {
        let found = forecast(rate(i64::MAX, 1), at(0), half_hours);
        assert_eq!(found.len(), MOST_TURNS + 1);
        assert_eq!(forecast(rate(i64::MAX, 1), at(0), |_| (true, None)).len(), 1);
    }
}
