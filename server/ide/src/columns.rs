//! The columns that a node's SQL can name.

use crate::completion::{Completion, CompletionKind};
use crate::hover::Hover;
use seeknal_analysis::{Column, Schemas};
use seeknal_model::{Node, NodeId};
use seeknal_syntax::{Span, slice};
use std::sync::Arc;

/// The columns of every node that a node reads.
fn in_scope(node: &Node, schemas: &Schemas) -> Vec<(NodeId, Arc<[Column]>)> {
    let mut found: Vec<(NodeId, Arc<[Column]>)> = Vec::new();
    for reference in &node.references {
        if !found.iter().any(|(id, _)| *id == reference.id)
            && let Some(columns) = schemas.columns(&reference.id)
        {
            found.push((reference.id.clone(), columns.clone()));
        }
    }
    found
}

/// Whether an offset lies in the SQL of a node.
pub(crate) fn in_sql(node: &Node, offset: usize) -> bool {
    node.sql.as_ref().is_some_and(|sql| sql.span.touches(offset))
}

/// The word around an offset: letters, digits and underscores.
pub(crate) fn word(text: &str, offset: usize) -> Span {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let before = slice(text, Span::new(0, offset));
    let start = before.rfind(|c| !is_part(c)).map_or(0, |at| {
        at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let after = slice(text, Span::new(offset, text.len()));
    Span::new(start, offset + after.find(|c| !is_part(c)).unwrap_or(after.len()))
}

/// The columns that could be meant at an offset of a node's SQL.
pub(crate) fn completion(
    node: &Node,
    schemas: &Schemas,
    text: &str,
    offset: usize,
) -> Vec<Completion> {
    let span = Span::new(word(text, offset).start, offset);
    let mut found: Vec<Completion> = Vec::new();
    for (id, columns) in in_scope(node, schemas) {
        for column in columns.iter() {
            match found.iter_mut().find(|known| known.label == column.name) {
                Some(known) => known.doc.push_str(&format!(", `{id}`")),
                None => found.push(Completion {
                    label: column.name.clone(),
                    insert: as_sql(&column.name),
                    span,
                    kind: CompletionKind::Column,
                    detail: column.kind.clone(),
                    doc: format!("A column of `{id}`"),
                }),
            }
        }
    }
    found
}

/// What the column at an offset of a node's SQL is.
pub(crate) fn hover(node: &Node, schemas: &Schemas, text: &str, offset: usize) -> Option<Hover> {
    let span = word(text, offset);
    let name = slice(text, span);
    let mut shown = String::new();
    for (id, columns) in in_scope(node, schemas) {
        let meant = |column: &&Column| column.name.eq_ignore_ascii_case(name);
        if let Some(column) = columns.iter().find(meant) {
            shown.push_str(&format!(
                "**{}** `{}`, a column of `{id}`\n\n",
                column.name, column.kind
            ));
        }
    }
    let text = shown.trim_end().to_owned();
    (!text.is_empty()).then_some(Hover { span, text })
}

/// A name as SQL takes it.
fn as_sql(name: &str) -> String {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    match starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_around_its_letters() {
        let text = "SELECT é_1+b2 FROM";
        let at = |offset| slice(text, word(text, offset));
        assert_eq!([at(7), at(9), at(11), at(12), at(0)], ["é_1", "é_1", "é_1", "b2", "SELECT"]);
        assert_eq!(at(text.len()), "FROM");
        assert_eq!(as_sql("a b"), "\"a b\"");
    }
}
