//! Byte offsets to lines and columns and back, in the three encodings of the protocol.

/// The unit in which a client counts columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    fn width(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// A place as a client names it, both counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in units of the encoding.
    pub column: usize,
}

/// Where the lines of a text begin. Lines end at `\n`, `\r\n` and a lone `\r` and nowhere else:
/// U+2028 and U+0085 are ordinary characters to the protocol.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Finds the lines of a text.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(at + 1);
            }
        }
        LineIndex { starts }
    }

    /// How many lines there are; a text that ends in a line end has an empty last line.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The number of the line that holds an offset.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The text of a line without its line end.
    pub fn line_text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let Some(&start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        text.get(start..end).unwrap_or_default().trim_end_matches(['\r', '\n'])
    }

    /// The place of an offset. One inside a character counts as the start of that character, one
    /// inside a line end as the end of its line, one behind the end as the end.
    pub fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let line = self.line(offset.min(text.len()));
        let start = self.starts.get(line).copied().unwrap_or_default();
        let column = self
            .line_text(text, line)
            .char_indices()
            .take_while(|(at, character)| start + at + character.len_utf8() <= offset)
            .map(|(_, character)| encoding.width(character))
            .sum();
        Position { line, column }
    }

    /// The offset of a place. A column behind the line's end counts as its end, one inside a
    /// character as its start, a line behind the last as the end of the text.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let Some(&start) = self.starts.get(position.line) else { return text.len() };
        let mut units = 0;
        let mut offset = start;
        for character in self.line_text(text, position.line).chars() {
            units += encoding.width(character);
            if units > position.column {
                break;
            }
            offset += character.len_utf8();
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, offset: usize, encoding: Encoding) -> (usize, usize) {
        let position = LineIndex::new(text).position(text, offset, encoding);
        (position.line, position.column)
    }

    #[test]
    fn lines_end_where_the_protocol_says() {
        let text = "a\nb\r\nc\rd\u{2028}e\u{85}f";
        let index = LineIndex::new(text);
        let lines: Vec<&str> = (0..index.line_count()).map(|n| index.line_text(text, n)).collect();
        assert_eq!(lines, ["a", "b", "c", "d\u{2028}e\u{85}f"]);
        assert_eq!(LineIndex::new("a\n").line_count(), 2);
        assert_eq!(LineIndex::new("").line_count(), 1);
    }

    #[test]
    fn columns_count_in_the_units_asked_for() {
        let text = "é𝄞x";
        assert_eq!(place(text, 6, Encoding::Utf8), (0, 6));
        assert_eq!(place(text, 6, Encoding::Utf16), (0, 3));
        assert_eq!(place(text, 6, Encoding::Utf32), (0, 2));
        assert_eq!(place("\u{feff}a", 3, Encoding::Utf16), (0, 1));
    }

    #[test]
    fn places_outside_are_drawn_in() {
        let text = "ab\r\n𝄞";
        let index = LineIndex::new(text);
        let offset = |line, column| index.offset(text, Position { line, column }, Encoding::Utf16);
        assert_eq!(offset(0, 99), 2);
        assert_eq!(offset(1, 1), 4, "inside a surrogate pair");
        assert_eq!(offset(7, 0), text.len());
        assert_eq!(place(text, 6, Encoding::Utf16), (1, 0), "inside a character");
        assert_eq!(place(text, 99, Encoding::Utf16), (1, 2));
    }
}
