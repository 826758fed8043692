//! Numbers with a point in them, read exactly: a rate, a price.

use serde_json::Value;

use super::{FieldPath, FromValue, Reading};

/// A number as it was written. What is no number is found out when it is scaled, where its rule is known.
#[derive(Debug, Clone)]
pub(crate) struct Decimal(String);

impl Decimal {
    /// As it was written.
    pub(crate) const fn of(text: String) -> Self {
        Self(text)
    }

    /// The number in units of the last of so many digits after the point; `None` when it has more, or is no number that is at least zero.
    pub(crate) fn scaled(&self, digits: u32) -> Option<i64> {
        scaled(&self.0, digits)
    }

    /// The same of any number.
    pub(crate) fn scaled_with_sign(&self, digits: u32) -> Option<i64> {
        match self.0.strip_prefix('-') {
            Some(number) => scaled(number, digits).map(|units| -units),
            None => scaled(&self.0, digits),
        }
    }
}

fn scaled(number: &str, digits: u32) -> Option<i64> {
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_plain(whole) || !is_plain(rest) {
        return None;
    }
    let rest = rest.trim_end_matches('0');
    let missing = digits.checked_sub(u32::try_from(rest.len()).ok()?)?;
    let units = 10_i64.checked_pow(digits)?.checked_mul(whole.parse().ok()?)?;
    let rest: i64 = if rest.is_empty() { 0 } else { rest.parse().ok()? };
    units.checked_add(rest.checked_mul(10_i64.checked_pow(missing)?)?)
}

impl FromValue for Decimal {
    fn from_value(value: Value, _: &FieldPath<'_>, _: &mut Reading) -> Option<Self> {
        Some(Self(match value {
            Value::String(text) => text,
            other => other.to_string(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_who_asks_for_it_gets_a_number_below_zero() {
        let read = |text: &str| Decimal(text.to_owned());
        assert_eq!((read("-2.5").scaled(2), read("-2.5").scaled_with_sign(2)), (None, Some(-250)));
        assert_eq!(["--1", "-", "+1"].map(|text| read(text).scaled_with_sign(2)), [None; 3]);
    }

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        let scaled = |value: Value| {
            let decimal = Decimal::from_value(value, &FieldPath::Whole("n"), &mut Reading::new());
            decimal.unwrap().scaled(3)
        };
        for (value, expected) in [
            (json!(2), 2_000),
            (json!(2.5), 2_500),
            (json!("0.125"), 125),
            (json!("2.500000"), 2_500),
            (json!(0.001), 1),
            (json!("0"), 0),
        ] {
            assert_eq!(scaled(value.clone()), Some(expected), "{value}");
        }
        for value in [
            json!(0.0001),
            json!(-1),
            json!("1e3"),
            json!(1e-7),
            json!(""),
            json!("."),
            json!("1."),
            json!(true),
            json!([1]),
            json!({}),
            json!("9999999999999999999"),
        ] {
            assert_eq!(scaled(value.clone()), None, "{value}");
        }
    }
}
