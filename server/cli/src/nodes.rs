//! `list`, `show` and `graph`: what a project declares.

use crate::check::{open_home, say_unread, unreadable};
use crate::exit::Exit;
use crate::options::GraphFormat;
use crate::render;
use seeknal_ide::lineage::{dot_quoted, mermaid_text};
use seeknal_model::{NodeId, Project};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

/// Every node, or those of one kind, in the order of ids.
pub(crate) fn list(root: &Path, kind: Option<&str>) -> Exit {
    let loaded = match open_home(root, None) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    if let Some(kind) = kind
        && seeknal_model::kinds::find(kind).is_none()
    {
        let all: Vec<&str> = seeknal_model::kinds::ALL.iter().map(|kind| kind.name).collect();
        return unreadable(&format!("there is no kind `{kind}`; it is one of {}", all.join(", ")));
    }
    let nodes = loaded.project.graph().by_id();
    let chosen: Vec<_> =
        nodes.into_iter().filter(|node| kind.is_none_or(|kind| node.kind.name == kind)).collect();
    let width = chosen.iter().map(|node| node.id.as_str().chars().count()).max().unwrap_or(0);
    let mut page = String::new();
    for node in chosen {
        let _ = writeln!(
            page,
            "{:<width$}  {}",
            node.id.as_str(),
            loaded.root.join(&*node.path).display()
        );
    }
    render::out(&page);
    if loaded.unread.is_empty() { Exit::Done } else { Exit::Found }
}

/// Who reads whom.
pub(crate) fn graph(root: &Path, format: GraphFormat) -> Exit {
    let loaded = match open_home(root, None) {
        Ok(loaded) => loaded,
        Err(sentence) => return unreadable(&sentence),
    };
    say_unread(&loaded);
    let project = &loaded.project;
    render::out(&match format {
        GraphFormat::Text => text(project),
        GraphFormat::Dot => dot(project),
        GraphFormat::Mermaid => mermaid(project),
        GraphFormat::Json => graph_json(project),
    });
    if loaded.unread.is_empty() { Exit::Done } else { Exit::Found }
}

fn text(project: &Project) -> String {
    let graph = project.graph();
    let mut page = String::new();
    for id in graph.order() {
        let reads: Vec<String> = graph.reads(id).iter().map(ToString::to_string).collect();
        let _ = match reads.is_empty() {
            true => writeln!(page, "{id}"),
            false => writeln!(page, "{id} <- {}", reads.join(", ")),
        };
    }
    page
}

fn dot(project: &Project) -> String {
    let mut page = "digraph project {\n  rankdir=LR;\n".to_owned();
    for node in project.graph().by_id() {
        let _ = writeln!(page, "  {};", dot_quoted(node.id.as_str()));
    }
    for edge in project.graph().edges() {
        let _ = writeln!(
            page,
            "  {} -> {};",
            dot_quoted(edge.from.as_str()),
            dot_quoted(edge.to.as_str())
        );
    }
    page.push_str("}\n");
    page
}

fn mermaid(project: &Project) -> String {
    let nodes = project.graph().by_id();
    let numbers: HashMap<&NodeId, usize> =
        nodes.iter().enumerate().map(|(number, node)| (&node.id, number)).collect();
    let place = |id: &NodeId| numbers.get(id).copied().unwrap_or_default();
    let mut page = "graph LR\n".to_owned();
    for (number, node) in nodes.iter().enumerate() {
        let _ = writeln!(page, "  n{number}[\"{}\"]", mermaid_text(node.id.as_str()));
    }
    for edge in project.graph().edges() {
        let _ = writeln!(page, "  n{} --> n{}", place(&edge.from), place(&edge.to));
    }
    page
}

fn graph_json(project: &Project) -> String {
    let nodes: Vec<_> = project
        .graph()
        .by_id()
        .into_iter()
        .map(|node| json!({ "id": node.id.as_str(), "kind": node.kind.name, "file": &*node.path }))
        .collect();
    let edges: Vec<_> = project
        .graph()
        .edges()
        .iter()
        .map(|edge| json!({ "from": edge.from.as_str(), "to": edge.to.as_str() }))
        .collect();
    format!("{:#}\n", json!({ "nodes": nodes, "edges": edges }))
}
