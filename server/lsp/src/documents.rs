//! The texts that editors hold.

use crate::proto::{Position, TextDocumentContentChangeEvent};
use ropey::{Rope, RopeSlice};
use seeknal_service::Text;
use seeknal_syntax::Encoding;

/// A text as the editor has it now.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) version: i32,
    pub(crate) rope: Rope,
}

/// A text that is put together only when somebody reads it.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) Rope);

impl Text for Held {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Document {
    pub(crate) fn new(version: i32, text: &str) -> Document {
        Document { version, rope: Rope::from_str(text) }
    }

    /// Applies changes in their order. Places outside the text are drawn to its edge.
    pub(crate) fn apply(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        self.version = version;
        for change in changes {
            let Some(range) = change.range else {
                self.rope = Rope::from_str(&change.text);
                continue;
            };
            let start = character(&self.rope, range.start, encoding);
            let end = character(&self.rope, range.end, encoding).max(start);
            self.rope.remove(start..end);
            self.rope.insert(start, &change.text);
        }
    }
}

/// The index of the character at a position.
fn character(rope: &Rope, position: Position, encoding: Encoding) -> usize {
    let line = position.line as usize;
    if line >= rope.len_lines() {
        return rope.len_chars();
    }
    let start = rope.line_to_char(line);
    start + column(without_end(rope.line(line)), position.character as usize, encoding)
}

fn without_end(line: RopeSlice<'_>) -> RopeSlice<'_> {
    let mut length = line.len_chars();
    while length > 0 && matches!(line.char(length - 1), '\n' | '\r') {
        length -= 1;
    }
    line.slice(..length)
}

/// The number of characters before a column; inside a character is before it.
fn column(line: RopeSlice<'_>, column: usize, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => line.byte_to_char(column.min(line.len_bytes())),
        Encoding::Utf16 => line.utf16_cu_to_char(column.min(line.len_utf16_cu())),
        Encoding::Utf32 => column.min(line.len_chars()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Range;
    use proptest::prelude::*;
    use seeknal_syntax::LineIndex;

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let range = Range::new(Position::new(start.0, start.1), Position::new(end.0, end.1));
        TextDocumentContentChangeEvent {
            range: Some(range),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn changes_apply_one_after_the_other() {
        let mut document = Document::new(1, "a\r\né𝄞x\n");
        let changes = vec![
            change((1, 1), (1, 3), "y"),
            change((0, 9), (1, 0), "-"),
            change((7, 0), (9, 9), "z"),
        ];
        document.apply(2, changes, Encoding::Utf16);
        assert_eq!(document.rope.to_string(), "a-éyx\nz");
        assert_eq!(document.version, 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Positions mean to the rope what they mean to the index of lines, by which every answer
        /// is given.
        #[test]
        fn positions_mean_the_same_everywhere(
            text in "[a\u{e9}\u{1d11e}\u{2028}\u{85}\u{c}\r\n]{0,12}",
            line in 0u32..6,
            at in 0u32..8,
        ) {
            let rope = Rope::from_str(&text);
            let lines = LineIndex::new(&text);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let found = rope.char_to_byte(character(&rope, Position::new(line, at), encoding));
                let place =
                    seeknal_syntax::Position { line: line as usize, column: at as usize };
                prop_assert_eq!(found, lines.offset(&text, place, encoding));
            }
        }
    }
}
