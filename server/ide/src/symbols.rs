//! The outline of a file, and nodes by name.

use seeknal_model::{File, Project};
use seeknal_syntax::{Span, yaml};
use std::sync::Arc;

/// A thing with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// A word beside it.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name's place, inside all of it.
    pub name_span: Span,
    /// What it holds.
    pub children: Vec<Symbol>,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A node.
    Node,
    /// An environment.
    Environment,
    /// A key of one.
    Key,
    /// A value of the common config.
    Value,
}

/// A node found by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub name: String,
    /// Its file.
    pub path: Arc<str>,
    /// Where its name stands.
    pub span: Span,
}

/// The outline of a file.
pub fn symbols(file: &File) -> Vec<Symbol> {
    let nodes = file.nodes.iter().map(|node| Symbol {
        name: node.name.clone(),
        detail: node.kind.name.to_owned(),
        kind: SymbolKind::Node,
        span: node.root.span.cover(node.name_span),
        name_span: node.name_span,
        children: if node.body.is_some() { Vec::new() } else { keys(&node.root) },
    });
    let environments = file.environments.iter().map(|one| Symbol {
        name: one.name.clone(),
        detail: "environment".to_owned(),
        kind: SymbolKind::Environment,
        span: one.root.span.cover(one.name_span),
        name_span: one.name_span,
        children: keys(&one.root),
    });
    let values = file.common.iter().map(|value| Symbol {
        name: value.name.clone(),
        detail: String::new(),
        kind: SymbolKind::Value,
        span: value.span,
        name_span: value.span,
        children: Vec::new(),
    });
    let mut all: Vec<Symbol> = nodes.chain(environments).chain(values).collect();
    all.sort_by_key(|symbol| symbol.span);
    all
}

fn keys(root: &yaml::Node) -> Vec<Symbol> {
    let entries = root.entries().unwrap_or_default();
    let named = entries.iter().filter_map(|entry| Some((entry, entry.key.scalar()?)));
    named
        .filter(|(_, key)| !key.text.is_empty())
        .map(|(entry, key)| Symbol {
            name: key.text.clone(),
            detail: String::new(),
            kind: SymbolKind::Key,
            span: entry.key.span.cover(entry.value.span),
            name_span: entry.key.span,
            children: Vec::new(),
        })
        .collect()
}

/// The nodes whose id has the letters of a query in their order, at most so many.
pub fn find_symbols(project: &Project, query: &str, most: usize) -> Vec<Found> {
    let found = project.declared().filter(|node| is_meant(query, node.id.as_str())).take(most);
    found
        .map(|node| Found {
            name: node.id.to_string(),
            path: node.path.clone(),
            span: node.name_span,
        })
        .collect()
}

/// Whether a name has the letters that were typed, in their order.
pub fn is_meant(typed: &str, name: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut wanted = typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    wanted.all(|wanted| letters.any(|letter| letter == wanted))
}
