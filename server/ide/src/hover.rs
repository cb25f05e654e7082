//! What a thing in a file means.

use crate::columns;
use crate::completion::node_at;
use crate::context::{field, tables};
use crate::sites::{self, Known};
use crate::verdicts::told;
use seeknal_analysis::Schemas;
use seeknal_analysis::changes::{Change, Step};
use seeknal_model::{File, Meaning, Node, Project, Surroundings, kinds, reference};
use seeknal_syntax::sql::Cte;
use seeknal_syntax::{Span, slice, yaml};
use std::fmt::Write as _;

/// A text about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The place.
    pub span: Span,
    /// The text, in Markdown.
    pub text: String,
}

/// What is known of a project while somebody looks at it.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The project.
    pub project: &'a Project,
    /// The columns of its nodes.
    pub schemas: &'a Schemas,
    /// What its edits do.
    pub edits: (&'a [Change], &'a [Step]),
    /// What its nodes mean, where the file that is looked at is still the one that was understood.
    pub known: Option<Known<'a>>,
    /// What expressions in braces are read against.
    pub around: &'a Surroundings<'a>,
}

/// What stands at an offset of a file, and over a node's name what the edits do to it.
pub fn hover(sight: Sight<'_>, file: &File, offset: usize) -> Option<Hover> {
    let Sight { project, schemas, edits: (changes, steps), known, around } = sight;
    let node = node_at(file, offset);
    if let Some(node) = node {
        if node.name_span.touches(offset) {
            let told = told(changes, steps, project, &node.id);
            let text = card(project, schemas, node) + &told;
            return Some(Hover { span: node.name_span, text });
        }
        let touched = node.references.iter().find(|one| one.span.touches(offset));
        if let Some(reference) = touched {
            let target = project.node(&reference.id)?;
            return Some(Hover { span: reference.span, text: card(project, schemas, target) });
        }
        for (name, span) in &node.parameters {
            if span.touches(offset) {
                return parameter(project, around, (name, *span));
            }
        }
        if columns::in_sql(node, offset) {
            if let Some((cte, places)) = sites::cte(node, offset) {
                let span = places.into_iter().find(|place| place.touches(offset))?;
                return Some(Hover { span, text: part(node, &cte) });
            }
            let column = known.and_then(|known| {
                let column = sites::column_at(known, file, offset)?;
                Some(Hover { span: column.span, text: sites::card(known, &column)? })
            });
            return column.or_else(|| columns::hover(node, schemas, &file.text, offset));
        }
    }
    key(file, offset)
}

/// A node in a few lines.
fn card(project: &Project, schemas: &Schemas, node: &Node) -> String {
    let mut text = format!("**{}**", node.id);
    if let Some(description) = node.text("description") {
        let _ = write!(text, "\n\n{description}");
    }
    let graph = project.graph();
    let list = |ids: Vec<seeknal_model::NodeId>| {
        let all: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        all.join(", ")
    };
    let reads = graph.reads(&node.id);
    if !reads.is_empty() {
        let _ = write!(text, "\n\nReads {}", list(reads));
    }
    let readers = graph.readers(&node.id);
    match readers.is_empty() {
        true => text.push_str("\n\nNothing reads it"),
        false => {
            let behind = graph.downstream(&node.id).len();
            let _ = write!(text, "\n\nRead by {}, {behind} downstream in all", list(readers));
        }
    }
    if let Some(owner) = node.text("owner") {
        let _ = write!(text, "\n\nOwner: {owner}");
    }
    if let Some(columns) = schemas.columns(&node.id).filter(|columns| !columns.is_empty()) {
        let shown = columns.iter().take(COLUMNS);
        let shown: Vec<String> = shown.map(|one| format!("`{}` {}", one.name, one.kind)).collect();
        let _ = write!(text, "\n\nColumns: {}", shown.join(", "));
        if let more @ 1.. = columns.len().saturating_sub(COLUMNS) {
            let _ = write!(text, " and {more} more");
        }
    }
    let _ = write!(text, "\n\n{}", node.path);
    text
}

/// More columns than this are not read in a card.
const COLUMNS: usize = 12;

/// A name in the WITH of a query, with what it stands for.
fn part(node: &Node, cte: &Cte) -> String {
    const LINES: usize = 12;
    let text = node.sql.as_ref().map(|sql| slice(&sql.text.text, cte.body)).unwrap_or_default();
    let mut lines: Vec<&str> = text.trim_matches('\n').lines().take(LINES).collect();
    if text.trim_matches('\n').lines().count() > LINES {
        lines.push("…");
    }
    format!("**{}**, a part of this query\n\n```sql\n{}\n```", cte.name, lines.join("\n"))
}

/// An expression in braces with what it stands for. Values of variables are not shown: they may be secret.
fn parameter(
    project: &Project,
    around: &Surroundings<'_>,
    (name, span): (&str, Span),
) -> Option<Hover> {
    let values = project.files().flat_map(|file| file.common.iter().map(move |one| (file, one)));
    let declared = values.filter(|(_, one)| one.name == name).last();
    let meaning = match project.meaning(name, around) {
        Meaning::Value(value) => format!("```sql\n{value}\n```"),
        Meaning::Variable(_) => "It is set, and not shown.".to_owned(),
        Meaning::AtRun => "Each run decides it.".to_owned(),
        Meaning::Unset(variable) => format!("`{variable}` is not set, and has no default."),
        Meaning::Unknown | Meaning::AsWritten => return None,
    };
    let place = declared.map(|(file, _)| format!("\n\n{}", file.path)).unwrap_or_default();
    Some(Hover { span, text: format!("`{name}`\n\n{meaning}{place}") })
}

/// The key at an offset, or the word that stands for its value.
fn key(file: &File, offset: usize) -> Option<Hover> {
    let tree = yaml::parse(&file.text);
    let root = tree
        .documents
        .iter()
        .filter_map(|document| document.root.as_deref())
        .find(|root| root.span.touches(offset))?;
    let mut keys = Vec::new();
    let (span, is_key) = path_to(root, offset, &mut keys)?;
    if keys == ["kind"] && !is_key {
        let word = file.text.get(span.start..span.end)?.trim_matches(['"', '\'']);
        let kind = kinds::find(word).or(Some(&kinds::ENVIRONMENT).filter(|one| one.name == word))?;
        return Some(Hover { span, text: format!("`{}`\n\n{}", kind.name, kind.doc) });
    }
    let tables = tables(&file.path, &file.text, offset);
    let field = field(&tables, &keys).filter(|_| is_key)?;
    Some(Hover { span, text: reference::explain(field) })
}

/// The keys that lead to an offset, the place there, and whether that place is a key.
fn path_to(node: &yaml::Node, offset: usize, keys: &mut Vec<String>) -> Option<(Span, bool)> {
    if let Some(entries) = node.entries() {
        for entry in entries {
            let name = entry.key.scalar().map(|key| key.text.clone()).unwrap_or_default();
            if entry.key.span.touches(offset) {
                keys.push(name);
                return Some((entry.key.span, true));
            }
            if entry.value.span.touches(offset) {
                keys.push(name);
                return path_to(&entry.value, offset, keys);
            }
        }
        return None;
    }
    match node.items() {
        Some(items) => {
            let item = items.iter().find(|item| item.span.touches(offset))?;
            path_to(item, offset, keys)
        }
        None => Some((node.span, false)),
    }
}
