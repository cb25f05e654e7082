//! How DuckDB cuts text into tokens, where sqlparser's own dialect of that name differs.

use sqlparser::dialect::{Dialect, DuckDbDialect};
use std::any::TypeId;

/// sqlparser's DuckDB with nested comments, `E'…'` texts and DuckDB's letters. A `ref()` behind
/// any of these would be missed or seen wrongly otherwise.
#[derive(Debug)]
pub(super) struct Lexicon;

impl Dialect for Lexicon {
    /// sqlparser asks some questions by type.
    fn dialect(&self) -> TypeId {
        TypeId::of::<DuckDbDialect>()
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        character == '"'
    }

    fn is_identifier_start(&self, character: char) -> bool {
        let foreign = !character.is_ascii() && !character.is_whitespace();
        character.is_ascii_alphabetic() || character == '_' || foreign
    }

    fn is_identifier_part(&self, character: char) -> bool {
        self.is_identifier_start(character) || character.is_ascii_digit() || character == '$'
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_string_escape_constant(&self) -> bool {
        true
    }

    fn supports_numeric_literal_underscores(&self) -> bool {
        true
    }
}

/// The text with every lone carriage return as a line feed, which ends a comment for DuckDB and
/// not for sqlparser. The length stays the same.
pub(super) fn with_line_feeds(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\r') {
        return text.into();
    }
    let mut characters = text.chars().peekable();
    let mut fed = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        let lone = character == '\r' && characters.peek() != Some(&'\n');
        fed.push(if lone { '\n' } else { character });
    }
    fed.into()
}
