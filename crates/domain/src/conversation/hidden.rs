//! Texts of conversations without the telephone numbers that were said in them.

/// Fewer digits in a row are no telephone number.
const FEWEST_DIGITS: usize = 7;

/// A text in which every run of digits that may be a telephone number is hidden: of seven digits or more, in any way in which
/// speech recognition writes them, also with spaces and hyphens between them.
///
/// ```
/// assert_eq!(domain::without_numbers("打 138-0000 1234 或一三八零零零零"), "打 ***-**** **** 或*******");
/// assert_eq!(domain::without_numbers("at 10:30, for 1500 Yuan"), "at 10:30, for 1500 Yuan");
/// ```
pub fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    for character in text.chars() {
        if is_digit(character) || (!run.is_empty() && is_between(character)) {
            run.push(character);
        } else {
            shown.push_str(&hidden(&run));
            run.clear();
            shown.push(character);
        }
    }
    shown.push_str(&hidden(&run));
    shown
}

/// A run of digits and what stands between them, as it is shown.
fn hidden(run: &str) -> String {
    if run.chars().filter(|character| is_digit(*character)).count() < FEWEST_DIGITS {
        return run.to_owned();
    }
    run.chars().map(|character| if is_digit(character) { '*' } else { character }).collect()
}

fn is_digit(character: char) -> bool {
    character.is_numeric()
        || matches!(
            character,
            '零' | '〇' | '一' | '幺' | '二' | '两' | '三' | '四' | '五' | '六' | '七' | '八' | '九'
        )
}

fn is_between(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '(' | ')' | '+' | '/' | '\u{A0}' | '－' | '、' | '，' | ',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_hidden_however_they_are_written() {
        for (text, shown) in [
            ("13800001234", "***********"),
            ("+86 (138) 0000-1234。", "+** (***) ****-****。"),
            ("１３８００００１２３４", "***********"),
            ("幺三八，零零零零，幺二三四", "***，****，****"),
            ("123456", "123456"),
            ("一共三次", "一共三次"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), shown);
        }
    }

    proptest! {
        #[test]
        fn no_seven_digits_in_a_row_are_left(text in "[0-9a-z 一二三-]{0,60}") {
            let shown = without_numbers(&text);
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            let joined: String = shown.chars().filter(|character| !is_between(*character)).collect();
            let longest = joined.split(|character| !is_digit(character)).map(|run| run.chars().count()).max();
            prop_assert!(longest < Some(FEWEST_DIGITS));
        }
    }
}
