//! The exact way between a text and the file it was taken from.
//!
//! SQL inside YAML is not a slice of the file: indentation is stripped, lines are folded, escapes
//! and `{{ }}` expressions are replaced. The map says, piece by piece, which bytes of the file
//! became which bytes of the text, so that a place in one is found in the other.

use crate::Span;
use serde::{Deserialize, Serialize};

/// A text together with where each part of it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MappedText {
    /// The text.
    pub text: String,
    /// The way back.
    pub map: OffsetMap,
}

/// Pieces in order, without gaps in the text; what lies between them in the file left no trace.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OffsetMap {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Piece {
    text: Span,
    file: Span,
    /// Byte for byte the same. Otherwise the piece is one thing and is never cut.
    verbatim: bool,
}

impl OffsetMap {
    /// Where a place of the text stands in the file. Inside a replaced piece it is the start of
    /// what was replaced.
    pub fn to_file(&self, offset: usize) -> usize {
        let behind = self.pieces.partition_point(|piece| piece.text.end <= offset);
        match (self.pieces.get(behind), self.pieces.last()) {
            (Some(piece), _) if piece.verbatim => piece.file.start + (offset - piece.text.start),
            (Some(piece), _) => piece.file.start,
            (None, Some(last)) => last.file.end,
            (None, None) => 0,
        }
    }

    /// Where a range of the text stands in the file: from its first byte to its last, with whole
    /// replaced pieces.
    pub fn span_to_file(&self, span: Span) -> Span {
        let start = self.to_file(span.start);
        if span.is_empty() {
            return Span::at(start);
        }
        let before = self.pieces.partition_point(|piece| piece.text.end < span.end);
        let end = match self.pieces.get(before) {
            Some(piece) if piece.verbatim => piece.file.start + (span.end - piece.text.start),
            Some(piece) => piece.file.end,
            None => self.to_file(span.end),
        };
        Span::new(start, end)
    }

    /// Where a place of the file stands in the text, if it left a trace there. Inside a replaced
    /// piece it is the start of the replacement.
    pub fn to_text(&self, offset: usize) -> Option<usize> {
        let behind = self.pieces.partition_point(|piece| piece.file.end <= offset);
        match self.pieces.get(behind) {
            Some(piece) if piece.file.start > offset => self.end_at(behind, offset),
            Some(piece) if piece.verbatim => Some(piece.text.start + (offset - piece.file.start)),
            Some(piece) => Some(piece.text.start),
            None => self.end_at(behind, offset),
        }
    }

    /// Where a place of the file stands in the text or, where it left no trace, the place that
    /// follows it. This is where a cursor in stripped indentation types.
    pub fn to_text_near(&self, offset: usize) -> usize {
        let behind = self.pieces.partition_point(|piece| piece.file.end <= offset);
        self.to_text(offset).unwrap_or_else(|| {
            match (self.pieces.get(behind), self.pieces.last()) {
                (Some(piece), _) => piece.text.start,
                (None, Some(last)) => last.text.end,
                (None, None) => 0,
            }
        })
    }

    /// The end of the piece before, where the place lies just behind it.
    fn end_at(&self, behind: usize, offset: usize) -> Option<usize> {
        let piece = self.pieces.get(behind.checked_sub(1)?)?;
        (piece.file.end == offset).then_some(piece.text.end)
    }
}

impl OffsetMap {
    /// The pieces of the text that stand for something else in the file, with its place.
    pub fn replaced(&self) -> Vec<(Span, Span)> {
        let replaced = self.pieces.iter().filter(|piece| !piece.verbatim);
        replaced.map(|piece| (piece.text, piece.file)).collect()
    }
}

impl MappedText {
    /// Adds a part of the file as it stands.
    pub(crate) fn push_verbatim(&mut self, text: &str, file_start: usize) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let file = Span::new(file_start, file_start + text.len());
        if let Some(last) = self.map.pieces.last_mut()
            && last.verbatim
            && last.file.end == file.start
        {
            last.file.end = file.end;
            last.text.end = self.text.len();
            return;
        }
        let text = Span::new(start, self.text.len());
        self.map.pieces.push(Piece { text, file, verbatim: true });
    }

    /// Adds a text that stands for a part of the file.
    pub fn push_replaced(&mut self, text: &str, file: Span) {
        let start = self.text.len();
        self.text.push_str(text);
        let text = Span::new(start, self.text.len());
        self.map.pieces.push(Piece { text, file, verbatim: false });
    }

    /// Adds a part of another mapped text, which keeps its way to the file.
    pub fn push_part(&mut self, whole: &MappedText, part: Span) {
        for piece in &whole.map.pieces {
            let text = Span::new(piece.text.start.max(part.start), piece.text.end.min(part.end));
            let outside = piece.text.end < part.start || piece.text.start > part.end;
            if outside || (text.is_empty() && !piece.text.is_empty()) {
                continue;
            }
            let copied = crate::slice(&whole.text, text);
            match piece.verbatim {
                true => {
                    let start = piece.file.start + (text.start - piece.text.start);
                    self.push_verbatim(copied, start);
                }
                false => self.push_replaced(copied, piece.file),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a\n  bc` folded to `a bc`: file 0..1, 1..4 for the space, 4..6.
    fn folded() -> MappedText {
        let mut mapped = MappedText::default();
        mapped.push_verbatim("a", 0);
        mapped.push_replaced(" ", Span::new(1, 4));
        mapped.push_verbatim("bc", 4);
        mapped
    }

    #[test]
    fn places_go_there_and_back() {
        let mapped = folded();
        assert_eq!(mapped.text, "a bc");
        for (text, file) in [(0, 0), (1, 1), (2, 4), (3, 5), (4, 6)] {
            assert_eq!(mapped.map.to_file(text), file);
            assert_eq!(mapped.map.to_text(file), Some(text));
        }
        assert_eq!(mapped.map.to_text(3), Some(1), "inside the fold");
        assert_eq!(mapped.map.to_text(7), None);
        assert_eq!(mapped.map.to_text_near(7), 4);
    }

    #[test]
    fn ranges_take_replaced_pieces_whole() {
        let map = folded().map;
        assert_eq!(map.span_to_file(Span::new(0, 1)), Span::new(0, 1));
        assert_eq!(map.span_to_file(Span::new(1, 2)), Span::new(1, 4));
        assert_eq!(map.span_to_file(Span::new(0, 3)), Span::new(0, 5));
        assert_eq!(map.span_to_file(Span::at(4)), Span::at(6));
    }

    #[test]
    fn a_part_keeps_its_way_to_the_file() {
        let whole = folded();
        let mut part = MappedText::default();
        part.push_part(&whole, Span::new(1, 3));
        assert_eq!(part.text, " b");
        assert_eq!(part.map.span_to_file(Span::new(0, 2)), Span::new(1, 5));
    }
}
