//! Minutes of the wall clock.

/// Added to days so that all are positive, where dividing is cheaper.
const BIAS_DAYS: i64 = 7 * 700_000;

/// A minute of the timeline, by its parts.
#[derive(Clone, Copy)]
pub(crate) struct CivilMinute {
    pub(crate) day: i32,
    pub(crate) minute: u16,
}

impl CivilMinute {
    #[inline]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "instants span 20,000 years")]
    pub(crate) fn at(wall_second: i64) -> CivilMinute {
        let biased = (wall_second + BIAS_DAYS * 86_400) as u64;
        let (day, second) = ((biased / 86_400) as u32, (biased % 86_400) as u32);
        let day = i32::try_from(i64::from(day) - BIAS_DAYS).unwrap_or_default();
        CivilMinute { day, minute: (second / 60) as u16 }
    }

    /// The second of the wall clock at which a minute of its day begins.
    pub(crate) fn second_of(self, minute: u16) -> i64 {
        i64::from(self.day) * 86_400 + i64::from(minute) * 60
    }
}
