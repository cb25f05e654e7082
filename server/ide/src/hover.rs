//! What a thing in a file means.

use crate::columns;
use crate::completion::node_at;
use crate::context::{field, tables};
use crate::verdicts::told;
use seeknal_analysis::Schemas;
use seeknal_analysis::changes::{Change, Step};
use seeknal_model::{File, Node, Project, kinds, reference};
use seeknal_syntax::{Span, yaml};
use std::fmt::Write as _;

/// A text about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The place.
    pub span: Span,
    /// The text, in Markdown.
    pub text: String,
}

/// What stands at an offset of a file, and over a node's name what the edits do to it.
pub fn hover(
    (project, schemas): (&Project, &Schemas),
    (changes, steps): (&[Change], &[Step]),
    file: &File,
    offset: usize,
) -> Option<Hover> {
    let node = node_at(file, offset);
    if let Some(node) = node {
        if node.name_span.touches(offset) {
            let told = told(changes, steps, project, &node.id);
            return Some(Hover { span: node.name_span, text: card(project, node) + &told });
        }
        let touched = node.references.iter().find(|one| one.span.touches(offset));
        if let Some(reference) = touched {
            let target = project.node(&reference.id)?;
            return Some(Hover { span: reference.span, text: card(project, target) });
        }
        for (name, span) in &node.parameters {
            if span.touches(offset) {
                return parameter(project, name, *span);
            }
        }
        if columns::in_sql(node, offset) {
            return columns::hover(node, schemas, &file.text, offset);
        }
    }
    key(file, offset)
}

/// A node in a few lines.
fn card(project: &Project, node: &Node) -> String {
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
    let _ = write!(text, "\n\n{}", node.path);
    text
}

fn parameter(project: &Project, name: &str, span: Span) -> Option<Hover> {
    let values = project.files().flat_map(|file| file.common.iter().map(move |one| (file, one)));
    let (file, value) = values.filter(|(_, one)| one.name == name).last()?;
    let text = format!("`{name}`\n\n```sql\n{}\n```\n\n{}", value.value, file.path);
    Some(Hover { span, text })
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
