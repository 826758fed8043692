//! What stands between the cells of a file: of a list of numbers to import, or of numbers that must not be called.

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
