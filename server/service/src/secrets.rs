//! Where secrets stand in a text, however broken it is.

use seeknal_model::SECRET_WORDS;
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
