//! The parser's errors in words that name the cure.

use crate::{Problem, Span, codes};
use granit_parser::{ErrorKind, ScanError};

pub(super) const OPEN_QUOTE: &str = "this quote is never closed; close it on its line";

pub(super) const TAB: &str = "a tab stands here; between its words YAML takes spaces only";

/// The problem for an error of the parser in a text that stands at `base` of the file.
pub(super) fn problem(text: &str, base: usize, error: &ScanError) -> Problem {
    let offset = error.marker().byte_offset().unwrap_or(text.len());
    let span = word_at(text, offset);
    let code = match error.kind() {
        ErrorKind::RecursionLimitExceeded => codes::YAML_TOO_DEEP,
        _ => codes::YAML_SYNTAX,
    };
    Problem::new(code, span.shifted(base), sentence(error))
}

fn sentence(error: &ScanError) -> String {
    let fixed = match error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => OPEN_QUOTE,
        ErrorKind::UnclosedFlowCollection { open: '{' } => "this `{` is never closed; add a `}`",
        ErrorKind::UnclosedFlowCollection { .. } => "this `[` is never closed; add a `]`",
        ErrorKind::MappingValueNotAllowed => "a second `: ` in one value; put the value in quotes",
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => TAB,
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::SimpleKeyExpected => {
            "a `key: value` is expected here; add the colon, or indent the line like its neighbours"
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a `- item` is expected here; add the dash, or indent the line like its neighbours"
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            "a list item stands among keys; indent it below its key"
        }
        ErrorKind::RecursionLimitExceeded => {
            "collections are nested over 64 deep here; write them flatter"
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "this backslash starts no known escape; double it, or use single quotes"
        }
        _ => "",
    };
    match fixed {
        "" => format!("{}; this block is not read", error.info()),
        _ => fixed.to_owned(),
    }
}

/// The word that begins at or around an offset; on blank space the last character before it.
fn word_at(text: &str, offset: usize) -> Span {
    let offset = floor(text, offset.min(text.len()));
    let rest = text.get(offset..).unwrap_or_default();
    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
    if word > 0 {
        return Span::new(offset, offset + word);
    }
    let before = text.get(..offset).unwrap_or_default().trim_end();
    match before.chars().next_back() {
        Some(last) => Span::new(before.len() - last.len_utf8(), before.len()),
        None => Span::at(offset),
    }
}

fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
