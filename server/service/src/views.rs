//! A project as a view of the state's own form, and back: what a manifest holds is what an environment shows.

use crate::baseline::{Baseline, as_it_was};
use crate::data;
use crate::secrets::concealed;
use seeknal_analysis::{Column, Schemas};
use seeknal_model::{File, Node, NodeId, Project};
use seeknal_store::{Node as Described, View};
use seeknal_syntax::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The view of a project as it is, of which nothing is built: its files without secrets, and of its sources
/// the columns and which data they hold.
pub fn described(project: &Project, schemas: &Schemas, data: &Value) -> View {
    let mut view = View { files: files(project), ..View::default() };
    for node in project.declared() {
        let facts = match data.get(node.id.as_str()) {
            Some(version) => json!({ "data": version }),
            None => Value::Null,
        };
        let columns = columns(node, schemas);
        let described = Described {
            definition: definition(node, &view),
            columns,
            facts,
            ..Described::default()
        };
        view.nodes.insert(node.id.to_string(), Arc::new(described));
    }
    view
}

/// The files of a project with the hashes of their texts, without what is secret in them.
pub(crate) fn files(project: &Project) -> BTreeMap<String, String> {
    let file = |file: &Arc<File>| (file.path.to_string(), starred_hash(file).to_owned());
    project.files().map(file).collect()
}

/// The text that declares a node.
pub(crate) fn definition(node: &Node, view: &View) -> String {
    view.files.get(node.path.as_ref()).cloned().unwrap_or_default()
}

/// The columns of a node of which nothing was built.
pub(crate) fn columns(node: &Node, schemas: &Schemas) -> Vec<(String, String)> {
    let known = schemas.columns(&node.id).map(|columns| &**columns).unwrap_or_default();
    known.iter().map(|one| (one.name.clone(), one.kind.clone())).collect()
}

/// What a view shows, to compare a project with. `text` gives the texts by their hashes.
pub(crate) fn baseline(
    name: &str,
    view: &View,
    text: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    now: &Project,
) -> Result<Baseline, String> {
    let mut texts = Vec::new();
    for (path, hash) in &view.files {
        // A secret is starred there: a file that says the same but for that is what it was.
        let is_same = now.file(path).is_some_and(|file| starred_hash(file) == hash);
        texts.push((path.clone(), if is_same { None } else { Some(text(hash)?) }));
    }
    let project = as_it_was(now, texts);
    let fact = |key: &'static str| {
        let nodes = view.nodes.iter();
        nodes.filter_map(move |(id, node)| Some((NodeId::new(id), node.facts.get(key)?)))
    };
    Ok(Baseline {
        sources: Some(sources(view)).filter(|all| !all.is_empty()),
        data: fact("data").filter_map(|(id, value)| Some((id, data::one(value)?))).collect(),
        took: fact("took").filter_map(|(id, value)| Some((id, value.as_u64()?))).collect(),
        ..Baseline::new(name.to_owned(), project)
    })
}

/// The columns that sources had when a view was made, where they were taken down.
fn sources(view: &View) -> BTreeMap<NodeId, Vec<Column>> {
    let source = |(id, node): &(&String, &Arc<Described>)| {
        id.starts_with("source.") && !node.columns.is_empty()
    };
    let columns = |(id, node): (&String, &Arc<Described>)| {
        let column =
            |(name, kind): &(String, String)| Column { name: name.clone(), kind: kind.clone() };
        (NodeId::new(id), node.columns.iter().map(column).collect())
    };
    view.nodes.iter().filter(source).map(columns).collect()
}

/// The whole text of a file, without what is secret in it.
pub(crate) fn starred(file: &File) -> String {
    concealed(file, Span::new(0, file.text.len()))
}

/// The hash of it.
pub(crate) fn starred_hash(file: &File) -> &str {
    file.kept_as(|file| blake3::hash(starred(file).as_bytes()).to_hex().to_string())
}
