//! The manifest that Seeknal itself writes, `target/manifest.json`, as something to compare with. It holds
//! what each node said, with expressions in braces filled in and without the bodies of Python functions.

use crate::baseline::{Baseline, as_it_was};
use seeknal_model::{Node, NodeId, Project, SECRET_WORDS, kinds};
use seeknal_store::View;
use seeknal_syntax::yaml::{Value as Said, construct};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// So many nodes are told by one thread.
const FEW: usize = 100;

/// Where it lies in a project.
pub(crate) const PLACE: &str = "target/manifest.json";

/// Whether a value is such a manifest, or was meant to be one.
pub(crate) fn is_one(all: &Value) -> bool {
    all.get("metadata").is_some_and(|metadata| metadata.get("project").is_some())
}

/// The project that Seeknal wrote a manifest of.
pub(crate) fn baseline(name: &Path, all: &Value, now: &Project) -> Result<Baseline, String> {
    let name = name.display().to_string();
    let wrong = |why: &str| format!("{name}: {why}; `seeknal plan` writes one");
    let nodes =
        all.get("nodes").and_then(Value::as_object).ok_or_else(|| wrong("it has no nodes"))?;
    let (mut texts, mut unknown) = (Vec::new(), BTreeMap::new());
    let mut paths = BTreeSet::new();
    for (id, node) in nodes {
        let config = config(node).ok_or_else(|| wrong(&format!("`{id}` has no config")))?;
        let kind = config.get("kind").and_then(Value::as_str).unwrap_or_default();
        if kinds::find(kind).is_none() {
            return Err(wrong(&format!("`{id}` is of the kind `{kind}`, which there is not")));
        }
        if let Some(reason) = missing(now, id) {
            unknown.insert(NodeId::new(id), reason);
        }
        let path = path(id, node, &mut paths);
        // What is JSON is YAML.
        texts.push((path, Some(Value::Object(config).to_string().into_bytes())));
    }
    let project = as_it_was(now, texts);
    Ok(Baseline { unknown, ..Baseline::new(name, project) })
}

/// Such a manifest of a project, for Seeknal's own commands. Secrets are starred, and nothing in it
/// depends on the hour or on where the project lies.
pub(crate) fn written(root: &Path, project: &Project, view: &View) -> String {
    let said = |node: &&Arc<Node>| {
        let columns = view.nodes.get(node.id.as_str()).map(|one| one.columns.as_slice());
        let columns: Map<String, Value> = columns
            .unwrap_or_default()
            .iter()
            .map(|(name, kind)| (name.clone(), Value::from(kind.as_str())))
            .collect();
        let said = json!({
            "id": node.id.as_str(),
            "name": node.name,
            "type": node.kind.name,
            "description": node.text("description"),
            "owner": null,
            "tags": node.field("tags").map_or(json!([]), |tags| value(construct(tags))),
            "columns": columns,
            "config": value(construct(&node.root)),
            "file_path": format!("./{}", node.path),
        });
        (node.id.to_string(), said)
    };
    let all: Vec<&Arc<Node>> = project.declared().collect();
    let nodes: Map<String, Value> = match all.split_at(all.len() / 2) {
        // Another thread for a few takes longer than they do.
        (first, second) if all.len() > FEW => std::thread::scope(|scope| {
            let all = |nodes: &[&Arc<Node>]| nodes.iter().map(said).collect::<Vec<_>>();
            let before = scope.spawn(move || all(first));
            let second = all(second);
            before.join().unwrap_or_else(|_| all(first)).into_iter().chain(second).collect()
        }),
        _ => all.iter().map(said).collect(),
    };
    let edges: Vec<Value> = project
        .graph()
        .order()
        .iter()
        .flat_map(|id| project.graph().reads(id).into_iter().map(move |from| (from, id)))
        .map(|(from, to)| json!({ "from": from.as_str(), "to": to.as_str(), "type": "dependency" }))
        .collect();
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let metadata = json!({ "project": name, "seeknal_version": "2.0.0" });
    let all = json!({ "metadata": metadata, "nodes": nodes, "edges": edges });
    // By way of a formatter it takes twice as long.
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
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

/// Everything that a node said, with its kind and its name.
fn config(node: &Value) -> Option<Map<String, Value>> {
    let mut config = node.get("config")?.as_object()?.clone();
    for (key, elsewhere) in [("kind", "type"), ("name", "name")] {
        if let (None, Some(value)) = (config.get(key), node.get(elsewhere)) {
            config.insert(key.to_owned(), value.clone());
        }
    }
    Some(config)
}

/// What such a manifest does not tell of a node that is there now.
fn missing(now: &Project, id: &str) -> Option<String> {
    let node = now.node(&NodeId::new(id))?;
    node.body.as_ref()?;
    Some("Seeknal's manifest does not hold what Python functions do".to_owned())
}

/// A path for what a node said: its own if that can be had, in any case one that no other has.
fn path(id: &str, node: &Value, taken: &mut BTreeSet<String>) -> String {
    let written = node.get("file_path").and_then(Value::as_str).unwrap_or_default();
    let own = written.rsplit_once("/seeknal/").map(|(_, inner)| format!("seeknal/{inner}"));
    let is_plain =
        |path: &String| path.ends_with(".yml") && !path.split('/').any(|part| part == "..");
    let made = format!("seeknal/manifest/{}.yml", id.replace(['/', '\\'], "_"));
    let path = own.filter(is_plain).filter(|path| !taken.contains(path)).unwrap_or(made);
    taken.insert(path.clone());
    path
}
