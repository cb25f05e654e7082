//! The manifest that Seeknal itself writes, `target/manifest.json`, as something to compare with. It holds
//! what each node said, with expressions in braces filled in and without the bodies of Python functions.

mod written;

pub(crate) use written::{Pieces, kept, written};

use crate::baseline::{Baseline, as_it_was};
use seeknal_model::{NodeId, Project, kinds};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
