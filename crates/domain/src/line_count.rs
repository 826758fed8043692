//! Lines of a file, counted as an editor shows them.

/// How many lines of a file were passed. A line ends with a line feed, a carriage return, or one after the other.
///
/// ```
/// let mut lines = domain::LineCount::at(1, false);
/// lines.pass(b"phone\r\n");
/// assert_eq!((lines.pass_ends(b"\r\n\n110"), lines.line()), (3, 4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCount {
    line: u64,
    /// Whether a carriage return was the last byte: a line feed after it ends the same line.
    after_return: bool,
}

impl LineCount {
    /// Within this line, counted from 1; after a carriage return within the one that it ends.
    pub const fn at(line: u64, after_return: bool) -> Self {
        Self { line, after_return }
    }

    /// The line where it is.
    pub const fn line(self) -> u64 {
        self.line
    }

    /// Passes bytes.
    pub fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.line += u64::from(*byte == b'\n' || self.after_return);
            self.after_return = *byte == b'\r';
        }
    }

    /// Passes the ends of lines with which bytes begin, so that it is within the line of the one behind them; says how many they are.
    pub fn pass_ends(&mut self, bytes: &[u8]) -> usize {
        let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.pass(&bytes[..ends]);
        if bytes.len() > ends {
            self.line += u64::from(std::mem::take(&mut self.after_return));
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_an_editor_shows_them() {
        for (text, line) in [
            ("", 1),
            ("a", 1),
            ("a\n", 2),
            ("a\r\n", 2),
            ("a\rb", 2),
            ("\r\r\n\n\rx", 5),
            ("a\n\rb", 3),
            ("a\r", 1),
        ] {
            for cut in 0..=text.len() {
                let (begin, end) = text.as_bytes().split_at(cut);
                let mut lines = LineCount::at(1, false);
                lines.pass(begin);
                let mut again = LineCount::at(lines.line(), begin.ends_with(b"\r"));
                again.pass(end);
                assert_eq!(again.line(), line, "{text:?} cut at {cut}");
            }
        }
    }
}
