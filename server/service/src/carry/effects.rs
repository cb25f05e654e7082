//! What happens outside of the state because production shows something else: files for others.
//!
//! An effect is decided in the operation that shows the new view, and done after it; one that was not done is
//! pending until it is. Doing one twice writes the same file twice.

use super::site::{Trouble, refused};
use crate::state::PRODUCTION;
use seeknal_store::{Effect, Node, Progress, View};
use serde_json::Value;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What is to be done once a view takes another's place: what was not done yet, every file whose rows or place are
/// others now, and those that somebody removed.
pub(crate) fn due(
    pending: Vec<Effect>,
    root: &Path,
    (before, view): (Option<&View>, &View),
) -> Vec<Effect> {
    let exports = |view: &View, id: &str| {
        let node = view.nodes.get(id)?;
        node.facts.get("export").and_then(Value::as_str).map(str::to_owned)
    };
    let mut all: Vec<Effect> =
        pending.into_iter().filter(|one| view.nodes.contains_key(&one.node)).collect();
    for id in view.nodes.keys() {
        let Some(now) = exports(view, id) else { continue };
        let is_new = before.and_then(|before| exports(before, id)).as_ref() != Some(&now);
        if is_new {
            add(&mut all, id);
        }
    }
    for (id, node) in &view.nodes {
        if fact(node, "file").is_some_and(|file| !root.join(file).exists()) {
            add(&mut all, id);
        }
    }
    all
}

/// A word that is known of a node.
pub(crate) fn fact<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.facts.get(key).and_then(Value::as_str)
}

/// Adds what was found to be due.
pub(crate) fn add_all(due: &mut Vec<Effect>, nodes: &[String]) {
    nodes.iter().for_each(|node| add(due, node));
}

fn add(due: &mut Vec<Effect>, node: &str) {
    if due.iter().all(|one| one.node != node) {
        due.push(Effect {
            environment: PRODUCTION.to_owned(),
            node: node.to_owned(),
            what: "export".to_owned(),
            progress: Progress::Pending,
            message: None,
        });
    }
}

/// What a view shows, as far as it decides which files may be written.
pub(crate) struct Places<'p> {
    /// The files that sources read.
    pub(crate) data: Vec<&'p str>,
    /// The files that nodes write, with the nodes.
    pub(crate) files: Vec<(&'p str, &'p str)>,
    /// What is shown below `target/`.
    pub(crate) shown: Vec<&'p str>,
}

impl<'p> Places<'p> {
    pub(crate) fn of(view: &'p View) -> Places<'p> {
        let data = |node: &'p Arc<Node>| node.facts.get("data")?.get("file")?.as_str();
        let file =
            |(id, node): (&'p String, &'p Arc<Node>)| Some((id.as_str(), fact(node, "file")?));
        Places {
            data: view.nodes.values().filter_map(data).collect(),
            files: view.nodes.iter().filter_map(file).collect(),
            shown: view.shown.keys().map(String::as_str).collect(),
        }
    }
}

/// Refuses to write over what the project is made of, or over what is shown below `target/`.
pub(crate) fn must_be_possible(root: &Path, places: &Places<'_>) -> Result<(), Trouble> {
    let sources: HashSet<PathBuf> =
        places.data.iter().map(|path| plain(&root.join(path))).collect();
    let first = |path: &'_ Path| Some(path.components().next()?.as_os_str().to_owned());
    let mut shown: HashSet<OsString> =
        places.shown.iter().filter_map(|path| first(Path::new(path))).collect();
    shown.insert("environments".into());
    let root_plain = plain(root);
    for (id, file) in &places.files {
        let place = plain(&root.join(file));
        let is_ours = place.strip_prefix(&root_plain).is_ok_and(|path| {
            let is_state = ["seeknal", ".seeknal", ".git"].iter().any(|one| path.starts_with(one));
            let below = path.strip_prefix("target").ok().and_then(first);
            is_state || below.is_some_and(|name| shown.contains(&name))
        });
        if is_ours || sources.contains(&place) {
            return refused(format!(
                "`{id}` would write {file}, which the project itself needs; name another file"
            ));
        }
    }
    Ok(())
}

/// A path without `.` and `..`, as far as that is told by its words.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
