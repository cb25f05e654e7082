//! sqlparser's lines and columns, which count characters from 1, to byte offsets.

use sqlparser::tokenizer::Location;

/// The characters' offsets of a text, line by line.
pub(super) struct Places {
    /// Offset of the first byte of each line.
    lines: Vec<usize>,
    length: usize,
}

impl Places {
    pub(super) fn new(text: &str) -> Places {
        let after = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Places { lines: std::iter::once(0).chain(after).collect(), length: text.len() }
    }

    /// The byte offset of a location, drawn into the text.
    pub(super) fn offset(&self, text: &str, location: Location) -> usize {
        let Some(line) = (location.line as usize).checked_sub(1) else { return 0 };
        let Some(&start) = self.lines.get(line) else { return self.length };
        let rest = text.get(start..).unwrap_or_default();
        let column = (location.column as usize).saturating_sub(1);
        match rest.as_bytes().iter().take(column).all(u8::is_ascii) {
            true => (start + column).min(self.length),
            false => rest.char_indices().nth(column).map_or(self.length, |(at, _)| start + at),
        }
    }
}
