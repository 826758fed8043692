//! Numbers that are stored as so many parts of one.

/// A number that is stored in so many parts of one.
pub(crate) fn decimal(parts: i64, of_one: i64) -> f64 {
    let small = |number: i64| i32::try_from(number).map_or(0.0, f64::from);
    small(parts / of_one) + small(parts % of_one) / small(of_one)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    #[expect(clippy::float_cmp, reason = "they are to be written as they were read")]
    fn decimals_are_written_as_they_were_read() {
        assert_eq!(
            [decimal(2_500, 1_000), decimal(1, 1_000), decimal(130_000, 1_000_000)],
            [2.5, 0.001, 0.13]
        );
        assert_eq!([decimal(1_000_000, 1_000), decimal(0, 1_000)], [1_000.0, 0.0]);
    }
}
