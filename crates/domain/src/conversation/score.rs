//! How a call was rated.

use crate::{FaultRule, ResultRule};

/// The largest score; the smallest is as far below zero.
pub const LARGEST_SCORE: i64 = 1_000_000;

/// How a call was rated (评分): a number with at most two digits after its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(i64);

impl Score {
    /// How many hundredths make a whole.
    const WHOLE: i64 = 100;

    /// A score of so many hundredths.
    ///
    /// # Errors
    /// [`ResultRule::Score`].
    pub fn of_hundredths(hundredths: i64) -> Result<Self, FaultRule> {
        let bounds = -LARGEST_SCORE * Self::WHOLE..=LARGEST_SCORE * Self::WHOLE;
        if bounds.contains(&hundredths) {
            Ok(Self(hundredths))
        } else {
            Err(FaultRule::Result(ResultRule::Score))
        }
    }

    /// In hundredths.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// The number as it is written: whole where it is whole.
    ///
    /// ```
    /// use domain::Score;
    ///
    /// let written = |hundredths| Score::of_hundredths(hundredths).unwrap().number().to_string();
    /// assert_eq!([8_500, -50, 725].map(written), ["85", "-0.5", "7.25"]);
    /// ```
    pub fn number(self) -> serde_json::Number {
        let whole = self.0 / Self::WHOLE;
        if self.0 % Self::WHOLE == 0 {
            return whole.into();
        }
        // Both are exact: the largest is far below what a float counts without a gap.
        let exact = i32::try_from(self.0).map(|hundredths| f64::from(hundredths) / 100.0);
        exact.ok().and_then(serde_json::Number::from_f64).unwrap_or_else(|| whole.into())
    }
}
