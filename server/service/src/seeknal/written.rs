//! Seeknal's manifest as this program writes it.

use crate::parts::Parts;
use crate::runs::in_runs;
use seeknal_analysis::Column;
use seeknal_model::{Node, NodeId, Project, SECRET_WORDS};
use seeknal_store::View;
use seeknal_syntax::yaml::{Value as Said, construct};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// So many nodes are told by one thread: to start another takes as long as a few of them.
const FEW: usize = 100;

/// What was written of each node, for whoever writes it again: as a rule all but a few say what they said.
#[derive(Default)]
pub(crate) struct Pieces(Mutex<HashMap<NodeId, Piece>>);

/// What is written of a node, for another process, which has the node and its columns.
pub(crate) fn kept(node: &Node, columns: &[Column]) -> String {
    text(node, said(columns))
}

impl Pieces {
    /// Takes in what another process kept of nodes.
    pub(crate) fn recall<'c>(
        &self,
        all: impl Iterator<Item = (Arc<Node>, &'c [Column], Arc<str>)>,
    ) {
        let piece = |(node, columns, text): (Arc<Node>, &'c [Column], Arc<str>)| {
            (node.id.clone(), Piece { columns: hash_of(said(columns)), node, text })
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(all.map(piece));
    }

    /// Puts together what will be written of nodes with these columns, for whoever writes it.
    pub(crate) fn foresee<'n>(
        &self,
        nodes: impl Iterator<Item = (&'n Arc<Node>, &'n [(String, String)])>,
    ) {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().clone();
        let made = nodes.map(|(node, columns)| (node.id.clone(), piece((node, columns), &before)));
        let made: Vec<(NodeId, Piece)> = made.collect();
        known().extend(made);
    }
}

/// What is written of a node with these columns.
#[derive(Clone)]
struct Piece {
    node: Arc<Node>,
    columns: blake3::Hash,
    text: Arc<str>,
}

/// The hash of columns: a node is written anew where they are others.
fn hash_of<'c>(columns: impl Iterator<Item = (&'c str, &'c str)>) -> blake3::Hash {
    let mut parts = Parts::default();
    columns.flat_map(|(name, kind)| [name, kind]).for_each(|part| parts.add(part));
    parts.end()
}

/// The names and types of columns.
fn said(columns: &[Column]) -> impl Iterator<Item = (&str, &str)> {
    columns.iter().map(|one| (one.name.as_str(), one.kind.as_str()))
}

/// Such a manifest of a project, for Seeknal's own commands. Secrets are starred, and nothing in it
/// depends on the hour or on where the project lies.
pub(crate) fn written(root: &Path, project: &Project, view: &View, pieces: &Pieces) -> String {
    let known = || pieces.0.lock().unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::take(&mut *known());
    let told = |nodes: &[&Arc<Node>]| -> Vec<Piece> {
        let columns =
            |node: &Node| view.nodes.get(node.id.as_str()).map(|one| one.columns.as_slice());
        nodes.iter().map(|node| piece((node, columns(node).unwrap_or_default()), &before)).collect()
    };
    let all: Vec<&Arc<Node>> = project.declared().collect();
    let nodes = in_runs(&all, (2, FEW), told).concat();
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let metadata = json!({ "project": name, "seeknal_version": "2.0.0" });
    let metadata = indented(&metadata, 1);
    let bytes: usize = nodes.iter().map(|piece| piece.text.len() + 16).sum();
    // An edge takes about so much, and there are as a rule two for each node.
    let mut text = String::with_capacity(bytes + nodes.len() * 256);
    text.push_str(&format!("{{\n  \"metadata\": {metadata},\n  \"nodes\": "));
    list(&mut text, ('{', '}'), nodes.iter(), |text, piece| text.push_str(&piece.text));
    text.push_str(",\n  \"edges\": ");
    let (graph, word) = (project.graph(), |id: &NodeId| Value::from(id.as_str()).to_string());
    let reads = |to: &NodeId| {
        let said = word(to);
        graph.reads(to).into_iter().map(move |from| (word(&from), said.clone()))
    };
    list(&mut text, ('[', ']'), graph.order().iter().flat_map(reads), |text, (from, to)| {
        let ends = ["{\n      \"from\": ", &from, ",\n      \"to\": ", &to];
        ends.iter().for_each(|part| text.push_str(part));
        text.push_str(",\n      \"type\": \"dependency\"\n    }");
    });
    text.push_str("\n}\n");
    *known() = nodes.into_iter().map(|piece| (piece.node.id.clone(), piece)).collect();
    text
}

/// Writes items between brackets, two levels deep in the text.
fn list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    text.push(open);
    let mut is_any = false;
    for item in items {
        text.push_str(if is_any { ",\n    " } else { "\n    " });
        write(text, item);
        is_any = true;
    }
    if is_any {
        text.push_str("\n  ");
    }
    text.push(close);
}

/// What is written of a node, with its id before it.
fn piece(
    (node, columns): (&Arc<Node>, &[(String, String)]),
    before: &HashMap<NodeId, Piece>,
) -> Piece {
    let columns = || columns.iter().map(|(name, kind)| (name.as_str(), kind.as_str()));
    let hash = hash_of(columns());
    let is_same = |piece: &&Piece| Arc::ptr_eq(&piece.node, node) && piece.columns == hash;
    if let Some(piece) = before.get(&node.id).filter(is_same) {
        return piece.clone();
    }
    Piece { node: node.clone(), columns: hash, text: text(node, columns()).into() }
}

/// What is written of a node with these columns.
fn text<'c>(node: &Node, columns: impl Iterator<Item = (&'c str, &'c str)>) -> String {
    let types: Map<String, Value> =
        columns.map(|(name, kind)| (name.to_owned(), Value::from(kind))).collect();
    let said = json!({
        "id": node.id.as_str(),
        "name": node.name,
        "type": node.kind.name,
        "description": node.text("description"),
        "owner": null,
        "tags": node.field("tags").map_or(json!([]), |tags| value(construct(tags))),
        "columns": types,
        "config": value(construct(&node.root)),
        "file_path": format!("./{}", node.path),
    });
    format!("{}: {}", Value::from(node.id.as_str()), indented(&said, 2))
}

/// A value as it stands so many levels deep in a text for people.
fn indented(value: &Value, levels: usize) -> String {
    let said = serde_json::to_string_pretty(value).unwrap_or_default();
    // In JSON no other line break stands as it is.
    said.replace('\n', &format!("\n{}", "  ".repeat(levels)))
}

/// A value as JSON, without what is secret in it.
fn value(said: Said) -> Value {
    match said {
        Said::Null => Value::Null,
        Said::Bool(flag) => Value::from(flag),
        Said::Int(digits) => {
            digits.parse::<i64>().map_or_else(|_| Value::from(digits.as_str()), Value::from)
        }
        Said::Float(number) => Value::from(number),
        Said::Timestamp(text) | Said::Text(text) => Value::from(text),
        Said::List(items) => items.into_iter().map(value).collect(),
        Said::Map(entries) => entries.into_iter().map(|(key, said)| entry(key, said)).collect(),
    }
}

fn entry(key: Said, said: Said) -> (String, Value) {
    let key = match value(key) {
        Value::String(key) => key,
        other => other.to_string(),
    };
    let lower = key.to_lowercase();
    let is_secret = SECRET_WORDS.iter().any(|word| lower.contains(word));
    match value(said) {
        Value::String(text) if is_secret && !text.starts_with(['$', '{']) => {
            (key, Value::from("***"))
        }
        value => (key, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seeknal_model::File;

    fn source(name: &str, said: &str) -> File {
        let text = format!("kind: source\nname: {name}\ntable: a.csv\ndescription: \"{said}\"\n");
        File::read(&format!("seeknal/sources/{name}.yml"), text.as_bytes())
    }

    fn view(kind: &str) -> View {
        let columns = vec![("x \"y\"".to_owned(), kind.to_owned())];
        let node = seeknal_store::Node { columns, ..seeknal_store::Node::default() };
        View { nodes: [("source.a".to_owned(), node.into())].into(), ..View::default() }
    }

    /// Whoever wrote it before writes what another would, and only that differs which is said otherwise.
    #[test]
    fn what_is_remembered_is_what_would_be_written() {
        let (root, pieces) = (Path::new("/home/shop"), Pieces::default());
        let many = (0..FEW).map(|number| source(&format!("s{number}"), "one of many"));
        let first =
            Project::new([source("a", "one\\ntwo"), source("b", "é {}")].into_iter().chain(many));
        let edited = first.with_files([Arc::new(source("b", "other"))]);
        let mut texts = Vec::new();
        for (project, view) in [
            (&first, view("BIGINT")),
            (&first, view("BIGINT")),
            (&first, view("VARCHAR")),
            (&edited, view("VARCHAR")),
        ] {
            let text = written(root, project, &view, &pieces);
            assert_eq!(text, written(root, project, &view, &Pieces::default()));
            let parsed: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(text, format!("{parsed:#}\n"));
            texts.push(text);
        }
        assert_eq!(texts[0], texts[1]);
        assert!(texts[0].contains("\"x \\\"y\\\"\": \"BIGINT\"") && texts[0].contains("one\\ntwo"));
        assert_eq!(texts[0].replace("BIGINT", "VARCHAR"), texts[2]);
        assert_eq!(texts[2].replace("é {}", "other"), texts[3]);
        let nothing = written(root, &Project::new([]), &View::default(), &pieces);
        assert!(nothing.contains("\"nodes\": {},\n  \"edges\": []\n}"), "{nothing}");
    }
}
