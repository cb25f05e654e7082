//! What an engine says is wrong, at its place in the file, with the fix where there is one.

use crate::binder::Wrong;
use crate::codes;
use seeknal_model::Node;
use seeknal_syntax::sql::{TokenKind, tokens};
use seeknal_syntax::{Code, Edit, MappedText, Problem, Span, slice};

/// The problem in a node's file.
pub(crate) fn problem(node: &Node, query: &MappedText, wrong: &Wrong, text: &str) -> Problem {
    let sql = query.text.as_str();
    let place = place(sql, wrong);
    let span = match place {
        Some(place) => query.map.span_to_file(place),
        // Nothing says where; the first word of the query stands for all of it.
        None => first_token(sql).map_or(node.name_span, |first| query.map.span_to_file(first)),
    };
    let problem = Problem::new(code(wrong), span, message(wrong));
    let written = slice(text, span);
    let Some(near) = wrong.candidates.first() else { return problem };
    let is_name = !wrong.name.is_empty() && written.eq_ignore_ascii_case(&wrong.name);
    if code(wrong) == codes::UNKNOWN_COLUMN && is_name && is_plain(near) {
        let edit = Edit { span, text: near.clone() };
        return problem.with_fix(format!("Write {near}"), edit);
    }
    problem
}

fn code(wrong: &Wrong) -> Code {
    match (wrong.kind.to_lowercase().as_str(), wrong.subtype.as_str()) {
        ("parser", _) => codes::SQL_SYNTAX,
        (_, "COLUMN_NOT_FOUND") => codes::UNKNOWN_COLUMN,
        (_, "MISSING_ENTRY") => codes::UNKNOWN_NAME,
        (_, "NO_MATCHING_FUNCTION") => codes::WRONG_ARGUMENTS,
        _ => codes::SQL_ERROR,
    }
}

/// The first line of what the engine says, with the cure it offers.
fn message(wrong: &Wrong) -> String {
    let mut lines = wrong.message.lines();
    let first = lines.next().unwrap_or_default().trim();
    let hint = lines.map(str::trim).find(|line| !line.is_empty() && !line.starts_with("LINE "));
    let first = first.trim_end_matches(['!', '.']);
    match hint {
        Some(hint) if !hint.starts_with("Candidate functions") => {
            let mut letters = hint.chars();
            let start = letters.next().map(|letter| letter.to_lowercase().to_string());
            format!("{first}; {}{}", start.unwrap_or_default(), letters.as_str())
        }
        _ => first.to_owned(),
    }
}

/// The place in the query: the name where it stands at the position, else the token there.
fn place(sql: &str, wrong: &Wrong) -> Option<Span> {
    let position = wrong.position.filter(|position| *position <= sql.len());
    let all = tokens(sql);
    let solid = || all.iter().filter(|token| token.kind != TokenKind::Comment);
    let Some(position) = position else {
        // The engine says which name it means, and that name stands there once.
        let mut named = solid().filter(|token| {
            let text = slice(sql, token.span).trim_matches('"');
            let quoted = format!("\"{text}\"");
            matches!(token.kind, TokenKind::Word | TokenKind::QuotedName | TokenKind::Keyword)
                && (text == wrong.name || wrong.message.contains(&quoted))
        });
        return named.next().filter(|_| named.next().is_none()).map(|token| token.span);
    };
    let named = Span::new(position, position + wrong.name.len());
    if !wrong.name.is_empty() && slice(sql, named).eq_ignore_ascii_case(&wrong.name) {
        return Some(named);
    }
    let at = solid().find(|token| token.span.start <= position && position < token.span.end);
    // At the end of the text it is the last thing that is too early.
    at.or_else(|| solid().rfind(|token| token.span.end <= position)).map(|token| token.span)
}

fn first_token(sql: &str) -> Option<Span> {
    tokens(sql).iter().find(|token| token.kind != TokenKind::Comment).map(|token| token.span)
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
