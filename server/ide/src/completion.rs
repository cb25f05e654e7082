//! What could be written at a place.

use crate::columns;
use crate::context::{At, Context, context, shapes, tables};
use seeknal_analysis::Schemas;
use seeknal_model::table::{Field, Shape};
use seeknal_model::{File, Node, Project, Role, kinds, reference, role};
use seeknal_syntax::{Span, slice};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One thing that could be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// What it takes the place of.
    pub span: Span,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside it.
    pub detail: String,
    /// What it means, in Markdown.
    pub doc: String,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A kind of node.
    Kind,
    /// A key.
    Key,
    /// A word that a key takes.
    Value,
    /// A node.
    Node,
    /// An expression in braces.
    Parameter,
    /// A column.
    Column,
}

/// Expressions that every project has.
const EXPRESSIONS: [(&str, &str); 9] = [
    ("today", "The day of the run."),
    ("yesterday", "The day before the run."),
    ("month_start", "The first day of the month."),
    ("year_start", "The first day of the year."),
    ("today(-1)", "So many days away from the run."),
    ("env:NAME|default", "An environment variable, and what stands for it where it is not set."),
    ("run_id", "A new id for each run."),
    ("run_date", "When the run began."),
    ("project_id", "The project."),
];

/// What could be written at an offset of a file.
pub fn completion(
    project: &Project,
    schemas: &Schemas,
    file: &File,
    offset: usize,
) -> Vec<Completion> {
    let text = file.text.as_str();
    let offset = floor(text, offset);
    let start = slice(text, Span::new(0, offset)).rfind('\n').map_or(0, |at| at + 1);
    let before = slice(text, Span::new(start, offset));
    if let Some(part) = open_expression(before) {
        return expressions(project, file, offset, part);
    }
    if let Some(part) = open_ref(before) {
        return nodes(project, file, Span::new(offset - part.len(), offset), &|id| id.to_owned());
    }
    if role(&file.path) == Role::Python {
        return Vec::new();
    }
    if let Some(node) = node_at(file, offset).filter(|node| columns::in_sql(node, offset)) {
        return columns::completion(node, schemas, text, offset);
    }
    let around = context(text, offset);
    let tables = tables(&file.path, text, offset);
    match &around.at {
        At::Text => Vec::new(),
        At::Key(span) => keys(&around, &tables, *span),
        At::Value(span) if around.keys == ["kind"] => every_kind(*span),
        At::Value(span) => {
            // A flow list is still open for values after some that stand there.
            let found = shapes(&tables, &around.keys);
            values(project, file, &found, *span)
        }
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// What stands of an expression in braces that is not closed.
fn open_expression(before: &str) -> Option<&str> {
    let inside = before.get(before.rfind("{{")? + 2..)?;
    (!inside.contains('}')).then(|| inside.trim_start())
}

/// What stands of the id in a `ref('…')` that is not closed.
fn open_ref(before: &str) -> Option<&str> {
    let behind = before.get(before.rfind("ref(")? + 4..)?.trim_start();
    let inside = behind.strip_prefix(['\'', '"'])?;
    (!inside.contains(['\'', '"', ')'])).then_some(inside)
}

fn expressions(project: &Project, file: &File, offset: usize, part: &str) -> Vec<Completion> {
    let span = Span::new(offset - part.len(), offset);
    let item = |label: &str, detail: String, doc: &str| Completion {
        label: label.to_owned(),
        insert: label.to_owned(),
        span,
        kind: CompletionKind::Parameter,
        detail,
        doc: doc.to_owned(),
    };
    let mut found = Vec::new();
    for value in project.files().flat_map(|file| &file.common) {
        found.push(item(&value.name, brief(&value.value), ""));
    }
    let own = node_at(file, offset).and_then(|node| node.field("params"));
    for entry in own.and_then(|params| params.entries()).unwrap_or_default() {
        if let Some(key) = entry.key.scalar() {
            found.push(item(&key.text, "a param of this node".to_owned(), ""));
        }
    }
    found.extend(EXPRESSIONS.map(|(label, doc)| item(label, String::new(), doc)));
    found
}

/// A text cut to what fits beside a label.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(60).collect()
}

pub(crate) fn node_at(file: &File, offset: usize) -> Option<&Arc<Node>> {
    file.nodes.iter().find(|node| node.root.span.touches(offset))
}

fn nodes(
    project: &Project,
    file: &File,
    span: Span,
    written: &dyn Fn(&str) -> String,
) -> Vec<Completion> {
    let own: BTreeSet<&str> = file.nodes.iter().map(|node| node.id.as_str()).collect();
    let all = project.graph().by_id();
    let readable = all.into_iter().filter(|node| node.kind.has_rows);
    readable
        .filter(|node| !own.contains(node.id.as_str()))
        .map(|node| Completion {
            label: node.id.to_string(),
            insert: written(node.id.as_str()),
            span,
            kind: CompletionKind::Node,
            detail: node.path.to_string(),
            doc: node.text("description").unwrap_or_default().to_owned(),
        })
        .collect()
}

fn every_kind(span: Span) -> Vec<Completion> {
    kinds::ALL
        .iter()
        .chain([&kinds::ENVIRONMENT])
        .map(|kind| Completion {
            label: kind.name.to_owned(),
            insert: kind.name.to_owned(),
            span,
            kind: CompletionKind::Kind,
            detail: String::new(),
            doc: kind.doc.to_owned(),
        })
        .collect()
}

fn keys(around: &Context, tables: &[&'static [Field]], span: Span) -> Vec<Completion> {
    let mut found: Vec<Completion> = Vec::new();
    for shape in shapes(tables, &around.keys) {
        let (Shape::Map(fields) | Shape::Open(fields)) = shape else { continue };
        for field in fields {
            let known = found.iter().any(|one| one.label == field.name);
            if !known && !around.beside.iter().any(|beside| beside == field.name) {
                found.push(key(field, span));
            }
        }
    }
    found
}

fn key(field: &Field, span: Span) -> Completion {
    Completion {
        label: field.name.to_owned(),
        insert: format!("{}: ", field.name),
        span,
        kind: CompletionKind::Key,
        detail: if field.required { "needed".to_owned() } else { String::new() },
        doc: reference::explain(field),
    }
}

fn values(project: &Project, file: &File, shapes: &[Shape], span: Span) -> Vec<Completion> {
    let word = |word: &str| Completion {
        label: word.to_owned(),
        // YAML reads a bare null as nothing at all.
        insert: if word == "null" { "\"null\"".to_owned() } else { word.to_owned() },
        span,
        kind: CompletionKind::Value,
        detail: String::new(),
        doc: String::new(),
    };
    let mut found = Vec::new();
    for shape in shapes {
        match shape {
            Shape::OneOf(words) => found.extend(words.iter().map(|one| word(one))),
            Shape::Flag => found.extend(["true", "false"].map(word)),
            Shape::Reference => found.extend(nodes(project, file, span, &|id| id.to_owned())),
            Shape::RefCall => {
                found.extend(nodes(project, file, span, &|id| format!("ref('{id}')")));
            }
            _ => {}
        }
    }
    found
}
