//! Where secrets stand in a text, however broken it is.

use seeknal_model::{File, SECRET_WORDS, codes};
use seeknal_syntax::{Problem, Span};
use std::ops::Range;

/// The places of secrets in a line of a file. What only names a variable is no secret.
pub fn secrets(line: &str) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    SECRET_WORDS
        .iter()
        .flat_map(|word| lower.match_indices(word).map(|(at, _)| at + word.len()))
        .filter_map(|behind_word| secret_after(line, behind_word))
        .collect()
}

/// The value that follows a key which ends at an offset, unless it names a variable.
fn secret_after(line: &str, offset: usize) -> Option<Range<usize>> {
    let rest = line.get(offset..)?.trim_start_matches(['"', '\'', ' ', '\t']);
    let value = rest.strip_prefix([':', '='])?.trim_start();
    let bare = value.trim_start_matches(['"', '\'']);
    if bare.starts_with('$') || bare.starts_with("{{") {
        return None;
    }
    let start = line.len() - value.len();
    Some(start..start + value.find([',', '}']).unwrap_or(value.len()))
}

/// A part of a file without what is secret in it, by the keys of its kind and by its words.
pub fn concealed(file: &File, part: Span) -> String {
    let secret = |problem: &&Problem| problem.code == codes::SECRET_IN_CLEAR;
    let spans = file.problems.iter().filter(secret).map(|problem| problem.span);
    let mut places: Vec<(usize, usize)> = spans.map(|span| (span.start, span.end)).collect();
    // As a rule no word of a file is about secrets.
    let lower = file.text.to_ascii_lowercase();
    let has_words = SECRET_WORDS.iter().any(|word| lower.contains(word));
    if !has_words && places.is_empty() {
        return file.text.get(part.start..part.end).unwrap_or_default().to_owned();
    }
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let end = line.trim_end().len();
        let found = secrets(line.get(..end).unwrap_or_default());
        places.extend(found.iter().map(|one| (start + one.start, start + one.end)));
        start += line.len();
    }
    places.retain(|(start, end)| *start < part.end && *end > part.start);
    places.sort_unstable();
    let (mut text, mut from) = (String::new(), part.start);
    for (start, end) in places {
        // One secret may be found in both ways, and a part may begin within one.
        if start >= from || from == part.start {
            text.push_str(file.text.get(from..start).unwrap_or_default());
            text.push_str("\"***\"");
        }
        from = from.max(end);
    }
    text.push_str(file.text.get(from..part.end).unwrap_or_default());
    text
}
