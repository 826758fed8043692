//! Cells of CSV that is answered, for programs for spreadsheets and for others.

/// The mark by which Excel knows that a file is UTF-8.
pub(crate) const UTF_8_MARK: &str = "\u{FEFF}";

/// A text as a cell that no program for spreadsheets takes for a formula.
pub(crate) fn text_cell(text: &str) -> String {
    let sign = if may_be_formula(text) { "'" } else { "" };
    format!("\"{sign}{}\"", text.replace('"', "\"\""))
}

/// Whether a program for spreadsheets may compute a text. Some take signs of full width for what they mean, and skip a tab or the end of a line at
/// the begin; a number with a sign is none.
fn may_be_formula(text: &str) -> bool {
    match text.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => true,
        Some('+' | '-') => {
            text.len() == 1 || !text[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_whatever_it_holds() {
        for (text, cell) in [
            ("", "\"\""),
            ("张三", "\"张三\""),
            ("a \"b\",\nc", "\"a \"\"b\"\",\nc\""),
            ("=1+1", "\"'=1+1\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("+1+cmd|'x'!A0", "\"'+1+cmd|'x'!A0\""),
            ("-2+3", "\"'-2+3\""),
            ("-", "\"'-\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1+1", "\"'＝1+1\""),
            ("+8613800138000", "\"+8613800138000\""),
            ("-1.5", "\"-1.5\""),
            ("a=1", "\"a=1\""),
        ] {
            assert_eq!(text_cell(text), cell, "{text}");
        }
    }
}
