//! Short numbers, which no list may hold: those for emergencies, and those of services.

use crate::Refusal;

/// Everywhere: mobile telephones know them without a plan.
const EMERGENCIES_EVERYWHERE: [&str; 2] = ["112", "911"];

/// By calling code, from the countries' own authorities.
const EMERGENCIES: [(u16, &[&str]); 17] = [
    (1, &["988"]),
    (7, &["101", "102", "103", "104"]),
    (33, &["15", "17", "18", "114", "115", "119"]),
    (39, &["113", "115", "118"]),
    (44, &["999"]),
    (49, &["110"]),
    (55, &["190", "192", "193"]),
    (60, &["991", "994", "999"]),
    (61, &["000", "106"]),
    (64, &["111"]),
    (65, &["993", "995", "999"]),
    (81, &["110", "118", "119"]),
    (82, &["111", "113", "119"]),
    (86, &["110", "119", "120", "122", "12110", "12119"]),
    (91, &["100", "101", "102", "108"]),
    (852, &["992", "999"]),
    (886, &["110", "113", "119"]),
];

/// The fewest digits that a subscriber's number has where services have fewer, by calling code.
const SUBSCRIBERS_FROM: [(u16, usize); 4] = [(1, 4), (44, 7), (86, 7), (852, 7)];

/// Why these digits, of a country with this calling code, may not be called. They are as they are dialed there.
pub(crate) fn refusal(calling_code: u16, digits: &str) -> Option<Refusal> {
    let of_country = EMERGENCIES.iter().find(|(code, _)| *code == calling_code);
    let mut emergencies =
        of_country.map_or(&[][..], |(_, numbers)| numbers).iter().chain(&EMERGENCIES_EVERYWHERE);
    if emergencies.any(|number| *number == digits) {
        return Some(Refusal::Emergency);
    }
    let (_, fewest) = SUBSCRIBERS_FROM.iter().find(|(code, _)| *code == calling_code)?;
    let is_service = (3..*fewest).contains(&digits.len()) && begins_as_service(calling_code, digits);
    is_service.then_some(Refusal::Service)
}

fn begins_as_service(calling_code: u16, digits: &str) -> bool {
    match calling_code {
        // 211, 311, 411 and so on.
        1 => digits.ends_with("11"),
        86 => digits.starts_with(['1', '9']),
        _ => digits.starts_with('1'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emergencies_and_services_are_told_from_numbers_that_lack_digits() {
        for (code, digits, expected) in [
            (86, "110", Some(Refusal::Emergency)),
            (86, "112", Some(Refusal::Emergency)),
            (86, "10086", Some(Refusal::Service)),
            (86, "95588", Some(Refusal::Service)),
            (86, "61234", None),
            (86, "13800138000", None),
            (1, "911", Some(Refusal::Emergency)),
            (1, "411", Some(Refusal::Service)),
            (1, "5550", None),
            (44, "999", Some(Refusal::Emergency)),
            (44, "118118", Some(Refusal::Service)),
            (852, "1083", Some(Refusal::Service)),
            (351, "112", Some(Refusal::Emergency)),
            (351, "110", None),
        ] {
            assert_eq!(refusal(code, digits), expected, "{code} {digits}");
        }
    }
}
