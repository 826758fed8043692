//! How long the pieces of an XML part are: whoever reads it holds a text, a tag, a comment and a cell as a whole.

/// The most bytes of a piece; a cell has at most 32,767 characters, of which each may be written in ten bytes.
const LONGEST: usize = 4 * 1_024 * 1_024;

/// `!---->`, all that is behind the first byte of an empty comment: a shorter one has not ended yet.
const SHORTEST_COMMENT: usize = 6;

/// How many bytes of a tag's name are looked at.
const NAME: usize = 32;

/// Where in a part its reader is.
#[derive(Default)]
pub(super) struct Markup {
    place: MarkupPlace,
    /// How long the text, the tag or the comment is so far.
    piece: usize,
    /// How long the cell is so far, if it is in one.
    cell: Option<usize>,
    /// The name of the tag that is being read, with its slash.
    name: Vec<u8>,
    /// What ends the value of an attribute, in which anything may stand.
    quote: Option<u8>,
    /// The two bytes before this one.
    last: [u8; 2],
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum MarkupPlace {
    #[default]
    Text,
    Name,
    /// Behind the name of a tag.
    Tag,
    Comment,
    CData,
    /// In what begins with `<?`.
    Instruction,
    /// In a document type, which may hold anything: none is taken.
    DocumentType,
}

impl Markup {
    /// Reads on; says whether all pieces are as short as they must be.
    pub(super) fn is_short(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| self.next(*byte))
    }

    /// Whether it has come to a document type.
    pub(super) fn is_document_type(&self) -> bool {
        self.place == MarkupPlace::DocumentType
    }

    fn next(&mut self, byte: u8) -> bool {
        self.piece += 1;
        if let Some(cell) = &mut self.cell {
            *cell += 1;
        }
        match (self.place, byte) {
            (MarkupPlace::Text, b'<') => self.enter(MarkupPlace::Name),
            (MarkupPlace::Name, b'>') => self.end_tag(),
            (MarkupPlace::Name, byte) => self.name_goes_on(byte),
            (MarkupPlace::Tag, byte) => self.tag_goes_on(byte),
            (MarkupPlace::Comment, b'>') if self.last == *b"--" && self.piece >= SHORTEST_COMMENT => {
                self.enter(MarkupPlace::Text);
            }
            (MarkupPlace::CData, b'>') if self.last == *b"]]" => self.enter(MarkupPlace::Text),
            (MarkupPlace::Instruction, b'>') if self.last[1] == b'?' => self.enter(MarkupPlace::Text),
            _ => {}
        }
        self.last = [self.last[1], byte];
        self.place != MarkupPlace::DocumentType
            && self.piece <= LONGEST
            && self.cell.is_none_or(|cell| cell <= LONGEST)
    }

    fn enter(&mut self, place: MarkupPlace) {
        self.place = place;
        self.piece = 0;
        self.name.clear();
    }

    fn name_goes_on(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() {
            self.place = MarkupPlace::Tag;
        } else if self.name.len() < NAME {
            self.name.push(byte);
        }
        match self.name.as_slice() {
            b"!--" => self.place = MarkupPlace::Comment,
            b"![CDATA[" => self.place = MarkupPlace::CData,
            b"?" => self.place = MarkupPlace::Instruction,
            b"!D" | b"!d" => self.place = MarkupPlace::DocumentType,
            _ => {}
        }
    }

    fn tag_goes_on(&mut self, byte: u8) {
        match (self.quote, byte) {
            (Some(quote), byte) if byte == quote => self.quote = None,
            (None, b'"' | b'\'') => self.quote = Some(byte),
            (None, b'>') => self.end_tag(),
            _ => {}
        }
    }

    fn end_tag(&mut self) {
        let name = self.name.strip_suffix(b"/").unwrap_or(&self.name);
        let is_empty = self.last[1] == b'/';
        let (is_end, name) = name.strip_prefix(b"/").map_or((false, name), |name| (true, name));
        // Its namespace may have any short name.
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        if name == b"c" {
            self.cell = (!is_end && !is_empty).then_some(0);
        }
        self.enter(MarkupPlace::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_short(parts: &[&str]) -> bool {
        let mut markup = Markup::default();
        parts.iter().all(|part| markup.is_short(part.as_bytes()))
    }

    #[test]
    fn no_text_tag_comment_or_cell_may_be_long() {
        let long = "a".repeat(LONGEST);
        let runs = "<t>1</t>".repeat(LONGEST / 8);
        let small = "<row><c r='A1'><v>1</v></c></row>".repeat(100_000);
        assert!(is_short(&[&small, "<mergeCells>", &runs, "</mergeCells>"]), "many, and none of them long");
        assert!(is_short(&["<c r='A1'/>", &runs, "<c></c>", &runs]), "outside of cells");
        for parts in [
            ["<v>", &long, "a</v>"],
            ["<v a='", &long, "'/>"],
            ["<v a='>", &"<>".repeat(LONGEST / 2), "'/>"],
            ["<!-- ", &long, "<>< -->"],
            ["<!-->", &"<>".repeat(LONGEST / 2), "-->"],
            ["<?a >", &"<>".repeat(LONGEST / 2), "?>"],
            ["<!DOCTYPE a [", "", "]>"],
            ["<!-- <a> ", &"<a>".repeat(LONGEST / 3), " -->"],
            ["<![CDATA[", &"<a>".repeat(LONGEST / 3), "]]>"],
            ["<c r='A1'><is>", &runs, "</is></c>"],
            ["<x:c>", &runs, "</x:c>"],
        ] {
            assert!(!is_short(&parts), "{:.20}", parts[0]);
        }
        assert!(is_short(&[
            "<!-- c -->",
            &long[..LONGEST - 9],
            "<![CDATA[ ]]>",
            "<?xml version='1.0'?>",
            &small
        ]));
    }
}
