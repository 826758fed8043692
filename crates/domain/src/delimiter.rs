//! What stands between the cells of a file: of a list of numbers to import, or of numbers that must not be called.

/// The first line of a file by which it tells Excel what stands between its cells, as `sep=;`: that, and how many bytes the line has. `None`: there
/// is no such line. A bar only where no character of the encoding may end with its byte, as it may in all that are read but UTF-8.
///
/// ```
/// assert_eq!(domain::delimiter_line(b"sep=;\r\nphone;name\r\n", true), Some((b';', 7)));
/// assert_eq!(domain::delimiter_line(b"phone;name\r\n", true), None);
/// ```
pub fn delimiter_line(text: &[u8], is_utf_8: bool) -> Option<(u8, usize)> {
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let rest = &text[line.len()..];
    let end = line.len() + if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) };
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    let known = matches!(delimiter, b"," | b";" | b"\t") || (delimiter == b"|" && is_utf_8);
    (known && name.eq_ignore_ascii_case(b"sep=")).then(|| (delimiter[0], end))
}

/// Of the bytes that may stand between cells, the one that is most frequent in the first line, outside of quotes; a comma where none
/// is. None of them is a part of a character in GB18030.
///
/// ```
/// assert_eq!(domain::delimiter(b"phone;\"name, first\"\n1,2,3"), b';');
/// ```
pub fn delimiter(text: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                counts.iter_mut().filter(|(one, _)| one == byte).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    counts.iter().max_by_key(|(_, count)| *count).map_or(b',', |(byte, _)| *byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_say_what_stands_between_its_cells() {
        let told = |text: &str, is_utf_8| delimiter_line(text.as_bytes(), is_utf_8);
        assert_eq!(told("sep=,\na", true), Some((b',', 6)));
        assert_eq!(told("SEP=\t\r\na", true), Some((b'\t', 7)));
        assert_eq!(told("\"sep=;\"\na", true), Some((b';', 8)));
        assert_eq!(told("sep=;", true), Some((b';', 5)));
        assert_eq!((told("sep=|\na", true), told("sep=|\na", false)), (Some((b'|', 6)), None));
        for other in ["", "sep=", "sep=\n", "sep=a\n", "sep=;;\n", " sep=;\n", "sep=王\n", "separator\n"] {
            assert_eq!(told(other, true), None, "{other}");
        }
    }
}
