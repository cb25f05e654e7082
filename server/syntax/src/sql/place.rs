//! sqlparser's lines and columns, which count characters from 1, to byte offsets.

use super::lexicon::with_line_feeds;
use sqlparser::tokenizer::Location;

/// Where the lines of a text begin and, in lines that are not ASCII, where each character does.
pub(super) struct Places {
    lines: Vec<Line>,
    length: usize,
}

struct Line {
    start: usize,
    characters: Option<Vec<usize>>,
}

impl Places {
    pub(super) fn new(text: &str) -> Places {
        let text = with_line_feeds(text);
        let mut start = 0;
        let lines = text
            .split_inclusive('\n')
            .chain(text.ends_with('\n').then_some(""))
            .map(|line| {
                let characters = || line.char_indices().map(|(at, _)| start + at).collect();
                let line_start = start;
                let characters = (!line.is_ascii()).then(characters);
                start += line.len();
                Line { start: line_start, characters }
            })
            .collect();
        Places { lines, length: text.len() }
    }

    /// The byte offset of a location, drawn into the text.
    pub(super) fn offset(&self, location: Location) -> usize {
        let Some(line) = (location.line as usize).checked_sub(1) else { return 0 };
        let Some(line) = self.lines.get(line) else { return self.length };
        let column = (location.column as usize).saturating_sub(1);
        match &line.characters {
            None => (line.start + column).min(self.length),
            // Just behind the last character of the text.
            Some(characters) => characters.get(column).copied().unwrap_or(self.length),
        }
    }
}
