//! Values that are taken although they are written in another way than documented, because they have one meaning: in queries, forms and
//! JSON bodies alike.

/// A whole number: `2`, `-3`, `2.0`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

/// Yes or no: `true`, `false`, `1`, `0`, in letters of any case.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken_however_they_are_written_and_no_others() {
        for (text, number) in [("2", 2), ("-3", -3), ("2.0", 2), ("2.000", 2), ("007", 7), ("-0.0", 0)] {
            assert_eq!(integer(text), Some(number), "{text}");
        }
        for text in ["", " 1", "1 ", "x", "2.5", "2.", ".0", "1e3", "0x1", "1,0", "９", "9223372036854775808"]
        {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_taken_in_the_ways_that_say_nothing_else() {
        for text in ["true", "TRUE", "True", "1"] {
            assert_eq!(flag(text), Some(true), "{text}");
        }
        for text in ["false", "FALSE", "0"] {
            assert_eq!(flag(text), Some(false), "{text}");
        }
        for text in ["", "yes", "on", "2", "t", " true", "null"] {
            assert_eq!(flag(text), None, "{text}");
        }
    }
}
